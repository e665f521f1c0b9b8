//! Numbers, times and writes events, one batch at a time, and knows what of it is durable.
//!
//! No thread and no queue here: `writer` calls this from its one thread.

use super::file::{FileFault, LogFile};
use super::line::{LineError, write_line};
use super::{AuditError, AuditEvent, AuditMark};
use crate::sys::clock::Clock;
use jiff::Timestamp;
use std::io;
use std::sync::Arc;

/// A buffer that one large batch made bigger than this is given back.
const KEPT_BUFFER_BYTES: usize = 1024 * 1024;

/// Where the log stands on the disk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The length that is durable, in bytes.
    pub(super) len: u64,
    /// The number of the last durable event; 0 for none.
    pub(super) seq: u64,
    /// The latest time written.
    pub(super) time: Timestamp,
}

/// Whether the file can be relied on.
#[derive(Clone, Copy, Debug)]
enum State {
    /// The file ends at the durable length.
    Sound,
    /// A batch failed; up to this many bytes of it may stand behind the durable length.
    Failed { undecided: u64 },
}

/// A batch that is not durable.
struct Failure {
    fault: FileFault,
    /// How many bytes of it may be in the file.
    undecided: u64,
}

/// The log of one stream.
pub(super) struct Journal {
    file: Box<dyn LogFile>,
    stream: String,
    clock: Arc<dyn Clock>,
    durable: Position,
    state: State,
    buffer: Vec<u8>,
}

impl Journal {
    /// Goes on at a position at which the file ends.
    pub(super) fn new(
        file: Box<dyn LogFile>,
        stream: String,
        clock: Arc<dyn Clock>,
        durable: Position,
    ) -> Self {
        Self {
            file,
            stream,
            clock,
            durable,
            state: State::Sound,
            buffer: Vec::new(),
        }
    }

    /// Whether the last batch was written.
    pub(super) const fn is_sound(&self) -> bool {
        matches!(self.state, State::Sound)
    }

    /// Writes events with one write and one sync. The answers are in the order of the events.
    ///
    /// A batch is durable as a whole or failed as a whole; only an event that has no line fails
    /// alone.
    pub(super) fn commit(&mut self, events: &[AuditEvent]) -> Vec<Result<AuditMark, AuditError>> {
        if let Err(fault) = self.repair() {
            let error = self.explain(&fault);
            return events.iter().map(|_| Err(error.clone())).collect();
        }
        let mut next = self.durable;
        let mut answers = Vec::with_capacity(events.len());
        self.buffer.clear();
        for event in events {
            answers.push(self.add(event, &mut next));
        }
        match self.write(&mut next) {
            Ok(()) => self.durable = next,
            Err(failure) => {
                self.state = State::Failed {
                    undecided: failure.undecided,
                };
                let error = self.explain(&failure.fault);
                tracing::error!(stream = self.stream, %error, "audit log failed");
                for answer in &mut answers {
                    *answer = Err(error.clone());
                }
            }
        }
        if self.buffer.capacity() > KEPT_BUFFER_BYTES {
            self.buffer = Vec::new();
        }
        answers
    }

    /// After a failure, opens the file anew and cuts off what is not durable.
    pub(super) fn repair(&mut self) -> Result<(), FileFault> {
        if let State::Failed { undecided } = self.state {
            self.file.reopen(self.durable.len, undecided)?;
            self.state = State::Sound;
            tracing::info!(stream = self.stream, "audit log opened again");
        }
        Ok(())
    }

    fn add(&mut self, event: &AuditEvent, next: &mut Position) -> Result<AuditMark, AuditError> {
        // Readers search by time, so time never runs backwards in a file.
        let time = self.clock.now().max(next.time);
        let seq = next.seq + 1;
        write_line(&mut self.buffer, event, time, seq, &self.stream)
            .map_err(|error: LineError| AuditError::Write(error.to_string()))?;
        next.seq = seq;
        next.time = time;
        Ok(AuditMark {
            stream: self.stream.clone(),
            seq,
        })
    }

    fn write(&mut self, next: &mut Position) -> Result<(), Failure> {
        self.file.check(self.durable.len).map_err(|fault| Failure {
            fault,
            undecided: 0,
        })?;
        // From here on, how much of the batch is in the file is not known when something fails.
        let size = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        next.len = self.durable.len.saturating_add(size);
        self.write_through(next.len).map_err(|fault| Failure {
            fault,
            undecided: size,
        })
    }

    fn write_through(&mut self, next_len: u64) -> Result<(), FileFault> {
        let mut rest = self.buffer.as_slice();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.file.sync()?;
        // A file that lost its name meanwhile would take the events with it.
        self.file.check(next_len)
    }

    fn explain(&self, fault: &FileFault) -> AuditError {
        AuditError::Write(format!("\"{}\": {fault}", self.file.path().display()))
    }
}

#[cfg(test)]
mod tests;
