//! The indexes of nearest vectors, one for each number of components that projects use.
//!
//! Those of the usual models come with the first schema, when the table is empty and they cost
//! nothing. Others are built beside running servers, without locking anybody out.

use super::connect;
use super::error::OpenError;
use crate::domain::postgres_url::PostgresUrl;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use std::time::Duration;

/// The most components of a vector that pgvector indexes in half precision.
pub(super) const MOST_INDEXED: i32 = 4_000;

/// Numbers of components that instances have and no valid index serves.
const MISSING: &str = "\
    SELECT DISTINCT i.dimensions FROM instances AS i \
    WHERE i.dimensions <= $1 AND NOT EXISTS ( \
        SELECT 1 FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid \
        WHERE x.indrelid = 'embeddings'::regclass AND x.indisvalid \
            AND c.relname = 'embeddings_nearest_' || i.dimensions) \
    ORDER BY i.dimensions";

/// The numbers of components for which there should be an index and is none.
///
/// # Errors
///
/// When the database cannot be reached or asked.
pub async fn missing(url: &PostgresUrl, timeout: Duration) -> Result<Vec<u32>, OpenError> {
    let mut connection = connect::connect(url, timeout).await?;
    let missing = look(&mut connection, url).await;
    drop(connection.close().await);
    missing
}

async fn look(connection: &mut PgConnection, url: &PostgresUrl) -> Result<Vec<u32>, OpenError> {
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let features = connect::features(connection, url).await?;
    connect::prepare(connection, &features, None)
        .await
        .map_err(driver)?;
    let missing: Vec<i32> = sqlx::query_scalar(MISSING)
        .bind(MOST_INDEXED)
        .fetch_all(connection)
        .await
        .map_err(driver)?;
    Ok(missing
        .into_iter()
        .filter_map(|dim| u32::try_from(dim).ok())
        .collect())
}

/// Builds the index for this number of components, beside whoever reads and writes. What an
/// attempt that was killed left behind is taken away first.
///
/// # Errors
///
/// When the database cannot be reached, or refuses.
pub async fn build(url: &PostgresUrl, timeout: Duration, dim: u32) -> Result<(), OpenError> {
    let mut connection = connect::connect(url, timeout).await?;
    let built = build_on(&mut connection, url, dim).await;
    drop(connection.close().await);
    built
}

async fn build_on(
    connection: &mut PgConnection,
    url: &PostgresUrl,
    dim: u32,
) -> Result<(), OpenError> {
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let features = connect::features(connection, url).await?;
    connect::prepare(connection, &features, None)
        .await
        .map_err(driver)?;
    for sql in [
        format!("DROP INDEX CONCURRENTLY IF EXISTS embeddings_nearest_{dim}"),
        create_sql(Beside::Everybody, dim),
    ] {
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .map_err(driver)?;
    }
    Ok(())
}

/// Whom the build of an index leaves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Everybody, for the price of reading the table twice.
    Everybody,
    /// Who reads.
    Readers,
}

/// As the migrations have it for the usual numbers. Holds only a number.
pub(super) fn create_sql(beside: Beside, dim: impl std::fmt::Display) -> String {
    let concurrently = match beside {
        Beside::Everybody => "CONCURRENTLY ",
        Beside::Readers => "",
    };
    format!(
        "CREATE INDEX {concurrently}embeddings_nearest_{dim} ON embeddings \
         USING hnsw ((vector::halfvec({dim})) halfvec_cosine_ops) \
         WITH (m = 16, ef_construction = 200) WHERE vector_dim = {dim}"
    )
}
