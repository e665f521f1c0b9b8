//! Searches that a restored database must answer as the first one did: the nearest rows of one row,
//! by comparing, without any index.

use super::catalog::Found;
use super::error::ServerError;
use super::names::{qualified, quoted};
use crate::domain::backup::RecordedSearch;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashMap;

/// How many rows are looked at.
const LOOKED_AT: u32 = 2_000;
/// How many of the nearest are told.
const NEAREST: u32 = 10;
/// How many tables are searched at most.
const MOST_SEARCHES: usize = 16;
/// Sorting by a key that no index has in this order is done up to so many rows.
const MOST_SORTED: f64 = 200_000.0;

/// Types of keys whose order is the same on every server: integers, `numeric`, `uuid`, `bytea`,
/// dates and times.
const ORDERED: [i64; 9] = [20, 21, 23, 26, 17, 1082, 1114, 1184, 2950];
/// Types of texts, whose order is a matter of their collation.
const TEXTS: [i64; 3] = [25, 1042, 1043];

const KEYS: &str = "\
    SELECT k.conrelid::bigint, a.attname::text, a.atttypid::bigint, \
        coalesce(c.collname IN ('C', 'POSIX') AND c.collnamespace = 'pg_catalog'::regnamespace, \
            false) \
    FROM pg_constraint AS k \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
    LEFT JOIN pg_collation AS c ON c.oid = a.attcollation \
    WHERE k.contype = 'p' AND cardinality(k.conkey) = 1 \
        AND k.conrelid = ANY ($1::bigint[]::oid[])";

const VECTOR_SCHEMA: &str = "\
    SELECT n.nspname::text FROM pg_extension AS e \
    JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";

const IS_TEXT: &str = "\
    SELECT a.attcollation <> 0 FROM pg_attribute AS a \
    JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3";

/// The nearest rows of one row of each table that has vectors and a key of one column.
pub(super) async fn record(
    connection: &mut PgConnection,
    tables: &[Found],
) -> Result<Vec<RecordedSearch>, ServerError> {
    let numbers: Vec<i64> = tables
        .iter()
        .filter(|table| vector_column(table).is_some())
        .map(|table| table.number)
        .collect();
    let rows = sqlx::query(KEYS)
        .bind(numbers)
        .fetch_all(&mut *connection)
        .await?;
    let mut keys: HashMap<i64, (String, i64, bool)> = HashMap::new();
    for row in &rows {
        let key = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        keys.insert(row.try_get(0)?, key);
    }
    let mut searches = Vec::new();
    for table in tables {
        let (Some(vector), Some((key, kind, is_plain))) =
            (vector_column(table), keys.remove(&table.number))
        else {
            continue;
        };
        let is_short = table.rows.is_some_and(|rows| rows <= MOST_SORTED);
        let sorts = TEXTS.contains(&kind) && (is_plain || is_short);
        if !(ORDERED.contains(&kind) || sorts) || searches.len() >= MOST_SEARCHES {
            continue;
        }
        let mut search = RecordedSearch {
            schema: table.shape.schema.clone(),
            table: table.shape.name.clone(),
            key_column: key,
            vector_column: vector.to_owned(),
            looked_at: 0,
            key: String::new(),
            nearest: Vec::new(),
        };
        if let Some(first) = first_key(connection, &search).await? {
            search.key = first;
            (search.looked_at, search.nearest) = nearest(connection, &search).await?;
            searches.push(search);
        }
    }
    Ok(searches)
}

fn vector_column(table: &Found) -> Option<&str> {
    let mut columns = table.shape.columns.iter();
    let column = columns.find(|column| column.float_width.is_some())?;
    Some(&column.name)
}

/// The first row with a vector among those that are looked at.
async fn first_key(
    connection: &mut PgConnection,
    search: &RecordedSearch,
) -> Result<Option<String>, ServerError> {
    let parts = Parts::of(connection, search).await?;
    let sql = format!(
        "SELECT s.key::text FROM (SELECT {key} AS key, {vector} AS vector FROM ONLY {table} \
            ORDER BY {order} LIMIT {LOOKED_AT}) AS s \
         WHERE s.vector IS NOT NULL ORDER BY s.key{collate} LIMIT 1",
        key = parts.key,
        vector = parts.vector,
        table = parts.table,
        order = parts.order(),
        collate = parts.collate,
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_optional(connection)
        .await?)
}

/// How many rows were looked at, and the nearest of a row among them. Rows of another number of
/// components are left out. Of embsec's own rows, those of one project and number of components
/// are looked at.
pub(in crate::target) async fn nearest(
    connection: &mut PgConnection,
    search: &RecordedSearch,
) -> Result<(u64, Vec<String>), ServerError> {
    const OWN: &str = "\
        WHERE (project_id, vector_dim) = (SELECT o.project_id, o.vector_dim \
            FROM embsec.embeddings AS o WHERE o.embedding_id = $1::bigint)";
    let parts = Parts::of(connection, search).await?;
    let is_own = (search.schema.as_str(), search.table.as_str()) == ("embsec", "embeddings");
    let sql = format!(
        "WITH looked AS MATERIALIZED ( \
            SELECT s.key::text AS key, s.vector, {extension}.vector_dims(s.vector) AS dims, \
                row_number() OVER (ORDER BY s.key{collate}) AS place \
            FROM (SELECT {key} AS key, {vector} AS vector FROM ONLY {table} {filter} \
                ORDER BY {order} LIMIT {LOOKED_AT}) AS s), \
         one AS MATERIALIZED (SELECT l.key, l.vector, l.dims FROM looked AS l WHERE l.key = $1) \
         SELECT (SELECT count(*) FROM looked), ARRAY( \
            SELECT l.key FROM looked AS l CROSS JOIN one AS o \
            WHERE l.key <> o.key AND l.dims = o.dims \
            ORDER BY CASE WHEN l.dims = o.dims \
                THEN l.vector OPERATOR({extension}.<=>) o.vector END, l.place \
            LIMIT {NEAREST})",
        extension = parts.extension,
        collate = parts.collate,
        key = parts.key,
        vector = parts.vector,
        table = parts.table,
        filter = if is_own { OWN } else { "" },
        order = parts.order(),
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(&search.key)
        .fetch_one(connection)
        .await?;
    let looked_at: i64 = row.try_get(0)?;
    Ok((
        u64::try_from(looked_at).unwrap_or_default(),
        row.try_get(1)?,
    ))
}

/// Names of a search, in quotes.
struct Parts {
    table: String,
    key: String,
    vector: String,
    extension: String,
    /// Texts are in the order of their bytes, which is the same on every server.
    collate: &'static str,
}

impl Parts {
    async fn of(
        connection: &mut PgConnection,
        search: &RecordedSearch,
    ) -> Result<Self, ServerError> {
        let extension: String = sqlx::query_scalar(VECTOR_SCHEMA)
            .fetch_one(&mut *connection)
            .await?;
        let is_text: bool = sqlx::query_scalar(IS_TEXT)
            .bind(&search.schema)
            .bind(&search.table)
            .bind(&search.key_column)
            .fetch_one(connection)
            .await?;
        Ok(Self {
            table: qualified(&search.schema, &search.table),
            key: quoted(&search.key_column),
            vector: quoted(&search.vector_column),
            extension: quoted(&extension),
            collate: if is_text { " COLLATE \"C\"" } else { "" },
        })
    }

    fn order(&self) -> String {
        format!("{}{}", self.key, self.collate)
    }
}
