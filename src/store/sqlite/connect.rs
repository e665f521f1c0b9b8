//! Opens the file: options of every connection, the writer, the readers.

use super::error::OpenError;
use super::point::PointReaders;
use super::schema;
use crate::store::StoreResult;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Pool, Sqlite, Transaction};
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

/// How long a statement waits for another process that holds the lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a write waits for its turn behind the other writes of this process.
const WRITER_TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// Page cache of each reader, in KiB; filled as pages are read.
pub(super) const READER_CACHE_KIB: u32 = 4 * 1024;
/// Page cache of the writer, in KiB.
const WRITER_CACHE_KIB: u32 = 16 * 1024;
/// The write-ahead log is cut back to this after a checkpoint.
const WAL_LIMIT_BYTES: u32 = 64 * 1024 * 1024;
/// Rows that the worker thread of a reader may be ahead of the task that takes them.
const ROWS_AHEAD: usize = 256;
/// Only the owner reads and writes the database; `-wal` and `-shm` take the same from it.
const FILE_MODE: u32 = 0o600;

/// When a commit counts as durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// When it is on the disk.
    #[default]
    Full,
    /// When the operating system has it: the last commits can be lost with the power, the file
    /// stays whole.
    Normal,
}

/// Who else may have a file open that is only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Anybody: the files beside it are used, and made where they are missing.
    Anybody,
    /// Nobody, and it does not change: nothing beside it is looked for or made. The caller sees to
    /// it that this is so.
    Nobody,
}

/// How to open a database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// When a commit counts as durable.
    pub synchronous: Synchronous,
    /// Connections that read, at least 1.
    pub readers: u32,
    /// Whether a file that is not there is created, with the newest schema.
    pub create: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::Full,
            readers: 4,
            create: false,
        }
    }
}

/// The store on one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Pool<Sqlite>,
    readers: Readers,
    point_readers: PointReaders,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens a database of the newest schema.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`]; [`OpenError::Pending`] asks for [`schema::migrate`] first. A file that
    /// was not there is created only when the options say so.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        if !is_there(path)? {
            if !options.create {
                return Err(OpenError::NoSuchDatabase(path.to_owned()));
            }
            create_private(path)?;
        }
        match schema::pending(path).await? {
            None => {}
            // An empty file, made just now or by a process that was killed right after.
            Some(pending) if pending.from == 0 && options.create => {
                schema::migrate(path).await?;
            }
            Some(pending) => {
                return Err(OpenError::Pending {
                    from: pending.from,
                    to: pending.to,
                });
            }
        }
        let writer = PoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .acquire_timeout(WRITER_TURN_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(writer_options(path, options.synchronous))
            .await
            .map_err(|error| OpenError::from_driver(error, path))?;
        let count = options.readers.max(1);
        Ok(Self {
            writer,
            readers: Readers::open(path, Sharing::Anybody, count).await?,
            point_readers: PointReaders::open(path, count)?,
            path: path.to_owned(),
        })
    }

    /// Opens a database of the newest schema so that nothing can be written. The store is dropped,
    /// not closed.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub async fn open_to_read(path: &Path, sharing: Sharing) -> Result<Self, OpenError> {
        if let Some(pending) = schema::pending_to_read(path, sharing).await? {
            return Err(OpenError::Pending {
                from: pending.from,
                to: pending.to,
            });
        }
        Ok(Self {
            // Nobody writes here; whoever tries is refused by SQLite.
            writer: PoolOptions::new()
                .max_connections(1)
                .connect_lazy_with(reader_options(path, sharing)),
            readers: Readers::open(path, sharing, 1).await?,
            point_readers: PointReaders::open(path, 0)?,
            path: path.to_owned(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `PRAGMA synchronous` says on the connection that writes: 2 is FULL, 1 is NORMAL.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn writer_synchronous(&self) -> StoreResult<i64> {
        const SYNCHRONOUS: &str = "PRAGMA synchronous";
        Ok(sqlx::query_scalar(SYNCHRONOUS)
            .fetch_one(&self.writer)
            .await?)
    }

    /// Moves what is in the write-ahead log into the file and closes the connection that writes.
    /// Nothing can be written afterwards.
    ///
    /// # Errors
    ///
    /// When the database fails; what was committed is durable nevertheless.
    pub async fn close(&self) -> StoreResult<()> {
        const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
        let done = sqlx::query(CHECKPOINT).execute(&self.writer).await;
        self.writer.close().await;
        done?;
        Ok(())
    }

    pub(super) const fn writer(&self) -> &Pool<Sqlite> {
        &self.writer
    }

    /// What reads the rows of one key without leaving the thread.
    pub(super) const fn point_readers(&self) -> &PointReaders {
        &self.point_readers
    }

    /// A connection that reads.
    pub(super) async fn reader(&self) -> StoreResult<Reader<'_>> {
        self.readers.take().await
    }
}

/// The connections that read.
///
/// Not a pool of the driver, which sends a ping through the worker thread whenever a connection
/// is given back: many of these queries take less time than that.
#[derive(Debug)]
struct Readers {
    free: Semaphore,
    connections: Vec<Mutex<SqliteConnection>>,
}

/// A connection that reads, until it is dropped.
pub(super) struct Reader<'s> {
    // The order matters: the connection is given back before the permit that lets another take it.
    connection: MutexGuard<'s, SqliteConnection>,
    _permit: SemaphorePermit<'s>,
}

impl Readers {
    async fn open(path: &Path, sharing: Sharing, count: u32) -> Result<Self, OpenError> {
        let mut connections = Vec::new();
        for _ in 0..count {
            connections.push(Mutex::new(connect_reader(path, sharing).await?));
        }
        Ok(Self {
            free: Semaphore::new(connections.len()),
            connections,
        })
    }

    async fn take(&self) -> StoreResult<Reader<'_>> {
        let closed = |_| sqlx::Error::PoolClosed;
        let permit = self.free.acquire().await.map_err(closed)?;
        // A permit means that one is free; always the first, so that its page cache stays warm.
        let connection = self
            .connections
            .iter()
            .find_map(|connection| connection.try_lock().ok())
            .ok_or(sqlx::Error::PoolTimedOut)?;
        Ok(Reader {
            connection,
            _permit: permit,
        })
    }
}

impl Reader<'_> {
    /// A read transaction: several statements see the same state.
    pub(super) async fn snapshot(&mut self) -> StoreResult<Transaction<'_, Sqlite>> {
        Ok(self.connection.begin().await?)
    }
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

/// Whether the file exists. One that cannot be asked about is an error, not an absence.
pub(super) fn is_there(path: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(OpenError::file(path))
}

/// Makes an empty file that only its owner reads, and fails where one exists.
pub(super) fn create_private(path: &Path) -> Result<(), OpenError> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .map(drop)
        .map_err(OpenError::file(path))
}

/// Opens one connection that writes, for a migration.
pub(super) async fn connect_writer(path: &Path) -> Result<SqliteConnection, OpenError> {
    writer_options(path, Synchronous::Full)
        .connect()
        .await
        .map_err(|error| OpenError::from_driver(error, path))
}

/// Opens one connection that only reads, to look at a file.
pub(super) async fn connect_reader(
    path: &Path,
    sharing: Sharing,
) -> Result<SqliteConnection, OpenError> {
    reader_options(path, sharing)
        .connect()
        .await
        .map_err(|error| OpenError::from_driver(error, path))
}

/// Closes a connection, so that the last one leaves no write-ahead log behind.
pub(super) async fn disconnect(connection: SqliteConnection, path: &Path) -> Result<(), OpenError> {
    connection
        .close()
        .await
        .map_err(|error| OpenError::from_driver(error, path))
}

/// What reading and writing connections have in common. The file is not mapped into memory: with
/// a mapping, a read error of the disk would end the process instead of one request. Statements
/// are not logged, since a slow one would put its text into the log.
fn base_options(path: &Path, cache_kib: u32) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        .pragma("mmap_size", "0")
        .pragma("cache_size", format!("-{cache_kib}"))
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

fn writer_options(path: &Path, synchronous: Synchronous) -> SqliteConnectOptions {
    base_options(path, WRITER_CACHE_KIB)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        })
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", WAL_LIMIT_BYTES.to_string())
}

fn reader_options(path: &Path, sharing: Sharing) -> SqliteConnectOptions {
    base_options(path, READER_CACHE_KIB)
        .read_only(true)
        .immutable(sharing == Sharing::Nobody)
        .pragma("query_only", "ON")
}
