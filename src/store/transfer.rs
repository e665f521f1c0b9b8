//! Reading and writing whole databases, row by row, for a move from one to another.
//!
//! Engines of embsec implement both traits beside their stores; a foreign database implements
//! them in `target`. What is compared with what, in which order it is applied and when a run is
//! done are decided in `app::transfer`.

mod sealing;

pub(in crate::store) use sealing::SealedRow;
pub use sealing::{KeyMaker, OpenKeys, Sealing};

use super::driver::Malformed;
use super::error::{StoreError, StoreResult};
use crate::domain::findings::Findings;
use crate::domain::ids::{EmbeddingId, InstanceId, ProjectId};
use crate::domain::record::{EmbeddingRecord, Record, RecordKey, Table};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashMap;

/// A page ends with the row that makes it larger than this, so that memory does not grow with the
/// texts.
pub(in crate::store) const PAGE_BYTES: usize = 8 << 20;

/// What a value is replaced by that a row holds and an incoming one needs, before the row's id. No
/// client can give such a value, and a row with it still reads.
pub(in crate::store) const ASIDE: &str = "\u{1}aside ";

/// What clients are told while the destination is read-only.
pub(in crate::store) const READ_ONLY_REASON: &str = "another database is being moved in";

/// Compares two vectors of IEEE 754 binary16, little endian; `None` when they cannot be.
pub type Similarity = fn(&[u8], &[u8]) -> Option<f64>;

/// Why rows could not be read or written. What was applied before stays, and a further run goes
/// on from there.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A provider key does not open: the wrong key was given, or the value is damaged.
    #[error("the provider key of instance {instance} does not open")]
    ProviderKey {
        /// Whose.
        instance: InstanceId,
        /// Why; holds no key material.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row of the source cannot be taken over as it is, and no option was given to leave it
    /// out. [`RecordReader::survey`] finds such rows before anything is written.
    #[error("the row {row} of {table} cannot be taken over: {what}")]
    Unusable {
        /// Its table in the words of embsec.
        table: Table,
        /// Which, for people.
        row: String,
        /// What about it, as a fragment.
        what: String,
    },
}

/// Result of a step of a transfer.
pub type TransferResult<T> = Result<T, TransferError>;

/// An embedding that a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Id.
    pub id: EmbeddingId,
    /// Cosine similarity, -1 to 1.
    pub similarity: f64,
}

/// Reads the rows of one database.
///
/// A reader of a source shows one state of the database for its whole life, whatever others write
/// meanwhile, and never writes itself. A reader of a destination shows what was applied.
#[async_trait]
pub trait RecordReader: Send {
    /// What stands in the way of taking over the rows, under the repairs that the reader was
    /// opened with. Reads whatever it must, in bounded memory.
    async fn survey(&mut self) -> TransferResult<Findings>;

    /// The rows of a table behind `after`, in the order of [`RecordKey`], at most `limit`.
    ///
    /// A page may hold fewer rows than asked for, when they are large; only an empty page ends
    /// the table. Every row is as the repairs want it: renamed, disabled, with the owner of its
    /// project, or left out.
    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>>;

    /// About how many rows the table has, for the progress of a run. Need not be exact.
    async fn rough_count(&mut self, table: Table) -> TransferResult<u64>;

    /// The highest id that the database ever gave to a row of this table, whether or not the row
    /// is still there; 0 for none. Asked only for tables that have ids ([`Table::has_ids`]).
    async fn highest_id(&mut self, table: Table) -> TransferResult<i64>;

    /// The embeddings of a project nearest to a vector among those of the same dimension, best
    /// first, by an exact search. `vector_half` is IEEE 754 binary16, little endian. Rows that
    /// [`Self::page`] leaves out are not found.
    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>>;
}

/// One change of the destination.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A row whose key was not there when the destination was last read.
    Insert(Record),
    /// A row whose key was there with other values. It is changed where it is, never deleted and
    /// inserted: other rows may refer to it. If it has gone meanwhile, it is inserted.
    Update(Record),
    /// A row that the source does not have. That it has gone already is no error.
    Delete(RecordKey),
}

/// The edits of a batch of embeddings by what becomes of the rows.
pub(in crate::store) struct EmbeddingEdits<'e> {
    /// Inserted or changed.
    pub(in crate::store) puts: Vec<&'e EmbeddingRecord>,
    /// Ids of those among them that may be there.
    updated: HashMap<i64, ProjectId>,
    /// Ids of the rows that go.
    pub(in crate::store) deletes: Vec<i64>,
}

impl<'e> EmbeddingEdits<'e> {
    /// Sorts the edits of a batch.
    ///
    /// # Errors
    ///
    /// When one of them is not about an embedding.
    pub(in crate::store) fn of(edits: &'e [Edit]) -> StoreResult<Self> {
        let mut sorted = Self {
            puts: Vec::with_capacity(edits.len()),
            updated: HashMap::new(),
            deletes: Vec::new(),
        };
        for edit in edits {
            match edit {
                Edit::Insert(Record::Embedding(row)) => sorted.puts.push(row),
                Edit::Update(Record::Embedding(row)) => {
                    sorted.updated.insert(row.id.0, row.project);
                    sorted.puts.push(row);
                }
                Edit::Delete(RecordKey::Id(id)) => sorted.deletes.push(*id),
                _ => return Err(Malformed("table of an edit").into()),
            }
        }
        Ok(sorted)
    }

    /// Ids of rows that may be there now.
    pub(in crate::store) fn changed_ids(&self) -> Vec<i64> {
        let updated = self.updated.keys().copied();
        updated.chain(self.deletes.iter().copied()).collect()
    }

    /// Whether every row that comes was not there.
    pub(in crate::store) fn are_all_new(&self) -> bool {
        self.updated.is_empty()
    }

    /// Whether the row of this id leaves this project, to another one or for good.
    pub(in crate::store) fn leaves(&self, id: i64, project: i64) -> bool {
        self.updated.get(&id).is_none_or(|new| new.0 != project)
    }
}

/// What a destination holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Nothing but what a new schema begins with.
    Empty,
    /// What a transfer from this source has brought so far.
    Unfinished {
        /// The source, as it was given to [`RecordWriter::begin`].
        source: String,
    },
    /// Something else; the text names what, as a fragment.
    Occupied(String),
}

/// Writes the rows of one database. Whoever opened it holds the lock of the destination, so that
/// there is one writer.
#[async_trait]
pub trait RecordWriter: RecordReader {
    /// What the destination holds now. Writes nothing.
    async fn state(&mut self) -> TransferResult<Destination>;

    /// Notes the source and the time of this run, and makes the destination read-only for
    /// everybody else until [`Self::finish`]. Called before the first edit of every run. When the
    /// destination has no embeddings yet, indexes that are cheaper to build at the end may be
    /// taken away; [`Self::settle`] puts them back, in whichever run.
    async fn begin(&mut self, source: &str, now: Timestamp) -> TransferResult<()>;

    /// Applies edits of one table, all or none, in the order given. Edits that were applied
    /// before do no harm.
    ///
    /// Values that no two rows share may have moved from one row to another: a row that still
    /// holds a value of an incoming one is moved aside first. It is then brought to its own new
    /// values, or deleted, by a later edit of the same run.
    ///
    /// A table that others refer to gets its deletes only after all other tables have got all
    /// their inserts and updates.
    async fn apply(&mut self, table: Table, edits: Vec<Edit>) -> TransferResult<()>;

    /// Called when all edits of a run are applied: makes sure that the next row of each table gets
    /// an id above `highest_ids` and above every row, and that every index is there.
    async fn settle(&mut self, highest_ids: &[(Table, i64)]) -> TransferResult<()>;

    /// Ends the transfer for good: the destination serves writes from now on.
    async fn finish(&mut self, now: Timestamp) -> TransferResult<()>;
}
