//! Whether a SQLite database has a declared table, as it was declared.

use super::{UnfitError, reason};
use crate::store::StoreError;
use crate::target::table::{Form, Table};
use rusqlite::{Connection, OptionalExtension as _};

const SCHEMA: &str = "SQLite has no schemas: leave `schema` out";

struct Kind {
    kind: String,
    without_rowid: bool,
    strict: bool,
}

struct ColumnFacts {
    name: String,
    declared_type: String,
    not_null: bool,
    /// Its place in the primary key from 1; 0: it is not in it.
    key_place: i64,
    /// 0: ordinary; 1: of a virtual table; 2 and 3: computed.
    hidden: i64,
}

/// Looks whether the table is there, its key names rows for good, and its columns take text.
///
/// # Errors
///
/// Any [`UnfitError`].
pub fn check(connection: &Connection, table: &Table) -> Result<(), UnfitError> {
    if table.schema.is_some() {
        return Err(unfit_key(table, SCHEMA));
    }
    let kind = kind(connection, table)?.ok_or_else(|| UnfitError::NoTable {
        table: table.to_string(),
    })?;
    if kind.kind != "table" {
        return Err(UnfitError::NotATable {
            table: table.to_string(),
        });
    }
    let columns = columns(connection, table).map_err(StoreError::from)?;
    let find = |name: &str| {
        // SQLite takes names for the same whatever the case of their ASCII letters, but a value
        // is bound to the name as it was declared.
        let column = columns.iter().find(|column| column.name == name);
        column.ok_or_else(|| UnfitError::NoColumn {
            table: table.to_string(),
            column: name.to_owned(),
        })
    };
    check_key(connection, table, &kind, find(table.key.as_str())?)?;
    for column in &table.columns {
        let facts = find(column.name.as_str())?;
        if let Some(reason) = unfit_column(&kind, facts, column.form) {
            return Err(UnfitError::Column {
                table: table.to_string(),
                column: column.name.to_string(),
                reason,
            });
        }
    }
    Ok(())
}

fn unfit_key(table: &Table, reason: &'static str) -> UnfitError {
    UnfitError::Key {
        table: table.to_string(),
        column: table.key.to_string(),
        reason,
    }
}

fn check_key(
    connection: &Connection,
    table: &Table,
    kind: &Kind,
    key: &ColumnFacts,
) -> Result<(), UnfitError> {
    if is_integer_primary_key(connection, table, kind, key).map_err(StoreError::from)? {
        return Ok(());
    }
    let reason = if key.hidden != 0 {
        reason::GENERATED
    } else if !key.not_null {
        reason::NULLABLE
    } else if !is_unique(connection, table).map_err(StoreError::from)? {
        reason::NOT_UNIQUE
    } else {
        return Ok(());
    };
    Err(unfit_key(table, reason))
}

/// Whether the key column is declared `INTEGER PRIMARY KEY`. Such a column is never NULL, always
/// unique, and kept by `VACUUM`, which a rowid without a name is not
/// (<https://www.sqlite.org/lang_createtable.html#rowid>). SQLite says neither: no index stands
/// for it, which tells it from every other primary key.
fn is_integer_primary_key(
    connection: &Connection,
    table: &Table,
    kind: &Kind,
    key: &ColumnFacts,
) -> rusqlite::Result<bool> {
    const IS_ALONE: &str = "\
        SELECT (SELECT max(pk) FROM pragma_table_xinfo($1)) = 1 \
          AND NOT EXISTS (SELECT 1 FROM pragma_index_list($1) WHERE origin = 'pk')";
    if kind.without_rowid
        || key.key_place != 1
        || !key.declared_type.eq_ignore_ascii_case("integer")
    {
        return Ok(false);
    }
    connection.query_row(IS_ALONE, [table.name.as_str()], |row| row.get(0))
}

fn unfit_column(kind: &Kind, column: &ColumnFacts, form: Form) -> Option<&'static str> {
    let takes_text = |name: &str| matches!(name.to_ascii_uppercase().as_str(), "TEXT" | "ANY");
    match form {
        _ if column.hidden != 0 => Some(reason::GENERATED),
        Form::Bound | Form::Digest | Form::LlmProxy if kind.strict => {
            (!takes_text(&column.declared_type)).then_some(reason::NOT_TEXT)
        }
        Form::Bound | Form::Digest | Form::LlmProxy | Form::EmbapiBlob => None,
    }
}

fn kind(connection: &Connection, table: &Table) -> Result<Option<Kind>, StoreError> {
    const KIND: &str = "SELECT type, wr, strict FROM pragma_table_list \
        WHERE schema = 'main' AND name = $1";
    let kind = connection.query_row(KIND, [table.name.as_str()], |row| {
        Ok(Kind {
            kind: row.get(0)?,
            without_rowid: row.get(1)?,
            strict: row.get(2)?,
        })
    });
    Ok(kind.optional()?)
}

fn columns(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<ColumnFacts>> {
    const COLUMNS: &str = "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo($1)";
    let mut statement = connection.prepare(COLUMNS)?;
    let rows = statement.query_map([table.name.as_str()], |row| {
        Ok(ColumnFacts {
            name: row.get(0)?,
            declared_type: row.get(1)?,
            not_null: row.get(2)?,
            key_place: row.get(3)?,
            hidden: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// Whether a unique index over the key column alone covers every row. A rowid needs none, so it
/// has none.
fn is_unique(connection: &Connection, table: &Table) -> rusqlite::Result<bool> {
    const UNIQUE: &str = "\
        SELECT count(*) FROM pragma_index_list($1) AS i \
        WHERE i.\"unique\" AND NOT i.partial \
          AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1 \
          AND (SELECT c.name FROM pragma_index_info(i.name) AS c) = $2";
    let names = [table.name.as_str(), table.key.as_str()];
    let count: i64 = connection.query_row(UNIQUE, names, |row| row.get(0))?;
    Ok(count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::declared::parse;
    use std::path::Path;

    fn checked(definition: &str, declaration: &str) -> Result<(), String> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(definition).unwrap();
        let text = format!("name = \"a\"\n[[tables]]\ntable = \"t\"\n{declaration}");
        let declared = parse(Path::new("t.toml"), &text).unwrap();
        check(&connection, &declared.tables[0]).map_err(|error| error.to_string())
    }

    const DECLARED: &str = "key_column = \"k\"\nencrypt = [\"v\"]";

    #[test]
    fn keys_that_name_rows_for_good_are_taken() {
        for definition in [
            "CREATE TABLE t (k TEXT NOT NULL PRIMARY KEY, v TEXT)",
            "CREATE TABLE t (k INTEGER NOT NULL UNIQUE, v TEXT)",
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) WITHOUT ROWID",
            "CREATE TABLE t (k BLOB PRIMARY KEY, v TEXT) WITHOUT ROWID",
            "CREATE TABLE t (k TEXT NOT NULL, v, x); CREATE UNIQUE INDEX i ON t (k)",
            "CREATE TABLE t (k TEXT NOT NULL UNIQUE, v TEXT) STRICT",
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)",
            "CREATE TABLE t (k INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT)",
            "CREATE TABLE t (k integer, v TEXT, PRIMARY KEY (k DESC)) STRICT",
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT); CREATE UNIQUE INDEX i ON t (k)",
        ] {
            assert_eq!(checked(definition, DECLARED), Ok(()), "{definition}");
        }
    }

    #[test]
    fn keys_that_could_leave_a_value_unopenable_are_refused_with_the_reason() {
        for (definition, reason) in [
            // Neither is the rowid by another name, and both may be NULL.
            (
                "CREATE TABLE t (k INTEGER PRIMARY KEY DESC, v TEXT)",
                reason::NULLABLE,
            ),
            (
                "CREATE TABLE t (k INT PRIMARY KEY, v TEXT)",
                reason::NULLABLE,
            ),
            (
                "CREATE TABLE t (k INTEGER, v TEXT, j TEXT, PRIMARY KEY (k, j))",
                reason::NULLABLE,
            ),
            (
                "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT)",
                reason::NULLABLE,
            ),
            (
                "CREATE TABLE t (k TEXT NOT NULL, v TEXT)",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k TEXT NOT NULL, v TEXT, UNIQUE (k, v))",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k TEXT NOT NULL, v TEXT); \
                 CREATE UNIQUE INDEX i ON t (k) WHERE v IS NULL",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (j TEXT, v TEXT, k TEXT NOT NULL UNIQUE AS (j || 'x') STORED)",
                reason::GENERATED,
            ),
            ("CREATE TABLE t (rowid2 TEXT, v TEXT)", "has no column k"),
            ("CREATE TABLE u (k TEXT, v TEXT)", "has no table t"),
            (
                "CREATE TABLE u (k TEXT, v TEXT); CREATE VIEW t AS SELECT k, v FROM u",
                "no ordinary table",
            ),
        ] {
            let error = checked(definition, DECLARED).unwrap_err();
            assert!(error.contains(reason), "{definition}: {error}");
        }
    }

    #[test]
    fn the_rowid_itself_is_no_column() {
        let declared = "key_column = \"rowid\"\nencrypt = [\"v\"]";
        let error = checked("CREATE TABLE t (k TEXT, v TEXT)", declared).unwrap_err();
        assert!(error.contains("has no column rowid"), "{error}");
    }

    #[test]
    fn columns_that_take_no_text_are_refused() {
        for definition in [
            "CREATE TABLE t (k TEXT NOT NULL UNIQUE, v BLOB) STRICT",
            "CREATE TABLE t (k TEXT NOT NULL UNIQUE, v TEXT AS ('x'))",
        ] {
            let error = checked(definition, DECLARED).unwrap_err();
            assert!(error.contains("cannot be protected"), "{error}");
        }
        let declared = "schema = \"main\"\nkey_column = \"k\"\nencrypt = [\"v\"]";
        let error = checked("CREATE TABLE t (k TEXT NOT NULL UNIQUE, v TEXT)", declared);
        assert!(error.unwrap_err().contains("no schemas"));
    }
}
