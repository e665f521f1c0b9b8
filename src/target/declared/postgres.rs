//! Whether a PostgreSQL database has a declared table, as it was declared.

use super::{UnfitError, reason};
use crate::store::StoreError;
use crate::target::table::{Form, Table};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{FromRow, Row as _};

/// Characters of a hash: what a column must have room for.
const HASH_CHARS: i32 = 64;

/// Types of keys whose text form is fixed.
const KEY_TYPES: [&str; 7] = ["int2", "int4", "int8", "text", "varchar", "uuid", "bytea"];
/// Types that take any text.
const TEXT_TYPES: [&str; 2] = ["text", "varchar"];

struct ColumnFacts {
    name: String,
    type_name: String,
    not_null: bool,
    computed: bool,
    /// The most characters that it holds, where that is limited.
    limit: Option<i32>,
    /// A unique index over it alone covers every row, and is checked at once.
    unique: bool,
}

impl<'r> FromRow<'r, PgRow> for ColumnFacts {
    fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get(0)?,
            type_name: row.try_get(1)?,
            not_null: row.try_get(2)?,
            computed: row.try_get(3)?,
            limit: row.try_get(4)?,
            unique: row.try_get(5)?,
        })
    }
}

/// The type of what stands behind a name; no row where nothing does.
const KIND: &str = "SELECT c.relkind::text FROM pg_class AS c WHERE c.oid = to_regclass($1)";

const COLUMNS: &str = "\
    SELECT a.attname::text, t.typname::text, a.attnotnull, a.attgenerated <> '', \
           CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 END, \
           EXISTS (SELECT FROM pg_index AS i \
                   WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid \
                     AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 1 \
                     AND i.indkey[0] = a.attnum) \
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid \
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped";

/// Looks whether the table is there, its key names rows for good, and its columns take text.
///
/// # Errors
///
/// Any [`UnfitError`].
pub async fn check(connection: &mut PgConnection, table: &Table) -> Result<(), UnfitError> {
    let kind: Option<String> = sqlx::query_scalar(KIND)
        .bind(table.quoted())
        .fetch_optional(&mut *connection)
        .await
        .map_err(StoreError::from)?;
    let table_name = table.to_string();
    match kind.as_deref() {
        None => return Err(UnfitError::NoTable { table: table_name }),
        // An ordinary or a partitioned table.
        Some("r" | "p") => {}
        Some(_) => return Err(UnfitError::NotATable { table: table_name }),
    }
    let columns: Vec<ColumnFacts> = sqlx::query_as(COLUMNS)
        .bind(table.quoted())
        .fetch_all(connection)
        .await
        .map_err(StoreError::from)?;
    let find = |name: &str| {
        let column = columns.iter().find(|column| column.name == name);
        column.ok_or_else(|| UnfitError::NoColumn {
            table: table.to_string(),
            column: name.to_owned(),
        })
    };
    if let Some(reason) = unfit_key(find(table.key.as_str())?) {
        return Err(UnfitError::Key {
            table: table.to_string(),
            column: table.key.to_string(),
            reason,
        });
    }
    for column in &table.columns {
        if let Some(reason) = unfit_column(find(column.name.as_str())?, column.form) {
            return Err(UnfitError::Column {
                table: table.to_string(),
                column: column.name.to_string(),
                reason,
            });
        }
    }
    Ok(())
}

fn unfit_key(key: &ColumnFacts) -> Option<&'static str> {
    if key.computed {
        Some(reason::GENERATED)
    } else if !KEY_TYPES.contains(&key.type_name.as_str()) {
        Some(reason::KEY_TYPE)
    } else if !key.not_null {
        Some(reason::NULLABLE)
    } else if !key.unique {
        Some(reason::NOT_UNIQUE)
    } else {
        None
    }
}

fn unfit_column(column: &ColumnFacts, form: Form) -> Option<&'static str> {
    let needs = match form {
        Form::EmbapiBlob => return None,
        // Sealed values are longer than what they seal, and grow with it.
        Form::Bound | Form::LlmProxy => i32::MAX,
        Form::Digest => HASH_CHARS,
    };
    if column.computed {
        Some(reason::GENERATED)
    } else if !TEXT_TYPES.contains(&column.type_name.as_str()) {
        Some(reason::NOT_TEXT)
    } else if column.limit.is_some_and(|limit| limit < needs) {
        Some(reason::TOO_NARROW)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Database, Server};
    use crate::target::declared::parse;
    use sqlx::Connection as _;
    use std::path::Path;

    const DECLARED: &str = "key_column = \"k\"\nencrypt = [\"v\"]";

    async fn checked(
        connection: &mut PgConnection,
        definition: &str,
        declaration: &str,
    ) -> Result<(), String> {
        let definition = format!("DROP TABLE IF EXISTS t CASCADE; {definition}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(definition))
            .execute(&mut *connection)
            .await
            .unwrap();
        let text = format!("name = \"a\"\n[[tables]]\ntable = \"t\"\n{declaration}");
        let declared = parse(Path::new("t.toml"), &text).unwrap();
        let checked = check(connection, &declared.tables[0]).await;
        checked.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn keys_that_name_rows_for_good_are_taken() {
        let database = Database::fresh(Server::V16);
        let mut connection = PgConnection::connect(&database.url()).await.unwrap();
        for definition in [
            "CREATE TABLE t (k text PRIMARY KEY, v text)",
            "CREATE TABLE t (k uuid PRIMARY KEY, v varchar)",
            "CREATE TABLE t (k bytea NOT NULL UNIQUE, v text)",
            "CREATE TABLE t (k bigserial PRIMARY KEY, v text) PARTITION BY HASH (k)",
            "CREATE TABLE t (k int NOT NULL, v text); CREATE UNIQUE INDEX ON t (k) INCLUDE (v)",
        ] {
            let checked = checked(&mut connection, definition, DECLARED).await;
            assert_eq!(checked, Ok(()), "{definition}");
        }
    }

    #[tokio::test]
    async fn what_could_leave_a_value_unopenable_is_refused_with_the_reason() {
        let database = Database::fresh(Server::V18);
        let mut connection = PgConnection::connect(&database.url()).await.unwrap();
        for (definition, reason) in [
            ("CREATE TABLE t (k text UNIQUE, v text)", reason::NULLABLE),
            (
                "CREATE TABLE t (k text NOT NULL, v text)",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k text NOT NULL, v text, UNIQUE (k, v))",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k text NOT NULL UNIQUE DEFERRABLE, v text)",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k text NOT NULL, v text); \
                 CREATE UNIQUE INDEX ON t (k) WHERE v IS NULL",
                reason::NOT_UNIQUE,
            ),
            (
                "CREATE TABLE t (k float8 PRIMARY KEY, v text)",
                reason::KEY_TYPE,
            ),
            (
                "CREATE TABLE t (k text PRIMARY KEY, v varchar(40))",
                reason::TOO_NARROW,
            ),
            (
                "CREATE TABLE t (k text PRIMARY KEY, v bytea)",
                reason::NOT_TEXT,
            ),
            (
                "CREATE TABLE t (k text PRIMARY KEY, w text, \
                 v text GENERATED ALWAYS AS (w) STORED)",
                reason::GENERATED,
            ),
            ("CREATE TABLE t (k text PRIMARY KEY)", "has no column v"),
            ("SELECT 1", "has no table t"),
            (
                "CREATE VIEW t AS SELECT 'a' AS k, 'b' AS v",
                "no ordinary table",
            ),
        ] {
            let error = checked(&mut connection, definition, DECLARED).await;
            let error = error.unwrap_err();
            assert!(error.contains(reason), "{definition}: {error}");
            connection_clean(&mut connection).await;
        }
        let hash = "key_column = \"k\"\nhash = [\"v\"]";
        let definition = "CREATE TABLE t (k text PRIMARY KEY, v varchar(64))";
        assert_eq!(checked(&mut connection, definition, hash).await, Ok(()));
    }

    async fn connection_clean(connection: &mut PgConnection) {
        const NO_VIEW: &str = "DO $$ BEGIN \
            IF (SELECT relkind = 'v' FROM pg_class WHERE oid = to_regclass('t')) THEN \
            DROP VIEW t; END IF; END $$";
        sqlx::raw_sql(NO_VIEW).execute(connection).await.unwrap();
    }
}
