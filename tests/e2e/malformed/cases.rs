//! The malformed requests.

mod vectors;

use crate::support::{Client, item};
use serde_json::{Value, json};

/// Stands for a secret; it must never come back, nor be logged.
pub(super) const CANARY: &str = "canary-5e0b2c71d9";

/// Default of `api.max_body_bytes`.
const BODY_LIMIT: usize = 1_048_576;

const USERS: &str = "/v1/users";
const ROWS: &str = "/v1/embeddings/alice/books";

pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) request: Vec<u8>,
    pub(super) expected: &'static [u16],
}

/// The body of an upload of one item.
pub(super) fn upload_body(text_id: &str) -> Vec<u8> {
    json!({ "embeddings": [item("alice", "books", text_id, 1)] })
        .to_string()
        .into_bytes()
}

pub(super) fn all(admin: &Client, alice: &Client) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(unreadable_bodies(admin));
    cases.extend(wrong_bodies(admin, alice));
    cases.extend(vectors::uploads(alice));
    cases.extend(vectors::searches(alice));
    cases.extend(paths_and_queries(admin, alice));
    cases.extend(patches(admin, alice));
    cases
}

fn post(client: &Client, path: &str, body: &[u8]) -> Vec<u8> {
    client.request("POST", path, &[("x-secret", CANARY)], Some(body))
}

fn unreadable_bodies(admin: &Client) -> Vec<Case> {
    let case = |name, body: &[u8], expected| Case {
        name,
        request: post(admin, USERS, body),
        expected,
    };
    let large = format!("{{\"name\":\"{CANARY}{}\"}}", "x".repeat(BODY_LIMIT));
    let deep = format!(
        "{{\"a\":{}\"{CANARY}\"{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let twice = format!(
        "{{\"user_handle\":\"mallory-a\",\"user_handle\":\"mallory-b\",\
         \"email\":\"{CANARY}@example.org\"}}"
    );
    let cut = format!("{{\"user_handle\":\"mallory\",\"email\":\"{CANARY}");
    let trailing = format!("{{\"user_handle\":\"mallory\",\"email\":\"m@e.org\"}} {CANARY}");
    let not_utf8 = [
        b"{\"user_handle\":\"mallory\",\"email\":\"",
        &[0xff, 0xfe][..],
        b"\"}",
    ]
    .concat();
    let surrogate = br#"{"user_handle":"mallory","email":"\ud800@example.org"}"#;
    let control = b"{\"user_handle\":\"mallory\",\"email\":\"a\nb@example.org\"}";
    let mut chunked = admin.request("POST", USERS, &[("Transfer-Encoding", "chunked")], None);
    for _ in 0..40 {
        chunked.extend_from_slice(b"8000\r\n");
        chunked.extend_from_slice(&vec![b' '; 0x8000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let typed = admin.request(
        "POST",
        USERS,
        &[("Content-Type", "text/plain")],
        Some(b"{}"),
    );
    vec![
        case("a body over the limit", large.as_bytes(), &[413]),
        Case {
            name: "chunks over the limit",
            request: chunked,
            expected: &[413],
        },
        Case {
            name: "a body of another type",
            request: typed,
            expected: &[415],
        },
        case("an empty body", b"", &[400]),
        case("deep arrays", deep.as_bytes(), &[400, 422]),
        case("deep objects", deep_objects.as_bytes(), &[400, 422]),
        case("a key twice", twice.as_bytes(), &[400, 422]),
        case("a body that is cut", cut.as_bytes(), &[400]),
        case("something after the body", trailing.as_bytes(), &[400]),
        case("bytes that are not UTF-8", &not_utf8, &[400, 422]),
        case("half a surrogate pair", surrogate, &[400, 422]),
        case("a control character in a string", control, &[400, 422]),
        case("null", b"null", &[400, 422]),
        case("a list", b"[]", &[400, 422]),
        case("a number", b"1", &[400, 422]),
        case("a byte order mark", b"\xef\xbb\xbf{}", &[400, 422]),
    ]
}

fn wrong_bodies(admin: &Client, alice: &Client) -> Vec<Case> {
    let user = |name, body: Value| Case {
        name,
        request: post(admin, USERS, body.to_string().as_bytes()),
        expected: &[422],
    };
    let with = |field: &str, value: Value| {
        let mut body = json!({ "user_handle": "mallory", "email": "mallory@example.org" });
        body[field] = value;
        body
    };
    let instance = json!({
        "instance_handle": "mallory",
        "api_key": CANARY,
        "dimensionss": 8,
    });
    let project = |scheme: &str| json!({ "project_handle": "mallory", "metadataScheme": scheme });
    let put = |name, path: &str, body: &Value, expected| Case {
        name,
        request: alice.request("PUT", path, &[], Some(body.to_string().as_bytes())),
        expected,
    };
    let remote = r#"{"$ref":"http://127.0.0.1:1/canary-5e0b2c71d9.json"}"#;
    let projects = "/v1/projects/alice/mallory";
    vec![
        user("nothing in it", json!({})),
        user("an unknown field", with("api_key", CANARY.into())),
        user(
            "an unknown object",
            with("secrets", json!({ "key": CANARY })),
        ),
        user(
            "a handle that is too short",
            with("user_handle", "ab".into()),
        ),
        user(
            "a handle that is too long",
            with("user_handle", "m".repeat(21).into()),
        ),
        user(
            "a handle that is an object",
            with("user_handle", json!({ "key": CANARY })),
        ),
        user(
            "the handle of the administrator",
            with("user_handle", "admin".into()),
        ),
        user(
            "the handle of the public",
            with("user_handle", "public".into()),
        ),
        user(
            "a name that is too long",
            with("name", "n".repeat(51).into()),
        ),
        user("a number for a text", with("email", 12_345.into())),
        put(
            "a secret beside a typo",
            "/v1/llm-instances/alice/mallory",
            &instance,
            &[422],
        ),
        put("a schema that is no JSON", projects, &project("{"), &[422]),
        put(
            "a schema that is no schema",
            projects,
            &project(r#"{"type":"thing"}"#),
            &[422],
        ),
        put(
            "a schema from elsewhere",
            projects,
            &project(remote),
            &[422],
        ),
        put(
            "another handle than the path's",
            projects,
            &json!({ "project_handle": "other" }),
            &[400],
        ),
        put(
            "sharing as owner",
            projects,
            &json!({
                "project_handle": "mallory",
                "shared_with": [{ "user_handle": "alice", "role": "owner" }],
            }),
            &[400],
        ),
    ]
}

fn paths_and_queries(admin: &Client, alice: &Client) -> Vec<Case> {
    let get = |name, path: &str, expected| Case {
        name,
        request: admin.request("GET", path, &[], None),
        expected,
    };
    let long_handle = format!("/v1/users/{}", "a".repeat(8_000));
    let long_id = format!("{ROWS}/{}", "i".repeat(301));
    let keyed = |name, key: &str| Case {
        name,
        request: alice
            .with_key(key)
            .request("GET", "/v1/users/alice", &[], None),
        expected: &[401],
    };
    let method = |name, method: &str| Case {
        name,
        request: admin.request(method, USERS, &[], None),
        expected: &[405],
    };
    vec![
        get("a limit of 0", "/v1/users?limit=0", &[422]),
        get("a limit above 200", "/v1/users?limit=201", &[422]),
        get(
            "a huge limit",
            "/v1/users?limit=99999999999999999999999999",
            &[422],
        ),
        get("a limit that is a text", "/v1/users?limit=ten", &[422]),
        get("a broken limit", "/v1/users?limit=1.5", &[422]),
        get("a negative offset", "/v1/users?offset=-1", &[422]),
        get(
            "a huge offset",
            "/v1/users?offset=99999999999999999999999999",
            &[422],
        ),
        get(
            "bad percent-encoding in a query",
            "/v1/users?limit=%zz",
            &[400, 422],
        ),
        get("bad UTF-8 in a query", "/v1/users?limit=%ff", &[400, 422]),
        get(
            "bad percent-encoding in a path",
            "/v1/users/%zz%",
            &[400, 404, 422],
        ),
        get(
            "bad UTF-8 in a path",
            "/v1/users/%ff%fe%fd",
            &[400, 404, 422],
        ),
        get("a null in a path", "/v1/users/ali%00ce", &[400, 404, 422]),
        get(
            "a line break in a path",
            "/v1/users/ali%0d%0ace",
            &[400, 404, 422],
        ),
        get(
            "a way out of the path",
            "/v1/users/..%2f..%2fetc%2fpasswd",
            &[400, 404, 422],
        ),
        get("a long handle", &long_handle, &[404, 414, 422]),
        get("a short handle", "/v1/users/ab", &[404, 422]),
        get("a long text id", &long_id, &[404, 422]),
        get("an unknown path", "/v2/users", &[404]),
        get("an unknown schema", "/schemas/Nothing.json", &[404]),
        get(
            "a schema from elsewhere",
            "/schemas/..%2f..%2fadmin.key",
            &[404],
        ),
        method("a method that the path has not", "DELETE"),
        method("a method that nobody has", "BREW"),
        method("TRACE", "TRACE"),
        keyed("a key that is none", CANARY),
        keyed("a key that is long", &CANARY.repeat(2_000)),
        keyed(
            "a key with a mistyped end",
            "emb_0000000000000000000000000000000000000000000000001",
        ),
    ]
}

fn patches(admin: &Client, alice: &Client) -> Vec<Case> {
    let patch = |name, path: &str, media: &str, body: &str, expected| Case {
        name,
        request: alice.request(
            "PATCH",
            path,
            &[("Content-Type", media)],
            Some(body.as_bytes()),
        ),
        expected,
    };
    let book = "/v1/projects/alice/books";
    let instance = "/v1/llm-instances/alice/inst";
    let (merge, list) = (
        "application/merge-patch+json",
        "application/json-patch+json",
    );
    let unknown = format!("{{\"secret\":\"{CANARY}\"}}");
    let large = format!("{{\"description\":\"{}\"}}", "x".repeat(BODY_LIMIT));
    let test = format!(r#"[{{"op":"test","path":"/description","value":"{CANARY}"}}]"#);
    vec![
        patch(
            "a patch in shorthand",
            book,
            "application/merge-patch+shorthand",
            "a:b",
            &[415],
        ),
        patch("a patch that is no object", book, merge, "[]", &[400, 422]),
        patch("a patch of an unknown field", book, merge, &unknown, &[422]),
        patch(
            "a patch that removes the handle",
            book,
            merge,
            r#"{"project_handle":null}"#,
            &[422],
        ),
        patch(
            "a patch of another handle",
            book,
            merge,
            r#"{"project_handle":"mallory"}"#,
            &[400],
        ),
        patch("a patch over the limit", book, merge, &large, &[413]),
        patch("operations that are none", book, list, "{}", &[400, 422]),
        patch(
            "an operation that is none",
            book,
            list,
            r#"[{"op":"steal","path":"/"}]"#,
            &[400, 422],
        ),
        patch("a test that fails", book, list, &test, &[422]),
        patch(
            "a path that leads nowhere",
            book,
            list,
            r#"[{"op":"remove","path":"/no"}]"#,
            &[422],
        ),
        patch(
            "a wrong type",
            instance,
            merge,
            r#"{"dimensions":"eight"}"#,
            &[422],
        ),
        Case {
            name: "a patch of nobody",
            request: admin.request("PATCH", "/v1/users/mallory", &[], Some(b"{\"name\":\"M\"}")),
            expected: &[404],
        },
    ]
}
