//! Users.

use crate::world::World;
use serde_json::json;

goldens! {
    list => "get-users",
    post => "post-user",
    get => "get-user",
    put => "put-user",
    delete => "delete-user",
}

async fn list(world: &mut World) {
    world.users(&["bob", "alice"]).await;
    world.instance("alice", "mini", 3).await;
    world.project("alice", "notes", "mini").await;
    let named = json!({"user_handle": "carol", "name": "Carol C.", "email": "carol@example.org"});
    world.done("admin", "POST /v1/users", named).await;
    world.show("admin", "GET /v1/users").await;
    world.show("admin", "GET /v1/users?limit=1&offset=1").await;
    world.show("admin", "GET /v1/users?offset=100").await;
    world.show("admin", "GET /v1/users?limit=0&offset=-1").await;
    world
        .show("admin", "GET /v1/users?limit=201&offset=x")
        .await;
    world.show("alice", "GET /v1/users").await;
    world.show("nobody", "GET /v1/users").await;
}

async fn post(world: &mut World) {
    let alice = json!({"user_handle": "alice", "name": "Alice A.", "email": "alice@example.org"});
    world
        .show_json("admin", "POST /v1/users", alice.clone())
        .await;
    world.show_json("admin", "POST /v1/users", alice).await;
    let taken = json!({"user_handle": "bob", "email": "alice@example.org"});
    world.show_json("admin", "POST /v1/users", taken).await;
    for reserved in ["admin", "public", "_system", "a/b"] {
        let body = json!({"user_handle": reserved, "email": "x@example.org"});
        world.show_json("admin", "POST /v1/users", body).await;
    }
    // A key that is sent is checked for its length and ignored; it never comes back.
    let own_key = "0123456789abcdef".repeat(4);
    let body = json!({"user_handle": "dave", "email": "dave@example.org", "embapi_key": own_key});
    let answer = world.show_json("admin", "POST /v1/users", body).await;
    assert!(!answer.text().contains(&own_key));
    let typo = json!({"user_handle": "dave", "embapi_key": "short-secret", "Name": null, "x": 1});
    let answer = world.show_json("admin", "POST /v1/users", typo).await;
    assert!(!answer.text().contains("short-secret"));
}

async fn get(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    world.instance("alice", "mini", 3).await;
    world.project("alice", "notes", "mini").await;
    let reader = json!({"share_with_handle": "bob", "role": "reader"});
    world
        .done(
            "alice",
            "POST /v1/projects/alice/notes/share",
            reader.clone(),
        )
        .await;
    world
        .done("alice", "POST /v1/llm-instances/alice/mini/share", reader)
        .await;
    world.show("admin", "GET /v1/users/alice").await;
    world.show("bob", "GET /v1/users/bob").await;
    world.show("alice", "GET /v1/users/bob").await;
    world.show("admin", "GET /v1/users/_system").await;
    world.show("admin", "GET /v1/users/zoe").await;
    world.show("admin", "GET /v1/users/zo").await;
}

async fn put(world: &mut World) {
    let body = json!({"user_handle": "alice", "name": "Alice", "email": "alice@example.org"});
    world
        .show_json("admin", "PUT /v1/users/alice", body.clone())
        .await;
    let renamed = json!({"user_handle": "alice", "email": "a@example.org"});
    world
        .show_json("admin", "PUT /v1/users/alice", renamed)
        .await;
    world.show("alice", "GET /v1/users/alice").await;
    world
        .show_json("admin", "PUT /v1/users/bob", body.clone())
        .await;
    world.show_json("alice", "PUT /v1/users/alice", body).await;
    world.ask("admin", "PUT /v1/users/alice").show().await;
}

async fn delete(world: &mut World) {
    world.users(&["alice", "bob", "carol"]).await;
    world.instance("alice", "mini", 3).await;
    let editor = json!({"share_with_handle": "bob", "role": "editor"});
    world
        .done("alice", "POST /v1/llm-instances/alice/mini/share", editor)
        .await;
    let borrowed = json!({
        "project_handle": "notes", "instance_owner": "alice", "instance_handle": "mini",
    });
    world
        .done("bob", "PUT /v1/projects/bob/notes", borrowed)
        .await;
    world.show("admin", "DELETE /v1/users/alice").await;
    world.show("carol", "DELETE /v1/users/bob").await;
    world.show("bob", "DELETE /v1/users/bob").await;
    world.show("bob", "GET /v1/users/bob").await;
    world.show("admin", "DELETE /v1/users/bob").await;
    world.show("admin", "DELETE /v1/users/alice").await;
    world.show("admin", "DELETE /v1/users/_system").await;
}
