//! An embapi database is moved in through the binary, served, and moved out again.
//!
//! What clients must get is computed from the source by SQL, after the few stated differences were
//! made to it by hand.

mod compare;
mod place;

use crate::support::{Client, Database, Kills, Postgres, Server as Process};
use compare::assert_same;
use place::{ALL_OPTIONS, ENCRYPTION_KEY, Engine, Place};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TAKEN_OVER: &str = include_str!("../../fixtures/embapi/taken_over.sql");
const ANSWERS: &str = include_str!("../../fixtures/embapi/answers.sql");

/// Every row of every table, with what is sealed left out.
const ROWS: &str = "\
    SELECT 'users', to_jsonb(t) FROM users AS t ORDER BY user_handle COLLATE \"C\"; \
    SELECT 'key_methods', to_jsonb(t) FROM key_methods AS t ORDER BY key_method; \
    SELECT 'vdb_roles', to_jsonb(t) FROM vdb_roles AS t ORDER BY vdb_role; \
    SELECT 'api_standards', to_jsonb(t) FROM api_standards AS t ORDER BY api_standard_handle; \
    SELECT 'definitions', to_jsonb(t) FROM definitions AS t ORDER BY definition_id; \
    SELECT 'definitions_shared_with', to_jsonb(t) FROM definitions_shared_with AS t \
        ORDER BY definition_id, user_handle COLLATE \"C\"; \
    SELECT 'instances', to_jsonb(t) - 'api_key_encrypted', length(api_key_encrypted) \
        FROM instances AS t ORDER BY instance_id; \
    SELECT 'instances_shared_with', to_jsonb(t) FROM instances_shared_with AS t \
        ORDER BY instance_id, user_handle COLLATE \"C\"; \
    SELECT 'projects', to_jsonb(t) FROM projects AS t ORDER BY project_id; \
    SELECT 'users_projects', to_jsonb(t) FROM users_projects AS t \
        ORDER BY project_id, user_handle COLLATE \"C\"; \
    SELECT 'embeddings', to_jsonb(t) FROM embeddings AS t ORDER BY embeddings_id; \
    SELECT last_value FROM definitions_definition_id_seq; \
    SELECT last_value FROM llm_services_llm_service_id_seq; \
    SELECT last_value FROM projects_project_id_seq; \
    SELECT last_value FROM embeddings_embeddings_id_seq";

const SEALED_KEYS: &str = "\
    SELECT instance_id, encode(api_key_encrypted, 'hex') FROM instances \
    WHERE api_key_encrypted IS NOT NULL ORDER BY 1";

/// A change, a row more and two less, in the source of a move that is not finished.
const LATER: &str = "\
    UPDATE embeddings SET text = 'Changed later', updated_at = '2025-07-01' \
    WHERE embeddings_id = 1001; \
    INSERT INTO embeddings (text_id, owner, project_id, instance_id, text, vector, vector_dim, \
                            metadata, created_at, updated_at) \
    VALUES ('later', 'alice', 101, 11, 'Added later', '[1,1,1,1,1]', 5, \
            '{\"author\": \"Later\"}', '2025-07-01', '2025-07-01'); \
    DELETE FROM embeddings WHERE embeddings_id IN (1005, 3005); \
    DELETE FROM users WHERE user_handle = 'reader-10'; \
    UPDATE users SET name = 'Bob' WHERE user_handle = 'bob'; \
    UPDATE instances SET model = 'tiny-3' WHERE instance_id = 19; \
    DELETE FROM users_projects WHERE user_handle = 'carol' AND project_id = 101";

#[test]
fn what_was_dhamps_vdb_moves_to_a_server_and_back() {
    moves_in_and_out(&Place::new(
        Postgres::V16,
        place::Form::Version4,
        Engine::Postgres(Postgres::V18),
    ));
}

#[test]
fn what_was_embapi_moves_to_one_file_and_back() {
    moves_in_and_out(&Place::new(
        Postgres::V18,
        place::Form::Version5,
        Engine::Sqlite,
    ));
}

fn moves_in_and_out(place: &Place) {
    let before = place.source.run(ROWS);
    place.import(ALL_OPTIONS).expect(0);
    assert_eq!(place.source.run(ROWS), before, "the source was changed");

    let mut server = place.serve();
    reads_and_refuses_writes(place, &server);
    place.source.run(LATER);
    place.import(ALL_OPTIONS).expect(0);
    let alice = place.client(&server, "alice");
    let later = alice.get("/v1/embeddings/alice/books/later").expect(200);
    assert_eq!(later.json()["text"], "Added later");
    let gone = "/v1/embeddings/alice/books/with%20a%20blank";
    alice.get(gone).expect(404);
    place
        .import(&[ALL_OPTIONS, &["--finish"]].concat())
        .expect(0);

    place.source.run(TAKEN_OVER);
    every_answer_is_the_same(place, &server);
    nobody_logs_in_who_must_not(place, &server);
    moves_out(place);
    let row = json!({ "embeddings": [{
        "text_id": "new", "user_handle": "bob", "project_handle": "moved",
        "instance_handle": "five", "vector": [1, 2, 3, 4, 5], "vector_dim": 5,
    }] });
    place
        .client(&server, "bob")
        .post("/v1/embeddings/bob/moved", &row)
        .expect(201);
    server.terminate();
    assert!(server.wait().success());
}

fn reads_and_refuses_writes(place: &Place, server: &Process) {
    let dave = place.client(server, "dave");
    dave.get("/v1/embeddings/dave/crowd?limit=200").expect(200);
    dave.get("/v1/similars/dave/crowd/crowd%252F3").expect(200);
    let refused = dave.delete("/v1/embeddings/dave/crowd").expect(503);
    assert!(refused.header("retry-after").is_some());
    let user = json!({ "user_handle": "newcomer", "email": "new@example.org" });
    place.admin(server).post("/v1/users", &user).expect(503);
}

fn every_answer_is_the_same(place: &Place, server: &Process) {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    for line in place.source.run(ANSWERS).lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| expected[name].as_str().unwrap_or_default().to_owned();
        let (path, method) = (text("path"), text("method"));
        let client = match expected["by"].as_str() {
            None => server.client(),
            Some("*") => place.admin(server),
            Some(handle) => place.client(server, handle),
        };
        let body = Some(&expected["body"]).filter(|body| !body.is_null());
        let reply = client.send(&method, &path, body);
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
        let mut found = reply.json();
        if let Some(object) = found.as_object_mut() {
            object.remove("$schema");
        }
        assert_same(&found, &expected["answer"], &format!("{method} {path}"));
        let kind = path.split('/').nth(2).unwrap_or_default();
        let kind = kind.split('?').next().unwrap_or_default();
        *asked.entry(format!("{method} {kind}")).or_default() += 1;
    }
    for kind in [
        "GET api-standards",
        "GET embeddings",
        "GET llm-definitions",
        "GET llm-instances",
        "GET projects",
        "GET similars",
        "GET users",
        "POST similars",
    ] {
        assert!(asked.contains_key(kind), "{kind} not in {asked:?}");
    }
    assert!(asked.values().sum::<u32>() > 600, "{asked:?}");
}

fn nobody_logs_in_who_must_not(place: &Place, server: &Process) {
    for (old, new) in [
        ("admin", "zz-admin"),
        ("public", "aa-public"),
        ("mal/lory", "mallory"),
    ] {
        let client = place.client(server, old);
        client.get(&format!("/v1/users/{new}")).expect(401);
        client.get("/v1/users/admin").expect(401);
        client.get("/v1/users").expect(401);
    }
    // Not any more, since the source took it back.
    place
        .client(server, "carol")
        .get("/v1/embeddings/alice/books")
        .expect(401);
    server
        .client()
        .get("/v1/embeddings/alice/books")
        .expect(401);
    server
        .client()
        .get("/v1/embeddings/alice/notes")
        .expect(200);
}

fn moves_out(place: &Place) {
    let out = Database::fresh(Postgres::V16);
    place.export(&out).expect(0);
    // Whoever may not log in has a value there that no key has.
    let disabled = "SELECT count(*) FROM users WHERE vdb_key LIKE 'disabled:%'";
    assert_eq!(out.run(disabled), "3");
    let same = "UPDATE users SET vdb_key = 'disabled' WHERE vdb_key LIKE 'disabled%' \
                AND user_handle = 'zz-admin'; \
                UPDATE users SET vdb_key = 'disabled 2' WHERE vdb_key LIKE 'disabled%' \
                AND user_handle = 'aa-public'; \
                UPDATE users SET vdb_key = 'disabled 3' WHERE vdb_key LIKE 'disabled%' \
                AND user_handle = 'mallory'";
    out.run(same);
    let (found, expected) = (out.run(ROWS), place.source.run(ROWS));
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
    assert_eq!(out.run("SELECT version FROM db_version"), "5");
    let (found, expected) = (out.run(SEALED_KEYS), place.source.run(SEALED_KEYS));
    assert_ne!(found, expected, "a nonce was used again");
    assert_eq!(place::open_all(&found), place::open_all(&expected));
    assert_eq!(found.lines().count(), 3);
}

#[test]
fn what_stands_in_the_way_or_a_wrong_key_leaves_the_destination_untouched() {
    for engine in [Engine::Sqlite, Engine::Postgres(Postgres::V16)] {
        let place = Place::new(Postgres::V18, place::Form::Version5, engine);
        let before = place.content();

        let refused = place.import(&[]).expect(4);
        for told in [
            "5 embeddings name its former owner alice",
            "--repair-owners",
            "admin",
            "--rename",
            "5003",
            "--skip-unusable",
        ] {
            assert!(
                refused.said.contains(told),
                "{told} not in {}",
                refused.said
            );
        }
        for left_out in ["--repair-owners", "--skip-unusable"] {
            let options = ALL_OPTIONS
                .iter()
                .copied()
                .filter(|option| *option != left_out);
            let options: Vec<&str> = options.collect();
            assert!(place.import(&options).expect(4).said.contains(left_out));
        }
        let wrong = place.import_with_key("not the key", ALL_OPTIONS).expect(6);
        assert!(!wrong.said.contains("not the key"));
        place
            .import_with_key(&format!("{ENCRYPTION_KEY}6"), ALL_OPTIONS)
            .expect(6);
        place
            .import(&[ALL_OPTIONS, &["--dry-run"]].concat())
            .expect(0);
        assert_eq!(place.content(), before);
        // And nothing of these refusals is in the way.
        place.import(ALL_OPTIONS).expect(0);
        assert_ne!(place.content(), before);
    }
}

#[test]
fn what_is_no_embapi_database_is_not_moved_in() {
    let place = Place::new(Postgres::V16, place::Form::Version5, Engine::Sqlite);
    let before = place.content();
    place.source.run("UPDATE db_version SET version = 3");
    let refused = place.import(ALL_OPTIONS);
    assert!(refused.said.contains("version 3"), "{}", refused.said);
    refused.expect(4);
    place.source.run("DROP TABLE db_version");
    place.import(ALL_OPTIONS).expect(2);
    assert_eq!(place.content(), before);
}

/// How often a move of 20,000 rows is killed.
const KILLS: u32 = 20;

#[test]
fn a_move_in_and_a_move_out_that_are_killed_end_like_others() {
    let place = Place::with_many_rows(Postgres::V18, Engine::Sqlite);
    let straight = Place::with_many_rows(Postgres::V16, Engine::Postgres(Postgres::V16));
    straight.import(&[]).expect(0);
    let mut kills = Kills::wanted(KILLS);
    while kills.are_missing() {
        place.kill_import(&mut kills);
    }
    place.import(&["--finish"]).expect(0);
    straight.import(&["--finish"]).expect(0);

    let out_of_straight = Database::fresh(Postgres::V18);
    straight.export(&out_of_straight).expect(0);
    let is_done = |out: &Database| {
        out.run("SELECT to_regclass('db_version') IS NOT NULL") == "t"
            && out.run("SELECT count(*) FROM db_version") == "1"
    };
    let mut out = Database::fresh(Postgres::V18);
    let mut kills = Kills::wanted(KILLS / 2);
    while kills.are_missing() {
        // What is moved out is not moved out again.
        if is_done(&out) {
            out = Database::fresh(Postgres::V18);
        }
        place.kill_export(&out, &mut kills);
    }
    if !is_done(&out) {
        place.export(&out).expect(0);
    }

    // Rows have the times of the source that they came from, which are not those of the other.
    let untimed = ROWS.replace("to_jsonb(t)", "to_jsonb(t) - 'created_at' - 'updated_at'");
    assert_eq!(out.run(&untimed), out_of_straight.run(&untimed));
    assert_eq!(out.run("SELECT count(*) FROM embeddings"), "20000");
    place.export(&out).expect(4);
}

impl Place {
    /// A client with the key that a user has in the source.
    fn client(&self, server: &Process, handle: &str) -> Client {
        let key = match handle {
            "alice" => {
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".to_owned()
            }
            "carol" => "12345678901234567890123456789012".to_owned(),
            "Zoë" => "key of Zoe".to_owned(),
            other => format!("key of {other}"),
        };
        server.client().with_key(&key)
    }

    fn admin(&self, server: &Process) -> Client {
        server.client().with_key(&self.deployment.admin_key())
    }
}
