//! The store on PostgreSQL with pgvector: for data that outgrew a file, and many processes.
//!
//! Everything is in the schema `embsec`. A file of this folder per group of verbs, with the same
//! names as those of the engine on SQLite, each with its SQL as constants beside the verb that
//! runs it. Rules about rights, key material and wire shapes do not belong here.

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
mod marks;
mod messages;
mod nearest;
mod overview;
mod people;
mod policy;
mod presence;
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
pub mod vector_index;
mod write;

#[cfg(test)]
mod tests;

pub use connect::{PostgresOptions, PostgresStore};
pub use error::OpenError;
pub(in crate::store) use error::is_passing;
pub use transfer::{PostgresReader, PostgresWriter};
