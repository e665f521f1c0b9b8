//! Whether a file has the tables that are to be protected, in a shape that allows it.

use super::SqliteRows;
use super::order::Order;
use crate::target::declared::{self, UnfitError};
use crate::target::error::{OpenError, OpenResult};
use crate::target::table::{Identifier, Table};
use rusqlite::{Connection, OptionalExtension as _};

/// A column as the file declares it.
struct Declared {
    kind: String,
    is_key: bool,
    is_generated: bool,
}

impl SqliteRows {
    /// Looks whether these tables can be protected. `bound` asks more of them: that their keys name
    /// rows for good, so that values can be bound to them.
    ///
    /// # Errors
    ///
    /// [`OpenError::Empty`] or [`OpenError::Unfit`], or when the file cannot be read.
    pub fn require(&mut self, tables: &[Table], bound: bool) -> OpenResult<()> {
        let database = format!("\"{}\"", self.path.display());
        let found = self.tables().map_err(to_open_error)?;
        if found.is_empty() {
            return Err(OpenError::Empty(database));
        }
        let unfit = self
            .reading(|connection| {
                for table in tables {
                    if bound {
                        match declared::sqlite::check(connection, table) {
                            Ok(()) => {}
                            Err(UnfitError::Store(error)) => return Err(error.into()),
                            Err(unfit) => return Ok(Some(unfit.to_string())),
                        }
                    }
                    if let Some(why) = unfit(connection, table)? {
                        return Ok(Some(why));
                    }
                }
                Ok(None)
            })
            .map_err(to_open_error)?;
        if let Some(why) = unfit {
            return Err(OpenError::Unfit { database, why });
        }
        for table in tables {
            let order = self.reading(|connection| Ok(Order::of(connection, table)?));
            self.orders
                .insert(table.to_string(), order.map_err(to_open_error)?);
        }
        Ok(())
    }
}

impl SqliteRows {
    /// Whether this table is there, with these columns.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn has_columns(&mut self, table: &str, columns: &[&str]) -> OpenResult<bool> {
        const COLUMN: &str = "\
            SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE)";
        self.reading(|connection| {
            for column in columns {
                if !connection.query_row(COLUMN, [table, column], |row| row.get(0))? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .map_err(to_open_error)
    }
}

fn to_open_error(error: crate::target::rows::RowsError) -> OpenError {
    match error {
        crate::target::rows::RowsError::Store(error) => error.into(),
        error => OpenError::Fault(Box::new(error)),
    }
}

/// Why a table cannot be protected; `None` when it can.
fn unfit(connection: &Connection, table: &Table) -> rusqlite::Result<Option<String>> {
    if table.schema.is_some() {
        return Ok(Some(format!("{table} names a schema, and SQLite has none")));
    }
    let kind: Option<String> = connection
        .query_row(
            "SELECT type FROM pragma_table_list(?1) WHERE schema = 'main'",
            [table.name.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    match kind.as_deref() {
        None => return Ok(Some(format!("it has no table {table}"))),
        Some("table") => {}
        Some(_) => return Ok(Some(format!("{table} is no ordinary table"))),
    }
    let Some(key) = declared(connection, table, &table.key)? else {
        return Ok(Some(format!("{table} has no column {}", table.key)));
    };
    if !key.is_key && !is_unique(connection, table)? {
        return Ok(Some(format!(
            "nothing says that {table}.{} names one row: it is neither the primary key nor unique \
             alone",
            table.key
        )));
    }
    if let Some(why) = unfit_keys(connection, table)? {
        return Ok(Some(why));
    }
    for column in &table.columns {
        let name = &column.name;
        let Some(found) = declared(connection, table, name)? else {
            return Ok(Some(format!("{table} has no column {name}")));
        };
        if found.is_generated || found.is_key || name == &table.key {
            return Ok(Some(format!("{table}.{name} cannot be written")));
        }
        if !keeps_text(&found.kind) {
            return Ok(Some(format!(
                "{table}.{name} is declared {} and would not keep a text as it is",
                found.kind
            )));
        }
    }
    Ok(None)
}

fn declared(
    connection: &Connection,
    table: &Table,
    name: &Identifier,
) -> rusqlite::Result<Option<Declared>> {
    // A key of several columns names a row only by all of them.
    const COLUMN: &str = "\
        SELECT type, pk = 1 AND (SELECT max(pk) FROM pragma_table_xinfo(?1)) = 1, hidden <> 0 \
        FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE";
    connection
        .query_row(COLUMN, [table.name.as_str(), name.as_str()], |row| {
            Ok(Declared {
                kind: row.get(0)?,
                is_key: row.get(1)?,
                is_generated: row.get(2)?,
            })
        })
        .optional()
}

/// Whether the key column alone has a unique index over all rows.
fn is_unique(connection: &Connection, table: &Table) -> rusqlite::Result<bool> {
    const UNIQUE: &str = "\
        SELECT EXISTS (SELECT 1 FROM pragma_index_list(?1) AS l \
        WHERE l.\"unique\" AND NOT l.partial \
          AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1 \
          AND (SELECT name FROM pragma_index_info(l.name)) = ?2 COLLATE NOCASE)";
    connection.query_row(UNIQUE, [table.name.as_str(), table.key.as_str()], |row| {
        row.get(0)
    })
}

/// Keys of two kinds could have one text, and a key that is NULL or a fraction names nothing.
fn unfit_keys(connection: &Connection, table: &Table) -> rusqlite::Result<Option<String>> {
    let sql = format!(
        "SELECT DISTINCT typeof({key}) FROM {table} LIMIT 3",
        key = table.key.quoted(),
        table = table.quoted()
    );
    let mut statement = connection.prepare(&sql)?;
    let kinds = statement.query_map([], |row| row.get(0))?;
    let kinds: Vec<String> = kinds.collect::<Result<_, _>>()?;
    Ok(match kinds.as_slice() {
        [] => None,
        [kind] if matches!(kind.as_str(), "integer" | "text" | "blob") => None,
        [kind] => Some(format!("{table}.{} is {kind}", table.key)),
        _ => Some(format!(
            "{table}.{} holds keys of several kinds: {}",
            table.key,
            kinds.join(", ")
        )),
    })
}

/// Whether a column of this declared type keeps text as it is: its affinity is TEXT or none
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>). Any other would
/// make a number of a text that looks like one.
fn keeps_text(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    let names = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    !names(&["INT"]) && (names(&["CHAR", "CLOB", "TEXT", "BLOB"]) || declared.is_empty())
}
