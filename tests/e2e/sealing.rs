//! `migrate encrypt-status`, `encrypt` and `decrypt` on the database of a deployment, beside its
//! server.

use crate::support::{Client, Server, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A word of the metadata that every upload of these tests has.
const WORD: &str = "nobody";

fn ids() -> Vec<String> {
    (0..120).map(|number| format!("t{number:03}")).collect()
}

fn document(output: &Output, code: i32) -> Value {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn set_policy(alice: &Client, policy: &Value) {
    let path = "/v1/projects/alice/books/policy";
    alice.send("PATCH", path, Some(policy)).expect(200);
}

#[track_caller]
fn assert_reads(alice: &Client) {
    for id in ids() {
        let path = format!("/v1/embeddings/alice/books/{id}");
        let row = alice.get(&path).expect(200).json();
        assert_eq!(row["text"], format!("the text of {id}"));
        assert_eq!(row["metadata"]["author"], WORD);
    }
}

/// The counts of a column that is wanted so, if there are any.
fn column<'s>(status: &'s Value, name: &str, mode: &str) -> Option<&'s Value> {
    let columns = status["columns"].as_array().unwrap();
    let mut found = columns
        .iter()
        .filter(|column| column["column"] == name && column["mode"] == mode);
    found.next()
}

/// Everything in a folder and below, with a hash of its bytes. The index of a write-ahead log is no
/// content: it notes who reads.
fn contents(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            continue;
        }
        let mut hasher = DefaultHasher::new();
        if !path.to_string_lossy().ends_with("-shm") {
            hasher.write(&std::fs::read(&path).unwrap());
        }
        found.insert(path, hasher.finish());
    }
    found
}

#[test]
fn looking_at_what_is_sealed_changes_and_makes_nothing() {
    let mut world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one", "two"]);
    let deployment = &world.deployment;
    let status = || deployment.embsec(&["migrate", "encrypt-status", "--json"]);
    let lines = deployment.audit_lines();
    assert_eq!(document(&status(), 0)["verdict"], "protected");
    assert_eq!(deployment.audit_lines(), lines);

    // Closed, and then as a kill leaves it: what was committed is in a log beside the file.
    world.server.terminate();
    world.server.wait();
    let closed = contents(&deployment.dir());
    let seen = document(&status(), 0);
    assert_eq!(column(&seen, "text", "encrypt").unwrap()["encrypted"], 2);
    assert_eq!(contents(&deployment.dir()), closed);
    let mut server = Server::start(deployment);
    let again = Client {
        address: server.address,
        key: alice.key,
    };
    world.upload(&again, "alice", "books", &["three"]);
    server.kill();
    let killed = contents(&deployment.dir());
    let seen = document(&status(), 0);
    assert_eq!(column(&seen, "text", "encrypt").unwrap()["encrypted"], 3);
    assert_eq!(contents(&deployment.dir()), killed);

    // Where nobody has it open and nothing is beside it, nothing is made there.
    if deployment.url().is_none() {
        assert!(deployment.embsec(&["users", "list"]).status.success());
        for suffix in ["-wal", "-shm"] {
            let beside = deployment.dir().join(format!("embsec.db{suffix}"));
            if beside
                .metadata()
                .is_ok_and(|file| suffix == "-shm" || file.len() == 0)
            {
                std::fs::remove_file(beside).unwrap();
            }
        }
        let alone = contents(&deployment.dir());
        assert!(
            !alone
                .keys()
                .any(|path| path.to_string_lossy().contains("-wal"))
        );
        let seen = document(&status(), 0);
        assert_eq!(column(&seen, "text", "encrypt").unwrap()["encrypted"], 3);
        assert_eq!(contents(&deployment.dir()), alone);
    }
}

#[test]
fn without_a_keyring_values_are_counted_and_not_opened_and_without_a_database_nothing_is_made() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one", "two"]);
    let deployment = &world.deployment;
    let embsec = || deployment.embsec(&["migrate", "encrypt-status", "--json"]);
    let with_key = document(&embsec(), 0);
    let keyring = deployment.dir().join("keyring.toml");
    let aside = deployment.parent().join("aside.toml");
    std::fs::rename(&keyring, &aside).unwrap();
    let output = embsec();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("Nothing was opened"), "{told}");
    let without = document(&output, 3);
    assert_eq!(without["verdict"], "unopened");
    // Which key it was that sealed them is seen without it.
    assert_eq!(without["columns"], with_key["columns"]);
    assert!(!keyring.exists());

    // Another one's is told before anything is counted.
    let out = keyring.to_str().unwrap();
    let made = deployment.embsec(&["keys", "generate", "master", "--out", out]);
    assert!(made.status.success());
    assert_eq!(embsec().status.code(), Some(6));

    let nowhere = deployment.parent().join("nowhere.db");
    let url = format!("sqlite:{}", nowhere.display());
    let named = ["migrate", "encrypt-status", "--database", &url];
    for profile in [&["--profile", "embsec"][..], &[]] {
        let missing = deployment.embsec(&[&named[..], profile].concat());
        assert_eq!(missing.status.code(), Some(2));
    }
    assert!(!nowhere.exists());
}

#[test]
fn rows_are_brought_in_line_with_what_their_project_wants() {
    let mut world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let ids = ids();
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.upload(&alice, "alice", "books", &names);
    let embsec = |arguments: &[&str]| {
        let arguments = [&["migrate"], arguments, &["--json"]].concat();
        world.deployment.embsec(&arguments)
    };

    let status = document(&embsec(&["encrypt-status"]), 0);
    assert_eq!(status["verdict"], "protected");
    assert_eq!(
        column(&status, "text", "encrypt").unwrap()["encrypted"],
        120
    );
    let metadata = column(&status, "metadata", "plaintext").unwrap();
    assert_eq!(metadata["plaintext"], 120);
    let idle = document(&embsec(&["encrypt"]), 0);
    assert_eq!(idle["changed"], 0);

    set_policy(&alice, &json!({ "encrypt_metadata": true }));
    let status = document(&embsec(&["encrypt-status"]), 1);
    assert_eq!(status["verdict"], "plaintext");
    let planned = document(&embsec(&["encrypt", "--dry-run"]), 0);
    assert_eq!(
        (&planned["changed"], &planned["dry_run"]),
        (&json!(120), &json!(true))
    );
    let on_a_server = world.deployment.url().is_some();
    // A file that is being served cannot be scrubbed.
    let done = document(&embsec(&["encrypt"]), if on_a_server { 0 } else { 3 });
    assert_eq!(
        (&done["changed"], &done["remaining"]),
        (&json!(120), &json!(0))
    );
    assert_eq!(done["scrubbed"], false);
    let status = document(&embsec(&["encrypt-status"]), 0);
    let metadata = column(&status, "metadata", "encrypt").unwrap();
    assert_eq!(
        (&metadata["encrypted"], &metadata["plaintext"]),
        (&json!(120), &json!(0))
    );
    assert_eq!(metadata["by_key"].as_object().unwrap().len(), 1);
    assert_reads(&alice);

    // Back is possible only for what a project wants in clear.
    let refused = embsec(&["decrypt", "--yes"]);
    assert_eq!(refused.status.code(), Some(4));
    set_policy(&alice, &json!({ "encrypt_text": false }));
    let opened = document(&embsec(&["decrypt", "--yes"]), 0);
    assert_eq!(opened["changed"], 120);
    let status = document(&embsec(&["encrypt-status"]), 0);
    assert_eq!(
        column(&status, "text", "plaintext").unwrap()["plaintext"],
        120
    );
    assert_reads(&alice);

    if on_a_server {
        return;
    }
    world.server.terminate();
    world.server.wait();
    // Such a copy is made when the schema changes, and nothing in it is encrypted.
    let copy = world.deployment.dir().join("embsec.db.before-3");
    std::fs::write(&copy, b"as it was").unwrap();
    let scrub = ["migrate", "encrypt", "--scrub-only", "--json"];
    let output = world.deployment.embsec(&scrub);
    let scrubbed = document(&output, 0);
    assert_eq!(scrubbed["scrubbed"], true);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("embsec.db.before-3"), "{told}");
    for entry in std::fs::read_dir(world.deployment.dir()).unwrap() {
        let path = entry.unwrap().path();
        let is_database = path.to_string_lossy().contains("embsec.db");
        if !is_database || !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let left = bytes
            .windows(WORD.len())
            .any(|bytes| bytes == WORD.as_bytes());
        assert!(!left, "{}", path.display());
    }
    let server = Server::start(&world.deployment);
    assert_reads(&Client {
        address: server.address,
        key: alice.key,
    });
}
