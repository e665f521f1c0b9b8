//! Projects, but for their shares.

use crate::world::World;
use serde_json::json;

goldens! {
    list => "get-projects",
    post => "post-project",
    get => "get-project",
    put => "put-project",
    delete => "delete-project",
    get_policy => "get-project-policy",
    patch_policy => "patch-project-policy",
}

async fn list(world: &mut World) {
    world.alice_with_notes().await;
    world.users(&["bob", "carol"]).await;
    world.notes(&[("a", [1.0, 0.0, 0.0])]).await;
    world.project("bob", "blog", "").await;
    for (owner, handle, with) in [("alice", "notes", "bob"), ("alice", "notes", "carol")] {
        let share = json!({"share_with_handle": with, "role": "editor"});
        world
            .done(
                owner,
                &format!("POST /v1/projects/{owner}/{handle}/share"),
                share,
            )
            .await;
    }
    // Shared with two people, it is still listed once.
    world.show("alice", "GET /v1/projects/alice").await;
    world.show("bob", "GET /v1/projects/bob").await;
    world
        .show("admin", "GET /v1/projects/bob?limit=1&offset=1")
        .await;
    world.show("admin", "GET /v1/projects/bob?offset=2").await;
    world.show("admin", "GET /v1/projects/zoe").await;
    world.show("bob", "GET /v1/projects/alice").await;
}

async fn post(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    world.instance("alice", "mini", 3).await;
    let body = json!({
        "project_handle": "notes", "description": "What I read", "public_read": true,
        "instance_handle": "mini", "instance_owner": "alice",
        "metadataScheme": "{\"type\":\"object\"}",
        "shared_with": [{"user_handle": "bob", "role": "reader"}],
    });
    world
        .show_json("alice", "POST /v1/projects/alice", body.clone())
        .await;
    world
        .show_json("alice", "POST /v1/projects/alice", body.clone())
        .await;
    world
        .show_json("bob", "POST /v1/projects/alice", body.clone())
        .await;
    world
        .show_json("admin", "POST /v1/projects/zoe", body)
        .await;
    let remote = r#"{"properties":{"a":{"$ref":"http://127.0.0.1:1/x.json"}}}"#;
    for scheme in [remote, "{", r#"{"type":5}"#] {
        let body = json!({"project_handle": "other", "metadataScheme": scheme});
        world
            .show_json("alice", "POST /v1/projects/alice", body)
            .await;
    }
}

async fn get(world: &mut World) {
    world.users(&["alice", "bob", "carol", "dave"]).await;
    world.instance("alice", "mini", 3).await;
    let full = json!({
        "project_handle": "notes", "description": "What I read", "instance_handle": "mini",
        "metadataScheme": "{\"type\":\"object\"}",
        "shared_with": [
            {"user_handle": "carol", "role": "reader"}, {"user_handle": "bob", "role": "editor"},
        ],
    });
    world
        .done("alice", "PUT /v1/projects/alice/notes", full)
        .await;
    let bare = json!({"project_handle": "open", "public_read": true});
    world
        .done("alice", "PUT /v1/projects/alice/open", bare)
        .await;
    for who in ["alice", "bob", "carol", "admin", "dave", "nobody"] {
        world.show(who, "GET /v1/projects/alice/notes").await;
    }
    for who in ["alice", "dave", "nobody"] {
        world.show(who, "GET /v1/projects/alice/open").await;
    }
    let unusable = world
        .ask("nobody", "GET /v1/projects/alice/open")
        .header("authorization", "Bearer not-a-key");
    unusable.show().await;
    world.show("alice", "GET /v1/projects/alice/none").await;
}

async fn put(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    world.instance("alice", "mini", 3).await;
    world.instance("bob", "maxi", 4).await;
    const PATH: &str = "PUT /v1/projects/alice/notes";
    let full = json!({
        "project_handle": "notes", "description": "What I read", "public_read": true,
        "instance_handle": "mini", "shared_with": [{"user_handle": "bob", "role": "reader"}],
    });
    world.show_json("alice", PATH, full).await;
    // What is left out is reset; shares stay.
    world
        .show_json("admin", PATH, json!({"project_handle": "notes"}))
        .await;
    world.show("alice", "GET /v1/projects/alice/notes").await;
    world
        .show_json("alice", PATH, json!({"project_handle": "other"}))
        .await;
    for (owner, handle) in [("alice", "none"), ("bob", "maxi"), ("zoe", "mini")] {
        let body = json!({
            "project_handle": "notes", "instance_owner": owner, "instance_handle": handle,
        });
        world.show_json("alice", PATH, body).await;
    }
    for (user, role) in [
        ("alice", "reader"),
        ("bob", "owner"),
        ("zoe", "reader"),
        ("bob", "x"),
    ] {
        let body = json!({
            "project_handle": "notes", "shared_with": [{"user_handle": user, "role": role}],
        });
        world.show_json("alice", PATH, body).await;
    }
    let system = json!({"project_handle": "notes"});
    world
        .show_json("admin", "PUT /v1/projects/_system/notes", system)
        .await;
}

async fn delete(world: &mut World) {
    world.alice_with_notes().await;
    world.user("bob").await;
    world.notes(&[("a", [1.0, 0.0, 0.0])]).await;
    world.show("bob", "DELETE /v1/projects/alice/notes").await;
    world.show("alice", "DELETE /v1/projects/alice/notes").await;
    world.show("alice", "DELETE /v1/projects/alice/notes").await;
    world.show("alice", "GET /v1/embeddings/alice/notes").await;
}

async fn get_policy(world: &mut World) {
    world.alice_with_notes().await;
    world.users(&["bob", "carol"]).await;
    let share = json!({"share_with_handle": "bob", "role": "reader"});
    world
        .done("alice", "POST /v1/projects/alice/notes/share", share)
        .await;
    for who in ["alice", "bob", "carol", "admin"] {
        world.show(who, "GET /v1/projects/alice/notes/policy").await;
    }
    world
        .show("alice", "GET /v1/projects/alice/none/policy")
        .await;
}

async fn patch_policy(world: &mut World) {
    const LINE: &str = "PATCH /v1/projects/alice/notes/policy";
    world.alice_with_notes().await;
    world.users(&["bob"]).await;
    for body in [
        json!({"encrypt_metadata": true}),
        json!({"encrypt_metadata": true}),
        json!({"encrypt_text": false, "encrypt_metadata": false}),
        json!({"encrypt_text": "no"}),
        json!({"encrypt_text": null}),
        json!({"encrypt_vectors": true}),
    ] {
        world.show_json("alice", LINE, body).await;
    }
    world
        .show_json("bob", LINE, json!({"encrypt_text": true}))
        .await;
    world
        .show_json("admin", LINE, json!({"encrypt_text": true}))
        .await;
    world
        .show("alice", "GET /v1/projects/alice/notes/policy")
        .await;
    world
        .show_json(
            "alice",
            "PATCH /v1/projects/alice/none/policy",
            json!({"encrypt_text": true}),
        )
        .await;
}
