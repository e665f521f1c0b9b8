//! What of a project is sealed.

use super::engine::{Connection, Row};
use super::projects::id_of;
use super::scope::{bind_scope, project_readable};
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::audit::{Action, Change};
use crate::domain::project::ContentPolicy;
use crate::store::StoreResult;
use crate::store::change::change;
use jiff::Timestamp;
use sqlx::Row as _;

const OF_PROJECT: &str = concat!(
    "SELECT p.encrypt_text, p.encrypt_metadata \
     FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
     WHERE o.handle = $1 AND ",
    project_readable!()
);

/// A batch that was prepared under another policy must not be written.
const SET: &str = "\
    UPDATE projects SET encrypt_text = $2, encrypt_metadata = $3, \
        settings_revision = settings_revision + 1, updated_at = $4 \
    WHERE project_id = $1 AND (encrypt_text <> $2 OR encrypt_metadata <> $3)";

pub(super) async fn of_project(
    connection: &mut Connection,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<Option<ContentPolicy>> {
    let row = bind_scope(sqlx::query(OF_PROJECT), path, scope)
        .fetch_optional(connection)
        .await?;
    row.map(|row| policy(&row, 0)).transpose()
}

/// `None` when it was so already.
pub(super) async fn set(
    connection: &mut Connection,
    path: &ObjectPath,
    policy: ContentPolicy,
    now: Timestamp,
) -> StoreResult<Option<Change>> {
    let (id, _) = id_of(connection, path).await?;
    let set = sqlx::query(SET)
        .bind(id.0)
        .bind(policy.encrypt_text)
        .bind(policy.encrypt_metadata)
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    if set.rows_affected() == 0 {
        return Ok(None);
    }
    Ok(Some(change(
        Action::ProjectSetPolicy,
        Some(id),
        [
            ("owner", path.owner.as_str().into()),
            ("project_handle", path.handle.as_str().into()),
            ("encrypt_text", policy.encrypt_text.into()),
            ("encrypt_metadata", policy.encrypt_metadata.into()),
        ],
    )))
}

/// Two columns: whether texts and whether metadata are sealed.
pub(super) fn policy(row: &Row, column: usize) -> StoreResult<ContentPolicy> {
    Ok(ContentPolicy {
        encrypt_text: row.try_get(column)?,
        encrypt_metadata: row.try_get(column + 1)?,
    })
}
