//! Takes projects and instances out of service, and brings them back. Destroying them is in
//! `destruction`.

use super::engine::{Connection, Row};
use super::project_shares::HANDLE_TAKEN;
use super::projects::{count_embeddings, id_of};
use super::rows;
use crate::domain::access::ObjectPath;
use crate::domain::audit::{Action, Change};
use crate::domain::deletion::{DeletedProject, RestoredProject};
use crate::domain::ids::{Handle, InstanceId, ProjectId, SYSTEM_HANDLE, UserId};
use crate::domain::key::KeyScope;
use crate::store::change::change;
use crate::store::deletion::{hidden_handle, similar_handles};
use crate::store::driver::Malformed;
use crate::store::{Conflict, Missing, StoreResult};
use jiff::Timestamp;
use sqlx::Row as _;

const DELETE: &str = "\
    UPDATE projects SET handle = $2, deleted_handle = handle, deleted_at = $3, \
        settings_revision = settings_revision + 1 \
    WHERE project_id = $1";

const DOOM_KEYS: &str = "UPDATE data_keys SET destroy_after = $2 WHERE scope = $1";

/// Those that are to be destroyed already, are so at their time.
const DOOM_KEYS_OF_OWNER: &str = "\
    UPDATE data_keys SET destroy_after = $2 \
    WHERE destroy_after IS NULL AND scope IN ( \
        SELECT 'project:' || CAST(project_id AS TEXT) FROM projects WHERE owner_id = $1)";

const DOOM_ALL_KEYS: &str = "\
    UPDATE data_keys SET destroy_after = $1 \
    WHERE destroy_after IS NULL AND scope LIKE 'project:%'";

pub(super) const LIST: &str = "\
    SELECT p.project_id, o.handle, p.deleted_handle, p.deleted_at, \
        coalesce((SELECT min(k.destroy_after) FROM data_keys AS k \
            WHERE k.scope = 'project:' || CAST(p.project_id AS TEXT)), p.deleted_at + $1), \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id), \
        (SELECT count(*) FROM data_keys AS k \
            WHERE k.scope = 'project:' || CAST(p.project_id AS TEXT)) \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.deleted_at IS NOT NULL \
    ORDER BY substr(o.handle, 1, 1) = '_', o.handle, p.deleted_at, p.project_id";

const DELETED: &str = "\
    SELECT p.owner_id, o.handle FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.project_id = $1 AND p.deleted_handle IS NOT NULL";

const UNDELETE: &str = "\
    UPDATE projects SET handle = $2, deleted_handle = NULL, deleted_at = NULL, \
        settings_revision = settings_revision + 1, updated_at = $3 \
    WHERE project_id = $1";

const SPARE_KEYS: &str = "UPDATE data_keys SET destroy_after = NULL WHERE scope = $1";

/// Buried instances that the project or one of its embeddings needs.
const BURIED: &str = "\
    SELECT i.instance_id, i.deleted_handle FROM instances AS i \
    WHERE i.deleted_at IS NOT NULL AND ( \
        EXISTS (SELECT 1 FROM projects AS p \
            WHERE p.project_id = $1 AND p.instance_id = i.instance_id) \
        OR EXISTS (SELECT 1 FROM embeddings AS e \
            WHERE e.instance_id = i.instance_id AND e.project_id = $1)) \
    ORDER BY i.instance_id";

const INSTANCE_HANDLE_TAKEN: &str =
    "SELECT EXISTS (SELECT 1 FROM instances WHERE owner_id = $1 AND handle = $2)";

const REVIVE: &str = "\
    UPDATE instances SET owner_id = $2, handle = $3, deleted_handle = NULL, deleted_at = NULL, \
        updated_at = $4 \
    WHERE instance_id = $1";

const BURY: &str = "\
    UPDATE instances SET handle = $2, deleted_handle = handle, deleted_at = $3, api_key = NULL, \
        owner_id = (SELECT user_id FROM users WHERE handle = $4) \
    WHERE instance_id = $1";

const DROP_INSTANCE_SHARES: &str = "DELETE FROM instance_shares WHERE instance_id = $1";

const DROP_NEEDLESS_INSTANCES: &str = "\
    DELETE FROM instances WHERE deleted_at IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM projects AS p WHERE p.instance_id = instances.instance_id) \
        AND NOT EXISTS ( \
            SELECT 1 FROM embeddings AS e WHERE e.instance_id = instances.instance_id)";

/// Takes a project out of service.
pub(super) async fn delete(
    connection: &mut Connection,
    path: &ObjectPath,
    now: Timestamp,
    destroy_after: Timestamp,
) -> StoreResult<(ProjectId, Change)> {
    let (id, _) = id_of(connection, path).await?;
    let embeddings = count_embeddings(connection, id).await?;
    hide(connection, id, now).await?;
    sqlx::query(DOOM_KEYS)
        .bind(KeyScope::Project(id).to_string())
        .bind(destroy_after.as_millisecond())
        .execute(connection)
        .await?;
    let change = change(
        Action::ProjectDelete,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", path.handle.as_str().into()),
            ("embeddings", embeddings.into()),
            ("destroy_after", destroy_after.to_string().into()),
        ],
    );
    Ok((id, change))
}

/// Gives a project a handle that nobody can name.
pub(super) async fn hide(
    connection: &mut Connection,
    id: ProjectId,
    now: Timestamp,
) -> StoreResult<()> {
    sqlx::query(DELETE)
        .bind(id.0)
        .bind(hidden_handle(id.0))
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Leaves the keys of everything that a user owns to be destroyed.
pub(super) async fn doom_keys_of_owner(
    connection: &mut Connection,
    owner: i64,
    destroy_after: Timestamp,
) -> StoreResult<()> {
    sqlx::query(DOOM_KEYS_OF_OWNER)
        .bind(owner)
        .bind(destroy_after.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Leaves the keys of all projects to be destroyed.
pub(super) async fn doom_all_keys(
    connection: &mut Connection,
    destroy_after: Timestamp,
) -> StoreResult<()> {
    sqlx::query(DOOM_ALL_KEYS)
        .bind(destroy_after.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Brings a deleted project back.
pub(super) async fn undelete(
    connection: &mut Connection,
    id: ProjectId,
    handle: &Handle,
    now: Timestamp,
) -> StoreResult<(RestoredProject, Change)> {
    let row = sqlx::query(DELETED)
        .bind(id.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(Missing::ProjectId(id))?;
    let owner = UserId(row.try_get(0)?);
    let path = ObjectPath {
        owner: rows::handle(&row, 1)?,
        handle: handle.clone(),
    };
    let taken: bool = sqlx::query_scalar(HANDLE_TAKEN)
        .bind(owner.0)
        .bind(handle.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if taken {
        return Err(Conflict::PathTaken(path).into());
    }
    sqlx::query(UNDELETE)
        .bind(id.0)
        .bind(handle.as_str())
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(SPARE_KEYS)
        .bind(KeyScope::Project(id).to_string())
        .execute(&mut *connection)
        .await?;
    let instances = revive_instances(connection, id, owner, &path.owner, now).await?;
    let names = instances.iter().map(ToString::to_string);
    let change = change(
        Action::ProjectUndelete,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", handle.as_str().into()),
            ("instances", names.collect::<Vec<_>>().into()),
        ],
    );
    let restored = RestoredProject {
        id,
        path,
        instances,
    };
    Ok((restored, change))
}

async fn revive_instances(
    connection: &mut Connection,
    project: ProjectId,
    owner: UserId,
    owner_handle: &Handle,
    now: Timestamp,
) -> StoreResult<Vec<ObjectPath>> {
    let buried = sqlx::query(BURIED)
        .bind(project.0)
        .fetch_all(&mut *connection)
        .await?;
    let mut revived = Vec::new();
    for row in buried {
        let id: i64 = row.try_get(0)?;
        let handle = free_handle(connection, owner, row.try_get(1)?, id).await?;
        sqlx::query(REVIVE)
            .bind(id)
            .bind(owner.0)
            .bind(handle.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *connection)
            .await?;
        revived.push(ObjectPath {
            owner: owner_handle.clone(),
            handle,
        });
    }
    Ok(revived)
}

/// The former handle of an instance, or one like it.
async fn free_handle(
    connection: &mut Connection,
    owner: UserId,
    former: &str,
    id: i64,
) -> StoreResult<Handle> {
    for handle in similar_handles(former, id) {
        let taken: bool = sqlx::query_scalar(INSTANCE_HANDLE_TAKEN)
            .bind(owner.0)
            .bind(&handle)
            .fetch_one(&mut *connection)
            .await?;
        if !taken {
            return Ok(Handle::parse(&handle).map_err(|_| Malformed("handle"))?);
        }
    }
    Err(Malformed("handle").into())
}

/// Takes an instance out of service that only deleted projects need, and forgets its provider key.
pub(super) async fn bury_instance(
    connection: &mut Connection,
    id: InstanceId,
    now: Timestamp,
) -> StoreResult<()> {
    sqlx::query(BURY)
        .bind(id.0)
        .bind(hidden_handle(id.0))
        .bind(now.as_millisecond())
        .bind(SYSTEM_HANDLE)
        .execute(&mut *connection)
        .await?;
    sqlx::query(DROP_INSTANCE_SHARES)
        .bind(id.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes buried instances that no project needs any more.
pub(super) async fn drop_needless_instances(connection: &mut Connection) -> StoreResult<()> {
    sqlx::query(DROP_NEEDLESS_INSTANCES)
        .execute(connection)
        .await?;
    Ok(())
}

/// A row of [`LIST`].
pub(super) fn deleted_project(row: &Row) -> StoreResult<DeletedProject> {
    Ok(DeletedProject {
        id: ProjectId(row.try_get(0)?),
        owner: rows::handle(row, 1)?,
        former_handle: rows::optional_handle(row, 2)?,
        deleted_at: rows::time(row, 3)?,
        destroy_after: rows::time(row, 4)?,
        number_of_embeddings: rows::count(row, 5)?,
        number_of_keys: rows::count(row, 6)?,
    })
}
