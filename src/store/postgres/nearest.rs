//! Search by the index of nearest vectors.
//!
//! The query is written so that the planner can match it to the index of its number of components:
//! the cast and the condition on `vector_dim` are those of the index. What comes back are
//! candidates; whoever asked compares them again, exactly.

use super::connect::PostgresStore;
use super::vectors;
use crate::domain::embedding::VectorRow;
use crate::domain::ids::ProjectId;
use crate::store::StoreResult;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use std::fmt::Write as _;

/// Candidates that the index keeps in view, as a multiple of those asked for: the more, the fewer
/// of the nearest are missed.
const VIEW: u32 = 8;
/// The least of them.
const LEAST_VIEW: u32 = 240;
/// The most, pgvector's own limit.
const MOST_VIEW: u32 = 1_000;
/// Rows of all projects that one search may look at before it gives up and returns what it has.
const MOST_SCANNED: u32 = 40_000;

impl PostgresStore {
    pub(super) async fn nearest(
        &self,
        project: ProjectId,
        vector_dim: u32,
        vector_half: &[u8],
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        let begin = begin_sql(limit, self.features().iterative_scan);
        let snapshot = async { Ok(self.pool().begin_with(AssertSqlSafe(begin)).await?) };
        let mut snapshot = self.presence().unless_away(snapshot).await?;
        let found = candidates(&mut snapshot, project, vector_dim, vector_half, limit).await?;
        snapshot.commit().await?;
        Ok(found)
    }
}

async fn candidates(
    connection: &mut PgConnection,
    project: ProjectId,
    vector_dim: u32,
    vector_half: &[u8],
    limit: u32,
) -> StoreResult<Vec<VectorRow>> {
    sqlx::query(AssertSqlSafe(nearest_sql(vector_dim)))
        .bind(project.0)
        .bind(vectors::half_vector(vector_dim, vector_half)?)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| super::embeddings::vector(row, 0))
        .collect()
}

/// Holds no value of anybody's, only a number of components.
pub(super) fn nearest_sql(vector_dim: u32) -> String {
    format!(
        "SELECT e.embedding_id, e.text_id, e.vector_dim, e.vector, e.data_revision \
         FROM embeddings AS e WHERE e.project_id = $1 AND e.vector_dim = {vector_dim} \
         ORDER BY e.vector::halfvec({vector_dim}) <=> $2 LIMIT $3"
    )
}

/// Begins a transaction whose only statement is the search: how wide to look, that the plan is made
/// for the values given rather than for any, and that rows are not sorted where an index has them
/// in order: whether an index is worth it was decided before. Holds only numbers.
fn begin_sql(limit: u32, iterative_scan: bool) -> String {
    let view = limit.saturating_mul(VIEW).clamp(LEAST_VIEW, MOST_VIEW);
    let mut sql = format!(
        "BEGIN READ ONLY; SET LOCAL hnsw.ef_search = {view}; \
         SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_sort = off"
    );
    if iterative_scan {
        // Writing to a string cannot fail.
        let _infallible = write!(
            sql,
            "; SET LOCAL hnsw.iterative_scan = relaxed_order; \
             SET LOCAL hnsw.max_scan_tuples = {MOST_SCANNED}"
        );
    }
    sql
}

#[cfg(test)]
mod tests;
