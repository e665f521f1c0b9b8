//! LLM service definitions.

use crate::world::World;
use serde_json::json;

goldens! {
    list => "get-definitions",
    post => "post-definition",
    get => "get-definition",
    put => "put-definition",
    delete => "delete-definition",
    share => "share-definition",
    unshare => "unshare-definition",
    shared_with => "get-definition-shared-users",
}

const DEF: &str = "/v1/llm-definitions/alice/mine";

/// `alice` with a full definition `mine` and a bare, public one, `open`.
async fn alice(world: &mut World) {
    world.users(&["alice", "bob", "carol"]).await;
    let mine = json!({
        "definition_handle": "mine", "endpoint": "https://llm.example/v1",
        "description": "Mine", "api_standard": "openai", "model": "mini-1", "dimensions": 3,
        "context_limit": 512,
    });
    world.done("alice", &format!("PUT {DEF}"), mine).await;
    let open = json!({"definition_handle": "open", "api_standard": "cohere", "is_public": true});
    world
        .done("alice", "PUT /v1/llm-definitions/alice/open", open)
        .await;
}

async fn shared(world: &mut World) {
    alice(world).await;
    for handle in ["carol", "bob"] {
        let body = json!({"share_with_handle": handle});
        world
            .done("alice", &format!("POST {DEF}/share"), body)
            .await;
    }
}

async fn list(world: &mut World) {
    shared(world).await;
    let from = json!({
        "instance_handle": "mini", "definition_owner": "alice", "definition_handle": "mine",
    });
    world
        .done(
            "alice",
            "POST /v1/llm-instances/alice/from-definition",
            from,
        )
        .await;
    world.show("alice", "GET /v1/llm-definitions/alice").await;
    world
        .show("bob", "GET /v1/llm-definitions/bob?limit=1")
        .await;
    world
        .show("admin", "GET /v1/llm-definitions/alice?offset=6")
        .await;
    world.show("bob", "GET /v1/llm-definitions/alice").await;
}

async fn post(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    let body = json!({"definition_handle": "mine", "api_standard": "openai", "is_public": true});
    const PATH: &str = "POST /v1/llm-definitions/alice";
    world.show_json("alice", PATH, body.clone()).await;
    world.show_json("alice", PATH, body.clone()).await;
    let unknown = json!({"definition_handle": "mine", "api_standard": "none"});
    world.show_json("alice", PATH, unknown).await;
    world
        .show_json("alice", PATH, json!({"definition_handle": "mine"}))
        .await;
    world.show_json("bob", PATH, body.clone()).await;
    world
        .show_json("admin", "POST /v1/llm-definitions/zoe", body.clone())
        .await;
    world
        .show_json("admin", "POST /v1/llm-definitions/_system", body)
        .await;
}

async fn get(world: &mut World) {
    shared(world).await;
    world.user("dave").await;
    for who in ["alice", "bob", "dave", "admin", "nobody"] {
        world.show(who, &format!("GET {DEF}")).await;
    }
    world
        .show("admin", "GET /v1/llm-definitions/alice/open")
        .await;
    world
        .show("admin", "GET /v1/llm-definitions/_system/openai-large")
        .await;
    world
        .show("alice", "GET /v1/llm-definitions/_system/openai-large")
        .await;
    world
        .show("alice", "GET /v1/llm-definitions/alice/none")
        .await;
}

async fn put(world: &mut World) {
    alice(world).await;
    let body = json!({"definition_handle": "mine", "api_standard": "gemini"});
    world
        .show_json("alice", &format!("PUT {DEF}"), body.clone())
        .await;
    world.show("alice", &format!("GET {DEF}")).await;
    world
        .show_json("alice", "PUT /v1/llm-definitions/alice/other", body.clone())
        .await;
    world.show_json("bob", &format!("PUT {DEF}"), body).await;
    let negative = json!({"definition_handle": "mine", "api_standard": "gemini", "dimensions": -1});
    world
        .show_json("alice", &format!("PUT {DEF}"), negative)
        .await;
}

async fn delete(world: &mut World) {
    alice(world).await;
    world.show("bob", &format!("DELETE {DEF}")).await;
    world.show("alice", &format!("DELETE {DEF}")).await;
    world.show("alice", &format!("DELETE {DEF}")).await;
    world
        .show("admin", "DELETE /v1/llm-definitions/_system/openai-large")
        .await;
}

async fn share(world: &mut World) {
    alice(world).await;
    let with = |handle: &str| json!({"share_with_handle": handle});
    let path = format!("POST {DEF}/share");
    world.show_json("alice", &path, with("carol")).await;
    world.show_json("alice", &path, with("bob")).await;
    world.show_json("alice", &path, with("bob")).await;
    world.show_json("alice", &path, with("zoe")).await;
    world.show_json("alice", &path, with("alice")).await;
    world.show_json("admin", &path, with("bob")).await;
    world.show_json("bob", &path, with("bob")).await;
    let none = "POST /v1/llm-definitions/alice/none/share";
    world.show_json("alice", none, with("bob")).await;
}

async fn unshare(world: &mut World) {
    shared(world).await;
    world
        .show("alice", &format!("DELETE {DEF}/share/bob"))
        .await;
    // Also when it is not shared.
    world
        .show("alice", &format!("DELETE {DEF}/share/bob"))
        .await;
    world
        .show("admin", &format!("DELETE {DEF}/share/carol"))
        .await;
    world.show("bob", &format!("GET {DEF}")).await;
}

async fn shared_with(world: &mut World) {
    shared(world).await;
    let path = format!("GET {DEF}/shared-with");
    world.show("alice", &path).await;
    world
        .show("alice", &format!("{path}?limit=1&offset=1"))
        .await;
    world.show("admin", &path).await;
    world.show("bob", &path).await;
    world
        .show("alice", "GET /v1/llm-definitions/alice/open/shared-with")
        .await;
}
