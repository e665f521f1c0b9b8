//! Restoring whole databases from a backup.
//!
//! Where the rows come from is not known here: they are asked of a [`BlockSource`].

pub mod postgres;

use crate::domain::backup::Block;
use async_trait::async_trait;
use std::error::Error;

/// Gives the rows of one table, in order.
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
