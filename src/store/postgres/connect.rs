//! Connects to the server: what every connection is told, the pool, what the server can do.

use super::error::OpenError;
use super::presence::Presence;
use super::schema;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::{StoreResult, driver};
use sqlx::pool::{PoolConnection, PoolConnectionMetadata};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Postgres, Row as _, Transaction};
use std::fs::File;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The schema that holds every table.
pub(super) const SCHEMA: &str = "embsec";
/// What the server shows in `pg_stat_activity`, unless the URL says something else.
const APPLICATION_NAME: &str = "embsec";
/// How long a transaction of ours may stand still before the server ends it: a process that hangs
/// or a machine that is gone must not hold its locks for hours.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(60);
/// A connection that was idle for longer is asked whether it still is one before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// How long more connections than may stay are left open, in case they are needed at once.
const IDLE_MOMENT: Duration = Duration::from_secs(1);
/// The first server that embsec is written for.
const OLDEST_SERVER: i32 = 140_000;

/// How to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Most connections.
    pub pool_size: u32,
    /// Most connections that are kept open while nobody uses them.
    pub max_idle: u32,
    /// How long one is kept open without use.
    pub idle_timeout: Duration,
    /// How long one is used at most.
    pub max_lifetime: Duration,
    /// How long a caller waits for a connection.
    pub connect_timeout: Duration,
    /// How long one statement may take, waiting for locks included.
    pub statement_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            pool_size: 10,
            max_idle: 10,
            idle_timeout: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(1_800),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// What the sessions of a store may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Write,
    Read,
}

/// Nothing is written by a session that looks.
const READ_ONLY: &str = "SET default_transaction_read_only = on";

/// What the server and its extension can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Features {
    /// The schema that holds the extension's types and operators.
    pub(super) vector_schema: String,
    /// Whether a search by an index goes on until enough rows pass its filter (pgvector 0.8).
    pub(super) iterative_scan: bool,
}

/// The store on PostgreSQL. A clone uses the same connections.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    features: Features,
    writers: Arc<Semaphore>,
    connect_timeout: Duration,
    presence: Arc<Presence>,
}

impl PostgresStore {
    /// Connects to a database of a schema that this binary works on.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`]; [`OpenError::Pending`] asks for [`schema::migrate`] first.
    pub async fn open(url: &PostgresUrl, options: &PostgresOptions) -> Result<Self, OpenError> {
        Self::open_for(url, options, Access::Write).await
    }

    /// As [`Self::open`], with sessions that cannot write.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub async fn open_to_read(
        url: &PostgresUrl,
        options: &PostgresOptions,
    ) -> Result<Self, OpenError> {
        Self::open_for(url, options, Access::Read).await
    }

    async fn open_for(
        url: &PostgresUrl,
        options: &PostgresOptions,
        access: Access,
    ) -> Result<Self, OpenError> {
        let mut connection = connect(url, options.connect_timeout).await?;
        let checked = check(&mut connection, url).await;
        // Whether it ends politely or not makes no difference any more.
        drop(connection.close().await);
        let features = checked?;
        let pool = pool(url, options, &features, access)?;
        Ok(Self {
            pool,
            features,
            writers: Arc::new(Semaphore::new(writers(options.pool_size))),
            connect_timeout: options.connect_timeout,
            presence: Arc::new(Presence::new(options_for(url)?, options.connect_timeout)),
        })
    }

    /// A place among those who write, kept until it is dropped.
    pub(super) async fn writer_place(&self) -> StoreResult<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.writers).acquire_owned();
        match tokio::time::timeout(self.connect_timeout, place).await {
            Ok(place) => Ok(place.map_err(|_| sqlx::Error::PoolClosed)?),
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Closes every connection. Nothing can be read or written afterwards.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn presence(&self) -> &Presence {
        &self.presence
    }

    pub(super) const fn features(&self) -> &Features {
        &self.features
    }

    /// A connection that reads.
    pub(super) async fn reader(&self) -> StoreResult<Reader> {
        let reader = async { Ok(Reader(self.pool.acquire().await?)) };
        self.presence.unless_away(reader).await
    }
}

/// A connection that reads, until it is dropped.
pub(super) struct Reader(PoolConnection<Postgres>);

impl Reader {
    /// A read transaction: several statements see the same state.
    pub(super) async fn snapshot(&mut self) -> StoreResult<Transaction<'_, Postgres>> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        Ok(self.0.begin_with(BEGIN).await?)
    }
}

impl Deref for Reader {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// How many connections may write at once: those that wait for each other's locks must leave some
/// to those who read.
fn writers(pool_size: u32) -> usize {
    let size = usize::try_from(pool_size).unwrap_or(1);
    (size - size / 4).max(1)
}

/// One connection outside any pool, told nothing yet.
pub(super) async fn connect(
    url: &PostgresUrl,
    timeout: Duration,
) -> Result<PgConnection, OpenError> {
    for path in url.tls_files() {
        // Told apart from a server that is away, which the driver does not.
        File::open(path).map_err(|source| OpenError::TlsFile {
            path: path.clone(),
            source,
        })?;
    }
    let options = options_for(url)?;
    match tokio::time::timeout(timeout, options.connect()).await {
        Ok(connected) => connected.map_err(|error| OpenError::from_driver(error, &url.to_string())),
        Err(elapsed) => Err(OpenError::Unreachable {
            database: url.to_string(),
            source: Box::new(elapsed),
        }),
    }
}

/// What the driver makes of the URL, with a name for the list of sessions unless it has one.
fn options_for(url: &PostgresUrl) -> Result<PgConnectOptions, OpenError> {
    let options = driver::connect_options(url)
        .map_err(|error| OpenError::from_driver(error, &url.to_string()))?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(APPLICATION_NAME),
    })
}

/// Whether the database is one to work on, and what it can do.
async fn check(connection: &mut PgConnection, url: &PostgresUrl) -> Result<Features, OpenError> {
    let found = schema::look(connection, url).await?;
    if found == schema::Found::Nothing {
        // A migration would fail for want of what the server lacks, so that is told first.
        features(connection, url).await?;
    }
    schema::require(found, url)?;
    features(connection, url).await
}

/// What the server and the extension can do.
///
/// # Errors
///
/// When one of them is missing something that embsec cannot do without.
pub(super) async fn features(
    connection: &mut PgConnection,
    url: &PostgresUrl,
) -> Result<Features, OpenError> {
    const SERVER: &str = "\
        SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
            current_setting('server_encoding')";
    const EXTENSION: &str = "\
        SELECT e.extversion, n.nspname \
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace \
        WHERE e.extname = 'vector'";
    let database = url.to_string();
    let driver = |error| OpenError::from_driver(error, &database);
    let server = sqlx::query(SERVER)
        .fetch_one(&mut *connection)
        .await
        .map_err(driver)?;
    if server.try_get::<i32, _>(0).map_err(driver)? < OLDEST_SERVER {
        let found = server.try_get(1).map_err(driver)?;
        return Err(OpenError::OldServer { database, found });
    }
    let encoding: String = server.try_get(2).map_err(driver)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding {
            database,
            found: encoding,
        });
    }
    let extension = sqlx::query(EXTENSION)
        .fetch_optional(connection)
        .await
        .map_err(driver)?
        .ok_or_else(|| OpenError::NoExtension(database.clone()))?;
    let version: String = extension.try_get(0).map_err(driver)?;
    let numbers = major_and_minor(&version);
    if numbers < (0, 7) {
        return Err(OpenError::OldExtension {
            database,
            found: version,
        });
    }
    Ok(Features {
        vector_schema: extension.try_get(1).map_err(driver)?,
        iterative_scan: numbers >= (0, 8),
    })
}

fn major_and_minor(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Tells a connection where to look names up and how long to wait.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    features: &Features,
    statement_timeout: Option<Duration>,
) -> Result<(), sqlx::Error> {
    const SETTINGS: &str = "\
        SELECT set_config('search_path', quote_ident($1) || ', ' || quote_ident($2), false), \
            set_config('statement_timeout', $3, false), \
            set_config('idle_in_transaction_session_timeout', $4, false), \
            set_config('TimeZone', 'UTC', false), set_config('jit', 'off', false)";
    sqlx::query(SETTINGS)
        .bind(SCHEMA)
        .bind(&features.vector_schema)
        .bind(milliseconds(statement_timeout.unwrap_or(Duration::ZERO)))
        .bind(milliseconds(IDLE_IN_TRANSACTION))
        .execute(connection)
        .await
        .map(drop)
}

/// A duration as the server's settings take it; zero switches a limit off.
fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}

/// The pool, without a connection yet: they are made as they are needed.
fn pool(
    url: &PostgresUrl,
    options: &PostgresOptions,
    features: &Features,
    access: Access,
) -> Result<PgPool, OpenError> {
    let (told, timeout) = (features.clone(), options.statement_timeout);
    let itself = Arc::new(OnceLock::<PgPool>::new());
    let (seen, trimming) = (Arc::clone(&itself), Arc::new(AtomicBool::new(false)));
    let max_idle = usize::try_from(options.max_idle).unwrap_or(usize::MAX);
    let pool = PgPoolOptions::new()
        .max_connections(options.pool_size.max(1))
        .acquire_timeout(options.connect_timeout)
        .idle_timeout(options.idle_timeout)
        .max_lifetime(options.max_lifetime)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let told = told.clone();
            Box::pin(async move {
                prepare(connection, &told, Some(timeout)).await?;
                match access {
                    Access::Write => Ok(()),
                    Access::Read => connection.execute(READ_ONLY).await.map(drop),
                }
            })
        })
        .before_acquire(|connection, metadata| Box::pin(still_there(connection, metadata)))
        .after_release(move |_, _| {
            if let Some(pool) = seen.get()
                && !trimming.swap(true, Ordering::AcqRel)
            {
                tokio::spawn(trim(pool.clone(), max_idle, Arc::clone(&trimming)));
            }
            Box::pin(async { Ok(true) })
        })
        .connect_lazy_with(options_for(url)?);
    // The pool and its own hook hold each other; the store closes the pool at its end.
    itself.get_or_init(|| pool.clone());
    Ok(pool)
}

/// Closes what too many stand idle, a moment after one was given back: several that are given back
/// together do not know of each other.
async fn trim(pool: PgPool, max_idle: usize, trimming: Arc<AtomicBool>) {
    tokio::time::sleep(IDLE_MOMENT).await;
    // Whatever is given back from here on starts the next one.
    trimming.store(false, Ordering::Release);
    while pool.num_idle() > max_idle
        && let Some(connection) = pool.try_acquire()
    {
        drop(connection.close().await);
    }
}

/// A connection that was in use a moment ago is believed to be one.
async fn still_there(
    connection: &mut PgConnection,
    metadata: PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    if metadata.idle_for < TRUSTED_IDLE {
        return Ok(true);
    }
    match connection.ping().await {
        Ok(()) => Ok(true),
        Err(error) if driver::is_passing(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, numbers) in [
            ("0.8.5", (0, 8)),
            ("0.10.0", (0, 10)),
            ("1.0", (1, 0)),
            ("odd", (0, 0)),
        ] {
            assert_eq!(major_and_minor(version), numbers, "{version}");
        }
    }
}
