//! API standards.

use crate::world::World;
use serde_json::json;

goldens! {
    list => "get-api-standards",
    post => "post-api-standard",
    get => "get-api-standard",
    put => "put-api-standard",
    delete => "delete-api-standard",
}

async fn list(world: &mut World) {
    world.show("nobody", "GET /v1/api-standards").await;
    world
        .show("nobody", "GET /v1/api-standards?limit=1&offset=1")
        .await;
    world.show("nobody", "GET /v1/api-standards?offset=3").await;
}

async fn post(world: &mut World) {
    world.user("alice").await;
    let body = json!({
        "api_standard_handle": "local", "description": "In house", "key_method": "custom_header",
        "key_field": "X-Key",
    });
    const PATH: &str = "POST /v1/api-standards";
    world.show_json("admin", PATH, body.clone()).await;
    world.show_json("admin", PATH, body.clone()).await;
    world.show_json("alice", PATH, body.clone()).await;
    world.show_json("nobody", PATH, body.clone()).await;
    let mut wrong = body.clone();
    wrong["key_method"] = json!("pigeon");
    world.show_json("admin", PATH, wrong).await;
    let mut long = body;
    long["key_field"] = json!("x".repeat(21));
    world.show_json("admin", PATH, long).await;
    world
        .show_json(
            "admin",
            PATH,
            json!({"api_standard_handle": "local", "foo": 1}),
        )
        .await;
}

async fn get(world: &mut World) {
    world.show("nobody", "GET /v1/api-standards/gemini").await;
    world.show("nobody", "GET /v1/api-standards/none").await;
}

async fn put(world: &mut World) {
    let body = json!({
        "api_standard_handle": "openai", "description": "Changed", "key_method": "query_param",
        "key_field": "key",
    });
    world
        .show_json("admin", "PUT /v1/api-standards/openai", body.clone())
        .await;
    world.show("nobody", "GET /v1/api-standards/openai").await;
    world
        .show_json("admin", "PUT /v1/api-standards/other", body.clone())
        .await;
    world
        .show_json("nobody", "PUT /v1/api-standards/openai", body)
        .await;
}

async fn delete(world: &mut World) {
    world.user("alice").await;
    world.show("admin", "DELETE /v1/api-standards/openai").await;
    for handle in ["local", "spare"] {
        let body = json!({
            "api_standard_handle": handle, "description": "", "key_method": "body_form",
            "key_field": "key",
        });
        world.done("admin", "POST /v1/api-standards", body).await;
    }
    let instance = json!({"instance_handle": "mini", "api_standard": "local"});
    world
        .done("alice", "PUT /v1/llm-instances/alice/mini", instance)
        .await;
    world.show("admin", "DELETE /v1/api-standards/local").await;
    world.show("alice", "DELETE /v1/api-standards/spare").await;
    world.show("admin", "DELETE /v1/api-standards/spare").await;
    world.show("admin", "DELETE /v1/api-standards/spare").await;
}
