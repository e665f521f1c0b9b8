//! Uploads under way while something happens to the server or to its database, and what must be
//! true of all of them afterwards.

use super::http::{Client, Reply};
use super::process::Deployment;
use super::world::item;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many items a batch has.
const ITEMS: usize = 10;
/// Where the batches go: project `books` of `alice`, whose instance is `inst`.
const BATCHES: &str = "/v1/embeddings/alice/books";

/// What became of an upload, as far as its sender was told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It is stored; the request's id.
    Acknowledged(String),
    /// It is not stored: 503.
    Refused,
    /// No answer came.
    Unknown,
}

/// One upload that was tried.
pub(crate) struct Batch {
    name: String,
    pub(crate) outcome: Outcome,
}

/// Uploads batch after batch until it is told to stop
/// or gets no answer. A refused batch is not tried again.
pub(crate) fn upload(alice: &Client, prefix: &str, stop: &AtomicBool) -> Vec<Batch> {
    let mut batches = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let batch = upload_one(alice, &format!("{prefix}-b{:04}", batches.len()));
        let gone = batch.outcome == Outcome::Unknown;
        batches.push(batch);
        if gone {
            break;
        }
    }
    batches
}

/// Uploads one batch, of text ids `name-0` and so on.
pub(crate) fn upload_one(alice: &Client, name: &str) -> Batch {
    let items: Vec<Value> = (0..ITEMS)
        .map(|n| item("alice", "books", &format!("{name}-{n}"), n))
        .collect();
    let reply = alice.try_send("POST", BATCHES, Some(&json!({ "embeddings": items })));
    let outcome = match reply {
        Ok(reply) if is_away(&reply) => Outcome::Refused,
        Ok(reply) => {
            let reply = reply.expect(201);
            let id = reply.header("x-request-id");
            Outcome::Acknowledged(id.expect("every answer has a request id").to_owned())
        }
        Err(_) => Outcome::Unknown,
    };
    Batch {
        name: name.to_owned(),
        outcome,
    }
}

/// Reads what was stored before, as long as it is not told to stop; says how often it was told to
/// come again. `text_id` must be there.
pub(crate) fn read(alice: &Client, text_id: &str, stop: &AtomicBool) -> u32 {
    let paths = [
        format!("{BATCHES}/{text_id}"),
        format!("/v1/similars/alice/books/{text_id}?limit=3"),
        format!("{BATCHES}?limit=5"),
    ];
    let mut refused = 0;
    for path in paths.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let reply = alice.get(path);
        if is_away(&reply) {
            refused += 1;
        } else {
            reply.expect(200);
        }
    }
    refused
}

/// Whether the database is away, and the answer says when to come again.
#[track_caller]
pub(crate) fn is_away(reply: &Reply) -> bool {
    if reply.status != 503 {
        return false;
    }
    let seconds = reply
        .header("retry-after")
        .expect("a 503 says when to come again");
    assert!(
        seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0),
        "{seconds}"
    );
    true
}

/// Asserts that every acknowledged batch is there with its event, every refused one is not, and
/// no batch in parts.
#[track_caller]
pub(crate) fn check(deployment: &Deployment, alice: &Client, tried: &[Batch]) {
    let stored = stored_items(alice);
    let audited = audited_uploads(deployment);
    for Batch { name, outcome } in tried {
        let count = stored.get(name).copied().unwrap_or(0);
        assert!(
            count == 0 || count == ITEMS,
            "{name} is torn: {count} items"
        );
        match outcome {
            Outcome::Acknowledged(request_id) => {
                assert_eq!(count, ITEMS, "{name} was acknowledged and is lost");
                assert!(audited.contains(request_id), "{name} has no event");
            }
            Outcome::Refused => assert_eq!(count, 0, "{name} was refused and is there"),
            Outcome::Unknown => {}
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

/// Removes everything that was uploaded, so that a long test stays quick.
#[track_caller]
pub(crate) fn clear(alice: &Client) {
    alice.delete(BATCHES).expect(204);
}

/// How many of these were acknowledged, and how many refused.
pub(crate) fn count(tried: &[Batch]) -> (usize, usize) {
    let refused = tried
        .iter()
        .filter(|batch| batch.outcome == Outcome::Refused);
    let acknowledged = tried
        .iter()
        .filter(|batch| matches!(batch.outcome, Outcome::Acknowledged(_)));
    (acknowledged.count(), refused.count())
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
fn audited_uploads(deployment: &Deployment) -> BTreeSet<String> {
    let lines = deployment.audit_lines();
    let events = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["action"] == "embeddings.upload" && event["result"] == "success")
        .map(|event| event["request_id"].as_str().unwrap().to_owned())
        .collect()
}
