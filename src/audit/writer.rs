//! The writer: one thread for one file, fed by a queue that makes callers wait and loses nothing.
//!
//! While a sync runs, further events gather in the queue; the next write takes all of them, so
//! that many callers share one sync. What a batch does to the file is `journal`.

use super::file::FileFault;
use super::journal::{Journal, Position};
use super::stream::{self, Claimed, StreamError};
use super::torn::{self, End};
use super::{Action, AuditError, AuditEvent, AuditLog, AuditMark, Details, Origin, Outcome};
use crate::domain::ids::RequestId;
use crate::sys::clock::Clock;
use async_trait::async_trait;
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// How many events wait at most before callers do, and how many one write takes at most.
pub(super) const QUEUE_EVENTS: usize = 256;

/// Why the log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No file could be taken.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The file was taken and could not be read, or its torn end not be set aside.
    #[error("the audit log \"{}\" cannot be continued", path.display())]
    Continue {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The end of the file is unreadable over a longer way than a crash can leave.
    #[error("the end of \"{}\" is not an audit log", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The event that tells of a torn end could not be written.
    #[error(transparent)]
    Torn(#[from] AuditError),
    /// No thread could be started.
    #[error("the audit writer cannot be started")]
    Thread(#[source] io::Error),
}

/// What was found when a log was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The stream: the name of its file without `.jsonl`.
    pub stream: String,
    /// Its file.
    pub path: PathBuf,
    /// The number of the last event found; 0 in a new log. A number below the one that the
    /// database last saw committed means that the end of the log is missing.
    pub last_seq: u64,
    /// What a crash had left behind the last whole line. It was set aside, and an `audit.torn`
    /// event tells of it.
    pub torn: Option<TornTail>,
}

/// The torn end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Where it is kept.
    pub path: PathBuf,
    /// Its length in bytes.
    pub size_bytes: u64,
}

enum Request {
    Append {
        event: AuditEvent,
        reply: oneshot::Sender<Result<AuditMark, AuditError>>,
    },
    /// Asks to open a failed file again, without an event at hand.
    Repair,
}

/// The audit log of this process.
///
/// Dropping it writes what was queued and gives the stream back, as [`Self::close`] does.
pub struct AuditWriter {
    stream: String,
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    healthy: Arc<AtomicBool>,
}

impl AuditWriter {
    /// Takes the lowest free stream of this host in `dir` and continues it.
    ///
    /// The folder and the file are made where they are missing. Numbers and times go on from the
    /// last line; a torn end is set aside and recorded.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing is held then.
    pub fn open(
        dir: &Path,
        host: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Opened), OpenError> {
        let claimed = stream::claim(dir, host)?;
        let path = claimed.path.clone();
        let (mut journal, opened) =
            continue_log(dir, claimed, clock).map_err(|fault| match fault {
                ContinueFault::Io(source) => OpenError::Continue { path, source },
                ContinueFault::Damaged => OpenError::Damaged { path },
            })?;
        if let Some(torn) = &opened.torn {
            for written in journal.commit(&[torn_event(torn)]) {
                written?;
            }
        }
        Ok((Self::start(journal, opened.stream.clone())?, opened))
    }

    pub(super) fn start(journal: Journal, stream: String) -> Result<Self, OpenError> {
        let (sender, receiver) = mpsc::channel(QUEUE_EVENTS);
        let healthy = Arc::new(AtomicBool::new(true));
        let shown = Arc::clone(&healthy);
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || run(journal, receiver, &shown))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            stream,
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            healthy,
        })
    }

    /// The stream that this process holds.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Writes what is queued, ends the thread and gives the stream back. Later events are refused
    /// with [`AuditError::Closed`]. Must run in a tokio runtime.
    pub async fn close(&self) {
        if let Some(thread) = self.end() {
            // A thread that panicked has told its callers by hanging up on them.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }

    /// Hangs up, upon which the thread ends once the queue is empty.
    fn end(&self) -> Option<JoinHandle<()>> {
        drop(lock(&self.queue).take());
        lock(&self.thread).take()
    }

    fn sender(&self) -> Option<mpsc::Sender<Request>> {
        lock(&self.queue).clone()
    }
}

/// What is behind these locks is replaced as a whole, so a panic elsewhere cannot have left it
/// half-made.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for AuditWriter {
    fn drop(&mut self) {
        if let Some(thread) = self.end() {
            drop(thread.join());
        }
    }
}

#[async_trait]
impl AuditLog for AuditWriter {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        let queue = self.sender().ok_or(AuditError::Closed)?;
        let (reply, answer) = oneshot::channel();
        queue
            .send(Request::Append { event, reply })
            .await
            .map_err(|_| AuditError::Closed)?;
        drop(queue);
        answer.await.map_err(|_| AuditError::Closed)?
    }

    /// Whether the last write succeeded or the file could be opened again since. Asking is what
    /// makes a failed log try, so that a server which gets no requests while it is reported
    /// unhealthy recovers by being probed.
    fn is_healthy(&self) -> bool {
        let Some(queue) = self.sender().filter(|queue| !queue.is_closed()) else {
            return false;
        };
        let healthy = self.healthy.load(Ordering::Acquire);
        if !healthy {
            // A full queue holds an event, which makes it try as well.
            drop(queue.try_send(Request::Repair));
        }
        healthy
    }
}

fn run(mut journal: Journal, mut queue: mpsc::Receiver<Request>, healthy: &AtomicBool) {
    let mut batch = Vec::with_capacity(QUEUE_EVENTS);
    while queue.blocking_recv_many(&mut batch, QUEUE_EVENTS) > 0 {
        let mut events = Vec::with_capacity(batch.len());
        let mut replies = Vec::with_capacity(batch.len());
        for request in batch.drain(..) {
            if let Request::Append { event, reply } = request {
                events.push(event);
                replies.push(reply);
            }
        }
        let answers = if events.is_empty() {
            // What stands in the way is told to whoever appends next.
            drop(journal.repair());
            Vec::new()
        } else {
            journal.commit(&events)
        };
        healthy.store(journal.is_sound(), Ordering::Release);
        for (reply, answer) in replies.into_iter().zip(answers) {
            // The caller may have gone; the event stays.
            drop(reply.send(answer));
        }
    }
}

enum ContinueFault {
    Io(io::Error),
    Damaged,
}

impl From<io::Error> for ContinueFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn continue_log(
    dir: &Path,
    claimed: Claimed,
    clock: Arc<dyn Clock>,
) -> Result<(Journal, Opened), ContinueFault> {
    let end = torn::find_end(&claimed.lock)?.ok_or(ContinueFault::Damaged)?;
    let torn = set_torn_aside(dir, &claimed, &end, clock.now())?;
    let durable = Position {
        len: end.whole_len,
        seq: end.last.as_ref().map_or(0, |last| last.seq),
        time: end.last.map_or(Timestamp::MIN, |last| last.timestamp),
    };
    let opened = Opened {
        stream: claimed.stream.clone(),
        path: claimed.path.clone(),
        last_seq: durable.seq,
        torn,
    };
    let stream = claimed.stream.clone();
    let log = claimed.into_log().map_err(|fault| match fault {
        FileFault::Io(source) => source,
        other => io::Error::other(other.to_string()),
    })?;
    let journal = Journal::new(Box::new(log), stream, clock, durable);
    Ok((journal, opened))
}

fn set_torn_aside(
    dir: &Path,
    claimed: &Claimed,
    end: &End,
    now: Timestamp,
) -> io::Result<Option<TornTail>> {
    if end.whole_len == end.file_len {
        return Ok(None);
    }
    let path = torn::set_aside(&claimed.lock, end, dir, &claimed.stream, now)?;
    tracing::warn!(stream = claimed.stream, kept = %path.display(), "audit log had a torn end");
    Ok(Some(TornTail {
        path,
        size_bytes: end.file_len - end.whole_len,
    }))
}

/// The writer's own event: it belongs to no request, so its request id is empty and left out.
fn torn_event(torn: &TornTail) -> AuditEvent {
    let name = torn.path.file_name().unwrap_or_default();
    let details = [
        ("file", name.to_string_lossy().into()),
        ("size_bytes", torn.size_bytes.into()),
    ];
    AuditEvent {
        action: Action::AuditTorn,
        outcome: Outcome::Success,
        origin: Origin {
            actor: "system".to_owned(),
            request_id: RequestId(String::new()),
            client_ip: None,
            details: Details::new(),
        },
        project_id: None,
        details: details
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
