//! Similarity search. Whatever is returned was compared by the reference of `vector`, in process;
//! in large projects the store's index may say which rows are worth comparing.

use super::embeddings::{missing_embedding, no_instance};
use super::error::{AppError, AppResult};
use super::matrix::{SCAN_ROWS, Source, damaged};
use super::{App, Call, SearchMode};
use crate::domain::access::{Need, ObjectPath};
use crate::domain::embedding::{Metadata, VectorRow};
use crate::domain::ids::{EmbeddingId, ProjectId};
use crate::domain::project::ProjectContext;
use crate::store::Missing;
use crate::vector::{Block, HalfVector, Hit, TopK};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is asked of a search, beside the vector.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchQuery {
    /// Most results.
    pub limit: u32,
    /// Results to skip.
    pub offset: u64,
    /// Least similarity, -1 to 1.
    pub threshold: f64,
    /// Leaves out what has this metadata.
    pub without: Option<MetadataFilter>,
}

/// Leaves out rows whose top-level metadata key has this value, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFilter {
    /// The key, taken literally.
    pub key: String,
    /// The value; numbers and booleans compare by their text, outer blanks do not count.
    pub value: String,
}

impl MetadataFilter {
    /// Whether a row with this metadata is left out.
    #[must_use]
    pub fn leaves_out(&self, metadata: Option<&Metadata>) -> bool {
        let text = match metadata.and_then(|metadata| metadata.get(&self.key)) {
            None | Some(Value::Null) => return false,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        text.trim_matches(' ') == self.value.trim_matches(' ')
    }
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// The client's name of the text.
    pub text_id: String,
    /// Reference similarity, -1 to 1.
    pub similarity: f64,
}

/// Projects that were seen to be large, with the data revision at which rows were last removed:
/// until that changes, they only grow.
#[derive(Default)]
pub(crate) struct LargeProjects(Mutex<HashMap<ProjectId, i64>>);

impl LargeProjects {
    fn holds(&self, project: &ProjectContext) -> bool {
        self.lock().get(&project.id) == Some(&project.removal_revision)
    }

    fn note(&self, project: &ProjectContext) {
        let mut large = self.lock();
        if large.len() >= REMEMBERED_PROJECTS {
            large.clear();
        }
        large.insert(project.id, project.removal_revision);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ProjectId, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A search that knows its vector.
struct Search {
    vector: HalfVector,
    dim: u32,
    excluded: Option<EmbeddingId>,
}

/// Rows up to which looking at every vector is as quick as an index, and misses nothing.
const SMALL_PROJECT_ROWS: u32 = 10_000;

/// Large projects remembered at most; beyond it the memory is emptied.
const REMEMBERED_PROJECTS: usize = 10_000;

/// Most results that an index is asked for; beyond that a look at every vector is quicker.
const MOST_BY_INDEX: u32 = 500;

/// How many candidates more than results an index is asked for at least: itself, when a stored row
/// is searched for, and those that it does not put in the right order.
const MORE_CANDIDATES: u32 = 10;

/// How much wider each attempt is when a metadata filter left too little.
const WIDENING: usize = 4;

impl App {
    /// What is similar to a stored embedding, itself left out.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], [`Missing::Embedding`], nothing similar, or a database failure.
    pub async fn similar_to_embedding(
        &self,
        call: &Call,
        path: &ObjectPath,
        text_ids: &[String],
        query: &SearchQuery,
    ) -> AppResult<Vec<Similar>> {
        let project = self.searched_project(call, path).await?;
        let row = self
            .store
            .embedding_vector(path, call.scope(), text_ids)
            .await?;
        let row = row.ok_or_else(|| missing_embedding(text_ids))?;
        let search = Search {
            vector: HalfVector::from_le_bytes(&row.vector_half).map_err(damaged)?,
            dim: row.vector_dim,
            excluded: Some(row.id),
        };
        self.search(&project, search, query).await
    }

    /// What is similar to a vector.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], a project without an instance, another dimension than the
    /// instance's, a vector that is none, nothing similar, or a database failure.
    pub async fn similar_to_vector(
        &self,
        call: &Call,
        path: &ObjectPath,
        vector: &[f32],
        query: &SearchQuery,
    ) -> AppResult<Vec<Similar>> {
        let project = self.searched_project(call, path).await?;
        let instance = project.instance.as_ref().ok_or_else(no_instance)?;
        let dim = instance.dimensions.ok_or_else(|| {
            AppError::Invalid(format!(
                "LLM service instance '{}' has no dimensions",
                instance.handle
            ))
        })?;
        if u32::try_from(vector.len()).ok() != Some(dim) {
            return Err(AppError::Invalid(format!(
                "vector dimension mismatch: expected {dim} dimensions, got {}",
                vector.len()
            )));
        }
        let vector = HalfVector::from_f32(vector)
            .map_err(|error| AppError::field("body.vector", error.to_string()))?;
        self.search(
            &project,
            Search {
                vector,
                dim,
                excluded: None,
            },
            query,
        )
        .await
    }

    async fn searched_project(&self, call: &Call, path: &ObjectPath) -> AppResult<ProjectContext> {
        let project = self
            .store
            .project_context(path, call.scope(), Need::Read)
            .await?;
        project.ok_or_else(|| Missing::Project(path.clone()).into())
    }

    async fn search(
        &self,
        project: &ProjectContext,
        search: Search,
        query: &SearchQuery,
    ) -> AppResult<Vec<Similar>> {
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let wanted = offset.saturating_add(limit);
        let hits = match &query.without {
            None => {
                self.nearest(project, &search, wanted, query.threshold)
                    .await?
            }
            Some(filter) => {
                self.nearest_without(project, &search, wanted, query, filter)
                    .await?
            }
        };
        let found: Vec<Similar> = hits
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|hit| Similar {
                text_id: hit.text_id.into(),
                similarity: hit.similarity,
            })
            .collect();
        if found.is_empty() {
            return Err(AppError::Empty("no similar items found".to_owned()));
        }
        Ok(found)
    }

    /// Looks at ever more of the nearest rows until enough of them pass the filter.
    async fn nearest_without(
        &self,
        project: &ProjectContext,
        search: &Search,
        wanted: usize,
        query: &SearchQuery,
        filter: &MetadataFilter,
    ) -> AppResult<Vec<Hit>> {
        let mut considered = wanted.saturating_mul(WIDENING);
        loop {
            let mut hits = self
                .nearest(project, search, considered, query.threshold)
                .await?;
            let exhausted = hits.len() < considered;
            let left_out = self.left_out(project.id, &hits, filter).await?;
            hits.retain(|hit| !left_out.contains(&hit.id));
            if exhausted || hits.len() >= wanted {
                hits.truncate(wanted);
                return Ok(hits);
            }
            considered = considered.saturating_mul(WIDENING);
        }
    }

    async fn left_out(
        &self,
        project: ProjectId,
        hits: &[Hit],
        filter: &MetadataFilter,
    ) -> AppResult<HashSet<EmbeddingId>> {
        let mut left_out = HashSet::new();
        for part in hits.chunks(usize::try_from(SCAN_ROWS).unwrap_or(usize::MAX)) {
            let ids: Vec<EmbeddingId> = part.iter().map(|hit| hit.id).collect();
            let stored = self.store.metadata_of(project, &ids).await?;
            for (id, metadata) in self.open_metadata(project, &stored).await? {
                if filter.leaves_out(metadata.as_ref()) {
                    left_out.insert(id);
                }
            }
        }
        Ok(left_out)
    }

    /// The `k` nearest rows of the search's dimension, by the reference: of those that an index
    /// names, or of all.
    async fn nearest(
        &self,
        project: &ProjectContext,
        search: &Search,
        k: usize,
        threshold: f64,
    ) -> AppResult<Vec<Hit>> {
        let mut top = TopK::new(&search.vector, k, threshold);
        let (dim, excluded) = (search.dim, search.excluded);
        if let Some(rows) = self.candidates(project, search, k).await? {
            let mut block = Block::new(usize::try_from(dim).unwrap_or(usize::MAX));
            fill(&mut block, &rows, dim)?;
            offer(&mut top, &block, excluded)?;
            return Ok(top.into_sorted());
        }
        match self.matrices.source(self.store.as_ref(), project).await? {
            Source::Memory(matrix) => {
                let searched = tokio::task::spawn_blocking(move || {
                    if let Some(block) = matrix.block(dim) {
                        offer(&mut top, block, excluded)?;
                    }
                    Ok(top.into_sorted())
                });
                searched
                    .await
                    .map_err(|error| AppError::Internal(Box::new(error)))?
            }
            Source::Database => self.scan(project.id, top, dim, excluded).await,
        }
    }

    /// Rows that an index names as near, some more than are asked for. `None` when all rows are to
    /// be looked at: because that is what the settings say, because the project is small, or
    /// because the index could not name enough of them.
    async fn candidates(
        &self,
        project: &ProjectContext,
        search: &Search,
        k: usize,
    ) -> AppResult<Option<Vec<VectorRow>>> {
        let Some(limit) = candidate_count(k) else {
            return Ok(None);
        };
        let looks_at_index = match self.settings.search_mode {
            SearchMode::Exact => false,
            SearchMode::Approximate => true,
            SearchMode::Auto => self.is_large(project).await?,
        };
        if !looks_at_index {
            return Ok(None);
        }
        let bytes = search.vector.to_le_bytes();
        let rows = self
            .store
            .nearest_by_index(project.id, search.dim, &bytes, limit)
            .await?;
        let is_full = |rows: &Vec<VectorRow>| u32::try_from(rows.len()) == Ok(limit);
        Ok(rows.filter(is_full))
    }

    /// Whether a project has more rows than are quickly looked at one by one. Counting them takes
    /// longer than many a search, so what is known is believed: a matrix in memory tells, and a
    /// project that was large stays so until rows are removed.
    async fn is_large(&self, project: &ProjectContext) -> AppResult<bool> {
        if let Some(rows) = self.matrices.known_rows(project) {
            return Ok(u32::try_from(rows).is_ok_and(|rows| rows > SMALL_PROJECT_ROWS));
        }
        if self.large_projects.holds(project) {
            return Ok(true);
        }
        let is_large = self
            .store
            .has_more_embeddings_than(project.id, SMALL_PROJECT_ROWS)
            .await?;
        if is_large {
            self.large_projects.note(project);
        }
        Ok(is_large)
    }

    /// Searches a project that is larger than the memory for matrices, part by part.
    async fn scan(
        &self,
        project: ProjectId,
        mut top: TopK,
        dim: u32,
        excluded: Option<EmbeddingId>,
    ) -> AppResult<Vec<Hit>> {
        let mut block = Block::new(usize::try_from(dim).unwrap_or(usize::MAX));
        let mut after = EmbeddingId(0);
        loop {
            let rows = self.store.scan_vectors(project, after, SCAN_ROWS).await?;
            let Some(last) = rows.last() else {
                return Ok(top.into_sorted());
            };
            after = last.id;
            let part = tokio::task::spawn_blocking(move || -> AppResult<(TopK, Block)> {
                block.clear();
                fill(&mut block, &rows, dim)?;
                offer(&mut top, &block, excluded)?;
                Ok((top, block))
            });
            (top, block) = part
                .await
                .map_err(|error| AppError::Internal(Box::new(error)))??;
        }
    }
}

/// How many candidates to ask an index for, so that comparing them exactly puts the nearest first;
/// `None` for more than it is good at.
fn candidate_count(k: usize) -> Option<u32> {
    let k = u32::try_from(k).ok().filter(|k| *k <= MOST_BY_INDEX)?;
    Some(k + (k / 2).max(MORE_CANDIDATES))
}

/// Adds the rows of this dimension.
fn fill(block: &mut Block, rows: &[VectorRow], dim: u32) -> AppResult<()> {
    for row in rows.iter().filter(|row| row.vector_dim == dim) {
        let vector = HalfVector::from_le_bytes(&row.vector_half).map_err(damaged)?;
        block.push(row.id, &row.text_id, &vector).map_err(damaged)?;
    }
    Ok(())
}

fn offer(top: &mut TopK, block: &Block, excluded: Option<EmbeddingId>) -> AppResult<()> {
    top.offer_block(block, |id| excluded == Some(id))
        .map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(key: &str, value: &str) -> MetadataFilter {
        MetadataFilter {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn a_filter_leaves_out_equal_text_and_keeps_rows_without_the_key() {
        let Value::Object(metadata) =
            json!({"author": " Tolstoy ", "year": 1869, "read": true, "a.b": "x", "none": null})
        else {
            panic!("not an object")
        };
        for (key, value, left_out) in [
            ("author", "Tolstoy", true),
            ("author", "tolstoy", false),
            ("year", " 1869 ", true),
            ("read", "true", true),
            ("a.b", "x", true),
            ("none", "null", false),
            ("missing", "", false),
        ] {
            assert_eq!(
                filter(key, value).leaves_out(Some(&metadata)),
                left_out,
                "{key}={value}"
            );
        }
        assert!(!filter("a", "b").leaves_out(None));
    }
}
