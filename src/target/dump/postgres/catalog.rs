//! What a database is made of, as its catalog says.

use super::error::{DumpError, ServerError, is_undefined_table};
use super::names::qualified;
use super::types::Types;
use crate::domain::backup::{Column, Extension, RowFormat, SequenceState, TableShape};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names in one statement at most.
const NAMES_AT_ONCE: usize = 100;

/// Which relations a backup is about: `$1` is the only schema, or nothing for all of them, `$2` are
/// names that are left out.
macro_rules! wanted {
    () => {
        "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
         AND ($1::text IS NULL OR n.nspname = $1) AND c.relname <> ALL ($2) \
         AND c.relpersistence <> 't' AND NOT EXISTS ( \
            SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass \
                AND d.objid = c.oid AND d.deptype = 'e') "
    };
}

/// Parents of partitions and foreign tables hold no rows of their own.
const TABLES: &str = concat!(
    "SELECT c.oid::bigint, n.nspname::text, c.relname::text, \
        coalesce(pg_table_size(c.oid), 0), c.reltuples::float8 \
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE c.relkind = 'r' AND ",
    wanted!(),
    "ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\""
);

const COLUMNS: &str = "\
    SELECT a.attrelid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod), \
        a.atttypid::bigint \
    FROM pg_attribute AS a \
    WHERE a.attrelid = ANY ($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped \
        AND a.attgenerated = '' \
    ORDER BY a.attrelid, a.attnum";

const SEQUENCES: &str = concat!(
    "SELECT n.nspname::text, c.relname::text \
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE c.relkind = 'S' AND ",
    wanted!(),
    "ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\""
);

const EXTENSIONS: &str = "\
    SELECT extname::text, extversion FROM pg_extension WHERE extname <> 'plpgsql' \
    ORDER BY extname::text COLLATE \"C\"";

const LARGE_OBJECTS: &str = "SELECT count(*) FROM pg_largeobject_metadata";

const MATERIALIZED: &str = concat!(
    "SELECT c.oid::bigint, n.nspname::text, c.relname::text \
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE c.relkind = 'm' AND c.relispopulated AND ",
    wanted!(),
    "ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\""
);

/// Which views read from which relations.
const VIEWS: &str = "\
    SELECT DISTINCT r.ev_class::bigint, d.refobjid::bigint \
    FROM pg_rewrite AS r JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass \
        AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass \
        AND d.refobjid <> r.ev_class \
    JOIN pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm') \
    ORDER BY 1, 2";

/// Which relations are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The only schema.
    pub(super) schema: Option<&'static str>,
    /// Names that are left out.
    pub(super) without: &'static [&'static str],
}

/// A table, and what is known of it here and now.
pub(super) struct Found {
    pub(super) number: i64,
    pub(super) shape: TableShape,
    /// About how many bytes it has on the disk of the server.
    pub(super) bytes: u64,
    /// About how many rows; nothing, when the server never counted.
    pub(super) rows: Option<f64>,
}

/// The tables in order of schema and name. They cannot be dropped or changed until the transaction
/// ends.
pub(super) async fn tables(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> Result<Vec<Found>, DumpError> {
    let types = Types::read(connection).await?;
    let rows = sqlx::query(TABLES)
        .bind(wanted.schema)
        .bind(wanted.without)
        .fetch_all(&mut *connection)
        .await?;
    let mut tables = Vec::with_capacity(rows.len());
    for row in &rows {
        let (bytes, counted): (i64, f64) = (row.try_get(3)?, row.try_get(4)?);
        tables.push(Found {
            number: row.try_get(0)?,
            shape: TableShape {
                schema: row.try_get(1)?,
                name: row.try_get(2)?,
                format: RowFormat::Binary,
                columns: Vec::new(),
            },
            bytes: u64::try_from(bytes).unwrap_or_default(),
            rows: (counted >= 0.0).then_some(counted),
        });
    }
    lock(connection, &tables).await?;
    columns(connection, &types, &mut tables).await?;
    Ok(tables)
}

async fn lock(connection: &mut PgConnection, tables: &[Found]) -> Result<(), DumpError> {
    for tables in tables.chunks(NAMES_AT_ONCE) {
        let names = tables
            .iter()
            .map(|table| format!("ONLY {}", qualified(&table.shape.schema, &table.shape.name)));
        let names: Vec<String> = names.collect();
        let sql = format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "));
        if let Err(error) = connection.execute(AssertSqlSafe(sql)).await {
            return Err(if is_undefined_table(&error) {
                DumpError::Changed
            } else {
                error.into()
            });
        }
    }
    Ok(())
}

async fn columns(
    connection: &mut PgConnection,
    types: &Types,
    tables: &mut [Found],
) -> Result<(), ServerError> {
    let numbers: Vec<i64> = tables.iter().map(|table| table.number).collect();
    let mut by_number: HashMap<i64, &mut TableShape> = tables
        .iter_mut()
        .map(|table| (table.number, &mut table.shape))
        .collect();
    let rows = sqlx::query(COLUMNS)
        .bind(numbers)
        .fetch_all(connection)
        .await?;
    for row in &rows {
        let Some(table) = by_number.get_mut(&row.try_get(0)?) else {
            continue;
        };
        let number: i64 = row.try_get(3)?;
        if !types.travels_in_binary(number) {
            table.format = RowFormat::Text;
        }
        table.columns.push(Column {
            name: row.try_get(1)?,
            type_name: row.try_get(2)?,
            float_width: types.float_width(number),
        });
    }
    Ok(())
}

/// How every sequence stands. Sequences are part of no snapshot: each is at least as far as the
/// rows that are read.
pub(super) async fn sequences(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> Result<Vec<SequenceState>, ServerError> {
    let names: Vec<(String, String)> = sqlx::query_as(SEQUENCES)
        .bind(wanted.schema)
        .bind(wanted.without)
        .fetch_all(&mut *connection)
        .await?;
    let mut states = Vec::with_capacity(names.len());
    for names in names.chunks(NAMES_AT_ONCE) {
        let each = names.iter().map(|(schema, name)| {
            format!(
                "SELECT last_value, is_called FROM {}",
                qualified(schema, name)
            )
        });
        let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
        let rows = sqlx::query_as::<_, (i64, bool)>(AssertSqlSafe(sql))
            .fetch_all(&mut *connection)
            .await?;
        for ((schema, name), (last_value, is_called)) in names.iter().zip(rows) {
            states.push(SequenceState {
                schema: schema.clone(),
                name: name.clone(),
                last_value,
                is_called,
            });
        }
    }
    Ok(states)
}

/// The extensions of the database; with `only`, none but that.
pub(super) async fn extensions(
    connection: &mut PgConnection,
    only: Option<&str>,
) -> Result<Vec<Extension>, ServerError> {
    let found: Vec<(String, String)> = sqlx::query_as(EXTENSIONS).fetch_all(connection).await?;
    let wanted = found
        .into_iter()
        .filter(|(name, _)| only.is_none_or(|only| only == name));
    Ok(wanted
        .map(|(name, version)| Extension { name, version })
        .collect())
}

/// Refuses what would be lost without a word.
pub(super) async fn refuse_large_objects(connection: &mut PgConnection) -> Result<(), DumpError> {
    match sqlx::query_scalar(LARGE_OBJECTS)
        .fetch_one(connection)
        .await?
    {
        0 => Ok(()),
        count => Err(DumpError::LargeObjects(count)),
    }
}

/// Materialized views that hold rows, each behind those that it reads from, in quotes.
pub(super) async fn materialized_views(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> Result<Vec<String>, ServerError> {
    let views: Vec<(i64, String, String)> = sqlx::query_as(MATERIALIZED)
        .bind(wanted.schema)
        .bind(wanted.without)
        .fetch_all(&mut *connection)
        .await?;
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let edges: Vec<(i64, i64)> = sqlx::query_as(VIEWS).fetch_all(connection).await?;
    let mut reads: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (view, from) in edges {
        reads.entry(view).or_default().push(from);
    }
    let mut names = BTreeMap::new();
    for (number, schema, name) in &views {
        names.insert(*number, qualified(schema, name));
    }
    let roots: Vec<i64> = views.iter().map(|(number, ..)| *number).collect();
    let ordered = behind_what_they_read(&roots, &reads);
    Ok(ordered
        .iter()
        .filter_map(|number| names.remove(number))
        .collect())
}

/// Everything that is reached from the roots, each behind what it reads.
fn behind_what_they_read(roots: &[i64], reads: &BTreeMap<i64, Vec<i64>>) -> Vec<i64> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    // What is to be looked into, and what comes out once that is done.
    let mut open: Vec<(i64, bool)> = roots.iter().rev().map(|root| (*root, false)).collect();
    while let Some((number, is_done)) = open.pop() {
        if is_done {
            ordered.push(number);
        } else if seen.insert(number) {
            open.push((number, true));
            let from = reads.get(&number).into_iter().flatten();
            open.extend(from.rev().map(|from| (*from, false)));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_comes_behind_those_that_it_reads_through_others() {
        // 1 reads 5 through the plain view 9; 5 reads 3.
        let reads = BTreeMap::from([(1, vec![9]), (9, vec![5]), (5, vec![3])]);
        let ordered = behind_what_they_read(&[1, 3, 5], &reads);
        assert_eq!(ordered, [3, 5, 9, 1]);
    }

    #[test]
    fn views_that_read_each_other_come_to_an_end() {
        let reads = BTreeMap::from([(1, vec![2]), (2, vec![1])]);
        assert_eq!(behind_what_they_read(&[1, 2], &reads), [2, 1]);
    }
}
