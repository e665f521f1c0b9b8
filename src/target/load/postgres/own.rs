//! What is particular to a database of embsec's own: the migrations make its schema, and keys that
//! were destroyed since the backup are destroyed again.

use super::error::LoadError;
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::{DataKeyRecord, KeyScope};
use crate::store::{hidden_handle, schema_scripts};
use crate::target::dump::postgres::{SHORT_NAMES, ServerError, project, quoted};
use sqlx::migrate::{Migrate as _, MigrateError};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeMap;

/// Where the checksums of applied migrations are kept. Its rows travel as those of any table.
const MIGRATIONS_TABLE: &str = "embsec_migrations";

/// Makes the schema of this version without a row, a constraint between rows or an index, inside
/// the caller's transaction. Returns the statements that make the rest when the rows are there.
pub(super) async fn create(
    connection: &mut PgConnection,
    version: i64,
) -> Result<Vec<String>, LoadError> {
    for sql in [
        "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public",
        "CREATE SCHEMA IF NOT EXISTS embsec",
        SHORT_NAMES,
    ] {
        connection.execute(sql).await?;
    }
    for (number, sql) in (1..).zip(schema_scripts(version)) {
        let made = sqlx::raw_sql(sql.1).execute(&mut *connection).await;
        made.map_err(|error| LoadError::Schema {
            number,
            source: error.into(),
        })?;
    }
    let made = connection.ensure_migrations_table(MIGRATIONS_TABLE).await;
    made.map_err(|error| match error {
        MigrateError::Execute(error) => LoadError::from(error),
        other => ServerError::Fault(Box::new(other)).into(),
    })?;
    empty(connection).await?;
    strip(connection).await
}

async fn empty(connection: &mut PgConnection) -> Result<(), LoadError> {
    const TABLES: &str = "\
        SELECT relname::text FROM pg_class \
        WHERE relnamespace = 'embsec'::regnamespace AND relkind = 'r' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *connection)
        .await?;
    let names: Vec<String> = tables.iter().map(|name| quoted(name)).collect();
    let sql = format!("TRUNCATE {}", names.join(", "));
    connection.execute(AssertSqlSafe(sql)).await?;
    Ok(())
}

/// Takes keys and indexes away, and returns the statements that make them again: what is unique
/// first, since foreign keys need it, and those at the end.
async fn strip(connection: &mut PgConnection) -> Result<Vec<String>, LoadError> {
    const CONSTRAINTS: &str = "\
        SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid), k.contype = 'f' \
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid \
        WHERE c.relnamespace = 'embsec'::regnamespace AND k.contype IN ('p', 'u', 'f') \
        ORDER BY k.contype = 'f', c.relname::text COLLATE \"C\", k.conname::text COLLATE \"C\"";
    const INDEXES: &str = "\
        SELECT c.relname::text, pg_get_indexdef(c.oid) \
        FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid \
        WHERE c.relnamespace = 'embsec'::regnamespace \
        ORDER BY c.relname::text COLLATE \"C\"";
    let constraints: Vec<(String, String, String, bool)> = sqlx::query_as(CONSTRAINTS)
        .fetch_all(&mut *connection)
        .await?;
    // Foreign keys go first, since others stand on what they need.
    for (table, name, ..) in constraints.iter().rev() {
        let (table, name) = (quoted(table), quoted(name));
        let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    let indexes: Vec<(String, String)> =
        sqlx::query_as(INDEXES).fetch_all(&mut *connection).await?;
    for (name, _) in &indexes {
        let sql = format!("DROP INDEX {}", quoted(name));
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    let add = |(table, name, definition, _): &(String, String, String, bool)| {
        let (table, name) = (quoted(table), quoted(name));
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    };
    let is_foreign = |constraint: &&(String, String, String, bool)| constraint.3;
    let mut statements: Vec<String> = constraints
        .iter()
        .filter(|constraint| !is_foreign(constraint))
        .map(add)
        .collect();
    statements.extend(indexes.into_iter().map(|(_, sql)| sql));
    statements.extend(constraints.iter().filter(is_foreign).map(add));
    Ok(statements)
}

/// Puts the data keys in, without those that were destroyed since, and treats their projects as
/// destroyed ones. Returns the projects that are given up.
pub(super) async fn keys(
    connection: &mut PgConnection,
    data_keys: &[DataKeyRecord],
    destroyed: &[DestroyedKey],
) -> Result<Vec<ProjectId>, LoadError> {
    const INSERT: &str = "\
        INSERT INTO embsec.data_keys \
            (key_id, scope, wrapped, master_id, state, messages, created_at, destroy_after) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    const NOTE: &str = "\
        INSERT INTO embsec.destroyed_keys \
            (key_id, scope, project_owner, project_handle, destroyed_at) \
        SELECT $1, $2, $3, $4, $5 \
        WHERE NOT EXISTS (SELECT 1 FROM embsec.destroyed_keys AS d WHERE d.key_id = $1)";
    const DESTROY: &str = "\
        DELETE FROM embsec.data_keys WHERE key_id IN (SELECT key_id FROM embsec.destroyed_keys)";
    for record in data_keys {
        let destroy_after = record.destroy_after.map(|time| time.as_millisecond());
        sqlx::query(INSERT)
            .bind(&record.key.id.0)
            .bind(record.key.scope.to_string())
            .bind(&record.key.wrapped)
            .bind(&record.key.master_id.0)
            .bind(record.key.state.as_str())
            .bind(i64::try_from(record.messages).unwrap_or(i64::MAX))
            .bind(record.created_at.as_millisecond())
            .bind(destroy_after)
            .execute(&mut *connection)
            .await?;
    }
    let mut projects = BTreeMap::new();
    for key in destroyed {
        let path = key.project.as_ref();
        sqlx::query(NOTE)
            .bind(&key.id.0)
            .bind(key.scope.to_string())
            .bind(path.map(|path| path.owner.as_str()))
            .bind(path.map(|path| path.handle.as_str()))
            .bind(key.destroyed_at.as_millisecond())
            .execute(&mut *connection)
            .await?;
        if let Some(id) = project(key.scope) {
            projects.insert(id, key.destroyed_at.as_millisecond());
        }
    }
    connection.execute(DESTROY).await?;
    let mut given_up = Vec::new();
    for (id, destroyed_at) in projects {
        if give_up(connection, id, destroyed_at).await? {
            given_up.push(id);
        }
    }
    Ok(given_up)
}

/// Gives a project up whose keys are all gone, as destroying it does: nothing brings it back, and
/// its rows are removed by the command that removes those of destroyed projects.
async fn give_up(
    connection: &mut PgConnection,
    id: ProjectId,
    destroyed_at: i64,
) -> Result<bool, LoadError> {
    const GIVE_UP: &str = "\
        UPDATE embsec.projects SET handle = $2, deleted_handle = NULL, \
            settings_revision = settings_revision \
                + CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END, \
            deleted_at = coalesce(deleted_at, $3) \
        WHERE project_id = $1 \
            AND NOT EXISTS (SELECT 1 FROM embsec.data_keys AS k WHERE k.scope = $4)";
    const DROP_SHARES: &str = "DELETE FROM embsec.project_shares WHERE project_id = $1";
    const DROP_ROTATIONS: &str = "DELETE FROM embsec.key_rotations WHERE scope = $1";
    let scope = KeyScope::Project(id).to_string();
    let found = sqlx::query(GIVE_UP)
        .bind(id.0)
        .bind(hidden_handle(id.0))
        .bind(destroyed_at)
        .bind(&scope)
        .execute(&mut *connection)
        .await?;
    if found.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(DROP_SHARES)
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query(DROP_ROTATIONS)
        .bind(&scope)
        .execute(&mut *connection)
        .await?;
    Ok(true)
}
