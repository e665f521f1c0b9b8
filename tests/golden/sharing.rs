//! Shares and owners of projects.

use crate::world::World;
use serde_json::json;

goldens! {
    share => "share-project",
    unshare => "unshare-project",
    shared_with => "get-project-shared-users",
    transfer => "transfer-project-ownership",
}

async fn share(world: &mut World) {
    world.alice_with_notes().await;
    world.user("bob").await;
    const PATH: &str = "POST /v1/projects/alice/notes/share";
    let with = |handle: &str, role: &str| json!({"share_with_handle": handle, "role": role});
    world.show_json("alice", PATH, with("bob", "reader")).await;
    world.show_json("alice", PATH, with("bob", "editor")).await;
    world
        .show_json("alice", PATH, with("alice", "reader"))
        .await;
    world.show_json("alice", PATH, with("zoe", "reader")).await;
    world.show_json("alice", PATH, with("bob", "owner")).await;
    world
        .show_json("alice", PATH, json!({"role": "reader"}))
        .await;
    world.show_json("admin", PATH, with("bob", "reader")).await;
    world.show_json("bob", PATH, with("bob", "editor")).await;
    world
        .show_json(
            "alice",
            "POST /v1/projects/alice/none/share",
            with("bob", "reader"),
        )
        .await;
}

async fn unshare(world: &mut World) {
    world.alice_with_notes().await;
    world.user("bob").await;
    let reader = json!({"share_with_handle": "bob", "role": "reader"});
    world
        .done("alice", "POST /v1/projects/alice/notes/share", reader)
        .await;
    world
        .show("admin", "DELETE /v1/projects/alice/notes/share/bob")
        .await;
    world
        .show("alice", "DELETE /v1/projects/alice/notes/share/bob")
        .await;
    world
        .show("alice", "DELETE /v1/projects/alice/notes/share/bob")
        .await;
    // The owner cannot lose a project this way.
    world
        .show("alice", "DELETE /v1/projects/alice/notes/share/alice")
        .await;
    world.show("alice", "GET /v1/projects/alice/notes").await;
}

async fn shared_with(world: &mut World) {
    world.alice_with_notes().await;
    world.users(&["carol", "bob"]).await;
    const PATH: &str = "GET /v1/projects/alice/notes/shared-with";
    world.show("alice", PATH).await;
    for (handle, role) in [("carol", "editor"), ("bob", "reader")] {
        let share = json!({"share_with_handle": handle, "role": role});
        world
            .done("alice", "POST /v1/projects/alice/notes/share", share)
            .await;
    }
    world.show("alice", PATH).await;
    world.show("admin", PATH).await;
    world.show("bob", PATH).await;
}

async fn transfer(world: &mut World) {
    world.alice_with_notes().await;
    world.user("bob").await;
    world.notes(&[("one", [1.0, 0.0, 0.0])]).await;
    world.project("bob", "blog", "").await;
    world.project("alice", "blog", "").await;
    let to = |handle: &str| json!({"new_owner_handle": handle});
    const PATH: &str = "POST /v1/projects/alice/notes/transfer-ownership";
    world.show_json("alice", PATH, to("alice")).await;
    world.show_json("alice", PATH, to("zoe")).await;
    world.show_json("admin", PATH, to("bob")).await;
    let taken = "POST /v1/projects/alice/blog/transfer-ownership";
    world.show_json("alice", taken, to("bob")).await;
    let none = "POST /v1/projects/alice/none/transfer-ownership";
    world.show_json("alice", none, to("bob")).await;
    world.show_json("alice", PATH, to("bob")).await;
    // The project keeps its instance, through a patch too, though the instance is not shared.
    world
        .show_json(
            "bob",
            "PATCH /v1/projects/bob/notes",
            json!({"description": "mine"}),
        )
        .await;
    // The data moved with it; the old owner has nothing of it, not even under a new project of
    // the same name.
    world.show("bob", "GET /v1/embeddings/bob/notes").await;
    world.show("alice", "GET /v1/embeddings/alice/notes").await;
    world.project("alice", "notes", "mini").await;
    world.show("alice", "GET /v1/embeddings/alice/notes").await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/notes")
        .await;
    world.show("bob", "GET /v1/embeddings/bob/notes/one").await;
}
