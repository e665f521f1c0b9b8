//! Moving a whole database: reads one state of a source, makes the destination equal to it, and
//! proves that it is.
//!
//! Every run does the same, whether it is the first, goes on after a kill, or carries later
//! changes over: each table of both is read in the order of its keys, rows that are equal are
//! left, others are written or deleted. Which databases these are is not known here.

mod report;
mod sync;
mod verify;

#[cfg(test)]
pub(crate) mod tests;

pub use report::{Counts, Difference, Report, TableReport};

use super::job::{Progress, Stop};
use crate::audit::{AuditError, AuditLog};
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::count::counted;
use crate::domain::findings::Findings;
use crate::domain::record::Table;
use crate::store::StoreError;
use crate::store::transfer::{
    Destination, RecordReader, RecordWriter, TransferError, TransferResult,
};
use crate::sys::clock::Clock;
use crate::vector::{self, HalfVector};
use std::sync::Arc;

/// What is asked of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Nothing is written; the report says what would be.
    pub dry_run: bool,
    /// The transfer ends with this run: afterwards the destination lives on its own.
    pub finish: bool,
}

/// Why a run did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The source holds what cannot be taken over as it is. Nothing was written.
    #[error("the source holds what cannot be taken over as it is")]
    Findings(Box<Findings>),
    /// The destination holds something else. Nothing was written.
    #[error("the destination is not empty: {0}")]
    Occupied(String),
    /// A transfer from another source is not finished. Nothing was written.
    #[error("a transfer from {found} into this destination is not finished")]
    OtherSource {
        /// The source of that one.
        found: String,
    },
    /// A row could not be read or written.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The destination is not equal to the source after everything was applied.
    #[error("source and destination differ in {0}")]
    Differs(Difference),
    /// The audit log does not take an event: nothing is done unrecorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Somebody asked to stop. What was applied stays; a further run goes on.
    #[error("interrupted after {} written", counted(*.rows, "row was", "rows were"))]
    Interrupted {
        /// Rows written or deleted by this run.
        rows: u64,
    },
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Transfer(TransferError::Store(error))
    }
}

/// A run, with everything that it works with.
pub struct Run<'a> {
    /// Where the rows come from.
    pub source: &'a mut dyn RecordReader,
    /// Where they go.
    pub destination: &'a mut dyn RecordWriter,
    /// The source in words that tell it from others, without a password.
    pub source_name: &'a str,
    /// The event that the run is recorded as.
    pub action: Action,
    /// Who runs it.
    pub origin: Origin,
    /// Where it is recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: Stop,
}

impl Run<'_> {
    /// Runs.
    ///
    /// # Errors
    ///
    /// Any [`RunError`].
    pub async fn run(mut self, options: RunOptions) -> Result<Report, RunError> {
        let findings = self.survey().await?;
        self.open_provider_keys().await?;
        self.require_destination().await?;
        if options.dry_run {
            let synced = self.sync(sync::Mode::Count).await?;
            return Ok(Report::planned(findings, &synced));
        }
        self.record(Outcome::Success, started()).await?;
        let done = self.apply(options, findings).await;
        let (outcome, details) = match &done {
            Ok(report) => (Outcome::Success, report.details()),
            Err(error) => (Outcome::Error, failed(error)),
        };
        let recorded = self.record(outcome, details).await;
        let report = done?;
        recorded?;
        Ok(report)
    }

    /// Finds what stands in the way.
    async fn survey(&mut self) -> Result<Findings, RunError> {
        self.progress.begin("looking through the source", None);
        let findings = self.source.survey().await?;
        self.progress.end();
        if findings.open() > 0 {
            return Err(RunError::Findings(Box::new(findings)));
        }
        Ok(findings)
    }

    /// Reads every instance, which opens its provider key: a wrong key is known before anything
    /// is written.
    async fn open_provider_keys(&mut self) -> TransferResult<()> {
        let mut after = None;
        loop {
            let page = self
                .source
                .page(Table::Instances, after.as_ref(), sync::PAGE_ROWS)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.key());
        }
    }

    async fn require_destination(&mut self) -> Result<(), RunError> {
        match self.destination.state().await? {
            Destination::Empty => Ok(()),
            Destination::Unfinished { source } if source == self.source_name => Ok(()),
            Destination::Unfinished { source } => Err(RunError::OtherSource { found: source }),
            Destination::Occupied(what) => Err(RunError::Occupied(what)),
        }
    }

    async fn sync(&mut self, mode: sync::Mode) -> Result<sync::Synced, RunError> {
        sync::Sync {
            source: &mut *self.source,
            destination: &mut *self.destination,
            progress: self.progress,
            stop: &self.stop,
            mode,
        }
        .run()
        .await
    }

    async fn apply(&mut self, options: RunOptions, findings: Findings) -> Result<Report, RunError> {
        let now = self.clock.now();
        self.destination.begin(self.source_name, now).await?;
        let synced = self.sync(sync::Mode::Apply).await?;
        let mut highest_ids = Vec::new();
        for table in Table::ALL.into_iter().filter(|table| table.has_ids()) {
            highest_ids.push((table, self.source.highest_id(table).await?));
        }
        self.progress.begin("building indexes", None);
        self.destination.settle(&highest_ids).await?;
        self.progress.end();
        let verified = verify::verify(
            &mut *self.source,
            &mut *self.destination,
            &synced,
            self.progress,
            &self.stop,
        )
        .await?;
        if options.finish {
            self.destination.finish(self.clock.now()).await?;
        }
        Ok(Report::done(findings, &synced, &verified, options.finish))
    }

    async fn record(&self, outcome: Outcome, details: Details) -> Result<(), AuditError> {
        let mut all = self.origin.details.clone();
        all.insert("source".to_owned(), self.source_name.into());
        all.extend(details);
        let event = AuditEvent {
            action: self.action,
            outcome,
            origin: self.origin.clone(),
            project_id: None,
            details: all,
        };
        self.audit.append(event).await.map(drop)
    }
}

fn started() -> Details {
    Details::from_iter([("phase".to_owned(), "started".into())])
}

/// What an event may say of an error: never what a driver said, which may hold values of rows.
fn failed(error: &RunError) -> Details {
    Details::from_iter([
        ("phase".to_owned(), "ended".into()),
        ("error".to_owned(), error.to_string().into()),
    ])
}

/// The reference similarity of two vectors of binary16, little endian; `None` when they cannot be
/// compared. For an engine that has no search of its own.
#[must_use]
pub fn similarity(one: &[u8], other: &[u8]) -> Option<f64> {
    let one = HalfVector::from_le_bytes(one).ok()?;
    let other = HalfVector::from_le_bytes(other).ok()?;
    vector::similarity(&one, &other).ok()
}
