//! Rotations: data keys rewrapped, values sealed anew, how far it came.

use super::engine::{Connection, Engine, Row, hold_project};
use super::{bulk, keys, processes, rows};
use crate::domain::audit::Action;
use crate::domain::ids::{InstanceId, ProjectId};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::rotation::{ProjectSealing, Rotation, RowPlace, SealedColumn, StoredRow};
use crate::domain::user::KeyDigest;
use crate::store::change::change;
use crate::store::driver::Malformed;
use crate::store::rotation::{Resealing, Rewrap, Rewrapped, RotationStore};
use crate::store::{Conflict, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

const PROJECTS: &str = "\
    SELECT p.project_id, o.handle, coalesce(p.deleted_handle, p.handle), p.encrypt_text, \
        p.encrypt_metadata, p.settings_revision, p.deleted_at IS NOT NULL, \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id) \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id ORDER BY p.project_id";

const MASTER_USES: &str =
    "SELECT master_id, count(*) FROM data_keys GROUP BY master_id ORDER BY master_id";

/// A sealed value is `enc:v2:`, 16 characters of a key's id, and more. A text that only looks so
/// names no key of ours.
const DATA_KEY_USES: &str = "\
    SELECT k.key_id, CAST(sum(u.uses) AS bigint) FROM ( \
        SELECT substr(api_key, 8, 16) AS key_id, count(*) AS uses FROM instances \
        WHERE api_key IS NOT NULL GROUP BY 1 \
        UNION ALL \
        SELECT substr(text, 8, 16), count(*) FROM embeddings \
        WHERE substr(text, 1, 7) = 'enc:v2:' GROUP BY 1 \
        UNION ALL \
        SELECT substr(metadata, 8, 16), count(*) FROM embeddings \
        WHERE substr(metadata, 1, 7) = 'enc:v2:' GROUP BY 1) AS u \
    JOIN data_keys AS k ON k.key_id = u.key_id GROUP BY k.key_id ORDER BY k.key_id";

const OPEN: &str = "\
    SELECT rotation_id, to_key, after_row, started_at FROM key_rotations \
    WHERE scope = $1 AND finished_at IS NULL";

const BEGIN: &str = "\
    INSERT INTO key_rotations (scope, to_key, started_at) VALUES ($1, $2, $3) \
    RETURNING rotation_id";

/// The new key of a deleted project is destroyed with those before.
const SHARE_FATE: &str = "\
    UPDATE data_keys SET destroy_after = ( \
        SELECT max(k.destroy_after) FROM data_keys AS k WHERE k.scope = $1) \
    WHERE key_id = $2";

const RETARGET: &str = "\
    UPDATE key_rotations SET to_key = $2, after_row = 0 \
    WHERE rotation_id = $1 AND finished_at IS NULL";

const FINISH: &str = "\
    UPDATE key_rotations SET finished_at = $2 WHERE rotation_id = $1 AND finished_at IS NULL";

const CAME_TO: &str = "\
    UPDATE key_rotations SET after_row = $2 WHERE rotation_id = $1 AND finished_at IS NULL";

const PROVIDER_KEYS: &str = "\
    SELECT instance_id, api_key FROM instances \
    WHERE instance_id > $1 ORDER BY instance_id LIMIT $2";

const EMBEDDINGS: &str = "\
    SELECT embedding_id, instance_id, text_id, text, metadata FROM embeddings \
    WHERE project_id = $1 AND embedding_id > $2 ORDER BY embedding_id LIMIT $3";

const LAST_INSTANCE: &str = "SELECT coalesce(max(instance_id), 0) FROM instances";

const LAST_EMBEDDING: &str =
    "SELECT coalesce(max(embedding_id), 0) FROM embeddings WHERE project_id = $1";

const IS_ACTIVE: &str = "\
    SELECT EXISTS (SELECT 1 FROM data_keys WHERE key_id = $1 AND scope = $2 AND state = 'active')";

const COUNT_MESSAGES: &str = "UPDATE data_keys SET messages = messages + $2 WHERE key_id = $1";

/// Nobody else changes the project's embeddings until the transaction ends.
const SETTINGS: &str = concat!(
    "SELECT p.settings_revision FROM projects AS p WHERE p.project_id = $1",
    hold_project!()
);

const ADD_ADMIN_KEY: &str = "INSERT INTO admin_keys (key_digest, created_at) VALUES ($1, $2)";

const END_ADMIN_KEYS: &str = "\
    UPDATE admin_keys SET expires_at = $1 WHERE expires_at IS NULL OR expires_at > $1";

const PURGE_ADMIN_KEYS: &str = "DELETE FROM admin_keys WHERE expires_at <= $1";

#[async_trait]
impl RotationStore for Engine {
    async fn project_sealings(&self) -> StoreResult<Vec<ProjectSealing>> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query(PROJECTS).fetch_all(&mut *reader).await?;
        rows.iter().map(project_sealing).collect()
    }

    async fn master_key_uses(&self) -> StoreResult<Vec<(KeyId, u64)>> {
        self.uses(MASTER_USES).await
    }

    async fn data_key_uses(&self) -> StoreResult<Vec<(KeyId, u64)>> {
        self.uses(DATA_KEY_USES).await
    }

    async fn rewrap_data_keys(
        &self,
        master: &KeyId,
        rewraps: &[Rewrap],
        live_since: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Rewrapped> {
        let mut write = self.write().await?;
        let mut blocked = processes::live(write.connection(), live_since).await?;
        blocked.retain(|process| !process.can_open(master));
        if !blocked.is_empty() {
            return Ok(Rewrapped::Blocked(blocked));
        }
        let rewrapped = bulk::rewrap(write.connection(), rewraps).await?;
        let change = (rewrapped > 0).then(|| {
            change(
                Action::MasterKeyRewrap,
                None,
                [
                    ("key_id", master.0.as_str().into()),
                    ("count", rewrapped.into()),
                ],
            )
        });
        write.finish(witness, change).await?;
        Ok(Rewrapped::Done(rewrapped))
    }

    async fn open_rotation(&self, scope: KeyScope) -> StoreResult<Option<Rotation>> {
        let mut reader = self.reader().await?;
        open(&mut reader, scope).await
    }

    async fn begin_rotation(&self, key: &WrappedDataKey, now: Timestamp) -> StoreResult<Rotation> {
        let mut write = self.write().await?;
        if open(write.connection(), key.scope).await?.is_some() {
            let other = format!("another rotation of scope {}", key.scope);
            return Err(Conflict::InUse(other).into());
        }
        let pending = WrappedDataKey {
            state: KeyState::Pending,
            ..key.clone()
        };
        keys::insert(write.connection(), &pending, now).await?;
        sqlx::query(SHARE_FATE)
            .bind(key.scope.to_string())
            .bind(&key.id.0)
            .execute(write.connection())
            .await?;
        let id = sqlx::query_scalar(BEGIN)
            .bind(key.scope.to_string())
            .bind(&key.id.0)
            .bind(now.as_millisecond())
            .fetch_one(write.connection())
            .await?;
        write.finish_unrecorded().await?;
        Ok(Rotation {
            id,
            scope: key.scope,
            to_key: key.id.clone(),
            after_row: 0,
            started_at: now,
        })
    }

    async fn retarget_rotation(&self, rotation: i64, to_key: &KeyId) -> StoreResult<()> {
        let mut write = self.write().await?;
        sqlx::query(RETARGET)
            .bind(rotation)
            .bind(&to_key.0)
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn finish_rotation(&self, rotation: i64, now: Timestamp) -> StoreResult<()> {
        let mut write = self.write().await?;
        sqlx::query(FINISH)
            .bind(rotation)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn stored_rows(
        &self,
        scope: KeyScope,
        after: i64,
        limit: u32,
    ) -> StoreResult<Vec<StoredRow>> {
        let mut reader = self.reader().await?;
        match scope {
            KeyScope::System => sqlx::query(PROVIDER_KEYS)
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(&mut *reader)
                .await?
                .iter()
                .map(provider_key)
                .collect(),
            KeyScope::Project(project) => sqlx::query(EMBEDDINGS)
                .bind(project.0)
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(&mut *reader)
                .await?
                .iter()
                .map(|row| embedding(row, project))
                .collect(),
        }
    }

    async fn last_row(&self, scope: KeyScope) -> StoreResult<i64> {
        let mut reader = self.reader().await?;
        let query = match scope {
            KeyScope::System => sqlx::query_scalar(LAST_INSTANCE),
            KeyScope::Project(project) => sqlx::query_scalar(LAST_EMBEDDING).bind(project.0),
        };
        Ok(query.fetch_one(&mut *reader).await?)
    }

    async fn reseal(&self, asked: &Resealing<'_>) -> StoreResult<u64> {
        // Provider keys change with their instances, which nobody else does meanwhile.
        let mut write = match asked.scope {
            KeyScope::System => self.write().await?,
            KeyScope::Project(_) => self.write_rows().await?,
        };
        require_unchanged(write.connection(), asked).await?;
        let changed = match asked.scope {
            KeyScope::System => bulk::change_provider_keys(write.connection(), asked.rows).await?,
            KeyScope::Project(project) => {
                bulk::change_embeddings(write.connection(), project, asked.rows).await?
            }
        };
        if let Some((rotation, after_row)) = asked.progress {
            sqlx::query(CAME_TO)
                .bind(rotation)
                .bind(after_row)
                .execute(write.connection())
                .await?;
        }
        write.finish_unrecorded().await?;
        Ok(changed)
    }

    async fn replace_admin_key(
        &self,
        new_key: &KeyDigest,
        old_keys_end: Timestamp,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        sqlx::query(END_ADMIN_KEYS)
            .bind(old_keys_end.as_millisecond())
            .execute(write.connection())
            .await?;
        sqlx::query(PURGE_ADMIN_KEYS)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        sqlx::query(ADD_ADMIN_KEY)
            .bind(&new_key.0)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        let change = change(
            Action::AdminRotateKey,
            None,
            [("old_keys_end", old_keys_end.to_string().into())],
        );
        write.finish(witness, Some(change)).await
    }
}

impl Engine {
    async fn uses(&self, sql: &'static str) -> StoreResult<Vec<(KeyId, u64)>> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query(sql).fetch_all(&mut *reader).await?;
        rows.iter()
            .map(|row| Ok((KeyId(row.try_get(0)?), rows::count(row, 1)?)))
            .collect()
    }
}

async fn open(connection: &mut Connection, scope: KeyScope) -> StoreResult<Option<Rotation>> {
    let row = sqlx::query(OPEN)
        .bind(scope.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Rotation {
        id: row.try_get(0)?,
        scope,
        to_key: KeyId(row.try_get(1)?),
        after_row: row.try_get(2)?,
        started_at: rows::time(&row, 3)?,
    }))
}

/// What was decided before the transaction must still hold in it; and the messages are counted.
async fn require_unchanged(connection: &mut Connection, asked: &Resealing<'_>) -> StoreResult<()> {
    if let KeyScope::Project(project) = asked.scope {
        let found: Option<i64> = sqlx::query_scalar(SETTINGS)
            .bind(project.0)
            .fetch_optional(&mut *connection)
            .await?;
        if asked
            .settings_revision
            .is_some_and(|expected| found != Some(expected))
        {
            return Err(Conflict::SettingsChanged.into());
        }
    }
    let Some((key, messages)) = asked.sealed else {
        return Ok(());
    };
    let is_active: bool = sqlx::query_scalar(IS_ACTIVE)
        .bind(&key.0)
        .bind(asked.scope.to_string())
        .fetch_one(&mut *connection)
        .await?;
    if !is_active {
        return Err(Conflict::KeyChanged.into());
    }
    sqlx::query(COUNT_MESSAGES)
        .bind(&key.0)
        .bind(i64::try_from(messages).map_err(|_| Malformed("count"))?)
        .execute(connection)
        .await?;
    Ok(())
}

fn project_sealing(row: &Row) -> StoreResult<ProjectSealing> {
    Ok(ProjectSealing {
        project: ProjectId(row.try_get(0)?),
        name: format!(
            "{}/{}",
            row.try_get::<&str, _>(1)?,
            row.try_get::<&str, _>(2)?
        ),
        text: row.try_get(3)?,
        metadata: row.try_get(4)?,
        settings_revision: row.try_get(5)?,
        is_deleted: row.try_get(6)?,
        embeddings: rows::count(row, 7)?,
    })
}

fn provider_key(row: &Row) -> StoreResult<StoredRow> {
    let row_id = row.try_get(0)?;
    let api_key: Option<String> = row.try_get(1)?;
    let api_key = api_key.map(|api_key| (SealedColumn::ApiKey, api_key));
    Ok(StoredRow {
        row_id,
        place: RowPlace::Instance(InstanceId(row_id)),
        values: api_key.into_iter().collect(),
    })
}

fn embedding(row: &Row, project: ProjectId) -> StoreResult<StoredRow> {
    let text: Option<String> = row.try_get(3)?;
    let metadata: Option<String> = row.try_get(4)?;
    let text = text.map(|text| (SealedColumn::Text, text));
    let metadata = metadata.map(|metadata| (SealedColumn::Metadata, metadata));
    Ok(StoredRow {
        row_id: row.try_get(0)?,
        place: RowPlace::Embedding {
            project,
            instance: InstanceId(row.try_get(1)?),
            text_id: row.try_get(2)?,
        },
        values: text.into_iter().chain(metadata).collect(),
    })
}
