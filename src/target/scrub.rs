//! Removing what values looked like before they were protected from the files of a database.
//!
//! Rewriting a value leaves the old one behind: in pages that are free now, in the write-ahead log,
//! in samples for the query planner. The engine below rewrites the files. What may hold old values
//! elsewhere no program can remove, so it is named.

pub mod sqlite;

use crate::store::StoreError;
use crate::sys::fs::FsError;
use std::path::PathBuf;
use std::time::Duration;

/// What scrubbing takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrubNeeds {
    /// The size of the database and its log now.
    pub database_bytes: u64,
    /// Room that it takes for as long as it runs.
    pub room: Vec<Room>,
    /// About how long it takes, judged by how fast this disk was written to just now. The database
    /// cannot be used meanwhile.
    pub about: Duration,
}

/// Room in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Where.
    pub folder: PathBuf,
    /// What is needed.
    pub needed_bytes: u64,
    /// What is there.
    pub free_bytes: u64,
}

impl ScrubNeeds {
    /// The first place that lacks room.
    #[must_use]
    pub fn lacking(&self) -> Option<&Room> {
        self.room
            .iter()
            .find(|room| room.free_bytes < room.needed_bytes)
    }
}

/// How scrubbing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrubbed {
    /// Old values are in none of the database's own files.
    Done {
        /// The size of the file before.
        before_bytes: u64,
        /// And after.
        after_bytes: u64,
    },
    /// Another process has the database open. Nothing was changed.
    InUse,
}

/// Why a database was not scrubbed. Its content is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ScrubError {
    /// There is not enough room.
    #[error(
        "scrubbing needs {needed} bytes of room in \"{folder}\", and {free} are free",
        needed = .0.needed_bytes,
        folder = .0.folder.display(),
        free = .0.free_bytes
    )]
    NoRoom(Room),
    /// A file beside the database still has content, which may be old.
    #[error("\"{}\" is left beside the database and may hold old values", .0.display())]
    LeftBehind(PathBuf),
    /// The files cannot be looked at.
    #[error(transparent)]
    File(#[from] FsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What may hold old values outside of the files of a SQLite database, for people.
pub const ELSEWHERE_SQLITE: [&str; 3] = [
    "Backups, copies and exports that were made before hold the old values: remove them, or keep \
     them as safe as the values.",
    "Snapshots of the file system or of the virtual disk hold the old files until they are deleted.",
    "An SSD, and a file system that copies on write, keep overwritten blocks for a while: only \
     encryption of the whole disk covers those.",
];

/// What still holds old values in a PostgreSQL database and around it, for people. The first is
/// followed by the commands of [`postgres_commands`].
pub const ELSEWHERE_POSTGRES: [&str; 4] = [
    "Dead rows hold the old values until the tables are rewritten, and the write-ahead log until \
     its segments are recycled. `VACUUM FULL` locks a table while it rewrites it.",
    "Archived write-ahead log, replication slots and standbys hold the old values until they have \
     passed them: remove archives that are older than the next base backup.",
    "Backups and dumps that were made before hold the old values: remove them, or keep them as \
     safe as the values.",
    "Snapshots of the disk, and blocks that an SSD has set aside, hold the old files: only \
     encryption of the whole disk covers those.",
];

/// The commands that rewrite these tables (each as [`super::table::Table::quoted`] gives it) and
/// move on to a new segment of the log.
#[must_use]
pub fn postgres_commands(quoted_tables: &[String]) -> Vec<String> {
    let tables = quoted_tables.iter();
    tables
        .map(|table| format!("VACUUM (FULL, ANALYZE) {table};"))
        .chain(["CHECKPOINT;", "SELECT pg_switch_wal();"].map(str::to_owned))
        .collect()
}
