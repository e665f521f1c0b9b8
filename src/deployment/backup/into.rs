//! Opens the place that a backup is restored into.

use super::BackupOpenError;
use crate::app::backup::PrivateManifest;
use crate::backup::manifest::SourceFacts;
use crate::deployment::OtherSide;
use crate::domain::backup::{
    BackupId, PostgresFacts, Program, RecordedSearch, SqliteFacts, TableShape,
};
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::DataKeyRecord;
use crate::sys::clock::Clock;
use crate::target::dump::BlockSink;
use crate::target::load::postgres::PostgresLoad;
use crate::target::load::sqlite::{LoadError as FileError, OwnKeys, SearchOutcome, SqliteLoad};
use crate::target::load::{
    BlockSource, Finished, ForeignKeys, Load, LoadError, Standing, StepProgress, sqlite,
};
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;

/// Opens a place for a backup.
///
/// # Errors
///
/// [`BackupOpenError::OtherEngine`], or when it cannot be reached.
pub async fn open_load(
    place: &OtherSide,
    manifest: &PrivateManifest,
    clock: &Arc<dyn Clock>,
) -> Result<Box<dyn Load>, BackupOpenError> {
    match (place, &manifest.source) {
        (OtherSide::Postgres(url), SourceFacts::Postgres(facts)) => Ok(Box::new(ServerLoad {
            load: PostgresLoad::open(url).await.map_err(LoadError::from)?,
            place: url.place(),
            id: manifest.id.clone(),
            facts: facts.clone(),
            tables: manifest
                .tables
                .iter()
                .map(|table| table.shape.clone())
                .collect(),
        })),
        (OtherSide::Sqlite(path), SourceFacts::Sqlite(facts)) => Ok(Box::new(FileLoad {
            to: path.clone(),
            id: manifest.id.clone(),
            facts: facts.clone(),
            is_own: manifest.program == Program::Embsec,
            clock: Arc::clone(clock),
            load: None,
            broken_references: 0,
        })),
        (_, facts) => Err(BackupOpenError::OtherEngine(facts.engine())),
    }
}

struct ServerLoad {
    load: PostgresLoad,
    place: String,
    id: BackupId,
    facts: PostgresFacts,
    tables: Vec<TableShape>,
}

#[async_trait]
impl Load for ServerLoad {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn check(&mut self) -> Result<Standing, LoadError> {
        Ok(self.load.check(&self.facts, &self.tables, &self.id).await?)
    }

    async fn begin(&mut self) -> Result<(), LoadError> {
        Ok(self.load.begin(&self.facts).await?)
    }

    async fn load(
        &mut self,
        table: &TableShape,
        source: &mut dyn BlockSource,
    ) -> Result<u64, LoadError> {
        Ok(self.load.load(table, source).await?)
    }

    async fn load_file(&mut self, _: &mut dyn BlockSource) -> Result<(), LoadError> {
        // A backup of a server holds no file of a database.
        Err(LoadError::NotBegun)
    }

    async fn read_back(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, LoadError> {
        Ok(self.load.read_back(table, sink).await?)
    }

    async fn finish_data(
        &mut self,
        data_keys: &[DataKeyRecord],
        destroyed: &[DestroyedKey],
    ) -> Result<Vec<ProjectId>, LoadError> {
        let finished = self
            .load
            .finish_data(&self.id, &self.facts, data_keys, destroyed);
        Ok(finished.await?)
    }

    async fn finish_indexes(
        &mut self,
        progress: &mut dyn StepProgress,
        stop: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Finished, LoadError> {
        Ok(self
            .load
            .finish_indexes(&self.facts, progress, stop)
            .await?)
    }

    async fn foreign_keys(&mut self) -> Result<ForeignKeys, LoadError> {
        Ok(self.load.foreign_keys().await?)
    }

    async fn run_search(
        &mut self,
        search: &RecordedSearch,
    ) -> Result<Option<Vec<String>>, LoadError> {
        Ok(Some(self.load.run_search(search).await?))
    }

    async fn close(self: Box<Self>) {
        self.load.close().await;
    }
}

/// A file that is being restored. What it does blocks, and little else runs beside it.
struct FileLoad {
    to: PathBuf,
    id: BackupId,
    facts: SqliteFacts,
    is_own: bool,
    clock: Arc<dyn Clock>,
    load: Option<SqliteLoad>,
    broken_references: u64,
}

#[async_trait]
impl Load for FileLoad {
    fn place(&self) -> String {
        let path = std::path::absolute(&self.to).unwrap_or_else(|_| self.to.clone());
        format!("sqlite:{}", path.display())
    }

    async fn check(&mut self) -> Result<Standing, LoadError> {
        // Begins, so that the room and the name are there, and ends it again.
        drop(SqliteLoad::begin(&self.to, &self.id, self.facts.clone())?);
        Ok(Standing::Empty)
    }

    async fn begin(&mut self) -> Result<(), LoadError> {
        let begun = SqliteLoad::begin(&self.to, &self.id, self.facts.clone())?;
        self.load = Some(begun);
        Ok(())
    }

    async fn load(&mut self, _: &TableShape, _: &mut dyn BlockSource) -> Result<u64, LoadError> {
        // A backup of a file holds no tables.
        Err(LoadError::NotBegun)
    }

    async fn load_file(&mut self, source: &mut dyn BlockSource) -> Result<(), LoadError> {
        let load = self.load.as_mut().ok_or(LoadError::NotBegun)?;
        while let Some(block) = source.next().await? {
            tokio::task::block_in_place(|| load.write(&block.bytes))?;
        }
        Ok(())
    }

    async fn read_back(&mut self, _: &TableShape, _: &mut dyn BlockSink) -> Result<u64, LoadError> {
        Err(LoadError::NotBegun)
    }

    async fn finish_data(
        &mut self,
        data_keys: &[DataKeyRecord],
        destroyed: &[DestroyedKey],
    ) -> Result<Vec<ProjectId>, LoadError> {
        let load = self.load.take().ok_or(LoadError::NotBegun)?;
        let own = self.is_own.then(|| OwnKeys {
            keys: data_keys,
            destroyed,
            now: self.clock.now(),
        });
        let loaded = tokio::task::block_in_place(|| {
            let watch: crate::target::sqlite::whole::Watch = Arc::new(|_| true);
            load.finish(own.as_ref(), &watch)
        });
        let loaded = loaded?;
        self.broken_references = loaded.broken_references;
        Ok(loaded.destroyed_projects)
    }

    async fn finish_indexes(
        &mut self,
        _: &mut dyn StepProgress,
        _: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Finished, LoadError> {
        // They came with the pages.
        Ok(Finished::All)
    }

    async fn foreign_keys(&mut self) -> Result<ForeignKeys, LoadError> {
        let broken = match self.broken_references {
            0 => Vec::new(),
            count => vec![crate::domain::count::rows(count)],
        };
        Ok(ForeignKeys {
            checked: 1,
            broken,
            unvalidated: Vec::new(),
        })
    }

    async fn run_search(
        &mut self,
        search: &RecordedSearch,
    ) -> Result<Option<Vec<String>>, LoadError> {
        let found = tokio::task::block_in_place(|| sqlite::run_search(&self.to, search));
        Ok(match found.map_err(FileError::from)? {
            SearchOutcome::Same => Some(search.nearest.clone()),
            SearchOutcome::Differs { nearest, .. } => Some(nearest),
            SearchOutcome::Gone => Some(Vec::new()),
            SearchOutcome::Unknown => None,
        })
    }

    async fn close(self: Box<Self>) {}
}
