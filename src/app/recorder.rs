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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditError;
    use crate::domain::audit::{Action, Details};
    use crate::domain::ids::RequestId;

    /// Takes events, but for the first few after it was told to refuse.
    #[derive(Default)]
    struct Log {
        events: Mutex<Vec<AuditEvent>>,
        refusals_left: Mutex<usize>,
    }

    #[async_trait]
    impl AuditLog for Log {
        async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
            let mut refusals = self.refusals_left.lock().unwrap();
            if *refusals > 0 {
                *refusals -= 1;
                return Err(AuditError::Write("no space".to_owned()));
            }
            let mut events = self.events.lock().unwrap();
            events.push(event);
            Ok(AuditMark {
                stream: "test-0".to_owned(),
                seq: u64::try_from(events.len()).unwrap() + 40,
            })
        }

        fn is_healthy(&self) -> bool {
            true
        }
    }

    fn recorder(log: &Arc<Log>) -> Recorder {
        let origin = Origin {
            actor: "alice".to_owned(),
            request_id: RequestId("request-1".to_owned()),
            client_ip: None,
            details: Details::from_iter([("http_method".to_owned(), "PUT".into())]),
        };
        Recorder::new(Arc::clone(log) as Arc<dyn AuditLog>, origin)
    }

    fn change() -> Change {
        Change {
            action: Action::ProjectCreate,
            project_id: None,
            details: Details::from_iter([("owner".to_owned(), "alice".into())]),
        }
    }

    #[tokio::test]
    async fn an_event_has_the_facts_of_the_request_and_of_the_change() {
        let log = Arc::new(Log::default());
        recorder(&log).record(change()).await.unwrap();
        let events = log.events.lock().unwrap();
        let event = events.first().unwrap();
        assert_eq!(event.outcome, Outcome::Success);
        assert_eq!(event.details["http_method"], "PUT");
        assert_eq!(event.details["owner"], "alice");
    }

    #[tokio::test]
    async fn a_change_that_was_not_committed_gets_a_second_event_even_if_the_log_falters() {
        let log = Arc::new(Log::default());
        let witness = recorder(&log).detach();
        let mark = witness.record(change()).await.unwrap();
        *log.refusals_left.lock().unwrap() = 1;
        witness.undone(mark.clone()).await;
        let events = log.events.lock().unwrap();
        let outcomes: Vec<Outcome> = events.iter().map(|event| event.outcome).collect();
        assert_eq!(outcomes, [Outcome::Success, Outcome::Error]);
        assert_eq!(events[1].action, Action::ProjectCreate);
        assert_eq!(events[1].origin.request_id, events[0].origin.request_id);
        assert_eq!(events[1].details["undone_seq"], mark.seq);
    }

    #[tokio::test]
    async fn a_log_that_refuses_stops_the_change() {
        let log = Arc::new(Log::default());
        *log.refusals_left.lock().unwrap() = 1;
        assert!(recorder(&log).record(change()).await.is_err());
        assert!(log.events.lock().unwrap().is_empty());
    }
}
