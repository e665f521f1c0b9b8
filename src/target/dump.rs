//! Reading whole databases for a backup: what they are made of, and their rows as they travel.
//!
//! What becomes of the rows is not known here: they go to a [`BlockSink`].

pub mod postgres;

use crate::domain::backup::Block;
use async_trait::async_trait;

/// Takes the rows of one table.
#[async_trait]
pub trait BlockSink: Send {
    /// Takes whole rows; waits while there is no room for them.
    ///
    /// # Errors
    ///
    /// [`SinkClosed`] ends the reading. Why it is closed is known to whoever closed it.
    async fn block(&mut self, block: Block) -> Result<(), SinkClosed>;
}

/// Nobody takes the rows any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes the rows any more")]
pub struct SinkClosed;
