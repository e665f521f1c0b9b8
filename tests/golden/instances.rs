//! LLM service instances.

use crate::world::World;
use serde_json::json;

goldens! {
    list => "get-instances",
    post => "post-instance",
    from_definition => "post-instance-from-definition",
    get => "get-instance",
    put => "put-instance",
    delete => "delete-instance",
    share => "share-instance",
    unshare => "unshare-instance",
    shared_with => "get-instance-shared-users",
}

const MINI: &str = "/v1/llm-instances/alice/mini";

async fn alice(world: &mut World) {
    world.users(&["alice", "bob", "carol"]).await;
    world.instance("alice", "mini", 3).await;
}

async fn shared(world: &mut World) {
    alice(world).await;
    for (handle, role) in [("carol", "editor"), ("bob", "reader")] {
        let body = json!({"share_with_handle": handle, "role": role});
        world
            .done("alice", &format!("POST {MINI}/share"), body)
            .await;
    }
}

async fn list(world: &mut World) {
    shared(world).await;
    world.project("alice", "notes", "mini").await;
    world.instance("bob", "maxi", 4).await;
    world.show("alice", "GET /v1/llm-instances/alice").await;
    world.show("bob", "GET /v1/llm-instances/bob").await;
    world
        .show("admin", "GET /v1/llm-instances/bob?limit=1&offset=1")
        .await;
    world
        .show("admin", "GET /v1/llm-instances/bob?offset=2")
        .await;
    world.show("bob", "GET /v1/llm-instances/alice").await;
}

async fn post(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    const PATH: &str = "POST /v1/llm-instances/alice";
    let body = json!({"instance_handle": "mini", "api_key": "sk-provider-secret"});
    let answer = world.show_json("alice", PATH, body.clone()).await;
    assert!(!answer.text().contains("sk-provider"));
    world.show_json("alice", PATH, body.clone()).await;
    world.show("alice", &format!("GET {MINI}")).await;
    let typo = json!({"instance_handle": "mini", "api_key": "sk-provider-secret", "modle": "x"});
    let answer = world.show_json("alice", PATH, typo).await;
    assert!(!answer.text().contains("sk-provider"));
    let unknown = json!({"instance_handle": "mini", "api_standard": "none"});
    world.show_json("alice", PATH, unknown).await;
    world.show_json("bob", PATH, body.clone()).await;
    world
        .show_json("admin", "POST /v1/llm-instances/zoe", body)
        .await;
}

async fn from_definition(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    let mine = json!({
        "definition_handle": "mine", "endpoint": "https://llm.example/v1",
        "description": "Mine", "api_standard": "cohere", "model": "mini-1", "dimensions": 3,
        "context_limit": 512,
    });
    world
        .done("alice", "PUT /v1/llm-definitions/alice/mine", mine)
        .await;
    const PATH: &str = "POST /v1/llm-instances/alice/from-definition";
    let from = |owner: &str, handle: &str| {
        json!({
            "user_handle": "alice", "instance_handle": "mini",
            "definition_owner": owner, "definition_handle": handle,
        })
    };
    world.show_json("alice", PATH, from("alice", "mine")).await;
    world.show("alice", &format!("GET {MINI}")).await;
    let mut changed = from("_system", "openai-small");
    changed["model"] = json!("other");
    changed["dimensions"] = json!(256);
    world.show_json("alice", PATH, changed).await;
    world.show("alice", &format!("GET {MINI}")).await;
    world.show_json("alice", PATH, from("alice", "none")).await;
    world
        .show_json("alice", PATH, json!({"instance_handle": "mini"}))
        .await;
    let bobs = "POST /v1/llm-instances/bob/from-definition";
    world.show_json("bob", bobs, from("alice", "mine")).await;
    let mut bobs_own = from("alice", "mine");
    bobs_own["user_handle"] = json!("bob");
    world.show_json("bob", bobs, bobs_own).await;
}

async fn get(world: &mut World) {
    shared(world).await;
    world.user("dave").await;
    for who in ["alice", "carol", "bob", "dave", "admin", "nobody"] {
        world.show(who, &format!("GET {MINI}")).await;
    }
    let keyed = json!({
        "instance_handle": "mini", "endpoint": "https://llm.example/v1", "description": "Mine",
        "api_standard": "gemini", "model": "mini-1", "dimensions": 3, "context_limit": 512,
        "api_key": "sk-provider-secret",
    });
    world.done("alice", &format!("PUT {MINI}"), keyed).await;
    world.show("alice", &format!("GET {MINI}")).await;
    world
        .show("alice", "GET /v1/llm-instances/alice/none")
        .await;
}

async fn put(world: &mut World) {
    alice(world).await;
    let put = format!("PUT {MINI}");
    let keyed = json!({"instance_handle": "mini", "dimensions": 3, "api_key": "sk-1"});
    world.show_json("alice", &put, keyed.clone()).await;
    // Left out, the provider's key stays; empty, it goes.
    world
        .show_json("alice", &put, json!({"instance_handle": "mini"}))
        .await;
    world.show("alice", &format!("GET {MINI}")).await;
    world
        .show_json(
            "alice",
            &put,
            json!({"instance_handle": "mini", "api_key": ""}),
        )
        .await;
    world.show("alice", &format!("GET {MINI}")).await;
    world
        .show_json("alice", "PUT /v1/llm-instances/alice/other", keyed.clone())
        .await;
    world.show_json("bob", &put, keyed).await;
    world
        .show_json(
            "alice",
            &put,
            json!({"instance_handle": "mini", "definition_owner": "bob"}),
        )
        .await;
}

async fn delete(world: &mut World) {
    alice(world).await;
    world.project("alice", "notes", "mini").await;
    world.show("admin", &format!("DELETE {MINI}")).await;
    world.show("bob", &format!("DELETE {MINI}")).await;
    world.show("alice", &format!("DELETE {MINI}")).await;
    world.project("alice", "notes", "").await;
    world.show("alice", &format!("DELETE {MINI}")).await;
    world.show("alice", &format!("DELETE {MINI}")).await;
}

async fn share(world: &mut World) {
    alice(world).await;
    let with = |handle: &str, role: &str| json!({"share_with_handle": handle, "role": role});
    let path = format!("POST {MINI}/share");
    world
        .show_json("alice", &path, with("carol", "reader"))
        .await;
    world.show_json("alice", &path, with("bob", "editor")).await;
    world.show_json("alice", &path, with("zoe", "reader")).await;
    world
        .show_json("alice", &path, with("alice", "reader"))
        .await;
    world.show_json("alice", &path, with("bob", "owner")).await;
    world.show_json("admin", &path, with("bob", "reader")).await;
    world.show_json("bob", &path, with("bob", "editor")).await;
}

async fn unshare(world: &mut World) {
    shared(world).await;
    world
        .show("admin", &format!("DELETE {MINI}/share/bob"))
        .await;
    world
        .show("alice", &format!("DELETE {MINI}/share/bob"))
        .await;
    world
        .show("alice", &format!("DELETE {MINI}/share/bob"))
        .await;
    world.show("bob", &format!("GET {MINI}")).await;
}

async fn shared_with(world: &mut World) {
    shared(world).await;
    let path = format!("GET {MINI}/shared-with");
    world.show("alice", &path).await;
    world
        .show("alice", &format!("{path}?limit=1&offset=1"))
        .await;
    world.show("admin", &path).await;
    world.show("bob", &path).await;
    world.instance("alice", "maxi", 4).await;
    world
        .show("alice", "GET /v1/llm-instances/alice/maxi/shared-with")
        .await;
}
