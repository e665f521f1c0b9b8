//! The sanity check, and the reset where it is off.

use crate::world::World;
use serde_json::json;

goldens! {
    reset_by_get => "get-footgun",
    reset_by_post => "post-footgun",
    sanity_check => "get-sanity-check",
}

async fn reset_by_get(world: &mut World) {
    world.user("alice").await;
    world.show("admin", "GET /v1/admin/footgun").await;
    world.show("alice", "GET /v1/admin/footgun").await;
    world.show("nobody", "GET /v1/admin/footgun").await;
}

async fn reset_by_post(world: &mut World) {
    world.user("alice").await;
    world.show("admin", "POST /v1/admin/footgun").await;
    world.show("alice", "POST /v1/admin/footgun").await;
    world.show("admin", "GET /v1/users/alice").await;
}

async fn sanity_check(world: &mut World) {
    const PATH: &str = "GET /v1/admin/sanity-check";
    world.show("admin", PATH).await;
    world.alice_with_notes().await;
    world.show("admin", PATH).await;
    world
        .notes(&[("a", [1.0, 0.0, 0.0]), ("b", [0.0, 1.0, 0.0])])
        .await;
    world.show("admin", PATH).await;
    world.project("alice", "bare", "").await;
    world.instance("alice", "mini", 4).await;
    let strict = json!({
        "project_handle": "notes", "instance_handle": "mini",
        "metadataScheme": r#"{"required":["author"]}"#,
    });
    world
        .done("alice", "PUT /v1/projects/alice/notes", strict)
        .await;
    world.show("admin", PATH).await;
    world.show("alice", PATH).await;
}
