//! Whether a restored database holds together: its foreign keys.

use super::error::LoadError;
use crate::target::dump::postgres::{qualified, quoted};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

/// What the foreign keys of a database are found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKeys {
    /// How many were checked row by row.
    pub checked: u64,
    /// Those that rows break, by table and name.
    pub broken: Vec<String>,
    /// Those that the server does not vouch for, by table and name: `NOT VALID`.
    pub unvalidated: Vec<String>,
}

/// Foreign keys, with their columns in pairs and how those are compared. Those of partitions are
/// those of their parents; those of periods compare otherwise and are left to the server.
const FOREIGN_KEYS: &str = "\
    SELECT n.nspname::text, c.relname::text, k.conname::text, k.convalidated, \
        fn.nspname::text, f.relname::text, c.relkind = 'r', \
        (SELECT array_agg(a.attname::text ORDER BY u.place) \
            FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place) \
            JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number), \
        (SELECT array_agg(a.attname::text ORDER BY u.place) \
            FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place) \
            JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number), \
        (SELECT array_agg(quote_ident(opn.nspname) || '.' || o.oprname ORDER BY u.place) \
            FROM unnest(k.conpfeqop) WITH ORDINALITY AS u (number, place) \
            JOIN pg_operator AS o ON o.oid = u.number \
            JOIN pg_namespace AS opn ON opn.oid = o.oprnamespace) \
    FROM pg_constraint AS k \
    JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    JOIN pg_class AS f ON f.oid = k.confrelid JOIN pg_namespace AS fn ON fn.oid = f.relnamespace \
    WHERE k.contype = 'f' AND k.conparentid = 0 \
        AND NOT EXISTS (SELECT 1 FROM unnest(k.conpfeqop) AS u (number) \
            JOIN pg_operator AS o ON o.oid = u.number WHERE o.oprname <> '=') \
    ORDER BY 1, 2, 3";

type Row = (
    String,
    String,
    String,
    bool,
    String,
    String,
    bool,
    Vec<String>,
    Vec<String>,
    Vec<String>,
);

pub(super) async fn foreign_keys(connection: &mut PgConnection) -> Result<ForeignKeys, LoadError> {
    let rows: Vec<Row> = sqlx::query_as(FOREIGN_KEYS)
        .fetch_all(&mut *connection)
        .await?;
    let mut found = ForeignKeys::default();
    for row in &rows {
        let name = format!("{}.{} {}", row.0, row.1, row.2);
        let is_broken: bool = sqlx::query_scalar(AssertSqlSafe(broken_sql(row)))
            .fetch_one(&mut *connection)
            .await?;
        found.checked += 1;
        if is_broken && row.3 {
            found.broken.push(name.clone());
        }
        if !row.3 {
            found.unvalidated.push(name);
        }
    }
    Ok(found)
}

/// Whether any row names another that is not there.
fn broken_sql(row: &Row) -> String {
    let (schema, table, _, _, to_schema, to_table, is_plain, columns, to_columns, operators) = row;
    // Tables that inherit have foreign keys of their own, and partitions those of their parents.
    let only = if *is_plain { "ONLY " } else { "" };
    let all_set: Vec<String> = columns
        .iter()
        .map(|column| format!("f.{} IS NOT NULL", quoted(column)))
        .collect();
    let pairs = columns.iter().zip(to_columns).zip(operators);
    let equal: Vec<String> = pairs
        .map(|((column, to), operator)| {
            format!("p.{} OPERATOR({operator}) f.{}", quoted(to), quoted(column))
        })
        .collect();
    format!(
        "SELECT EXISTS (SELECT 1 FROM {only}{from} AS f WHERE {} \
         AND NOT EXISTS (SELECT 1 FROM {to} AS p WHERE {}))",
        all_set.join(" AND "),
        equal.join(" AND "),
        from = qualified(schema, table),
        to = qualified(to_schema, to_table),
    )
}
