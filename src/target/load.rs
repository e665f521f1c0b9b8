//! Writes whole databases from a backup: embsec's own and those of other programs.
//!
//! Nothing that holds data is ever written over, and what was begun is not to be taken for a
//! database before it has been compared with what the backup says of it. Where the bytes come from,
//! and whether they are genuine, is settled before they get here.

pub mod postgres;
pub mod sqlite;

pub use postgres::{Finished, ForeignKeys, Standing, Step, StepProgress};

use super::dump::BlockSink;
use crate::domain::backup::{Block, RecordedSearch, TableShape};
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::DataKeyRecord;
use async_trait::async_trait;
use std::error::Error;

/// Gives the rows of one table, or the bytes of a file, in order.
#[async_trait]
pub trait BlockSource: Send {
    /// The next whole rows; `None` at the end, which is one that was proven to be the end.
    ///
    /// # Errors
    ///
    /// [`SourceError`] undoes the whole restore.
    async fn next(&mut self) -> Result<Option<Block>, SourceError>;
}

/// Why there are no more rows, though there should be.
#[derive(Debug, thiserror::Error)]
#[error("the rows of the backup cannot be read")]
pub struct SourceError(#[source] pub Box<dyn Error + Send + Sync>);

/// Why a database was not restored.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A database on a server.
    #[error(transparent)]
    Postgres(#[from] postgres::LoadError),
    /// A file.
    #[error(transparent)]
    Sqlite(#[from] sqlite::LoadError),
    /// The source of the rows.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It was used in an order in which nothing can be restored.
    #[error("a restore was not begun before it was gone on with")]
    NotBegun,
}

impl LoadError {
    /// Whether the reason is the place, and not what was restored into it.
    #[must_use]
    pub const fn is_of_the_place(&self) -> bool {
        use crate::target::dump::postgres::ServerError;
        use crate::target::sqlite::whole::SqliteFault;
        match self {
            Self::Postgres(error) => matches!(
                error,
                postgres::LoadError::Refused(_)
                    | postgres::LoadError::InUse(_)
                    | postgres::LoadError::Server(
                        ServerError::Unavailable(_)
                            | ServerError::Refused(_)
                            | ServerError::NoRight(_)
                            | ServerError::Busy(_)
                            | ServerError::DiskFull(_)
                    )
                    | postgres::LoadError::Rows {
                        source: ServerError::Unavailable(_) | ServerError::DiskFull(_),
                        ..
                    }
                    | postgres::LoadError::Step {
                        source: ServerError::Unavailable(_) | ServerError::DiskFull(_),
                        ..
                    }
            ),
            Self::Sqlite(error) => matches!(
                error,
                sqlite::LoadError::NotEmpty(_)
                    | sqlite::LoadError::LeftOver(_)
                    | sqlite::LoadError::InProgress(_)
                    | sqlite::LoadError::NoRoom { .. }
                    | sqlite::LoadError::File(_)
                    | sqlite::LoadError::Sqlite(
                        SqliteFault::DiskFull(_) | SqliteFault::Disk { .. } | SqliteFault::InUse(_)
                    )
            ),
            Self::Source(_) | Self::NotBegun => false,
        }
    }
}

/// A place that a backup is restored into.
#[async_trait]
pub trait Load: Send {
    /// It in words, without user and password.
    fn place(&self) -> String;

    /// Whether it is one to restore into. Reads only.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn check(&mut self) -> Result<Standing, LoadError>;

    /// Makes everything that must be there before the rows.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn begin(&mut self) -> Result<(), LoadError>;

    /// Fills a table, and returns how many rows it has.
    ///
    /// # Errors
    ///
    /// [`LoadError`]; nothing of the restore is left then.
    async fn load(
        &mut self,
        table: &TableShape,
        source: &mut dyn BlockSource,
    ) -> Result<u64, LoadError>;

    /// Writes the file of a database that is one.
    ///
    /// # Errors
    ///
    /// [`LoadError`]; nothing of the restore is left then.
    async fn load_file(&mut self, source: &mut dyn BlockSource) -> Result<(), LoadError>;

    /// Copies a table out again, to be compared with what the backup says of it.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn read_back(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, LoadError>;

    /// Puts the data keys in, destroys again what was destroyed since, and makes everything
    /// visible. Returns the projects whose text is gone for good.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn finish_data(
        &mut self,
        data_keys: &[DataKeyRecord],
        destroyed: &[DestroyedKey],
    ) -> Result<Vec<ProjectId>, LoadError>;

    /// Makes everything behind the rows that is not made yet. `stop` is asked between two steps.
    ///
    /// # Errors
    ///
    /// [`LoadError`]; the same restore can go on.
    async fn finish_indexes(
        &mut self,
        progress: &mut dyn StepProgress,
        stop: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Finished, LoadError>;

    /// Whether rows that name others name some that are there.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn foreign_keys(&mut self) -> Result<ForeignKeys, LoadError>;

    /// Repeats a recorded search; `None` when it cannot be repeated here.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    async fn run_search(
        &mut self,
        search: &RecordedSearch,
    ) -> Result<Option<Vec<String>>, LoadError>;

    /// Ends the work on the place.
    async fn close(self: Box<Self>);
}
