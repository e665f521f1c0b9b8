//! Copies a SQLite file as it stands at one moment, beside whoever writes it.
//!
//! The copy is made by `VACUUM INTO`, which reads one state of the database in either journal mode
//! and leaves out what was deleted. Row ids that no column names may be others in the copy. A file
//! of another program is read without leaving anything beside it.
//!
//! The copy of embsec's own database loses its wrapped data keys, since those of a backup must be
//! destroyable one by one: they are handed over as values instead. They are overwritten in a first
//! copy, which is then copied again, so that the second never held any.

mod keys;
pub(in crate::target) mod search;

#[cfg(test)]
pub(in crate::target) mod tests;

use crate::domain::backup::SqliteFacts;
use crate::domain::key::DataKeyRecord;
use crate::sys::fs::{FsError, make_durable, write_secret_file_new};
use crate::sys::space;
use crate::target::error::OpenError;
use crate::target::sqlite::whole::{
    self, SqliteFault, Watch, beside, folder_of, in_sql, size, watched,
};
use crate::target::sqlite::{connect_to_read, reading, shared};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// A copy is smaller than what it is made of, if only a little; this is on the safe side.
const ROOM_DIVISOR: u64 = 20;
/// What the name of the first copy of embsec's own database ends with.
const WITH_KEYS: &str = ".with-keys";
/// The first version of embsec's schema that remembers destroyed keys.
const OLDEST_SCHEMA: i64 = 4;
/// What SQLite says of a file that would have to be repaired first.
const READONLY: i32 = 8;

/// Why a file was not copied. There is no copy then.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is not enough room for the copy.
    #[error(
        "a copy needs {needed_bytes} bytes of room in \"{}\", and {} are missing",
        folder.display(),
        needed_bytes.saturating_sub(*free_bytes)
    )]
    NoRoom {
        /// Where.
        folder: PathBuf,
        /// What is needed.
        needed_bytes: u64,
        /// What is there.
        free_bytes: u64,
    },
    /// It is no database of embsec's.
    #[error("the database \"{}\" belongs to another program", .0.display())]
    Foreign(PathBuf),
    /// Its schema is too old to be backed up.
    #[error("the database has schema version {0}, a backup needs {OLDEST_SCHEMA} or newer")]
    OldSchema(i64),
    /// A value that embsec wrote itself is none that it writes.
    #[error("a stored data key has a {0} that is none")]
    Malformed(&'static str),
    /// It, or its copy, is damaged, in use, or cannot be read or written.
    #[error(transparent)]
    Sqlite(#[from] SqliteFault),
    /// The file of the copy cannot be made.
    #[error(transparent)]
    File(#[from] FsError),
}

/// Result of copying.
pub type DumpResult<T> = Result<T, DumpError>;

/// What is known of a copy.
#[derive(Debug)]
pub struct SqliteCopy {
    /// What the copy holds.
    pub facts: SqliteFacts,
    /// The data keys that were taken out of it, as they are stored; none of another program's file.
    pub data_keys: Vec<DataKeyRecord>,
}

/// Copies a file to a new one that only its owner reads, durably. `own`: it is embsec's. The watch
/// hears the size of the copy as it grows.
///
/// # Errors
///
/// Any [`DumpError`]; what was begun is gone.
pub fn copy_file(source: &Path, to: &Path, own: bool, watch: &Watch) -> DumpResult<SqliteCopy> {
    require_room(source, to, own)?;
    let copy = NewFile::create(to)?;
    let data_keys = if own {
        copy_own(source, to, watch)?
    } else {
        copy_state(source, to, false, watch)?;
        Vec::new()
    };
    let facts = facts(to, own, watch)?;
    make_durable(to)?;
    copy.keep();
    Ok(SqliteCopy { facts, data_keys })
}

/// Makes sure that there is room. embsec's own database is copied twice.
fn require_room(source: &Path, to: &Path, own: bool) -> DumpResult<()> {
    let _is_there = reading(source)?;
    let folder = folder_of(to);
    let bytes = size(source).saturating_add(size(&beside(source, "-wal")));
    let copies = if own { 2 } else { 1 };
    let needed_bytes = bytes.saturating_add(bytes / ROOM_DIVISOR) * copies;
    let free_bytes = space::free_bytes(folder)?;
    if free_bytes < needed_bytes {
        return Err(DumpError::NoRoom {
            folder: folder.to_owned(),
            needed_bytes,
            free_bytes,
        });
    }
    Ok(())
}

/// A file that nobody has open is read as one that does not change. Where it did, the copy is made
/// again in the way of all who share a file.
fn copy_state(source: &Path, to: &Path, own: bool, watch: &Watch) -> DumpResult<()> {
    let failed = |error| DumpError::from(SqliteFault::at(source)(error));
    let (connection, quiet) = connect_to_read(source, own, failed)?;
    let done = vacuum_into(&connection, source, to, watch);
    let Some(quiet) = quiet else { return done };
    if quiet.holds(source) {
        return done;
    }
    drop(connection);
    let connection = shared(source).map_err(failed)?;
    NewFile::empty(to)?;
    vacuum_into(&connection, source, to, watch)
}

/// Copies embsec's own database, without its data keys, which are returned.
fn copy_own(source: &Path, to: &Path, watch: &Watch) -> DumpResult<Vec<DataKeyRecord>> {
    let first = beside(to, WITH_KEYS);
    let file = NewFile::create_anew(&first)?;
    copy_state(source, &first, true, watch)?;
    let connection = whole::open_own(&first, true).map_err(SqliteFault::at(&first))?;
    let version = schema_version(&connection).map_err(SqliteFault::at(&first))?;
    match version {
        None => return Err(DumpError::Foreign(source.to_owned())),
        Some(version) if version < OLDEST_SCHEMA => return Err(DumpError::OldSchema(version)),
        Some(_) => {}
    }
    let data_keys = keys::take_out(&connection, &first)?;
    vacuum_into(&connection, &first, to, watch)?;
    drop(connection);
    file.remove()?;
    Ok(data_keys)
}

/// Copies what a connection sees into an empty file.
fn vacuum_into(connection: &Connection, source: &Path, to: &Path, watch: &Watch) -> DumpResult<()> {
    const COPY: &str = "VACUUM INTO $1";
    let copied = in_sql(to).and_then(|name| {
        watched(connection, to, watch, |connection| {
            connection.execute(COPY, [&name])
        })
    });
    match copied {
        Ok(_) => Ok(()),
        // A transaction that was cut off has to be rolled back, which is writing.
        Err(error) if code(&error) == Some(READONLY) => {
            Err(OpenError::NotClosed(source.to_owned()).into())
        }
        Err(error) => Err(SqliteFault::between(source, to)(error).into()),
    }
}

fn code(error: &rusqlite::Error) -> Option<i32> {
    Some(error.sqlite_error()?.extended_code & 0xff)
}

/// Checks a copy and says what is in it.
fn facts(copy: &Path, own: bool, watch: &Watch) -> DumpResult<SqliteFacts> {
    let connection = whole::open_own(copy, false).map_err(SqliteFault::at(copy))?;
    whole::check(&connection, copy, watch)?;
    let read = || -> rusqlite::Result<SqliteFacts> {
        Ok(SqliteFacts {
            library_version: rusqlite::version().to_owned(),
            page_bytes: whole::page_bytes(&connection)?,
            size_bytes: size(copy),
            embsec_schema: if own {
                schema_version(&connection)?
            } else {
                None
            },
            row_counts: watched(&connection, copy, watch, whole::row_counts)?,
            searches: if own {
                search::record(&connection)?
            } else {
                Vec::new()
            },
        })
    };
    Ok(read().map_err(SqliteFault::at(copy))?)
}

/// The version of embsec's schema; `None` in a database of another program.
fn schema_version(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    const VERSION: &str = "SELECT version FROM embsec_schema";
    if !whole::has_table(connection, "embsec_schema")? {
        return Ok(None);
    }
    connection
        .query_row(VERSION, [], |row| row.get(0))
        .map(Some)
}

/// A file that is gone when it is dropped, unless it is kept, with what SQLite may leave beside it.
struct NewFile(PathBuf);

impl NewFile {
    /// Makes one where there is none.
    fn create(path: &Path) -> Result<Self, FsError> {
        write_secret_file_new(path, &[])?;
        Ok(Self(path.to_owned()))
    }

    /// Makes one in the place of what a run left that was killed.
    fn create_anew(path: &Path) -> Result<Self, FsError> {
        remove_with_journal(path)?;
        Self::create(path)
    }

    /// Takes what is in one of them out again.
    fn empty(path: &Path) -> Result<(), FsError> {
        remove_with_journal(path)?;
        write_secret_file_new(path, &[])
    }

    fn keep(mut self) {
        self.0 = PathBuf::new();
    }

    fn remove(mut self) -> Result<(), FsError> {
        remove_with_journal(&std::mem::take(&mut self.0))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // Reached on the way out of another error, which is the one to report.
            remove_with_journal(&self.0).unwrap_or_default();
        }
    }
}

fn remove_with_journal(path: &Path) -> Result<(), FsError> {
    for path in [path.to_owned(), beside(path, "-journal")] {
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(FsError::Io {
                    action: "remove",
                    path,
                    source,
                });
            }
            _ => {}
        }
    }
    Ok(())
}
