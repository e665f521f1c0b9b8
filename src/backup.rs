//! Backups as bytes: the container, its segments, its signatures, what is kept and for how long.
//!
//! Nothing here asks a database or a terminal. The formats are published in `docs/formats.md`, for
//! readers without embsec.

pub mod catalogue;
pub mod container;
pub mod data_keys;
mod fault;
mod hashed;
pub mod known;
pub mod manifest;
pub mod names;
pub mod opened;
pub mod record;
pub mod retention;
pub mod segment;
pub mod signature;
pub mod spool;
mod stream;
pub mod verify;
pub mod writer;

#[cfg(test)]
mod tests;
