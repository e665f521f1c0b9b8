//! The rows of a database of another program, one column at a time: read in pages, and replaced
//! in batches.
//!
//! What is written is decided by the use-cases; the engines are in the modules below. Nothing but
//! the column that is named is ever written.

use super::cipher::Value;
use super::table::{Column, RowKey, Table};
use crate::store::StoreError;
use async_trait::async_trait;

/// A row: its key and what the column holds; `None` is NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: RowKey,
    /// What the column holds.
    pub value: Option<Value>,
}

/// A value to replace. It is left alone where the row holds something else than `old` by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which row.
    pub key: RowKey,
    /// What it holds.
    pub old: Value,
    /// What it is to hold.
    pub new: Value,
}

/// Looks at what the database holds after a batch was written and before it is committed. `false`
/// undoes the batch.
pub type Check<'a> = &'a (dyn Fn(&Edit, &Value) -> bool + Send + Sync);

/// What became of a batch that was committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// How many values were replaced.
    pub replaced: u64,
    /// Rows that held something else, or were gone, and so were left alone.
    pub unmatched: Vec<RowKey>,
}

/// Why rows were not read or written. A batch that fails changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The database failed or cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read back is not what was to be written.
    #[error("the value {0} did not read back as it was written")]
    NotAsWritten(String),
    /// A row's key is NULL, or of a kind that no row can be named by.
    #[error("a row of the table {0} has a key that is no integer, text, UUID or bytes")]
    BadKey(String),
    /// Keys of two kinds in one column could name two rows alike.
    #[error("the keys of the table {0} are of more than one kind")]
    MixedKeys(String),
}

/// Result of reading or writing rows.
pub type RowsResult<T> = Result<T, RowsError>;

/// A database whose columns are to be protected.
#[async_trait]
pub trait Rows: Send {
    /// About how many rows a table has, for progress.
    async fn rough_count(&mut self, table: &Table) -> RowsResult<u64>;

    /// How many rows make a page and, at the most, a batch: few enough that a service that writes
    /// the same database waits less than a tenth of a second for one.
    fn page_rows(&self) -> u32 {
        4_000
    }

    /// Whether somebody else may have written since this was asked last. An engine that cannot
    /// tell says so.
    async fn others_wrote(&mut self) -> RowsResult<bool> {
        Ok(true)
    }

    /// Up to `limit` rows behind a key, in an order of the engine's own; fewer only at the end.
    async fn page(
        &mut self,
        table: &Table,
        column: &Column,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>>;

    /// These rows as they are now; those that are gone are left out.
    async fn rows(
        &mut self,
        table: &Table,
        column: &Column,
        keys: &[RowKey],
    ) -> RowsResult<Vec<Row>>;

    /// Replaces values in one transaction, each only where the row still holds the old one, and
    /// reads every one back before the commit. The edits are in the order in which [`Self::page`]
    /// gave their rows, and no two are of one row.
    async fn replace(
        &mut self,
        table: &Table,
        column: &Column,
        edits: Vec<Edit>,
        check: Check<'_>,
    ) -> RowsResult<Replaced>;
}
