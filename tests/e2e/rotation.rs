//! Keys rotated beside a server, as an operator does it; and, in [`killed`], at any moment: no row
//! is lost, none is sealed twice, and what is finished in the end is what would have been finished
//! undisturbed.

mod killed;
mod signing;
pub(crate) mod stored;

use crate::support::{Client, World, item, within};
use serde_json::{Value, json};
use std::process::Output;
use std::time::Duration;

/// Where the rows are.
const PATH: &str = "/v1/embeddings/alice/books";

fn upload(alice: &Client, ids: impl Iterator<Item = usize>) {
    let items: Vec<Value> = ids
        .map(|id| item("alice", "books", &format!("t{id:06}"), id))
        .collect();
    alice
        .post(PATH, &json!({ "embeddings": items }))
        .expect(201);
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

#[test]
fn a_server_follows_every_rotation_without_being_told() {
    let mut world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    upload(&alice, 0..50);
    for what in [
        &["data", "--scope", "project:alice/books"][..],
        &["data"],
        &["master"],
    ] {
        let command = [&["keys", "rotate"], what, &["--json"]].concat();
        success(&world.deployment.embsec(&command));
        upload(&alice, 40..60);
        assert_all_open(&alice, 60);
    }
    let admin = world.deployment.dir().join("admin.key");
    let before = world.deployment.admin_key();
    let dry_run = ["keys", "rotate", "admin", "--dry-run", "--json"];
    let planned = success(&world.deployment.embsec(&dry_run));
    assert_eq!(planned["dry_run"], true);
    assert_eq!(planned.get("api_key"), None, "a key that is not made");
    assert_eq!(world.deployment.admin_key(), before);
    world.admin.get("/v1/users").expect(200);
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
