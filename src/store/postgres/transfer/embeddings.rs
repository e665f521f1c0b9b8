//! Writes embeddings in statements of many rows, and tells the processes that serve them: the
//! revisions of a project grow with every batch that changes it.

use super::super::{keys, messages, policy, vectors};
use crate::domain::project::ContentPolicy;
use crate::domain::record::EmbeddingRecord;
use crate::store::StoreResult;
use crate::store::driver::{self, Malformed};
use crate::store::transfer::{Edit, EmbeddingEdits, SealedRow, Sealing};
use jiff::Timestamp;
use pgvector::HalfVector;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use std::collections::{BTreeSet, HashMap};

const PROJECTS_OF: &str = "\
    SELECT embedding_id, project_id FROM embeddings \
    WHERE embedding_id = ANY($1)";

const NEXT_REVISIONS: &str = "\
    UPDATE projects SET data_revision = data_revision + 1 \
    WHERE project_id = ANY($1) \
    RETURNING project_id, data_revision, encrypt_text, encrypt_metadata";

const NOTE_REMOVALS: &str = "\
    UPDATE projects SET removal_revision = data_revision \
    WHERE project_id = ANY($1)";

const DELETE: &str = "DELETE FROM embeddings WHERE embedding_id = ANY($1)";

macro_rules! insert {
    () => {
        "INSERT INTO embeddings (embedding_id, project_id, instance_id, data_revision, \
            created_at, updated_at, text_id, vector_dim, vector, text, metadata) \
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], \
            $5::bigint[], $6::bigint[], $7::text[], $8::int[], $9::halfvec[], $10::text[], \
            $11::text[])"
    };
}

const INSERT: &str = insert!();

const PUT: &str = concat!(
    insert!(),
    " ON CONFLICT (embedding_id) DO UPDATE SET project_id = excluded.project_id, \
        instance_id = excluded.instance_id, data_revision = excluded.data_revision, \
        created_at = excluded.created_at, updated_at = excluded.updated_at, \
        text_id = excluded.text_id, vector_dim = excluded.vector_dim, \
        vector = excluded.vector, text = excluded.text, metadata = excluded.metadata"
);

const CLEAR: &str = "\
    DELETE FROM embeddings \
    WHERE project_id = $1 AND text_id = $2 AND instance_id = $3 AND embedding_id <> $4";

/// Applies a batch. Where a row holds the text id of an incoming one, the batch is applied again
/// after such rows were removed: nothing refers to an embedding, and a later edit brings it back.
pub(super) async fn apply(
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
    edits: &EmbeddingEdits<'_>,
    sealing: &mut Sealing,
    now: Timestamp,
    clear: bool,
) -> StoreResult<()> {
    let mut write = connection.begin().await?;
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
        .bind(&edits.deletes)
        .execute(&mut *write)
        .await?;
    let mut touched = removed.clone();
    touched.extend(edits.puts.iter().map(|row| row.project.0));
    let (revisions, policies) = next_revisions(&mut write, &touched).await?;
    let (sealed, messages) = sealing.seal_content(&edits.puts, &policies)?;
    put(&mut write, edits, &sealed, &revisions).await?;
    sqlx::query(NOTE_REMOVALS)
        .bind(ids(&removed))
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
    connection: &mut PgConnection,
    edits: &EmbeddingEdits<'_>,
) -> StoreResult<BTreeSet<i64>> {
    let stored = sqlx::query(PROJECTS_OF)
        .bind(edits.changed_ids())
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
    connection: &mut PgConnection,
    projects: &BTreeSet<i64>,
) -> StoreResult<(HashMap<i64, i64>, HashMap<i64, ContentPolicy>)> {
    let rows = sqlx::query(NEXT_REVISIONS)
        .bind(ids(projects))
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
    connection: &mut PgConnection,
    edits: &EmbeddingEdits<'_>,
    sealed: &[SealedRow<'_>],
    revisions: &HashMap<i64, i64>,
) -> StoreResult<()> {
    if edits.puts.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(&edits.puts, sealed, revisions)?;
    let sql = if edits.are_all_new() { INSERT } else { PUT };
    sqlx::query(sql)
        .bind(columns.ids)
        .bind(columns.projects)
        .bind(columns.instances)
        .bind(columns.revisions)
        .bind(columns.created_at)
        .bind(columns.updated_at)
        .bind(columns.text_ids)
        .bind(columns.vector_dims)
        .bind(columns.vectors)
        .bind(columns.texts)
        .bind(columns.metadata)
        .execute(connection)
        .await?;
    Ok(())
}

/// The rows of a batch as the columns of one statement.
#[derive(Default)]
struct Columns<'r> {
    ids: Vec<i64>,
    projects: Vec<i64>,
    instances: Vec<i64>,
    revisions: Vec<i64>,
    created_at: Vec<i64>,
    updated_at: Vec<i64>,
    text_ids: Vec<&'r str>,
    vector_dims: Vec<i32>,
    vectors: Vec<HalfVector>,
    texts: Vec<Option<&'r str>>,
    metadata: Vec<Option<&'r str>>,
}

impl<'r> Columns<'r> {
    fn of(
        rows: &[&'r EmbeddingRecord],
        sealed: &'r [SealedRow<'_>],
        revisions: &HashMap<i64, i64>,
    ) -> StoreResult<Self> {
        let mut columns = Self::default();
        for (row, sealed) in rows.iter().zip(sealed) {
            let revision = revisions.get(&row.project.0);
            columns.ids.push(row.id.0);
            columns.projects.push(row.project.0);
            columns.instances.push(row.instance.0);
            columns
                .revisions
                .push(*revision.ok_or(Malformed("project of an embedding"))?);
            columns.created_at.push(row.created_at);
            columns.updated_at.push(row.updated_at);
            columns.text_ids.push(&row.text_id);
            let dim = i32::try_from(row.vector_dim).map_err(|_| Malformed("vector"))?;
            columns.vector_dims.push(dim);
            columns
                .vectors
                .push(vectors::half_vector(row.vector_dim, &row.vector_half)?);
            columns.texts.push(sealed.text.as_deref());
            columns.metadata.push(sealed.metadata.as_deref());
        }
        Ok(columns)
    }
}

/// Ids as one value.
fn ids(ids: &BTreeSet<i64>) -> Vec<i64> {
    ids.iter().copied().collect()
}
