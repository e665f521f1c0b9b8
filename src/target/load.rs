//! Writes whole databases from a backup: embsec's own and those of other programs.
//!
//! Nothing that holds data is ever written over, and what was begun is not to be taken for a
//! database before it has been compared with what the backup says of it. Where the bytes come from,
//! and whether they are genuine, is settled before they get here.

pub mod sqlite;
