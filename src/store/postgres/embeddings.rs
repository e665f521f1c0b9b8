//! Embeddings: reading and deleting. Writing a batch is in `upload`.

use super::connect::PostgresStore;
use super::scope::{bind_scope, project_readable};
use super::{projects, rows, upload};
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::audit::Action;
use crate::domain::embedding::{StoredEmbedding, StoredMetadata, UploadTarget, VectorRow};
use crate::domain::ids::{EmbeddingId, InstanceId, ProjectId};
use crate::domain::page::Page;
use crate::domain::project::ProjectContext;
use crate::store::bound;
use crate::store::change::change;
use crate::store::driver::Malformed;
use crate::store::{EmbeddingStore, Missing, StoreResult, UploadBatch, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use std::cmp::Reverse;

/// From the owner's handle to the rows of some text ids, within the scope.
///
/// Each text id is looked up by itself. Asked for together, a server that knows of many small
/// projects would read all rows of a large one instead; `OFFSET 0` keeps it from joining them.
macro_rules! one_of_project {
    () => {
        concat!(
            " FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
             CROSS JOIN unnest($5::text[]) AS sent (text_id) CROSS JOIN LATERAL ( \
                 SELECT * FROM embeddings AS e \
                 WHERE e.project_id = p.project_id AND e.text_id = sent.text_id OFFSET 0) AS e \
             JOIN instances AS i ON i.instance_id = e.instance_id \
             WHERE o.handle = $1 AND ",
            project_readable!()
        )
    };
}

/// The columns that [`embedding`] reads.
macro_rules! embedding_columns {
    () => {
        "e.text_id, e.project_id, i.handle, i.instance_id, e.vector_dim, e.vector, e.text, \
         e.metadata"
    };
}

/// The columns that [`vector`] reads.
macro_rules! vector_columns {
    () => {
        "e.embedding_id, e.text_id, e.vector_dim, e.vector, e.data_revision"
    };
}

/// The columns that [`Choice`] reads.
macro_rules! choice_columns {
    () => {
        "array_position($5, e.text_id), e.instance_id = p.instance_id, e.embedding_id, "
    };
}

pub(super) const ONE: &str = concat!(
    "SELECT ",
    choice_columns!(),
    embedding_columns!(),
    one_of_project!()
);

pub(super) const ONE_VECTOR: &str = concat!(
    "SELECT ",
    choice_columns!(),
    vector_columns!(),
    one_of_project!()
);

/// Where the columns proper of [`ONE`] and [`ONE_VECTOR`] begin.
const AFTER_CHOICE: usize = 3;

/// The project is looked up by itself, so that its rows can be read in the order of an index, no
/// further than to the end of the page.
pub(super) const LIST: &str = concat!(
    "SELECT ",
    embedding_columns!(),
    " FROM embeddings AS e JOIN instances AS i ON i.instance_id = e.instance_id \
     WHERE e.project_id = ( \
         SELECT p.project_id \
         FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
         WHERE o.handle = $1 AND ",
    project_readable!(),
    ") ORDER BY e.text_id, e.instance_id LIMIT $5 OFFSET $6"
);

pub(super) const SCAN: &str = concat!(
    "SELECT ",
    vector_columns!(),
    " FROM embeddings AS e WHERE e.project_id = $1 AND e.embedding_id > $2 \
     ORDER BY e.embedding_id LIMIT $3"
);

/// Written so that no index has the order: most often little has changed, and in the order of the
/// rows all that has not would be passed over one by one.
pub(super) const SINCE: &str = concat!(
    "SELECT ",
    vector_columns!(),
    " FROM embeddings AS e WHERE e.project_id = $1 AND e.data_revision > $2 \
     ORDER BY e.embedding_id + 0 LIMIT $3"
);

/// Steps over that many entries of an index, and looks whether there is another.
const HAS_MORE_THAN: &str = "\
    SELECT EXISTS (SELECT 1 FROM embeddings WHERE project_id = $1 LIMIT 1 OFFSET $2)";

pub(super) const METADATA: &str = "\
    SELECT e.embedding_id, e.instance_id, e.text_id, e.metadata \
    FROM unnest($2::bigint[]) WITH ORDINALITY AS wanted (id, place) \
    JOIN embeddings AS e ON e.embedding_id = wanted.id \
    WHERE e.project_id = $1 ORDER BY wanted.place";

pub(super) const DELETE_FIRST: &str = "\
    DELETE FROM embeddings WHERE project_id = $1 AND text_id = ( \
        SELECT e.text_id FROM embeddings AS e \
        WHERE e.project_id = $1 AND e.text_id = ANY($2) \
        ORDER BY array_position($2, e.text_id) LIMIT 1) \
    RETURNING text_id";

const DELETE_ALL: &str = "DELETE FROM embeddings WHERE project_id = $1";

const REMOVED: &str = "\
    UPDATE projects SET data_revision = data_revision + 1, removal_revision = data_revision + 1 \
    WHERE project_id = $1";

#[async_trait]
impl EmbeddingStore for PostgresStore {
    async fn upload_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        target: UploadTarget,
        batch: UploadBatch<'_>,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write_rows().await?;
        let project = writable(write.connection(), path, scope).await?;
        let change = upload::upload(write.connection(), &project, target, batch, now).await?;
        write.finish(witness, change).await
    }

    async fn list_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        page: Page,
    ) -> StoreResult<Vec<StoredEmbedding>> {
        let mut reader = self.reader().await?;
        bind_scope(sqlx::query(LIST), path, scope)
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(|row| embedding(row, 0, path))
            .collect()
    }

    async fn embedding(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<StoredEmbedding>> {
        let row = self.first(ONE, path, scope, text_ids).await?;
        row.map(|row| embedding(&row, AFTER_CHOICE, path))
            .transpose()
    }

    async fn embedding_vector(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<VectorRow>> {
        let row = self.first(ONE_VECTOR, path, scope, text_ids).await?;
        row.map(|row| vector(&row, AFTER_CHOICE)).transpose()
    }

    async fn delete_embedding(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write_rows().await?;
        let project = writable(write.connection(), path, scope).await?;
        let (text_id, count) = delete_first(write.connection(), project.id, text_ids).await?;
        removed(write.connection(), project.id).await?;
        let change = change(
            Action::EmbeddingsDelete,
            Some(project.id),
            [
                ("owner", path.owner.as_str().into()),
                ("project_handle", path.handle.as_str().into()),
                ("text_id", text_id.into()),
                ("count", count.into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn delete_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        witness: &dyn Witness,
    ) -> StoreResult<u64> {
        let mut write = self.write_rows().await?;
        let project = writable(write.connection(), path, scope).await?;
        let count = sqlx::query(DELETE_ALL)
            .bind(project.id.0)
            .execute(write.connection())
            .await?
            .rows_affected();
        if count == 0 {
            write.finish(witness, None).await?;
            return Ok(0);
        }
        removed(write.connection(), project.id).await?;
        let change = change(
            Action::EmbeddingsDelete,
            Some(project.id),
            [
                ("owner", path.owner.as_str().into()),
                ("project_handle", path.handle.as_str().into()),
                ("count", count.into()),
            ],
        );
        write.finish(witness, Some(change)).await?;
        Ok(count)
    }

    async fn scan_vectors(
        &self,
        project: ProjectId,
        after: EmbeddingId,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        self.vectors(SCAN, project, after.0, limit).await
    }

    async fn vectors_since(
        &self,
        project: ProjectId,
        revision: i64,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        self.vectors(SINCE, project, revision, limit).await
    }

    async fn nearest_by_index(
        &self,
        project: ProjectId,
        vector_dim: u32,
        vector_half: &[u8],
        limit: u32,
    ) -> StoreResult<Option<Vec<VectorRow>>> {
        let found = self
            .nearest(project, vector_dim, vector_half, limit)
            .await?;
        Ok(Some(found))
    }

    async fn has_more_embeddings_than(&self, project: ProjectId, rows: u32) -> StoreResult<bool> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar(HAS_MORE_THAN)
            .bind(project.0)
            .bind(i64::from(rows))
            .fetch_one(&mut *reader)
            .await?)
    }

    async fn metadata_of(
        &self,
        project: ProjectId,
        ids: &[EmbeddingId],
    ) -> StoreResult<Vec<StoredMetadata>> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut reader = self.reader().await?;
        sqlx::query(METADATA)
            .bind(project.0)
            .bind(ids)
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(stored_metadata)
            .collect()
    }
}

impl PostgresStore {
    /// The row of the first of these text ids that there is: of the project's present instance,
    /// else the newest. Nearly always there is one row, so choosing here is cheaper than having
    /// the database sort.
    async fn first(
        &self,
        sql: &'static str,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<PgRow>> {
        let wanted: Vec<&str> = bound::candidates(text_ids).map(String::as_str).collect();
        let mut reader = self.reader().await?;
        let rows = bind_scope(sqlx::query(sql), path, scope)
            .bind(wanted)
            .fetch_all(&mut *reader)
            .await?;
        let mut chosen: Option<(Choice, PgRow)> = None;
        for row in rows {
            let choice = Choice::read(&row)?;
            if chosen.as_ref().is_none_or(|(best, _)| choice > *best) {
                chosen = Some((choice, row));
            }
        }
        Ok(chosen.map(|(_, row)| row))
    }

    async fn vectors(
        &self,
        sql: &'static str,
        project: ProjectId,
        above: i64,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        let mut reader = self.reader().await?;
        sqlx::query(sql)
            .bind(project.0)
            .bind(above)
            .bind(i64::from(limit))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(|row| vector(row, 0))
            .collect()
    }
}

/// Which of several rows to take: the greatest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    place: Reverse<i32>,
    of_present_instance: bool,
    embedding_id: i64,
}

impl Choice {
    fn read(row: &PgRow) -> StoreResult<Self> {
        Ok(Self {
            place: Reverse(row.try_get(0)?),
            of_present_instance: row.try_get::<Option<bool>, _>(1)?.unwrap_or(false),
            embedding_id: row.try_get(2)?,
        })
    }
}

/// The project, if the scope allows to change its embeddings. Nobody else changes them until the
/// transaction ends, so that its revisions grow one by one.
async fn writable(
    connection: &mut PgConnection,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<ProjectContext> {
    let project = projects::context_to_change(connection, path, scope).await?;
    Ok(project.ok_or_else(|| Missing::Project(path.clone()))?)
}

async fn delete_first(
    connection: &mut PgConnection,
    project: ProjectId,
    text_ids: &[String],
) -> StoreResult<(String, u64)> {
    let wanted: Vec<&str> = bound::candidates(text_ids).map(String::as_str).collect();
    let deleted: Vec<String> = sqlx::query_scalar(DELETE_FIRST)
        .bind(project.0)
        .bind(wanted)
        .fetch_all(connection)
        .await?;
    let count = u64::try_from(deleted.len()).map_err(|_| Malformed("count"))?;
    match deleted.into_iter().next() {
        Some(text_id) => Ok((text_id, count)),
        None => {
            let asked = text_ids.last().cloned().unwrap_or_default();
            Err(Missing::Embedding(asked).into())
        }
    }
}

async fn removed(connection: &mut PgConnection, project: ProjectId) -> StoreResult<()> {
    sqlx::query(REMOVED)
        .bind(project.0)
        .execute(connection)
        .await?;
    Ok(())
}

fn stored_metadata(row: &PgRow) -> StoreResult<StoredMetadata> {
    Ok(StoredMetadata {
        id: EmbeddingId(row.try_get(0)?),
        instance_id: InstanceId(row.try_get(1)?),
        text_id: row.try_get(2)?,
        metadata: row.try_get(3)?,
    })
}

fn embedding(row: &PgRow, column: usize, path: &ObjectPath) -> StoreResult<StoredEmbedding> {
    Ok(StoredEmbedding {
        text_id: row.try_get(column)?,
        owner: path.owner.clone(),
        project_handle: path.handle.clone(),
        project_id: ProjectId(row.try_get(column + 1)?),
        instance_handle: rows::handle(row, column + 2)?,
        instance_id: InstanceId(row.try_get(column + 3)?),
        vector_dim: rows::number(row, column + 4)?,
        vector_half: rows::vector_half(row, column + 5)?,
        text: row.try_get(column + 6)?,
        metadata: row.try_get(column + 7)?,
    })
}

pub(super) fn vector(row: &PgRow, column: usize) -> StoreResult<VectorRow> {
    Ok(VectorRow {
        id: EmbeddingId(row.try_get(column)?),
        text_id: row.try_get(column + 1)?,
        vector_dim: rows::number(row, column + 2)?,
        vector_half: rows::vector_half(row, column + 3)?,
        data_revision: row.try_get(column + 4)?,
    })
}
