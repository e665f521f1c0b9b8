//! The store on one SQLite file: the embedded default.
//!
//! One connection writes, several read (WAL). A file per group of verbs, in this folder or, where
//! both engines have the same SQL, in `verbs`; each with its SQL as constants beside the verb that
//! runs it. Rules about rights, key material and wire shapes do not belong here.

mod bulk;
mod connect;
mod embeddings;
mod engine;
mod error;
mod marks;
mod point;
mod remains;
pub mod schema;
mod transfer;
mod upload;
mod write;

// What is the same in both engines.
#[path = "verbs/api_standards.rs"]
mod api_standards;
#[path = "verbs/definitions.rs"]
mod definitions;
#[path = "verbs/deletion.rs"]
mod deletion;
#[path = "verbs/deployment.rs"]
mod deployment;
#[path = "verbs/destruction.rs"]
mod destruction;
#[path = "verbs/drills.rs"]
mod drills;
#[path = "verbs/instances.rs"]
mod instances;
#[path = "verbs/keys.rs"]
mod keys;
#[path = "verbs/messages.rs"]
mod messages;
#[path = "verbs/overview.rs"]
mod overview;
#[path = "verbs/people.rs"]
mod people;
#[path = "verbs/policy.rs"]
mod policy;
#[path = "verbs/processes.rs"]
mod processes;
#[path = "verbs/project_shares.rs"]
mod project_shares;
#[path = "verbs/projects.rs"]
mod projects;
#[path = "verbs/rotation.rs"]
mod rotation;
#[path = "verbs/rows.rs"]
mod rows;
#[path = "verbs/scope.rs"]
mod scope;
#[path = "verbs/users.rs"]
mod users;

#[cfg(test)]
mod tests;

pub use connect::{Sharing, SqliteOptions, SqliteStore, Synchronous};
pub use error::OpenError;
pub(in crate::store) use error::{is_damage, is_direct_damage, is_passing};
pub use transfer::{SourceRules, SqliteReader, SqliteWriter};
