//! One run through the rows, writing what is to be written.

use super::{
    Census, ColumnCensus, Direction, EncryptionError, Judge, Judged, Subject, Watch, columns, since,
};
use crate::domain::audit::Details;
use crate::target::cipher::Value;
use crate::target::lease::Lease;
use crate::target::rows::{Edit, Row, Rows};
use crate::target::table::{Mode, RowKey};
use std::time::{Duration, Instant};

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
            let judge = Judge::new(subject, table, column);
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
        judge: &Judge<'_>,
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
            judge.table,
            judge.column,
        );
        let part = format!("{verb} {table}.{}", column.name);
        self.watch.progress.begin(&part, Some(planned));
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
            // What came back may look sealed, and must not be opened again: there is one pass.
            if self.direction == Direction::Decrypt {
                break;
            }
            report.remaining = self.count_left(judge).await?;
            if report.remaining == 0 {
                break;
            }
        }
        self.watch.progress.end();
        Ok(())
    }

    /// Goes through the rows once.
    async fn pass(
        &mut self,
        judge: &Judge<'_>,
        before: u64,
        report: &mut ColumnReport,
    ) -> Result<(), EncryptionError> {
        let (table, column) = (judge.table, judge.column);
        let mut after = None;
        loop {
            if self.watch.stop.is_asked() {
                let changed = before + report.changed;
                return Err(EncryptionError::Interrupted { changed });
            }
            let page = self
                .rows
                .page(table, column, after.as_ref(), super::PAGE_ROWS);
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.key.clone());
            let edits = self.edits(judge, page)?;
            let (written, left) = self.write(judge, edits).await?;
            report.changed += written;
            report.remaining += left;
            self.watch.progress.done(written);
        }
    }

    /// What these rows are to hold instead; rows that are as they should be are left out.
    fn edits(&self, judge: &Judge<'_>, page: Vec<Row>) -> Result<Vec<Edit>, EncryptionError> {
        let mut edits = Vec::with_capacity(page.len());
        for row in page {
            let Some(old) = row.value else { continue };
            let judged = judge.judge(&row.key, Some(&old));
            if let Some(new) = self.new_value(judge, &row.key, &old, judged)? {
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
        judge: &Judge<'_>,
        key: &RowKey,
        old: &Value,
        judged: Judged,
    ) -> Result<Option<Value>, EncryptionError> {
        Ok(match (self.direction, judged) {
            (_, Judged::Empty)
            | (Direction::Decrypt, Judged::Plain | Judged::Protected(None))
            | (Direction::Encrypt, Judged::Protected(_)) => None,
            (Direction::Encrypt, Judged::Plain) => {
                let text = key.to_string();
                judge.cipher.protect(&judge.place(&text), old)?
            }
            (Direction::Decrypt, Judged::Protected(Some(opened))) => Some(opened.plaintext),
            // All of them opened a moment ago, so it was written since.
            (_, Judged::Unopened(why, _)) => {
                let row = judge.name(key);
                return Err(EncryptionError::ChangedToUnknown { row, why });
            }
        })
    }

    /// Writes a batch, and what of it was changed by others meanwhile again. Returns how many
    /// values were written, and how many others kept changing.
    async fn write(
        &mut self,
        judge: &Judge<'_>,
        mut edits: Vec<Edit>,
    ) -> Result<(u64, u64), EncryptionError> {
        if self.guard.is_none() {
            return Ok((edits.len().try_into().unwrap_or_default(), 0));
        }
        let (table, column) = (judge.table, judge.column);
        let direction = self.direction;
        let check = |edit: &Edit, now: &Value| is_as_meant(judge, direction, edit, now);
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
                self.edits(judge, in_order(again, &unmatched))?
            };
        }
        Ok((written, edits.len().try_into().unwrap_or_default()))
    }

    /// How many rows are in clear, now.
    async fn count_left(&mut self, judge: &Judge<'_>) -> Result<u64, EncryptionError> {
        let (table, column) = (judge.table, judge.column);
        let mut left = 0;
        let mut after = None;
        loop {
            let page = self
                .rows
                .page(table, column, after.as_ref(), super::PAGE_ROWS);
            let page = page.await?;
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

/// Whether what the database holds now is what was meant: it opens to what was there before, or
/// is the hash of it, or what was sealed.
fn is_as_meant(judge: &Judge<'_>, direction: Direction, edit: &Edit, now: &Value) -> bool {
    let key = edit.key.to_string();
    let place = judge.place(&key);
    match (direction, judge.column.form.mode()) {
        (Direction::Encrypt, Mode::Encrypt) => judge
            .cipher
            .open(&place, now)
            .is_ok_and(|opened| opened.plaintext == edit.old),
        (Direction::Encrypt, Mode::Hash) => {
            let hash = judge.cipher.protect(&place, &edit.old);
            hash.is_ok_and(|hash| hash.as_ref() == Some(now))
        }
        (Direction::Decrypt, _) => judge
            .cipher
            .open(&place, &edit.old)
            .is_ok_and(|opened| opened.plaintext == *now),
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
