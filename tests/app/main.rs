//! The use-cases on a real database, with time, the audit log and the moment in between in the
//! hands of the test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, outside of test functions too"
)]

mod audit;
mod content;
mod deletion;
mod desk;
mod ending;
#[path = "../support/engine.rs"]
mod engine;
mod keys;
#[cfg(test)]
#[path = "../support/postgres.rs"]
mod postgres;
mod rotation;
mod sealing;
mod search;
mod uploads;
