//! Reading a file that nobody has open, without leaving a trace.
//!
//! Whoever opens a database in WAL mode makes the files `-wal` and `-shm` beside it, and one that
//! only reads cannot take them away again. A file without them is nobody's at the moment. It can
//! be read as one that does not change, as long as it is looked at afterwards whether that was so.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What a file looked like when nobody had it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    inode: u64,
    size: u64,
    changed_secs: i64,
    changed_nanos: i64,
    has_log: bool,
    has_index: bool,
}

/// How a file can be read without changing anything beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Nobody has it open.
    Alone(Quiet),
    /// In the way of all who share it.
    Shared,
    /// Not at all: a log was left behind, and reading it makes a file.
    Trace,
}

impl Quiet {
    fn of(path: &Path, file: &Metadata) -> Self {
        Self {
            inode: file.ino(),
            size: file.size(),
            changed_secs: file.ctime(),
            changed_nanos: file.ctime_nsec(),
            has_log: beside(path, "-wal").exists(),
            has_index: beside(path, "-shm").exists(),
        }
    }

    /// Whether nobody has opened or changed the file since.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        let file = path.metadata();
        file.is_ok_and(|file| Self::of(path, &file) == *self) && log_bytes(path) == 0
    }
}

/// How the file at `path` is to be read. `in_wal_mode` is what its header says.
pub(super) fn reading(path: &Path, file: &Metadata, in_wal_mode: bool) -> Reading {
    let quiet = Quiet::of(path, file);
    if !in_wal_mode || (quiet.has_log && quiet.has_index) {
        Reading::Shared
    } else if log_bytes(path) == 0 {
        Reading::Alone(quiet)
    } else {
        Reading::Trace
    }
}

/// The length of the write-ahead log; 0 where there is none.
fn log_bytes(path: &Path) -> u64 {
    beside(path, "-wal").metadata().map_or(0, |file| file.len())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
