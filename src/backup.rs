//! Backups as bytes: the container, its segments, its signatures, what is kept and for how long.
//!
//! Nothing here asks a database or a terminal. The formats are published in `docs/formats.md`, for
//! readers without embsec.

pub mod retention;
pub mod segment;
