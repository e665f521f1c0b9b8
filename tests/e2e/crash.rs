//! What was acknowledged survives `kill -9`; what was not is there as a whole or not at all.

use crate::support::{Client, Random, World, item, rounds};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const THREADS: usize = 3;
const ITEMS: usize = 10;
const BATCHES: &str = "/v1/embeddings/alice/books";

/// One upload that was tried.
struct Batch {
    name: String,
    /// The request's id, if it was acknowledged.
    acknowledged: Option<String>,
}

#[test]
fn acknowledged_uploads_survive_a_kill_and_others_are_whole_or_absent() {
    let mut random = Random::seeded();
    let mut world = World::new();
    let mut alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let mut tried: Vec<Batch> = Vec::new();
    for round in 0..rounds() {
        let pause = random.between(Duration::from_millis(20), Duration::from_millis(400));
        let batches = upload_until_killed(&mut world, &alice, round, pause);
        tried.extend(batches);
        world.restart();
        alice.address = world.server.address;
        check(&world, &alice, &tried);
    }
    let acknowledged = tried
        .iter()
        .filter(|batch| batch.acknowledged.is_some())
        .count();
    assert!(
        acknowledged > 0,
        "no batch was acknowledged: the test saw nothing"
    );
}

/// Uploads from several threads, kills the server after `pause`, and returns what was tried.
fn upload_until_killed(
    world: &mut World,
    alice: &Client,
    round: u32,
    pause: Duration,
) -> Vec<Batch> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let stop = &stop;
                scope.spawn(move || upload(alice, &format!("r{round}-t{thread}"), stop))
            })
            .collect();
        std::thread::sleep(pause);
        world.server.kill();
        stop.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn upload(alice: &Client, prefix: &str, stop: &AtomicBool) -> Vec<Batch> {
    let mut batches = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let name = format!("{prefix}-b{:04}", batches.len());
        let items: Vec<Value> = (0..ITEMS)
            .map(|n| item("alice", "books", &format!("{name}-{n}"), n))
            .collect();
        let reply = alice.try_send("POST", BATCHES, Some(&json!({ "embeddings": items })));
        let acknowledged = match reply {
            Ok(reply) => {
                let reply = reply.expect(201);
                let id = reply
                    .header("x-request-id")
                    .expect("every answer has a request id");
                Some(id.to_owned())
            }
            Err(_) => None,
        };
        let gone = acknowledged.is_none();
        batches.push(Batch { name, acknowledged });
        if gone {
            break;
        }
    }
    batches
}

fn check(world: &World, alice: &Client, tried: &[Batch]) {
    let stored = stored_items(alice);
    let audited = audited_uploads(world);
    for batch in tried {
        let count = stored.get(&batch.name).copied().unwrap_or(0);
        assert!(
            count == 0 || count == ITEMS,
            "{} is torn: {count} items",
            batch.name
        );
        if let Some(request_id) = &batch.acknowledged {
            assert_eq!(count, ITEMS, "{} was acknowledged and is lost", batch.name);
            assert!(audited.contains(request_id), "{} has no event", batch.name);
        }
    }
    let whole = stored.len();
    assert!(
        audited.len() >= whole,
        "{whole} batches and {} events",
        audited.len()
    );
    let names: BTreeSet<&str> = tried.iter().map(|batch| batch.name.as_str()).collect();
    assert!(
        stored.keys().all(|name| names.contains(name.as_str())),
        "rows out of nowhere"
    );
}

/// How many items of each batch the server has.
fn stored_items(alice: &Client) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for offset in (0..).step_by(200) {
        let reply = alice.get(&format!("{BATCHES}?limit=200&offset={offset}"));
        if reply.status == 404 {
            break;
        }
        let page = reply.expect(200).json();
        for row in page["embeddings"].as_array().unwrap() {
            let text_id = row["text_id"].as_str().unwrap();
            let (name, _) = text_id.rsplit_once('-').unwrap();
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The request ids of all uploads that the audit log tells of.
fn audited_uploads(world: &World) -> BTreeSet<String> {
    let lines = world.deployment.audit_lines();
    let events = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["action"] == "embeddings.upload" && event["result"] == "success")
        .map(|event| event["request_id"].as_str().unwrap().to_owned())
        .collect()
}
