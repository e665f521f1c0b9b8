//! Restores: a backup becomes a database again, or nothing does.
//!
//! What is restored is compared with what the backup says of it before anybody can see it. Keys
//! that were destroyed since the backup was made stay destroyed.

pub mod drill;
mod error;
mod source;
mod sums;

pub use error::RestoreError;

use crate::app::backup::{BackupError, Backups, OpenBackup, Watch};
use crate::backup::manifest::{FileKind, SourceFacts};
use crate::backup::verify;
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::{BackupId, RecordedSearch};
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::{DataKeyRecord, KeyId};
use crate::target::load::{Finished, Load, Standing, StepProgress};
use source::Segments;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub id: BackupId,
    /// The database that it was made of.
    pub database: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many tables were compared with the backup.
    pub tables_compared: usize,
    /// Whether an earlier run had restored the rows.
    pub was_resumed: bool,
    /// How long it took until the data could be read; none where an earlier run did that.
    pub data: Option<Duration>,
    /// How long it took until the indexes were there too.
    pub indexes: Duration,
    /// Projects whose text stays destroyed.
    pub destroyed: Vec<ProjectId>,
}

impl OpenBackup {
    /// The searches that were recorded when the backup was made.
    #[must_use]
    pub fn searches(&self) -> &[RecordedSearch] {
        match &self.manifest.source {
            SourceFacts::Postgres(facts) => &facts.searches,
            SourceFacts::Sqlite(facts) => &facts.searches,
        }
    }
}

impl Backups {
    /// Restores a backup into an empty place.
    ///
    /// # Errors
    ///
    /// Any [`RestoreError`]. Until the data can be read nothing of them is there; afterwards the
    /// same restore goes on with the indexes.
    pub async fn restore(
        &self,
        backup: &Arc<OpenBackup>,
        load: &mut dyn Load,
        watch: &Watch<'_>,
    ) -> Result<Restored, RestoreError> {
        let place = load.place();
        let restored = self.fill(backup, load, watch).await;
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), backup.container.id.as_str().into());
        details.insert("into".to_owned(), place.into());
        let outcome = match &restored {
            Ok(restored) => {
                details.insert("rows".to_owned(), restored.rows.into());
                Outcome::Success
            }
            Err(error) => {
                details.insert("error".to_owned(), error.to_string().into());
                Outcome::Error
            }
        };
        self.record(Action::BackupRestore, outcome, details).await?;
        restored
    }

    /// Remembers where a backup was restored into, for [`Self::restored_place`].
    ///
    /// # Errors
    ///
    /// [`BackupError::Known`].
    pub fn note_restored(&self, id: &BackupId, place: &str) -> Result<(), BackupError> {
        let (id, place) = (id.to_string(), place.to_owned());
        self.known.update(|known| {
            known.restored.insert(id, place);
        })?;
        Ok(())
    }

    /// Where this host restored a backup into.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotRestored`], [`BackupError::Known`].
    pub fn restored_place(&self, id: &BackupId) -> Result<String, BackupError> {
        let known = self.known.load()?;
        let place = known.restored.get(id.as_str()).cloned();
        place.ok_or_else(|| BackupError::NotRestored(id.clone()))
    }

    /// Records that what was restored is in place.
    ///
    /// # Errors
    ///
    /// [`BackupError::Audit`].
    pub async fn note_swap(
        &self,
        id: &BackupId,
        database: &str,
        former: Option<&str>,
    ) -> Result<(), BackupError> {
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("database".to_owned(), database.into());
        details.insert("former".to_owned(), former.into());
        self.record(Action::BackupSwap, Outcome::Success, details)
            .await
    }

    async fn fill(
        &self,
        backup: &Arc<OpenBackup>,
        load: &mut dyn Load,
        watch: &Watch<'_>,
    ) -> Result<Restored, RestoreError> {
        // Whatever is missing is found out before anything is written.
        verify::sizes(&backup.container)
            .await
            .map_err(BackupError::from)?;
        let standing = load.check().await?;
        let keys = self.keys_of(backup).await?;
        let begun = Instant::now();
        let (mut data, mut destroyed) = (None, Vec::new());
        if standing == Standing::Empty {
            destroyed = rows(backup, load, &keys, watch).await?;
            data = Some(begun.elapsed());
        }
        if watch.stop.is_asked() {
            return Err(RestoreError::Interrupted);
        }
        let mut steps = Steps { watch, total: 0 };
        let stop = watch.stop.clone();
        let finished = load
            .finish_indexes(&mut steps, &move || stop.is_asked())
            .await?;
        watch.progress.end();
        if finished == Finished::Stopped {
            return Err(RestoreError::Interrupted);
        }
        Ok(Restored {
            id: backup.container.id.clone(),
            database: backup.manifest.database.clone(),
            rows: backup.manifest.rows(),
            tables_compared: backup.manifest.tables.len(),
            was_resumed: standing == Standing::DataReadable,
            data,
            indexes: begun.elapsed(),
            destroyed,
        })
    }

    /// The data keys of a backup, without those that were destroyed since: as the backup itself
    /// says, or another one in the same destination.
    async fn keys_of(&self, backup: &OpenBackup) -> Result<Keys, BackupError> {
        let file = &backup.container.data_keys_file;
        let mut elsewhere = BTreeMap::new();
        for listed in self.catalogue().await?.backups {
            if let Ok(public) = listed.public {
                for key in public.destroyed_keys {
                    elsewhere.entry(key).or_insert(public.created_at);
                }
            }
        }
        let mut keys = Keys::default();
        for entry in &file.keys {
            match (
                entry.tombstone(),
                elsewhere.get(&entry.key_id),
                entry.record(),
            ) {
                (Some(tombstone), ..) => keys.destroyed.push(tombstone),
                (None, Some(at), Some(record)) => keys.destroyed.push(DestroyedKey {
                    id: KeyId(entry.key_id.clone()),
                    scope: record.key.scope,
                    project: None,
                    destroyed_at: *at,
                }),
                (None, None, Some(record)) => keys.present.push(record),
                (None, _, None) => {}
            }
        }
        Ok(keys)
    }
}

/// The data keys of a backup.
#[derive(Default)]
struct Keys {
    present: Vec<DataKeyRecord>,
    destroyed: Vec<DestroyedKey>,
}

/// Restores and compares all rows, and makes them visible. Returns the projects that stay
/// destroyed.
async fn rows(
    backup: &Arc<OpenBackup>,
    load: &mut dyn Load,
    keys: &Keys,
    watch: &Watch<'_>,
) -> Result<Vec<ProjectId>, RestoreError> {
    let manifest = &backup.manifest;
    watch
        .progress
        .begin("restoring rows, bytes", Some(manifest.raw_bytes()));
    let mut done_bytes = 0;
    load.begin().await?;
    for table in &manifest.tables {
        let mut source = Segments::new(backup, &table.segments, watch, &mut done_bytes);
        let rows = load.load(&table.shape, &mut source).await;
        let rows = source.explain(rows)?;
        if rows != table.rows {
            return Err(RestoreError::Differs(table.shape.to_string()));
        }
    }
    for file in &manifest.files {
        if file.kind == FileKind::Database {
            let mut source = Segments::new(backup, &file.segments, watch, &mut done_bytes);
            let loaded = load.load_file(&mut source).await;
            source.explain(loaded)?;
        }
    }
    watch.progress.end();
    read_what_goes_along(backup).await?;
    sums::compare(backup, load, watch).await?;
    if watch.stop.is_asked() {
        return Err(RestoreError::Interrupted);
    }
    Ok(load.finish_data(&keys.present, &keys.destroyed).await?)
}

/// Reads the settings and the audit log, which no place takes: nothing of a backup becomes visible
/// before all of it was found to be as it was made.
async fn read_what_goes_along(backup: &OpenBackup) -> Result<(), BackupError> {
    let files = backup.manifest.files.iter();
    for file in files.filter(|file| file.kind != FileKind::Database) {
        for segment in backup.segments(&file.segments) {
            backup.each_block(segment, async |_| Ok(())).await?;
        }
    }
    Ok(())
}

/// Tells of steps behind the rows.
struct Steps<'w> {
    watch: &'w Watch<'w>,
    total: u64,
}

impl StepProgress for Steps<'_> {
    fn step(&mut self, step: crate::target::load::Step) {
        if self.total != step.total {
            self.total = step.total;
            self.watch
                .progress
                .begin("making indexes and constraints", Some(step.total));
        }
        self.watch.progress.done(step.done);
    }
}
