//! One transaction per verb, with its event inside.
//!
//! A verb begins, changes rows, and ends with what it changed. The event is durable before the
//! commit. Whatever fails before, or whoever drops the future, the transaction is rolled back.
//!
//! What a verb has checked must still hold when it commits, although other processes write too.
//! So a verb that changes people, standards, definitions, instances or projects does it alone,
//! and one that changes embeddings does it beside others of its kind, each holding its project.
//! The lock of the structure is always taken first.

use super::connect::PostgresStore;
use super::marks;
use crate::domain::audit::{AuditMark, Change};
use crate::store::{StoreError, StoreResult, Witness};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Postgres, Transaction};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// The numbers of the lock are "embs" as a number, and the first of the locks of embsec.
const BEGIN_ALONE: &str = "BEGIN; SELECT pg_advisory_xact_lock(1701667443, 1)";

const BEGIN_BESIDE_OTHERS: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(1701667443, 1)";

/// A statement of its own, because one that waited for the lock would see the state from before.
const READ_ONLY: &str = "SELECT read_only FROM embsec_state";

/// How long a caller is kept while nobody can say whether their change was made.
const OUTCOME_PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether it was.
const OUTCOME_INTERVAL: Duration = Duration::from_millis(200);

/// An open transaction that writes. Dropped, it is rolled back.
pub(super) struct Write {
    // The order matters: the connection is given back before the place.
    transaction: Transaction<'static, Postgres>,
    place: OwnedSemaphorePermit,
    store: PostgresStore,
}

impl PostgresStore {
    /// Begins a transaction that changes the structure, when it is this one's turn, unless the
    /// database takes no changes now.
    pub(super) async fn write(&self) -> StoreResult<Write> {
        self.begin(BEGIN_ALONE).await?.unless_read_only().await
    }

    /// Begins a transaction that changes embeddings only, unless the database takes no changes
    /// now.
    pub(super) async fn write_rows(&self) -> StoreResult<Write> {
        self.begin(BEGIN_BESIDE_OTHERS)
            .await?
            .unless_read_only()
            .await
    }

    /// As [`Self::write`], for what may write although nothing else may.
    pub(super) async fn write_whatever_the_state(&self) -> StoreResult<Write> {
        self.begin(BEGIN_ALONE).await
    }

    /// As [`Self::write_rows`], for what may write although nothing else may.
    pub(super) async fn write_rows_whatever_the_state(&self) -> StoreResult<Write> {
        self.begin(BEGIN_BESIDE_OTHERS).await
    }

    async fn begin(&self, statement: &'static str) -> StoreResult<Write> {
        let begun = async {
            let place = self.writer_place().await?;
            let pool: &PgPool = self.pool();
            Ok((pool.begin_with(statement).await?, place))
        };
        let (transaction, place) = self.presence().unless_away(begun).await?;
        Ok(Write {
            transaction,
            place,
            store: self.clone(),
        })
    }
}

impl Write {
    /// The connection inside the transaction.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    async fn unless_read_only(mut self) -> StoreResult<Self> {
        let reason: Option<String> = sqlx::query_scalar(READ_ONLY)
            .fetch_one(self.connection())
            .await?;
        match reason {
            Some(reason) => Err(StoreError::ReadOnly(reason)),
            None => Ok(self),
        }
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
        let Self {
            mut transaction,
            place,
            store,
        } = self;
        let mark = witness.record(change).await.map_err(StoreError::Audit)?;
        if let Err(error) = marks::leave(&mut transaction, &mark).await {
            // Without its commit the server takes everything back, whatever has become of the
            // connection.
            drop(transaction);
            witness.undone(mark).await;
            return Err(error);
        }
        match transaction.commit().await.map_err(StoreError::from) {
            Ok(()) => Ok(()),
            // Asking takes a connection of its own, and may take long.
            Err(error) => {
                drop(place);
                store.settle(witness, mark, error).await
            }
        }
    }
}

impl PostgresStore {
    /// Finds out what became of a commit that was not answered: the connection or the server may
    /// have gone before it, or right after it.
    async fn settle(
        self,
        witness: Arc<dyn Witness>,
        mark: AuditMark,
        error: StoreError,
    ) -> StoreResult<()> {
        let settling = tokio::time::timeout(OUTCOME_PATIENCE, self.outcome(&mark)).await;
        match settling {
            Ok(Some(true)) => Ok(()),
            Ok(Some(false)) => {
                witness.undone(mark).await;
                Err(error)
            }
            Ok(None) => Err(error),
            Err(_) => {
                tracing::warn!("nobody can say yet whether a change was committed");
                tokio::spawn(async move {
                    if self.outcome(&mark).await == Some(false) {
                        witness.undone(mark).await;
                    }
                });
                Err(error)
            }
        }
    }

    /// Asks until there is an answer; `None` when there will be none, because the store is being
    /// closed or the question is refused. The next start asks again then.
    async fn outcome(&self, mark: &AuditMark) -> Option<bool> {
        loop {
            match self.has_committed(mark).await {
                Ok(committed) => return Some(committed),
                Err(StoreError::Unavailable(_)) if !self.pool().is_closed() => {
                    tokio::time::sleep(OUTCOME_INTERVAL).await;
                }
                Err(_) => return None,
            }
        }
    }
}
