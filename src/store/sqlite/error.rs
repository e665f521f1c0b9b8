//! What can go wrong with the file, and how an error of the driver becomes one of the store.

use crate::store::StoreError;
use crate::store::driver;
use sqlx::error::DatabaseError as _;
use sqlx::sqlite::SqliteError;
use std::path::PathBuf;

/// Why a database file was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file of this name, and none was to be created.
    #[error("no such database: \"{}\"", .0.display())]
    NoSuchDatabase(PathBuf),
    /// The file is no SQLite database.
    #[error("not a SQLite database: \"{}\"", .0.display())]
    NotADatabase(PathBuf),
    /// A database, but not one of embsec's.
    #[error("the database \"{}\" belongs to another program", .0.display())]
    Foreign(PathBuf),
    /// Written by a newer embsec, in a way that this one does not understand.
    #[error("the database has schema version {found}, this embsec knows up to {known}")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// Its schema is older than this binary works on; it must be migrated first.
    #[error("the database has schema version {from}, this embsec needs {to}")]
    Pending {
        /// The version of the file; 0 for an empty one.
        from: i64,
        /// The version after migration.
        to: i64,
    },
    /// A migration that was applied long ago is not the one that this binary has.
    #[error("schema version {0} of the database is not the one that this embsec knows")]
    Altered(i64),
    /// A file beside the database could not be made or read.
    #[error("cannot use \"{}\"", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database is locked or cannot be reached; trying again can help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database said something that embsec did not expect.
    #[error("the database failed")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>).
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANNOT_OPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

/// The primary result code: the low byte of the extended one.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    code_of(error.try_downcast_ref::<SqliteError>()?)
}

fn code_of(error: &SqliteError) -> Option<i32> {
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether the file is damaged.
pub(in crate::store) fn is_damage(error: &SqliteError) -> bool {
    is_damage_code(code_of(error))
}

/// As [`is_damage`], without the driver in between.
pub(in crate::store) fn is_direct_damage(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<rusqlite::Error>();
    error.is_some_and(|error| is_damage_code(direct_code(error)))
}

const fn is_damage_code(code: Option<i32>) -> bool {
    matches!(code, Some(code::CORRUPT | code::NOT_A_DATABASE))
}

/// As [`primary_code`], without the driver in between.
fn direct_code(error: &rusqlite::Error) -> Option<i32> {
    Some(error.sqlite_error()?.extended_code & 0xff)
}

/// Whether the same statement may succeed later without anybody repairing the file.
pub(in crate::store) fn is_passing(error: &SqliteError) -> bool {
    is_passing_code(code_of(error))
}

const fn is_passing_code(code: Option<i32>) -> bool {
    matches!(
        code,
        Some(code::BUSY | code::LOCKED | code::FULL | code::CANNOT_OPEN | code::PROTOCOL)
    )
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if is_passing_code(direct_code(&error)) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Fault(Box::new(error))
        }
    }
}

impl OpenError {
    /// Takes an error of the driver about the file at `path`.
    pub(super) fn from_driver(error: sqlx::Error, path: &std::path::Path) -> Self {
        if primary_code(&error) == Some(code::NOT_A_DATABASE) {
            Self::NotADatabase(path.to_owned())
        } else if driver::is_passing(&error) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Fault(Box::new(error))
        }
    }

    /// Takes an error of SQLite, asked without the driver, about the file at `path`.
    pub(super) fn from_direct(error: rusqlite::Error, path: &std::path::Path) -> Self {
        let code = direct_code(&error);
        if code == Some(code::NOT_A_DATABASE) {
            Self::NotADatabase(path.to_owned())
        } else if is_passing_code(code) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Fault(Box::new(error))
        }
    }

    /// Takes an error of the file system about `path`.
    pub(super) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::is_damage;

    #[test]
    fn a_damaged_file_is_told_from_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 \
                 FROM n WHERE i < 2000) INSERT INTO t SELECT hex(randomblob(50)) FROM n",
            )
            .unwrap();
        let unknown = connection.execute("SELECT nothing", []).unwrap_err();
        assert!(!is_damage(&unknown));
        drop(connection);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        let count = "SELECT count(*) FROM t WHERE x > ''";
        let damaged = connection.query_row(count, [], |row| row.get::<_, i64>(0));
        let StoreError::Fault(error) = StoreError::from(damaged.unwrap_err()) else {
            panic!("it does not pass");
        };
        assert!(is_damage(error.as_ref()));
    }
}
