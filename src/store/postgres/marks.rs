//! Which events of which stream belong to transactions that committed.
//!
//! Each transaction leaves the number of its event in a ring of rows, so that the transactions of
//! one process do not wait for each other. The same row tells, when the connection is lost in the
//! middle of a commit, whether the server had made it.

use super::connect::PostgresStore;
use crate::domain::audit::{AuditMark, CommittedEvents};
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use sqlx::postgres::PgConnection;

/// Rows of the ring of one stream. A transaction is told apart from its neighbours as long as
/// fewer than this many of the same process overtake it, and a process has far fewer connections.
const RING: u64 = 1_024;

const MARK: &str = "\
    INSERT INTO audit_marks (stream, slot, seq) VALUES ($1, $2, $3) \
    ON CONFLICT (stream, slot) DO UPDATE SET seq = excluded.seq";

/// Waits for a transaction that holds the row to end, and then tells what is in it.
const ASK: &str = "\
    INSERT INTO audit_marks (stream, slot, seq) VALUES ($1, $2, 0) \
    ON CONFLICT (stream, slot) DO UPDATE SET seq = audit_marks.seq RETURNING seq";

const MARKS: &str = "SELECT seq FROM audit_marks WHERE stream = $1 ORDER BY seq DESC";

/// Leaves the mark of an event in the transaction of its change.
pub(super) async fn leave(connection: &mut PgConnection, mark: &AuditMark) -> StoreResult<()> {
    let (slot, seq) = place(mark)?;
    sqlx::query(MARK)
        .bind(&mark.stream)
        .bind(slot)
        .bind(seq)
        .execute(connection)
        .await?;
    Ok(())
}

fn place(mark: &AuditMark) -> StoreResult<(i32, i64)> {
    let malformed = |_| Malformed("audit sequence number");
    let seq = i64::try_from(mark.seq).map_err(malformed)?;
    let slot = i32::try_from(mark.seq % RING).map_err(malformed)?;
    Ok((slot, seq))
}

impl PostgresStore {
    /// Whether the transaction of this mark committed, once it has ended one way or the other.
    pub(super) async fn has_committed(&self, mark: &AuditMark) -> StoreResult<bool> {
        let (slot, seq) = place(mark)?;
        let found: i64 = sqlx::query_scalar(ASK)
            .bind(&mark.stream)
            .bind(slot)
            .fetch_one(self.pool())
            .await?;
        Ok(found >= seq)
    }

    /// The events of a stream whose transactions committed.
    pub(super) async fn marks(&self, stream: &str) -> StoreResult<CommittedEvents> {
        let seqs: Vec<i64> = sqlx::query_scalar(MARKS)
            .bind(stream)
            .fetch_all(self.pool())
            .await?;
        let seqs = seqs.into_iter().map(u64::try_from);
        let seqs: Vec<u64> = seqs
            .collect::<Result<_, _>>()
            .map_err(|_| Malformed("audit sequence number"))?;
        let last = seqs.first().copied().unwrap_or(0);
        let settled_to = last.saturating_sub(RING);
        Ok(CommittedEvents {
            settled_to,
            later: seqs.into_iter().filter(|seq| *seq > settled_to).collect(),
        })
    }
}
