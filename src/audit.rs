//! The audit log: one JSON line per event, durable before the change that it tells of.
//!
//! Here are the files, the lines and the writer. What an event says is `domain::audit`; who
//! records what is `app`.

use crate::domain::audit::{AuditEvent, AuditMark};
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
