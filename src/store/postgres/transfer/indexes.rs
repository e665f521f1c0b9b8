//! The indexes of the nearest vectors around a load: building one over rows that are there takes a
//! fraction of the time that adding the rows to it takes, and several processors.

use super::super::vector_index::{Beside, MOST_INDEXED, create_sql};
use crate::store::StoreResult;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT 1 FROM embeddings)";

/// Numbers of components that the first migration makes an index for.
const USUAL: [i32; 5] = [384, 768, 1024, 1536, 3072];

/// The usual numbers and those of instances, without a valid index.
const MISSING: &str = "\
    SELECT wanted.dim FROM ( \
        SELECT unnest($1::int[]) \
        UNION SELECT dimensions FROM instances WHERE dimensions <= $2) AS wanted (dim) \
    WHERE NOT EXISTS ( \
        SELECT 1 FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid \
        WHERE x.indrelid = 'embeddings'::regclass AND x.indisvalid \
            AND c.relname = 'embeddings_nearest_' || wanted.dim) \
    ORDER BY wanted.dim";

const INDEXES: &str = "\
    SELECT indexname::text FROM pg_indexes \
    WHERE schemaname = 'embsec' AND tablename = 'embeddings' \
        AND indexname LIKE 'embeddings\\_nearest\\_%'";

/// A graph that does not fit into this is built many times slower. Nothing is lowered that the
/// operator has set higher.
const MEMORY: &str = "\
    SELECT set_config('maintenance_work_mem', greatest(\
        pg_size_bytes(current_setting('maintenance_work_mem')), $1) / 1024 || 'kB', false)";
const BUILD_BYTES: i64 = 512 << 20;

/// Takes the indexes away when there is no row in them. [`provide`] puts them back in this run or,
/// when this one is killed, in the next.
pub(super) async fn drop_if_empty(connection: &mut PgConnection) -> StoreResult<()> {
    let empty: bool = sqlx::query_scalar(IS_EMPTY)
        .fetch_one(&mut *connection)
        .await?;
    if !empty {
        return Ok(());
    }
    let names: Vec<String> = sqlx::query_scalar(INDEXES)
        .fetch_all(&mut *connection)
        .await?;
    for name in names {
        // A name of the catalogue, and one of our own.
        sqlx::query(AssertSqlSafe(format!("DROP INDEX embsec.\"{name}\"")))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Builds every index that should be there and is not: those of the first schema, and those for
/// the numbers of components that instances have.
pub(super) async fn provide(connection: &mut PgConnection) -> StoreResult<()> {
    let missing: Vec<i32> = sqlx::query_scalar(MISSING)
        .bind(USUAL)
        .bind(MOST_INDEXED)
        .fetch_all(&mut *connection)
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    sqlx::query(MEMORY)
        .bind(BUILD_BYTES)
        .execute(&mut *connection)
        .await?;
    for dim in missing {
        let mut write = connection.begin().await?;
        for sql in [drop_sql(dim), create_sql(Beside::Readers, dim)] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *write).await?;
        }
        write.commit().await?;
    }
    Ok(())
}

/// One that is there and does not serve was left behind by a build that was killed.
fn drop_sql(dim: i32) -> String {
    format!("DROP INDEX IF EXISTS embeddings_nearest_{dim}")
}
