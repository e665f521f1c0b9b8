//! The audit log: one JSON line per event, durable before the change that it tells of.
//!
//! Here are the files, the lines and the writer. What an event says is `domain::audit`; who
//! records what is `app`.

mod backward;
#[cfg(test)]
mod failing_disk;
mod file;
mod journal;
mod line;
mod recover;
mod stream;
mod throttle;
mod torn;
mod whole;
mod writer;

pub use recover::{RecoverError, Uncommitted, uncommitted_events};
pub use stream::StreamError;
pub use throttle::{Decision, FailureThrottle, Source, Suppressed};
pub use whole::whole_lines;
pub use writer::{AuditWriter, OpenError, Opened, TornTail};

use crate::domain::audit::{Action, AuditEvent, AuditMark, Details, Origin, Outcome};
use async_trait::async_trait;

/// Why an event is not in the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuditError {
    /// The file could not be written or synced. The text names the file and the cause.
    #[error("the audit log cannot be written: {0}")]
    Write(String),
    /// The writer has ended.
    #[error("the audit log is closed")]
    Closed,
}

/// Takes events.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Returns when the event is durable.
    ///
    /// # Errors
    ///
    /// [`AuditError`]; the event may or may not be in the file then.
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError>;

    /// Whether events can be taken, as far as is known.
    fn is_healthy(&self) -> bool;
}
