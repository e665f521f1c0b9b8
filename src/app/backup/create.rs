//! Makes a backup, or goes on with one.

use super::commit::Draft;
use super::rows::{self, FileToSend, Form, From, Places};
use super::{BackupError, Backups, Place, Watch};
use crate::backup::container;
use crate::backup::data_keys::{DataKeyEntry, DataKeysFile};
use crate::backup::manifest::{
    CONTAINER_VERSION, FileKind, KeysNeeded, PrivateManifest, PublicManifest, SourceFacts,
};
use crate::backup::names;
use crate::backup::spool::{SMALL_MAX_BYTES, Spool, SpoolError};
use crate::backup::writer::SegmentWriter;
use crate::crypto::sealed_file::BackupIdentity;
use crate::crypto::sealed_file::stream::SealingWriter;
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use crate::sys::{fs, space};
use crate::target::dump::{Dump, Facts};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a backup is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How tables are written.
    pub form: Form,
    /// A moment before the snapshot was taken: everything older is in the backup.
    pub snapshot_at: Timestamp,
}

/// What goes along with a database.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The settings, with their secrets replaced, and the name of their file.
    pub configuration: Option<(String, String)>,
    /// Files of the audit log, each with how many of its bytes are whole lines.
    pub audit_files: Vec<(PathBuf, u64)>,
    /// Keys of the keyring that values in the database are sealed with.
    pub target_keys: BTreeSet<String>,
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// What is public of it.
    pub public: PublicManifest,
    /// The database.
    pub database: String,
    /// How many rows it holds.
    pub rows: u64,
    /// How many bytes they have, decoded.
    pub raw_bytes: u64,
    /// Whether a run before this one had read the rows.
    pub was_resumed: bool,
}

/// What became of backups that were begun before.
#[derive(Debug, Default)]
pub struct Begun {
    /// Those that this run finished.
    pub finished: Vec<Created>,
    /// Those that were interrupted while rows were read: removed.
    pub removed: Vec<BackupId>,
    /// Those that wait for a master key that is not at hand.
    pub blocked: Vec<(BackupId, SpoolError)>,
}

/// Which keys were destroyed up to now: asked once more right before a backup is signed, and right
/// after it came to its destination.
#[async_trait::async_trait]
pub trait Destroyed: Send + Sync {
    /// The ids of the keys.
    async fn ids(&self) -> Result<BTreeSet<String>, BackupError>;
}

impl Backups {
    /// Finishes what earlier runs had read all rows of, and removes what they had not. The lock of
    /// the destination is held.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn finish_begun(
        &self,
        destroyed: &dyn Destroyed,
        watch: &Watch<'_>,
    ) -> Result<Begun, BackupError> {
        let mut begun = Begun::default();
        for spool in Spool::unfinished(self.place.root())? {
            let Some(journal) = spool.journal()? else {
                begun.removed.push(spool.id().clone());
                spool.remove()?;
                continue;
            };
            if self.has_arrived(&spool).await? {
                // Only its folder was left.
                spool.remove()?;
                continue;
            }
            let keyring = self.keyring.as_ref().ok_or(BackupError::NoKeyring)?;
            let identity = match spool.identity(&journal, |id| keyring.master(id)) {
                Ok(identity) => identity,
                Err(error @ SpoolError::NoMaster { .. }) => {
                    // Another keyring may have it: nothing is thrown away, and new backups go on.
                    begun.blocked.push((spool.id().clone(), error));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let sealed = spool.read(names::PRIVATE_MANIFEST, SMALL_MAX_BYTES)?;
            let manifest = container::open_private(spool.id(), &identity, &sealed)?;
            let draft = Draft {
                spool,
                manifest,
                identity: Arc::new(identity),
                began_at: journal.began_at,
            };
            let created = self.finish(&draft, destroyed, watch, true).await?;
            begun.finished.push(created);
        }
        Ok(begun)
    }

    /// Makes a backup. The lock of the destination is held.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn create(
        &self,
        dump: &mut dyn Dump,
        extras: &Extras,
        options: &Options,
        destroyed: &dyn Destroyed,
        watch: &Watch<'_>,
    ) -> Result<Created, BackupError> {
        self.require_ready()?;
        let began_at = options.snapshot_at;
        let mut random = [0; 6];
        self.rng.fill(&mut random)?;
        let id = BackupId::new(began_at, random);
        self.require_room(dump)?;
        let spool = Spool::begin(self.place.root(), &id)?;
        let identity = Arc::new(BackupIdentity::generate());
        let mut writer = SegmentWriter::new(spool.folder(), &identity);
        let mut places = Places::default();
        let read = read(dump, extras, options, &mut writer, &mut places, watch).await;
        // What stopped the writer is the reason why reading stopped.
        let made = writer.finish().await;
        let (Ok(()), Ok(made)) = (&read, &made) else {
            spool.remove()?;
            return Err(match (read, made) {
                (Err(error @ BackupError::Interrupted(_)), _) => error,
                (Err(BackupError::Dump(error)), Err(write)) if error.is_sink_closed() => {
                    write.into()
                }
                (Err(error), _) => error,
                (Ok(()), Err(write)) => write.into(),
                (Ok(()), Ok(_)) => BackupError::Interrupted("while the rows were read"),
            });
        };
        let manifest = self.describe(
            dump,
            extras,
            &destroyed.ids().await?,
            (&id, began_at),
            places.settle(made),
            made,
        );
        self.note_read(&spool, dump, &manifest, &identity)?;
        let draft = Draft {
            spool,
            manifest,
            identity,
            began_at,
        };
        self.finish(&draft, destroyed, watch, false).await
    }

    /// Whether a run before this one had sent everything, the signature included.
    async fn has_arrived(&self, spool: &Spool) -> Result<bool, BackupError> {
        if matches!(self.place, Place::Within(_)) {
            return Ok(false);
        }
        let signature = names::of_file(spool.id(), names::MANIFEST_SIGNATURE);
        Ok(self.blob.size(&signature).await?.is_some())
    }

    fn require_room(&self, dump: &dyn Dump) -> Result<(), BackupError> {
        let root = self.place.root();
        fs::ensure_private_dir(root)?;
        let (free_bytes, needed_bytes) = (space::free_bytes(root)?, dump.estimated_bytes());
        if free_bytes >= needed_bytes {
            return Ok(());
        }
        Err(BackupError::NoRoom {
            folder: root.display().to_string(),
            free_bytes,
            needed_bytes,
        })
    }

    fn describe(
        &self,
        dump: &dyn Dump,
        extras: &Extras,
        destroyed: &BTreeSet<String>,
        (id, created_at): (&BackupId, Timestamp),
        (tables, files): (
            Vec<crate::backup::manifest::TableEntry>,
            Vec<crate::backup::manifest::FileEntry>,
        ),
        made: &[crate::backup::writer::Made],
    ) -> PrivateManifest {
        let keys = dump.data_keys().iter().map(|record| &record.key);
        PrivateManifest {
            format: CONTAINER_VERSION,
            id: id.clone(),
            created_at,
            host: self.host.clone(),
            database: dump.database().to_owned(),
            program: dump.program(),
            source: match dump.facts() {
                Facts::Postgres(facts) => SourceFacts::Postgres(facts),
                Facts::Sqlite(facts) => SourceFacts::Sqlite(facts),
            },
            tables,
            files,
            segments: made.iter().map(|made| made.entry.clone()).collect(),
            keys_needed: KeysNeeded {
                master: keys.clone().map(|key| key.master_id.to_string()).collect(),
                data: keys.map(|key| key.id.to_string()).collect(),
                target: extras.target_keys.clone(),
            },
            destroyed_keys: destroyed.clone(),
        }
    }

    /// Writes what a later run needs to go on.
    fn note_read(
        &self,
        spool: &Spool,
        dump: &dyn Dump,
        manifest: &PrivateManifest,
        identity: &BackupIdentity,
    ) -> Result<(), BackupError> {
        self.write_private(spool, manifest, identity)?;
        let keys = dump.data_keys().iter().map(DataKeyEntry::from).collect();
        spool.write(names::DATA_KEYS, &DataKeysFile { keys }.render())?;
        let keyring = self.keyring.as_ref().ok_or(BackupError::NoKeyring)?;
        let (master, rng) = (keyring.active_master(), self.rng.as_ref());
        let (database, began_at) = (&manifest.database, manifest.created_at);
        Ok(spool.note_read(database, began_at, identity, master, rng)?)
    }

    /// Writes the private manifest, sealed like the rows.
    pub(super) fn write_private(
        &self,
        spool: &Spool,
        manifest: &PrivateManifest,
        identity: &BackupIdentity,
    ) -> Result<(), BackupError> {
        // Texts and numbers always have a JSON form.
        let text = serde_json::to_vec(manifest).unwrap_or_default();
        let path = spool.path(names::PRIVATE_MANIFEST);
        let sealed =
            SealingWriter::new(Vec::new(), &identity.recipient()).and_then(|mut sealing| {
                sealing.write_all(&text)?;
                sealing.finish()
            });
        let sealed = sealed.map_err(|error| fs::cannot("write", &path, error))?;
        Ok(spool.write(names::PRIVATE_MANIFEST, &sealed)?)
    }

    async fn finish(
        &self,
        draft: &Draft,
        destroyed: &dyn Destroyed,
        watch: &Watch<'_>,
        was_resumed: bool,
    ) -> Result<Created, BackupError> {
        let before = destroyed.ids().await?;
        let public = self.commit(draft, &before, watch).await?;
        // A key that was destroyed while the backup came to its destination: whoever destroyed it
        // may have looked for backups before this one was there.
        let after = destroyed.ids().await?;
        if after != before {
            self.forget_in(&public.id, &after).await?;
        }
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), public.id.as_str().into());
        details.insert(
            "database".to_owned(),
            draft.manifest.database.clone().into(),
        );
        details.insert("size_bytes".to_owned(), public.size_bytes.into());
        details.insert("rows".to_owned(), draft.manifest.rows().into());
        details.insert("destination".to_owned(), self.blob.describe().into());
        self.record(Action::BackupCreate, Outcome::Success, details)
            .await?;
        Ok(Created {
            database: draft.manifest.database.clone(),
            rows: draft.manifest.rows(),
            raw_bytes: draft.manifest.raw_bytes(),
            public,
            was_resumed,
        })
    }
}

async fn read(
    dump: &mut dyn Dump,
    extras: &Extras,
    options: &Options,
    writer: &mut SegmentWriter,
    places: &mut Places,
    watch: &Watch<'_>,
) -> Result<(), BackupError> {
    rows::tables(dump, writer, options.form, places, watch).await?;
    if let Some(path) = dump.file().map(Path::to_path_buf) {
        let database = FileToSend {
            kind: FileKind::Database,
            name: "database.sqlite".to_owned(),
            from: From::Disk(&path, dump.estimated_bytes()),
        };
        rows::file(&database, writer, places, watch).await?;
    }
    if let Some((name, text)) = &extras.configuration {
        let settings = FileToSend {
            kind: FileKind::Configuration,
            name: name.clone(),
            from: From::Memory(text.as_bytes()),
        };
        rows::file(&settings, writer, places, watch).await?;
    }
    for (path, size_bytes) in &extras.audit_files {
        let name = path.file_name().unwrap_or_default();
        let file = FileToSend {
            kind: FileKind::Audit,
            name: name.to_string_lossy().into_owned(),
            from: From::Disk(path, *size_bytes),
        };
        rows::file(&file, writer, places, watch).await?;
    }
    Ok(())
}
