//! Embeddings.

use crate::world::{World, note};
use serde_json::{Value, json};

goldens! {
    post => "post-proj-embeddings",
    list => "get-proj-embeddings",
    delete_all => "delete-proj-embeddings",
    get => "get-doc-embeddings",
    delete => "delete-doc-embeddings",
}

const PATH: &str = "POST /v1/embeddings/alice/notes";

fn with(mut item: Value, name: &str, value: Value) -> Value {
    if let Value::Object(item) = &mut item {
        item.insert(name.to_owned(), value);
    }
    item
}

fn batch(items: Vec<Value>) -> Value {
    json!({"embeddings": Value::Array(items)})
}

async fn post(world: &mut World) {
    world.alice_with_notes().await;
    world.users(&["bob", "carol"]).await;
    let editor = json!({"share_with_handle": "bob", "role": "editor"});
    world
        .done("alice", "POST /v1/projects/alice/notes/share", editor)
        .await;
    let a = note("a", &[1.0, 0.0, 0.0]);
    let b = with(
        note("b", &[0.0, 1.0, 0.0]),
        "metadata",
        json!({"z": 1, "a": "x"}),
    );
    world
        .show_json("alice", PATH, batch(vec![b.clone(), a.clone()]))
        .await;
    world.show_json("bob", PATH, batch(vec![a.clone()])).await;
    world.show_json("carol", PATH, batch(vec![a.clone()])).await;
    world.show_json("alice", PATH, batch(vec![])).await;
    wrong_items(world, &a).await;
    let unknown = "POST /v1/embeddings/alice/none";
    world
        .show_json("alice", unknown, batch(vec![a.clone()]))
        .await;
    let nobody = "POST /v1/embeddings/zoe/notes";
    world
        .show_json("admin", nobody, batch(vec![a.clone()]))
        .await;
    world.project("alice", "bare", "").await;
    let bare = with(a.clone(), "project_handle", json!("bare"));
    world
        .show_json("alice", "POST /v1/embeddings/alice/bare", batch(vec![bare]))
        .await;
    // A batch with one bad item leaves nothing behind.
    let good = note("new", &[0.0, 0.0, 1.0]);
    let bad = with(
        note("bad", &[0.0, 0.0, 1.0]),
        "instance_handle",
        json!("other"),
    );
    world.show_json("alice", PATH, batch(vec![good, bad])).await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes/new")
        .await;
}

async fn wrong_items(world: &mut World, a: &Value) {
    let wrong = [
        with(a.clone(), "instance_handle", json!("other")),
        with(a.clone(), "text_id", json!("")),
        with(a.clone(), "vector", json!([])),
        with(a.clone(), "vector_dim", json!(4)),
        with(a.clone(), "vector", json!([1.0, 0.0])),
        with(a.clone(), "vector", json!([0.0, 0.0, 0.0])),
        with(a.clone(), "vector", json!([70000.0, 0.0, 0.0])),
        with(a.clone(), "metadata", json!([1])),
        with(a.clone(), "user_handle", json!("bob")),
        with(a.clone(), "project_handle", json!("blog")),
        json!({"text_id": "a", "vector": [1.0], "extra": true}),
    ];
    for item in wrong {
        world.show_json("alice", PATH, batch(vec![item])).await;
    }
    let scheme =
        r#"{"type":"object","required":["author"],"properties":{"year":{"type":"integer"}}}"#;
    let strict = json!({
        "project_handle": "strict", "instance_handle": "mini", "metadataScheme": scheme,
    });
    world
        .done("alice", "PUT /v1/projects/alice/strict", strict)
        .await;
    let item = with(a.clone(), "project_handle", json!("strict"));
    let strict = "POST /v1/embeddings/alice/strict";
    world
        .show_json("alice", strict, batch(vec![item.clone()]))
        .await;
    let year = with(item, "metadata", json!({"year": "1900"}));
    world.show_json("alice", strict, batch(vec![year])).await;
}

async fn list(world: &mut World) {
    world.alice_with_notes().await;
    let all = batch(vec![
        note("b", &[0.0, 1.0, 0.0]),
        with(
            note("a", &[1.0, 0.0, 0.0]),
            "text",
            json!("First <text> & more"),
        ),
        with(
            note("C", &[0.0, 0.0, 1.0]),
            "metadata",
            json!({"z": [1, null], "a": {"b": 0.5}}),
        ),
    ]);
    world.done("alice", PATH, all).await;
    world.show("alice", "GET /v1/embeddings/alice/notes").await;
    world
        .show("admin", "GET /v1/embeddings/alice/notes?limit=1&offset=2")
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes?offset=3")
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes?limit=500")
        .await;
    world.show("nobody", "GET /v1/embeddings/alice/notes").await;
}

async fn delete_all(world: &mut World) {
    world.alice_with_notes().await;
    world
        .notes(&[("a", [1.0, 0.0, 0.0]), ("b", [0.0, 1.0, 0.0])])
        .await;
    world
        .show("nobody", "DELETE /v1/embeddings/alice/notes")
        .await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/notes")
        .await;
    world.show("alice", "GET /v1/embeddings/alice/notes").await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/notes")
        .await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/none")
        .await;
}

async fn get(world: &mut World) {
    world.user("alice").await;
    world.instance("alice", "mini", 5).await;
    world.project("alice", "notes", "mini").await;
    let fixture = [-0.02085085, 0.01852216, 0.05327, 0.07138438, 0.02000308];
    let encoded = "https%3A%2F%2Fid.example%2Ftexts%2F1";
    let full = with(
        with(note(encoded, &fixture), "text", json!("The text")),
        "metadata",
        json!({"author": "Tolstoy", "year": 1869}),
    );
    world.done("alice", PATH, batch(vec![full.clone()])).await;
    world
        .show(
            "alice",
            &format!("GET /v1/embeddings/alice/notes/{encoded}"),
        )
        .await;
    // Left out, the text stays; metadata is merged key by key, and null takes one away.
    let update = with(
        note(encoded, &fixture),
        "metadata",
        json!({"year": null, "read": true}),
    );
    world.done("alice", PATH, batch(vec![update])).await;
    world
        .show(
            "alice",
            &format!("GET /v1/embeddings/alice/notes/{encoded}"),
        )
        .await;
    world
        .done("alice", PATH, batch(vec![note(encoded, &fixture)]))
        .await;
    world
        .show(
            "alice",
            &format!("GET /v1/embeddings/alice/notes/{encoded}"),
        )
        .await;
    world
        .done("alice", PATH, batch(vec![note("two words/raw", &fixture)]))
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes/two%20words%2Fraw")
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes/none")
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes/no")
        .await;
}

async fn delete(world: &mut World) {
    world.alice_with_notes().await;
    world
        .notes(&[("one", [1.0, 0.0, 0.0]), ("two", [0.0, 1.0, 0.0])])
        .await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/notes/one")
        .await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/notes/one")
        .await;
    world
        .show("alice", "GET /v1/embeddings/alice/notes/two")
        .await;
    world
        .show("alice", "DELETE /v1/embeddings/alice/none/two")
        .await;
}
