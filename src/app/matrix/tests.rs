use super::*;
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::embedding::{StoredEmbedding, StoredMetadata, UploadTarget};
use crate::domain::ids::Handle;
use crate::domain::page::Page;
use crate::domain::project::ContentPolicy;
use crate::store::{StoreResult, UploadBatch, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Vectors of projects, and how often each way of reading them was taken.
#[derive(Default)]
struct Shelf {
    rows: Mutex<HashMap<ProjectId, Vec<VectorRow>>>,
    scans: AtomicUsize,
    deltas: AtomicUsize,
}

impl Shelf {
    fn put(&self, project: ProjectId, id: i64, vector: &[f32], data_revision: i64) {
        let row = VectorRow {
            id: EmbeddingId(id),
            text_id: format!("text-{id}"),
            vector_dim: u32::try_from(vector.len()).unwrap(),
            vector_half: HalfVector::from_f32(vector).unwrap().to_le_bytes(),
            data_revision,
        };
        let mut rows = self.rows.lock().unwrap();
        let rows = rows.entry(project).or_default();
        rows.retain(|row| row.id != EmbeddingId(id));
        rows.push(row);
        rows.sort_by_key(|row| row.id);
    }

    fn remove(&self, project: ProjectId, id: i64) {
        let mut rows = self.rows.lock().unwrap();
        let rows = rows.entry(project).or_default();
        rows.retain(|row| row.id != EmbeddingId(id));
    }

    fn read(
        &self,
        project: ProjectId,
        limit: u32,
        wanted: impl Fn(&VectorRow) -> bool,
    ) -> Vec<VectorRow> {
        let rows = self.rows.lock().unwrap();
        let rows = rows.get(&project).into_iter().flatten();
        let wanted = rows.filter(|row| wanted(row)).cloned();
        wanted.take(usize::try_from(limit).unwrap()).collect()
    }

    /// How often the whole was read, and how often only what changed, since the last call.
    fn reads(&self) -> (usize, usize) {
        (
            self.scans.swap(0, Ordering::SeqCst),
            self.deltas.swap(0, Ordering::SeqCst),
        )
    }
}

#[async_trait]
impl EmbeddingStore for Shelf {
    async fn scan_vectors(
        &self,
        project: ProjectId,
        after: EmbeddingId,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        if after == EmbeddingId(0) {
            self.scans.fetch_add(1, Ordering::SeqCst);
        }
        Ok(self.read(project, limit, |row| row.id > after))
    }

    async fn vectors_since(
        &self,
        project: ProjectId,
        revision: i64,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>> {
        self.deltas.fetch_add(1, Ordering::SeqCst);
        Ok(self.read(project, limit, |row| row.data_revision > revision))
    }

    async fn upload_embeddings(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: UploadTarget,
        _: UploadBatch<'_>,
        _: Timestamp,
        _: &dyn Witness,
    ) -> StoreResult<()> {
        unreachable!("a cache does not write")
    }

    async fn list_embeddings(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: Page,
    ) -> StoreResult<Vec<StoredEmbedding>> {
        unreachable!("a cache reads vectors only")
    }

    async fn embedding(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: &[String],
    ) -> StoreResult<Option<StoredEmbedding>> {
        unreachable!("a cache reads vectors only")
    }

    async fn embedding_vector(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: &[String],
    ) -> StoreResult<Option<VectorRow>> {
        unreachable!("a cache reads whole projects")
    }

    async fn delete_embedding(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: &[String],
        _: &dyn Witness,
    ) -> StoreResult<()> {
        unreachable!("a cache does not write")
    }

    async fn delete_embeddings(
        &self,
        _: &ObjectPath,
        _: Scope,
        _: &dyn Witness,
    ) -> StoreResult<u64> {
        unreachable!("a cache does not write")
    }

    async fn nearest_by_index(
        &self,
        _project: ProjectId,
        _vector_dim: u32,
        _vector_half: &[u8],
        _limit: u32,
    ) -> StoreResult<Option<Vec<VectorRow>>> {
        unreachable!("a cache does not ask an index")
    }

    async fn has_more_embeddings_than(&self, _project: ProjectId, _rows: u32) -> StoreResult<bool> {
        unreachable!("a cache does not count")
    }

    async fn metadata_of(
        &self,
        _: ProjectId,
        _: &[EmbeddingId],
    ) -> StoreResult<Vec<StoredMetadata>> {
        unreachable!("a cache reads vectors only")
    }
}

const NOTES: ProjectId = ProjectId(1);

fn project(id: ProjectId, data_revision: i64, removal_revision: i64) -> ProjectContext {
    ProjectContext {
        policy: ContentPolicy::default(),
        id,
        path: ObjectPath {
            owner: Handle::parse("alice").unwrap(),
            handle: Handle::parse("notes").unwrap(),
        },
        instance: None,
        metadata_scheme: None,
        settings_revision: 1,
        data_revision,
        removal_revision,
    }
}

/// The row ids of a dimension, as a search would read them now; `None` from the database.
async fn ids(
    cache: &MatrixCache,
    shelf: &Shelf,
    project: &ProjectContext,
    dim: u32,
) -> Option<Vec<i64>> {
    match cache.source(shelf, project).await.unwrap() {
        Source::Database => None,
        Source::Memory(matrix) => {
            let block = matrix.block(dim);
            let rows = 0..block.map_or(0, Block::len);
            let mut ids: Vec<i64> = rows
                .filter_map(|row| block.and_then(|block| block.id(row)))
                .map(|id| id.0)
                .collect();
            ids.sort_unstable();
            Some(ids)
        }
    }
}

/// What the cache holds after a project of `rows` vectors of two dimensions.
async fn size_of_project(rows: i64) -> usize {
    let (shelf, cache) = (Shelf::default(), MatrixCache::new(usize::MAX));
    for id in 1..=rows {
        shelf.put(NOTES, id, &[1.0, 0.0], 1);
    }
    ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await;
    cache.size_bytes()
}

#[tokio::test]
async fn a_matrix_is_read_once_then_brought_up_to_date_by_what_changed() {
    let (shelf, cache) = (Shelf::default(), MatrixCache::new(usize::MAX));
    shelf.put(NOTES, 1, &[1.0, 0.0], 1);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await,
        Some(vec![1])
    );
    assert_eq!(shelf.reads(), (1, 0));
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await,
        Some(vec![1])
    );
    assert_eq!(shelf.reads(), (0, 0));
    shelf.put(NOTES, 2, &[0.0, 1.0], 2);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 2, 0), 2).await,
        Some(vec![1, 2])
    );
    assert_eq!(shelf.reads(), (0, 1));
    // A search that began before the upload reads the newer matrix.
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await,
        Some(vec![1, 2])
    );
    assert_eq!(shelf.reads(), (0, 0));
}

#[tokio::test]
async fn after_a_removal_the_matrix_is_read_anew() {
    let (shelf, cache) = (Shelf::default(), MatrixCache::new(usize::MAX));
    shelf.put(NOTES, 1, &[1.0, 0.0], 1);
    shelf.put(NOTES, 2, &[0.0, 1.0], 1);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await,
        Some(vec![1, 2])
    );
    shelf.remove(NOTES, 1);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 2, 2), 2).await,
        Some(vec![2])
    );
    assert_eq!(shelf.reads(), (2, 0));
}

#[tokio::test]
async fn a_row_whose_dimension_changes_leaves_its_old_block() {
    let (shelf, cache) = (Shelf::default(), MatrixCache::new(usize::MAX));
    shelf.put(NOTES, 1, &[1.0, 0.0], 1);
    shelf.put(NOTES, 2, &[1.0, 0.0], 1);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await,
        Some(vec![1, 2])
    );
    shelf.put(NOTES, 1, &[1.0, 0.0, 0.0], 2);
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 2, 0), 2).await,
        Some(vec![2])
    );
    assert_eq!(
        ids(&cache, &shelf, &project(NOTES, 2, 0), 3).await,
        Some(vec![1])
    );
    assert_eq!(shelf.reads(), (1, 1));
}

#[tokio::test]
async fn the_least_recently_used_matrix_goes_first() {
    let size = size_of_project(40).await;
    let shelf = Shelf::default();
    let cache = MatrixCache::new(size * 2);
    for number in 1..=3 {
        for id in 1..=40 {
            shelf.put(ProjectId(number), number * 100 + id, &[1.0, 0.0], 1);
        }
    }
    let search = async |number| {
        let found = ids(&cache, &shelf, &project(ProjectId(number), 1, 0), 2).await;
        assert_eq!(found.map(|ids| ids.len()), Some(40));
        assert!(cache.size_bytes() <= size * 2);
        shelf.reads().0
    };
    assert_eq!(
        [search(1).await, search(2).await, search(1).await],
        [1, 1, 0]
    );
    assert_eq!(search(3).await, 1);
    assert_eq!(search(1).await, 0, "the first was used after the second");
    assert_eq!(search(2).await, 1, "the second was evicted");
}

#[tokio::test]
async fn a_search_keeps_the_matrix_that_is_evicted_under_it() {
    let size = size_of_project(40).await;
    let shelf = Shelf::default();
    let cache = MatrixCache::new(size);
    for id in 1..=40 {
        shelf.put(NOTES, id, &[1.0, 0.0], 1);
        shelf.put(ProjectId(2), 100 + id, &[1.0, 0.0], 1);
    }
    let Source::Memory(reading) = cache.source(&shelf, &project(NOTES, 1, 0)).await.unwrap() else {
        panic!("it fits")
    };
    ids(&cache, &shelf, &project(ProjectId(2), 1, 0), 2).await;
    assert!(cache.size_bytes() <= size);
    assert_eq!(reading.block(2).map(Block::len), Some(40));
}

#[tokio::test]
async fn a_project_larger_than_the_budget_is_left_in_the_database_until_rows_go() {
    let size = size_of_project(40).await;
    let shelf = Shelf::default();
    let cache = MatrixCache::new(size);
    for id in 1..=400 {
        shelf.put(NOTES, id, &[1.0, 0.0], 1);
    }
    assert_eq!(ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await, None);
    assert_eq!(cache.size_bytes(), 0);
    assert_eq!(shelf.reads().0, 1);
    assert_eq!(ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await, None);
    assert_eq!(
        shelf.reads(),
        (0, 0),
        "it is not read again only to be found too large"
    );
    for id in 11..=400 {
        shelf.remove(NOTES, id);
    }
    let left = ids(&cache, &shelf, &project(NOTES, 2, 2), 2).await;
    assert_eq!(left, Some((1..=10).collect()));
}

#[tokio::test]
async fn a_matrix_that_grows_beyond_the_budget_is_dropped() {
    let size = size_of_project(40).await;
    let shelf = Shelf::default();
    let cache = MatrixCache::new(size);
    for id in 1..=10 {
        shelf.put(NOTES, id, &[1.0, 0.0], 1);
    }
    assert!(
        ids(&cache, &shelf, &project(NOTES, 1, 0), 2)
            .await
            .is_some()
    );
    for id in 11..=400 {
        shelf.put(NOTES, id, &[1.0, 0.0], 2);
    }
    assert_eq!(ids(&cache, &shelf, &project(NOTES, 2, 0), 2).await, None);
    assert_eq!(cache.size_bytes(), 0);
}

#[tokio::test]
async fn many_changes_are_read_as_a_whole() {
    let (shelf, cache) = (Shelf::default(), MatrixCache::new(usize::MAX));
    shelf.put(NOTES, 1, &[1.0, 0.0], 1);
    ids(&cache, &shelf, &project(NOTES, 1, 0), 2).await;
    shelf.reads();
    let rows = i64::from(DELTA_ROWS) + 1;
    {
        let mut shelved = shelf.rows.lock().unwrap();
        let template = shelved[&NOTES][0].clone();
        shelved
            .get_mut(&NOTES)
            .unwrap()
            .extend((2..=rows).map(|id| VectorRow {
                id: EmbeddingId(id),
                text_id: format!("text-{id}"),
                data_revision: 2,
                ..template.clone()
            }));
    }
    let found = ids(&cache, &shelf, &project(NOTES, 2, 0), 2).await.unwrap();
    assert_eq!(found.len(), usize::try_from(rows).unwrap());
    assert_eq!(shelf.reads(), (1, 1));
}
