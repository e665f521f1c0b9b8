//! The store on one SQLite file: the embedded default.
//!
//! One connection writes, several read (WAL). A file of this folder per group of verbs, each with
//! its SQL as constants beside the verb that runs it. Rules about rights, key material and wire
//! shapes do not belong here.

mod api_standards;
mod connect;
mod definitions;
mod deletion;
mod deployment;
mod destruction;
mod drills;
mod embeddings;
mod error;
mod instances;
mod keys;
mod messages;
mod overview;
mod people;
mod point;
mod policy;
mod processes;
mod project_shares;
mod projects;
mod rotation;
mod rows;
pub mod schema;
mod scope;
mod transfer;
mod upload;
mod users;
mod write;

#[cfg(test)]
mod tests;

pub use connect::{SqliteOptions, SqliteStore, Synchronous};
pub use error::OpenError;
pub(in crate::store) use error::is_passing;
pub use transfer::{SourceRules, SqliteReader, SqliteWriter};
