//! The one connection that reads or writes a whole database, and what it is told.

use super::error::ServerError;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::connect_options;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Executor as _};
use std::fs::File;
use std::time::Duration;

/// How long a server may take to answer at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What decides how values are written and read, whatever the role, the database or the server
/// have as their defaults, and that no limit of theirs ends long work. A lock is waited for as long
/// as a careful operator would.
const SETTINGS: &str = "\
    SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; \
    SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET lc_monetary = 'C'; \
    SET xmloption = 'content'; SET xmlbinary = 'base64'; SET array_nulls = on; \
    SET standard_conforming_strings = on; SET quote_all_identifiers = off; \
    SET row_security = off; SET synchronize_seqscans = off; SET jit = off; \
    SET statement_timeout = 0; SET lock_timeout = '60s'; \
    SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0; \
    SET client_min_messages = 'warning'";

/// A limit that only servers since 17 know.
const NO_TRANSACTION_TIMEOUT: &str = "\
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'";

/// Every name that is not PostgreSQL's own is written with its schema. Texts of a database without
/// an encoding travel as the bytes that they are.
const NAMES: &str = "\
    SELECT set_config('search_path', '', false), set_config('client_encoding', \
        CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' \
            ELSE 'UTF8' END, false)";

/// Connects, and tells the session how to write values. `database` takes the place of that of the
/// URL.
pub(in crate::target) async fn connect(
    url: &PostgresUrl,
    application_name: &str,
    database: Option<&str>,
) -> Result<PgConnection, ServerError> {
    for path in url.tls_files() {
        // Told apart from a server that is away, which the driver does not.
        File::open(path).map_err(|source| ServerError::TlsFile {
            path: path.clone(),
            source,
        })?;
    }
    let mut options = connect_options(url)?.application_name(application_name);
    if let Some(database) = database {
        options = options.database(database);
    }
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, options.connect());
    let mut connection = connecting
        .await
        .map_err(|elapsed| ServerError::Unavailable(Box::new(elapsed)))??;
    for setting in [SETTINGS, NO_TRANSACTION_TIMEOUT, NAMES] {
        connection.execute(setting).await?;
    }
    Ok(connection)
}
