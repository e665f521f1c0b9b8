//! Answers that belong to no row: unknown paths and methods, bodies that cannot be read, CORS.

use crate::row::compare;
use crate::world::{World, note};
use serde_json::json;

const CORS: [&str; 4] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "vary",
];

#[tokio::test]
async fn unknown_paths_and_methods() {
    let mut world = World::open().await;
    world.user("alice").await;
    for line in [
        "GET /v2",
        "GET /v1/",
        "GET /v1/nothing",
        "GET /v1/llm-services/alice",
        "GET /v1/users/",
        "POST /v1/users/alice",
        "PUT /v1/users",
        "PUT /v1/embeddings/alice/notes/one",
        "DELETE /",
        "TRACE /v1/users",
        "QUERY /v1/similars/alice/notes",
    ] {
        world.show("admin", line).await;
    }
    compare("unknown-paths-and-methods", &world);
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let mut world = World::with(&[("EMBSEC_API__MAX_BODY_BYTES", "1024")]).await;
    const PATH: &str = "POST /v1/users";
    world.ask("admin", PATH).show().await;
    for body in [
        &b"{"[..],
        b"[]",
        b"null",
        b"{\"user_handle\":\"alice\",\"user_handle\":\"bob\",\"email\":\"a@b.org\"}",
        b"{\"user_handle\":\"al\xff\"}",
        b"{\"user_handle\":1,\"email\":true}",
        b"{\"user_handle\":\"al\",\"email\":\"@\"}",
        b"{\"user_handle\":\"alice\",\"email\":\"a@b.org\"} more",
    ] {
        world.ask("admin", PATH).body(body).show().await;
    }
    let ask = world
        .ask("admin", PATH)
        .header("content-type", "text/plain");
    ask.body("user_handle: alice").show().await;
    let charset = world
        .ask("admin", PATH)
        .header("content-type", "application/json; charset=utf-8");
    charset
        .json(&json!({"$schema": "x", "USER_HANDLE": "alice", "email": "a@b.org", "name": null}))
        .show()
        .await;
    let long = world.ask("admin", PATH).long_body(1025);
    long.show().await;
    // Who may not is told so first, whatever the body.
    let long = world.ask("nobody", PATH).long_body(1025);
    long.show().await;
    compare("bodies-that-cannot-be-read", &world);
}

#[tokio::test]
async fn texts_with_a_zero_character() {
    let mut world = World::open().await;
    world.alice_with_notes().await;
    let upload = |name: &str, text: &str| {
        let mut item = note("a", &[1.0, 0.0, 0.0]);
        item[name] = text.into();
        json!({"embeddings": [item]})
    };
    for (line, body) in [
        (
            "POST /v1/users",
            json!({"user_handle": "bo\0b", "email": "b@b.org"}),
        ),
        (
            "POST /v1/users",
            json!({"user_handle": "bob", "email": "b\0@b.org"}),
        ),
        (
            "PATCH /v1/projects/alice/notes",
            json!({"description": "no\0thing"}),
        ),
        ("POST /v1/embeddings/alice/notes", upload("text_id", "a\0")),
        ("POST /v1/embeddings/alice/notes", upload("text", "\0")),
    ] {
        let patch = line.starts_with("PATCH");
        let ask = world.ask("admin", line).json(&body);
        let media = "application/merge-patch+json";
        let ask = if patch {
            ask.header("content-type", media)
        } else {
            ask
        };
        assert_eq!(ask.show().await.status, 422, "{line} {body}");
    }
    for line in [
        "GET /v1/users/al%00ice",
        "GET /v1/projects/alice/no%00tes",
        "GET /v1/embeddings/alice/notes/a%00a",
        "DELETE /v1/embeddings/alice/notes/a%00a",
        "GET /v1/similars/alice/notes/aaa?metadata_path=%00&metadata_value=a",
    ] {
        assert_eq!(world.show("admin", line).await.status, 422, "{line}");
    }
    // Metadata are kept as JSON, in which the character is escaped.
    let mut item = note("with-metadata", &[1.0, 0.0, 0.0]);
    item["metadata"] = json!({"ke\0y": "val\0ue"});
    let upload = json!({"embeddings": [item]});
    let line = "POST /v1/embeddings/alice/notes";
    assert_eq!(world.show_json("alice", line, upload).await.status, 201);
    let line = "GET /v1/embeddings/alice/notes/with-metadata";
    let read = world.show("alice", line).await.json();
    assert_eq!(read["metadata"], json!({"ke\0y": "val\0ue"}));
    compare("texts-with-a-zero-character", &world);
}

#[tokio::test]
async fn keys_in_every_spelling() {
    let mut world = World::open().await;
    world.user("alice").await;
    let key = world.key("alice");
    let mut mistyped = key.clone();
    mistyped.replace_range(10..11, if &key[10..11] == "a" { "b" } else { "a" });
    for (value, status) in [
        (format!("Bearer {key}"), 200),
        (key.clone(), 200),
        (format!("bearer {key}"), 401),
        (format!("Bearer  {key}"), 401),
        (format!("Bearer {mistyped}"), 401),
        (format!("Basic {key}"), 401),
        ("Bearer ".to_owned(), 401),
        (String::new(), 401),
    ] {
        let ask = world.ask("nobody", "GET /v1/users/alice");
        let answer = ask.header("authorization", &value).send().await;
        assert_eq!(answer.status, status, "{value:?}");
    }
}

#[tokio::test]
async fn cors() {
    const ORIGIN: &str = "https://app.example.org";
    for (name, setting) in [("none", ""), ("listed", ORIGIN), ("any", "*")] {
        let mut world = World::with(&[("EMBSEC_API__CORS_ORIGINS", setting)]).await;
        for line in [
            "GET /healthz",
            "GET /v1/users",
            "OPTIONS /v1/users",
            "OPTIONS /none",
        ] {
            for origin in [ORIGIN, "https://other.example"] {
                let ask = world.ask("nobody", line).header("origin", origin);
                ask.showing(&CORS).show().await;
            }
        }
        world.ask("nobody", "OPTIONS /").showing(&CORS).show().await;
        compare(&format!("cors-{name}"), &world);
    }
}
