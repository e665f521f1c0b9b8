//! Every change, every authentication failure and every denial leaves exactly one event, and no
//! event holds a secret.

use crate::support::{Client, World, item};
use serde_json::{Value, json};

const PROVIDER_KEY: &str = "sk-canary-provider-key-1234567890";
const TEXT: &str = "a text that nobody else must read";

/// The fields of a line, in the order in which they stand; `?` may be left out.
const FIELDS: &[&str] = &[
    "timestamp",
    "action",
    "actor",
    "project_id?",
    "request_id",
    "client_ip",
    "result",
    "details",
    "seq",
    "stream",
];

/// Runs one request and returns the events that it left, by its request id.
fn events_of(world: &World, client: &Client, step: &Step) -> (u16, Vec<Value>) {
    let reply = client.send(step.method, step.path, step.body.as_ref());
    let request_id = reply.header("x-request-id").unwrap().to_owned();
    let lines = world.deployment.audit_lines();
    let events = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events = events.filter(|event| event["request_id"] == request_id.as_str());
    (reply.status, events.collect())
}

struct Step {
    action: &'static str,
    method: &'static str,
    path: &'static str,
    body: Option<Value>,
}

fn step(action: &'static str, method: &'static str, path: &'static str, body: Value) -> Step {
    Step {
        action,
        method,
        path,
        body: (!body.is_null()).then_some(body),
    }
}

/// A story that makes every change that the API can make; the caller is alice where it is hers.
fn story() -> Vec<(&'static str, Step)> {
    let standard = json!({
        "api_standard_handle": "mine",
        "description": "d",
        "key_method": "auth_bearer",
        "key_field": "Authorization",
    });
    let changed = json!({ "description": "changed" });
    let reader = json!({ "share_with_handle": "bob", "role": "reader" });
    let definition = json!({ "definition_handle": "defi", "api_standard": "openai" });
    let instance = json!({ "instance_handle": "inst", "dimensions": 8, "api_key": PROVIDER_KEY });
    let project = json!({
        "project_handle": "books",
        "instance_owner": "alice",
        "instance_handle": "inst",
    });
    let mut row = item("alice", "books", "text-one", 1);
    row["text"] = TEXT.into();
    let rows = json!({ "embeddings": [row, item("alice", "books", "text-two", 2)] });
    vec![
        (
            "admin",
            step(
                "user.update",
                "PATCH",
                "/v1/users/alice",
                json!({ "name": "Alice" }),
            ),
        ),
        (
            "admin",
            step("api_standard.create", "POST", "/v1/api-standards", standard),
        ),
        (
            "admin",
            step(
                "api_standard.update",
                "PATCH",
                "/v1/api-standards/mine",
                changed.clone(),
            ),
        ),
        (
            "admin",
            step(
                "api_standard.delete",
                "DELETE",
                "/v1/api-standards/mine",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "definition.create",
                "PUT",
                "/v1/llm-definitions/alice/defi",
                definition,
            ),
        ),
        (
            "alice",
            step(
                "definition.update",
                "PATCH",
                "/v1/llm-definitions/alice/defi",
                changed.clone(),
            ),
        ),
        (
            "alice",
            step(
                "definition.share",
                "POST",
                "/v1/llm-definitions/alice/defi/share",
                json!({ "share_with_handle": "bob" }),
            ),
        ),
        (
            "alice",
            step(
                "definition.unshare",
                "DELETE",
                "/v1/llm-definitions/alice/defi/share/bob",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "definition.delete",
                "DELETE",
                "/v1/llm-definitions/alice/defi",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "instance.create",
                "PUT",
                "/v1/llm-instances/alice/inst",
                instance,
            ),
        ),
        (
            "alice",
            step(
                "instance.update",
                "PATCH",
                "/v1/llm-instances/alice/inst",
                changed.clone(),
            ),
        ),
        (
            "alice",
            step(
                "instance.share",
                "POST",
                "/v1/llm-instances/alice/inst/share",
                reader.clone(),
            ),
        ),
        (
            "alice",
            step(
                "instance.unshare",
                "DELETE",
                "/v1/llm-instances/alice/inst/share/bob",
                Value::Null,
            ),
        ),
        (
            "alice",
            step("project.create", "PUT", "/v1/projects/alice/books", project),
        ),
        (
            "alice",
            step(
                "project.update",
                "PATCH",
                "/v1/projects/alice/books",
                changed,
            ),
        ),
        (
            "alice",
            step(
                "project.share",
                "POST",
                "/v1/projects/alice/books/share",
                reader,
            ),
        ),
        (
            "alice",
            step(
                "project.unshare",
                "DELETE",
                "/v1/projects/alice/books/share/bob",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "embeddings.upload",
                "POST",
                "/v1/embeddings/alice/books",
                rows,
            ),
        ),
        (
            "alice",
            step(
                "embeddings.delete",
                "DELETE",
                "/v1/embeddings/alice/books/text-one",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "embeddings.delete",
                "DELETE",
                "/v1/embeddings/alice/books",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "project.transfer",
                "POST",
                "/v1/projects/alice/books/transfer-ownership",
                json!({ "new_owner_handle": "bob" }),
            ),
        ),
        (
            "admin",
            step(
                "project.delete",
                "DELETE",
                "/v1/projects/bob/books",
                Value::Null,
            ),
        ),
        (
            "alice",
            step(
                "instance.delete",
                "DELETE",
                "/v1/llm-instances/alice/inst",
                Value::Null,
            ),
        ),
        (
            "admin",
            step("user.delete", "DELETE", "/v1/users/alice", Value::Null),
        ),
    ]
}

#[test]
fn every_change_leaves_exactly_one_event_and_no_secret() {
    let world = World::new();
    let alice = world.user("alice");
    let bob = world.user("bob");
    for (actor, step) in story() {
        let client = if actor == "admin" {
            &world.admin
        } else {
            &alice
        };
        let (status, events) = events_of(&world, client, &step);
        let what = format!("{} {}", step.method, step.path);
        assert!((200..300).contains(&status), "{what}: {status}");
        assert_eq!(events.len(), 1, "{what}: {events:#?}");
        let event = &events[0];
        assert_eq!(event["action"], step.action, "{what}");
        assert_eq!(event["actor"], actor, "{what}");
        assert_eq!(event["result"], "success", "{what}");
        assert_eq!(event["client_ip"], "127.0.0.1", "{what}");
        assert_eq!(event["details"]["http_method"], step.method, "{what}");
        let of_project =
            step.action.starts_with("project.") || step.action.starts_with("embeddings.");
        assert_eq!(
            event.get("project_id").is_some(),
            of_project,
            "{what}: {event}"
        );
    }
    let log = world.deployment.audit_lines().join("\n");
    for client in [&world.admin, &alice, &bob] {
        assert!(
            !log.contains(client.key.as_deref().unwrap()),
            "an API key is in the audit log"
        );
    }
    assert!(
        !log.contains(PROVIDER_KEY),
        "a provider key is in the audit log"
    );
    assert!(!log.contains(TEXT), "a text is in the audit log");
    // Two components together: one alone could be the fraction of a second.
    assert!(!log.contains("0.5,0.75"), "a vector is in the audit log");
}

#[test]
fn reading_and_a_refused_change_leave_no_event_of_a_change() {
    let world = World::new();
    let alice = world.user("alice");
    let before = world.deployment.audit_lines().len();
    alice.get("/v1/users/alice").expect(200);
    alice.get("/v1/llm-definitions/alice").expect(200);
    alice
        .put(
            "/v1/projects/alice/books",
            &json!({ "project_handle": "other" }),
        )
        .expect(400);
    alice
        .put("/v1/projects/alice/books", &json!({}))
        .expect(422);
    assert_eq!(world.deployment.audit_lines().len(), before);
}

#[test]
fn every_refusal_leaves_exactly_one_event() {
    let world = World::new();
    let alice = world.user("alice");
    let bob = world.user("bob");
    world.project(&alice, "alice", "books");
    let anonymous = world.server.client();
    let unknown = anonymous.with_key("emb_nobody-has-this-key");
    let read = || step("", "GET", "/v1/projects/alice/books", Value::Null);
    let share = || {
        let body = json!({ "share_with_handle": "bob", "role": "reader" });
        step("", "POST", "/v1/projects/alice/books/share", body)
    };
    let cases = [
        (
            &anonymous,
            read(),
            401,
            "auth.failure",
            "failure",
            "anonymous",
        ),
        (
            &unknown,
            read(),
            401,
            "auth.failure",
            "failure",
            "anonymous",
        ),
        (&bob, read(), 401, "access.denied", "denied", "bob"),
        (&bob, share(), 401, "access.denied", "denied", "bob"),
        (
            &world.admin,
            share(),
            403,
            "access.denied",
            "denied",
            "admin",
        ),
    ];
    for (client, step, expected, action, result, actor) in cases {
        let (status, events) = events_of(&world, client, &step);
        assert_eq!(status, expected, "{} as {actor}", step.path);
        assert_eq!(events.len(), 1, "{} as {actor}: {events:#?}", step.path);
        assert_eq!(events[0]["action"], action);
        assert_eq!(events[0]["result"], result);
        assert_eq!(events[0]["actor"], actor);
        assert!(events[0]["details"]["reason"].is_string(), "{}", events[0]);
    }
    let log = world.deployment.audit_lines().join("\n");
    assert!(
        !log.contains("emb_nobody-has-this-key"),
        "a presented key is in the audit log"
    );
}

#[test]
fn a_line_has_the_published_fields_in_the_published_order() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let lines = world.deployment.audit_lines();
    let of_request = lines.iter().filter(|line| line.contains("\"client_ip\""));
    let mut count = 0;
    for line in of_request {
        let mut rest = line.as_str();
        for field in FIELDS {
            let name = field.trim_end_matches('?');
            let at = rest.find(&format!("\"{name}\":"));
            assert!(
                at.is_some() || field.ends_with('?'),
                "no {name} in its place: {line}"
            );
            rest = &rest[at.unwrap_or(0)..];
        }
        count += 1;
    }
    assert!(count >= 3, "a user, an instance and a project: {lines:#?}");
    for (index, line) in lines.iter().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            event["seq"],
            index + 1,
            "the numbers of a stream have no gap"
        );
    }
}

#[test]
fn more_than_ten_failures_a_minute_of_one_address_become_one_event() {
    let mut world = World::new();
    for _ in 0..25 {
        world.server.client().get("/v1/users").expect(401);
    }
    let failures = |world: &World| -> Vec<Value> {
        let lines = world.deployment.audit_lines();
        let events = lines
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        events
            .filter(|event| event["action"] == "auth.failure")
            .collect()
    };
    assert_eq!(
        failures(&world).len(),
        10,
        "the first ten stand by themselves"
    );
    // A stopping server tells what it has counted; a running one does at the end of the minute.
    world.server.terminate();
    world.server.wait();
    let failures = failures(&world);
    assert_eq!(failures.len(), 11);
    assert_eq!(failures[10]["details"]["count"], 15, "{}", failures[10]);
    assert_eq!(failures[10]["client_ip"], "127.0.0.1");
}
