//! Another key for a service whose database is not embsec's: every value is proven to open, sealed
//! anew beside the service, and swapped in one transaction.
//!
//! Which database that is, where its keys come from, and who has made the new one durable before
//! this begins, is not known here. Nothing is remembered between runs: what a value opens under
//! says how far it came, so a run that was killed is simply run again.

pub mod keys;

#[cfg(test)]
mod tests;

pub use crate::target::reseal::Reseal;
pub use crate::target::service::Service;

use super::job::{Progress, Stop};
use crate::audit::{AuditError, AuditLog};
use crate::crypto::SealError;
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::count::counted;
use crate::sys::rng::Rng;
use crate::target::lease::{Lease, LeaseError};
use crate::target::reseal::{Standing, StandingError};
use crate::target::rows::{Edit, Rows, RowsError};
use crate::target::table::{Column, Table, value_name};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Rows that are read at a time.
const PAGE_ROWS: u32 = 2000;
/// Names of values that an error lists; the count tells how many there are.
const NAMES_SHOWN: usize = 20;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// From the old key to the new one.
    Rotate,
    /// The same for what the service wrote under the old key before it was restarted.
    Finish,
    /// Back from the new key to the old one.
    Undo,
}

impl Step {
    /// The word in results and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Finish => "finish",
            Self::Undo => "undo",
        }
    }
}

/// Why a key was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Values open under neither key. Nothing was changed.
    #[error(
        "{} under neither key: {}",
        counted(*count, "value opens", "values open"),
        list(names, *count)
    )]
    Unopenable {
        /// How many.
        count: u64,
        /// The first of them: `table.column:key`.
        names: Vec<String>,
    },
    /// There is nothing to finish: no value is under the new key.
    #[error("no value is under the new key, so there is no rotation to finish")]
    NotBegun,
    /// The database could not be read or written. What was not committed is as it was.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Another process works on the database, or the lease was lost.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// A value could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The audit log does not take an event: nothing is done unrecorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Somebody asked to stop before anything was changed.
    #[error("interrupted before anything was changed")]
    Interrupted,
}

fn list(names: &[String], count: u64) -> String {
    let more = if count > names.len() as u64 {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", names.join(", "))
}

/// How many values there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// To be sealed anew.
    pub to_move: u64,
    /// Under the right key already.
    pub there: u64,
    /// In clear.
    pub plaintext: u64,
    /// NULL or empty.
    pub empty: u64,
}

/// New values, proven and ready.
pub struct Prepared {
    /// What was found.
    pub census: Census,
    edits: Vec<Edit>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swapped {
    /// Values that were sealed anew.
    pub changed: u64,
    /// Values that the service changed while they were being prepared; they are as it left them.
    pub left: u64,
    /// How long the one transaction took.
    pub took: Duration,
}

/// A rotation, with everything that it works with.
pub struct TargetRotation<'a> {
    /// The database.
    pub rows: &'a mut dyn Rows,
    /// Keeps other operators away.
    pub lease: &'a mut dyn Lease,
    /// Where the values are.
    pub table: &'a Table,
    /// See `table`.
    pub column: &'a Column,
    /// The keys, in the direction of the step.
    pub reseal: Reseal,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// What is asked for.
    pub step: Step,
    /// The database in words, without a password.
    pub database: &'a str,
    /// Where it is recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Who runs it.
    pub origin: Origin,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: Stop,
}

impl TargetRotation<'_> {
    /// Proves that every value opens, and seals anew what has to move. Writes nothing.
    ///
    /// # Errors
    ///
    /// Any [`RotateError`].
    pub async fn prepare(&mut self) -> Result<Prepared, RotateError> {
        let rows = self.rows.rough_count(self.table).await?;
        self.progress.begin("Opening every value", Some(rows));
        let prepared = self.open_all().await;
        self.progress.end();
        let prepared = prepared?;
        let census = prepared.census;
        if self.step == Step::Finish && census.there == 0 && census.to_move > 0 {
            return Err(RotateError::NotBegun);
        }
        Ok(prepared)
    }

    async fn open_all(&mut self) -> Result<Prepared, RotateError> {
        let mut census = Census::default();
        let mut edits = Vec::new();
        let mut unopenable = 0;
        let mut names = Vec::new();
        let (mut after, mut seen) = (None, 0);
        loop {
            // Rows of a file come without waiting: who listens for a Ctrl-C gets a turn here.
            tokio::task::yield_now().await;
            if self.stop.is_asked() {
                return Err(RotateError::Interrupted);
            }
            let page = self
                .rows
                .page(self.table, self.column, after.as_ref(), PAGE_ROWS)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            seen += u64::try_from(page.len()).unwrap_or_default();
            self.progress.done(seen);
            for row in page {
                let Some(old) = row.value else {
                    census.empty += 1;
                    continue;
                };
                match self.reseal.standing(&old, self.rng.as_ref()) {
                    Ok(Standing::Empty) => census.empty += 1,
                    Ok(Standing::Plain) => census.plaintext += 1,
                    Ok(Standing::There) => census.there += 1,
                    Ok(Standing::Moved(new)) => {
                        census.to_move += 1;
                        edits.push(Edit {
                            key: row.key,
                            old,
                            new,
                        });
                    }
                    Err(StandingError::Unopenable) => {
                        unopenable += 1;
                        if names.len() < NAMES_SHOWN {
                            names.push(value_name(self.table, self.column, &row.key));
                        }
                    }
                    Err(StandingError::Seal(error)) => return Err(error.into()),
                }
            }
        }
        if unopenable > 0 {
            return Err(RotateError::Unopenable {
                count: unopenable,
                names,
            });
        }
        Ok(Prepared { census, edits })
    }

    /// Does the swap and undoes it, to learn how long it takes.
    ///
    /// # Errors
    ///
    /// Any [`RotateError`].
    pub async fn rehearse(&mut self, prepared: &Prepared) -> Result<Duration, RotateError> {
        if prepared.edits.is_empty() {
            return Ok(Duration::ZERO);
        }
        self.lease.check().await?;
        let edits = prepared.edits.clone();
        let failed = AtomicBool::new(false);
        let reseal = &self.reseal;
        let check = |edit: &Edit, now: &crate::target::cipher::Value| {
            if !reseal.is_faithful(&edit.old, now) {
                failed.store(true, Ordering::Relaxed);
            }
            // Whatever was found, nothing of it is to stay.
            false
        };
        let begun = Instant::now();
        let done = self
            .rows
            .replace(self.table, self.column, edits, &check)
            .await;
        match done {
            Err(RowsError::NotAsWritten(_)) if !failed.load(Ordering::Relaxed) => {}
            // Every row had changed by then: there was nothing to undo.
            Ok(replaced) if replaced.replaced == 0 => {}
            Ok(_) => return Err(RowsError::NotAsWritten(self.table.to_string()).into()),
            Err(error) => return Err(error.into()),
        }
        Ok(begun.elapsed())
    }

    /// Replaces the values, each only where it still is what was opened, in one transaction, and
    /// opens each again before the commit. Recorded before it begins and when it has ended.
    ///
    /// # Errors
    ///
    /// Any [`RotateError`]. Either all values were replaced or none.
    pub async fn swap(&mut self, prepared: Prepared) -> Result<Swapped, RotateError> {
        if prepared.edits.is_empty() {
            return Ok(Swapped::default());
        }
        self.lease.check().await?;
        if self.stop.is_asked() {
            return Err(RotateError::Interrupted);
        }
        let mut details = Details::new();
        details.insert("values".to_owned(), prepared.census.to_move.into());
        self.record("started", Outcome::Success, details).await?;
        let reseal = &self.reseal;
        let check =
            |edit: &Edit, now: &crate::target::cipher::Value| reseal.is_faithful(&edit.old, now);
        let begun = Instant::now();
        let done = self
            .rows
            .replace(self.table, self.column, prepared.edits, &check)
            .await;
        let took = begun.elapsed();
        let mut details = Details::new();
        match done {
            Ok(replaced) => {
                let swapped = Swapped {
                    changed: replaced.replaced,
                    left: replaced.unmatched.len().try_into().unwrap_or_default(),
                    took,
                };
                details.insert("changed".to_owned(), swapped.changed.into());
                details.insert("left".to_owned(), swapped.left.into());
                self.record("ended", Outcome::Success, details).await?;
                Ok(swapped)
            }
            Err(error) => {
                details.insert("error".to_owned(), error.to_string().into());
                self.record("ended", Outcome::Error, details).await?;
                Err(error.into())
            }
        }
    }

    async fn record(
        &self,
        phase: &str,
        outcome: Outcome,
        mut details: Details,
    ) -> Result<(), AuditError> {
        let [from, to] = self.reseal.key_ids();
        for (name, value) in [
            ("database", self.database.to_owned()),
            ("from_key", from.to_string()),
            ("phase", phase.to_owned()),
            ("step", self.step.as_str().to_owned()),
            ("to_key", to.to_string()),
        ] {
            details.insert(name.to_owned(), value.into());
        }
        details.extend(self.origin.details.clone());
        self.audit
            .append(AuditEvent {
                action: Action::TargetRotateKey,
                outcome,
                origin: self.origin.clone(),
                project_id: None,
                details,
            })
            .await
            .map(drop)
    }
}
