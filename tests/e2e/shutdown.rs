//! Stopping in order.

use crate::support::{Client, World, within};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

#[test]
fn a_stopped_server_finishes_the_request_in_flight() {
    let mut world = World::new();
    let body = json!({ "user_handle": "alice", "email": "alice@example.org" }).to_string();
    let request = world
        .admin
        .request("POST", "/v1/users", &[], Some(body.as_bytes()));
    let (first, rest) = request.split_at(request.len() - 10);
    let mut stream = world.admin.connect().unwrap();
    stream.write_all(first).unwrap();
    // Its head has certainly been read once another request got through.
    world.server.client().get("/healthz").expect(200);
    world.server.terminate();
    assert!(
        refuses_connections(&world.server.client()),
        "a stopping server still accepts"
    );
    stream.write_all(rest).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let status = world.server.wait();
    assert_eq!(status.code(), Some(0), "{}", world.server.log());
    world.restart();
    world.admin.get("/v1/users/alice").expect(200);
}

#[test]
fn an_idle_server_stops_at_once_even_with_an_open_connection() {
    let mut world = World::new();
    let _open = world.admin.connect().unwrap();
    let begin = Instant::now();
    world.server.terminate();
    let status = world.server.wait();
    assert_eq!(status.code(), Some(0), "{}", world.server.log());
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        begin.elapsed()
    );
}

#[test]
fn a_request_that_never_ends_holds_a_stop_up_for_shutdown_secs_only() {
    let mut world = World::with(&[
        ("EMBSEC_SERVE__SHUTDOWN_SECS", "1"),
        ("EMBSEC_API__BODY_TIMEOUT_SECS", "60"),
    ]);
    let request = world
        .admin
        .request("POST", "/v1/users", &[], Some(&[b'x'; 100]));
    let mut stream = world.admin.connect().unwrap();
    stream.write_all(&request[..request.len() - 50]).unwrap();
    world.server.client().get("/healthz").expect(200);
    let begin = Instant::now();
    world.server.terminate();
    let status = world.server.wait();
    let took = begin.elapsed();
    assert_eq!(status.code(), Some(0), "{}", world.server.log());
    assert!(
        took >= Duration::from_millis(900),
        "it did not wait: {took:?}"
    );
    assert!(
        took < Duration::from_secs(10),
        "it waited too long: {took:?}"
    );
}

#[test]
fn start_and_stop_are_in_the_audit_log() {
    let mut world = World::new();
    world.server.terminate();
    world.server.wait();
    let lines = world.deployment.audit_lines();
    let count = |action: &str| {
        let word = format!("\"action\":\"{action}\"");
        lines.iter().filter(|line| line.contains(&word)).count()
    };
    assert_eq!(count("server.start"), 1, "{lines:#?}");
    assert_eq!(count("server.stop"), 1, "{lines:#?}");
}

fn refuses_connections(client: &Client) -> bool {
    within(Duration::from_secs(5), || {
        client.try_send("GET", "/healthz", None).is_err()
    })
}
