//! Keys rotated beside a server that is written to, and the rotations killed at any moment: no
//! row is lost, none is sealed twice, and what is finished in the end is what would have been
//! finished undisturbed.

use crate::support::{
    Client, Deployment, Kills, StopAtEnd, World, item, once_free, rounds, within,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Rows before the first rotation.
const ROWS: usize = 20_000;
/// Rows of one upload.
const BATCH: usize = 500;
/// Where the rows are.
const PATH: &str = "/v1/embeddings/alice/books";
/// What is killed.
const COMMANDS: [&[&str]; 4] = [
    &["keys", "rotate", "data", "--scope", "project:alice/books"],
    &["keys", "rotate", "data"],
    &["keys", "rotate", "master"],
    &["migrate", "encrypt"],
];

fn upload(alice: &Client, ids: impl Iterator<Item = usize>) {
    let items: Vec<Value> = ids
        .map(|id| item("alice", "books", &format!("t{id:06}"), id))
        .collect();
    alice
        .post(PATH, &json!({ "embeddings": items }))
        .expect(201);
}

/// Writes over old rows and adds new ones, until it is told to stop.
fn write(alice: &Client, stop: &AtomicBool, next: &AtomicUsize) {
    for round in 0_usize.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let first = next.fetch_add(3, Ordering::Relaxed);
        let old = (0..5).map(|n| (round * 131 + n * 17) % ROWS);
        upload(alice, old.chain(first..first + 3));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Every row with the text that its client sent, however it is stored.
#[track_caller]
fn assert_all_open(alice: &Client, rows: usize) {
    let mut read = 0;
    for offset in (0..).step_by(200) {
        let reply = alice.get(&format!("{PATH}?limit=200&offset={offset}"));
        if reply.status == 404 {
            break;
        }
        let page = reply.expect(200).json();
        for row in page["embeddings"].as_array().unwrap() {
            let id = row["text_id"].as_str().unwrap();
            assert_eq!(row["text"], format!("the text of {id}"));
            assert_eq!(id, format!("t{read:06}"), "rows are missing");
            read += 1;
        }
    }
    assert_eq!(read, rows);
}

#[track_caller]
fn success(output: &Output) -> Value {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every value opens, none is in clear, and each column is sealed under one key.
#[track_caller]
fn assert_one_key(deployment: &Deployment, rows: usize) {
    let status = success(&deployment.embsec(&["migrate", "encrypt-status", "--json"]));
    for column in status["columns"].as_array().unwrap() {
        if column["table"] == "embeddings" {
            assert_eq!(
                (&column["encrypted"], &column["mode"]),
                (&json!(rows), &json!("encrypt"))
            );
            assert_eq!(column["by_key"].as_object().unwrap().len(), 1, "{column}");
        }
    }
}

#[test]
fn rotations_killed_at_any_moment_lose_nothing_and_come_to_their_end() {
    let mut kills = Kills::wanted(rounds());
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    for first in (0..ROWS).step_by(BATCH) {
        upload(&alice, first..first + BATCH);
    }
    // What was written in clear is to be sealed.
    let policy = json!({ "encrypt_metadata": true });
    let path = "/v1/projects/alice/books/policy";
    alice.send("PATCH", path, Some(&policy)).expect(200);
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(ROWS));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&alice, &stop, &next));
        let stopper = StopAtEnd(&stop);
        while kills.are_missing() {
            let arguments = COMMANDS[usize::try_from(kills.random().next() % 4).unwrap()];
            let mut command = world.deployment.command(arguments);
            if let Some(output) = kills.strike(&arguments.join(" "), &mut command) {
                let complaint = String::from_utf8_lossy(&output.stderr);
                let code = output.status.code();
                // Beside a server a file cannot be scrubbed; one that was killed may still hold on.
                assert!(
                    matches!(code, Some(0 | 3 | 5)),
                    "{arguments:?}: {complaint}"
                );
            }
            // Whatever it left, clients read and write.
            let probe = usize::try_from(kills.random().next()).unwrap_or(0) % ROWS;
            let row = alice.get(&format!("{PATH}/t{probe:06}")).expect(200).json();
            assert_eq!(row["text"], format!("the text of t{probe:06}"));
        }
        // Undisturbed, beside the writer.
        let run = |arguments: &[&str]| once_free(|| world.deployment.command(arguments));
        let master = success(&run(&["keys", "rotate", "master", "--json"]));
        assert_eq!(master["state"], "active");
        assert_eq!(master["behind"], json!([]));
        let encrypted = run(&["migrate", "encrypt", "--json"]);
        // Beside a server a file cannot be scrubbed.
        assert!(
            matches!(encrypted.status.code(), Some(0 | 3)),
            "{encrypted:?}"
        );
        let data = success(&run(&["keys", "rotate", "data", "--json"]));
        assert_eq!(data["scopes"].as_array().unwrap().len(), 2);
        drop(stopper);
        writer.join().unwrap();
    });
    let rows = next.load(Ordering::Relaxed);
    assert_all_open(&alice, rows);
    assert_one_key(&world.deployment, rows);
    // What is finished has nothing left to do: one key for each scope, no key pending.
    let keyring = std::fs::read_to_string(world.deployment.dir().join("keyring.toml")).unwrap();
    assert!(!keyring.contains("pending"), "a key is pending still");
    let again =
        success(
            &world
                .deployment
                .embsec(&["keys", "rotate", "data", "--dry-run", "--json"]),
        );
    let resumed: BTreeMap<&str, bool> = again["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| (scope["scope"].as_str().unwrap(), scope["resumed"] == true))
        .collect();
    let done = [("project:alice/books", false), ("system", false)];
    assert_eq!(resumed, BTreeMap::from(done));
}

#[test]
fn a_server_follows_every_rotation_without_being_told() {
    let mut world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    upload(&alice, 0..50);
    for command in COMMANDS.into_iter().take(3) {
        let mut arguments = command.to_vec();
        arguments.push("--json");
        success(&world.deployment.embsec(&arguments));
        upload(&alice, 40..60);
        assert_all_open(&alice, 60);
    }
    let admin = world.deployment.dir().join("admin.key");
    let before = world.deployment.admin_key();
    let output = world.deployment.embsec(&[
        "keys",
        "rotate",
        "admin",
        "--out",
        admin.to_str().unwrap(),
        "--json",
    ]);
    let told = success(&output);
    assert_eq!(told.get("api_key"), None, "a key is not told twice");
    let after = world.deployment.admin_key();
    assert_ne!(before, after);
    let gone = || world.admin.get("/v1/users").status == 401;
    assert!(within(Duration::from_secs(30), gone));
    world.admin = world.admin.with_key(&after);
    world.admin.get("/v1/users").expect(200);
    // Everything was done under the eyes of the log, and no key is in it.
    let lines = world.deployment.audit_lines().join("\n");
    for action in [
        "data_key.activate",
        "data_key.rotate",
        "master_key.rotate",
        "master_key.rewrap",
        "admin.rotate_key",
    ] {
        assert!(lines.contains(action), "{action}");
    }
    assert!(!lines.contains(&before) && !lines.contains(&after));
    world.restart();
    let alice = Client {
        address: world.server.address,
        key: alice.key,
    };
    assert_all_open(&alice, 60);
}

#[test]
fn an_administrators_key_of_the_settings_is_replaced_there() {
    let world = World::new();
    let mut command = world.deployment.command(&["keys", "rotate", "admin"]);
    command.env("SERVICE_ADMINKEY", "Quite-a-strong-0123456789-abcdefghij");
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(4));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("Replace it there"), "{complaint}");
    world.admin.get("/v1/users").expect(200);
}
