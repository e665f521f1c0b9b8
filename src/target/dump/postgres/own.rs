//! What is particular to a database of embsec's own: its migrations make the schema, and its data
//! keys travel apart from everything else.

use super::catalog::Wanted;
use super::error::{DumpError, ServerError};
use crate::domain::ids::ProjectId;
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::store::schema_scripts;
use jiff::Timestamp;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Executor as _, Row as _};

/// The schema that holds embsec's tables.
const SCHEMA: &str = "embsec";

/// Everything of embsec's but the data keys, and what is about processes that run now.
pub(super) const TABLES: Wanted = Wanted {
    schema: Some(SCHEMA),
    without: &["data_keys", "leases", "processes"],
};

/// The version of embsec's schema, and the lowest that a binary must know to read it.
pub(super) async fn version(connection: &mut PgConnection) -> Result<i64, DumpError> {
    const EXISTS: &str = "SELECT to_regclass('embsec.embsec_schema') IS NOT NULL";
    const VERSION: &str = "SELECT version FROM embsec.embsec_schema";
    let exists: bool = sqlx::query_scalar(EXISTS)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Err(DumpError::NotEmbsec);
    }
    let version = sqlx::query_scalar(VERSION).fetch_one(connection).await?;
    let known = newest();
    if version > known {
        // Its migrations are the only ones that could make it again.
        return Err(DumpError::NewerSchema {
            found: version,
            known,
        });
    }
    Ok(version)
}

fn newest() -> i64 {
    let versions = schema_scripts(i64::MAX).map(|(version, _)| version);
    versions.max().unwrap_or_default()
}

/// Looks names of embsec's and of the extension up without their schemas: the extension may have
/// another schema in the database that is restored into.
pub(in crate::target) const SHORT_NAMES: &str = "\
    SELECT set_config('search_path', 'embsec, ' || quote_ident(n.nspname), false) \
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace \
    WHERE e.extname = 'vector'";

/// Every name that is not PostgreSQL's own is written with its schema again.
pub(in crate::target) const FULL_NAMES: &str = "SELECT set_config('search_path', '', false)";

/// Statements for the indexes that exist and that no migration makes.
pub(super) async fn other_indexes(
    connection: &mut PgConnection,
    version: i64,
) -> Result<String, ServerError> {
    const INDEXES: &str = "\
        SELECT c.relname::text, pg_get_indexdef(c.oid) \
        FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid \
        JOIN pg_class AS t ON t.oid = x.indrelid \
        WHERE t.relnamespace = 'embsec'::regnamespace AND x.indisvalid AND x.indislive \
            AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = c.oid \
                AND k.contype IN ('p', 'u', 'x')) \
        ORDER BY c.relname::text COLLATE \"C\"";
    connection.execute(SHORT_NAMES).await?;
    let indexes: Vec<(String, String)> =
        sqlx::query_as(INDEXES).fetch_all(&mut *connection).await?;
    connection.execute(FULL_NAMES).await?;
    let known: Vec<&str> = schema_scripts(version)
        .flat_map(|(_, sql)| made_indexes(sql))
        .collect();
    let others = indexes
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    Ok(others.map(|(_, sql)| format!("{sql};\n")).collect())
}

/// The names of the indexes that a migration makes. Migrations name theirs without quotes.
fn made_indexes(sql: &str) -> impl Iterator<Item = &str> {
    let mut words = sql.split_ascii_whitespace();
    std::iter::from_fn(move || {
        words.find(|word| *word == "INDEX")?;
        words.next()
    })
}

/// The data keys, which are in no segment of a backup.
pub(super) async fn data_keys(
    connection: &mut PgConnection,
) -> Result<Vec<DataKeyRecord>, DumpError> {
    const KEYS: &str = "\
        SELECT key_id, scope, wrapped, master_id, state, messages, created_at, destroy_after \
        FROM embsec.data_keys ORDER BY created_at, key_id";
    let rows = sqlx::query(KEYS).fetch_all(connection).await?;
    rows.iter().map(data_key).collect()
}

fn data_key(row: &PgRow) -> Result<DataKeyRecord, DumpError> {
    let malformed = |column: &'static str| ServerError::Fault(Box::new(Malformed(column)));
    let time =
        |millis: i64, column| Timestamp::from_millisecond(millis).map_err(|_| malformed(column));
    let (scope, state): (&str, &str) = (row.try_get(1)?, row.try_get(4)?);
    let destroy_after: Option<i64> = row.try_get(7)?;
    let messages: i64 = row.try_get(5)?;
    Ok(DataKeyRecord {
        key: WrappedDataKey {
            id: KeyId(row.try_get(0)?),
            scope: KeyScope::parse(scope).ok_or_else(|| malformed("scope"))?,
            wrapped: row.try_get(2)?,
            master_id: KeyId(row.try_get(3)?),
            state: KeyState::from_word(state).ok_or_else(|| malformed("state"))?,
        },
        messages: u64::try_from(messages).map_err(|_| malformed("messages"))?,
        created_at: time(row.try_get(6)?, "created_at")?,
        destroy_after: destroy_after
            .map(|millis| time(millis, "destroy_after"))
            .transpose()?,
    })
}

/// A data key is not what embsec writes.
#[derive(Debug, thiserror::Error)]
#[error("the stored {0} of a data key is malformed")]
struct Malformed(&'static str);

/// The project that a data key belongs to.
pub(in crate::target) const fn project(scope: KeyScope) -> Option<ProjectId> {
    match scope {
        KeyScope::System => None,
        KeyScope::Project(id) => Some(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indexes_of_the_migrations_are_known_by_name() {
        let all: Vec<&str> = schema_scripts(i64::MAX)
            .flat_map(|(_, sql)| made_indexes(sql))
            .collect();
        for name in [
            "embeddings_nearest_384",
            "data_keys_one_active",
            "imports_one_open",
        ] {
            assert!(all.contains(&name), "{name}");
        }
        assert!(!all.contains(&"embeddings_nearest_512"));
    }
}
