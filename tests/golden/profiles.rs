//! The settings that change what a client sees: `api.compat`, `api.key_format`,
//! `api.allow_reset`.

use crate::row::compare;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn the_vdb_dialect_differs_in_the_key_field_and_in_the_list_of_users() {
    let mut world = World::with(&[("EMBSEC_API__COMPAT", "vdb")]).await;
    world.alice_with_notes().await;
    let bob = json!({"user_handle": "bob", "email": "bob@example.org"});
    world
        .show_json("admin", "PUT /v1/users/bob", bob.clone())
        .await;
    world.show_json("admin", "PUT /v1/users/bob", bob).await;
    let own = "0123456789abcdef".repeat(4);
    let keyed = json!({"user_handle": "bob", "email": "bob@example.org", "vdb_key": own});
    world.show_json("admin", "POST /v1/users", keyed).await;
    let other = json!({"user_handle": "bob", "email": "bob@example.org", "embapi_key": own});
    world.show_json("admin", "POST /v1/users", other).await;
    world.show("admin", "GET /v1/users").await;
    world.show("bob", "GET /v1/users/bob").await;
    world.show("alice", "GET /v1/projects/alice/notes").await;
    world.show("nobody", "GET /schemas/UserResponse.json").await;
    compare("compat-vdb", &world);
}

#[tokio::test]
async fn hexadecimal_keys_have_64_digits_and_work() {
    let mut world = World::with(&[("EMBSEC_API__KEY_FORMAT", "hex")]).await;
    world.user("alice").await;
    let key = world.key("alice");
    assert_eq!(key.len(), 64);
    assert!(
        key.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    );
    assert_eq!(
        world
            .ask("alice", "GET /v1/users/alice")
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn keys_are_recognisable_unless_set_otherwise() {
    let mut world = World::open().await;
    world.user("alice").await;
    let key = world.key("alice");
    let digits = key.strip_prefix("emb_").unwrap();
    assert_eq!(digits.len(), 49);
    assert!(digits.bytes().all(|byte| byte.is_ascii_alphanumeric()));
}

#[tokio::test]
async fn a_reset_that_is_allowed_wipes_all_but_the_beginnings() {
    for method in ["GET", "POST"] {
        let mut world = World::with(&[("EMBSEC_API__ALLOW_RESET", "true")]).await;
        world.alice_with_notes().await;
        world.notes(&[("a", [1.0, 0.0, 0.0])]).await;
        world
            .show("alice", &format!("{method} /v1/admin/footgun"))
            .await;
        world
            .show("admin", &format!("{method} /v1/admin/footgun"))
            .await;
        world.show("alice", "GET /v1/users/alice").await;
        world.show("admin", "GET /v1/users").await;
        world.show("nobody", "GET /v1/api-standards?limit=1").await;
        world
            .show("admin", "GET /v1/llm-definitions/_system/openai-small")
            .await;
        compare(&format!("reset-by-{}", method.to_lowercase()), &world);
    }
}
