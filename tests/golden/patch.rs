//! PATCH of the five resources.

use crate::world::World;
use serde_json::{Value, json};

goldens! {
    user => "patch-user",
    project => "patch-project",
    api_standard => "patch-api-standard",
    definition => "patch-definition",
    instance => "patch-instance",
}

/// A merge patch, a patch without a change, a JSON Patch, one whose test fails, the kind that is
/// not read, and bodies that are none.
async fn kinds(world: &mut World, who: &str, path: &str, property: &str) {
    let line = format!("PATCH {path}");
    let merge = json!({property: "changed"});
    world.show_json(who, &line, merge.clone()).await;
    world.show_json(who, &line, merge.clone()).await;
    let typed = |media: &'static str, body: Value| (media, body);
    for (media, body) in [
        typed("application/merge-patch+json", json!({property: "again"})),
        typed(
            "application/json-patch+json",
            json!([{"op": "test", "path": format!("/{property}"), "value": "again"},
                   {"op": "replace", "path": format!("/{property}"), "value": "by JSON Patch"}]),
        ),
        typed(
            "application/json-patch+json",
            json!([{"op": "test", "path": format!("/{property}"), "value": "no"},
                   {"op": "remove", "path": format!("/{property}")}]),
        ),
        typed("application/json-patch+json", merge.clone()),
        typed("application/merge-patch+shorthand", merge.clone()),
        typed("application/merge-patch+json", json!({"unknown": 1})),
        typed("application/merge-patch+json", json!("text")),
    ] {
        let ask = world.ask(who, &line).header("content-type", media);
        ask.json(&body).show().await;
    }
    world.ask(who, &line).body("{").show().await;
    world.ask(who, &line).show().await;
}

async fn user(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    const PATH: &str = "/v1/users/alice";
    kinds(world, "admin", PATH, "name").await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("admin", &format!("PATCH {PATH}"), json!({"name": null}))
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("admin", &format!("PATCH {PATH}"), json!({"email": null}))
        .await;
    world
        .show_json(
            "admin",
            &format!("PATCH {PATH}"),
            json!({"user_handle": "zoe"}),
        )
        .await;
    world
        .show_json("admin", "PATCH /v1/users/zoe", json!({"name": "x"}))
        .await;
    world
        .show_json("alice", &format!("PATCH {PATH}"), json!({"name": "x"}))
        .await;
}

async fn project(world: &mut World) {
    world.users(&["alice", "bob"]).await;
    world.instance("alice", "mini", 3).await;
    let full = json!({
        "project_handle": "notes", "description": "What I read", "public_read": true,
        "instance_handle": "mini", "metadataScheme": "{\"type\":\"object\"}",
        "shared_with": [{"user_handle": "bob", "role": "reader"}],
    });
    world
        .done("alice", "PUT /v1/projects/alice/notes", full)
        .await;
    const PATH: &str = "/v1/projects/alice/notes";
    kinds(world, "alice", PATH, "description").await;
    world.show("alice", &format!("GET {PATH}")).await;
    let less = json!({"metadataScheme": null, "description": null, "public_read": false});
    world
        .show_json("admin", &format!("PATCH {PATH}"), less)
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    let without = json!({"instance_owner": null, "instance_handle": null});
    world
        .show_json("alice", &format!("PATCH {PATH}"), without)
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("bob", &format!("PATCH {PATH}"), json!({"description": "x"}))
        .await;
    world
        .show_json("alice", "PATCH /v1/projects/alice/none", json!({}))
        .await;
}

async fn api_standard(world: &mut World) {
    const PATH: &str = "/v1/api-standards/openai";
    kinds(world, "admin", PATH, "description").await;
    world.show("nobody", &format!("GET {PATH}")).await;
    world
        .show_json(
            "admin",
            &format!("PATCH {PATH}"),
            json!({"key_field": null}),
        )
        .await;
    world
        .show_json(
            "nobody",
            &format!("PATCH {PATH}"),
            json!({"description": "x"}),
        )
        .await;
    world
        .show_json("admin", "PATCH /v1/api-standards/none", json!({}))
        .await;
}

async fn definition(world: &mut World) {
    world.user("alice").await;
    const PATH: &str = "/v1/llm-definitions/alice/mine";
    let mine = json!({
        "definition_handle": "mine", "endpoint": "https://llm.example/v1", "description": "Mine",
        "api_standard": "openai", "model": "mini-1", "dimensions": 3, "context_limit": 512,
        "is_public": true,
    });
    world.done("alice", &format!("PUT {PATH}"), mine).await;
    kinds(world, "alice", PATH, "description").await;
    world.show("alice", &format!("GET {PATH}")).await;
    let less = json!({"dimensions": null, "model": null, "is_public": null});
    world
        .show_json("admin", &format!("PATCH {PATH}"), less)
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("alice", "PATCH /v1/llm-definitions/alice/none", json!({}))
        .await;
    let system = "PATCH /v1/llm-definitions/_system/openai-large";
    world
        .show_json("admin", system, json!({"description": "x"}))
        .await;
}

async fn instance(world: &mut World) {
    world.user("alice").await;
    const PATH: &str = "/v1/llm-instances/alice/mini";
    let mini = json!({
        "instance_handle": "mini", "definition_owner": "_system",
        "definition_handle": "openai-small", "endpoint": "https://llm.example/v1",
        "dimensions": 3, "api_key": "sk-provider-secret",
    });
    world
        .done(
            "alice",
            "POST /v1/llm-instances/alice/from-definition",
            mini,
        )
        .await;
    kinds(world, "alice", PATH, "description").await;
    world.show("alice", &format!("GET {PATH}")).await;
    // No patch loses the provider's key but one that names it.
    world
        .show_json("alice", &format!("PATCH {PATH}"), json!({"api_key": null}))
        .await;
    let unlinked = json!({"definition_owner": null, "definition_handle": null});
    world
        .show_json("alice", &format!("PATCH {PATH}"), unlinked)
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    let json_patch = json!([{"op": "remove", "path": "/model"}]);
    let ask = world.ask("alice", &format!("PATCH {PATH}"));
    let ask = ask.header("content-type", "application/json-patch+json");
    ask.json(&json_patch).show().await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("alice", &format!("PATCH {PATH}"), json!({"api_key": ""}))
        .await;
    world.show("alice", &format!("GET {PATH}")).await;
    world
        .show_json("alice", "PATCH /v1/llm-instances/alice/none", json!({}))
        .await;
}
