//! Servers that tell of themselves, and leases.

use super::engine::{Connection, Engine, Row};
use super::rows;
use crate::domain::key::KeyId;
use crate::domain::rotation::{LeaseHolder, ServerProcess};
use crate::store::driver::Malformed;
use crate::store::rotation::{LeaseRequest, ProcessStore};
use crate::store::{StoreResult, bound};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

const BEAT: &str = "\
    INSERT INTO processes (process_id, host, pid, started_at, seen_at, keyring_generation, \
        master_ids) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at, \
        keyring_generation = excluded.keyring_generation, master_ids = excluded.master_ids";

const LIVE: &str = "\
    SELECT process_id, host, pid, started_at, seen_at, keyring_generation, master_ids \
    FROM processes WHERE seen_at >= $1 ORDER BY host, pid, process_id";

const FORGET: &str = "DELETE FROM processes WHERE process_id = $1 OR seen_at < $2";

const TAKE: &str = "\
    INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
    WHERE leases.holder = excluded.holder OR leases.expires_at <= $4";

const HOLDER: &str = "SELECT holder, expires_at FROM leases WHERE name = $1";

const TAKE_OVER: &str = "\
    UPDATE leases SET holder = $2, expires_at = $3 WHERE name = $1 AND holder = $4";

const RELEASE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2";

#[async_trait]
impl ProcessStore for Engine {
    async fn beat(&self, process: &ServerProcess) -> StoreResult<()> {
        let mut write = self.write_rows_whatever_the_state().await?;
        sqlx::query(BEAT)
            .bind(&process.id)
            .bind(&process.host)
            .bind(i64::from(process.pid))
            .bind(process.started_at.as_millisecond())
            .bind(process.seen_at.as_millisecond())
            .bind(bound::generation(process.keyring_generation))
            .bind(bound::key_ids(&process.master_ids))
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn processes(&self, seen_since: Timestamp) -> StoreResult<Vec<ServerProcess>> {
        let mut reader = self.reader().await?;
        live(&mut reader, seen_since).await
    }

    async fn forget_process(&self, id: &str, seen_before: Timestamp) -> StoreResult<()> {
        let mut write = self.write_rows_whatever_the_state().await?;
        sqlx::query(FORGET)
            .bind(id)
            .bind(seen_before.as_millisecond())
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn take_lease(
        &self,
        lease: &LeaseRequest<'_>,
        now: Timestamp,
    ) -> StoreResult<Option<LeaseHolder>> {
        let mut write = self.write_rows().await?;
        let taken = sqlx::query(TAKE)
            .bind(lease.name)
            .bind(lease.holder)
            .bind(lease.expires_at.as_millisecond())
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?
            .rows_affected();
        if taken > 0 {
            write.finish_unrecorded().await?;
            return Ok(None);
        }
        let row = sqlx::query(HOLDER)
            .bind(lease.name)
            .fetch_one(write.connection())
            .await?;
        Ok(Some(LeaseHolder {
            holder: row.try_get(0)?,
            expires_at: rows::time(&row, 1)?,
        }))
    }

    async fn take_over_lease(&self, lease: &LeaseRequest<'_>, from: &str) -> StoreResult<bool> {
        let mut write = self.write_rows().await?;
        let taken = sqlx::query(TAKE_OVER)
            .bind(lease.name)
            .bind(lease.holder)
            .bind(lease.expires_at.as_millisecond())
            .bind(from)
            .execute(write.connection())
            .await?
            .rows_affected();
        write.finish_unrecorded().await?;
        Ok(taken > 0)
    }

    async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()> {
        let mut write = self.write_rows_whatever_the_state().await?;
        sqlx::query(RELEASE)
            .bind(name)
            .bind(holder)
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }
}

/// Servers seen at this time or later.
pub(super) async fn live(
    connection: &mut Connection,
    seen_since: Timestamp,
) -> StoreResult<Vec<ServerProcess>> {
    sqlx::query(LIVE)
        .bind(seen_since.as_millisecond())
        .fetch_all(connection)
        .await?
        .iter()
        .map(process)
        .collect()
}

fn process(row: &Row) -> StoreResult<ServerProcess> {
    let master_ids: Vec<String> =
        serde_json::from_str(row.try_get(6)?).map_err(|_| Malformed("list of master keys"))?;
    Ok(ServerProcess {
        id: row.try_get(0)?,
        host: row.try_get(1)?,
        pid: u32::try_from(row.try_get::<i64, _>(2)?).map_err(|_| Malformed("process id"))?,
        started_at: rows::time(row, 3)?,
        seen_at: rows::time(row, 4)?,
        keyring_generation: rows::count(row, 5)?,
        master_ids: master_ids.into_iter().map(KeyId).collect(),
    })
}
