//! Makes a backup of what lies in its folder: reads it back, signs it, brings it to its
//! destination.

use super::{BackupError, Backups, Watch, read_back};
use crate::backup::data_keys::DataKeysFile;
use crate::backup::manifest::{
    CONTAINER_VERSION, PrivateManifest, PublicManifest, StoredFile, source_id,
};
use crate::backup::names;
use crate::backup::signature::{SignatureEntry, SignatureFile, Signed, sha256_hex};
use crate::backup::spool::{SMALL_MAX_BYTES, Spool};
use crate::blob::{BlobError, Sha256Sum};
use crate::crypto::sealed_file::{self, BackupIdentity};
use crate::crypto::signing::SigningKey;
use crate::domain::backup::BackupId;
use crate::sys::fs;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How many segments are sent beside each other.
const SENT_AT_ONCE: usize = 3;

/// Where backups are made before they come to their destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the destination, which is this folder: a finished backup is given its name there.
    Within(PathBuf),
    /// In this folder, from which a finished backup is sent.
    Beside(PathBuf),
}

impl Place {
    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        match self {
            Self::Within(root) | Self::Beside(root) => root,
        }
    }
}

/// A backup whose rows were all read.
pub(super) struct Draft {
    pub(super) spool: Spool,
    pub(super) manifest: PrivateManifest,
    pub(super) identity: Arc<BackupIdentity>,
    pub(super) began_at: Timestamp,
}

impl Backups {
    /// Reads a draft back, signs it and brings it to the destination. Keys that were destroyed
    /// since the snapshot do not come along.
    pub(super) async fn commit(
        &self,
        draft: &Draft,
        destroyed: &BTreeSet<String>,
        watch: &Watch<'_>,
    ) -> Result<PublicManifest, BackupError> {
        read_back::read_back(&draft.spool, &draft.manifest, &draft.identity, watch).await?;
        let public = self.sign(draft, destroyed)?;
        match &self.place {
            Place::Within(root) => self.give_name(draft, root)?,
            Place::Beside(_) => self.send(draft, &public, watch).await?,
        }
        let (id, destination) = (draft.spool.id(), self.blob.address());
        self.known
            .update(|known| known.see(&destination, id, 1, 1))?;
        if matches!(self.place, Place::Beside(_)) {
            draft.spool.clone().remove()?;
        }
        Ok(public)
    }

    /// Writes the small files.
    fn sign(
        &self,
        draft: &Draft,
        destroyed: &BTreeSet<String>,
    ) -> Result<PublicManifest, BackupError> {
        let key = self.signing_key()?;
        let (spool, id) = (&draft.spool, draft.spool.id());
        let keys = self.seal_identity(id, &draft.identity)?;
        spool.write(names::KEYS, &keys)?;
        sign_small(spool, Signed::Keys, names::KEYS_SIGNATURE, &keys, key)?;

        let data_keys = self.data_keys_without(spool, destroyed)?;
        let bytes = data_keys.render();
        spool.write(names::DATA_KEYS, &bytes)?;
        sign_small(
            spool,
            Signed::DataKeys,
            names::DATA_KEYS_SIGNATURE,
            &bytes,
            key,
        )?;

        let sealed = spool.read(names::PRIVATE_MANIFEST, SMALL_MAX_BYTES)?;
        let manifest = stored(names::PRIVATE_MANIFEST, &sealed);
        let segments = &draft.manifest.segments;
        let segment_bytes: u64 = segments.iter().map(|entry| entry.file.size_bytes).sum();
        let small_bytes = [keys.len(), bytes.len()];
        let small_bytes = small_bytes
            .iter()
            .map(|length| u64::try_from(*length).unwrap_or(0));
        let took = self.clock.now().duration_since(draft.began_at);
        let public = PublicManifest {
            format: CONTAINER_VERSION,
            id: id.clone(),
            created_at: draft.manifest.created_at,
            duration_millis: u64::try_from(took.as_millis()).unwrap_or(0),
            embsec_version: env!("CARGO_PKG_VERSION").to_owned(),
            source_id: source_id(&draft.manifest.database),
            engine: draft.manifest.source.engine(),
            program: draft.manifest.program,
            size_bytes: segment_bytes + manifest.size_bytes + small_bytes.sum::<u64>(),
            verified_level: 2,
            segments: segments.iter().map(|entry| entry.file.clone()).collect(),
            manifest,
            keys_needed: draft.manifest.keys_needed.clone(),
            destroyed_keys: draft
                .manifest
                .destroyed_keys
                .union(&data_keys.destroyed())
                .cloned()
                .collect(),
        };
        // Texts and numbers always have a JSON form.
        let mut bytes = serde_json::to_vec_pretty(&public).unwrap_or_default();
        bytes.push(b'\n');
        spool.write(names::PUBLIC_MANIFEST, &bytes)?;
        sign_small(
            spool,
            Signed::Manifest,
            names::MANIFEST_SIGNATURE,
            &bytes,
            key,
        )?;
        Ok(public)
    }

    /// `keys.age`: the identity of a backup, sealed to the recipients.
    pub(super) fn seal_identity(
        &self,
        id: &BackupId,
        identity: &BackupIdentity,
    ) -> Result<Vec<u8>, BackupError> {
        if self.recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        let mut text = Zeroizing::new(format!("# the identity of the backup {id}\n").into_bytes());
        let line = identity.line();
        text.reserve_exact(line.len());
        text.extend_from_slice(&line);
        Ok(sealed_file::seal(&self.recipients, &text)?)
    }

    fn data_keys_without(
        &self,
        spool: &Spool,
        destroyed: &BTreeSet<String>,
    ) -> Result<DataKeysFile, BackupError> {
        let bytes = spool.read(names::DATA_KEYS, SMALL_MAX_BYTES)?;
        let file = DataKeysFile::parse(&bytes)
            .ok_or_else(|| crate::backup::spool::SpoolError::Tampered(spool.id().clone()))?;
        Ok(file.without(destroyed, self.clock.now()).unwrap_or(file))
    }

    pub(crate) fn signing_key(&self) -> Result<&SigningKey, BackupError> {
        let keyring = self.keyring.as_ref().ok_or(BackupError::NoKeyring)?;
        keyring.signing_key().ok_or(BackupError::NoSigningKey)
    }

    /// Gives a whole backup its name: from one moment to the next it is there.
    fn give_name(&self, draft: &Draft, root: &Path) -> Result<(), BackupError> {
        let all = root.join(names::BACKUPS);
        fs::ensure_private_dir(&all)?;
        // The journal is of no use any more, and a kill between the two leaves a folder that is
        // made again: nothing was called a backup yet.
        draft.spool.drop_journal()?;
        let to = all.join(draft.spool.id().as_str());
        fs::move_into_place(draft.spool.folder(), &to)?;
        Ok(fs::fsync_dir(&root.join(names::PARTIAL))?)
    }

    /// Sends a backup, its signature last.
    async fn send(
        &self,
        draft: &Draft,
        public: &PublicManifest,
        watch: &Watch<'_>,
    ) -> Result<(), BackupError> {
        use futures_util::{StreamExt as _, TryStreamExt as _};
        let (spool, id) = (&draft.spool, draft.spool.id());
        let total = public.segments.iter().map(|file| file.size_bytes).sum();
        let sent = watch
            .counted("sending, bytes", Some(total), async |heard| {
                let sends = public.segments.iter().map(|file| {
                    let heard = Arc::clone(&heard);
                    async move {
                        if heard.is_stopped() {
                            return Err(BackupError::Interrupted(
                                "while it was sent; the same command goes on",
                            ));
                        }
                        let name = names::of_file(id, &file.name);
                        let path = spool.path(&file.name);
                        let sum = sum(&file.sha256)?;
                        let progress = move |more| heard.bytes(more);
                        self.blob.upload(&name, &path, &sum, &progress).await?;
                        Ok(())
                    }
                });
                futures_util::stream::iter(sends)
                    .buffer_unordered(SENT_AT_ONCE)
                    .try_collect::<()>()
                    .await
            })
            .await;
        sent?;
        for file in names::SMALL_FILES {
            let bytes = spool.read(file, SMALL_MAX_BYTES)?;
            self.put(&names::of_file(id, file), &bytes).await?;
        }
        Ok(())
    }

    /// Writes a small file that is not there yet, or is there already exactly so: a run before
    /// this one may have come that far.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        match self.blob.create(name, bytes).await {
            Ok(_) => Ok(()),
            Err(BlobError::AlreadyExists { .. }) => {
                let found = self.blob.read(name, SMALL_MAX_BYTES).await?;
                if found.bytes == bytes {
                    return Ok(());
                }
                // Of a run that was killed before its signature: the identity is sealed anew each
                // time, so that its bytes differ.
                self.blob.replace(name, bytes, Some(&found.version)).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn sign_small(
    spool: &Spool,
    what: Signed,
    file: &str,
    content: &[u8],
    key: &SigningKey,
) -> Result<(), BackupError> {
    let entry = SignatureEntry::sign(what, spool.id(), 1, content, key)?;
    Ok(spool.write(file, &SignatureFile::of(entry).render())?)
}

fn stored(name: &str, bytes: &[u8]) -> StoredFile {
    StoredFile {
        name: name.to_owned(),
        size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: sha256_hex(bytes),
    }
}

/// A SHA-256 that was written in hexadecimal.
pub(super) fn sum(hex: &str) -> Result<Sha256Sum, BackupError> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(BackupError::Interrupted("by a hash that is none"))
}
