//! Reading and writing whole databases, row by row, for a move from one to another.
//!
//! Engines of embsec implement both traits beside their stores; a foreign database implements
//! them in `target`. What is compared with what, in which order it is applied and when a run is
//! done are decided in `app::transfer`.

use super::error::StoreError;
use crate::domain::findings::Findings;
use crate::domain::ids::{EmbeddingId, InstanceId, ProjectId};
use crate::domain::record::{Record, RecordKey, Table};
use async_trait::async_trait;
use jiff::Timestamp;

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

    /// What of a row of the source this destination can hold; `None` for nothing. The key stays as
    /// it is. Called for every row of the source, users first, before rows are compared, so that
    /// what cannot be held is neither written nor missed; it may be called again for a row.
    fn fit(&mut self, record: Record) -> Option<Record> {
        Some(record)
    }

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
