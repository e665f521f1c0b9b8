//! Destroys the keys of projects for good, and then removes their rows.

use super::engine::{Connection, Engine, Row};
use super::projects::count_embeddings;
use super::{deletion, rows};
use crate::domain::access::ObjectPath;
use crate::domain::audit::{Action, Change};
use crate::domain::deletion::{DeletedProject, DestroyedKey, DestroyedProject, RestoredProject};
use crate::domain::ids::{Handle, ProjectId};
use crate::domain::key::{KeyId, KeyScope};
use crate::store::change::change;
use crate::store::deletion::{DeletionStore, Doom, Remains};
use crate::store::driver::Malformed;
use crate::store::{StoreResult, Witness};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;

/// With `$2`, when a deleted project without keys is due.
const PROJECT: &str = "\
    SELECT o.handle, coalesce(p.deleted_handle, p.handle), p.deleted_at IS NOT NULL, \
        p.deleted_at IS NOT NULL AND p.deleted_handle IS NULL, \
        coalesce((SELECT min(k.destroy_after) FROM data_keys AS k \
            WHERE k.scope = 'project:' || CAST(p.project_id AS TEXT)), p.deleted_at + $2) \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.project_id = $1";

/// Nothing brings a project back that has no former handle.
const GIVE_UP: &str = "UPDATE projects SET deleted_handle = NULL WHERE project_id = $1";

const DROP_SHARES: &str = "DELETE FROM project_shares WHERE project_id = $1";

const DROP_ROTATIONS: &str = "DELETE FROM key_rotations WHERE scope = $1";

const NOTE_KEYS: &str = "\
    INSERT INTO destroyed_keys (key_id, scope, project_owner, project_handle, destroyed_at) \
    SELECT key_id, scope, $2, $3, $4 FROM data_keys WHERE scope = $1 \
    ORDER BY created_at, key_id";

const DESTROY_KEYS: &str = "DELETE FROM data_keys WHERE scope = $1 RETURNING key_id";

/// A project that was given up, and nothing else.
const REMOVE_ROWS: &str = "\
    DELETE FROM embeddings WHERE embedding_id IN ( \
        SELECT e.embedding_id FROM projects AS p \
        JOIN embeddings AS e ON e.project_id = p.project_id \
        WHERE p.project_id = $1 AND p.deleted_at IS NOT NULL AND p.deleted_handle IS NULL \
        LIMIT $2)";

const REMOVE_PROJECT: &str = "\
    DELETE FROM projects \
    WHERE project_id = $1 AND deleted_at IS NOT NULL AND deleted_handle IS NULL";

macro_rules! is_orphan {
    () => {
        "scope LIKE 'project:%' AND destroy_after <= $1 AND NOT EXISTS ( \
            SELECT 1 FROM projects AS p \
            WHERE data_keys.scope = 'project:' || CAST(p.project_id AS TEXT))"
    };
}

const ORPHANS: &str = concat!(
    "SELECT key_id FROM data_keys WHERE ",
    is_orphan!(),
    " ORDER BY key_id"
);

const NOTE_ORPHANS: &str = concat!(
    "INSERT INTO destroyed_keys (key_id, scope, destroyed_at) \
     SELECT key_id, scope, $1 FROM data_keys WHERE ",
    is_orphan!()
);

const DESTROY_ORPHANS: &str = concat!("DELETE FROM data_keys WHERE ", is_orphan!());

const DESTROYED: &str = "\
    SELECT key_id, scope, project_owner, project_handle, destroyed_at FROM destroyed_keys \
    ORDER BY destroyed_at, key_id";

const COUNT_DESTROYED: &str = "SELECT count(*) FROM destroyed_keys";

#[async_trait]
impl DeletionStore for Engine {
    async fn delete_project(
        &self,
        path: &ObjectPath,
        now: Timestamp,
        destroy_after: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId> {
        let mut write = self.write().await?;
        let (id, change) = deletion::delete(write.connection(), path, now, destroy_after).await?;
        write.finish(witness, Some(change)).await?;
        Ok(id)
    }

    async fn deleted_projects(&self, keep: SignedDuration) -> StoreResult<Vec<DeletedProject>> {
        let mut reader = self.reader().await?;
        sqlx::query(deletion::LIST)
            .bind(millis(keep))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(deletion::deleted_project)
            .collect()
    }

    async fn undelete_project(
        &self,
        id: ProjectId,
        handle: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<RestoredProject> {
        let mut write = self.write().await?;
        let (restored, change) = deletion::undelete(write.connection(), id, handle, now).await?;
        write.finish(witness, Some(change)).await?;
        Ok(restored)
    }

    async fn destroy_project(
        &self,
        id: ProjectId,
        doom: Doom,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Option<DestroyedProject>> {
        let mut write = self.write().await?;
        let Some((destroyed, change)) = destroy(write.connection(), id, doom, now).await? else {
            return Ok(None);
        };
        write.finish(witness, Some(change)).await?;
        Ok(Some(destroyed))
    }

    async fn remove_destroyed(&self, id: ProjectId, limit: u32) -> StoreResult<u64> {
        let mut write = self.write_rows().await?;
        let removed = sqlx::query(REMOVE_ROWS)
            .bind(id.0)
            .bind(i64::from(limit))
            .execute(write.connection())
            .await?
            .rows_affected();
        write.finish_unrecorded().await?;
        if removed == 0 {
            let mut write = self.write().await?;
            remove_project(write.connection(), id).await?;
            write.finish_unrecorded().await?;
        }
        Ok(removed)
    }

    async fn orphaned_keys(&self, now: Timestamp) -> StoreResult<Vec<KeyId>> {
        let mut reader = self.reader().await?;
        orphans(&mut reader, now).await
    }

    async fn destroy_orphaned_keys(
        &self,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Vec<KeyId>> {
        let mut write = self.write().await?;
        let keys = orphans(write.connection(), now).await?;
        if keys.is_empty() {
            return Ok(keys);
        }
        for sql in [NOTE_ORPHANS, DESTROY_ORPHANS] {
            sqlx::query(sql)
                .bind(now.as_millisecond())
                .execute(write.connection())
                .await?;
        }
        let change = change(
            Action::DataKeyDestroy,
            None,
            [("key_ids", names(&keys).into())],
        );
        write.finish(witness, Some(change)).await?;
        Ok(keys)
    }

    async fn destroyed_keys(&self) -> StoreResult<Vec<DestroyedKey>> {
        let mut reader = self.reader().await?;
        sqlx::query(DESTROYED)
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(destroyed_key)
            .collect()
    }

    async fn count_destroyed_keys(&self) -> StoreResult<u64> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(COUNT_DESTROYED).fetch_one(&mut *reader).await?;
        rows::count(&row, 0)
    }

    async fn scrub_deleted(&self) -> StoreResult<Remains> {
        self.remains().await
    }
}

/// `None`: not due, or gone already.
async fn destroy(
    connection: &mut Connection,
    id: ProjectId,
    doom: Doom,
    now: Timestamp,
) -> StoreResult<Option<(DestroyedProject, Change)>> {
    let keep = match doom {
        Doom::Now => 0,
        Doom::Due { keep } => millis(keep),
    };
    let row = sqlx::query(PROJECT)
        .bind(id.0)
        .bind(keep)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (is_deleted, is_given_up): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
    let due_at = rows::optional_time(&row, 4)?;
    let is_due = is_deleted && due_at.is_some_and(|due_at| due_at <= now);
    if is_given_up || (doom != Doom::Now && !is_due) {
        return Ok(None);
    }
    let path = rows::path(&row, 0)?;
    if !is_deleted {
        deletion::hide(connection, id, now).await?;
    }
    for sql in [GIVE_UP, DROP_SHARES] {
        sqlx::query(sql)
            .bind(id.0)
            .execute(&mut *connection)
            .await?;
    }
    let key_ids = destroy_keys(connection, id, &path, now).await?;
    let number_of_embeddings = count_embeddings(connection, id).await?;
    let change = change(
        Action::DataKeyDestroy,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", path.handle.as_str().into()),
            ("key_ids", names(&key_ids).into()),
            ("embeddings", number_of_embeddings.into()),
        ],
    );
    let destroyed = DestroyedProject {
        key_ids,
        number_of_embeddings,
    };
    Ok(Some((destroyed, change)))
}

async fn destroy_keys(
    connection: &mut Connection,
    id: ProjectId,
    path: &ObjectPath,
    now: Timestamp,
) -> StoreResult<Vec<KeyId>> {
    let scope = KeyScope::Project(id).to_string();
    sqlx::query(NOTE_KEYS)
        .bind(&scope)
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(DROP_ROTATIONS)
        .bind(&scope)
        .execute(&mut *connection)
        .await?;
    let mut keys: Vec<String> = sqlx::query_scalar(DESTROY_KEYS)
        .bind(&scope)
        .fetch_all(connection)
        .await?;
    keys.sort_unstable();
    Ok(keys.into_iter().map(KeyId).collect())
}

async fn remove_project(connection: &mut Connection, id: ProjectId) -> StoreResult<()> {
    sqlx::query(REMOVE_PROJECT)
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    deletion::drop_needless_instances(connection).await
}

async fn orphans(connection: &mut Connection, now: Timestamp) -> StoreResult<Vec<KeyId>> {
    let keys: Vec<String> = sqlx::query_scalar(ORPHANS)
        .bind(now.as_millisecond())
        .fetch_all(connection)
        .await?;
    Ok(keys.into_iter().map(KeyId).collect())
}

fn destroyed_key(row: &Row) -> StoreResult<DestroyedKey> {
    Ok(DestroyedKey {
        id: KeyId(row.try_get(0)?),
        scope: KeyScope::parse(row.try_get(1)?).ok_or(Malformed("scope"))?,
        project: rows::optional_path(row, 2)?,
        destroyed_at: rows::time(row, 4)?,
    })
}

fn names(keys: &[KeyId]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
