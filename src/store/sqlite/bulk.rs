//! Many rows changed by one statement, each only where it still holds what was read.

use crate::domain::ids::ProjectId;
use crate::domain::rotation::{RowChange, SealedColumn};
use crate::store::StoreResult;
use crate::store::rotation::Rewrap;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

/// Most rows of one statement: each binds up to five values.
const ROWS_PER_STATEMENT: usize = 500;

/// Replaces the wrapping of data keys; returns of how many.
pub(super) async fn rewrap(
    connection: &mut SqliteConnection,
    rewraps: &[Rewrap],
) -> StoreResult<u64> {
    let mut changed = 0;
    for rewraps in rewraps.chunks(ROWS_PER_STATEMENT) {
        let mut query = sqlx::query(AssertSqlSafe(rewrap_sql(rewraps.len())));
        for Rewrap { old, new } in rewraps {
            query = query
                .bind(&old.id.0)
                .bind(&old.wrapped)
                .bind(&new.wrapped)
                .bind(&new.master_id.0);
        }
        changed += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

/// Replaces keys of providers; returns how many.
pub(super) async fn change_provider_keys(
    connection: &mut SqliteConnection,
    rows: &[RowChange],
) -> StoreResult<u64> {
    let mut changed = 0;
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = sqlx::query(AssertSqlSafe(provider_keys_sql(rows.len())));
        for row in rows {
            let (old, new) = row.of(SealedColumn::ApiKey).unzip();
            query = query.bind(row.row_id).bind(old).bind(new);
        }
        changed += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

/// Replaces texts and metadata of a project; returns of how many rows.
pub(super) async fn change_embeddings(
    connection: &mut SqliteConnection,
    project: ProjectId,
    rows: &[RowChange],
) -> StoreResult<u64> {
    let mut changed = 0;
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = sqlx::query(AssertSqlSafe(embeddings_sql(rows.len())));
        for row in rows {
            let (old_text, new_text) = row.of(SealedColumn::Text).unzip();
            let (old_metadata, new_metadata) = row.of(SealedColumn::Metadata).unzip();
            query = query
                .bind(row.row_id)
                .bind(old_text)
                .bind(new_text)
                .bind(old_metadata)
                .bind(new_metadata);
        }
        let query = query.bind(project.0);
        changed += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

/// Holds no value, only as many rows of placeholders as there are rows.
fn values(rows: usize, row: &str) -> String {
    vec![row; rows].join(",")
}

fn rewrap_sql(rows: usize) -> String {
    let values = values(rows, "(?,?,?,?)");
    format!(
        "WITH r (key_id, old, new, master_id) AS (VALUES {values}) \
         UPDATE data_keys SET wrapped = r.new, master_id = r.master_id FROM r \
         WHERE data_keys.key_id = r.key_id AND data_keys.wrapped = r.old"
    )
}

fn provider_keys_sql(rows: usize) -> String {
    let values = values(rows, "(?,?,?)");
    format!(
        "WITH r (row_id, old, new) AS (VALUES {values}) \
         UPDATE instances SET api_key = r.new FROM r \
         WHERE instances.instance_id = r.row_id AND instances.api_key = r.old"
    )
}

/// The sign keeps the index of a project's rows out of it: each row is looked up by its number.
fn embeddings_sql(rows: usize) -> String {
    let values = values(rows, "(?,?,?,?,?)");
    format!(
        "WITH r (row_id, old_text, new_text, old_metadata, new_metadata) AS (VALUES {values}) \
         UPDATE embeddings SET text = coalesce(r.new_text, text), \
             metadata = coalesce(r.new_metadata, metadata) FROM r \
         WHERE embeddings.embedding_id = r.row_id \
             AND (r.old_text IS NULL OR embeddings.text = r.old_text) \
             AND (r.old_metadata IS NULL OR embeddings.metadata = r.old_metadata) \
             AND +embeddings.project_id = ?"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{SqliteOptions, SqliteStore};
    use sqlx::Row as _;

    /// Whatever else the rows of a statement cost, none of them may read a whole table.
    #[tokio::test]
    async fn rows_are_changed_by_their_numbers_and_ids() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            create: true,
            ..SqliteOptions::default()
        };
        let store = SqliteStore::open(&folder.path().join("embsec.db"), options)
            .await
            .unwrap();
        let mut reader = store.reader().await.unwrap();
        for (sql, table) in [
            (rewrap_sql(3), "data_keys"),
            (provider_keys_sql(3), "instances"),
            (embeddings_sql(3), "embeddings"),
        ] {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(&mut *reader)
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get(3)).collect();
            let searched = format!("SEARCH {table} USING ");
            assert!(
                steps
                    .iter()
                    .any(|step| step.starts_with(&searched) && step.contains("PRIMARY KEY"))
                    && !steps
                        .iter()
                        .any(|step| step.starts_with(&format!("SCAN {table}"))),
                "{steps:?}"
            );
        }
    }
}
