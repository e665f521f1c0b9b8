//! Makes the destination equal to the source, table by table.
//!
//! Inserts and updates go forward through the tables, each behind those that it refers to; rows
//! that are referred to are deleted only afterwards and backwards, when nothing refers to them any
//! more. So no delete ever takes other rows along.

use super::RunError;
use super::report::Counts;
use super::verify::Sample;
use crate::app::job::{Progress, Stop};
use crate::crypto::row_hash::{self, RowHash, TableHash};
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::transfer::{Edit, RecordReader, RecordWriter, TransferResult};
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Most rows of one page, and about as many of one transaction.
pub(super) const PAGE_ROWS: u32 = 2_000;

/// Whether edits are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Apply,
    Count,
}

/// What was done, and what is known of the source now.
#[derive(Debug, Default)]
pub(super) struct Synced {
    pub(super) tables: Vec<(Table, TableSynced)>,
    pub(super) sample: Sample,
}

/// One table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TableSynced {
    /// The source as it was read.
    pub(super) source: TableHash,
    pub(super) counts: Counts,
    /// Whether the table is left as it is.
    pub(super) skipped: bool,
    /// Rows of the destination that the source does not have and that are still there.
    surplus: u64,
}

impl Synced {
    /// The error that says how far the run came.
    pub(super) fn interrupted(&self) -> RunError {
        self.interrupted_in(&TableSynced::default())
    }

    /// As [`Self::interrupted`], in the middle of one more table.
    fn interrupted_in(&self, table: &TableSynced) -> RunError {
        let tables = self.tables.iter().map(|(_, done)| done.counts.all());
        RunError::Interrupted {
            rows: tables.sum::<u64>() + table.counts.all(),
        }
    }
}

pub(super) struct Sync<'a> {
    pub(super) source: &'a mut dyn RecordReader,
    pub(super) destination: &'a mut dyn RecordWriter,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a Stop,
    pub(super) mode: Mode,
}

/// Which edits a pass over a table makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Inserts and updates; deletes are counted.
    Write,
    /// All of them.
    WriteAndDelete,
    /// Deletes.
    Delete,
}

/// A row of the destination: what has to be known of it.
type Seen = (RecordKey, RowHash);

impl Sync<'_> {
    pub(super) async fn run(mut self) -> Result<Synced, RunError> {
        let mut synced = Synced::default();
        for table in Table::ALL {
            let rows = self.source.rough_count(table).await?;
            self.progress.begin(table.name(), Some(rows));
            let mut done = TableSynced::default();
            if self.is_left_alone(table).await? {
                done.skipped = true;
            } else {
                let pass = if table.is_referred_to() {
                    Pass::Write
                } else {
                    Pass::WriteAndDelete
                };
                self.pass(table, pass, &mut synced, &mut done).await?;
            }
            self.progress.end();
            synced.tables.push((table, done));
        }
        self.delete_surplus(&mut synced).await?;
        Ok(synced)
    }

    /// A source that has no keys of administrators (the other program has none, and a deployment
    /// may be given its key by its settings) takes none away: nobody is locked out by a move.
    async fn is_left_alone(&mut self, table: Table) -> TransferResult<bool> {
        if table != Table::AdminKeys {
            return Ok(false);
        }
        Ok(self.source.page(table, None, 1).await?.is_empty())
    }

    async fn delete_surplus(&mut self, synced: &mut Synced) -> Result<(), RunError> {
        for place in (0..synced.tables.len()).rev() {
            let Some((table, mut done)) = synced.tables.get(place).copied() else {
                continue;
            };
            if done.surplus > 0 {
                self.progress.begin(table.name(), None);
                self.pass(table, Pass::Delete, synced, &mut done).await?;
                self.progress.end();
                if let Some(entry) = synced.tables.get_mut(place) {
                    entry.1 = done;
                }
            }
        }
        Ok(())
    }

    /// Goes through both sides of a table once.
    async fn pass(
        &mut self,
        table: Table,
        pass: Pass,
        synced: &mut Synced,
        done: &mut TableSynced,
    ) -> Result<(), RunError> {
        let mut source: Side<(RecordKey, Record)> = Side::default();
        let mut destination: Side<Seen> = Side::default();
        let mut read = 0;
        loop {
            if source.wants_more() {
                let page = self.source.page(table, source.after(), PAGE_ROWS).await?;
                source.take(given(page));
            }
            if destination.wants_more() {
                let after = destination.after();
                let page = self.destination.page(table, after, PAGE_ROWS).await?;
                destination.take(seen(&page));
            }
            let mut edits = Edits::of(pass, done, synced);
            while let Some((row, old)) = next(&mut source, &mut destination) {
                read += u64::from(row.is_some());
                edits.add(row, old);
            }
            let edits = edits.made;
            self.apply(table, edits, &mut source).await?;
            self.progress.done(read);
            if source.is_at_end() && destination.is_at_end() {
                return Ok(());
            }
            if self.stop.is_asked() {
                return Err(synced.interrupted_in(done));
            }
        }
    }

    /// Applies edits, and reads the next page of the source meanwhile.
    async fn apply(
        &mut self,
        table: Table,
        edits: Vec<Edit>,
        source: &mut Side<(RecordKey, Record)>,
    ) -> TransferResult<()> {
        if edits.is_empty() || self.mode == Mode::Count {
            return Ok(());
        }
        if !source.wants_more() {
            return self.destination.apply(table, edits).await;
        }
        let (applied, page) = tokio::join!(
            self.destination.apply(table, edits),
            self.source.page(table, source.after(), PAGE_ROWS)
        );
        applied?;
        source.take(given(page?));
        Ok(())
    }
}

fn given(page: Vec<Record>) -> Page<(RecordKey, Record)> {
    let rows: VecDeque<(RecordKey, Record)> =
        page.into_iter().map(|row| (row.key(), row)).collect();
    let last = rows.back().map(|(key, _)| key.clone());
    Page { rows, last }
}

fn seen(page: &[Record]) -> Page<Seen> {
    let rows: VecDeque<Seen> = page
        .iter()
        .map(|row| (row.key(), row_hash::of(row)))
        .collect();
    let last = rows.back().map(|(key, _)| key.clone());
    Page { rows, last }
}

struct Page<T> {
    rows: VecDeque<T>,
    /// The key of the last row that was read; `None` when there was none.
    last: Option<RecordKey>,
}

/// One side of a comparison: the rows that were read and not compared yet.
struct Side<T> {
    rows: VecDeque<T>,
    last: Option<RecordKey>,
    ended: bool,
}

impl<T> Default for Side<T> {
    fn default() -> Self {
        Self {
            rows: VecDeque::new(),
            last: None,
            ended: false,
        }
    }
}

impl<T> Side<T> {
    fn wants_more(&self) -> bool {
        self.rows.is_empty() && !self.ended
    }

    fn is_at_end(&self) -> bool {
        self.rows.is_empty() && self.ended
    }

    const fn after(&self) -> Option<&RecordKey> {
        self.last.as_ref()
    }

    fn take(&mut self, page: Page<T>) {
        match page.last {
            Some(last) => self.last = Some(last),
            None => self.ended = true,
        }
        self.rows.extend(page.rows);
    }
}

/// The next row of one side or, when they have the same key, of both; `None` as soon as a side
/// has to be read further, or both are at their end.
fn next(
    source: &mut Side<(RecordKey, Record)>,
    destination: &mut Side<Seen>,
) -> Option<(Option<Record>, Option<Seen>)> {
    if source.wants_more() || destination.wants_more() {
        return None;
    }
    let order = match (source.rows.front(), destination.rows.front()) {
        (None, None) => return None,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some((key, _)), Some((old, _))) => key.cmp(old),
    };
    let row = order.is_le().then(|| source.rows.pop_front()).flatten();
    let old = order
        .is_ge()
        .then(|| destination.rows.pop_front())
        .flatten();
    Some((row.map(|(_, row)| row), old))
}

/// Makes the edits of a pass and counts them.
struct Edits<'a> {
    made: Vec<Edit>,
    pass: Pass,
    done: &'a mut TableSynced,
    sample: &'a mut Sample,
}

impl<'a> Edits<'a> {
    const fn of(pass: Pass, done: &'a mut TableSynced, synced: &'a mut Synced) -> Self {
        Self {
            made: Vec::new(),
            pass,
            done,
            sample: &mut synced.sample,
        }
    }

    fn add(&mut self, row: Option<Record>, old: Option<Seen>) {
        match (row, old) {
            (Some(row), old) if self.pass != Pass::Delete => self.write(row, old.as_ref()),
            (None, Some((key, _))) => self.delete(key),
            _ => {}
        }
    }

    fn write(&mut self, row: Record, old: Option<&Seen>) {
        let hash = row_hash::of(&row);
        self.done.source.add(hash);
        self.sample.offer(hash, &row);
        match old {
            Some((_, old)) if *old == hash => {}
            Some(_) => {
                self.done.counts.updated += 1;
                self.made.push(Edit::Update(row));
            }
            None => {
                self.done.counts.inserted += 1;
                self.made.push(Edit::Insert(row));
            }
        }
    }

    fn delete(&mut self, key: RecordKey) {
        if self.pass == Pass::Write {
            self.done.surplus += 1;
            return;
        }
        self.done.surplus = self.done.surplus.saturating_sub(1);
        self.done.counts.deleted += 1;
        self.made.push(Edit::Delete(key));
    }
}
