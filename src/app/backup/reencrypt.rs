//! Makes backups anew under an identity of their own that nobody had before: for when the identity
//! of a recipient was stolen, since whoever has it may have opened the identities of backups.

use super::commit::Draft;
use super::keys::Changed;
use super::{BackupError, Backups, OpenBackup, Watch};
use crate::backup::catalogue::Listed;
use crate::backup::container::Fault;
use crate::backup::manifest::{PrivateManifest, SegmentEntry};
use crate::backup::names;
use crate::backup::opened::SegmentFault;
use crate::backup::record::Event;
use crate::backup::spool::Spool;
use crate::backup::verify;
use crate::crypto::sealed_file::{BackupIdentity, Identities};
use crate::domain::backup::BackupId;
use crate::sys::fs;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Backups {
    /// Which backups [`Self::rewrap`] and [`Self::reencrypt`] would change. Each is opened.
    ///
    /// # Errors
    ///
    /// When the destination cannot be listed.
    pub async fn plan_rewrap(&self, identities: &Identities) -> Result<Changed, BackupError> {
        let mut all = Changed::default();
        for listed in self.catalogue().await?.backups {
            let opened = match listed.public {
                Ok(_) => self.open_with(&listed.id, identities).await,
                Err(fault) => Err(fault.into()),
            };
            all.take(listed.id, opened.map(|_| true));
        }
        Ok(all)
    }

    /// Makes every backup anew and removes the old one. The lock of the destination is held.
    ///
    /// # Errors
    ///
    /// When the destination cannot be listed; what happened to single backups is an answer.
    pub async fn reencrypt(
        &self,
        identities: &Identities,
        watch: &Watch<'_>,
    ) -> Result<Changed, BackupError> {
        let mut all = Changed {
            keeps_old_versions: self.blob.keeps_old_versions().await?,
            ..Changed::default()
        };
        self.finish_replacing(identities).await?;
        for listed in self.catalogue().await?.backups {
            if watch.stop.is_asked() {
                return Err(BackupError::Interrupted(
                    "between two backups; the same command goes on",
                ));
            }
            let done = match &listed.public {
                Ok(_) => self.reencrypt_one(&listed, identities, watch).await,
                Err(_) => Err(BackupError::NoSuchBackup(listed.id.to_string())),
            };
            all.take(listed.id, done.map(|()| true));
        }
        Ok(all)
    }

    /// Ends what a run was killed at: old backups that have a new one go, so that there are not two,
    /// and so does what was on its way out, or was begun and cannot be gone on with.
    async fn finish_replacing(&self, identities: &Identities) -> Result<(), BackupError> {
        let catalogue = self.catalogue().await?;
        for id in &catalogue.doomed {
            self.remove(id).await?;
        }
        for old in &catalogue.backups {
            for new in old.replacements() {
                match catalogue.find(new.as_str()) {
                    None => self.clear(new).await?,
                    Some(found) if found.is_verified() => {
                        if self.is_whole(new, identities).await {
                            self.hand_over(old, new).await?;
                            break;
                        }
                    }
                    // Not to be believed: it stays, for somebody to look at.
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Whether a backup opens and every file of it is there. Its bytes were read back when it was
    /// made, which may be a while ago.
    async fn is_whole(&self, id: &BackupId, identities: &Identities) -> bool {
        match self.open_with(id, identities).await {
            Ok(opened) => verify::sizes(&opened.container).await.is_ok(),
            Err(_) => false,
        }
    }

    async fn reencrypt_one(
        &self,
        old: &Listed,
        identities: &Identities,
        watch: &Watch<'_>,
    ) -> Result<(), BackupError> {
        let new = self.make_anew(&old.id, identities, watch).await?;
        self.hand_over(old, &new).await
    }

    /// Has a new backup in the place of an old one, which goes.
    async fn hand_over(&self, old: &Listed, new: &BackupId) -> Result<(), BackupError> {
        if old.is_pinned() {
            // The pin goes with the records of the old one.
            self.pin(new, Event::Pinned).await?;
        }
        self.remove(&old.id).await
    }

    /// Removes what a killed run made of a backup that it did not finish.
    async fn clear(&self, id: &BackupId) -> Result<(), BackupError> {
        for spool in Spool::unfinished(self.place.root())? {
            if spool.id() == id {
                spool.remove()?;
            }
        }
        for entry in self.blob.list(&names::of_backup(id)).await? {
            self.blob.remove(&entry.name).await?;
        }
        Ok(())
    }

    async fn make_anew(
        &self,
        id: &BackupId,
        identities: &Identities,
        watch: &Watch<'_>,
    ) -> Result<BackupId, BackupError> {
        let old = Arc::new(self.open_with(id, identities).await?);
        let mut random = [0; 6];
        self.rng.fill(&mut random)?;
        // The same time, so that retention takes it for what it is.
        let new_id = BackupId::new(old.manifest.created_at, random);
        self.add_record(id, Event::Replacing { by: new_id.clone() })
            .await?;
        let spool = Spool::begin(self.place.root(), &new_id)?;
        let identity = Arc::new(BackupIdentity::generate());
        let made = self.seal_again(&old, &spool, &identity, watch).await;
        let segments = match made {
            Ok(segments) => segments,
            Err(error) => {
                spool.remove()?;
                return Err(error);
            }
        };
        let manifest = PrivateManifest {
            id: new_id.clone(),
            segments,
            ..old.manifest.clone()
        };
        self.write_private(&spool, &manifest, &identity)?;
        spool.write(names::DATA_KEYS, &old.container.data_keys.bytes)?;
        let draft = Draft {
            spool,
            manifest,
            identity,
            began_at: self.clock.now(),
        };
        self.commit(&draft, &BTreeSet::new(), watch).await?;
        Ok(new_id)
    }

    async fn seal_again(
        &self,
        old: &Arc<OpenBackup>,
        spool: &Spool,
        identity: &Arc<BackupIdentity>,
        watch: &Watch<'_>,
    ) -> Result<Vec<SegmentEntry>, BackupError> {
        let all = &old.manifest.segments;
        let total = all.iter().map(|entry| entry.file.size_bytes).sum();
        watch.progress.begin("sealing anew, bytes", Some(total));
        let (mut segments, mut done) = (Vec::new(), 0);
        for entry in all {
            if watch.stop.is_asked() {
                return Err(BackupError::Interrupted("while a backup was made anew"));
            }
            let path = spool.path(&entry.file.name);
            let file = fs::create_private_file(&path)?;
            let sealed = old
                .container
                .reseal_segment(entry, &old.identity, identity, file)
                .await;
            let file = sealed.map_err(|fault| match fault {
                Fault::Segment {
                    source: SegmentFault::Read { source, .. },
                    ..
                } => BackupError::File(fs::cannot("write", &path, source)),
                fault => fault.into(),
            })?;
            segments.push(SegmentEntry {
                file,
                ..entry.clone()
            });
            done += entry.file.size_bytes;
            watch.progress.done(done);
        }
        watch.progress.end();
        Ok(segments)
    }
}
