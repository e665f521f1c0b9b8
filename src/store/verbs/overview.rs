//! What the console asks of all projects.

use super::engine::{Connection, Row};
use super::{policy, rows};
use crate::domain::ids::ProjectId;
use crate::domain::project::{ContentPolicy, ProjectOverview, UnlikePolicy};
use crate::store::StoreResult;
use sqlx::Row as _;

const ALL: &str = "\
    SELECT p.project_id, o.handle, p.handle, p.public_read, p.encrypt_text, p.encrypt_metadata, \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id) \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.deleted_at IS NULL \
    ORDER BY substr(o.handle, 1, 1) = '_', o.handle, substr(p.handle, 1, 1) = '_', p.handle";

/// What begins like a sealed value is one, or was sealed because it begins so.
const UNLIKE: &str = "\
    SELECT count(*) FILTER (WHERE text <> '' AND (substr(text, 1, 7) = 'enc:v2:') <> $2), \
        count(*) FILTER ( \
            WHERE metadata <> '' AND (substr(metadata, 1, 7) = 'enc:v2:') <> $3) \
    FROM embeddings WHERE project_id = $1";

/// Every project.
pub(super) async fn all(connection: &mut Connection) -> StoreResult<Vec<ProjectOverview>> {
    sqlx::query(ALL)
        .fetch_all(connection)
        .await?
        .iter()
        .map(overview)
        .collect()
}

/// How many rows do not follow this policy.
pub(super) async fn unlike_policy(
    connection: &mut Connection,
    id: ProjectId,
    policy: ContentPolicy,
) -> StoreResult<UnlikePolicy> {
    let row = sqlx::query(UNLIKE)
        .bind(id.0)
        .bind(policy.encrypt_text)
        .bind(policy.encrypt_metadata)
        .fetch_one(connection)
        .await?;
    Ok(UnlikePolicy {
        texts: rows::count(&row, 0)?,
        metadata: rows::count(&row, 1)?,
    })
}

fn overview(row: &Row) -> StoreResult<ProjectOverview> {
    Ok(ProjectOverview {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        public_read: row.try_get(3)?,
        policy: policy::policy(row, 4)?,
        number_of_embeddings: rows::count(row, 6)?,
    })
}
