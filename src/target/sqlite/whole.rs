//! A SQLite file as a whole: whether it is sound, and how many rows are in it.

use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Hears how many bytes there are of the file that is being written or checked, and says whether to
/// go on.
pub type Watch = Arc<dyn Fn(u64) -> bool + Send + Sync>;

/// How many steps of its virtual machine SQLite makes between two questions to a [`Watch`]: some
/// milliseconds.
const WATCH_STEPS: i32 = 2_000;
/// Page cache, in KiB.
const CACHE_KIB: i64 = 32 * 1024;

/// What is wrong with a file, or in the way.
#[derive(Debug, thiserror::Error)]
pub enum SqliteFault {
    /// It is no SQLite database.
    #[error("not a SQLite database: \"{}\"", .0.display())]
    NotADatabase(PathBuf),
    /// Its pages contradict each other, or it is cut off.
    #[error("the database \"{}\" is damaged", .0.display())]
    Damaged(PathBuf),
    /// There is no room left for it.
    #[error("the disk is full: \"{}\" cannot be written", .0.display())]
    DiskFull(PathBuf),
    /// The system could not read or write it.
    #[error("the disk failed at \"{}\"", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// Another process has it locked.
    #[error("the database \"{}\" is in use", .0.display())]
    InUse(PathBuf),
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
    /// It said something that embsec did not expect.
    #[error(transparent)]
    Store(StoreError),
}

impl SqliteFault {
    /// Takes an error of SQLite at work on one file.
    pub(in crate::target) fn at(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        Self::between(path, path)
    }

    /// Takes an error of SQLite that reads one file and writes another.
    pub(in crate::target) fn between(
        read: &Path,
        written: &Path,
    ) -> impl FnOnce(rusqlite::Error) -> Self + use<> {
        /// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>).
        mod code {
            pub(super) const BUSY: i32 = 5;
            pub(super) const LOCKED: i32 = 6;
            pub(super) const INTERRUPT: i32 = 9;
            pub(super) const IO: i32 = 10;
            pub(super) const CORRUPT: i32 = 11;
            pub(super) const FULL: i32 = 13;
            pub(super) const NOT_A_DATABASE: i32 = 26;
            /// Extended: a read that came to the end of the file too early.
            pub(super) const SHORT_READ: i32 = 522;
            /// Extended: all that is about reading, which happens to the file that is read.
            pub(super) const READ: i32 = 266;
        }
        let (read, written) = (read.to_owned(), written.to_owned());
        move |error| {
            let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
            match extended & 0xff {
                code::BUSY | code::LOCKED => Self::InUse(read),
                code::INTERRUPT => Self::Stopped,
                code::CORRUPT => Self::Damaged(read),
                code::NOT_A_DATABASE => Self::NotADatabase(read),
                code::FULL => Self::DiskFull(written),
                code::IO if extended == code::SHORT_READ => Self::Damaged(read),
                code::IO => Self::Disk {
                    path: if extended == code::READ {
                        read
                    } else {
                        written
                    },
                    source: error,
                },
                _ => Self::Store(error.into()),
            }
        }
    }
}

/// Opens a file of embsec's own making that nobody else has, to read or to write it. Nothing that
/// is overwritten stays in it, and no journal of it comes to the disk.
pub(in crate::target) fn open_own(path: &Path, write: bool) -> rusqlite::Result<Connection> {
    let access = if write {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    for (pragma, value) in [
        ("trusted_schema", "OFF"),
        ("temp_store", "MEMORY"),
        ("mmap_size", "0"),
        ("synchronous", "FULL"),
        ("secure_delete", "ON"),
        ("foreign_keys", "OFF"),
    ] {
        set(&connection, pragma, value)?;
    }
    set(&connection, "cache_size", &(-CACHE_KIB).to_string())?;
    if write {
        set(&connection, "journal_mode", "MEMORY")?;
    }
    Ok(connection)
}

/// Sets a pragma, whether or not it answers.
pub(in crate::target) fn set(
    connection: &Connection,
    pragma: &str,
    value: &str,
) -> rusqlite::Result<()> {
    connection
        .pragma_update_and_check(None, pragma, value, |_| Ok(()))
        .or_else(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            error => Err(error),
        })
}

/// Runs statements that take long. The watch hears how large `growing` is, and can end them.
pub(in crate::target) fn watched<T>(
    connection: &Connection,
    growing: &Path,
    watch: &Watch,
    run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let (watch, growing) = (Arc::clone(watch), growing.to_owned());
    let ends = move || !watch(growing.metadata().map_or(0, |file| file.len()));
    connection.progress_handler(WATCH_STEPS, Some(ends))?;
    let done = run(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    done
}

/// Whether every page is where it belongs, by `PRAGMA quick_check`.
///
/// # Errors
///
/// [`SqliteFault::Damaged`] when it is not.
pub(in crate::target) fn check(
    connection: &Connection,
    path: &Path,
    watch: &Watch,
) -> Result<(), SqliteFault> {
    const CHECK: &str = "PRAGMA quick_check(1)";
    let found: String = watched(connection, path, watch, |connection| {
        connection.query_row(CHECK, [], |row| row.get(0))
    })
    .map_err(SqliteFault::at(path))?;
    // What else it says holds names of the schema and is not repeated.
    if found == "ok" {
        Ok(())
    } else {
        Err(SqliteFault::Damaged(path.to_owned()))
    }
}

/// How many rows each table has, in order of name. Virtual tables are not counted, what they keep
/// their rows in is.
pub(in crate::target) fn row_counts(
    connection: &Connection,
) -> rusqlite::Result<Vec<(String, u64)>> {
    const TABLES: &str = "\
        SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') \
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = connection.prepare(TABLES)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    names
        .map(|name| {
            let name = name?;
            let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            Ok((name, u64::try_from(count).unwrap_or_default()))
        })
        .collect()
}

/// Whether there is a table of this name.
pub(in crate::target) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    const IS_THERE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
    let count: i64 = connection.query_row(IS_THERE, [name], |row| row.get(0))?;
    Ok(count > 0)
}

/// The bytes of a page.
pub(in crate::target) fn page_bytes(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA page_size", [], |row| row.get(0))
}

/// The name of a file with something behind it.
pub(in crate::target) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder of a file.
pub(in crate::target) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The size of a file; 0 where there is none.
pub(in crate::target) fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

/// A path as SQLite takes it in a statement. One that is relative could look like a URI.
pub(in crate::target) fn in_sql(path: &Path) -> rusqlite::Result<String> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    String::from_utf8(absolute.as_os_str().as_bytes().to_vec())
        .map_err(|_| rusqlite::Error::InvalidPath(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Watch {
        Arc::new(|_| true)
    }

    #[test]
    fn a_full_disk_a_lock_a_stop_and_damage_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE \
                    i < 5000) INSERT INTO t SELECT hex(randomblob(50)) FROM n";
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        set(&connection, "max_page_count", "20").unwrap();
        let full = connection.execute_batch(fill).unwrap_err();
        let full = SqliteFault::at(&path)(full);
        assert!(matches!(full, SqliteFault::DiskFull(_)), "{full}");
        set(&connection, "max_page_count", "100000").unwrap();
        connection.execute_batch(fill).unwrap();
        let stop: Watch = Arc::new(|_| false);
        let counted = watched(&connection, &path, &stop, |connection| {
            connection.query_row("SELECT count(*) FROM t AS a, t AS b", [], |_| Ok(()))
        });
        let stopped = SqliteFault::at(&path)(counted.unwrap_err());
        assert!(matches!(stopped, SqliteFault::Stopped), "{stopped}");
        let check_stops = check(&connection, &path, &stop);
        assert!(
            matches!(check_stops, Err(SqliteFault::Stopped)),
            "{check_stops:?}"
        );
        check(&connection, &path, &quiet()).unwrap();
        connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(std::time::Duration::ZERO).unwrap();
        let busy = other.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        let busy = SqliteFault::at(&path)(busy);
        assert!(matches!(busy, SqliteFault::InUse(_)), "{busy}");
        connection.execute_batch("COMMIT").unwrap();
        drop((connection, other));
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..half + 4096].fill(0xff);
        std::fs::write(&path, &bytes).unwrap();
        let connection = Connection::open(&path).unwrap();
        let damaged = check(&connection, &path, &quiet());
        assert!(
            matches!(damaged, Err(SqliteFault::Damaged(_))),
            "{damaged:?}"
        );
    }
}
