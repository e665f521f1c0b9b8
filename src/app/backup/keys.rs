//! Keys in backups that are there already: those that were destroyed are taken out, and the
//! identity of each is sealed to other recipients.
//!
//! Only the two small files that may change are touched. Each is replaced in three steps, so that
//! a kill between any two leaves a state that can be read: the signature file with both states, the
//! file, the signature file with the new state alone.

use super::{BackupError, Backups};
use crate::backup::container::{Container, Replaceable};
use crate::backup::names;
use crate::backup::signature::{SignatureEntry, SignatureFile, Signed, sha256_hex};
use crate::blob::BlobError;
use crate::crypto::sealed_file::Identities;
use crate::crypto::wrap;
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use std::collections::BTreeSet;

/// What became of the backups of a destination.
#[derive(Debug, Default)]
pub struct Changed {
    /// Those that were changed.
    pub changed: Vec<BackupId>,
    /// Those for which there was nothing to do.
    pub unchanged: Vec<BackupId>,
    /// Those that could not be changed, and why.
    pub failed: Vec<(BackupId, BackupError)>,
    /// Whether the destination keeps what was replaced, so that it is not gone yet; `None` when
    /// it does not tell.
    pub keeps_old_versions: Option<bool>,
}

impl Backups {
    /// Takes destroyed keys out of every backup of the destination. The lock of the destination is
    /// held.
    ///
    /// # Errors
    ///
    /// When the destination cannot be listed; what happened to single backups is an answer.
    pub async fn forget(&self, destroyed: &BTreeSet<String>) -> Result<Changed, BackupError> {
        let mut all = Changed {
            keeps_old_versions: self.blob.keeps_old_versions().await?,
            ..Changed::default()
        };
        for listed in self.catalogue().await?.backups {
            let done = match listed.public {
                Ok(_) => self.forget_in(&listed.id, destroyed).await,
                Err(fault) => Err(fault.into()),
            };
            all.take(listed.id, done);
        }
        Ok(all)
    }

    /// Takes destroyed keys out of one backup. `false`: it has none of them.
    pub(super) async fn forget_in(
        &self,
        id: &BackupId,
        destroyed: &BTreeSet<String>,
    ) -> Result<bool, BackupError> {
        let container = self.open(id).await?;
        let now = self.clock.now();
        let Some(file) = container.data_keys_file.without(destroyed, now) else {
            self.settle(&container, Signed::DataKeys).await?;
            return Ok(false);
        };
        self.replace(&container, Signed::DataKeys, &file.render())
            .await?;
        let gone: Vec<String> = container
            .data_keys_file
            .present()
            .intersection(destroyed)
            .cloned()
            .collect();
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("key_ids".to_owned(), gone.into());
        self.record(Action::BackupForgetKey, Outcome::Success, details)
            .await?;
        Ok(true)
    }

    /// Seals the identity of every backup to the recipients of the settings. What opens it now is
    /// one of these identities. The lock of the destination is held.
    ///
    /// # Errors
    ///
    /// When the destination cannot be listed; what happened to single backups is an answer.
    pub async fn rewrap(&self, identities: &Identities) -> Result<Changed, BackupError> {
        if self.recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        let mut all = Changed {
            keeps_old_versions: self.blob.keeps_old_versions().await?,
            ..Changed::default()
        };
        for listed in self.catalogue().await?.backups {
            let done = match listed.public {
                Ok(_) => self.rewrap_one(&listed.id, identities).await,
                Err(fault) => Err(fault.into()),
            };
            all.take(listed.id, done.map(|()| true));
        }
        Ok(all)
    }

    async fn rewrap_one(&self, id: &BackupId, identities: &Identities) -> Result<(), BackupError> {
        let container = self.open(id).await?;
        let identity = container.identity(identities)?;
        // The identity must be the one that opens this backup, before anything depends on it.
        container.private(&identity).await?;
        let sealed = self.seal_identity(id, &identity)?;
        self.replace(&container, Signed::Keys, &sealed).await?;
        let recipients: Vec<String> = self.recipients.iter().map(ToString::to_string).collect();
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("recipients".to_owned(), recipients.into());
        self.record(Action::BackupRewrap, Outcome::Success, details)
            .await
    }

    /// Seals the data keys of every backup by the active master key, those that an older one seals.
    /// The lock of the destination is held.
    ///
    /// # Errors
    ///
    /// When the destination cannot be listed; what happened to single backups is an answer.
    pub async fn rewrap_data_keys(&self) -> Result<Changed, BackupError> {
        let mut all = Changed {
            keeps_old_versions: self.blob.keeps_old_versions().await?,
            ..Changed::default()
        };
        for listed in self.catalogue().await?.backups {
            let done = match listed.public {
                Ok(_) => self.rewrap_data_keys_of(&listed.id).await,
                Err(fault) => Err(fault.into()),
            };
            all.take(listed.id, done);
        }
        Ok(all)
    }

    async fn rewrap_data_keys_of(&self, id: &BackupId) -> Result<bool, BackupError> {
        let keyring = self.keyring.as_ref().ok_or(BackupError::NoKeyring)?;
        let active = keyring.active_master();
        let container = self.open(id).await?;
        let mut file = container.data_keys_file.clone();
        let mut changed = false;
        for entry in &mut file.keys {
            let Some(record) = entry.record() else {
                continue;
            };
            if record.key.master_id == *active.id() {
                continue;
            }
            let master = keyring.master(&record.key.master_id);
            let master =
                master.ok_or_else(|| BackupError::NoMaster(record.key.master_id.clone()))?;
            let key = wrap::unwrap(&record.key, master)?;
            let rng = self.rng.as_ref();
            let wrapped = wrap::wrap(&key, record.key.scope, record.key.state, active, rng)?;
            entry.wrapped = Some(wrapped.wrapped);
            entry.master_id = Some(wrapped.master_id.to_string());
            changed = true;
        }
        if !changed {
            self.settle(&container, Signed::DataKeys).await?;
            return Ok(false);
        }
        self.replace(&container, Signed::DataKeys, &file.render())
            .await?;
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("master_id".to_owned(), active.id().0.as_str().into());
        self.record(Action::BackupRewrap, Outcome::Success, details)
            .await?;
        Ok(true)
    }

    /// Replaces a small file by its next state.
    async fn replace(
        &self,
        container: &Container,
        what: Signed,
        content: &[u8],
    ) -> Result<(), BackupError> {
        let key = self.signing_key()?;
        let (old, ..) = parts(container, what);
        let entries = &old.signatures.entries;
        let newest = entries.iter().map(|entry| entry.generation).max();
        let generation = newest.unwrap_or(0).saturating_add(1);
        let next = SignatureEntry::sign(what, &container.id, generation, content, key)?;
        self.replace_by(container, what, content, next).await
    }

    /// Replaces a small file by a state that is signed already.
    pub(super) async fn replace_by(
        &self,
        container: &Container,
        what: Signed,
        content: &[u8],
        next: SignatureEntry,
    ) -> Result<(), BackupError> {
        let (old, file, signature_file) = parts(container, what);
        let generation = next.generation;
        let mut entries: Vec<_> = present(old).cloned().into_iter().collect();
        entries.push(next.clone());
        let both = SignatureFile { entries };
        let blob = &self.blob;
        let signed = blob
            .replace(
                &signature_file,
                &both.render(),
                Some(&old.signatures_version),
            )
            .await?;
        blob.replace(&file, content, Some(&old.version)).await?;
        blob.replace(
            &signature_file,
            &SignatureFile::of(next).render(),
            Some(&signed),
        )
        .await?;
        // Read as anybody would, before the state that was is forgotten.
        let read = self.open(&container.id).await?;
        let (now, ..) = parts(&read, what);
        if now.bytes == content && now.believed.generation == generation {
            return Ok(());
        }
        Err(BlobError::Changed {
            place: blob.describe(),
            name: file,
        }
        .into())
    }

    /// Takes the signature of a former state away, which a run that was killed left behind.
    async fn settle(&self, container: &Container, what: Signed) -> Result<(), BackupError> {
        let (old, _, signature_file) = parts(container, what);
        if old.signatures.entries.len() < 2 {
            return Ok(());
        }
        if let Some(present) = present(old) {
            let alone = SignatureFile::of(present.clone()).render();
            self.blob
                .replace(&signature_file, &alone, Some(&old.signatures_version))
                .await?;
        }
        Ok(())
    }
}

/// The signature of the state that is there.
pub(super) fn present(file: &Replaceable) -> Option<&SignatureEntry> {
    let sha256 = sha256_hex(&file.bytes);
    file.signatures
        .entries
        .iter()
        .filter(|entry| entry.sha256 == sha256)
        .max_by_key(|entry| entry.generation)
}

/// A small file, its name, and that of its signature.
fn parts(container: &Container, what: Signed) -> (&Replaceable, String, String) {
    let (file, name, signature) = match what {
        Signed::DataKeys => (
            &container.data_keys,
            names::DATA_KEYS,
            names::DATA_KEYS_SIGNATURE,
        ),
        Signed::Keys | Signed::Manifest | Signed::Record => {
            (&container.keys, names::KEYS, names::KEYS_SIGNATURE)
        }
    };
    (
        file,
        names::of_file(&container.id, name),
        names::of_file(&container.id, signature),
    )
}

impl Changed {
    pub(super) fn take(&mut self, id: BackupId, done: Result<bool, BackupError>) {
        match done {
            Ok(true) => self.changed.push(id),
            Ok(false) => self.unchanged.push(id),
            Err(error) => self.failed.push((id, error)),
        }
    }
}
