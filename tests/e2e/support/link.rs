//! A connection to a database of either engine, beside whoever else uses it.

use rusqlite::{Connection, params_from_iter};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What a database consists of but for its rows: a line for each thing.
const SCHEMA_OF_A_FILE: &str = "\
    SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master \
    WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
const SCHEMA_ON_A_SERVER: &str = "\
    SELECT concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable, \
      column_default) AS thing FROM information_schema.columns \
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') \
    UNION ALL SELECT indexdef FROM pg_indexes \
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY thing";

/// The connection.
pub(crate) enum Link {
    /// To a file of SQLite.
    File(Connection),
    /// To a server of PostgreSQL.
    Server(Runtime, PgConnection),
}

impl Link {
    /// To a file that is there.
    pub(crate) fn to_file(path: &Path) -> Self {
        assert!(path.exists(), "{}", path.display());
        let connection = Connection::open(path).unwrap();
        connection.busy_timeout(Duration::from_secs(120)).unwrap();
        Self::File(connection)
    }

    /// To the database of this URL.
    pub(crate) fn to_server(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(PgConnection::connect(url)).unwrap();
        Self::Server(runtime, connection)
    }

    /// The first column of every row, as text.
    pub(crate) fn texts(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::File(connection) => {
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Server(runtime, connection) => {
                let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(connection);
                runtime.block_on(query).unwrap()
            }
        }
    }

    /// Runs a statement.
    pub(crate) fn run(&mut self, sql: &str) {
        match self {
            Self::File(connection) => connection.execute_batch(sql).unwrap(),
            Self::Server(runtime, connection) => {
                let statement = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
                runtime.block_on(connection.execute(statement)).unwrap();
            }
        }
    }

    /// Sets texts of rows of `(table, condition)`, all of them in one transaction: the first text
    /// of each is the row's key. Every row must be there.
    pub(crate) fn set(
        &mut self,
        (table, condition): (&str, &str),
        key: &str,
        columns: &[&str],
        rows: &[Vec<String>],
    ) {
        match self {
            Self::File(connection) => {
                let set: Vec<String> = (2..)
                    .zip(columns)
                    .map(|(n, name)| format!("{name} = ?{n}"))
                    .collect();
                let set = set.join(", ");
                let sql = format!("UPDATE {table} SET {set} WHERE {key} = ?1 AND {condition}");
                let transaction = connection.transaction().unwrap();
                for row in rows {
                    let count = transaction.execute(&sql, params_from_iter(row)).unwrap();
                    assert_eq!(count, 1, "{row:?}");
                }
                transaction.commit().unwrap();
            }
            Self::Server(runtime, connection) => {
                let set: Vec<String> = (2..)
                    .zip(columns)
                    .map(|(n, name)| format!("{name} = v.c{n}"))
                    .collect();
                let numbers = 1..columns.len() + 2;
                let names: Vec<String> = numbers.clone().map(|n| format!("c{n}")).collect();
                let arrays: Vec<String> = numbers.map(|n| format!("${n}::text[]")).collect();
                let sql = format!(
                    "UPDATE {table} AS t SET {} FROM unnest({}) AS v({}) WHERE t.{key} = v.c1 AND {condition}",
                    set.join(", "),
                    arrays.join(", "),
                    names.join(", ")
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for column in 0..=columns.len() {
                    let texts: Vec<String> = rows.iter().map(|row| row[column].clone()).collect();
                    query = query.bind(texts);
                }
                let done = runtime.block_on(connection.execute(query)).unwrap();
                assert_eq!(done.rows_affected(), u64::try_from(rows.len()).unwrap());
            }
        }
    }

    /// What the database consists of but for its rows.
    pub(crate) fn schema(&mut self) -> Vec<String> {
        let sql = match self {
            Self::File(_) => SCHEMA_OF_A_FILE,
            Self::Server(..) => SCHEMA_ON_A_SERVER,
        };
        self.texts(sql)
    }
}
