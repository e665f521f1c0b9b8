//! One run through the rows, writing what is to be written.

use super::{
    Census, ColumnCensus, Direction, EncryptionError, Judge, Judged, Named, Subject, Watch,
    columns, since,
};
use crate::domain::audit::Details;
use crate::target::cipher::Value;
use crate::target::lease::Lease;
use crate::target::rows::{Edit, Row, Rows};
use crate::target::table::{Mode, RowKey};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How often a row that somebody else keeps changing is looked at again.
const ATTEMPTS: usize = 5;
/// How often the rows are gone through, where others put new ones in clear behind the cursor.
const PASSES: usize = 3;

/// One column of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnReport {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Whether its values can be brought back.
    pub mode: Mode,
    /// Values that were written, or would be.
    pub changed: u64,
    /// Values that were as they should be before.
    pub skipped: u64,
    /// Values that are still as they should not be.
    pub remaining: u64,
}

/// What a run did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Every column.
    pub columns: Vec<ColumnReport>,
    /// Whether something was written.
    pub applied: bool,
    /// How long it took; of a rehearsal, without writing.
    pub took: Duration,
}

impl Report {
    /// A run that had nothing to do.
    #[must_use]
    pub fn idle(census: &Census, direction: Direction) -> Self {
        let columns = census.columns.iter();
        Self {
            columns: columns.map(|counts| expected(direction, counts)).collect(),
            applied: true,
            took: Duration::ZERO,
        }
    }

    /// Values that were written, or would be.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.columns.iter().map(|column| column.changed).sum()
    }

    /// Values that were as they should be before.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.columns.iter().map(|column| column.skipped).sum()
    }

    /// Values that are still as they should not be.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.columns.iter().map(|column| column.remaining).sum()
    }

    /// The facts for the audit log.
    pub(super) fn details(&self) -> Details {
        Details::from_iter([
            ("phase".to_owned(), "ended".into()),
            ("changed".to_owned(), self.changed().into()),
            ("skipped".to_owned(), self.skipped().into()),
            ("remaining".to_owned(), self.remaining().into()),
        ])
    }
}

pub(super) struct Pass<'a, 'w> {
    pub(super) rows: &'a mut dyn Rows,
    pub(super) subject: &'a Subject,
    pub(super) direction: Direction,
    pub(super) watch: &'a Watch<'w>,
    /// What keeps others away; none for a rehearsal, which writes nothing.
    pub(super) guard: Option<&'a mut dyn Lease>,
}

impl Pass<'_, '_> {
    /// Goes through all columns of which the census says that there is something to do.
    pub(super) async fn run(
        mut self,
        census: Census,
        begin: Instant,
    ) -> Result<Report, EncryptionError> {
        let applied = self.guard.is_some();
        let subject = self.subject;
        let mut reports: Vec<ColumnReport> = Vec::new();
        for ((table, column), counts) in columns(&subject.tables).zip(&census.columns) {
            let judge = Arc::new(Judge::new(subject, table, column));
            let mut report = expected(self.direction, counts);
            let planned = std::mem::take(&mut report.changed);
            if planned > 0 {
                let before = reports.iter().map(|report| report.changed).sum();
                self.column(&judge, planned, before, &mut report).await?;
            }
            reports.push(report);
        }
        Ok(Report {
            columns: reports,
            applied,
            took: since(begin),
        })
    }

    async fn column(
        &mut self,
        judge: &Arc<Judge>,
        planned: u64,
        before: u64,
        report: &mut ColumnReport,
    ) -> Result<(), EncryptionError> {
        let (verb, table, column) = (
            match self.direction {
                Direction::Encrypt if report.mode == Mode::Hash => "hashing",
                Direction::Encrypt => "encrypting",
                Direction::Decrypt => "decrypting",
            },
            &judge.table,
            &judge.column,
        );
        let part = format!("{verb} {table}.{}", column.name);
        self.watch.progress.begin(&part, Some(planned));
        // From here on the writes of others count.
        self.rows.others_wrote().await?;
        for _ in 0..PASSES {
            let done = self.pass(judge, before, report).await;
            if done.is_err() {
                self.watch.progress.end();
            }
            done?;
            if self.guard.is_none() {
                report.remaining = planned;
                break;
            }
            // What came back may look sealed, and is no more to be done: there is one pass.
            if self.direction == Direction::Decrypt {
                break;
            }
            report.remaining = if self.rows.others_wrote().await? {
                self.count_left(judge).await?
            } else {
                0
            };
            if report.remaining == 0 {
                break;
            }
        }
        self.watch.progress.end();
        Ok(())
    }

    /// Goes through the rows once. While a batch is written, the next one is sealed.
    async fn pass(
        &mut self,
        judge: &Arc<Judge>,
        before: u64,
        report: &mut ColumnReport,
    ) -> Result<(), EncryptionError> {
        let (table, column) = (&judge.table, &judge.column);
        let limit = self.rows.page_rows();
        let mut after = None;
        let mut sealing: Option<JoinHandle<Result<Vec<Edit>, EncryptionError>>> = None;
        loop {
            tokio::task::yield_now().await;
            if self.watch.stop.is_asked() {
                let changed = before + report.changed;
                return Err(EncryptionError::Interrupted { changed });
            }
            let page = self.rows.page(table, column, after.as_ref(), limit).await?;
            let last = page.last().map(|row| row.key.clone());
            let next = last.is_some().then(|| {
                let (judge, direction) = (Arc::clone(judge), self.direction);
                tokio::task::spawn_blocking(move || judge.edits(direction, page))
            });
            if let Some(sealing) = sealing.take() {
                let edits = sealing.await.map_err(|_| EncryptionError::Worker)??;
                let (written, left) = self.write(judge, edits).await?;
                report.changed += written;
                report.remaining += left;
                self.watch.progress.done(report.changed);
            }
            if next.is_none() {
                return Ok(());
            }
            (after, sealing) = (last, next);
        }
    }

    /// Writes a batch, and what of it was changed by others meanwhile again. Returns how many
    /// values were written, and how many others kept changing.
    async fn write(
        &mut self,
        judge: &Arc<Judge>,
        mut edits: Vec<Edit>,
    ) -> Result<(u64, u64), EncryptionError> {
        if self.guard.is_none() {
            return Ok((edits.len().try_into().unwrap_or_default(), 0));
        }
        let (table, column) = (&judge.table, &judge.column);
        // Every edit was opened when it was made; that it reads back to the last byte is seen to
        // by the database.
        let check = |_: &Edit, _: &Value| true;
        let mut written = 0;
        for _ in 0..ATTEMPTS {
            if edits.is_empty() {
                break;
            }
            if let Some(lease) = self.guard.as_deref_mut() {
                lease.check().await?;
            }
            let replaced = self.rows.replace(table, column, edits, &check).await?;
            written += replaced.replaced;
            let unmatched = replaced.unmatched;
            edits = if unmatched.is_empty() {
                Vec::new()
            } else {
                let again = self.rows.rows(table, column, &unmatched).await?;
                judge.edits(self.direction, in_order(again, &unmatched))?
            };
        }
        Ok((written, edits.len().try_into().unwrap_or_default()))
    }

    /// How many rows are in clear, now.
    async fn count_left(&mut self, judge: &Arc<Judge>) -> Result<u64, EncryptionError> {
        let (table, column) = (&judge.table, &judge.column);
        let limit = self.rows.page_rows();
        let mut left = 0;
        let mut after = None;
        loop {
            let page = self.rows.page(table, column, after.as_ref(), limit).await?;
            let Some(last) = page.last() else {
                return Ok(left);
            };
            after = Some(last.key.clone());
            let wrong = page
                .iter()
                .filter(|row| judge.is_in_clear(&row.key, row.value.as_ref()));
            left += u64::try_from(wrong.count()).unwrap_or_default();
        }
    }
}

impl Judge {
    /// What these rows are to hold instead; rows that are as they should be are left out. What is
    /// to be written is opened first: nothing is written that would not come back.
    fn edits(&self, direction: Direction, page: Vec<Row>) -> Result<Vec<Edit>, EncryptionError> {
        let mut edits = Vec::with_capacity(page.len());
        for row in page {
            let Some(old) = row.value else { continue };
            let judged = self.judge(&row.key, Some(&old));
            if let Some(new) = self.new_value(direction, &row.key, &old, judged)? {
                edits.push(Edit {
                    key: row.key,
                    old,
                    new,
                });
            }
        }
        Ok(edits)
    }

    fn new_value(
        &self,
        direction: Direction,
        key: &RowKey,
        old: &Value,
        judged: Judged,
    ) -> Result<Option<Value>, EncryptionError> {
        Ok(match (direction, judged) {
            (_, Judged::Empty)
            | (Direction::Decrypt, Judged::Plain | Judged::Protected(None))
            | (Direction::Encrypt, Judged::Protected(_)) => None,
            (Direction::Encrypt, Judged::Plain) => self.protected(key, old)?,
            (Direction::Decrypt, Judged::Protected(Some(opened))) => {
                if !self.opens_again(key, &opened) {
                    Some(opened.plaintext)
                } else if self.is_named(key) {
                    None
                } else {
                    // None was there a moment ago, so it was written since.
                    let mut named = Named::default();
                    named.add(|| self.name(key), "it was written meanwhile");
                    return Err(EncryptionError::Twice(named));
                }
            }
            // All of them opened a moment ago, so it was written since.
            (_, Judged::Unopened(why, _)) => {
                let row = self.name(key);
                return Err(EncryptionError::ChangedToUnknown { row, why });
            }
        })
    }

    fn protected(&self, key: &RowKey, old: &Value) -> Result<Option<Value>, EncryptionError> {
        let text = key.to_string();
        let place = self.place(&text);
        let Some(new) = self.cipher.protect(&place, old)? else {
            return Ok(None);
        };
        // A hash cannot be opened, and is not made by a key that could be another one.
        let opens = self.column.form.mode() == Mode::Hash
            || self
                .cipher
                .open(&place, &new)
                .is_ok_and(|opened| opened.plaintext == *old);
        if opens {
            Ok(Some(new))
        } else {
            Err(EncryptionError::NotAsSealed(self.name(key)))
        }
    }
}

/// Rows in the order of these keys.
fn in_order(rows: Vec<Row>, keys: &[RowKey]) -> Vec<Row> {
    let mut rows = rows;
    rows.sort_by_key(|row| keys.iter().position(|key| *key == row.key));
    rows
}

/// What a column needs, by its census.
fn expected(direction: Direction, counts: &ColumnCensus) -> ColumnReport {
    let (changed, skipped) = match (direction, counts.mode) {
        (Direction::Encrypt, _) => (counts.plaintext, counts.encrypted),
        (Direction::Decrypt, Mode::Encrypt) => (counts.encrypted, counts.plaintext),
        // There is no way back.
        (Direction::Decrypt, Mode::Hash) => (0, counts.encrypted + counts.plaintext),
    };
    ColumnReport {
        table: counts.table.clone(),
        column: counts.column.clone(),
        mode: counts.mode,
        changed,
        skipped,
        remaining: 0,
    }
}
