//! Who a project is shared with, and giving it away. Each function works inside the transaction
//! of its verb.

use super::engine::Connection;
use super::people::person_id;
use super::projects::id_of;
use super::rows;
use crate::domain::access::{ObjectPath, Share};
use crate::domain::audit::{Action, Change};
use crate::domain::ids::{Handle, ProjectId, UserId};
use crate::store::change::change;
use crate::store::{Conflict, Missing, StoreResult};
use jiff::Timestamp;

const SHARES: &str = "\
    SELECT u.handle, s.role FROM project_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.project_id = $1 \
    ORDER BY substr(u.handle, 1, 1) = '_', u.handle";

const SHARE: &str = "\
    INSERT INTO project_shares (project_id, user_id, role, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $4) \
    ON CONFLICT (project_id, user_id) DO UPDATE \
        SET role = excluded.role, updated_at = excluded.updated_at \
        WHERE project_shares.role <> excluded.role";

const UNSHARE: &str = "DELETE FROM project_shares WHERE project_id = $1 AND user_id = $2";

const UNSHARE_BY_HANDLE: &str = "\
    DELETE FROM project_shares WHERE project_id = $1 \
        AND user_id = (SELECT user_id FROM users WHERE handle = $2)";

pub(super) const HANDLE_TAKEN: &str =
    "SELECT EXISTS (SELECT 1 FROM projects WHERE owner_id = $1 AND handle = $2)";

const TRANSFER: &str = "\
    UPDATE projects SET owner_id = $2, settings_revision = settings_revision + 1, \
        updated_at = $3 \
    WHERE project_id = $1";

/// Everyone the project is shared with, in list order.
pub(super) async fn list(connection: &mut Connection, id: ProjectId) -> StoreResult<Vec<Share>> {
    sqlx::query(SHARES)
        .bind(id.0)
        .fetch_all(connection)
        .await?
        .iter()
        .map(rows::share)
        .collect()
}

/// Adds a share or changes its role; `false` when it was so already. What one owns needs no
/// share, and would appear twice in lists with one.
pub(super) async fn add(
    connection: &mut Connection,
    id: ProjectId,
    owner: UserId,
    share: &Share,
    now: Timestamp,
) -> StoreResult<bool> {
    let user = person_id(connection, &share.user_handle).await?;
    if user == owner {
        return Ok(false);
    }
    let shared = sqlx::query(SHARE)
        .bind(id.0)
        .bind(user.0)
        .bind(share.role.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(shared.rows_affected() > 0)
}

pub(super) async fn share(
    connection: &mut Connection,
    path: &ObjectPath,
    share: &Share,
    now: Timestamp,
) -> StoreResult<(ProjectId, Option<Change>)> {
    let (id, owner) = id_of(connection, path).await?;
    let changed = add(connection, id, owner, share, now).await?;
    let change = changed.then(|| {
        change(
            Action::ProjectShare,
            Some(id),
            [
                ("owner", path.owner.as_str().into()),
                ("project_handle", path.handle.as_str().into()),
                ("with", share.user_handle.as_str().into()),
                ("role", share.role.as_str().into()),
            ],
        )
    });
    Ok((id, change))
}

pub(super) async fn unshare(
    connection: &mut Connection,
    path: &ObjectPath,
    with: &Handle,
) -> StoreResult<Change> {
    let (id, _) = id_of(connection, path).await?;
    let removed = sqlx::query(UNSHARE_BY_HANDLE)
        .bind(id.0)
        .bind(with.as_str())
        .execute(connection)
        .await?;
    if removed.rows_affected() == 0 {
        return Err(Missing::Share(with.clone()).into());
    }
    Ok(change(
        Action::ProjectUnshare,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", path.handle.as_str().into()),
            ("with", with.as_str().into()),
        ],
    ))
}

/// The data follow by themselves, since they belong to the project's id.
pub(super) async fn transfer(
    connection: &mut Connection,
    path: &ObjectPath,
    new_owner: &Handle,
    now: Timestamp,
) -> StoreResult<(ProjectId, Change)> {
    let (id, _) = id_of(connection, path).await?;
    let user = person_id(connection, new_owner).await?;
    let taken: bool = sqlx::query_scalar(HANDLE_TAKEN)
        .bind(user.0)
        .bind(path.handle.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if taken {
        let path = ObjectPath {
            owner: new_owner.clone(),
            handle: path.handle.clone(),
        };
        return Err(Conflict::PathTaken(path).into());
    }
    sqlx::query(TRANSFER)
        .bind(id.0)
        .bind(user.0)
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(UNSHARE)
        .bind(id.0)
        .bind(user.0)
        .execute(connection)
        .await?;
    let change = change(
        Action::ProjectTransfer,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", path.handle.as_str().into()),
            ("new_owner", new_owner.as_str().into()),
        ],
    );
    Ok((id, change))
}
