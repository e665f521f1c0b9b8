//! Who things are shared with.

use super::moment;
use crate::domain::record::{DefinitionShareRecord, InstanceShareRecord, ProjectShareRecord};
use sqlx::postgres::PgConnection;

const PUT_DEFINITION_SHARE: &str = concat!(
    "INSERT INTO definitions_shared_with (user_handle, definition_id, created_at, updated_at) \
     VALUES ($1, $2::int8::int4, ",
    moment!("$3"),
    ", ",
    moment!("$3"),
    ") ON CONFLICT (user_handle, definition_id) DO UPDATE \
     SET created_at = excluded.created_at, updated_at = excluded.updated_at"
);

const PUT_INSTANCE_SHARE: &str = concat!(
    "INSERT INTO instances_shared_with (user_handle, instance_id, role, created_at, updated_at) \
     VALUES ($1, $2::int8::int4, $3, ",
    moment!("$4"),
    ", ",
    moment!("$5"),
    ") ON CONFLICT (user_handle, instance_id) DO UPDATE SET role = excluded.role, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

const PUT_PROJECT_SHARE: &str = concat!(
    "INSERT INTO users_projects (user_handle, project_id, role, created_at, updated_at) \
     VALUES ($1, $2::int8::int4, $3, ",
    moment!("$4"),
    ", ",
    moment!("$5"),
    ") ON CONFLICT (user_handle, project_id) DO UPDATE SET role = excluded.role, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

/// The link of an owner is no share, and stays.
pub(super) const DELETE_PROJECT_SHARE: &str = "\
    DELETE FROM users_projects AS s USING projects AS p \
    WHERE p.project_id = s.project_id AND s.project_id = $1 AND s.user_handle = $2 \
      AND p.owner <> s.user_handle";

/// Puts a share of a definition in.
pub(super) async fn put_definition_share(
    connection: &mut PgConnection,
    row: &DefinitionShareRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_DEFINITION_SHARE)
        .bind(row.user.as_str())
        .bind(row.definition.0)
        .bind(row.created_at)
        .execute(connection)
        .await
        .map(drop)
}

/// Puts a share of an instance in.
pub(super) async fn put_instance_share(
    connection: &mut PgConnection,
    row: &InstanceShareRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_INSTANCE_SHARE)
        .bind(row.user.as_str())
        .bind(row.instance.0)
        .bind(row.role.as_str())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await
        .map(drop)
}

/// Puts a share of a project in.
pub(super) async fn put_project_share(
    connection: &mut PgConnection,
    row: &ProjectShareRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_PROJECT_SHARE)
        .bind(row.user.as_str())
        .bind(row.project.0)
        .bind(row.role.as_str())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await
        .map(drop)
}
