//! Reads whole databases for a backup: embsec's own and those of other programs.
//!
//! What is read is one state of the database, while others write. What becomes of it (sealed,
//! signed, stored) is no concern here, and nothing here writes to what it reads.

pub mod postgres;
pub mod sqlite;

use crate::domain::backup::{Block, PostgresFacts, Program, SqliteFacts, TableShape};
use crate::domain::key::DataKeyRecord;
use async_trait::async_trait;
use std::path::Path;

/// Takes the rows of one table.
#[async_trait]
pub trait BlockSink: Send {
    /// Takes whole rows; waits while there is no room for them.
    ///
    /// # Errors
    ///
    /// [`SinkClosed`] ends the reading. Why it is closed is known to whoever closed it.
    async fn block(&mut self, block: Block) -> Result<(), SinkClosed>;

    /// Room for the next block: that of an earlier one where there is some, which costs less than
    /// memory that the system has to clear first.
    fn spare(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

/// Nobody takes the rows any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes the rows any more")]
pub struct SinkClosed;

/// Why a database was not read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// A database on a server.
    #[error(transparent)]
    Postgres(#[from] postgres::DumpError),
    /// A file.
    #[error(transparent)]
    Sqlite(#[from] sqlite::DumpError),
    /// Nobody takes what is read any more.
    #[error(transparent)]
    Closed(#[from] SinkClosed),
}

impl DumpError {
    /// Whether it is only that nobody takes the rows, for a reason that is told elsewhere.
    #[must_use]
    pub const fn is_sink_closed(&self) -> bool {
        matches!(
            self,
            Self::Closed(_)
                | Self::Postgres(postgres::DumpError::Read(postgres::ReadError::Closed(_)))
        )
    }
}

/// What is known of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// A server.
    Postgres(PostgresFacts),
    /// A file.
    Sqlite(SqliteFacts),
}

/// A database that is being read.
#[async_trait]
pub trait Dump: Send {
    /// It in words that tell it from others, without user and password.
    fn database(&self) -> &str;

    /// Whose tables it holds.
    fn program(&self) -> Program;

    /// What is known of it.
    fn facts(&self) -> Facts;

    /// Its tables; none of a file, which is read page by page.
    fn tables(&self) -> &[TableShape];

    /// The data keys of a database of embsec's, which are in nothing else that is read.
    fn data_keys(&self) -> &[DataKeyRecord];

    /// About how many bytes there are to read.
    fn estimated_bytes(&self) -> u64;

    /// The copy of a file.
    fn file(&self) -> Option<&Path>;

    /// Sends the rows of a table to a sink, and returns how many there are.
    ///
    /// # Errors
    ///
    /// [`DumpError`]; nothing more can be read then.
    async fn copy(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, DumpError>;

    /// Ends the reading.
    async fn close(self: Box<Self>);
}
