//! The numbers of the last events whose transactions committed, one for each stream.

use super::connect::SqliteStore;
use crate::domain::audit::{AuditMark, CommittedEvents};
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use sqlx::sqlite::SqliteConnection;

const LEAVE: &str = "\
    INSERT INTO audit_marks (stream, seq) VALUES ($1, $2) \
    ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq";

const MARK: &str = "SELECT seq FROM audit_marks WHERE stream = $1";

/// Leaves the number of an event in the transaction that makes its change.
pub(super) async fn leave(connection: &mut SqliteConnection, mark: &AuditMark) -> StoreResult<()> {
    let seq = i64::try_from(mark.seq).map_err(|_| Malformed("audit sequence number"))?;
    sqlx::query(LEAVE)
        .bind(&mark.stream)
        .bind(seq)
        .execute(connection)
        .await?;
    Ok(())
}

impl SqliteStore {
    /// Which events of a stream committed.
    pub(super) async fn marks(&self, stream: &str) -> StoreResult<CommittedEvents> {
        let mut reader = self.reader().await?;
        let seq: Option<i64> = sqlx::query_scalar(MARK)
            .bind(stream)
            .fetch_optional(&mut *reader)
            .await?;
        let settled_to =
            u64::try_from(seq.unwrap_or(0)).map_err(|_| Malformed("audit sequence number"))?;
        // One transaction after the other: what is not the last has been settled before it.
        Ok(CommittedEvents {
            settled_to,
            ..CommittedEvents::default()
        })
    }
}
