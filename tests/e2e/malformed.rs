//! Whatever is sent: a 4xx with a problem body, never a 5xx, never a panic, and nothing secret
//! comes back.

mod cases;

use crate::support::{Client, Reply, World};
use cases::{CANARY, Case};
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

/// What every refusal must be.
#[track_caller]
fn assert_problem(what: &str, reply: &Reply) {
    let content_type = reply.header("content-type");
    assert_eq!(
        content_type,
        Some("application/problem+json"),
        "{what}: {}",
        reply.text()
    );
    let problem = reply.json();
    assert_eq!(problem["status"], reply.status, "{what}: {problem}");
    assert!(
        problem["title"].is_string() && problem["detail"].is_string(),
        "{what}: {problem}"
    );
}

fn world() -> (World, Client) {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    (world, alice)
}

#[track_caller]
fn assert_unharmed(world: &World) {
    world.server.client().get("/healthz").expect(200);
    world.server.client().get("/readyz").expect(200);
    let log = world.server.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(
        !log.contains(CANARY),
        "the log repeats what was sent:\n{log}"
    );
    let audit = world.deployment.audit_lines().join("\n");
    assert!(
        !audit.contains(CANARY),
        "the audit log repeats what was sent:\n{audit}"
    );
}

#[test]
fn every_malformed_request_is_refused_as_the_clients_mistake() {
    let (world, alice) = world();
    let mut wrong = Vec::new();
    for Case {
        name,
        request,
        expected,
    } in cases::all(&world.admin, &alice)
    {
        let reply = match alice.exchange(&request) {
            Ok(reply) => reply,
            Err(error) => {
                wrong.push(format!("{name}: no answer: {error}"));
                continue;
            }
        };
        if !expected.contains(&reply.status) {
            wrong.push(format!(
                "{name}: {} instead of {expected:?}: {}",
                reply.status,
                reply.text()
            ));
            continue;
        }
        assert_problem(name, &reply);
        if reply.text().contains(CANARY) {
            wrong.push(format!(
                "{name}: the answer repeats what was sent: {}",
                reply.text()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_unharmed(&world);
}

#[test]
fn nothing_of_a_refused_request_was_done() {
    let (world, alice) = world();
    let before = alice.get("/v1/embeddings/alice/books").expect(200).text();
    for case in cases::all(&world.admin, &alice) {
        // Some of them have no answer beyond a closed connection; the test above looks at that.
        let _reply = alice.exchange(&case.request);
    }
    assert_eq!(
        alice.get("/v1/embeddings/alice/books").expect(200).text(),
        before
    );
    let users = world.admin.get("/v1/users").expect(200).json();
    let handles: Vec<&str> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["user_handle"].as_str().unwrap())
        .collect();
    assert!(
        !handles.iter().any(|handle| handle.contains("mallory")),
        "{handles:?}"
    );
}

#[test]
fn a_body_that_does_not_arrive_in_time_is_408() {
    let world = World::with(&[("EMBSEC_API__BODY_TIMEOUT_SECS", "1")]);
    for method in ["POST", "PATCH"] {
        let path = if method == "POST" {
            "/v1/users"
        } else {
            "/v1/users/nobody"
        };
        let request = world.admin.request(method, path, &[], Some(&[b' '; 100]));
        let mut stream = world.admin.connect().unwrap();
        let begin = Instant::now();
        stream.write_all(&request[..request.len() - 50]).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{method}: {answer}");
        assert!(
            answer.contains("application/problem+json"),
            "{method}: {answer}"
        );
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "{method}: {:?}",
            begin.elapsed()
        );
    }
    assert_unharmed(&world);
}

#[test]
fn broken_http_is_refused_or_dropped_and_harms_nobody() {
    let (world, alice) = world();
    let mut many = alice.request("GET", "/v1/users/alice", &[], None);
    many.truncate(many.len() - 2);
    for number in 0..5_000 {
        many.extend_from_slice(format!("x-bomb-{number}: {CANARY}\r\n").as_bytes());
    }
    many.extend_from_slice(b"\r\n");
    let long = "y".repeat(512 * 1024);
    let long = alice.request("GET", "/v1/users/alice", &[("x-long", &long)], None);
    let line = alice.request("GET", &format!("/{}", "z".repeat(512 * 1024)), &[], None);
    let twice =
        b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}";
    let smuggled = b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\
                     Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let bombs: [(&str, &[u8]); 8] = [
        ("many headers", &many),
        ("a long header", &long),
        ("a long request line", &line),
        ("two lengths", twice),
        ("a length and chunks", smuggled),
        (
            "no HTTP at all",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ),
        ("a bad version", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        (
            "a null in a header",
            b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        ),
    ];
    for (name, bytes) in bombs {
        if let Ok(reply) = alice.exchange(bytes) {
            assert!(
                (400..500).contains(&reply.status),
                "{name}: {}",
                reply.status
            );
            assert!(!reply.text().contains(CANARY), "{name}: {}", reply.text());
        }
        world.server.client().get("/healthz").expect(200);
    }
    assert_unharmed(&world);
}

#[test]
fn a_client_that_goes_away_in_the_middle_harms_nobody() {
    let (world, alice) = world();
    let body = cases::upload_body("text-gone");
    let request = alice.request("POST", "/v1/embeddings/alice/books", &[], Some(&body));
    for cut in [1, 20, request.len() / 2, request.len() - 1] {
        let mut stream = alice.connect().unwrap();
        stream.write_all(&request[..cut]).unwrap();
        drop(stream);
    }
    alice
        .get("/v1/embeddings/alice/books/text-gone")
        .expect(404);
    assert_unharmed(&world);
}
