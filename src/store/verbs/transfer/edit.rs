//! Writes rows of the tables that are not embeddings, one statement a row: there are few of them.
//!
//! A row that holds a value that an incoming one has, and no two may share, is moved aside first:
//! it gets a name that nobody can have given, until its own new values come or it is deleted.

use super::super::engine::Connection;
use super::super::{messages, rows};
use crate::domain::access::ObjectPath;
use crate::domain::record::{
    AdminKeyRecord, ApiStandardRecord, DefinitionRecord, DefinitionShareRecord, InstanceRecord,
    InstanceShareRecord, ProjectRecord, ProjectShareRecord, Record, RecordKey, Table,
    UserKeyRecord, UserRecord,
};
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use crate::store::transfer::{ASIDE, Edit, Sealing};

const MOVE_USER_ASIDE: &str = "\
    UPDATE users SET email = $3 || CAST(user_id AS TEXT) WHERE email = $1 AND handle <> $2";

const ID_IS_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE user_id = $1)";

const HANDLE_IS_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE handle = $1)";

const PUT_USER: &str = "\
    INSERT INTO users (handle, name, email, state, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (handle) DO UPDATE SET name = excluded.name, email = excluded.email, \
        state = excluded.state, created_at = excluded.created_at, \
        updated_at = excluded.updated_at";

const INSERT_USER: &str = "\
    INSERT INTO users (handle, name, email, state, created_at, updated_at, user_id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const PUT_USER_KEY: &str = "\
    INSERT INTO user_keys (key_digest, user_id, created_at, expires_at) \
    VALUES ($1, (SELECT user_id FROM users WHERE handle = $2), $3, $4) \
    ON CONFLICT (key_digest) DO UPDATE SET user_id = excluded.user_id, \
        created_at = excluded.created_at, expires_at = excluded.expires_at";

const PUT_ADMIN_KEY: &str = "\
    INSERT INTO admin_keys (key_digest, created_at, expires_at) VALUES ($1, $2, $3) \
    ON CONFLICT (key_digest) DO UPDATE SET \
        created_at = excluded.created_at, expires_at = excluded.expires_at";

const PUT_API_STANDARD: &str = "\
    INSERT INTO api_standards (handle, description, key_method, key_field, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (handle) DO UPDATE SET description = excluded.description, \
        key_method = excluded.key_method, key_field = excluded.key_field, \
        created_at = excluded.created_at, updated_at = excluded.updated_at";

const MOVE_DEFINITION_ASIDE: &str = "\
    UPDATE definitions SET handle = $4 || CAST(definition_id AS TEXT) \
    WHERE owner_id = (SELECT user_id FROM users WHERE handle = $1) AND handle = $2 \
        AND definition_id <> $3";

const PUT_DEFINITION: &str = "\
    INSERT INTO definitions (owner_id, handle, definition_id, endpoint, description, \
        api_standard, model, dimensions, context_limit, is_public, created_at, updated_at) \
    VALUES ((SELECT user_id FROM users WHERE handle = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        $11, $12) \
    ON CONFLICT (definition_id) DO UPDATE SET owner_id = excluded.owner_id, \
        handle = excluded.handle, endpoint = excluded.endpoint, \
        description = excluded.description, api_standard = excluded.api_standard, \
        model = excluded.model, dimensions = excluded.dimensions, \
        context_limit = excluded.context_limit, is_public = excluded.is_public, \
        created_at = excluded.created_at, updated_at = excluded.updated_at";

const PUT_DEFINITION_SHARE: &str = "\
    INSERT INTO definition_shares (definition_id, user_id, created_at) \
    VALUES ($1, (SELECT user_id FROM users WHERE handle = $2), $3) \
    ON CONFLICT (definition_id, user_id) DO UPDATE SET created_at = excluded.created_at";

const MOVE_INSTANCE_ASIDE: &str = "\
    UPDATE instances SET handle = $4 || CAST(instance_id AS TEXT) \
    WHERE owner_id = (SELECT user_id FROM users WHERE handle = $1) AND handle = $2 \
        AND instance_id <> $3";

const PUT_INSTANCE: &str = "\
    INSERT INTO instances (owner_id, handle, instance_id, endpoint, description, api_standard, \
        model, dimensions, context_limit, definition_id, api_key, created_at, updated_at) \
    VALUES ((SELECT user_id FROM users WHERE handle = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        $11, $12, $13) \
    ON CONFLICT (instance_id) DO UPDATE SET owner_id = excluded.owner_id, \
        handle = excluded.handle, endpoint = excluded.endpoint, \
        description = excluded.description, api_standard = excluded.api_standard, \
        model = excluded.model, dimensions = excluded.dimensions, \
        context_limit = excluded.context_limit, definition_id = excluded.definition_id, \
        api_key = excluded.api_key, created_at = excluded.created_at, \
        updated_at = excluded.updated_at";

const PUT_INSTANCE_SHARE: &str = "\
    INSERT INTO instance_shares (instance_id, user_id, role, created_at, updated_at) \
    VALUES ($1, (SELECT user_id FROM users WHERE handle = $2), $3, $4, $5) \
    ON CONFLICT (instance_id, user_id) DO UPDATE SET role = excluded.role, \
        created_at = excluded.created_at, updated_at = excluded.updated_at";

const MOVE_PROJECT_ASIDE: &str = "\
    UPDATE projects SET handle = $4 || CAST(project_id AS TEXT) \
    WHERE owner_id = (SELECT user_id FROM users WHERE handle = $1) AND handle = $2 \
        AND project_id <> $3";

const PUT_PROJECT: &str = "\
    INSERT INTO projects (owner_id, handle, project_id, description, metadata_scheme, \
        public_read, instance_id, created_at, updated_at, encrypt_text, encrypt_metadata) \
    VALUES ((SELECT user_id FROM users WHERE handle = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        $11) \
    ON CONFLICT (project_id) DO UPDATE SET owner_id = excluded.owner_id, \
        handle = excluded.handle, description = excluded.description, \
        metadata_scheme = excluded.metadata_scheme, public_read = excluded.public_read, \
        instance_id = excluded.instance_id, created_at = excluded.created_at, \
        updated_at = excluded.updated_at, encrypt_text = excluded.encrypt_text, \
        encrypt_metadata = excluded.encrypt_metadata, \
        settings_revision = projects.settings_revision + 1";

const PUT_PROJECT_SHARE: &str = "\
    INSERT INTO project_shares (project_id, user_id, role, created_at, updated_at) \
    VALUES ($1, (SELECT user_id FROM users WHERE handle = $2), $3, $4, $5) \
    ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role, \
        created_at = excluded.created_at, updated_at = excluded.updated_at";

/// Applies edits of any table but that of the embeddings.
pub(super) async fn apply(
    connection: &mut Connection,
    table: Table,
    edits: &[Edit],
    sealing: &Sealing,
) -> StoreResult<()> {
    for edit in edits {
        match edit {
            Edit::Insert(record) | Edit::Update(record) => {
                put(connection, record, sealing).await?;
            }
            Edit::Delete(key) => delete(connection, table, key).await?,
        }
    }
    Ok(())
}

async fn put(connection: &mut Connection, record: &Record, sealing: &Sealing) -> StoreResult<()> {
    match record {
        Record::User(row) => put_user(connection, row).await,
        Record::UserKey(row) => put_user_key(connection, row).await,
        Record::AdminKey(row) => put_admin_key(connection, row).await,
        Record::ApiStandard(row) => put_api_standard(connection, row).await,
        Record::Definition(row) => put_definition(connection, row).await,
        Record::DefinitionShare(row) => put_definition_share(connection, row).await,
        Record::Instance(row) => put_instance(connection, row, sealing).await,
        Record::InstanceShare(row) => put_instance_share(connection, row).await,
        Record::Project(row) => put_project(connection, row).await,
        Record::ProjectShare(row) => put_project_share(connection, row).await,
        Record::Embedding(_) => Err(Malformed("table of an edit").into()),
    }
}

async fn put_user(connection: &mut Connection, row: &UserRecord) -> StoreResult<()> {
    sqlx::query(MOVE_USER_ASIDE)
        .bind(&row.email)
        .bind(row.handle.as_str())
        .bind(ASIDE)
        .execute(&mut *connection)
        .await?;
    let mut free_id = row.id.map(|id| id.0);
    if let Some(id) = free_id {
        let taken: bool = sqlx::query_scalar(ID_IS_TAKEN)
            .bind(id)
            .fetch_one(&mut *connection)
            .await?;
        let exists: bool = sqlx::query_scalar(HANDLE_IS_TAKEN)
            .bind(row.handle.as_str())
            .fetch_one(&mut *connection)
            .await?;
        free_id = free_id.filter(|_| !taken && !exists);
    }
    let sql = if free_id.is_some() {
        INSERT_USER
    } else {
        PUT_USER
    };
    let mut query = sqlx::query(sql)
        .bind(row.handle.as_str())
        .bind(row.name.as_deref())
        .bind(&row.email)
        .bind(row.state.as_str())
        .bind(row.created_at)
        .bind(row.updated_at);
    if let Some(id) = free_id {
        query = query.bind(id);
    }
    query.execute(connection).await?;
    Ok(())
}

async fn put_user_key(connection: &mut Connection, row: &UserKeyRecord) -> StoreResult<()> {
    sqlx::query(PUT_USER_KEY)
        .bind(&row.digest)
        .bind(row.user.as_str())
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_admin_key(connection: &mut Connection, row: &AdminKeyRecord) -> StoreResult<()> {
    sqlx::query(PUT_ADMIN_KEY)
        .bind(&row.digest)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_api_standard(connection: &mut Connection, row: &ApiStandardRecord) -> StoreResult<()> {
    sqlx::query(PUT_API_STANDARD)
        .bind(row.handle.as_str())
        .bind(&row.description)
        .bind(row.key_method.as_str())
        .bind(&row.key_field)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the handle from another row that has it, until that row gets the one it is to have.
async fn move_aside(
    connection: &mut Connection,
    sql: &'static str,
    path: &ObjectPath,
    id: i64,
) -> StoreResult<()> {
    sqlx::query(sql)
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .bind(id)
        .bind(ASIDE)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_definition(connection: &mut Connection, row: &DefinitionRecord) -> StoreResult<()> {
    move_aside(connection, MOVE_DEFINITION_ASIDE, &row.path, row.id.0).await?;
    sqlx::query(PUT_DEFINITION)
        .bind(row.path.owner.as_str())
        .bind(row.path.handle.as_str())
        .bind(row.id.0)
        .bind(row.settings.endpoint.as_deref())
        .bind(row.settings.description.as_deref())
        .bind(row.settings.api_standard.as_deref())
        .bind(row.settings.model.as_deref())
        .bind(rows::integer(row.settings.dimensions)?)
        .bind(rows::integer(row.settings.context_limit)?)
        .bind(row.is_public)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_definition_share(
    connection: &mut Connection,
    row: &DefinitionShareRecord,
) -> StoreResult<()> {
    sqlx::query(PUT_DEFINITION_SHARE)
        .bind(row.definition.0)
        .bind(row.user.as_str())
        .bind(row.created_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_instance(
    connection: &mut Connection,
    row: &InstanceRecord,
    sealing: &Sealing,
) -> StoreResult<()> {
    move_aside(connection, MOVE_INSTANCE_ASIDE, &row.path, row.id.0).await?;
    sqlx::query(PUT_INSTANCE)
        .bind(row.path.owner.as_str())
        .bind(row.path.handle.as_str())
        .bind(row.id.0)
        .bind(row.settings.endpoint.as_deref())
        .bind(row.settings.description.as_deref())
        .bind(row.settings.api_standard.as_deref())
        .bind(row.settings.model.as_deref())
        .bind(rows::integer(row.settings.dimensions)?)
        .bind(rows::integer(row.settings.context_limit)?)
        .bind(row.definition.map(|definition| definition.0))
        .bind(seal(connection, row, sealing).await?)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Seals the provider key of an instance and counts it for the data key that sealed it.
async fn seal(
    connection: &mut Connection,
    row: &InstanceRecord,
    sealing: &Sealing,
) -> StoreResult<Option<String>> {
    let Some(provider_key) = &row.provider_key else {
        return Ok(None);
    };
    let sealed = sealing.seal(provider_key, row.id)?;
    messages::count(connection, &sealed.key_id, 1).await?;
    Ok(Some(sealed.text))
}

async fn put_instance_share(
    connection: &mut Connection,
    row: &InstanceShareRecord,
) -> StoreResult<()> {
    sqlx::query(PUT_INSTANCE_SHARE)
        .bind(row.instance.0)
        .bind(row.user.as_str())
        .bind(row.role.as_str())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_project(connection: &mut Connection, row: &ProjectRecord) -> StoreResult<()> {
    move_aside(connection, MOVE_PROJECT_ASIDE, &row.path, row.id.0).await?;
    sqlx::query(PUT_PROJECT)
        .bind(row.path.owner.as_str())
        .bind(row.path.handle.as_str())
        .bind(row.id.0)
        .bind(row.description.as_deref())
        .bind(row.metadata_scheme.as_deref())
        .bind(row.public_read)
        .bind(row.instance.map(|instance| instance.0))
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.policy.encrypt_text)
        .bind(row.policy.encrypt_metadata)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_project_share(
    connection: &mut Connection,
    row: &ProjectShareRecord,
) -> StoreResult<()> {
    sqlx::query(PUT_PROJECT_SHARE)
        .bind(row.project.0)
        .bind(row.user.as_str())
        .bind(row.role.as_str())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete(connection: &mut Connection, table: Table, key: &RecordKey) -> StoreResult<()> {
    let sql = delete_sql(table).ok_or(Malformed("table of an edit"))?;
    let query = match key {
        RecordKey::Name(name) => sqlx::query(sql).bind(name),
        RecordKey::Id(id) => sqlx::query(sql).bind(id),
        RecordKey::Share(id, handle) => sqlx::query(sql).bind(id).bind(handle),
    };
    query.execute(connection).await?;
    Ok(())
}

const fn delete_sql(table: Table) -> Option<&'static str> {
    Some(match table {
        Table::Users => "DELETE FROM users WHERE handle = $1",
        Table::UserKeys => "DELETE FROM user_keys WHERE key_digest = $1",
        Table::AdminKeys => "DELETE FROM admin_keys WHERE key_digest = $1",
        Table::ApiStandards => "DELETE FROM api_standards WHERE handle = $1",
        Table::Definitions => "DELETE FROM definitions WHERE definition_id = $1",
        Table::DefinitionShares => {
            "DELETE FROM definition_shares WHERE definition_id = $1 \
             AND user_id = (SELECT user_id FROM users WHERE handle = $2)"
        }
        Table::Instances => "DELETE FROM instances WHERE instance_id = $1",
        Table::InstanceShares => {
            "DELETE FROM instance_shares WHERE instance_id = $1 \
             AND user_id = (SELECT user_id FROM users WHERE handle = $2)"
        }
        Table::Projects => "DELETE FROM projects WHERE project_id = $1",
        Table::ProjectShares => {
            "DELETE FROM project_shares WHERE project_id = $1 \
             AND user_id = (SELECT user_id FROM users WHERE handle = $2)"
        }
        Table::Embeddings => return None,
    })
}
