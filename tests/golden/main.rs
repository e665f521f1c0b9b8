//! Golden answers: for every row of the table of operations the exact status, the headers that
//! matter and the exact bytes of the body, through the real router on a real deployment with a
//! frozen clock and a seeded generator.
//!
//! On the same worlds, calls by chance: what nobody may see, and that nothing is a fault.
//!
//! A row without a golden fails [`every_operation_has_a_golden`]. Who may use which row is not
//! held here, nor is malformed input in its breadth.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, outside of test functions too"
)]

#[macro_use]
mod row;
mod admin;
mod api_standards;
mod definitions;
mod dice;
mod embeddings;
#[path = "../support/engine.rs"]
mod engine;
mod errors;
mod instances;
mod patch;
#[cfg(test)]
#[path = "../support/postgres.rs"]
mod postgres;
mod profiles;
mod projects;
mod random_calls;
mod senseless_calls;
mod service;
mod sharing;
mod similars;
mod users;
mod world;

use embsec::http::operations;
use embsec::http::wire::Profile;
use std::collections::BTreeSet;

#[test]
fn every_operation_has_a_golden() {
    let known: BTreeSet<&str> = [
        users::IDS,
        projects::IDS,
        sharing::IDS,
        embeddings::IDS,
        similars::IDS,
        definitions::IDS,
        instances::IDS,
        patch::IDS,
        api_standards::IDS,
        admin::IDS,
        service::IDS,
    ]
    .concat()
    .into_iter()
    .collect();
    let table: BTreeSet<&str> = operations::all(Profile::Embapi)
        .iter()
        .map(|operation| operation.id)
        .collect();
    let without: Vec<_> = table.difference(&known).collect();
    assert!(
        without.is_empty(),
        "operations without a golden: {without:?}"
    );
    let gone: Vec<_> = known.difference(&table).collect();
    assert!(gone.is_empty(), "goldens of no operation: {gone:?}");
}
