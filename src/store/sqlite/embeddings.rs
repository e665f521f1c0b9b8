//! Embeddings: reading and deleting. Writing a batch is in `upload`.

use super::connect::SqliteStore;
use super::scope::{bind_scope, project_readable};
use super::{point, projects, rows, upload};
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::audit::Action;
use crate::domain::embedding::{StoredEmbedding, StoredMetadata, UploadTarget, VectorRow};
use crate::domain::ids::{EmbeddingId, InstanceId, ProjectId};
use crate::domain::page::Page;
use crate::domain::project::ProjectContext;
use crate::store::bound;
use crate::store::change::change;
use crate::store::{EmbeddingStore, Missing, StoreResult, UploadBatch, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Row;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// From the owner's handle to the rows of one text id, within the scope.
macro_rules! one_of_project {
    () => {
        concat!(
            " FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
             JOIN embeddings AS e ON e.project_id = p.project_id AND e.text_id = $5 \
             JOIN instances AS i ON i.instance_id = e.instance_id \
             WHERE o.handle = $1 AND ",
            project_readable!()
        )
    };
}

/// The columns that [`embedding`] reads.
macro_rules! embedding_columns {
    () => {
        "e.text_id, p.project_id, i.handle, i.instance_id, e.vector_dim, e.vector, e.text, \
         e.metadata"
    };
}

/// The columns that [`vector`] reads.
macro_rules! vector_columns {
    () => {
        "e.embedding_id, e.text_id, e.vector_dim, e.vector, e.data_revision"
    };
}

/// The first two columns tell which row to take when several instances made one. Nearly always
/// there is one row, so choosing here is cheaper than having the database sort.
pub(super) const ONE: &str = concat!(
    "SELECT e.instance_id = p.instance_id, e.embedding_id, ",
    embedding_columns!(),
    one_of_project!()
);

pub(super) const ONE_VECTOR: &str = concat!(
    "SELECT e.instance_id = p.instance_id, e.embedding_id, ",
    vector_columns!(),
    one_of_project!()
);

/// Where the columns proper of [`ONE`] and [`ONE_VECTOR`] begin.
const AFTER_CHOICE: usize = 2;

pub(super) const LIST: &str = concat!(
    "SELECT ",
    embedding_columns!(),
    " FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
     JOIN embeddings AS e ON e.project_id = p.project_id \
     JOIN instances AS i ON i.instance_id = e.instance_id \
     WHERE o.handle = $1 AND ",
    project_readable!(),
    " ORDER BY e.text_id, e.instance_id LIMIT $5 OFFSET $6"
);

pub(super) const SCAN: &str = concat!(
    "SELECT ",
    vector_columns!(),
    " FROM embeddings AS e WHERE e.project_id = $1 AND e.embedding_id > $2 \
     ORDER BY e.embedding_id LIMIT $3"
);

pub(super) const SINCE: &str = concat!(
    "SELECT ",
    vector_columns!(),
    " FROM embeddings AS e WHERE e.project_id = $1 AND e.data_revision > $2 \
     ORDER BY e.embedding_id LIMIT $3"
);

/// Steps over that many entries of an index, and looks whether there is another.
const HAS_MORE_THAN: &str = "\
    SELECT EXISTS (SELECT 1 FROM embeddings WHERE project_id = $1 LIMIT 1 OFFSET $2)";

const METADATA: &str = "\
    SELECT e.embedding_id, e.instance_id, e.text_id, e.metadata \
    FROM json_each($2) AS wanted JOIN embeddings AS e ON e.embedding_id = wanted.value \
    WHERE e.project_id = $1 ORDER BY wanted.key";

const DELETE_ONE: &str = "DELETE FROM embeddings WHERE project_id = $1 AND text_id = $2";

const DELETE_ALL: &str = "DELETE FROM embeddings WHERE project_id = $1";

const REMOVED: &str = "\
    UPDATE projects SET data_revision = data_revision + 1, removal_revision = data_revision + 1 \
    WHERE project_id = $1";

#[async_trait]
impl EmbeddingStore for SqliteStore {
    async fn upload_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        target: UploadTarget,
        batch: UploadBatch<'_>,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
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
        let read = |row: &Row<'_>| embedding_directly(row, AFTER_CHOICE, path);
        self.first(ONE, path, scope, text_ids, read)
    }

    async fn embedding_vector(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<VectorRow>> {
        let read = |row: &Row<'_>| vector_directly(row, AFTER_CHOICE);
        self.first(ONE_VECTOR, path, scope, text_ids, read)
    }

    async fn delete_embedding(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
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
        let mut write = self.write().await?;
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

    /// This engine has no such index: what it is chosen for fits into memory.
    async fn nearest_by_index(
        &self,
        _project: ProjectId,
        _vector_dim: u32,
        _vector_half: &[u8],
        _limit: u32,
    ) -> StoreResult<Option<Vec<VectorRow>>> {
        Ok(None)
    }

    async fn has_more_embeddings_than(&self, project: ProjectId, rows: u32) -> StoreResult<bool> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar(HAS_MORE_THAN)
            .bind(project.0)
            .bind(rows)
            .fetch_one(&mut *reader)
            .await?)
    }

    async fn metadata_of(
        &self,
        project: ProjectId,
        ids: &[EmbeddingId],
    ) -> StoreResult<Vec<StoredMetadata>> {
        let ids: serde_json::Value = ids.iter().map(|id| id.0).collect();
        let mut reader = self.reader().await?;
        sqlx::query(METADATA)
            .bind(project.0)
            .bind(ids.to_string())
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(stored_metadata)
            .collect()
    }
}

impl SqliteStore {
    /// The row of the first of these text ids that there is: of the project's present instance,
    /// else the newest.
    fn first<T>(
        &self,
        sql: &'static str,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
        read: impl Fn(&Row<'_>) -> StoreResult<T>,
    ) -> StoreResult<Option<T>> {
        for text_id in bound::candidates(text_ids) {
            let mut chosen: Option<((bool, i64), T)> = None;
            let choose = |row: &Row<'_>| {
                let is_present = row.get::<_, Option<bool>>(0)?.unwrap_or(false);
                let rank = (is_present, row.get(1)?);
                if chosen.as_ref().is_none_or(|(best, _)| rank > *best) {
                    chosen = Some((rank, read(row)?));
                }
                Ok(())
            };
            point::with_scope(path, scope, text_id, |values| {
                self.point_readers().each(sql, values, choose)
            })?;
            if let Some((_, found)) = chosen {
                return Ok(Some(found));
            }
        }
        Ok(None)
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
            .bind(limit)
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(|row| vector(row, 0))
            .collect()
    }
}

/// The project, if the scope allows to change its embeddings.
async fn writable(
    connection: &mut SqliteConnection,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<ProjectContext> {
    let project = projects::context_to_change(connection, path, scope).await?;
    Ok(project.ok_or_else(|| Missing::Project(path.clone()))?)
}

async fn delete_first<'t>(
    connection: &mut SqliteConnection,
    project: ProjectId,
    text_ids: &'t [String],
) -> StoreResult<(&'t str, u64)> {
    for text_id in bound::candidates(text_ids) {
        let count = sqlx::query(DELETE_ONE)
            .bind(project.0)
            .bind(text_id)
            .execute(&mut *connection)
            .await?
            .rows_affected();
        if count > 0 {
            return Ok((text_id, count));
        }
    }
    let asked = text_ids.last().cloned().unwrap_or_default();
    Err(Missing::Embedding(asked).into())
}

async fn removed(connection: &mut SqliteConnection, project: ProjectId) -> StoreResult<()> {
    sqlx::query(REMOVED)
        .bind(project.0)
        .execute(connection)
        .await?;
    Ok(())
}

fn stored_metadata(row: &SqliteRow) -> StoreResult<StoredMetadata> {
    Ok(StoredMetadata {
        id: EmbeddingId(row.try_get(0)?),
        instance_id: InstanceId(row.try_get(1)?),
        text_id: row.try_get(2)?,
        metadata: row.try_get(3)?,
    })
}

fn embedding(row: &SqliteRow, column: usize, path: &ObjectPath) -> StoreResult<StoredEmbedding> {
    Ok(StoredEmbedding {
        text_id: row.try_get(column)?,
        owner: path.owner.clone(),
        project_handle: path.handle.clone(),
        project_id: ProjectId(row.try_get(column + 1)?),
        instance_handle: rows::handle(row, column + 2)?,
        instance_id: InstanceId(row.try_get(column + 3)?),
        vector_dim: rows::number(row, column + 4)?,
        vector_half: row.try_get(column + 5)?,
        text: row.try_get(column + 6)?,
        metadata: row.try_get(column + 7)?,
    })
}

/// As [`embedding`], without the driver in between.
fn embedding_directly(
    row: &Row<'_>,
    column: usize,
    path: &ObjectPath,
) -> StoreResult<StoredEmbedding> {
    Ok(StoredEmbedding {
        text_id: row.get(column)?,
        owner: path.owner.clone(),
        project_handle: path.handle.clone(),
        project_id: ProjectId(row.get(column + 1)?),
        instance_handle: point::handle(row, column + 2)?,
        instance_id: InstanceId(row.get(column + 3)?),
        vector_dim: row.get(column + 4)?,
        vector_half: row.get(column + 5)?,
        text: row.get(column + 6)?,
        metadata: row.get(column + 7)?,
    })
}

fn vector(row: &SqliteRow, column: usize) -> StoreResult<VectorRow> {
    Ok(VectorRow {
        id: EmbeddingId(row.try_get(column)?),
        text_id: row.try_get(column + 1)?,
        vector_dim: rows::number(row, column + 2)?,
        vector_half: row.try_get(column + 3)?,
        data_revision: row.try_get(column + 4)?,
    })
}

/// As [`vector`], without the driver in between.
fn vector_directly(row: &Row<'_>, column: usize) -> StoreResult<VectorRow> {
    Ok(VectorRow {
        id: EmbeddingId(row.get(column)?),
        text_id: row.get(column + 1)?,
        vector_dim: row.get(column + 2)?,
        vector_half: row.get(column + 3)?,
        data_revision: row.get(column + 4)?,
    })
}
