//! Similars.

use crate::world::{World, note};
use serde_json::json;

goldens! {
    by_id => "get-similars",
    by_vector => "post-similars",
}

async fn library(world: &mut World) {
    world.alice_with_notes().await;
    world.user("bob").await;
    let mut items = vec![
        note("one", &[1.0, 0.0, 0.0]),
        note("two", &[2.0, 0.0, 0.0]),
        note("near", &[0.9, 0.1, 0.0]),
        note("half", &[1.0, 1.0, 0.0]),
        note("away", &[0.0, 0.0, 1.0]),
    ];
    items[2]["metadata"] = json!({"author": " Tolstoy ", "year": 1869});
    let body = json!({"embeddings": items});
    world
        .done("alice", "POST /v1/embeddings/alice/notes", body)
        .await;
}

async fn by_id(world: &mut World) {
    library(world).await;
    const PATH: &str = "GET /v1/similars/alice/notes/one";
    world.show("alice", PATH).await;
    for query in [
        "threshold=0",
        "limit=1",
        "count=1&limit=5",
        "limit=1&offset=1",
        "threshold=0.9",
        "metadata_path=author&metadata_value=Tolstoy",
        "metadata_path=year&metadata_value=1869",
        "metadata_path=author",
        "metadata_value=Tolstoy",
        "limit=0&count=201&threshold=1.5",
    ] {
        world.show("alice", &format!("{PATH}?{query}")).await;
    }
    world
        .show("alice", "GET /v1/similars/alice/notes/away")
        .await;
    world
        .show("alice", "GET /v1/similars/alice/notes/none")
        .await;
    world.show("bob", PATH).await;
    world.show("alice", "GET /v1/similars/alice/none/one").await;
    world
        .show("admin", "GET /v1/similars/_system/notes/one")
        .await;
}

async fn by_vector(world: &mut World) {
    library(world).await;
    const PATH: &str = "POST /v1/similars/alice/notes";
    world
        .show_json("alice", PATH, json!({"vector": [1.0, 0.0, 0.0]}))
        .await;
    let filtered = format!("{PATH}?limit=2&metadata_path=author&metadata_value=Tolstoy");
    world
        .show_json("alice", &filtered, json!({"vector": [0.9, 0.1, 0.0]}))
        .await;
    world
        .show_json("alice", PATH, json!({"vector": [-1.0, 0.0, -1.0]}))
        .await;
    world
        .show_json("alice", PATH, json!({"vector": [1.0, 0.0]}))
        .await;
    world
        .show_json("alice", PATH, json!({"vector": [0.0, 0.0, 0.0]}))
        .await;
    world
        .show_json("alice", PATH, json!({"vector": ["x"]}))
        .await;
    world.show_json("alice", PATH, json!({})).await;
    world.project("alice", "bare", "").await;
    let bare = "POST /v1/similars/alice/bare";
    world
        .show_json("alice", bare, json!({"vector": [1.0, 0.0, 0.0]}))
        .await;
    let shapeless = json!({"instance_handle": "shapeless"});
    world
        .done("alice", "PUT /v1/llm-instances/alice/shapeless", shapeless)
        .await;
    world.project("alice", "shapeless", "shapeless").await;
    let shapeless = "POST /v1/similars/alice/shapeless";
    world
        .show_json("alice", shapeless, json!({"vector": [1.0, 0.0, 0.0]}))
        .await;
    world
        .show_json("bob", PATH, json!({"vector": [1.0, 0.0, 0.0]}))
        .await;
}
