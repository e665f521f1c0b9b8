//! What the settings of the API change, and nothing else.

use crate::support::{Client, World};
use serde_json::json;

fn cors(world: &World, method: &str, origin: &str) -> Vec<(String, String)> {
    let client: Client = world.server.client();
    let request = client.request(method, "/v1/api-standards", &[("Origin", origin)], None);
    let reply = client.exchange(&request).unwrap().expect(200);
    let headers = reply.headers.into_iter();
    headers
        .filter(|(name, _)| name.starts_with("access-control-"))
        .collect()
}

#[test]
fn no_page_of_another_origin_may_call_by_default() {
    let world = World::new();
    for method in ["GET", "OPTIONS"] {
        assert_eq!(
            cors(&world, method, "https://evil.example"),
            Vec::new(),
            "{method}"
        );
    }
}

#[test]
fn a_listed_origin_may_call_and_no_other() {
    let world = World::with(&[("EMBSEC_API__CORS_ORIGINS", "https://app.example")]);
    for method in ["GET", "OPTIONS"] {
        let headers = cors(&world, method, "https://app.example");
        let origin = (
            "access-control-allow-origin".to_owned(),
            "https://app.example".to_owned(),
        );
        assert!(headers.contains(&origin), "{method}: {headers:?}");
        let credentials = headers
            .iter()
            .any(|(name, _)| name.ends_with("allow-credentials"));
        assert!(!credentials, "{method}: {headers:?}");
        assert_eq!(
            cors(&world, method, "https://evil.example"),
            Vec::new(),
            "{method}"
        );
    }
}

#[test]
fn allow_reset_lets_both_methods_wipe_and_the_server_goes_on() {
    let mut world = World::with(&[("EMBSEC_API__ALLOW_RESET", "true")]);
    for method in ["GET", "POST"] {
        let alice = world.user("alice");
        world.project(&alice, "alice", "books");
        world.upload(&alice, "alice", "books", &["text-one"]);
        world
            .admin
            .send(method, "/v1/admin/footgun", None)
            .expect(204);
        alice.get("/v1/users/alice").expect(401);
        world.admin.get("/v1/projects/alice").expect(404);
        world.admin.get("/v1/api-standards/openai").expect(200);
        world
            .admin
            .get("/v1/llm-definitions/_system/openai-small")
            .expect(200);
    }
    world.restart();
    world.admin.get("/v1/api-standards/openai").expect(200);
}

#[test]
fn hex_keys_have_64_characters() {
    let world = World::with(&[("EMBSEC_API__KEY_FORMAT", "hex")]);
    let alice = world.user("alice");
    let key = alice.key.as_deref().unwrap();
    assert_eq!(key.len(), 64);
    assert!(
        key.bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    );
    alice.get("/v1/users/alice").expect(200);
}

#[test]
fn the_older_dialect_differs_in_two_places() {
    let world = World::with(&[("EMBSEC_API__COMPAT", "vdb")]);
    let body = json!({ "user_handle": "alice", "email": "alice@example.org" });
    let user = world.admin.post("/v1/users", &body).expect(201).json();
    let alice = world.admin.with_key(user["vdb_key"].as_str().unwrap());
    assert!(user.get("embapi_key").is_none(), "{user}");
    let listed = world.admin.get("/v1/users").expect(200).json();
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .any(|handle| handle == "alice"),
        "{listed}"
    );
    // Everything else is as in the newest dialect.
    let project = json!({ "project_handle": "books", "public_read": true });
    let brief = alice
        .put("/v1/projects/alice/books", &project)
        .expect(201)
        .json();
    assert_eq!(brief["number_of_embeddings"], 0);
    let shown = alice.get("/v1/projects/alice/books").expect(200).json();
    assert_eq!(shown["public_read"], true);
}
