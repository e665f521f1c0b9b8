//! The rows of a SQLite file that belongs to another program.
//!
//! SQLite is asked directly, not through the driver of the stores: its worker thread costs several
//! microseconds for every row that it hands over, and here every row of a table passes.

mod batch;
mod fit;
mod open;
mod order;
mod quiet;
pub mod whole;

#[cfg(test)]
mod tests;

use super::cipher::Value;
use super::rows::{Check, Edit, Replaced, Row, Rows, RowsError, RowsResult};
use super::table::{Column, RowKey, Table};
use async_trait::async_trait;
use batch::Batch;
pub use open::reading;
pub(in crate::target) use open::{connect_to_read, shared};
use order::Order;
pub use quiet::{Quiet, Reading};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ToSql, TransactionBehavior};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A SQLite file whose columns are to be protected.
///
/// Its statements are run on the thread that asks.
pub struct SqliteRows {
    path: PathBuf,
    connection: Connection,
    /// What nobody else has open while it is only read.
    quiet: Option<Quiet>,
    /// The batch that the statements of [`Rows::replace`] look into.
    batch: Arc<Mutex<Option<Batch>>>,
    /// The order in which the rows of a table are gone through.
    orders: HashMap<String, Order>,
    /// Where the last page ended: the table, the key of its last row, and its rowid.
    last: Option<(String, RowKey, i64)>,
    /// What SQLite said of the writes of others when it was asked last.
    data_version: i64,
}

/// Rows of a page and of a batch: a batch takes some tens of milliseconds.
const PAGE_ROWS: u32 = 16_000;

impl SqliteRows {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of all tables.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn tables(&mut self) -> RowsResult<Vec<String>> {
        const TABLES: &str = "\
            SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
            ESCAPE '\\' ORDER BY name";
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(TABLES)?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// Reads. Where nobody else had the file open and somebody has now, what was read is thrown
    /// away and read again in the way of all who share a file.
    fn reading<T>(&mut self, read: impl Fn(&Connection) -> RowsResult<T>) -> RowsResult<T> {
        let done = read(&self.connection);
        let Some(quiet) = &self.quiet else {
            return done;
        };
        if quiet.holds(&self.path) {
            return done;
        }
        self.connection = shared(&self.path)?;
        self.quiet = None;
        read(&self.connection)
    }
}

#[async_trait]
impl Rows for SqliteRows {
    fn page_rows(&self) -> u32 {
        PAGE_ROWS
    }

    async fn others_wrote(&mut self) -> RowsResult<bool> {
        // It changes when another connection has committed something, and only then
        // (<https://www.sqlite.org/pragma.html#pragma_data_version>).
        const VERSION: &str = "PRAGMA data_version";
        let now: i64 = self.connection.query_row(VERSION, [], |row| row.get(0))?;
        let before = std::mem::replace(&mut self.data_version, now);
        Ok(before != now || self.quiet.is_some())
    }

    async fn rough_count(&mut self, table: &Table) -> RowsResult<u64> {
        let sql = format!("SELECT count(*) FROM {}", table.quoted());
        self.reading(|connection| {
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or_default())
        })
    }

    async fn page(
        &mut self,
        table: &Table,
        column: &Column,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>> {
        if let Some(Order::Rowid(rowid)) = self.orders.get(&table.to_string()) {
            return self.page_by_rowid(table, column, rowid, after, limit);
        }
        let behind = if after.is_some() { "> ?1" } else { "IS NOT ?1" };
        let sql = format!(
            "SELECT {key}, {column} FROM {table} WHERE {key} {behind} ORDER BY {key} LIMIT ?2",
            key = table.key.quoted(),
            column = column.name.quoted(),
            table = table.quoted(),
        );
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            collect(&mut statement, &[&after, &limit], table)
        })
    }

    async fn rows(
        &mut self,
        table: &Table,
        column: &Column,
        keys: &[RowKey],
    ) -> RowsResult<Vec<Row>> {
        let sql = format!(
            "SELECT {key}, {column} FROM {table} WHERE {key} = ?1",
            key = table.key.quoted(),
            column = column.name.quoted(),
            table = table.quoted(),
        );
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = Vec::new();
            for key in keys {
                rows.extend(collect(&mut statement, &[key], table)?);
            }
            Ok(rows)
        })
    }

    async fn replace(
        &mut self,
        table: &Table,
        column: &Column,
        edits: Vec<Edit>,
        check: Check<'_>,
    ) -> RowsResult<Replaced> {
        let (Some(first), Some(last)) = (edits.first(), edits.last()) else {
            return Ok(Replaced::default());
        };
        let range = [first.key.clone(), last.key.clone()];
        self.put(Some(Batch::new(edits)));
        let done = self.replace_batch(table, column, &range, check);
        self.put(None);
        done
    }
}

impl SqliteRows {
    fn put(&self, batch: Option<Batch>) {
        *self.batch.lock().unwrap_or_else(PoisonError::into_inner) = batch;
    }

    /// Writes the batch that was put in place, in one statement over the range of its keys.
    fn replace_batch(
        &mut self,
        table: &Table,
        column: &Column,
        range: &[RowKey; 2],
        check: Check<'_>,
    ) -> RowsResult<Replaced> {
        let (key, name, quoted) = (table.key.quoted(), column.name.quoted(), table.quoted());
        let within = match self.orders.get(&table.to_string()) {
            Some(Order::Rowid(rowid)) => {
                let of =
                    |place: &str| format!("(SELECT {rowid} FROM {quoted} WHERE {key} = {place})");
                format!("{rowid} BETWEEN {} AND {}", of("?1"), of("?2"))
            }
            _ => format!("{key} BETWEEN ?1 AND ?2"),
        };
        let update = format!(
            "UPDATE {quoted} SET {name} = {new}({key}) \
             WHERE {within} AND {unchanged}({key}, {name})",
            new = batch::NEW,
            unchanged = batch::UNCHANGED,
        );
        let read = format!("SELECT {key}, {name} FROM {quoted} WHERE {within}");
        // Taken at once: a transaction that reads first and cannot write afterwards would fail.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let replaced = transaction
            .prepare_cached(&update)?
            .execute([&range[0], &range[1]])?;
        {
            let mut guard = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
            let batch = guard.get_or_insert_with(|| Batch::new(Vec::new()));
            let mut statement = transaction.prepare_cached(&read)?;
            let mut rows = statement.query([&range[0], &range[1]])?;
            while let Some(row) = rows.next()? {
                batch.read_back(row.get_ref(0)?, row.get_ref(1)?, check);
            }
            if let Some(key) = batch.not_as_written(replaced) {
                return Err(RowsError::NotAsWritten(super::table::value_name(
                    table, column, &key,
                )));
            }
        }
        transaction.commit()?;
        let guard = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Replaced {
            replaced: replaced.try_into().unwrap_or_default(),
            unmatched: guard.as_ref().map(Batch::unmatched).unwrap_or_default(),
        })
    }
}

impl From<rusqlite::Error> for RowsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl ToSql for RowKey {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(key) => ValueRef::Integer(*key).into_output(),
            Self::Text(key) | Self::Uuid(key) => ValueRef::Text(key.as_bytes()).into_output(),
            Self::Bytes(key) => ValueRef::Blob(key).into_output(),
        })
    }
}

/// Lends a value to a statement.
trait IntoOutput<'v> {
    fn into_output(self) -> rusqlite::types::ToSqlOutput<'v>;
}

impl<'v> IntoOutput<'v> for ValueRef<'v> {
    fn into_output(self) -> rusqlite::types::ToSqlOutput<'v> {
        rusqlite::types::ToSqlOutput::Borrowed(self)
    }
}

fn collect(
    statement: &mut CachedStatement<'_>,
    values: &[&dyn ToSql],
    table: &Table,
) -> RowsResult<Vec<Row>> {
    let mut found = Vec::new();
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let key = row_key(row.get_ref(0)?);
        let key = key.ok_or_else(|| RowsError::BadKey(table.to_string()))?;
        found.push(Row {
            key,
            value: value(row.get_ref(1)?),
        });
    }
    Ok(found)
}

/// The key of a row; `None` for one that names no row.
fn row_key(key: ValueRef<'_>) -> Option<RowKey> {
    match key {
        ValueRef::Integer(key) => Some(RowKey::Integer(key)),
        ValueRef::Text(key) => {
            let key = std::str::from_utf8(key).ok()?;
            Some(RowKey::Text(key.to_owned()))
        }
        ValueRef::Blob(key) => Some(RowKey::Bytes(key.to_owned())),
        ValueRef::Null | ValueRef::Real(_) => None,
    }
}

/// What a column holds; `None` for NULL.
fn value(value: ValueRef<'_>) -> Option<Value> {
    match value {
        ValueRef::Null => None,
        ValueRef::Text(text) => Some(match std::str::from_utf8(text) {
            Ok(text) => Value::text(text.to_owned()),
            Err(_) => Value::other(),
        }),
        ValueRef::Blob(bytes) => Some(Value::bytes(bytes.to_owned())),
        ValueRef::Integer(_) | ValueRef::Real(_) => Some(Value::other()),
    }
}
