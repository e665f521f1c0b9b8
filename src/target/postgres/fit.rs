//! Whether a database has the tables that are to be protected, in a shape that allows it.

use super::PostgresRows;
use super::sql::KeyKind;
use crate::target::declared::{self, UnfitError};
use crate::target::error::{OpenError, OpenResult};
use crate::target::table::Table;
use sqlx::postgres::PgConnection;

impl PostgresRows {
    /// Looks whether these tables can be protected, and learns what their keys are.
    ///
    /// # Errors
    ///
    /// [`OpenError::Empty`] or [`OpenError::Unfit`], or when the database cannot be asked.
    pub async fn require(&mut self, tables: &[Table]) -> OpenResult<()> {
        let database = self.url.place();
        if !has_tables(&mut self.connection).await? {
            return Err(OpenError::Empty(database));
        }
        for table in tables {
            match declared::postgres::check(&mut self.connection, table).await {
                Ok(()) => {}
                Err(UnfitError::Store(error)) => return Err(error.into()),
                Err(unfit) => {
                    let why = unfit.to_string();
                    return Err(OpenError::Unfit { database, why });
                }
            }
            if let Some(kind) = key_kind(&mut self.connection, table).await? {
                self.kinds.insert(table.to_string(), kind);
            }
        }
        Ok(())
    }

    /// Whether this table is there, wherever the search path finds it, with these columns.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn has_columns(&mut self, table: &str, columns: &[&str]) -> OpenResult<bool> {
        const COLUMNS: &str = "\
            SELECT count(*) FROM pg_attribute \
            WHERE attrelid = to_regclass(quote_ident($1)) AND attname = ANY($2) \
              AND NOT attisdropped";
        let found: i64 = sqlx::query_scalar(COLUMNS)
            .bind(table)
            .bind(columns)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(usize::try_from(found) == Ok(columns.len()))
    }
}

async fn has_tables(connection: &mut PgConnection) -> OpenResult<bool> {
    const TABLES: &str = "\
        SELECT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' \
          AND n.nspname NOT LIKE 'pg\\_%')";
    Ok(sqlx::query_scalar(TABLES).fetch_one(connection).await?)
}

/// What the keys of a table are.
async fn key_kind(connection: &mut PgConnection, table: &Table) -> OpenResult<Option<KeyKind>> {
    const TYPE: &str = "\
        SELECT t.typname::text FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid \
        WHERE a.attrelid = to_regclass($1) AND a.attname = $2";
    let name: Option<String> = sqlx::query_scalar(TYPE)
        .bind(table.quoted())
        .bind(table.key.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(name.and_then(|name| KeyKind::of_type(&name)))
}
