//! Kept as upstream has it, because clients rely on it.

use crate::support::World;
use serde_json::json;

#[test]
fn an_update_is_201_like_a_creation() {
    let world = World::new();
    let alice = world.user("alice");
    let again = json!({ "user_handle": "alice", "email": "alice@example.org", "name": "Alice" });
    let reply = world.admin.put("/v1/users/alice", &again).expect(201);
    assert_eq!(reply.json()["embapi_key"], "not changed");
    alice.get("/v1/users/alice").expect(200);
    let project = json!({ "project_handle": "books" });
    alice.put("/v1/projects/alice/books", &project).expect(201);
    alice.put("/v1/projects/alice/books", &project).expect(201);
    alice.post("/v1/projects/alice", &project).expect(201);
}

#[test]
fn empty_lists_and_no_similars_are_404() {
    let world = World::new();
    let problem = world.admin.get("/v1/users?offset=1").expect(404).json();
    assert_eq!(problem["detail"], "no users found.");
    let alice = world.user("alice");
    alice.get("/v1/projects/alice").expect(404);
    alice.get("/v1/llm-instances/alice").expect(404);
    world.project(&alice, "alice", "books");
    let problem = alice.get("/v1/embeddings/alice/books").expect(404).json();
    assert_eq!(
        problem["detail"],
        "no embeddings found for user alice, project books."
    );
    world.upload(&alice, "alice", "books", &["text-one"]);
    let problem = alice
        .get("/v1/similars/alice/books/text-one")
        .expect(404)
        .json();
    assert_eq!(problem["detail"], "no similar items found");
}

#[test]
fn a_valid_key_without_a_right_gets_the_constant_401() {
    let world = World::new();
    let alice = world.user("alice");
    let bob = world.user("bob");
    alice
        .put(
            "/v1/projects/alice/books",
            &json!({ "project_handle": "books" }),
        )
        .expect(201);
    let stranger = bob.get("/v1/projects/alice/books").expect(401);
    let nobody = world
        .server
        .client()
        .get("/v1/projects/alice/books")
        .expect(401);
    let absent = bob.get("/v1/projects/alice/no-such").expect(401);
    assert_eq!(stranger.text(), nobody.text());
    assert_eq!(
        stranger.text(),
        absent.text(),
        "a stranger cannot tell what exists"
    );
    assert_eq!(stranger.header("www-authenticate"), None);
}

#[test]
fn an_unusable_key_on_a_public_project_reads_as_anonymous() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    let public = json!({ "public_read": true });
    alice
        .send("PATCH", "/v1/projects/alice/books", Some(&public))
        .expect(201);
    let nobody = world.server.client();
    for client in [
        &nobody,
        &nobody.with_key("emb_broken"),
        &nobody.with_key("x"),
    ] {
        client.get("/v1/projects/alice/books").expect(200);
        client.get("/v1/embeddings/alice/books").expect(200);
        client.get("/v1/similars/alice/books/text-one").expect(200);
        client.delete("/v1/embeddings/alice/books").expect(401);
    }
}

#[test]
fn the_smaller_one_of_limit_and_count_holds() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let ids: Vec<String> = (0..15).map(|n| format!("text-{n:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.upload(&alice, "alice", "books", &ids);
    for (query, expected) in [
        ("", 10),
        ("?limit=12", 10),
        ("?limit=12&count=12", 12),
        ("?count=3", 3),
    ] {
        let reply = alice
            .get(&format!("/v1/similars/alice/books/text-00{query}"))
            .expect(200);
        assert_eq!(
            reply.json()["results"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
}

#[test]
fn the_metadata_filter_leaves_out_what_matches() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    let search = "/v1/similars/alice/books/text-one?metadata_path=author&metadata_value=";
    alice.get(&format!("{search}nobody")).expect(404);
    alice.get(&format!("{search}somebody")).expect(200);
}

#[test]
fn nobody_writes_or_searches_as_the_system() {
    let world = World::new();
    let reply = world.admin.put(
        "/v1/projects/_system/books",
        &json!({ "project_handle": "books" }),
    );
    let problem = reply.expect(403).json();
    let text = "_system user cannot send requests - this is a read-only account";
    assert_eq!(problem["detail"], text);
    world
        .admin
        .get("/v1/similars/_system/books/text-one")
        .expect(403);
    world.admin.get("/v1/llm-definitions/_system").expect(200);
}

#[test]
fn the_documents_name_embsec() {
    let world = World::new();
    for path in ["/openapi.json", "/openapi-3.0.json"] {
        let document = world.server.client().get(path).expect(200).json();
        let title = document["info"]["title"].as_str().unwrap();
        assert!(title.contains("embsec"), "{title}");
    }
}
