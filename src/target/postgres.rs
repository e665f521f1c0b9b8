//! The rows of a PostgreSQL database that belongs to another program.

mod fit;
mod sql;

use super::cipher::Value;
use super::embapi;
use super::error::OpenResult;
use super::rows::{Check, Edit, Replaced, Row, Rows, RowsError, RowsResult};
use super::table::{Column, Form, RowKey, Table, value_name};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::StoreError;
use async_trait::async_trait;
use sql::{KeyKind, Statements};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::collections::HashMap;

/// A batch touches rows by their keys, however small the table still is or its statistics old. A
/// service that waits for these rows waits for one batch.
const PLAN_BY_KEY: &str = "\
    SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";

/// Nothing is written by a session that looks.
const READ_ONLY: &str = "SET default_transaction_read_only = on";

/// What is written is on the disk when the commit returns, whatever the server's default is.
const DURABLE: &str = "SET synchronous_commit = on";

/// A PostgreSQL database whose columns are to be protected.
pub struct PostgresRows {
    url: PostgresUrl,
    connection: PgConnection,
    /// What the keys of the tables are, looked up once.
    kinds: HashMap<String, KeyKind>,
}

impl PostgresRows {
    /// Connects to look at a database. The session cannot write.
    ///
    /// # Errors
    ///
    /// Any [`super::error::OpenError`].
    pub async fn open_to_read(url: &PostgresUrl) -> OpenResult<Self> {
        Self::open(url, READ_ONLY).await
    }

    /// Connects to write values.
    ///
    /// # Errors
    ///
    /// Any [`super::error::OpenError`].
    pub async fn open_to_write(url: &PostgresUrl) -> OpenResult<Self> {
        Self::open(url, DURABLE).await
    }

    async fn open(url: &PostgresUrl, setting: &'static str) -> OpenResult<Self> {
        let mut connection = embapi::connect(url).await?;
        connection.execute(setting).await?;
        Ok(Self {
            url: url.clone(),
            connection,
            kinds: HashMap::new(),
        })
    }

    fn statements(&self, table: &Table, column: &Column) -> RowsResult<Statements> {
        let kind = self.kinds.get(&table.to_string());
        let kind = kind.ok_or_else(|| RowsError::BadKey(table.to_string()))?;
        Ok(Statements::new(table, column, *kind))
    }
}

#[async_trait]
impl Rows for PostgresRows {
    async fn rough_count(&mut self, table: &Table) -> RowsResult<u64> {
        // The statistics are good enough for a bar, unless there are none yet.
        const COUNT: &str = "\
            SELECT CASE WHEN reltuples >= 1000 THEN reltuples::bigint END \
            FROM pg_class WHERE oid = to_regclass($1)";
        let known: Option<Option<i64>> = sqlx::query_scalar(COUNT)
            .bind(table.quoted())
            .fetch_optional(&mut self.connection)
            .await?;
        let count = match known.flatten() {
            Some(count) => count,
            None => {
                let sql = format!("SELECT count(*) FROM {}", table.quoted());
                sqlx::query_scalar(AssertSqlSafe(sql))
                    .fetch_one(&mut self.connection)
                    .await?
            }
        };
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn page(
        &mut self,
        table: &Table,
        column: &Column,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>> {
        let statements = self.statements(table, column)?;
        let query = match after {
            None => sqlx::query(AssertSqlSafe(statements.first_page())),
            Some(key) => sqlx::query(AssertSqlSafe(statements.page_after())).bind(key.to_string()),
        };
        let rows = query
            .bind(i64::from(limit))
            .fetch_all(&mut self.connection)
            .await?;
        rows.iter()
            .map(|row| taken(row, column, statements.kind))
            .collect()
    }

    async fn rows(
        &mut self,
        table: &Table,
        column: &Column,
        keys: &[RowKey],
    ) -> RowsResult<Vec<Row>> {
        let statements = self.statements(table, column)?;
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let rows = sqlx::query(AssertSqlSafe(statements.by_keys()))
            .bind(keys)
            .fetch_all(&mut self.connection)
            .await?;
        rows.iter()
            .map(|row| taken(row, column, statements.kind))
            .collect()
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
        let range = [first.key.to_string(), last.key.to_string()];
        let statements = self.statements(table, column)?;
        let mut transaction = self.connection.begin().await?;
        transaction.execute(PLAN_BY_KEY).await?;
        let keys: Vec<String> = edits.iter().map(|edit| edit.key.to_string()).collect();
        let query = sqlx::query_scalar(AssertSqlSafe(statements.replace())).bind(&keys);
        let query = match column.form {
            Form::EmbapiBlob => {
                let bytes = |value: fn(&Edit) -> &Value| -> Vec<&[u8]> {
                    edits.iter().map(value).map(Value::as_bytes).collect()
                };
                query
                    .bind(bytes(|edit| &edit.old))
                    .bind(bytes(|edit| &edit.new))
            }
            Form::LlmProxy | Form::Bound | Form::Digest => {
                let texts = |value: fn(&Edit) -> &Value| -> Vec<&str> {
                    let edits = edits.iter().map(value);
                    edits.map(|v| v.as_text().unwrap_or_default()).collect()
                };
                query
                    .bind(texts(|edit| &edit.old))
                    .bind(texts(|edit| &edit.new))
            }
        };
        let written: Vec<String> = query
            .bind(&range[0])
            .bind(&range[1])
            .fetch_all(&mut *transaction)
            .await?;
        let mut open: HashMap<&str, &Edit> = HashMap::with_capacity(edits.len());
        open.extend(keys.iter().map(String::as_str).zip(&edits));
        let mut awaited = HashMap::with_capacity(written.len());
        for key in &written {
            if let Some((key, edit)) = open.remove_entry(key.as_str()) {
                awaited.insert(key, edit);
            }
        }
        let read = sqlx::query(AssertSqlSafe(statements.range()))
            .bind(&range[0])
            .bind(&range[1])
            .fetch_all(&mut *transaction)
            .await?;
        for row in &read {
            let key: &str = row.try_get(0)?;
            if let Some(edit) = awaited.get(key)
                && let Some(now) = value_of(row, column)?
                && now == edit.new
                && check(edit, &now)
            {
                awaited.remove(key);
            }
        }
        if let Some(edit) = awaited.values().next() {
            let name = value_name(table, column, &edit.key);
            return Err(RowsError::NotAsWritten(name));
        }
        transaction.commit().await?;
        let unmatched = edits
            .iter()
            .zip(&keys)
            .filter(|(_, key)| open.contains_key(key.as_str()))
            .map(|(edit, _)| edit.key.clone());
        Ok(Replaced {
            replaced: written.len().try_into().unwrap_or_default(),
            unmatched: unmatched.collect(),
        })
    }
}

impl From<sqlx::Error> for RowsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::from(error))
    }
}

/// A row as a page has it: the text of its key, and the value.
fn taken(row: &PgRow, column: &Column, kind: KeyKind) -> RowsResult<Row> {
    let key: String = row.try_get(0)?;
    Ok(Row {
        key: kind.key(key),
        value: value_of(row, column)?,
    })
}

fn value_of(row: &PgRow, column: &Column) -> RowsResult<Option<Value>> {
    Ok(match column.form {
        Form::EmbapiBlob => row.try_get::<Option<Vec<u8>>, _>(1)?.map(Value::bytes),
        Form::LlmProxy | Form::Bound | Form::Digest => {
            row.try_get::<Option<String>, _>(1)?.map(Value::text)
        }
    })
}
