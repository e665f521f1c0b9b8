//! Opens a file of another program: to look at it and leave no trace, or to write it and keep its
//! settings.

use super::SqliteRows;
use super::batch;
use super::quiet::{self, Quiet, Reading};
use crate::target::error::{OpenError, OpenResult};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a statement waits for another process that holds the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache, in KiB.
const CACHE_KIB: i64 = 32 * 1024;
/// How a SQLite file begins (<https://www.sqlite.org/fileformat2.html#the_database_header>).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header says how the file is written and read; 2 is WAL.
const VERSIONS: std::ops::Range<usize> = 18..20;
const WAL_VERSION: u8 = 2;
/// What of a path stands for itself in a `file:` URI.
const IN_URI: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// How a file can be looked at without changing or making anything.
///
/// # Errors
///
/// When there is no such file, or it is none of SQLite's.
pub fn reading(path: &Path) -> OpenResult<Reading> {
    let header = Header::read(path)?;
    Ok(quiet::reading(path, &header.file, header.is_wal))
}

impl SqliteRows {
    /// Opens a file to look at it. Neither it nor anything beside it is changed or made.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`].
    pub fn open_to_read(path: &Path) -> OpenResult<Self> {
        let (connection, quiet) = connect_to_read(path, false, OpenError::from)?;
        let rows = Self {
            path: path.to_owned(),
            connection,
            quiet,
            batch: Arc::default(),
            orders: HashMap::new(),
            last: None,
            data_version: 0,
        };
        rows.require_readable()?;
        Ok(rows)
    }

    /// Opens a file to write values. Its journal mode stays as it is; what is overwritten is
    /// overwritten with zeros on the disk too.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`].
    pub fn open_to_write(path: &Path) -> OpenResult<Self> {
        Header::read(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        configure(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        let shared = Arc::new(Mutex::new(None));
        batch::install(&connection, &shared)?;
        let rows = Self {
            path: path.to_owned(),
            connection,
            quiet: None,
            batch: shared,
            orders: HashMap::new(),
            last: None,
            data_version: 0,
        };
        rows.require_readable()?;
        Ok(rows)
    }

    /// The first look into the file, which SQLite puts off until it is asked something.
    fn require_readable(&self) -> OpenResult<()> {
        const READONLY: i32 = 8;
        const NOT_A_DATABASE: i32 = 26;
        let first = "SELECT count(*) FROM sqlite_schema";
        let looked = self
            .connection
            .query_row(first, [], |row| row.get::<_, i64>(0));
        let Err(error) = looked else {
            return Ok(());
        };
        match error.sqlite_error().map(|error| error.extended_code & 0xff) {
            Some(NOT_A_DATABASE) => Err(OpenError::NotADatabase(self.path.clone())),
            // A transaction that was cut off has to be rolled back, which is writing.
            Some(READONLY) => Err(OpenError::NotClosed(self.path.clone())),
            _ => Err(error.into()),
        }
    }
}

/// A connection that only looks and leaves no trace, and what the file looked like where nobody else
/// has it open. A log that was left behind is read in embsec's own file alone, since that makes a
/// file. `failed` takes what SQLite says.
pub(in crate::target) fn connect_to_read<E: From<OpenError>>(
    path: &Path,
    own: bool,
    failed: impl FnOnce(rusqlite::Error) -> E,
) -> Result<(Connection, Option<Quiet>), E> {
    let (connection, quiet) = match reading(path)? {
        Reading::Alone(quiet) => (alone(&uri(path)?), Some(quiet)),
        Reading::Trace if !own => return Err(OpenError::NotClosed(path.to_owned()).into()),
        Reading::Trace | Reading::Shared => (shared(path), None),
    };
    Ok((connection.map_err(failed)?, quiet))
}

/// What is known of a file before SQLite opens it.
struct Header {
    file: std::fs::Metadata,
    is_wal: bool,
}

impl Header {
    fn read(path: &Path) -> OpenResult<Self> {
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                OpenError::NoSuchDatabase(path.to_owned())
            }
            _ => OpenError::File {
                path: path.to_owned(),
                source,
            },
        };
        let file = path.metadata().map_err(failed)?;
        if !file.is_file() {
            return Err(OpenError::NotADatabase(path.to_owned()));
        }
        let mut header = Vec::new();
        let limit = VERSIONS.end.try_into().unwrap_or(u64::MAX);
        let opened = File::open(path).map_err(failed)?;
        opened
            .take(limit)
            .read_to_end(&mut header)
            .map_err(failed)?;
        if header.is_empty() {
            return Err(OpenError::Empty(format!("\"{}\"", path.display())));
        }
        if !header.starts_with(MAGIC) {
            return Err(OpenError::NotADatabase(path.to_owned()));
        }
        let versions = header.get(VERSIONS).unwrap_or_default();
        Ok(Self {
            file,
            is_wal: versions.contains(&WAL_VERSION),
        })
    }
}

/// A file as one that does not change, as SQLite takes it.
fn uri(path: &Path) -> OpenResult<String> {
    let absolute = path.canonicalize().map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })?;
    let encoded = percent_encode(absolute.as_os_str().as_bytes(), IN_URI);
    Ok(format!("file:{encoded}?mode=ro&immutable=1"))
}

/// Opens a file that nobody has open.
fn alone(uri: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags)?;
    configure(&connection)?;
    Ok(connection)
}

/// Opens a file to read it while others use it.
pub(in crate::target) fn shared(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

/// A file of another program is not trusted: what its schema says is not run but for the triggers
/// of what is written.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    for (pragma, value) in [
        ("trusted_schema", "OFF"),
        ("temp_store", "MEMORY"),
        ("mmap_size", "0"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.pragma_update(None, "cache_size", -CACHE_KIB)
}
