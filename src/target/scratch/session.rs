//! Connections to a server on which a restore is tried, and the databases made there.

use super::error::ScratchError;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::connect_options;
use crate::target::dump::postgres::quoted;
use crate::target::error::OpenError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::time::Duration;
use url::Url;

/// How the server names these connections in its list of sessions.
const APPLICATION_NAME: &str = "embsec restore-test";
/// How long a server may take to answer at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Making a database takes as long as it takes.
const NO_TIME_LIMITS: &str = "SET statement_timeout = 0";

/// Connects.
pub(super) async fn connect(url: &PostgresUrl) -> Result<PgConnection, sqlx::Error> {
    let options = connect_options(url)?.application_name(APPLICATION_NAME);
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, options.connect());
    let mut connection = connecting
        .await
        .map_err(|elapsed| sqlx::Error::Io(elapsed.into()))??;
    connection.execute(NO_TIME_LIMITS).await?;
    Ok(connection)
}

/// The same server and role, another database.
pub(super) fn in_database(url: &PostgresUrl, name: &str) -> Result<PostgresUrl, ScratchError> {
    let mut parts = parts(url)?;
    parts.set_path(name);
    Ok(PostgresUrl::parse(parts.as_str())?)
}

/// The name of the database of a URL.
pub(super) fn database_of(url: &PostgresUrl) -> Result<String, ScratchError> {
    let parts = parts(url)?;
    let name = parts.path().trim_start_matches('/');
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    Ok(decoded.into_owned())
}

fn parts(url: &PostgresUrl) -> Result<Url, ScratchError> {
    Url::parse(url.reveal())
        .map_err(|_| crate::domain::postgres_url::PostgresUrlError::Malformed.into())
}

/// Makes a database from the one that nobody changes; `more` are further clauses.
pub(super) async fn create_database(
    connection: &mut PgConnection,
    name: &str,
    more: &str,
) -> Result<(), ScratchError> {
    let sql = format!("CREATE DATABASE {} TEMPLATE template0{more}", quoted(name));
    let made = connection.execute(AssertSqlSafe(sql)).await;
    made.map(drop).map_err(|error| match code_of(&error) {
        Some(code) if code == "42501" => ScratchError::NoRight(Box::new(error)),
        _ => error.into(),
    })
}

/// The code of an error of the server (PostgreSQL documentation, appendix A).
pub(super) fn code_of(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

/// A text in a statement.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether the server said no to a statement, rather than being away.
pub(super) const fn is_answer(error: &ScratchError) -> bool {
    matches!(
        error,
        ScratchError::Database(OpenError::Fault(_) | OpenError::Refused(_))
    )
}
