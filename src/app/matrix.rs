//! The matrices that searches read, held in memory per project within a budget.
//!
//! A matrix is a copy. What says whether it is still good are the revisions that the project
//! carries in the database, so that a change by any process is seen by the next search.

use super::error::{AppError, AppResult};
use crate::domain::embedding::VectorRow;
use crate::domain::ids::{EmbeddingId, ProjectId};
use crate::domain::project::ProjectContext;
use crate::store::EmbeddingStore;
use crate::vector::{Block, HalfVector, VectorError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// Rows read from the database at once.
pub(super) const SCAN_ROWS: u32 = 4_096;

/// Changed rows up to which a matrix is brought up to date rather than read anew.
const DELTA_ROWS: u32 = 20_000;

/// The vectors of one project, by dimension.
#[derive(Default)]
pub struct Matrix {
    /// The data revision that it holds at least; `None` before the first load.
    revision: Option<i64>,
    blocks: HashMap<u32, Block>,
    /// Set when the project was larger than the whole budget, with the revisions of that moment.
    too_large_at: Option<(i64, i64)>,
}

impl Matrix {
    /// The block of a dimension, if the project has rows of it.
    #[must_use]
    pub fn block(&self, dim: u32) -> Option<&Block> {
        self.blocks.get(&dim)
    }

    fn size_bytes(&self) -> usize {
        self.blocks.values().map(Block::size_bytes).sum()
    }

    fn is_current(&self, project: &ProjectContext) -> bool {
        self.revision
            .is_some_and(|revision| revision >= project.data_revision)
    }

    /// Adds a row to the block of its dimension, or replaces it there. A row whose dimension has
    /// changed, because its instance's has, leaves the block that it was in.
    fn upsert(&mut self, row: &VectorRow) -> AppResult<()> {
        let vector = HalfVector::from_le_bytes(&row.vector_half).map_err(damaged)?;
        for (dim, block) in &mut self.blocks {
            if *dim != row.vector_dim
                && let Some(stale) = block.find_row(row.id, &row.text_id)
            {
                block.remove(stale);
            }
        }
        let dim = usize::try_from(row.vector_dim).unwrap_or(usize::MAX);
        let block = self.blocks.entry(row.vector_dim);
        let block = block.or_insert_with(|| Block::new(dim));
        block
            .upsert(row.id, &row.text_id, &vector)
            .map_err(damaged)?;
        Ok(())
    }
}

/// A stored vector that is none is a fault of the database, not of the request.
pub(super) fn damaged(error: VectorError) -> AppError {
    AppError::Internal(Box::new(error))
}

/// Where the vectors of a project are to be read from.
pub enum Source {
    /// From memory.
    Memory(OwnedRwLockReadGuard<Matrix>),
    /// From the database, part by part: the project is larger than the budget.
    Database,
}

/// Matrices by project.
pub struct MatrixCache {
    budget_bytes: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_project: HashMap<ProjectId, Entry>,
    uses: u64,
}

struct Entry {
    matrix: Arc<RwLock<Matrix>>,
    size_bytes: usize,
    last_use: u64,
}

impl MatrixCache {
    /// Holds at most this many bytes between searches.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            entries: Mutex::new(Entries::default()),
        }
    }

    /// Drops everything.
    pub(crate) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    /// Drops the matrix of one project.
    pub(crate) fn forget(&self, project: ProjectId) {
        self.lock().by_project.remove(&project);
    }

    /// Bytes held now.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.lock()
            .by_project
            .values()
            .map(|entry| entry.size_bytes)
            .sum()
    }

    /// How many rows a project has, where a matrix that is as new as the context tells it; `None`
    /// where nobody can say without asking the database.
    pub(crate) fn known_rows(&self, project: &ProjectContext) -> Option<usize> {
        let matrix = Arc::clone(&self.lock().by_project.get(&project.id)?.matrix);
        let matrix = matrix.try_read().ok()?;
        matrix
            .is_current(project)
            .then(|| matrix.blocks.values().map(Block::len).sum())
    }

    /// The vectors of a project, at least as new as the context says.
    ///
    /// # Errors
    ///
    /// When the database fails or holds a damaged vector.
    pub(crate) async fn source(
        &self,
        store: &dyn EmbeddingStore,
        project: &ProjectContext,
    ) -> AppResult<Source> {
        let matrix = self.entry(project.id);
        {
            let matrix = Arc::clone(&matrix).read_owned().await;
            if matrix.is_current(project) {
                return Ok(Source::Memory(matrix));
            }
        }
        let mut loading = Arc::clone(&matrix).write_owned().await;
        if loading
            .too_large_at
            .is_some_and(|at| still_too_large(at, project))
        {
            return Ok(Source::Database);
        }
        // Another search may have loaded it while this one waited.
        if !loading.is_current(project) {
            let fits = self.load(store, project, &mut loading).await?;
            self.account(project.id, loading.size_bytes());
            if !fits {
                return Ok(Source::Database);
            }
        }
        Ok(Source::Memory(loading.downgrade()))
    }

    /// Returns whether the project fits into the budget.
    async fn load(
        &self,
        store: &dyn EmbeddingStore,
        project: &ProjectContext,
        matrix: &mut Matrix,
    ) -> AppResult<bool> {
        if let Some(revision) = matrix.revision
            && revision >= project.removal_revision
        {
            let changed = store
                .vectors_since(project.id, revision, DELTA_ROWS)
                .await?;
            if u32::try_from(changed.len()).is_ok_and(|rows| rows < DELTA_ROWS) {
                for row in &changed {
                    matrix.upsert(row)?;
                }
                matrix.revision = Some(project.data_revision);
                return Ok(self.keep_or_drop(project, matrix));
            }
        }
        *matrix = Matrix::default();
        let mut after = EmbeddingId(0);
        loop {
            let rows = store.scan_vectors(project.id, after, SCAN_ROWS).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in &rows {
                matrix.upsert(row)?;
            }
            if !self.keep_or_drop(project, matrix) {
                return Ok(false);
            }
        }
        // Rows written while this ran carry a later revision and are read again next time.
        matrix.revision = Some(project.data_revision);
        Ok(true)
    }

    fn keep_or_drop(&self, project: &ProjectContext, matrix: &mut Matrix) -> bool {
        if matrix.size_bytes() <= self.budget_bytes {
            return true;
        }
        *matrix = Matrix {
            too_large_at: Some((project.settings_revision, project.removal_revision)),
            ..Matrix::default()
        };
        false
    }

    fn entry(&self, project: ProjectId) -> Arc<RwLock<Matrix>> {
        let mut entries = self.lock();
        entries.uses += 1;
        let last_use = entries.uses;
        let entry = entries.by_project.entry(project).or_insert_with(|| Entry {
            matrix: Arc::default(),
            size_bytes: 0,
            last_use,
        });
        entry.last_use = last_use;
        Arc::clone(&entry.matrix)
    }

    /// Notes the size of a matrix and evicts the least recently used others until all fit.
    /// A search that still reads an evicted matrix keeps it alive until it ends.
    fn account(&self, project: ProjectId, size_bytes: usize) {
        let mut entries = self.lock();
        if let Some(entry) = entries.by_project.get_mut(&project) {
            entry.size_bytes = size_bytes;
        }
        let mut total: usize = entries
            .by_project
            .values()
            .map(|entry| entry.size_bytes)
            .sum();
        while total > self.budget_bytes {
            let oldest = entries
                .by_project
                .iter()
                .filter(|(id, _)| **id != project)
                .min_by_key(|(_, entry)| entry.last_use)
                .map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            if let Some(evicted) = entries.by_project.remove(&oldest) {
                total -= evicted.size_bytes;
            }
        }
        metrics::gauge!("embsec_search_matrix_bytes").set(gauge_value(total));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A project that did not fit can fit again only after rows were removed.
fn still_too_large(at: (i64, i64), project: &ProjectContext) -> bool {
    at == (project.settings_revision, project.removal_revision)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; 2^53 bytes are enough"
)]
const fn gauge_value(bytes: usize) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests;
