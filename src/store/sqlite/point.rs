//! Reads the rows of one key, on the thread that asks.
//!
//! The driver of all other queries gives each connection a thread of its own. Waking that thread
//! and being woken by it takes several times as long as SQLite takes to find a row by its index,
//! and most requests of the API are for one row. So these go to SQLite directly. Only queries
//! that find a handful of rows by an index belong here, because the other tasks of the thread wait
//! meanwhile: no scans, no lists, nothing that writes.

use super::connect::{BUSY_TIMEOUT, READER_CACHE_KIB};
use super::error::OpenError;
use super::scope::user_of;
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::ids::Handle;
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use rusqlite::{Connection, OpenFlags, Row, ToSql};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Connections that read on the thread that asks.
#[derive(Debug)]
pub(super) struct PointReaders {
    connections: Vec<Mutex<Connection>>,
    turns: AtomicUsize,
}

impl PointReaders {
    /// Opens this many connections to a database that is there.
    pub(super) fn open(path: &Path, count: u32) -> Result<Self, OpenError> {
        let connections = (0..count)
            .map(|_| connect(path).map(Mutex::new))
            .collect::<Result<_, _>>()
            .map_err(|error| OpenError::from_direct(error, path))?;
        Ok(Self {
            connections,
            turns: AtomicUsize::new(0),
        })
    }

    /// Runs a query with named values (`$1`, …) and hands each row to `read`.
    pub(super) fn each(
        &self,
        sql: &'static str,
        values: &[(&str, &dyn ToSql)],
        mut read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let connection = self.take()?;
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            read(row)?;
        }
        Ok(())
    }

    /// The first that is free, so that its page cache stays warm; else the next one's turn.
    fn take(&self) -> StoreResult<MutexGuard<'_, Connection>> {
        let free = self
            .connections
            .iter()
            .find_map(|connection| connection.try_lock().ok());
        if let Some(connection) = free {
            return Ok(connection);
        }
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) % self.connections.len().max(1);
        let connection = self.connections.get(turn).ok_or(sqlx::Error::PoolClosed)?;
        // Whoever panicked while reading has left nothing half-done: the connection cannot write.
        Ok(connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// As the readers of the driver: hardened in the same way, and refused every write.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    for (pragma, value) in [
        ("foreign_keys", "ON"),
        ("trusted_schema", "OFF"),
        ("temp_store", "MEMORY"),
        ("mmap_size", "0"),
        ("query_only", "ON"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.pragma_update(None, "cache_size", -i64::from(READER_CACHE_KIB))?;
    Ok(connection)
}

/// As `rows::handle`.
pub(super) fn handle(row: &Row<'_>, column: usize) -> StoreResult<Handle> {
    let text: String = row.get(column)?;
    Ok(Handle::parse(&text).map_err(|_| Malformed("handle"))?)
}

/// Hands on the values of a scope, `$1` to `$4`, with the names of their places, and a text id as
/// `$5`.
pub(super) fn with_scope<T>(
    path: &ObjectPath,
    scope: Scope,
    text_id: &str,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> T,
) -> T {
    run(&[
        ("$1", &path.owner.as_str()),
        ("$2", &path.handle.as_str()),
        ("$3", &(scope == Scope::Admin)),
        ("$4", &user_of(scope)),
        ("$5", &text_id),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use crate::store::sqlite::{SqliteOptions, SqliteStore};

    async fn readers() -> (PointReaders, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("embsec.db");
        let options = SqliteOptions {
            create: true,
            ..SqliteOptions::default()
        };
        drop(SqliteStore::open(&path, options).await.unwrap());
        (PointReaders::open(&path, 2).unwrap(), folder)
    }

    #[tokio::test]
    async fn connections_are_hardened_and_cannot_write() {
        let (readers, _folder) = readers().await;
        for (sql, expected) in [
            ("PRAGMA query_only", 1),
            ("PRAGMA trusted_schema", 0),
            ("PRAGMA foreign_keys", 1),
            ("PRAGMA temp_store", 2),
            ("PRAGMA busy_timeout", 5000),
        ] {
            let mut value = None;
            let read = |row: &Row<'_>| {
                value = Some(row.get::<_, i64>(0)?);
                Ok(())
            };
            readers.each(sql, &[], read).unwrap();
            assert_eq!(value, Some(expected), "{sql}");
        }
        let write = readers.each("DELETE FROM users", &[], |_| Ok(()));
        assert!(matches!(write, Err(StoreError::Fault(_))), "{write:?}");
    }

    #[tokio::test]
    async fn more_callers_than_connections_take_turns() {
        let (readers, _folder) = readers().await;
        let count = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let read = |_: &Row<'_>| {
                            count.fetch_add(1, Ordering::Relaxed);
                            Ok(())
                        };
                        readers.each("SELECT 1", &[], read).unwrap();
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 400);
    }
}
