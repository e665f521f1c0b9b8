//! Puts the event of a change into the audit log while its transaction is still open.

use crate::audit::AuditLog;
use crate::domain::audit::{AuditEvent, AuditMark, Change, Origin, Outcome};
use crate::store::{HookError, Witness};
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the event of an undone change is tried. A log that fails repairs itself in between.
const UNDONE_ATTEMPTS: usize = 5;
const UNDONE_PAUSE: Duration = Duration::from_millis(200);

/// The [`Witness`] of one request or command.
#[derive(Clone)]
pub struct Recorder {
    audit: Arc<dyn AuditLog>,
    origin: Origin,
    last: Arc<Mutex<Option<Change>>>,
}

impl Recorder {
    /// Records for this origin.
    #[must_use]
    pub fn new(audit: Arc<dyn AuditLog>, origin: Origin) -> Self {
        Self {
            audit,
            origin,
            last: Arc::default(),
        }
    }

    fn event(&self, change: Change, outcome: Outcome) -> AuditEvent {
        let mut details = self.origin.details.clone();
        details.extend(change.details);
        AuditEvent {
            action: change.action,
            outcome,
            origin: self.origin.clone(),
            project_id: change.project_id,
            details,
        }
    }
}

#[async_trait]
impl Witness for Recorder {
    fn detach(&self) -> Arc<dyn Witness> {
        Arc::new(self.clone())
    }

    async fn record(&self, change: Change) -> Result<AuditMark, HookError> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(change.clone());
        self.audit
            .append(self.event(change, Outcome::Success))
            .await
            .map_err(|error| HookError(Box::new(error)))
    }

    async fn undone(&self, mark: AuditMark) {
        let change = self
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut change) = change else { return };
        change
            .details
            .insert("error".into(), "the change was not committed".into());
        change.details.insert("undone_seq".into(), mark.seq.into());
        for _ in 0..UNDONE_ATTEMPTS {
            match self
                .audit
                .append(self.event(change.clone(), Outcome::Error))
                .await
            {
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%error, seq = mark.seq, "an undone change is not recorded");
                }
            }
            tokio::time::sleep(UNDONE_PAUSE).await;
        }
        // The next start finds the event without its commit, unless a later one commits.
    }
}
