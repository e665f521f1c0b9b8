//! Reads whole databases for a backup: embsec's own and those of other programs.
//!
//! What is read is one state of the database, while others write. What becomes of it (sealed,
//! signed, stored) is no concern here, and nothing here writes to what it reads.

pub mod sqlite;
