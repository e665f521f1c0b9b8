//! Brings backups from one destination to another.
//!
//! What comes over is what was signed: every file is compared with its signed hash where it
//! arrives, and the signature comes last. Files that may change follow once the backup is there.

use super::keys::present;
use super::{BackupError, Backups, Watch};
use crate::backup::container::{Container, Replaceable};
use crate::backup::manifest::StoredFile;
use crate::backup::names;
use crate::backup::signature::Signed;
use crate::backup::spool::SMALL_MAX_BYTES;
use crate::blob::{Blob, BlobError};
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use crate::sys::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a sync did.
#[derive(Debug, Default)]
pub struct Synced {
    /// Backups that came over.
    pub sent: Vec<BackupId>,
    /// Backups that were there, and whose small files or records were brought up to date.
    pub updated: Vec<BackupId>,
    /// Backups that were there as they are.
    pub unchanged: Vec<BackupId>,
    /// Backups that are not to be believed, and were left where they are.
    pub unbelieved: Vec<BackupId>,
    /// How many bytes went over the line.
    pub sent_bytes: u64,
}

impl Backups {
    /// Brings every backup to another destination, the newest first. Both destinations are locked.
    /// `scratch` is a folder for what has to be fetched before it is sent.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`]; what came over is there.
    pub async fn sync(
        &self,
        to: &Self,
        only: Option<&BackupId>,
        scratch: &Path,
        watch: &Watch<'_>,
    ) -> Result<Synced, BackupError> {
        let mut synced = Synced::default();
        let mut backups = self.catalogue().await?.backups;
        backups.reverse();
        let total = backups
            .iter()
            .filter_map(|listed| listed.public.as_ref().ok());
        let total = total.map(|public| public.size_bytes).sum();
        let (mut done_bytes, pruned) = (0, to.pruned()?);
        watch.progress.begin("sending, bytes", Some(total));
        for listed in backups {
            let wanted = only.is_none_or(|only| *only == listed.id);
            // What retention removed there does not come back.
            if !wanted || pruned.contains(&listed.id) {
                continue;
            }
            let Ok(public) = &listed.public else {
                synced.unbelieved.push(listed.id);
                continue;
            };
            let container = self.open(&listed.id).await?;
            let before = synced.sent_bytes;
            let is_new = self
                .send_backup(&container, to, scratch, watch, &mut synced.sent_bytes)
                .await?;
            let followed = self.send_records(&listed.id, to).await?;
            match (is_new, followed || synced.sent_bytes > before) {
                (true, _) => synced.sent.push(listed.id),
                (false, true) => synced.updated.push(listed.id),
                (false, false) => synced.unchanged.push(listed.id),
            }
            done_bytes += public.size_bytes;
            watch.progress.done(done_bytes);
        }
        watch.progress.end();
        self.tell(to, &synced).await?;
        Ok(synced)
    }

    /// Says what [`Self::sync`] would send, by what is there already.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn plan_sync(
        &self,
        to: &Self,
        only: Option<&BackupId>,
    ) -> Result<Synced, BackupError> {
        let (mut synced, pruned) = (Synced::default(), to.pruned()?);
        for listed in self.catalogue().await?.backups {
            let wanted = only.is_none_or(|only| *only == listed.id);
            if !wanted || pruned.contains(&listed.id) {
                continue;
            }
            let signature = names::of_file(&listed.id, names::MANIFEST_SIGNATURE);
            let is_there = to.blob.size(&signature).await?.is_some();
            match (&listed.public, is_there) {
                (Err(_), _) => synced.unbelieved.push(listed.id),
                (Ok(_), true) => synced.unchanged.push(listed.id),
                (Ok(_), false) => synced.sent.push(listed.id),
            }
        }
        Ok(synced)
    }

    fn pruned(&self) -> Result<Vec<BackupId>, BackupError> {
        let (known, here) = (self.known.load()?, self.blob.address());
        Ok(known
            .in_destination(&here)
            .filter(|(_, known)| known.pruned_at.is_some() || known.doomed_at.is_some())
            .map(|(id, _)| id)
            .collect())
    }

    async fn tell(&self, to: &Self, synced: &Synced) -> Result<(), BackupError> {
        if synced.sent.is_empty() && synced.updated.is_empty() {
            return Ok(());
        }
        let ids =
            |ids: &[BackupId]| -> Vec<String> { ids.iter().map(ToString::to_string).collect() };
        let mut details = Details::new();
        details.insert("from".to_owned(), self.blob.describe().into());
        details.insert("to".to_owned(), to.blob.describe().into());
        details.insert("sent".to_owned(), ids(&synced.sent).into());
        details.insert("updated".to_owned(), ids(&synced.updated).into());
        self.record(Action::BackupSync, Outcome::Success, details)
            .await
    }

    /// Sends one backup. `false`: it was there.
    async fn send_backup(
        &self,
        container: &Container,
        to: &Self,
        scratch: &Path,
        watch: &Watch<'_>,
        sent_bytes: &mut u64,
    ) -> Result<bool, BackupError> {
        let id = &container.id;
        let signature = names::of_file(id, names::MANIFEST_SIGNATURE);
        let is_there = to.blob.size(&signature).await?.is_some();
        if !is_there {
            for file in container.named_files() {
                if watch.stop.is_asked() {
                    return Err(BackupError::Interrupted(
                        "between two files; the same command goes on",
                    ));
                }
                *sent_bytes += self.send_file(container, file, to, scratch).await?;
            }
        }
        if is_there {
            return self.follow(container, to, sent_bytes).await.map(|()| false);
        }
        for (file, name, signature) in changeable(container) {
            let contents = [
                (name, file.bytes.clone()),
                (signature, file.signatures.render()),
            ];
            for (name, bytes) in contents {
                let name = names::of_file(id, name);
                *sent_bytes += bring(to.blob.as_ref(), &name, &bytes).await?;
            }
        }
        for file in [names::PUBLIC_MANIFEST, names::MANIFEST_SIGNATURE] {
            let name = names::of_file(id, file);
            let read = self.blob.read(&name, SMALL_MAX_BYTES).await?;
            *sent_bytes += bring(to.blob.as_ref(), &name, &read.bytes).await?;
        }
        // Read as anybody would.
        to.open(id).await?;
        Ok(true)
    }

    /// Brings the files that may change up to date, where they are older there.
    async fn follow(
        &self,
        container: &Container,
        to: &Self,
        sent_bytes: &mut u64,
    ) -> Result<(), BackupError> {
        for what in [Signed::Keys, Signed::DataKeys] {
            let theirs = to.open(&container.id).await?;
            let (ours, theirs_file) = match what {
                Signed::DataKeys => (&container.data_keys, &theirs.data_keys),
                _ => (&container.keys, &theirs.keys),
            };
            if ours.believed.generation <= theirs_file.believed.generation {
                continue;
            }
            if let Some(entry) = present(ours).cloned() {
                to.replace_by(&theirs, what, &ours.bytes, entry).await?;
                *sent_bytes += u64::try_from(ours.bytes.len()).unwrap_or(0);
            }
        }
        Ok(())
    }

    async fn send_file(
        &self,
        container: &Container,
        file: &StoredFile,
        to: &Self,
        scratch: &Path,
    ) -> Result<u64, BackupError> {
        let name = names::of_file(&container.id, &file.name);
        let sum = super::commit::sum(&file.sha256)?;
        let fetched = Fetched::fetch(&self.blob, &name, scratch).await?;
        let uploaded = to.blob.upload(&name, &fetched.0, &sum, &|_| ()).await?;
        Ok(uploaded.sent_bytes)
    }

    /// Sends records that are not there. `true`: there were some.
    async fn send_records(&self, id: &BackupId, to: &Self) -> Result<bool, BackupError> {
        let folder = names::of_records(id);
        let there = to.blob.list(&folder).await?;
        let mut sent = false;
        for entry in self.blob.list(&folder).await? {
            if there.iter().any(|there| there.name == entry.name) {
                continue;
            }
            let read = self.blob.read(&entry.name, SMALL_MAX_BYTES).await?;
            bring(to.blob.as_ref(), &entry.name, &read.bytes).await?;
            sent = true;
        }
        Ok(sent)
    }
}

/// The files of a backup that may change, each with its name and that of its signature.
fn changeable(container: &Container) -> [(&Replaceable, &'static str, &'static str); 2] {
    [
        (&container.keys, names::KEYS, names::KEYS_SIGNATURE),
        (
            &container.data_keys,
            names::DATA_KEYS,
            names::DATA_KEYS_SIGNATURE,
        ),
    ]
}

/// Has a destination hold a small file exactly so. Returns how many bytes were sent.
async fn bring(to: &dyn Blob, name: &str, bytes: &[u8]) -> Result<u64, BackupError> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match to.create(name, bytes).await {
        Ok(_) => Ok(length),
        Err(BlobError::AlreadyExists { .. }) => {
            let found = to.read(name, SMALL_MAX_BYTES).await?;
            if found.bytes == bytes {
                return Ok(0);
            }
            to.replace(name, bytes, Some(&found.version)).await?;
            Ok(length)
        }
        Err(error) => Err(error.into()),
    }
}

/// An object as a file of this machine, which goes with this value.
struct Fetched(PathBuf);

impl Fetched {
    async fn fetch(blob: &Arc<dyn Blob>, name: &str, scratch: &Path) -> Result<Self, BackupError> {
        let local = scratch.join(name.replace('/', "-"));
        fs::remove_file_if_there(&local)?;
        let fetched = Self(local);
        let mut file = fs::create_private_file(&fetched.0)?;
        let mut reader = blob.open(name).await?;
        while let Some(chunk) = reader.next().await? {
            file.write_all(&chunk)
                .map_err(|error| fs::cannot("write", &fetched.0, error))?;
        }
        Ok(fetched)
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // What is left is overwritten by the next run.
        fs::remove_file_if_there(&self.0).unwrap_or_default();
    }
}
