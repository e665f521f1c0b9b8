//! One transaction per verb, with its event inside.
//!
//! A verb begins, changes rows, and ends with what it changed. The event is durable before the
//! commit. Whatever fails before, or whoever drops the future, the transaction is rolled back.

use super::connect::SqliteStore;
use super::marks;
use crate::domain::audit::{AuditMark, Change};
use crate::store::{StoreError, StoreResult, Witness};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};
use std::sync::Arc;

/// Takes the write lock at once: a transaction that read first and then wants to write could be
/// refused in the middle by another writer.
const BEGIN: &str = "BEGIN IMMEDIATE";

const READ_ONLY: &str = "SELECT read_only FROM embsec_state";

/// An open transaction that writes. Dropped, it is rolled back.
pub(super) struct Write {
    transaction: Transaction<'static, Sqlite>,
}

impl SqliteStore {
    /// Begins a transaction that writes, when it is this one's turn, unless the database takes no
    /// changes now.
    pub(super) async fn write(&self) -> StoreResult<Write> {
        let mut write = self.write_whatever_the_state().await?;
        let read_only: Option<String> = sqlx::query_scalar(READ_ONLY)
            .fetch_one(write.connection())
            .await?;
        match read_only {
            Some(reason) => Err(StoreError::ReadOnly(reason)),
            None => Ok(write),
        }
    }

    /// As [`Self::write`], for what changes embeddings only: there is one writer at a time anyway.
    pub(super) async fn write_rows(&self) -> StoreResult<Write> {
        self.write().await
    }

    /// As [`Self::write_rows`], for what may write although nothing else may.
    pub(super) async fn write_rows_whatever_the_state(&self) -> StoreResult<Write> {
        self.write_whatever_the_state().await
    }

    /// As [`Self::write`], for what may write although nothing else may.
    pub(super) async fn write_whatever_the_state(&self) -> StoreResult<Write> {
        Ok(Write {
            transaction: self.writer().begin_with(BEGIN).await?,
        })
    }
}

impl Write {
    /// The connection inside the transaction.
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Records the change and commits. No change: nothing happened, so there is nothing to commit
    /// and no event.
    ///
    /// From here on the work is done in a task of its own: a caller who goes away can no longer
    /// stop it half-way between the event and the commit.
    pub(super) async fn finish(
        self,
        witness: &dyn Witness,
        change: Option<Change>,
    ) -> StoreResult<()> {
        let Some(change) = change else {
            self.transaction.rollback().await?;
            return Ok(());
        };
        let witness = witness.detach();
        tokio::spawn(self.record_and_commit(witness, change))
            .await
            .map_err(|error| StoreError::Fault(Box::new(error)))?
    }

    /// Commits what needs no event: rows that no client can see or name.
    pub(super) async fn finish_unrecorded(self) -> StoreResult<()> {
        Ok(self.transaction.commit().await?)
    }

    async fn record_and_commit(self, witness: Arc<dyn Witness>, change: Change) -> StoreResult<()> {
        let mark = witness.record(change).await.map_err(StoreError::Audit)?;
        let committed = self.mark_and_commit(&mark).await;
        if committed.is_err() {
            witness.undone(mark).await;
        }
        committed
    }

    async fn mark_and_commit(mut self, mark: &AuditMark) -> StoreResult<()> {
        marks::leave(&mut self.transaction, mark).await?;
        Ok(self.transaction.commit().await?)
    }
}
