//! Every route with every kind of caller, and the status that each gets.
//!
//! The routes come from the table that the router is made of, so a new route without a row here
//! fails.

mod rows;
mod stage;

use embsec::http::operation::{Operation, Who};
use embsec::http::operations;
use embsec::http::wire::Profile;
use rows::{CALLERS, ROWS};
use stage::Stage;
use std::collections::BTreeSet;

fn routes() -> Vec<Operation> {
    operations::all(Profile::Embapi)
}

#[test]
fn every_route_has_exactly_one_row() {
    let ids: BTreeSet<&str> = routes().iter().map(|operation| operation.id).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(|(id, _)| *id).collect();
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
    assert_eq!(rows, ids, "rows on the left, routes on the right");
}

#[test]
fn every_route_answers_every_caller_as_its_row_says() {
    let mut stage = Stage::new();
    let mut wrong = Vec::new();
    for operation in routes() {
        let Some((_, expected)) = ROWS.iter().find(|(id, _)| *id == operation.id) else {
            continue; // The test above tells.
        };
        for (caller, expected) in CALLERS.iter().zip(expected) {
            let reply = stage.send(&operation, caller);
            if reply.status != *expected {
                wrong.push(format!(
                    "{} {} as {caller}: {} instead of {expected}: {}",
                    operation.method,
                    operation.path,
                    reply.status,
                    reply.text().trim_end()
                ));
            }
            if reply.status == 401 {
                let detail = reply.json()["detail"].clone();
                let constant = "Authentication failed. Perhaps a missing or incorrect API key?";
                assert_eq!(detail, constant, "{} as {caller}", operation.id);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_public_project_reads_the_same_for_every_caller() {
    let mut stage = Stage::public();
    for operation in routes()
        .iter()
        .filter(|operation| operation.access.admits(Who::PublicRead))
    {
        for caller in CALLERS {
            let reply = stage.send(operation, caller);
            assert_eq!(
                reply.status,
                200,
                "{} as {caller}: {}",
                operation.id,
                reply.text()
            );
        }
    }
}

#[test]
fn a_public_project_is_still_written_by_its_people_only() {
    let mut stage = Stage::public();
    let upload = routes()
        .into_iter()
        .find(|operation| operation.id == "post-proj-embeddings");
    let upload = upload.unwrap();
    for caller in CALLERS {
        let expected = if ["editor", "owner", "admin"].contains(caller) {
            201
        } else {
            401
        };
        let reply = stage.send(&upload, caller);
        assert_eq!(reply.status, expected, "as {caller}: {}", reply.text());
    }
}
