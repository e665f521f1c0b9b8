//! Upstream's defects of correctness, fixed.

use crate::support::{Client, World, item};
use serde_json::{Value, json};

const INSTANCE: &str = "/v1/llm-instances/alice/inst";

fn patch(client: &Client, path: &str, body: &Value) -> u16 {
    client.send("PATCH", path, Some(body)).status
}

fn world() -> (World, Client) {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    (world, alice)
}

fn has_key(alice: &Client) -> Option<Value> {
    alice
        .get(INSTANCE)
        .expect(200)
        .json()
        .get("has_api_key")
        .cloned()
}

#[test]
fn has_api_key_is_true_when_there_is_one() {
    let (_world, alice) = world();
    assert_ne!(has_key(&alice), Some(json!(true)));
    let with = json!({ "instance_handle": "inst", "dimensions": 8, "api_key": "sk-1" });
    alice.put(INSTANCE, &with).expect(201);
    assert_eq!(has_key(&alice), Some(json!(true)));
}

#[test]
fn a_put_without_a_provider_key_keeps_it_and_an_empty_one_removes_it() {
    let (_world, alice) = world();
    let with = json!({ "instance_handle": "inst", "dimensions": 8, "api_key": "sk-1" });
    alice.put(INSTANCE, &with).expect(201);
    let without = json!({ "instance_handle": "inst", "dimensions": 8, "model": "other" });
    alice.put(INSTANCE, &without).expect(201);
    assert_eq!(has_key(&alice), Some(json!(true)), "PUT without a key");
    let empty = json!({ "instance_handle": "inst", "dimensions": 8, "api_key": "" });
    alice.put(INSTANCE, &empty).expect(201);
    assert_ne!(has_key(&alice), Some(json!(true)), "PUT with an empty key");
}

#[test]
fn patch_works_for_all_five_resources() {
    let (world, alice) = world();
    let standard = json!({
        "api_standard_handle": "mine",
        "description": "d",
        "key_method": "auth_bearer",
        "key_field": "Authorization",
    });
    world.admin.post("/v1/api-standards", &standard).expect(201);
    let definition = json!({ "definition_handle": "defi", "api_standard": "mine" });
    alice
        .put("/v1/llm-definitions/alice/defi", &definition)
        .expect(201);
    let cases = [
        (&world.admin, "/v1/users/alice", "name"),
        (&world.admin, "/v1/api-standards/mine", "description"),
        (&alice, "/v1/llm-definitions/alice/defi", "description"),
        (&alice, INSTANCE, "description"),
        (&alice, "/v1/projects/alice/books", "description"),
    ];
    for (client, path, field) in cases {
        let change = json!({ field: "changed" });
        assert_eq!(patch(client, path, &change), 201, "{path}");
        assert_eq!(patch(client, path, &change), 304, "{path}, the same again");
        let operations =
            json!([{ "op": "replace", "path": format!("/{field}"), "value": "again" }]);
        let headers = [("Content-Type", "application/json-patch+json")];
        let body = operations.to_string().into_bytes();
        let request = client.request("PATCH", path, &headers, Some(&body));
        client.exchange(&request).unwrap().expect(201);
        let reader = if path.starts_with("/v1/users") {
            &world.admin
        } else {
            &alice
        };
        assert_eq!(
            reader.get(path).expect(200).json()[field],
            "again",
            "{path}"
        );
        let headers = [("Content-Type", "application/merge-patch+shorthand")];
        let request = client.request("PATCH", path, &headers, Some(b"description: x"));
        client.exchange(&request).unwrap().expect(415);
    }
}

#[test]
fn a_patch_never_loses_a_provider_key_and_touches_only_what_it_names() {
    let (_world, alice) = world();
    let with = json!({
        "instance_handle": "inst",
        "endpoint": "https://api.example.org",
        "dimensions": 8,
        "api_key": "sk-1",
    });
    alice.put(INSTANCE, &with).expect(201);
    assert_eq!(patch(&alice, INSTANCE, &json!({ "model": "other" })), 201);
    let instance = alice.get(INSTANCE).expect(200).json();
    assert_eq!(instance["has_api_key"], true);
    assert_eq!(instance["endpoint"], "https://api.example.org");
    assert_eq!(instance["dimensions"], 8);

    let public = json!({ "public_read": true });
    assert_eq!(patch(&alice, "/v1/projects/alice/books", &public), 201);
    let change = json!({ "description": "new" });
    assert_eq!(patch(&alice, "/v1/projects/alice/books", &change), 201);
    let project = alice.get("/v1/projects/alice/books").expect(200).json();
    assert_eq!(project["public_read"], true, "{project}");
    assert_eq!(project["instance"]["instance_handle"], "inst", "{project}");
}

#[test]
fn a_shared_object_is_listed_once() {
    let (world, alice) = world();
    let definition = json!({ "definition_handle": "defi", "api_standard": "openai" });
    alice
        .put("/v1/llm-definitions/alice/defi", &definition)
        .expect(201);
    for handle in ["bob", "carol", "dave"] {
        world.user(handle);
        let share = json!({ "share_with_handle": handle, "role": "reader" });
        alice
            .post("/v1/projects/alice/books/share", &share)
            .expect(201);
        alice.post(&format!("{INSTANCE}/share"), &share).expect(201);
        let share = json!({ "share_with_handle": handle });
        alice
            .post("/v1/llm-definitions/alice/defi/share", &share)
            .expect(201);
    }
    let count = |path: &str, list: &str, field: &str, handle: &str| {
        let listed = alice.get(path).expect(200).json();
        let rows = listed[list].as_array().unwrap().clone();
        rows.iter()
            .filter(|row| row[field] == handle && row["owner"] == "alice")
            .count()
    };
    assert_eq!(
        count("/v1/projects/alice", "projects", "project_handle", "books"),
        1
    );
    assert_eq!(
        count(
            "/v1/llm-instances/alice",
            "instances",
            "instance_handle",
            "inst"
        ),
        1
    );
    let definitions = "/v1/llm-definitions/alice";
    assert_eq!(
        count(definitions, "definitions", "definition_handle", "defi"),
        1
    );
}

#[test]
fn an_instance_takes_what_it_leaves_out_from_its_definition() {
    let (_world, alice) = world();
    let definition = json!({
        "definition_handle": "defi",
        "api_standard": "cohere",
        "model": "embed",
        "dimensions": 8,
    });
    alice
        .put("/v1/llm-definitions/alice/defi", &definition)
        .expect(201);
    let body = json!({
        "instance_handle": "derived",
        "definition_owner": "alice",
        "definition_handle": "defi",
    });
    alice
        .post("/v1/llm-instances/alice/from-definition", &body)
        .expect(200);
    let instance = alice
        .get("/v1/llm-instances/alice/derived")
        .expect(200)
        .json();
    assert_eq!(instance["api_standard"], "cohere");
    assert_eq!(instance["model"], "embed");
}

#[test]
fn an_upload_without_metadata_keeps_what_was_there() {
    let (world, alice) = world();
    world.upload(&alice, "alice", "books", &["text-one"]);
    let mut row = item("alice", "books", "text-one", 3);
    row.as_object_mut().unwrap().remove("metadata");
    row.as_object_mut().unwrap().remove("text");
    alice
        .post(
            "/v1/embeddings/alice/books",
            &json!({ "embeddings": [row] }),
        )
        .expect(201);
    let row = alice
        .get("/v1/embeddings/alice/books/text-one")
        .expect(200)
        .json();
    assert_eq!(row["metadata"]["author"], "nobody");
    assert_eq!(row["text"], "the text of text-one");
    alice.get("/v1/embeddings/alice/books").expect(200);
}

#[test]
fn a_batch_with_one_bad_item_stores_nothing() {
    let (_world, alice) = world();
    let mut bad = item("alice", "books", "text-bad", 1);
    bad["vector"] = json!([1.0]);
    let good = item("alice", "books", "text-good", 1);
    let body = json!({ "embeddings": [good, bad] });
    let status = alice.post("/v1/embeddings/alice/books", &body).status;
    assert!([400, 422].contains(&status), "{status}");
    alice.get("/v1/embeddings/alice/books").expect(404);
}

#[test]
fn a_vector_of_zeros_is_refused_when_stored_and_when_asked() {
    let (_world, alice) = world();
    let mut row = item("alice", "books", "text-zero", 1);
    row["vector"] = json!([0, 0, 0, 0, 0, 0, 0, 0]);
    alice
        .post(
            "/v1/embeddings/alice/books",
            &json!({ "embeddings": [row] }),
        )
        .expect(422);
    let search = json!({ "vector": [0, 0, 0, 0, 0, 0, 0, 0] });
    alice.post("/v1/similars/alice/books", &search).expect(422);
}

#[test]
fn an_upload_without_an_instance_or_dimensions_is_the_clients_mistake() {
    let (_world, alice) = world();
    alice
        .put(
            "/v1/projects/alice/bare",
            &json!({ "project_handle": "bare" }),
        )
        .expect(201);
    let rows = json!({ "embeddings": [item("alice", "bare", "text-one", 1)] });
    alice.post("/v1/embeddings/alice/bare", &rows).expect(400);
    let project = json!({
        "project_handle": "vague",
        "instance_owner": "alice",
        "instance_handle": "vague",
    });
    alice
        .put(
            "/v1/llm-instances/alice/vague",
            &json!({ "instance_handle": "vague" }),
        )
        .expect(201);
    alice.put("/v1/projects/alice/vague", &project).expect(201);
    let mut row = item("alice", "vague", "text-one", 1);
    row["instance_handle"] = "vague".into();
    alice
        .post(
            "/v1/embeddings/alice/vague",
            &json!({ "embeddings": [row] }),
        )
        .expect(400);
}

#[test]
fn an_instance_in_use_is_a_conflict() {
    let (_world, alice) = world();
    alice.delete(INSTANCE).expect(409);
    alice.delete("/v1/projects/alice/books").expect(204);
    alice.delete(INSTANCE).expect(204);
}

#[test]
fn unknown_paths_are_404_and_wrong_methods_405() {
    let (world, alice) = world();
    world.admin.get("/v1/llm-services/alice").expect(404);
    world.admin.get("/favicon.ico").expect(404);
    let reply = alice.delete("/v1/projects/alice").expect(405);
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    assert!(
        reply
            .header("allow")
            .is_some_and(|allow| allow.contains("GET")),
        "{reply:?}"
    );
}

#[test]
fn an_id_that_was_stored_raw_is_found() {
    let (world, alice) = world();
    let id = "https://id.example/a b";
    world.upload(&alice, "alice", "books", &[id, "text-two"]);
    let path = "/v1/embeddings/alice/books/https%3A%2F%2Fid.example%2Fa%20b";
    assert_eq!(alice.get(path).expect(200).json()["text_id"], id);
    alice
        .get("/v1/similars/alice/books/https%3A%2F%2Fid.example%2Fa%20b")
        .expect(200);
    alice.delete(path).expect(204);
    alice.get(path).expect(404);
}

#[test]
fn lists_are_in_byte_order_with_underscores_last() {
    let (world, alice) = world();
    for handle in ["zoe", "Bob", "_under", "bob"] {
        world.user(handle);
    }
    let users = world.admin.get("/v1/users").expect(200).json();
    let handles: Vec<&str> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["user_handle"].as_str().unwrap())
        .collect();
    let expected = ["Bob", "alice", "bob", "zoe", "_under"];
    let shown: Vec<&str> = handles
        .into_iter()
        .filter(|handle| *handle != "_system")
        .collect();
    assert_eq!(shown, expected);
    for handle in ["zeta", "Alpha", "_last", "alpha"] {
        let path = format!("/v1/projects/alice/{handle}");
        alice
            .put(&path, &json!({ "project_handle": handle }))
            .expect(201);
    }
    let listed = alice.get("/v1/projects/alice").expect(200).json();
    let projects = listed["projects"].as_array().unwrap();
    let shown: Vec<&str> = projects
        .iter()
        .map(|project| project["project_handle"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["Alpha", "alpha", "books", "zeta", "_last"]);
}
