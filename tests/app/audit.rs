//! An audit log that takes nothing: nothing changes, and clients are told to come back.

use crate::desk::{Desk, admin, item, notes, tag};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use embsec::domain::access::{Role, Share};
use embsec::http::router;
use embsec::http::state::{ApiSettings, ApiState, CorsOrigins};
use embsec::http::wire::Profile;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

async fn desk() -> (Desk, Router, String) {
    let desk = Desk::with_notes(2).await;
    let items = [item("one", &[1.0, 0.0], tag(1))];
    desk.app
        .upload_embeddings(&admin(), &notes(), &items)
        .await
        .unwrap();
    desk.user("bob").await;
    let grace = jiff::SignedDuration::ZERO;
    let alice = crate::desk::handle("alice");
    let rotated = desk
        .app
        .rotate_user_key(&admin(), &alice, grace)
        .await
        .unwrap();
    let key = rotated.api_key.reveal().to_owned();
    let server = desk.beside(0);
    let authorization = format!("Bearer {key}");
    let caller = server
        .authenticator()
        .caller(Some(&authorization))
        .await
        .unwrap();
    let share = Share {
        user_handle: crate::desk::handle("bob"),
        role: Role::Reader,
    };
    let call = crate::desk::call(caller);
    server.share_project(&call, &notes(), &share).await.unwrap();
    let settings = ApiSettings {
        profile: Profile::Embapi,
        allow_reset: false,
        max_body_bytes: 1 << 20,
        body_timeout: Duration::from_secs(5),
        cors: CorsOrigins::Any,
    };
    let state = Arc::new(ApiState::new(server, settings, Box::new(|| true)));
    (desk, router::router(&state), authorization)
}

async fn ask(
    router: &Router,
    key: &str,
    line: &str,
    body: Value,
) -> (u16, Option<String>, Vec<u8>) {
    let (method, path) = line.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", key);
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let response = router
        .clone()
        .oneshot(request.body(body).unwrap())
        .await
        .unwrap();
    let retry = response.headers().get("retry-after");
    let retry = retry.map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, retry, body.to_vec())
}

/// Everything that the changes below would change, as a client sees it.
async fn seen(router: &Router, key: &str) -> Vec<(u16, Vec<u8>)> {
    let mut seen = Vec::new();
    for path in [
        "/v1/users/alice",
        "/v1/projects/alice",
        "/v1/projects/alice/notes",
        "/v1/projects/alice/notes/shared-with",
        "/v1/embeddings/alice/notes",
        "/v1/llm-definitions/alice",
        "/v1/llm-instances/alice",
        "/v1/llm-instances/alice/mini",
        "/v1/llm-instances/alice/mini/shared-with",
    ] {
        let (status, _, body) = ask(router, key, &format!("GET {path}"), Value::Null).await;
        seen.push((status, body));
    }
    seen
}

#[tokio::test]
async fn while_no_event_can_be_written_nothing_changes() {
    let (desk, router, key) = desk().await;
    let before = seen(&router, &key).await;
    let upload = json!({"embeddings": [{
        "text_id": "two", "user_handle": "alice", "project_handle": "notes",
        "instance_handle": "mini", "vector": [1, 0], "vector_dim": 2,
    }]});
    let changes = [
        (
            "PUT /v1/projects/alice/new",
            json!({"project_handle": "new"}),
        ),
        (
            "PATCH /v1/projects/alice/notes",
            json!({"public_read": true}),
        ),
        ("DELETE /v1/projects/alice/notes", Value::Null),
        (
            "POST /v1/projects/alice/notes/share",
            json!({"share_with_handle": "bob", "role": "editor"}),
        ),
        ("DELETE /v1/projects/alice/notes/share/bob", Value::Null),
        (
            "POST /v1/projects/alice/notes/transfer-ownership",
            json!({"new_owner_handle": "bob"}),
        ),
        ("POST /v1/embeddings/alice/notes", upload),
        ("DELETE /v1/embeddings/alice/notes", Value::Null),
        ("DELETE /v1/embeddings/alice/notes/one", Value::Null),
        (
            "PUT /v1/llm-definitions/alice/new",
            json!({"definition_handle": "new", "api_standard": "openai"}),
        ),
        (
            "PUT /v1/llm-instances/alice/mini",
            json!({"instance_handle": "mini", "api_key": "sk-1"}),
        ),
        (
            "POST /v1/llm-instances/alice/mini/share",
            json!({"share_with_handle": "bob", "role": "reader"}),
        ),
        ("DELETE /v1/users/alice", Value::Null),
    ];
    desk.log.refuse(true);
    for (line, body) in changes {
        let (status, retry, body) = ask(&router, &key, line, body).await;
        assert_eq!(status, 503, "{line}: {}", String::from_utf8_lossy(&body));
        assert_eq!(retry.as_deref(), Some("1"), "{line}");
        assert!(!String::from_utf8_lossy(&body).contains("space"), "{line}");
    }
    // A denial is not told before it is recorded either.
    let (status, ..) = ask(&router, &key, "GET /v1/users", Value::Null).await;
    assert_eq!(status, 503);
    assert_eq!(
        seen(&router, &key).await,
        before,
        "reading goes on, and nothing changed"
    );
    desk.log.refuse(false);
    let (status, ..) = ask(&router, &key, "DELETE /v1/users/alice", Value::Null).await;
    assert_eq!(status, 204);
}

#[tokio::test]
async fn readiness_names_the_log_that_takes_nothing() {
    let (desk, router, key) = desk().await;
    desk.log.refuse(true);
    let (status, _, body) = ask(&router, &key, "GET /readyz", Value::Null).await;
    assert_eq!(status, 503);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["parts"]["audit"], "failing");
    assert_eq!(body["parts"]["database"], "ok");
}
