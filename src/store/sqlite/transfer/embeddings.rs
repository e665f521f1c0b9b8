//! Writes embeddings in statements of many rows, and tells the processes that serve them: the
//! revisions of a project grow with every batch that changes it.

use super::super::{keys, messages, policy};
use crate::domain::project::ContentPolicy;
use crate::domain::record::EmbeddingRecord;
use crate::store::StoreResult;
use crate::store::driver;
use crate::store::transfer::{Edit, EmbeddingEdits, SealedRow, Sealing};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::collections::{BTreeSet, HashMap};

/// Most rows of one statement.
const ROWS_PER_STATEMENT: usize = 100;

const BEGIN: &str = "BEGIN IMMEDIATE";

const PROJECTS_OF: &str = "\
    SELECT embedding_id, project_id FROM embeddings \
    WHERE embedding_id IN (SELECT value FROM json_each($1))";

const NEXT_REVISIONS: &str = "\
    UPDATE projects SET data_revision = data_revision + 1 \
    WHERE project_id IN (SELECT value FROM json_each($1)) \
    RETURNING project_id, data_revision, encrypt_text, encrypt_metadata";

const NOTE_REMOVALS: &str = "\
    UPDATE projects SET removal_revision = data_revision \
    WHERE project_id IN (SELECT value FROM json_each($1))";

const DELETE: &str = "\
    DELETE FROM embeddings WHERE embedding_id IN (SELECT value FROM json_each($1))";

const CLEAR: &str = "\
    DELETE FROM embeddings \
    WHERE project_id = $1 AND text_id = $2 AND instance_id = $3 AND embedding_id <> $4";

/// Applies a batch. Where a row holds the text id of an incoming one, the batch is applied again
/// after such rows were removed: nothing refers to an embedding, and a later edit brings it back.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    edits: &[Edit],
    sealing: &mut Sealing,
    now: Timestamp,
) -> StoreResult<()> {
    let edits = EmbeddingEdits::of(edits)?;
    match try_apply(connection, &edits, sealing, now, false).await {
        Err(error) if driver::is_unique_violation(&error) => {
            try_apply(connection, &edits, sealing, now, true).await
        }
        other => other,
    }
}

async fn try_apply(
    connection: &mut SqliteConnection,
    edits: &EmbeddingEdits<'_>,
    sealing: &mut Sealing,
    now: Timestamp,
    clear: bool,
) -> StoreResult<()> {
    let mut write = connection.begin_with(BEGIN).await?;
    let mut removed = removed_from(&mut write, edits).await?;
    if clear {
        for row in &edits.puts {
            let cleared = sqlx::query(CLEAR)
                .bind(row.project.0)
                .bind(&row.text_id)
                .bind(row.instance.0)
                .bind(row.id.0)
                .execute(&mut *write)
                .await?;
            if cleared.rows_affected() > 0 {
                removed.insert(row.project.0);
            }
        }
    }
    sqlx::query(DELETE)
        .bind(json(&edits.deletes))
        .execute(&mut *write)
        .await?;
    let mut touched = removed.clone();
    touched.extend(edits.puts.iter().map(|row| row.project.0));
    let (revisions, policies) = next_revisions(&mut write, &touched).await?;
    let (sealed, messages) = sealing.seal_content(&edits.puts, &policies)?;
    let rows = edits.puts.chunks(ROWS_PER_STATEMENT);
    for (rows, sealed) in rows.zip(sealed.chunks(ROWS_PER_STATEMENT)) {
        put(&mut write, rows, sealed, &revisions).await?;
    }
    sqlx::query(NOTE_REMOVALS)
        .bind(json(&removed))
        .execute(&mut *write)
        .await?;
    for key in sealing.fresh() {
        keys::insert(&mut write, key, now).await?;
    }
    for (key, count) in messages {
        messages::count(&mut write, &key, count).await?;
    }
    write.commit().await?;
    sealing.stored();
    Ok(())
}

/// The projects that lose rows: those that are deleted, and those that go to another project.
async fn removed_from(
    connection: &mut SqliteConnection,
    edits: &EmbeddingEdits<'_>,
) -> StoreResult<BTreeSet<i64>> {
    let stored = sqlx::query(PROJECTS_OF)
        .bind(json(edits.changed_ids()))
        .fetch_all(connection)
        .await?;
    let mut removed = BTreeSet::new();
    for row in stored {
        let (id, project) = (row.try_get(0)?, row.try_get(1)?);
        if edits.leaves(id, project) {
            removed.insert(project);
        }
    }
    Ok(removed)
}

/// The new revision of each project, and what of it is sealed.
async fn next_revisions(
    connection: &mut SqliteConnection,
    projects: &BTreeSet<i64>,
) -> StoreResult<(HashMap<i64, i64>, HashMap<i64, ContentPolicy>)> {
    let rows = sqlx::query(NEXT_REVISIONS)
        .bind(json(projects))
        .fetch_all(connection)
        .await?;
    let mut revisions = HashMap::new();
    let mut policies = HashMap::new();
    for row in &rows {
        let project = row.try_get(0)?;
        revisions.insert(project, row.try_get(1)?);
        policies.insert(project, policy::policy(row, 2)?);
    }
    Ok((revisions, policies))
}

async fn put(
    connection: &mut SqliteConnection,
    rows: &[&EmbeddingRecord],
    sealed: &[SealedRow<'_>],
    revisions: &HashMap<i64, i64>,
) -> StoreResult<()> {
    let mut query = sqlx::query(AssertSqlSafe(put_sql(rows.len())));
    for (row, sealed) in rows.iter().zip(sealed) {
        query = query
            .bind(row.id.0)
            .bind(row.project.0)
            .bind(row.instance.0)
            .bind(revisions.get(&row.project.0))
            .bind(row.created_at)
            .bind(row.updated_at)
            .bind(&row.text_id)
            .bind(row.vector_dim)
            .bind(row.vector_half.as_slice())
            .bind(sealed.text.as_deref())
            .bind(sealed.metadata.as_deref());
    }
    query.execute(connection).await?;
    Ok(())
}

/// Holds no value, only as many rows of placeholders as there are rows. The placeholders have no
/// numbers, whose names SQLite would look up in a list.
fn put_sql(rows: usize) -> String {
    const ROW: &str = "(?,?,?,?,?,?,?,?,?,?,?)";
    let values = vec![ROW; rows].join(",");
    format!(
        "INSERT INTO embeddings (embedding_id, project_id, instance_id, data_revision, \
         created_at, updated_at, text_id, vector_dim, vector, text, metadata) VALUES {values} \
         ON CONFLICT (embedding_id) DO UPDATE SET project_id = excluded.project_id, \
         instance_id = excluded.instance_id, data_revision = excluded.data_revision, \
         created_at = excluded.created_at, updated_at = excluded.updated_at, \
         text_id = excluded.text_id, vector_dim = excluded.vector_dim, \
         vector = excluded.vector, text = excluded.text, metadata = excluded.metadata"
    )
}

/// Ids as one value: a JSON array.
pub(super) fn json(ids: impl IntoIterator<Item = impl ToString>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}
