//! A disk that fails on command, for tests: what was written and what would survive a power cut
//! are kept apart.

use super::file::{FileFault, LogFile};
use super::journal::{Journal, Position};
use super::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::ids::RequestId;
use crate::sys::clock::{Clock, ManualClock};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

/// What goes wrong at one call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// A write takes this many bytes and reports them.
    ShortWrite(usize),
    /// A write takes this many bytes and reports an error.
    FailedWrite(usize),
    /// A sync reports an error; the bytes are not durable.
    FailedSync,
    /// The file cannot be opened again.
    FailedReopen,
}

#[derive(Debug, Default)]
pub(super) struct Disk {
    /// What a reader sees.
    pub(super) seen: Vec<u8>,
    /// What is left after a power cut.
    pub(super) durable: Vec<u8>,
    /// A descriptor whose sync failed says yes to everything from then on, as Linux does.
    pub(super) lying: bool,
    /// What goes wrong next, each at the next call of its kind.
    pub(super) faults: VecDeque<Fault>,
    /// Every call fails, as on a disk that is gone.
    pub(super) dead: bool,
    /// How often a sync was asked for.
    pub(super) syncs: usize,
}

impl Disk {
    fn take(&mut self, fits: impl Fn(Fault) -> bool) -> Option<Fault> {
        let next = self.faults.front().copied().filter(|fault| fits(*fault))?;
        self.faults.pop_front();
        Some(next)
    }
}

/// A handle on the disk: the log's, and the test's.
#[derive(Clone, Debug, Default)]
pub(super) struct FailingDisk(Arc<Mutex<Disk>>);

impl FailingDisk {
    pub(super) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    pub(super) fn fail(&self, faults: &[Fault]) {
        self.disk().faults.extend(faults);
    }

    pub(super) fn journal(&self) -> Journal {
        self.journal_with(Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)))
    }

    pub(super) fn journal_with(&self, clock: Arc<dyn Clock>) -> Journal {
        let start = Position {
            len: 0,
            seq: 0,
            time: Timestamp::MIN,
        };
        Journal::new(Box::new(self.clone()), "box-0".to_owned(), clock, start)
    }
}

fn broken() -> io::Error {
    io::Error::other("the disk is broken")
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap()
}

impl LogFile for FailingDisk {
    fn path(&self) -> &Path {
        Path::new("box-0.jsonl")
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.disk();
        if disk.dead {
            return Err(broken());
        }
        let fault = disk.take(|f| matches!(f, Fault::ShortWrite(_) | Fault::FailedWrite(_)));
        let (taken, answer) = match fault {
            Some(Fault::ShortWrite(taken)) => (taken.min(bytes.len()), None),
            Some(Fault::FailedWrite(taken)) => (taken.min(bytes.len()), Some(broken())),
            _ => (bytes.len(), None),
        };
        disk.seen.extend(&bytes[..taken]);
        answer.map_or(Ok(taken), Err)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk();
        disk.syncs += 1;
        if disk.dead || disk.take(|f| matches!(f, Fault::FailedSync)).is_some() {
            disk.lying = true;
            return Err(broken());
        }
        if !disk.lying {
            disk.durable = disk.seen.clone();
        }
        Ok(())
    }

    fn check(&self, expected_len: u64) -> Result<(), FileFault> {
        let found = length(&self.disk().seen);
        if found == expected_len {
            return Ok(());
        }
        Err(FileFault::Resized {
            expected: expected_len,
            found,
        })
    }

    fn reopen(&mut self, durable_len: u64, undecided: u64) -> Result<(), FileFault> {
        let mut disk = self.disk();
        if disk.dead || disk.take(|f| matches!(f, Fault::FailedReopen)).is_some() {
            return Err(broken().into());
        }
        let found = length(&disk.seen);
        if found < durable_len || found > durable_len + undecided {
            return Err(FileFault::Resized {
                expected: durable_len,
                found,
            });
        }
        disk.seen.truncate(usize::try_from(durable_len).unwrap());
        disk.durable = disk.seen.clone();
        disk.lying = false;
        Ok(())
    }
}

/// An event of a change that only its request tells apart.
pub(super) fn event(request_id: &str) -> AuditEvent {
    AuditEvent {
        action: Action::ProjectCreate,
        outcome: Outcome::Success,
        origin: Origin {
            actor: "alice".to_owned(),
            request_id: RequestId(request_id.to_owned()),
            client_ip: None,
            details: Details::new(),
        },
        project_id: None,
        details: Details::new(),
    }
}
