//! One process at a time works on a database of another program.
//!
//! A lease ends with its process, however that ends. It keeps embsec's own commands apart; the
//! program that the database belongs to knows nothing of it and goes on.

pub mod postgres;
pub mod sqlite;

use crate::store::StoreError;
use crate::sys::fs::FsError;
use async_trait::async_trait;

/// Why a database may not be worked on now.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another process works on it.
    #[error("{holder} is working on this database now")]
    Held {
        /// Who.
        holder: String,
    },
    /// The server let go of the lease, since the connection that held it is gone.
    #[error("the lease of the database was lost with its connection")]
    Lost(#[source] StoreError),
    /// The lock file beside the database cannot be used.
    #[error(transparent)]
    File(#[from] FsError),
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Holds a database for this process until it is dropped.
#[async_trait]
pub trait Lease: Send {
    /// Makes sure that it is still held; asked before every batch.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Lost`]; nothing more may be written then.
    async fn check(&mut self) -> Result<(), LeaseError>;
}
