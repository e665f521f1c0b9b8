//! Puts a restored file in the place of the one that is used.
//!
//! There is no moment without a file: the old one gets a second name, `<file>.before-<id>`, and then
//! the restored one takes the first. Whatever a kill leaves, the same swap goes on from there.

use crate::domain::backup::BackupId;
use crate::sys::fs::{FsError, fsync_dir, make_durable, move_into_place};
use crate::sys::lock::LockFile;
use crate::target::sqlite::whole::{SqliteFault, beside, folder_of, set, size};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another process may take to end a transaction before it counts as using the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a file was not put in place. The one that is used is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// A server has the lock of the database.
    #[error("a server holds the database \"{}\"", database.display())]
    Held {
        /// The database.
        database: PathBuf,
        /// The process that took the lock, if it says so.
        holder: Option<u32>,
    },
    /// There is no restored file.
    #[error("no such database: \"{}\"", .0.display())]
    NoSuchDatabase(PathBuf),
    /// A file is there under the name that the old one is to get.
    #[error("\"{}\" exists already", .0.display())]
    BeforeExists(PathBuf),
    /// A log or journal holds what is not in its database.
    #[error("\"{}\" is left beside its database and is not empty", .0.display())]
    LeftOver(PathBuf),
    /// The file that is used is in use, or cannot be read.
    #[error(transparent)]
    Sqlite(#[from] SqliteFault),
    /// The files cannot be moved.
    #[error(transparent)]
    File(#[from] FsError),
}

/// How a swap ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// The restored file is in place.
    Done {
        /// The file that was there before; none, when there was none.
        before: Option<PathBuf>,
    },
    /// It was put in place earlier.
    Already {
        /// The file that was there before.
        before: PathBuf,
    },
}

/// Puts `restored` in the place of `live`; both are in one folder. `id` is the backup that it was
/// made from.
///
/// # Errors
///
/// Any [`SwapError`].
pub fn swap(live: &Path, restored: &Path, id: &BackupId) -> Result<Swapped, SwapError> {
    let before = beside(live, &format!(".before-{id}"));
    let lock_path = beside(live, ".lock");
    let Some(_lock) = LockFile::try_exclusive(&lock_path)? else {
        return Err(SwapError::Held {
            database: live.to_owned(),
            holder: LockFile::last_holder(&lock_path),
        });
    };
    let (live_inode, before_inode) = (inode(live)?, inode(&before)?);
    if inode(restored)?.is_none() {
        return match before_inode {
            Some(_) if live_inode.is_some() => Ok(Swapped::Already { before }),
            _ => Err(SwapError::NoSuchDatabase(restored.to_owned())),
        };
    }
    require_no_rest(restored)?;
    let Some(live_inode) = live_inode else {
        return put_where_none_is(live, restored, before, before_inode.is_some());
    };
    if before_inode.is_some_and(|before| before != live_inode) {
        return Err(SwapError::BeforeExists(before));
    }
    // Held until the names are changed, so that nobody begins to use what is on its way out.
    let alone = Alone::take(live)?;
    if matches!(alone, Alone::Unreadable) {
        move_rest(live, &before)?;
    }
    require_no_rest(live)?;
    if before_inode.is_none() {
        std::fs::hard_link(live, &before).map_err(io("create", &before))?;
        fsync_dir(folder_of(live))?;
    }
    make_durable(restored)?;
    move_into_place(restored, live)?;
    drop(alone);
    Ok(Swapped::Done {
        before: Some(before),
    })
}

/// The file that was used is lost.
fn put_where_none_is(
    live: &Path,
    restored: &Path,
    before: PathBuf,
    has_before: bool,
) -> Result<Swapped, SwapError> {
    require_no_rest(live)?;
    make_durable(restored)?;
    move_into_place(restored, live)?;
    Ok(Swapped::Done {
        before: has_before.then_some(before),
    })
}

/// The file that is used, had by nobody else.
enum Alone {
    /// By the lock of SQLite. The log is in the file.
    Locked { _connection: Connection },
    /// It is damaged, which may be why it is to be replaced: no lock can be had, and the log stays
    /// beside it.
    Unreadable,
}

impl Alone {
    fn take(live: &Path) -> Result<Self, SwapError> {
        match lock(live).map_err(SqliteFault::at(live)) {
            Ok(connection) => Ok(Self::Locked {
                _connection: connection,
            }),
            Err(SqliteFault::Damaged(_) | SqliteFault::NotADatabase(_)) => Ok(Self::Unreadable),
            Err(error) => Err(error.into()),
        }
    }
}

/// Takes the lock of the whole file and keeps it. In WAL mode it can be had only while no other
/// connection has read anything; the log then goes into the file, and the mode with it: SQLite
/// takes the log away by its name when it closes, which would be that of the new file's. A log that
/// cannot be played into the file stays as it is.
fn lock(live: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(live, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(PATIENCE)?;
    set(&connection, "locking_mode", "EXCLUSIVE")?;
    set(&connection, "synchronous", "FULL")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    // Not DELETE: while the whole file is locked, that journal is only marked as used up.
    set(&connection, "journal_mode", "TRUNCATE")?;
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    Ok(connection)
}

/// Gives the log of a file that cannot be opened the name of the file's second one, so that whoever
/// repairs that has all of it.
fn move_rest(live: &Path, before: &Path) -> Result<(), SwapError> {
    for rest in ["-wal", "-journal"] {
        let from = beside(live, rest);
        if size(&from) > 0 {
            move_into_place(&from, &beside(before, rest))?;
        }
    }
    Ok(())
}

/// Refuses what SQLite would play into a file, and removes what it would not.
fn require_no_rest(database: &Path) -> Result<(), SwapError> {
    for rest in ["-wal", "-journal", "-shm"] {
        let path = beside(database, rest);
        if rest != "-shm" && size(&path) > 0 {
            return Err(SwapError::LeftOver(path));
        }
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(io("remove", &path)(source).into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// What tells a file from others; `None` where there is none.
fn inode(path: &Path) -> Result<Option<(u64, u64)>, FsError> {
    match path.metadata() {
        Ok(file) => Ok(Some((file.dev(), file.ino()))),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io("read", path)(source)),
    }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FsError + use<> {
    let path = path.to_owned();
    move |source| FsError::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests;
