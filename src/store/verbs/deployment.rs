//! The deployment as a whole: liveness, data keys, reset, audit marks.

use super::engine::Engine;
use super::{deletion, keys, rows};
use crate::domain::audit::{Action, CommittedEvents};
use crate::domain::ids::SYSTEM_HANDLE;
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::user::KeyDigest;
use crate::store::change::change;
use crate::store::{Conflict, DeploymentStore, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

const PING: &str = "SELECT version FROM embsec_schema";

/// What a claim leaves, as long as it is not completed: the administrator's key is as new as the
/// pending key beside it.
const FORGET_CLAIM: [&str; 2] = [
    "DELETE FROM data_keys WHERE scope = 'system' AND state = 'pending'",
    "DELETE FROM admin_keys",
];

const CLAIM_ADMIN_KEY: &str = "INSERT INTO admin_keys (key_digest, created_at) VALUES ($1, $2)";

const CLAIMED_KEY: &str = "\
    SELECT key_id, wrapped, master_id FROM data_keys \
    WHERE scope = 'system' AND state = 'pending'";

const COMPLETE_CLAIM: &str = "\
    UPDATE data_keys SET state = 'active' \
    WHERE key_id = $1 AND scope = 'system' AND state = 'pending'";

const COUNTS: &str = "\
    SELECT (SELECT count(*) FROM users WHERE handle <> $1), \
        (SELECT count(*) FROM projects), \
        (SELECT count(*) FROM embeddings)";

/// In this order, because a project holds its instance. Definitions and shares go with the users.
const RESET: [&str; 2] = ["DELETE FROM projects", "DELETE FROM instances"];

const RESET_USERS: &str = "DELETE FROM users WHERE handle <> $1";

const SET_READ_ONLY: &str = "UPDATE embsec_state SET read_only = $1";

#[async_trait]
impl DeploymentStore for Engine {
    async fn ping(&self) -> StoreResult<()> {
        let mut reader = self.reader().await?;
        sqlx::query(PING).fetch_one(&mut *reader).await?;
        Ok(())
    }

    async fn claim(
        &self,
        key: &WrappedDataKey,
        admin_key: &KeyDigest,
        now: Timestamp,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        if keys::active(write.connection(), KeyScope::System)
            .await?
            .is_some()
        {
            return Err(Conflict::InUse("a deployment".to_owned()).into());
        }
        for sql in FORGET_CLAIM {
            sqlx::query(sql).execute(write.connection()).await?;
        }
        let pending = WrappedDataKey {
            state: KeyState::Pending,
            ..key.clone()
        };
        keys::insert(write.connection(), &pending, now).await?;
        sqlx::query(CLAIM_ADMIN_KEY)
            .bind(&admin_key.0)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn claimed_key(&self) -> StoreResult<Option<WrappedDataKey>> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(CLAIMED_KEY)
            .fetch_optional(&mut *reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(WrappedDataKey {
            id: KeyId(row.try_get(0)?),
            scope: KeyScope::System,
            wrapped: row.try_get(1)?,
            master_id: KeyId(row.try_get(2)?),
            state: KeyState::Pending,
        }))
    }

    async fn complete_claim(&self, key: &KeyId) -> StoreResult<bool> {
        let mut write = self.write().await?;
        let completed = sqlx::query(COMPLETE_CLAIM)
            .bind(&key.0)
            .execute(write.connection())
            .await?
            .rows_affected();
        write.finish_unrecorded().await?;
        Ok(completed > 0)
    }

    async fn reset(&self, destroy_after: Timestamp, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        deletion::doom_all_keys(write.connection(), destroy_after).await?;
        let counts = sqlx::query(COUNTS)
            .bind(SYSTEM_HANDLE)
            .fetch_one(write.connection())
            .await?;
        for sql in RESET {
            sqlx::query(sql).execute(write.connection()).await?;
        }
        sqlx::query(RESET_USERS)
            .bind(SYSTEM_HANDLE)
            .execute(write.connection())
            .await?;
        let change = change(
            Action::AdminReset,
            None,
            [
                ("users", rows::count(&counts, 0)?.into()),
                ("projects", rows::count(&counts, 1)?.into()),
                ("embeddings", rows::count(&counts, 2)?.into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn committed_events(&self, stream: &str) -> StoreResult<CommittedEvents> {
        self.marks(stream).await
    }

    async fn set_read_only(&self, reason: Option<&str>) -> StoreResult<()> {
        let mut write = self.write_whatever_the_state().await?;
        sqlx::query(SET_READ_ONLY)
            .bind(reason)
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }
}
