//! The store on PostgreSQL with pgvector: for data that outgrew a file, and many processes.
//!
//! Everything is in the schema `embsec`. A file of this folder per group of verbs, with the same
//! names as those of the engine on SQLite, each with its SQL as constants beside the verb that
//! runs it. Rules about rights, key material and wire shapes do not belong here.

mod connect;
mod error;
mod marks;
pub mod schema;
mod write;

pub use connect::{PostgresOptions, PostgresStore};
pub use error::OpenError;
pub(in crate::store) use error::is_passing;
