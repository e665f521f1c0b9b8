//! Scrubs the files of a SQLite database.
//!
//! The lock of the whole file is taken before anything else, and kept to the end. In WAL mode it
//! can be had only while no other connection has read anything; otherwise only while no other one
//! is in a transaction, and those that are idle then drop what they remember when they see the
//! file changed. Its journal mode is never changed, so a kill leaves the database as it was or as
//! it is to be.

use super::{Room, ScrubError, ScrubNeeds, Scrubbed};
use crate::store::{StoreError, StoreResult};
use crate::sys::fs::FsError;
use crate::sys::space;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another process may take to end a transaction before it counts as using the file.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most that is written to learn how fast the disk is, in bytes.
const PROBE_MAX_BYTES: u64 = 16 << 20;
/// The least, since a smaller amount tells more about the call than about the disk.
const PROBE_MIN_BYTES: u64 = 1 << 20;
/// How often each byte of the database is written: to the temporary file, to the journal or log,
/// and to the file.
const PASSES: u32 = 3;
/// The log has 24 bytes beside each page; this is on the safe side for pages of 512 bytes.
const LOG_OVERHEAD_DIVISOR: u64 = 20;

/// Says what scrubbing takes. Writes a file without a name beside the database. `temporary`
/// is the folder that SQLite puts its temporary files into.
///
/// # Errors
///
/// [`ScrubError::File`].
pub fn needs(database: &Path, temporary: &Path) -> Result<ScrubNeeds, ScrubError> {
    let file_bytes = size(database)?.unwrap_or(0);
    let log_bytes = size(&beside(database, "-wal"))?.unwrap_or(0);
    // What is only in the log so far may make the file grow.
    let database_bytes = file_bytes.saturating_add(log_bytes);
    let copy_bytes = database_bytes + database_bytes / LOG_OVERHEAD_DIVISOR;
    let folder = folder_of(database);
    let room = |folder: &Path, needed_bytes| -> Result<Room, FsError> {
        Ok(Room {
            folder: folder.to_owned(),
            needed_bytes,
            free_bytes: space::free_bytes(folder)?,
        })
    };
    let room = if space::device(folder)? == space::device(temporary)? {
        vec![room(folder, copy_bytes.saturating_mul(2))?]
    } else {
        vec![room(folder, copy_bytes)?, room(temporary, copy_bytes)?]
    };
    Ok(ScrubNeeds {
        database_bytes,
        room,
        about: time_to_write(folder, database_bytes)? * PASSES,
    })
}

/// Rewrites the files so that nothing is in them but what the database holds now. `tables` are
/// those whose old values must go from the planner's samples too. `begins` hears what it takes, once
/// the database is had alone.
///
/// # Errors
///
/// Any [`ScrubError`].
pub fn scrub(
    database: &Path,
    temporary: &Path,
    tables: &[&str],
    begins: &dyn Fn(&ScrubNeeds),
) -> Result<Scrubbed, ScrubError> {
    let needs = needs(database, temporary)?;
    if let Some(room) = needs.lacking() {
        return Err(ScrubError::NoRoom(room.clone()));
    }
    let connection = open(database)?;
    if !take_alone(&connection)? {
        return Ok(Scrubbed::InUse);
    }
    begins(&needs);
    let before_bytes = size(database)?.unwrap_or(0);
    forget_samples(&connection, tables)?;
    rewrite(&connection)?;
    connection
        .close()
        .map_err(|(_, error)| StoreError::from(error))?;
    for suffix in ["-wal", "-journal"] {
        let path = beside(database, suffix);
        if size(&path)?.is_some_and(|bytes| bytes > 0) {
            return Err(ScrubError::LeftBehind(path));
        }
    }
    Ok(Scrubbed::Done {
        before_bytes,
        after_bytes: size(database)?.unwrap_or(0),
    })
}

fn open(database: &Path) -> StoreResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Takes the lock of the whole file and keeps it; `false` where another process is in the way.
fn take_alone(connection: &Connection) -> StoreResult<bool> {
    // Before the first access, so that the log of a WAL database is opened without the memory that
    // connections share.
    run(connection, "PRAGMA locking_mode = EXCLUSIVE")?;
    match connection.execute_batch("BEGIN EXCLUSIVE; COMMIT") {
        Ok(()) => Ok(true),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// `ANALYZE` keeps samples of indexed values (`sqlite_stat4`, and `sqlite_stat3` of old versions).
fn forget_samples(connection: &Connection, tables: &[&str]) -> StoreResult<()> {
    const SAMPLES: [(&str, &str); 2] = [
        (
            "sqlite_stat4",
            "DELETE FROM sqlite_stat4 WHERE tbl = $1 COLLATE NOCASE",
        ),
        (
            "sqlite_stat3",
            "DELETE FROM sqlite_stat3 WHERE tbl = $1 COLLATE NOCASE",
        ),
    ];
    const IS_THERE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
    for (samples, delete) in SAMPLES {
        let count: i64 = connection.query_row(IS_THERE, [samples], |row| row.get(0))?;
        for table in tables.iter().filter(|_| count > 0) {
            connection.execute(delete, [table])?;
        }
    }
    Ok(())
}

fn rewrite(connection: &Connection) -> StoreResult<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let in_log = mode.eq_ignore_ascii_case("wal");
    if !in_log {
        // While the whole file is locked, a journal is otherwise only marked as used up.
        run(connection, "PRAGMA journal_mode = TRUNCATE")?;
    }
    run(connection, "PRAGMA secure_delete = ON")?;
    run(connection, "PRAGMA synchronous = EXTRA")?;
    connection.execute_batch("VACUUM")?;
    if in_log {
        const EMPTY_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
        let blocked: bool = connection.query_row(EMPTY_LOG, [], |row| row.get(0))?;
        if blocked {
            return Err(StoreError::Unavailable(Box::new(LogInUse)));
        }
    }
    Ok(())
}

/// The checkpoint did not come to the end of the log.
#[derive(Debug, thiserror::Error)]
#[error("the write-ahead log is in use")]
struct LogInUse;

/// Runs a pragma, whether or not it answers.
fn run(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn time_to_write(folder: &Path, bytes: u64) -> Result<Duration, FsError> {
    let probe_bytes = bytes.clamp(PROBE_MIN_BYTES, PROBE_MAX_BYTES);
    let took = space::time_to_write(folder, probe_bytes)?;
    let parts = u32::try_from(bytes / probe_bytes).unwrap_or(u32::MAX);
    Ok(took.saturating_mul(parts.saturating_add(1)))
}

fn size(path: &Path) -> Result<Option<u64>, FsError> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FsError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        }),
    }
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    database.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests;
