//! Writes a batch of embeddings in one statement. What becomes of the rows is decided in
//! `store::batch`.

use super::{messages, vectors};
use crate::domain::audit::Change;
use crate::domain::embedding::{NewEmbedding, UploadTarget};
use crate::domain::project::ProjectContext;
use crate::store::batch::{Batch, Merged, Stored, require_unchanged};
use crate::store::driver::Malformed;
use crate::store::{StoreResult, UploadBatch};
use jiff::Timestamp;
use pgvector::HalfVector;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use std::collections::HashMap;

/// Each row is looked up by itself, by its text id. Asked for all at once, or by the instance, a
/// server that has not yet counted the rows of a growing project reads all of them instead.
pub(super) const STORED: &str = "\
    SELECT e.text_id, e.text, e.metadata \
    FROM unnest($3::text[]) AS sent (text_id) CROSS JOIN LATERAL ( \
        SELECT e.text_id, e.text, e.metadata FROM embeddings AS e \
        WHERE e.project_id = $1 AND e.instance_id + 0 = $2 AND e.text_id = sent.text_id \
        LIMIT 1) AS e";

const NEXT_REVISION: &str = "\
    UPDATE projects SET data_revision = data_revision + 1 WHERE project_id = $1 \
    RETURNING data_revision";

const INSERT: &str = "\
    INSERT INTO embeddings (project_id, instance_id, data_revision, created_at, updated_at, \
        text_id, vector_dim, vector, text, metadata) \
    SELECT $1, $2, $3, $4, $4, r.text_id, r.vector_dim, r.vector, r.text, r.metadata \
    FROM unnest($5::text[], $6::int[], $7::halfvec[], $8::text[], $9::text[]) \
        AS r (text_id, vector_dim, vector, text, metadata) \
    ON CONFLICT (project_id, text_id, instance_id) DO UPDATE SET \
        data_revision = excluded.data_revision, updated_at = excluded.updated_at, \
        vector_dim = excluded.vector_dim, vector = excluded.vector, \
        text = excluded.text, metadata = excluded.metadata";

/// Writes the batch; `None` when it is empty. The transaction holds the lock of the project.
pub(super) async fn upload(
    connection: &mut PgConnection,
    project: &ProjectContext,
    target: UploadTarget,
    batch: UploadBatch<'_>,
    now: Timestamp,
) -> StoreResult<Option<Change>> {
    let UploadBatch {
        rows: sent,
        content,
    } = batch;
    require_unchanged(project, target)?;
    if sent.is_empty() {
        return Ok(None);
    }
    let stored = read_stored(connection, target, sent).await?;
    let batch = Batch::merge(sent, stored, target, content)?;
    let columns = Columns::of(&batch.rows)?;
    let revision: i64 = sqlx::query_scalar(NEXT_REVISION)
        .bind(target.project_id.0)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query(INSERT)
        .bind(target.project_id.0)
        .bind(target.instance_id.0)
        .bind(revision)
        .bind(now.as_millisecond())
        .bind(columns.text_ids)
        .bind(columns.vector_dims)
        .bind(columns.vectors)
        .bind(columns.texts)
        .bind(columns.metadata)
        .execute(&mut *connection)
        .await?;
    if let Some((key, sealed)) = &batch.messages {
        messages::count(connection, key, *sealed).await?;
    }
    Ok(Some(batch.change(project)))
}

/// The stored rows that the batch will replace, by text id.
async fn read_stored(
    connection: &mut PgConnection,
    target: UploadTarget,
    sent: &[NewEmbedding],
) -> StoreResult<HashMap<String, Stored>> {
    let text_ids: Vec<&str> = sent.iter().map(|row| row.text_id.as_str()).collect();
    let read = sqlx::query(STORED)
        .bind(target.project_id.0)
        .bind(target.instance_id.0)
        .bind(text_ids)
        .fetch_all(connection)
        .await?;
    let mut stored = HashMap::with_capacity(read.len());
    for row in &read {
        let kept = Stored {
            text: row.try_get(1)?,
            metadata: row.try_get(2)?,
        };
        stored.insert(row.try_get(0)?, kept);
    }
    Ok(stored)
}

/// The rows of a batch as the columns of one statement.
#[derive(Default)]
struct Columns<'b> {
    text_ids: Vec<&'b str>,
    vector_dims: Vec<i32>,
    vectors: Vec<HalfVector>,
    texts: Vec<Option<&'b str>>,
    metadata: Vec<Option<&'b str>>,
}

impl<'b> Columns<'b> {
    fn of(rows: &'b [Merged<'_>]) -> StoreResult<Self> {
        let mut columns = Self::default();
        for Merged {
            row,
            text,
            metadata,
        } in rows
        {
            let dim = i32::try_from(row.vector_dim).map_err(|_| Malformed("vector"))?;
            columns.text_ids.push(&row.text_id);
            columns.vector_dims.push(dim);
            columns
                .vectors
                .push(vectors::half_vector(row.vector_dim, &row.vector_half)?);
            columns.texts.push(text.as_deref());
            columns.metadata.push(metadata.as_deref());
        }
        Ok(columns)
    }
}
