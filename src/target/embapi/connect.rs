//! Connecting to a database that is, or is to become, one of embapi's.

use super::error::OpenError;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::connect_options;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::time::Duration;

/// How the server names these connections in its list of sessions.
const APPLICATION_NAME: &str = "embsec migrate";

/// A move takes as long as it takes: limits that a server sets for the sessions of a service would
/// end it in the midst.
const NO_TIME_LIMITS: &str = "\
    SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// Oldest schema version whose tables are read.
const OLDEST_VERSION: i32 = 4;

/// How long a server may take to answer at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects.
pub(crate) async fn connect(url: &PostgresUrl) -> Result<PgConnection, OpenError> {
    let options = connect_options(url)?.application_name(APPLICATION_NAME);
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, options.connect());
    let mut connection = connecting
        .await
        .map_err(|elapsed| OpenError::Unavailable(Box::new(elapsed)))??;
    connection.execute(NO_TIME_LIMITS).await?;
    Ok(connection)
}

/// Whether a database is one of embapi's, of whatever version. Reads only.
///
/// # Errors
///
/// When it cannot be reached or asked.
pub async fn is_embapi(url: &PostgresUrl) -> Result<bool, OpenError> {
    let mut connection = connect(url).await?;
    let found = detect(&mut connection).await;
    // Whether it ends politely or not makes no difference any more.
    drop(connection.close().await);
    match found {
        Ok(_) | Err(OpenError::TooOld { .. }) => Ok(true),
        Err(OpenError::NotEmbapi { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What versions of embapi call the column with the digest of a user's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyColumn {
    /// `vdb_key`: all that are known.
    Vdb,
    /// `embapi_key`: what its newest program asks for.
    Embapi,
}

/// What a database must have, with the name that an error gives it.
const NEEDED: [(&str, &str, &str); 12] = [
    ("users", "user_handle", "users"),
    ("users_projects", "role", "users_projects"),
    ("api_standards", "key_method", "api_standards"),
    ("definitions", "context_limit", "definitions"),
    (
        "definitions_shared_with",
        "user_handle",
        "definitions_shared_with",
    ),
    ("instances", "context_limit", "instances.context_limit"),
    (
        "instances",
        "api_key_encrypted",
        "instances.api_key_encrypted",
    ),
    ("instances_shared_with", "role", "instances_shared_with"),
    ("projects", "public_read", "projects.public_read"),
    ("projects", "instance_id", "projects.instance_id"),
    ("embeddings", "instance_id", "embeddings.instance_id"),
    ("embeddings", "vector_dim", "embeddings.vector_dim"),
];

const COLUMNS: &str = "\
    SELECT c.relname::text, a.attname::text FROM pg_attribute AS a \
    JOIN pg_class AS c ON c.oid = a.attrelid \
    WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND a.attnum > 0 \
      AND NOT a.attisdropped AND c.relnamespace <> 'pg_catalog'::regnamespace";

/// Looks at what the database is. Reads only.
pub(super) async fn detect(connection: &mut PgConnection) -> Result<KeyColumn, OpenError> {
    let columns: Vec<(String, String)> =
        sqlx::query_as(COLUMNS).fetch_all(&mut *connection).await?;
    let has = |table: &str, column: &str| columns.iter().any(|(t, c)| t == table && c == column);
    // The table of versions tells an old embapi from another program that has users and projects.
    if has("db_version", "version") {
        let version: Option<i32> = sqlx::query_scalar("SELECT max(version) FROM db_version")
            .fetch_one(&mut *connection)
            .await?;
        // Upstream's way to wipe its data empties this table; the rest stays as it was.
        if let Some(found) = version.filter(|version| *version < OLDEST_VERSION)
            && has("users_projects", "role")
        {
            return Err(OpenError::TooOld {
                found,
                oldest: OLDEST_VERSION,
            });
        }
    } else {
        return Err(OpenError::NotEmbapi {
            missing: "db_version",
        });
    }
    if let Some((_, _, missing)) = NEEDED.iter().find(|(table, column, _)| !has(table, column)) {
        return Err(OpenError::NotEmbapi { missing });
    }
    if has("users", "vdb_key") {
        Ok(KeyColumn::Vdb)
    } else if has("users", "embapi_key") {
        Ok(KeyColumn::Embapi)
    } else {
        Err(OpenError::NotEmbapi {
            missing: "users.vdb_key",
        })
    }
}
