//! Moving a deployment from one engine to the other, as an operator does it: beside the servers,
//! again and again, and killed in the middle.

mod side;

use crate::support::{Database, Deployment, Kills, Postgres, World, item};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use side::Side;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output};

/// Rows of the move that is killed.
const MANY: u32 = 20_000;
/// How often it is killed.
const KILLS: u32 = 20;

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What alice gets to see.
fn answers(alice: &crate::support::Client) -> Vec<String> {
    let paths = [
        "/v1/projects/alice?limit=200",
        "/v1/projects/alice/books",
        "/v1/projects/alice/books/shared-with",
        "/v1/llm-instances/alice/inst",
        "/v1/llm-definitions/alice?limit=200",
        "/v1/embeddings/alice/books?limit=200",
        "/v1/embeddings/alice/books/one",
        "/v1/similars/alice/books/two?threshold=0",
        "/v1/embeddings/alice/notes",
    ];
    paths
        .into_iter()
        .map(|path| {
            let reply = alice.get(path);
            // Each server names itself in the answers.
            let text = reply.text().replace(&alice.address.to_string(), "HOST");
            format!("{path} {} {text}", reply.status)
        })
        .collect()
}

fn share(alice: &crate::support::Client, with: &str) {
    let body = json!({ "share_with_handle": with, "role": "reader" });
    alice
        .post("/v1/projects/alice/books/share", &body)
        .expect(201);
}

#[test]
fn clients_of_a_file_find_everything_on_a_server_and_back_in_a_file() {
    let world = World::on(Deployment::in_a_file(), &[]);
    let mut alice = world.user("alice");
    world.user("bob");
    world.project(&alice, "alice", "books");
    world.project(&alice, "alice", "notes");
    let key =
        json!({ "instance_handle": "inst", "dimensions": 8, "api_key": "sk-secret-of-alice" });
    alice.put("/v1/llm-instances/alice/inst", &key).expect(201);
    share(&alice, "bob");
    world.upload(&alice, "alice", "books", &["one", "two", "three"]);
    world.upload(&alice, "alice", "notes", &["note"]);

    let server = Side::on(&world.deployment, Database::fresh(Postgres::V16));
    let dry = server.import(&Side::file(&world.deployment), &["--dry-run"]);
    assert_eq!(code(&dry), Some(0), "{}", stderr(&dry));
    assert_eq!(server.count("users"), 1);
    let first = server.moved(&Side::file(&world.deployment), &[]);
    assert_eq!(first["finished"], false);
    assert!(first["searches_compared"].as_u64() > Some(0));

    let serving = server.serve();
    let there = alice.with_key(alice.key.as_ref().unwrap());
    let mut there = crate::support::Client {
        address: serving.address,
        ..there
    };
    assert_eq!(answers(&there), answers(&alice));
    let upload = json!({ "embeddings": [item("alice", "books", "four", 4)] });
    let refused = there
        .post("/v1/embeddings/alice/books", &upload)
        .expect(503);
    assert!(refused.header("retry-after").is_some());

    // Life goes on at the source.
    alice
        .post("/v1/embeddings/alice/books", &upload)
        .expect(201);
    alice.delete("/v1/embeddings/alice/books/three").expect(204);
    alice.delete("/v1/projects/alice/notes").expect(204);
    share(&alice, "bob");
    let second = server.moved(&Side::file(&world.deployment), &[]);
    assert_eq!(second["tables"][10]["inserted"], 1, "{second}");
    assert_eq!(second["tables"][10]["deleted"], 2, "{second}");
    assert_eq!(answers(&there), answers(&alice));

    let last = server.moved(&Side::file(&world.deployment), &["--finish"]);
    assert_eq!(last["finished"], true);
    there
        .post("/v1/embeddings/alice/books", &upload)
        .expect(201);
    let again = server.import(&Side::file(&world.deployment), &[]);
    assert_eq!(code(&again), Some(4), "{}", stderr(&again));

    let file = Side::new_file(&world.deployment);
    let back = file.moved(&server, &["--finish"]);
    assert_eq!(back["tables"][10]["rows"], 3, "{back}");
    let serving = file.serve();
    let expected = answers(&there);
    there.address = serving.address;
    assert_eq!(answers(&there), expected);
    alice.address = serving.address;
    let next =
        json!({ "project_handle": "later", "instance_owner": "alice", "instance_handle": "inst" });
    let made = alice.put("/v1/projects/alice/later", &next).expect(201);
    // 1 and 2 were given before, and 2 is gone: its id is not given again.
    assert_eq!(made.json()["project_id"], 3);
}

#[test]
fn another_keyring_and_a_database_in_use_are_refused_before_anything_is_written() {
    let world = World::on(Deployment::in_a_file(), &[]);
    world.user("alice");
    let stranger = World::on(Deployment::in_a_file(), &[]);
    let source = Side::file(&world.deployment);
    let refused = Side::file(&stranger.deployment).import(&source, &[]);
    assert_eq!(code(&refused), Some(6), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("keyring"), "{}", stderr(&refused));

    let used = Side::on(&world.deployment, Database::fresh(Postgres::V18));
    used.database().run(
        "INSERT INTO embsec.users (handle, email, state, created_at, updated_at) \
         VALUES ('zoe', 'zoe@example.org', 'active', 0, 0)",
    );
    let refused = used.import(&source, &[]);
    assert_eq!(code(&refused), Some(4), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("users"), "{}", stderr(&refused));
    assert_eq!(used.count("users"), 2);
    let itself = source.import(&source, &[]);
    assert_eq!(code(&itself), Some(2), "{}", stderr(&itself));
}

#[test]
fn what_only_a_file_can_hold_is_found_and_left_out_when_asked() {
    let world = World::on(Deployment::in_a_file(), &[]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one", "two"]);
    let source = Side::file(&world.deployment);
    source.run("UPDATE embeddings SET text = 'a' || char(0) || 'b' WHERE text_id = 'two'");
    let server = Side::on(&world.deployment, Database::fresh(Postgres::V18));
    let refused = server.import(&source, &[]);
    assert_eq!(code(&refused), Some(4), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("U+0000"), "{}", stderr(&refused));
    assert_eq!(server.count("users"), 1);
    let moved = server.moved(&source, &["--skip-unusable"]);
    assert_eq!(moved["findings"][0]["kind"], "unusable");
    assert_eq!(server.count("embeddings"), 1);
}

#[test]
fn one_import_at_a_time() {
    let world = World::on(Deployment::in_a_file(), &[]);
    let server = Side::on(&world.deployment, Database::fresh(Postgres::V18));
    let mut holder = server.hold_lock();
    let refused = server.import(&Side::file(&world.deployment), &[]);
    assert_eq!(code(&refused), Some(5), "{}", stderr(&refused));
    holder.kill().unwrap();
    holder.wait().unwrap();
    server.moved(&Side::file(&world.deployment), &[]);
}

#[test]
fn an_import_that_is_killed_twenty_times_ends_like_one_that_was_not() {
    let deployment = Deployment::on(Database::fresh(Postgres::V18));
    let made = deployment.embsec(&["init"]);
    assert_eq!(code(&made), Some(0), "{}", stderr(&made));
    deployment.database().run(&many_rows());
    let source = Side::of_server(&deployment);

    let whole = Side::on(&deployment, Database::fresh(Postgres::V18));
    let report = whole.moved(&source, &[]);
    assert_eq!(report["tables"][10]["rows"], MANY);

    let stopped = Side::on(&deployment, Database::fresh(Postgres::V16));
    interrupt(stopped.import_command(&source, &["--progress", "json"]));

    for killed in [stopped, Side::new_file(&deployment)] {
        let mut kills = Kills::wanted(KILLS);
        while kills.are_missing() {
            let mut command = killed.import_command(&source, &[]);
            // One that comes to its end makes the kills after it meet a move with little to do.
            if let Some(output) = kills.strike("import", &mut command) {
                assert!(matches!(code(&output), Some(0 | 5)), "{}", stderr(&output));
            }
        }
        let resumed = killed.moved(&source, &[]);
        assert_eq!(checksums(&resumed), checksums(&report));
        let again = killed.moved(&source, &[]);
        for change in ["inserted", "updated", "deleted"] {
            assert_eq!(again[change], 0, "{again}");
        }
        if killed.is_on_server() {
            assert_eq!(killed.dump(), whole.dump());
            assert_eq!(killed.indexes(), whole.indexes());
        }
    }
}

/// Asks a move to stop as soon as it is at the embeddings.
fn interrupt(mut command: Command) {
    let mut child = command.spawn().unwrap();
    let mut talk = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"embeddings\"") {
        line.clear();
        assert!(talk.read_line(&mut line).unwrap() > 0, "it ended before");
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut rest = String::new();
    talk.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("it goes on from there"), "{rest}");
}

fn checksums(report: &Value) -> Vec<(Value, Value)> {
    let tables = report["tables"].as_array().unwrap().iter();
    tables
        .map(|table| (table["table"].clone(), table["checksum"].clone()))
        .collect()
}

/// A user with a project of many small embeddings.
fn many_rows() -> String {
    format!(
        "SET search_path = embsec, public; \
         INSERT INTO users (handle, email, state, created_at, updated_at) \
         SELECT 'user' || n, n || '@example.org', 'active', n, n FROM generate_series(1, 50) AS n; \
         INSERT INTO instances (owner_id, handle, dimensions, created_at, updated_at) \
         SELECT user_id, 'inst', 8, 1, 1 FROM users WHERE handle = 'user1'; \
         INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, updated_at) \
         SELECT owner_id, 'many', false, instance_id, 1, 1 FROM instances; \
         INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, \
             vector, text, metadata, created_at, updated_at) \
         SELECT p.project_id, p.instance_id, 'text' || n, 1, 8, \
             (SELECT array_agg(cos(n * 0.013 + i)::real ORDER BY i) \
              FROM generate_series(1, 8) AS i)::halfvec, \
             'Text ' || n, '{{\"n\":' || n || '}}', n, n \
         FROM projects AS p, generate_series(1, {MANY}) AS n"
    )
}
