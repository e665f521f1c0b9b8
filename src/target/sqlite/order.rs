//! The order in which the rows of a table are gone through.
//!
//! Rows lie in the file in the order of their rowids. Going through them so reads and writes page
//! after page of the file; in the order of a key that is a random text, every row is somewhere
//! else. A rowid is used to find the next rows only, never to name one: `VACUUM` may change it, so
//! it is looked up again, by the key, for every page and batch.

use super::{SqliteRows, row_key, value};
use crate::target::rows::{Row, RowsError, RowsResult};
use crate::target::table::{Column, RowKey, Table};
use rusqlite::{Connection, OptionalExtension as _};

/// Names of the rowid; a column of a table can take any of them away.
const ROWIDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// That of the rowid, by the name that it has here.
    Rowid(&'static str),
    /// That of the key.
    Key,
}

impl Order {
    /// The order of a table.
    pub(super) fn of(connection: &Connection, table: &Table) -> rusqlite::Result<Self> {
        const HAS_ROWID: &str = "SELECT NOT wr FROM pragma_table_list(?1) WHERE schema = 'main'";
        const IS_TAKEN: &str = "\
            SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE)";
        let name = table.name.as_str();
        let has_rowid: Option<bool> = connection
            .query_row(HAS_ROWID, [name], |row| row.get(0))
            .optional()?;
        if has_rowid == Some(true) {
            for rowid in ROWIDS {
                if !connection.query_row(IS_TAKEN, [name, rowid], |row| row.get(0))? {
                    return Ok(Self::Rowid(rowid));
                }
            }
        }
        Ok(Self::Key)
    }
}

impl SqliteRows {
    /// A page of a table that has a rowid.
    pub(super) fn page_by_rowid(
        &mut self,
        table: &Table,
        column: &Column,
        rowid: &str,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>> {
        let (key, name, quoted) = (table.key.quoted(), column.name.quoted(), table.quoted());
        let find = format!("SELECT {rowid} FROM {quoted} WHERE {key} = ?1");
        let page = format!(
            "SELECT {key}, {name}, {rowid} FROM {quoted} WHERE {rowid} > ?1 \
             ORDER BY {rowid} LIMIT ?2"
        );
        // Where the last page ended, should that row be gone by now.
        let remembered = self.last.as_ref().and_then(|(last_table, last, rowid)| {
            (*last_table == quoted && Some(last) == after).then_some(*rowid)
        });
        let (rows, last) = self.reading(|connection| {
            let found: Option<i64> = match after {
                None => Some(i64::MIN),
                Some(after) => connection
                    .prepare_cached(&find)?
                    .query_row([after], |row| row.get(0))
                    .optional()?
                    .or(remembered),
            };
            // A key that was never there has nothing behind it.
            let mut last = found.unwrap_or(i64::MAX);
            let mut found = Vec::new();
            let mut statement = connection.prepare_cached(&page)?;
            let mut rows = statement.query((last, limit))?;
            while let Some(row) = rows.next()? {
                let key = row_key(row.get_ref(0)?);
                found.push(Row {
                    key: key.ok_or_else(|| RowsError::BadKey(table.to_string()))?,
                    value: value(row.get_ref(1)?),
                });
                last = row.get(2)?;
            }
            Ok((found, last))
        })?;
        self.last = rows.last().map(|row| (quoted, row.key.clone(), last));
        Ok(rows)
    }
}
