//! Upstream's defects of security, fixed.

use crate::support::{Deployment, Server, Started, World, item, vector};
use serde_json::json;
use std::net::TcpListener;

#[test]
fn a_server_with_a_weak_admin_key_does_not_start() {
    for key in [
        "short",
        "Ch4ngeM3!",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let deployment = Deployment::nowhere();
        match Server::try_start(&deployment, &[("SERVICE_ADMINKEY", key)]) {
            Started::Serving(_) => panic!("it serves with the administrator's key {key:?}"),
            Started::Ended(status, log) => {
                assert_eq!(status.code(), Some(2), "{log}");
                assert!(!log.contains(key), "the key is in the log: {log}");
            }
        }
    }
}

#[test]
fn no_key_at_all_is_never_the_administrator() {
    let world = World::new();
    for headers in [
        &[][..],
        &[("Authorization", "")],
        &[("Authorization", "Bearer ")],
    ] {
        let nobody = world.server.client();
        let request = nobody.request("GET", "/v1/users", headers, None);
        nobody.exchange(&request).unwrap().expect(401);
    }
}

#[test]
fn no_request_wipes_the_data_by_default() {
    let world = World::new();
    let alice = world.user("alice");
    let reply = world.admin.get("/v1/admin/footgun").expect(405);
    assert_eq!(reply.header("allow"), Some("POST"));
    world
        .admin
        .post("/v1/admin/footgun", &json!({}))
        .expect(403);
    alice.get("/v1/users/alice").expect(200);
}

#[test]
fn the_magic_identities_cannot_be_taken_as_handles() {
    let world = World::new();
    for handle in [
        "admin",
        "public",
        "_system",
        "ADMIN",
        "anonymous",
        "a/b",
        "a*b",
    ] {
        let body = json!({ "user_handle": handle, "email": "someone@example.org" });
        world.admin.post("/v1/users", &body).expect(422);
    }
}

#[test]
fn a_user_is_shown_without_the_hash_of_the_key() {
    let world = World::new();
    let alice = world.user("alice");
    for client in [&alice, &world.admin] {
        let user = client.get("/v1/users/alice").expect(200).json();
        assert!(user.get("embapi_key").is_none(), "{user}");
    }
}

#[test]
fn errors_of_the_database_are_told_without_its_words() {
    let world = World::new();
    let alice = world.user("alice");
    let taken = json!({ "user_handle": "bobby", "email": "alice@example.org" });
    let nothing = json!({ "definition_handle": "defi", "api_standard": "no-such" });
    let replies = [
        world.admin.post("/v1/users", &taken).expect(409),
        alice
            .put("/v1/llm-definitions/alice/defi", &nothing)
            .expect(400),
        world
            .admin
            .put(
                "/v1/projects/no-such/books",
                &json!({ "project_handle": "books" }),
            )
            .expect(404),
    ];
    for reply in replies {
        let text = reply.text().to_lowercase();
        for word in [
            "sqlite",
            "postgres",
            "constraint",
            "unique",
            "foreign",
            "insert ",
            "select ",
            "sqlstate",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn a_refused_request_is_not_repeated() {
    let world = World::new();
    let alice = world.user("alice");
    let body = json!({ "instance_handle": "inst", "api_key": "sk-secret-1234", "modell": "m" });
    let reply = alice.put("/v1/llm-instances/alice/inst", &body).expect(422);
    assert!(!reply.text().contains("sk-secret-1234"), "{}", reply.text());
    let body = json!({ "api_key": "sk-secret-1234" });
    let reply = alice.put("/v1/llm-instances/alice/inst", &body).expect(422);
    assert!(!reply.text().contains("sk-secret-1234"), "{}", reply.text());
}

#[test]
fn a_schema_from_elsewhere_is_refused_and_never_fetched() {
    let world = World::new();
    let alice = world.user("alice");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    for reference in [
        format!("http://{address}/schema.json"),
        "file:///etc/passwd".to_owned(),
    ] {
        let scheme = json!({ "properties": { "author": { "$ref": reference } } }).to_string();
        let body = json!({ "project_handle": "books", "metadataScheme": scheme });
        let reply = alice.put("/v1/projects/alice/books", &body).expect(422);
        assert!(!reply.text().contains("root:"), "{}", reply.text());
    }
    assert!(listener.accept().is_err(), "the server fetched a schema");
}

#[test]
fn a_transfer_moves_the_data_and_leaves_nothing_behind() {
    let world = World::new();
    let (alice, bob) = (world.user("alice"), world.user("bob"));
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    let body = json!({ "new_owner_handle": "bob" });
    alice
        .post("/v1/projects/alice/books/transfer-ownership", &body)
        .expect(200);

    let project = bob.get("/v1/projects/bob/books").expect(200).json();
    assert_eq!(project["number_of_embeddings"], 2);
    let row = bob
        .get("/v1/embeddings/bob/books/text-one")
        .expect(200)
        .json();
    assert_eq!(row["user_handle"], "bob");
    bob.get("/v1/similars/bob/books/text-one").expect(200);
    bob.post("/v1/similars/bob/books", &json!({ "vector": vector(0) }))
        .expect(200);
    alice.get("/v1/projects/bob/books").expect(401);
    alice.get("/v1/embeddings/bob/books").expect(401);

    // A new project of the old name is another project.
    world.project(&alice, "alice", "books");
    alice.get("/v1/embeddings/alice/books").expect(404);
    alice.delete("/v1/embeddings/alice/books");
    bob.get("/v1/embeddings/bob/books/text-two").expect(200);

    // The old owner's account can go; the data stays with the new one.
    let rows = json!({ "embeddings": [item("bob", "books", "text-one", 5)] });
    bob.post("/v1/embeddings/bob/books", &rows).expect(201);
    let listed = bob.get("/v1/embeddings/bob/books").expect(200).json();
    assert_eq!(
        listed["embeddings"].as_array().unwrap().len(),
        2,
        "uploaded again, not twice"
    );
}

#[test]
fn a_project_cannot_use_an_instance_of_somebody_else() {
    let world = World::new();
    let (alice, bob) = (world.user("alice"), world.user("bob"));
    world.project(&alice, "alice", "books");
    let project = json!({
        "project_handle": "loot",
        "instance_owner": "alice",
        "instance_handle": "inst",
    });
    bob.put("/v1/projects/bob/loot", &project).expect(404);
    let share = json!({ "share_with_handle": "bob", "role": "reader" });
    alice
        .post("/v1/llm-instances/alice/inst/share", &share)
        .expect(201);
    bob.put("/v1/projects/bob/loot", &project).expect(201);
}

#[test]
fn the_sixtieth_sharee_reads_too() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one"]);
    let mut last = alice.clone();
    for number in 0..60 {
        let handle = format!("reader-{number:02}");
        last = world.user(&handle);
        let share = json!({ "share_with_handle": handle, "role": "reader" });
        alice
            .post("/v1/projects/alice/books/share", &share)
            .expect(201);
    }
    last.get("/v1/embeddings/alice/books/text-one").expect(200);
    let shared = alice
        .get("/v1/projects/alice/books/shared-with")
        .expect(200)
        .json();
    assert_eq!(shared["shared_with"].as_array().unwrap().len(), 60);
}

#[test]
fn the_log_never_holds_a_key_a_query_or_a_body() {
    let world = World::with(&[("EMBSEC_LOG__LEVEL", "trace")]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let mut row = item("alice", "books", "text-one", 1);
    row["text"] = "a-private-text".into();
    alice
        .post(
            "/v1/embeddings/alice/books",
            &json!({ "embeddings": [row] }),
        )
        .expect(201);
    let instance = json!({ "instance_handle": "other", "api_key": "a-provider-key" });
    alice
        .put("/v1/llm-instances/alice/other", &instance)
        .expect(201);
    alice.get("/v1/users/alice?limit=a-private-query");
    world
        .server
        .client()
        .with_key("a-wrong-key")
        .get("/v1/users")
        .expect(401);
    let log = world.server.log();
    assert!(log.lines().count() > 3, "{log}");
    let keys = [
        world.admin.key.as_deref().unwrap(),
        alice.key.as_deref().unwrap(),
    ];
    let others = [
        "a-private-text",
        "a-provider-key",
        "a-private-query",
        "a-wrong-key",
    ];
    for secret in keys.into_iter().chain(others) {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
