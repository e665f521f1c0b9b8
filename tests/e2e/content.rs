//! Texts on disk: what was uploaded is in no file and no row of the database in clear.
//!
//! These tests choose the engine themselves, so they run once, whatever engine the rest of the
//! suite runs on.

use crate::support::{Database, Deployment, Postgres, World, item};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What must not be found again. It is cut in no place by a page of a file.
const CANARY: &str = "canary-of-a-text";

const ROUTE: &str = "/v1/embeddings/alice/books";

/// A server with uploads that hold the canary, some of them written again.
fn with_canaries(deployment: Deployment) -> World {
    let world = World::on(deployment, &[]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let upload = |from: usize| {
        let items: Vec<Value> = (from..from + 60)
            .map(|number| {
                let mut item = item("alice", "books", &format!("id{number}"), number);
                item["text"] = json!(format!("{CANARY} {number} {}", "x".repeat(number * 3)));
                item
            })
            .collect();
        alice
            .post(ROUTE, &json!({ "embeddings": items }))
            .expect(201);
    };
    upload(0);
    upload(30);
    let read = alice.get(&format!("{ROUTE}/id7")).expect(200).json();
    assert!(read["text"].as_str().unwrap().starts_with(CANARY), "{read}");
    let list = alice.get(&format!("{ROUTE}?limit=200")).expect(200).text();
    assert_eq!(list.matches(CANARY).count(), 90);
    world
}

/// Files below a folder that hold these bytes.
fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
            continue;
        }
        // A socket or a lock of a server that runs has no bytes to read.
        let bytes = std::fs::read(&path).unwrap_or_default();
        if bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn no_file_of_a_deployment_holds_a_text_that_was_uploaded() {
    let mut world = with_canaries(Deployment::in_a_file());
    let folder = world.deployment.dir();
    // What is searched for can be found: the id of a text is in clear.
    assert!(!files_with(&folder, "id59").is_empty());
    assert_eq!(files_with(&folder, CANARY), Vec::<PathBuf>::new());
    world.restart();
    assert_eq!(files_with(&folder, CANARY), Vec::<PathBuf>::new());
}

#[test]
fn no_row_on_a_server_holds_a_text_that_was_uploaded() {
    let world = with_canaries(Deployment::on(Database::fresh(Postgres::V18)));
    let count = |sql: &str| world.deployment.database().run(sql);
    let rows = "SELECT count(*) FROM embsec.embeddings AS e WHERE e::text LIKE ";
    assert_eq!(count(&format!("{rows} '%id59%'")), "1");
    assert_eq!(count(&format!("{rows} '%{CANARY}%'")), "0");
    let sealed = "SELECT count(*), (SELECT messages FROM embsec.data_keys \
                      WHERE scope LIKE 'project:%') \
                  FROM embsec.embeddings WHERE starts_with(text, 'enc:v2:')";
    assert_eq!(count(sealed), "90|120");
}
