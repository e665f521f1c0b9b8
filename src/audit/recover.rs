//! Finds events whose change never came to be, at start.
//!
//! An event is durable before its transaction commits. A crash in between leaves the event of a
//! change that was not made; the caller records for each of them that it ended in an error.

use super::backward::LinesBackward;
use super::line::{MAX_LINE_BYTES, Record};
use super::stream::stream_path;
use super::{AuditEvent, Outcome};
use crate::domain::audit::CommittedEvents;
use jiff::Timestamp;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Why the end of a log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The system refused, or a line is longer than any that is written.
    #[error("the audit log \"{}\" cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line in question is damaged, or written by a newer version, so that nobody knows whether
    /// its change was made.
    #[error("the line at byte {offset} of the audit log \"{}\" cannot be understood", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Where the line begins, in bytes.
        offset: u64,
    },
}

/// An event in the log without its change.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncommitted {
    /// Its number in the stream.
    pub seq: u64,
    /// When it was recorded.
    pub timestamp: Timestamp,
    /// The event as recorded, with outcome `success`.
    pub event: AuditEvent,
}

/// The events of changes in a stream whose transactions did not commit and for which no later line
/// tells of an error. Oldest first.
///
/// To be called while no event of a change is under way, that is before the first request. Reads
/// back from the end and stops where everything is settled, whatever the size of the log. A log that does
/// not exist has no events.
///
/// # Errors
///
/// [`RecoverError`]; nothing can be said about the events then.
pub fn uncommitted_events(
    dir: &Path,
    stream: &str,
    committed: &CommittedEvents,
) -> Result<Vec<Uncommitted>, RecoverError> {
    let path = stream_path(dir, stream);
    let failed = |source| RecoverError::Read {
        path: path.clone(),
        source,
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let end = file.metadata().map_err(failed)?.len();
    let mut undone = HashSet::new();
    let mut found = Vec::new();
    for line in LinesBackward::new(&file, end, MAX_LINE_BYTES) {
        let line = line.map_err(failed)?;
        let unknown = || RecoverError::Line {
            path: path.clone(),
            offset: line.offset,
        };
        let record = Record::parse(&line.bytes).ok_or_else(unknown)?;
        if record.seq <= committed.settled_to {
            break;
        }
        let (seq, timestamp) = (record.seq, record.timestamp);
        let event = record.into_event().ok_or_else(unknown)?;
        match event.outcome {
            Outcome::Error => {
                undone.insert(event.origin.request_id);
            }
            Outcome::Success
                if event.action.is_change()
                    && !committed.holds(seq)
                    && !undone.contains(&event.origin.request_id) =>
            {
                found.push(Uncommitted {
                    seq,
                    timestamp,
                    event,
                });
            }
            Outcome::Success | Outcome::Failure | Outcome::Denied => {}
        }
    }
    found.reverse();
    Ok(found)
}
