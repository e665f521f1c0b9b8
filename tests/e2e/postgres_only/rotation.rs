//! The master key rotated under two hosts, each with a keyring of its own.

use crate::support::{Client, Database, Deployment, Postgres, Server, World, within};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::Duration;

/// Who waits for a host is told so, and may stop waiting.
fn ends_at_a_signal(deployment: &Deployment) {
    let mut command = deployment.command(&["keys", "rotate", "master"]);
    let mut waiting = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert!(line.starts_with("Still at work"), "{line}");
    kill_process(Pid::from_child(&waiting), Signal::INT).unwrap();
    told.read_to_string(&mut line).unwrap();
    assert_eq!(waiting.wait().unwrap().code(), Some(130), "{line}");
    assert!(line.contains("Run the same command again"), "{line}");
}

#[test]
fn a_host_without_the_new_master_key_blocks_the_rewrap_and_nothing_breaks() {
    let world = World::on(Deployment::on(Database::fresh(Postgres::V18)), &[]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one", "two"]);
    let here = world.deployment.dir().join("keyring.toml");
    let there = world.deployment.parent().join("keyring-of-the-other.toml");
    let copy = || {
        // As an operator copies it: whole, and with its permissions.
        let next = there.with_extension("next");
        std::fs::copy(&here, &next).unwrap();
        std::fs::rename(&next, &there).unwrap();
    };
    copy();
    let source = format!("file:{}", there.display());
    let other = Server::start_with(
        &world.deployment,
        &[("EMBSEC_KEYRING__SOURCE", source.as_str())],
    );
    let alice_there = Client {
        address: other.address,
        key: alice.key.clone(),
    };
    let works = |project: &str| {
        for client in [&alice, &alice_there] {
            let row = client.get("/v1/embeddings/alice/books/one").expect(200);
            assert_eq!(row.json()["text"], "the text of one");
        }
        // A new project needs a new data key, sealed by the master key of that host.
        world.project(&alice_there, "alice", project);
        world.upload(&alice_there, "alice", project, &["new"]);
        alice
            .get(&format!("/v1/embeddings/alice/{project}/new"))
            .expect(200);
    };

    let blocked = world.deployment.embsec(&["keys", "rotate", "master"]);
    assert_eq!(blocked.status.code(), Some(5));
    let complaint = String::from_utf8(blocked.stderr).unwrap();
    assert!(complaint.contains("Still at work"), "{complaint}");
    let named = format!("rocess {} on ", other.pid());
    assert!(complaint.contains(&named), "{complaint}");
    assert!(
        !complaint.contains(&format!("rocess {} on ", world.server.pid())),
        "{complaint}"
    );
    works("during");
    ends_at_a_signal(&world.deployment);

    copy();
    let rotate = || {
        world
            .deployment
            .embsec(&["keys", "rotate", "master", "--json"])
    };
    let done = rotate();
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{complaint}");
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&told["state"], &told["resumed"]),
        (&"active".into(), &true.into())
    );
    // The other host still seals with the key before, which is told.
    assert_eq!(told["behind"][0]["pid"], other.pid());
    works("between");

    copy();
    let finish = ["keys", "rotate", "master", "--finish", "--json"];
    let settled = within(Duration::from_secs(20), || {
        let done = world.deployment.embsec(&finish);
        assert!(done.status.success());
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        told["behind"].as_array().unwrap().is_empty()
    });
    assert!(settled);
    works("after");
}
