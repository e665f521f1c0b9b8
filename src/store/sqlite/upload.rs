//! Writes a batch of embeddings in statements of many rows. What becomes of the rows is decided in
//! `store::batch`.

use super::messages;
use crate::domain::audit::Change;
use crate::domain::embedding::{NewEmbedding, UploadTarget};
use crate::domain::project::ProjectContext;
use crate::store::batch::{Batch, Merged, Stored, require_unchanged};
use crate::store::{StoreResult, UploadBatch};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashMap;

/// Most rows of one statement, and the usual size of a batch. A statement per row would spend its
/// time on the way to the connection's thread and back. What is left of a batch goes in statements
/// whose numbers of rows are powers of two, so that few texts are prepared and kept.
const ROWS_PER_STATEMENT: usize = 100;

const NEXT_REVISION: &str = "\
    UPDATE projects SET data_revision = data_revision + 1 WHERE project_id = $1 \
    RETURNING data_revision";

/// Writes the batch; `None` when it is empty.
pub(super) async fn upload(
    connection: &mut SqliteConnection,
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
    let revision: i64 = sqlx::query_scalar(NEXT_REVISION)
        .bind(target.project_id.0)
        .fetch_one(&mut *connection)
        .await?;
    for rows in pieces(&batch.rows) {
        insert(connection, target, revision, now, rows).await?;
    }
    if let Some((key, sealed)) = &batch.messages {
        messages::count(connection, key, *sealed).await?;
    }
    Ok(Some(batch.change(project)))
}

/// The stored rows that the batch will replace, by text id.
async fn read_stored(
    connection: &mut SqliteConnection,
    target: UploadTarget,
    sent: &[NewEmbedding],
) -> StoreResult<HashMap<String, Stored>> {
    let mut stored = HashMap::new();
    for rows in pieces(sent) {
        let mut query = sqlx::query(AssertSqlSafe(select_sql(rows.len())))
            .bind(target.project_id.0)
            .bind(target.instance_id.0);
        for row in rows {
            query = query.bind(&row.text_id);
        }
        for row in query.fetch_all(&mut *connection).await? {
            let kept = Stored {
                text: row.try_get(1)?,
                metadata: row.try_get(2)?,
            };
            stored.insert(row.try_get(0)?, kept);
        }
    }
    Ok(stored)
}

async fn insert(
    connection: &mut SqliteConnection,
    target: UploadTarget,
    revision: i64,
    now: Timestamp,
    rows: &[Merged<'_>],
) -> StoreResult<()> {
    let mut query = sqlx::query(AssertSqlSafe(insert_sql(rows.len())));
    for merged in rows {
        query = query
            .bind(target.project_id.0)
            .bind(target.instance_id.0)
            .bind(revision)
            .bind(now.as_millisecond())
            .bind(now.as_millisecond())
            .bind(&merged.row.text_id)
            .bind(merged.row.vector_dim)
            .bind(merged.row.vector_half.as_slice())
            .bind(merged.text.as_deref())
            .bind(merged.metadata.as_deref());
    }
    query.execute(connection).await?;
    Ok(())
}

/// Holds no value, only as many placeholders as there are rows. They have no numbers: the driver
/// looks up the name of each that it binds, and SQLite keeps the names of numbered ones in a list
/// that it reads from the start.
fn select_sql(rows: usize) -> String {
    let text_ids = vec!["?"; rows].join(",");
    format!(
        "SELECT text_id, text, metadata FROM embeddings \
         WHERE project_id = ? AND instance_id = ? AND text_id IN ({text_ids})"
    )
}

/// Holds no value, only as many rows of placeholders as there are rows.
fn insert_sql(rows: usize) -> String {
    const ROW: &str = "(?,?,?,?,?,?,?,?,?,?)";
    let values = vec![ROW; rows].join(",");
    format!(
        "INSERT INTO embeddings (project_id, instance_id, data_revision, created_at, updated_at, \
         text_id, vector_dim, vector, text, metadata) VALUES {values} \
         ON CONFLICT (project_id, text_id, instance_id) DO UPDATE SET \
         data_revision = excluded.data_revision, updated_at = excluded.updated_at, \
         vector_dim = excluded.vector_dim, vector = excluded.vector, \
         text = excluded.text, metadata = excluded.metadata"
    )
}

/// Cuts a slice into pieces of [`ROWS_PER_STATEMENT`], and the rest into pieces whose lengths are
/// powers of two.
fn pieces<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let power = 1 << rest.len().checked_ilog2()?;
        let length = if rest.len() < ROWS_PER_STATEMENT {
            power
        } else {
            ROWS_PER_STATEMENT
        };
        let (piece, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_have_few_lengths_and_lose_nothing(length in 0_usize..1000) {
            let items: Vec<usize> = (0..length).collect();
            let pieces: Vec<&[usize]> = pieces(&items).collect();
            let lengths = pieces.iter().map(|piece| piece.len());
            prop_assert!(lengths.clone().all(|length| length <= ROWS_PER_STATEMENT));
            let mut uneven = lengths.filter(|length| !length.is_power_of_two());
            prop_assert!(uneven.all(|length| length == ROWS_PER_STATEMENT));
            prop_assert_eq!(pieces.concat(), items);
        }
    }
}
