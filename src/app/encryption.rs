//! Encrypting what another program has in its database in clear, looking how far that is, and
//! bringing it back.
//!
//! A run first reads every value and opens all that is sealed, and is refused where one does not
//! open: with another key it would leave a database that no key opens. Then it goes through the
//! rows in batches, each one transaction that writes a value only where the row still holds what
//! was read. A value that somebody else changed meanwhile is looked at again. Which database it
//! is, and whether nobody else works on it, is the composition root's affair.

mod census;
mod change;
#[cfg(test)]
mod tests;

pub use census::{Census, ColumnCensus, Verdict};
pub use change::{ColumnReport, Report};

use super::job::{Progress, Stop};
use crate::audit::{AuditError, AuditLog};
use crate::crypto::SealError;
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::count::{counted, values};
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use crate::target::cipher::{CannotOpen, Cipher, Class, Keys, Opened, Place, Value};
use crate::target::lease::{Lease, LeaseError};
use crate::target::rows::Rows;
pub use crate::target::rows::RowsError;
use crate::target::table::{Column, Form, RowKey, Table, value_name};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many rows that stand in the way are named; the rest are counted.
pub const ROWS_NAMED: usize = 20;

/// Rows that stand in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// All of them.
    pub count: u64,
    /// The first [`ROWS_NAMED`], each `table.column:key`, and what is wrong with it.
    pub shown: Vec<(String, String)>,
}

impl Named {
    /// How many there are beside those that are named.
    #[must_use]
    pub fn more(&self) -> u64 {
        let shown = u64::try_from(self.shown.len()).unwrap_or(u64::MAX);
        self.count.saturating_sub(shown)
    }

    fn add(&mut self, name: impl FnOnce() -> String, what: &str) {
        self.count += 1;
        if self.shown.len() < ROWS_NAMED {
            self.shown.push((name(), what.to_owned()));
        }
    }
}

/// Why a run did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionError {
    /// A column is sealed, and there is no key.
    #[error("no key was given, and {0} needs one")]
    NoKey(String),
    /// Values look sealed and do not open. Nothing was changed.
    #[error(
        "{}",
        counted(
            .0.count,
            "value looks encrypted and opens under no key at hand",
            "values look encrypted and open under no key at hand"
        )
    )]
    Undecryptable(Named),
    /// What values are opened to opens once more. Brought back, they could not be told from values
    /// that still are to be, should the run be cut off: the next one would take off another layer.
    #[error("{} encrypted twice", counted(.0.count, "value was", "values were"))]
    Twice(Named),
    /// Values are in clear and nothing can be made of them. Nothing was changed.
    #[error(
        "{}, and only text can be protected",
        counted(.0.count, "value is no text", "values are no text")
    )]
    Unusable(Named),
    /// A value that was written meanwhile opens under no key at hand. What was done stays.
    #[error("the value {row} was changed meanwhile, and {why}")]
    ChangedToUnknown {
        /// Which.
        row: String,
        /// Why it does not open.
        why: CannotOpen,
    },
    /// Rows could not be read or written. What was done stays.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Another process works on the database, or took it over. What was done stays.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// A value that was sealed does not open to what it was. What was done stays.
    #[error("the value {0} did not open as it was sealed")]
    NotAsSealed(String),
    /// A thread of the run ended by itself.
    #[error("a part of the run ended by itself")]
    Worker,
    /// A value could not be sealed. What was done stays.
    #[error("a value cannot be sealed")]
    Seal(#[from] SealError),
    /// The audit log takes no events. What was done stays.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// It was asked to stop. What was done stays.
    #[error("interrupted after {}", values(*.changed))]
    Interrupted {
        /// How many were written by this run.
        changed: u64,
    },
}

/// Which way a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What is in clear is sealed or hashed.
    Encrypt,
    /// What is sealed comes back. Hashes stay.
    Decrypt,
}

impl Direction {
    const fn action(self) -> Action {
        match self {
            Self::Encrypt => Action::MigrateEncrypt,
            Self::Decrypt => Action::MigrateDecrypt,
        }
    }
}

/// What is worked on, and by which keys.
#[derive(Clone)]
pub struct Subject {
    /// The database in words that tell it from others, without a password.
    pub database: String,
    /// Whose tables they are.
    pub profile: String,
    /// What is to be protected.
    pub tables: Vec<Table>,
    /// The keys at hand.
    pub keys: Keys,
    /// Randomness for nonces.
    pub rng: Arc<dyn Rng>,
    /// Values that look sealed and are to be taken for values in clear, by their names
    /// (`table.column:key`).
    pub treat_as_plaintext: BTreeSet<String>,
}

/// How a run tells of itself and is stopped.
pub struct Watch<'a> {
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: Stop,
}

/// Where a run that changes something is recorded, and what keeps others out.
pub struct Guard<'a> {
    /// The log.
    pub audit: &'a dyn AuditLog,
    /// Who runs it.
    pub origin: Origin,
    /// Keeps other commands away.
    pub lease: &'a mut dyn Lease,
}

/// Looks at every value, opens what is sealed, and counts.
///
/// # Errors
///
/// When rows cannot be read, or it was asked to stop.
pub async fn status(
    rows: &mut dyn Rows,
    subject: &Subject,
    watch: &Watch<'_>,
) -> Result<Census, EncryptionError> {
    census::take(rows, subject, watch).await
}

/// As [`status`], and refuses where a run must not begin.
///
/// # Errors
///
/// Any [`EncryptionError`].
pub async fn prove(
    rows: &mut dyn Rows,
    subject: &Subject,
    direction: Direction,
    watch: &Watch<'_>,
) -> Result<Census, EncryptionError> {
    for (table, column) in columns(&subject.tables) {
        let cipher = subject.keys.cipher(column.form, &subject.rng);
        // What embapi keeps is never in clear, so nothing will be sealed there.
        let needs_key = matches!(column.form, Form::LlmProxy | Form::Bound);
        if needs_key && !cipher.has_key() {
            return Err(EncryptionError::NoKey(format!("{table}.{}", column.name)));
        }
    }
    let census = census::take(rows, subject, watch).await?;
    if census.unopened.count > 0 {
        return Err(EncryptionError::Undecryptable(census.unopened));
    }
    if direction == Direction::Decrypt && census.twice.count > 0 {
        return Err(EncryptionError::Twice(census.twice));
    }
    if direction == Direction::Encrypt && census.unusable.count > 0 {
        return Err(EncryptionError::Unusable(census.unusable));
    }
    Ok(census)
}

/// Does all that a run does but write, and measures how long that takes.
///
/// # Errors
///
/// Any [`EncryptionError`].
pub async fn rehearse(
    rows: &mut dyn Rows,
    subject: &Subject,
    direction: Direction,
    watch: &Watch<'_>,
) -> Result<Report, EncryptionError> {
    let begin = Instant::now();
    let census = prove(rows, subject, direction, watch).await?;
    change::Pass {
        rows,
        subject,
        direction,
        watch,
        guard: None,
    }
    .run(census, begin)
    .await
}

/// Protects what is in clear, or brings back what is sealed, after [`prove`] said that it can be.
/// It is recorded before anything is written, and at its end.
///
/// # Errors
///
/// Any [`EncryptionError`].
pub async fn apply(
    rows: &mut dyn Rows,
    subject: &Subject,
    direction: Direction,
    proven: Census,
    watch: &Watch<'_>,
    guard: Guard<'_>,
) -> Result<Report, EncryptionError> {
    let (begin, action) = (Instant::now(), direction.action());
    let begun = Details::from_iter([("phase".to_owned(), "started".into())]);
    record(&guard, action, subject, Outcome::Success, begun).await?;
    let done = change::Pass {
        rows,
        subject,
        direction,
        watch,
        guard: Some(&mut *guard.lease),
    }
    .run(proven, begin)
    .await;
    let (outcome, details) = match &done {
        Ok(report) => (Outcome::Success, report.details()),
        Err(error) => (
            Outcome::Error,
            Details::from_iter([
                ("phase".to_owned(), "ended".into()),
                // Never what a driver said, which may hold values of rows.
                ("error".to_owned(), error.to_string().into()),
            ]),
        ),
    };
    let recorded = record(&guard, action, subject, outcome, details).await;
    let report = done?;
    recorded?;
    Ok(report)
}

async fn record(
    guard: &Guard<'_>,
    action: Action,
    subject: &Subject,
    outcome: Outcome,
    details: Details,
) -> Result<(), AuditError> {
    let mut all = guard.origin.details.clone();
    let columns = columns(&subject.tables);
    let columns: Vec<String> = columns
        .map(|(table, column)| format!("{table}.{}", column.name))
        .collect();
    all.insert("database".to_owned(), subject.database.as_str().into());
    all.insert("profile".to_owned(), subject.profile.as_str().into());
    all.insert("columns".to_owned(), columns.into());
    all.extend(details);
    let event = AuditEvent {
        action,
        outcome,
        origin: guard.origin.clone(),
        project_id: None,
        details: all,
    };
    guard.audit.append(event).await.map(drop)
}

fn columns(tables: &[Table]) -> impl Iterator<Item = (&Table, &Column)> {
    let tables = tables.iter();
    tables.flat_map(|table| table.columns.iter().map(move |column| (table, column)))
}

/// What a value is once it was tried to open it.
enum Judged {
    /// NULL, or nothing in it.
    Empty,
    /// In clear, or to be taken so.
    Plain,
    /// Sealed, and this is what was sealed; `None` of a hash.
    Protected(Option<Opened>),
    /// It looks sealed, and does not open.
    Unopened(CannotOpen, Option<KeyId>),
}

/// Looks at the values of one column, on whatever thread.
struct Judge {
    treat_as_plaintext: BTreeSet<String>,
    table: Table,
    column: Column,
    cipher: Box<dyn Cipher>,
    table_name: String,
}

impl Judge {
    fn new(subject: &Subject, table: &Table, column: &Column) -> Self {
        Self {
            treat_as_plaintext: subject.treat_as_plaintext.clone(),
            table: table.clone(),
            column: column.clone(),
            cipher: subject.keys.cipher(column.form, &subject.rng),
            table_name: table.to_string(),
        }
    }

    fn place<'p>(&'p self, row_key: &'p str) -> Place<'p> {
        Place {
            table: &self.table_name,
            column: self.column.name.as_str(),
            row_key,
        }
    }

    fn name(&self, key: &RowKey) -> String {
        value_name(&self.table, &self.column, key)
    }

    fn judge(&self, key: &RowKey, value: Option<&Value>) -> Judged {
        let Some(value) = value else {
            return Judged::Empty;
        };
        let id = match self.cipher.classify(value) {
            Class::Empty => return Judged::Empty,
            Class::Plain => return Judged::Plain,
            Class::Hashed => return Judged::Protected(None),
            Class::Sealed(id) => id,
        };
        self.judge_sealed(key, value, id)
    }

    /// Whether what a value was opened to is a sealed value of this place itself.
    fn opens_again(&self, key: &RowKey, opened: &Opened) -> bool {
        let plaintext = &opened.plaintext;
        matches!(self.cipher.classify(plaintext), Class::Sealed(_))
            && self
                .cipher
                .open(&self.place(&key.to_string()), plaintext)
                .is_ok()
    }

    /// Whether the operator named this value to be taken as it stands.
    fn is_named(&self, key: &RowKey) -> bool {
        !self.treat_as_plaintext.is_empty() && self.treat_as_plaintext.contains(&self.name(key))
    }

    /// Whether a value is in clear, after a run. What looks sealed was opened when it was written,
    /// so only that is opened again which is to be taken for plaintext.
    fn is_in_clear(&self, key: &RowKey, value: Option<&Value>) -> bool {
        let Some(value) = value else { return false };
        match self.cipher.classify(value) {
            Class::Plain => true,
            Class::Empty | Class::Hashed => false,
            Class::Sealed(id) => {
                !self.treat_as_plaintext.is_empty()
                    && matches!(self.judge_sealed(key, value, id), Judged::Plain)
            }
        }
    }

    fn judge_sealed(&self, key: &RowKey, value: &Value, id: Option<KeyId>) -> Judged {
        match self.cipher.open(&self.place(&key.to_string()), value) {
            // A value that opens is sealed, whatever it is to be taken for: nothing is ever sealed
            // twice.
            Ok(opened) => Judged::Protected(Some(opened)),
            Err(_) if self.is_named(key) => Judged::Plain,
            Err(why) => Judged::Unopened(why, id),
        }
    }
}

/// How long something took.
fn since(begin: Instant) -> Duration {
    begin.elapsed()
}
