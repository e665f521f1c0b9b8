//! API standards, definitions, instances and projects.
//!
//! Where a path is still another row's, that row gets a name that no client can have made, until
//! its own edit comes.

use super::{Sealer, moment};
use crate::crypto::embapi_blob;
use crate::domain::llm::LlmSettings;
use crate::domain::record::{ApiStandardRecord, DefinitionRecord, InstanceRecord, ProjectRecord};
use crate::store::transfer::TransferResult;
use crate::store::{HookError, StoreError};
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::Query;

const PUT_API_STANDARD: &str = concat!(
    "INSERT INTO api_standards (api_standard_handle, description, key_method, key_field, \
     created_at, updated_at) VALUES ($1, $2, $3, $4, ",
    moment!("$5"),
    ", ",
    moment!("$6"),
    ") ON CONFLICT (api_standard_handle) DO UPDATE SET description = excluded.description, \
     key_method = excluded.key_method, key_field = excluded.key_field, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

const MOVE_DEFINITION_ASIDE: &str = "\
    UPDATE definitions SET definition_handle = '~aside-' || definition_id \
    WHERE owner = $1 AND definition_handle = $2 AND definition_id <> $3";

const PUT_DEFINITION: &str = concat!(
    "INSERT INTO definitions (owner, definition_handle, definition_id, is_public, endpoint, \
     description, api_standard, model, dimensions, context_limit, created_at, updated_at) \
     VALUES ($1, $2, $3::int8::int4, $4, coalesce($5, ''), $6, $7, coalesce($8, ''), \
     $9::int8::int4, $10::int8::int4, ",
    moment!("$11"),
    ", ",
    moment!("$12"),
    ") ON CONFLICT (definition_id) DO UPDATE SET owner = excluded.owner, \
     definition_handle = excluded.definition_handle, is_public = excluded.is_public, \
     endpoint = excluded.endpoint, description = excluded.description, \
     api_standard = excluded.api_standard, model = excluded.model, \
     dimensions = excluded.dimensions, context_limit = excluded.context_limit, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

const MOVE_INSTANCE_ASIDE: &str = "\
    UPDATE instances SET instance_handle = '~aside-' || instance_id \
    WHERE owner = $1 AND instance_handle = $2 AND instance_id <> $3";

const PUT_INSTANCE: &str = concat!(
    "INSERT INTO instances (owner, instance_handle, instance_id, definition_id, endpoint, \
     description, api_standard, model, dimensions, context_limit, created_at, updated_at, \
     api_key_encrypted) \
     VALUES ($1, $2, $3::int8::int4, $4::int8::int4, coalesce($5, ''), $6, $7, coalesce($8, ''), \
     $9::int8::int4, $10::int8::int4, ",
    moment!("$11"),
    ", ",
    moment!("$12"),
    ", $13) ON CONFLICT (instance_id) DO UPDATE SET owner = excluded.owner, \
     instance_handle = excluded.instance_handle, definition_id = excluded.definition_id, \
     endpoint = excluded.endpoint, description = excluded.description, \
     api_standard = excluded.api_standard, model = excluded.model, \
     dimensions = excluded.dimensions, context_limit = excluded.context_limit, \
     created_at = excluded.created_at, updated_at = excluded.updated_at, \
     api_key_encrypted = excluded.api_key_encrypted"
);

const MOVE_PROJECT_ASIDE: &str = "\
    UPDATE projects SET project_handle = '~aside-' || project_id \
    WHERE owner = $1 AND project_handle = $2 AND project_id <> $3";

/// Whoever owned the project before goes; a share that they have from now on comes as one.
const UNLINK_FORMER_OWNER: &str = "\
    DELETE FROM users_projects AS s USING projects AS p \
    WHERE p.project_id = s.project_id AND p.project_id = $1 AND p.owner = s.user_handle \
      AND p.owner <> $2";

/// Upstream looks for embeddings by their owner, too.
const HAND_EMBEDDINGS_OVER: &str = "\
    UPDATE embeddings AS e SET owner = $2 FROM projects AS p \
    WHERE p.project_id = e.project_id AND p.project_id = $1 AND p.owner <> $2";

const PUT_PROJECT: &str = concat!(
    "INSERT INTO projects (owner, project_handle, project_id, description, metadata_scheme, \
     public_read, instance_id, created_at, updated_at) \
     VALUES ($1, $2, $3::int8::int4, $4, $5, $6, $7::int8::int4, ",
    moment!("$8"),
    ", ",
    moment!("$9"),
    ") ON CONFLICT (project_id) DO UPDATE SET owner = excluded.owner, \
     project_handle = excluded.project_handle, description = excluded.description, \
     metadata_scheme = excluded.metadata_scheme, public_read = excluded.public_read, \
     instance_id = excluded.instance_id, created_at = excluded.created_at, \
     updated_at = excluded.updated_at"
);

const LINK_OWNER: &str = concat!(
    "INSERT INTO users_projects (user_handle, project_id, role, created_at, updated_at) \
     VALUES ($1, $2::int8::int4, 'owner', ",
    moment!("$3"),
    ", ",
    moment!("$3"),
    ") ON CONFLICT (user_handle, project_id) DO UPDATE SET role = excluded.role, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

/// Puts an API standard in.
pub(super) async fn put_api_standard(
    connection: &mut PgConnection,
    row: &ApiStandardRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_API_STANDARD)
        .bind(row.handle.as_str())
        .bind(&row.description)
        .bind(row.key_method.as_str())
        .bind(&row.key_field)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await
        .map(drop)
}

/// Puts a definition in.
pub(super) async fn put_definition(
    connection: &mut PgConnection,
    row: &DefinitionRecord,
) -> Result<(), sqlx::Error> {
    let path = [row.path.owner.as_str(), row.path.handle.as_str()];
    move_aside(connection, MOVE_DEFINITION_ASIDE, path, row.id.0).await?;
    let query = sqlx::query(PUT_DEFINITION)
        .bind(path[0])
        .bind(path[1])
        .bind(row.id.0)
        .bind(row.is_public);
    bind_settings(query, &row.settings)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await
        .map(drop)
}

/// The provider's key as upstream has it.
pub(super) fn sealed_key(sealer: &Sealer, row: &InstanceRecord) -> TransferResult<Option<Vec<u8>>> {
    let Some(key) = &row.provider_key else {
        return Ok(None);
    };
    let sealed = embapi_blob::seal(key, &sealer.key, &*sealer.rng);
    Ok(sealed.map_err(|error| StoreError::Seal(HookError(Box::new(error))))?)
}

/// Puts an instance in.
pub(super) async fn put_instance(
    connection: &mut PgConnection,
    row: &InstanceRecord,
    sealed_key: Option<Vec<u8>>,
) -> Result<(), sqlx::Error> {
    let path = [row.path.owner.as_str(), row.path.handle.as_str()];
    move_aside(connection, MOVE_INSTANCE_ASIDE, path, row.id.0).await?;
    let query = sqlx::query(PUT_INSTANCE)
        .bind(path[0])
        .bind(path[1])
        .bind(row.id.0)
        .bind(row.definition.map(|definition| definition.0));
    bind_settings(query, &row.settings)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(sealed_key)
        .execute(connection)
        .await
        .map(drop)
}

/// Puts a project in, with its owner linked to it as upstream does.
pub(super) async fn put_project(
    connection: &mut PgConnection,
    row: &ProjectRecord,
) -> Result<(), sqlx::Error> {
    let path = [row.path.owner.as_str(), row.path.handle.as_str()];
    move_aside(connection, MOVE_PROJECT_ASIDE, path, row.id.0).await?;
    for text in [UNLINK_FORMER_OWNER, HAND_EMBEDDINGS_OVER] {
        sqlx::query(text)
            .bind(row.id.0)
            .bind(path[0])
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(PUT_PROJECT)
        .bind(path[0])
        .bind(path[1])
        .bind(row.id.0)
        .bind(&row.description)
        .bind(&row.metadata_scheme)
        .bind(row.public_read)
        .bind(row.instance.map(|instance| instance.0))
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *connection)
        .await?;
    sqlx::query(LINK_OWNER)
        .bind(path[0])
        .bind(row.id.0)
        .bind(row.created_at)
        .execute(connection)
        .await
        .map(drop)
}

async fn move_aside(
    connection: &mut PgConnection,
    text: &'static str,
    path: [&str; 2],
    id: i64,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(text).bind(path[0]).bind(path[1]).bind(id);
    query.execute(connection).await.map(drop)
}

/// Six parameters, as in both statements above.
fn bind_settings<'q>(
    query: Query<'q, sqlx::Postgres, PgArguments>,
    settings: &'q LlmSettings,
) -> Query<'q, sqlx::Postgres, PgArguments> {
    query
        .bind(&settings.endpoint)
        .bind(&settings.description)
        .bind(&settings.api_standard)
        .bind(&settings.model)
        .bind(settings.dimensions.map(i64::from))
        .bind(settings.context_limit.map(i64::from))
}
