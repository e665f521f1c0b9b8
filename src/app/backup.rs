//! Backups: made, listed, looked at, sent elsewhere, thinned out.
//!
//! A backup is made in a folder of its own first. It is called one only after everything in it was
//! read back from the disk, opened, decoded and held against what was read from the database. What
//! the bytes are is known in [`crate::backup`], where they lie in [`crate::blob`], how rows are
//! read in [`crate::target`].

mod commit;
pub mod create;
mod error;
pub mod keys;
pub mod look;
mod needs;
pub mod prune;
mod read_back;
mod reencrypt;
mod rows;
pub mod sync;
mod watch;

pub use crate::audit::AuditLog;
pub use crate::backup::catalogue::{Catalogue, Listed};
pub use crate::backup::container::{Container, Fault};
pub use crate::backup::manifest::{PrivateManifest, PublicManifest};
pub use crate::backup::record::{DrillTimes, DrillVerdict, Event, Record};
pub use crate::backup::retention::{Policy, Tier};
pub use crate::blob::BlobError;
pub use crate::crypto::sealed_file::{Identities, Recipient};
pub use crate::target::dump::Dump;
pub use commit::Place;
pub use create::{Created, Extras, Options};
pub use error::BackupError;
pub use look::{OpenBackup, Part, Verification};
pub use rows::Form as TableForm;
pub use watch::Watch;

use super::App;
use super::error::AppResult;
use crate::backup::catalogue;
use crate::backup::known::KnownFile;
use crate::backup::signature::Trusted;
use crate::blob::{Blob, BlobLock};
use crate::crypto::keyring::Keyring;
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::backup::BackupId;
use crate::domain::key::{KeyPurpose, KeyState};
use crate::store::Store;
use crate::sys::clock::Clock;
use crate::sys::rng::Rng;
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A destination of backups, and everything that work on it needs.
pub struct Backups {
    /// The destination.
    pub blob: Arc<dyn Blob>,
    /// Where backups are made before they come to it.
    pub place: Place,
    /// What this host has seen.
    pub known: KnownFile,
    /// Whose signatures are believed.
    pub trusted: Trusted,
    /// The keyring; none on a host that only looks.
    pub keyring: Option<Keyring>,
    /// Who will be able to open a new backup.
    pub recipients: Vec<Recipient>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// This host, by name.
    pub host: String,
    /// Where what is done is recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Who does it.
    pub origin: Origin,
}

impl Backups {
    /// Records an event.
    ///
    /// # Errors
    ///
    /// When it is not durable.
    pub(crate) async fn record(
        &self,
        action: Action,
        outcome: Outcome,
        details: Details,
    ) -> Result<(), BackupError> {
        let mut all = self.origin.details.clone();
        all.extend(details);
        let event = AuditEvent {
            action,
            outcome,
            origin: self.origin.clone(),
            project_id: None,
            details: all,
        };
        self.audit.append(event).await?;
        Ok(())
    }

    /// Signs what was done with a backup into the catalogue.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`]; without a key that signs there are no records.
    pub(crate) async fn add_record(&self, id: &BackupId, event: Event) -> Result<(), BackupError> {
        let record = Record {
            backup_id: id.clone(),
            at: self.clock.now(),
            host: self.host.clone(),
            event,
        };
        let signed = record.sign(self.signing_key()?)?;
        catalogue::add_record(self.blob.as_ref(), &record, &signed).await?;
        Ok(())
    }

    /// Refuses what could not end well, before anything is begun.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoRecipient`], [`BackupError::NoKeyring`], [`BackupError::NoSigningKey`].
    pub fn require_ready(&self) -> Result<(), BackupError> {
        self.signing_key()?;
        if self.recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        Ok(())
    }

    /// Takes the destination for this process.
    ///
    /// # Errors
    ///
    /// [`BackupError::Blob`].
    pub async fn lock(&self, what: &str) -> Result<Box<dyn BlobLock>, BackupError> {
        Ok(self.blob.lock(what).await?)
    }

    /// The ids of all keys of the keyring, each with what it is for.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        let entries = self.keyring.iter().flat_map(Keyring::entries);
        entries
            .map(|entry| format!("{} ({})", entry.id, entry.purpose))
            .collect()
    }

    /// The keys of the keyring for databases of other programs: which of them seals what in a
    /// database is not known here, so that a backup of one needs all of them.
    #[must_use]
    pub fn target_keys(&self) -> BTreeSet<String> {
        let entries = self.keyring.iter().flat_map(Keyring::entries);
        entries
            .filter(|entry| matches!(entry.purpose, KeyPurpose::Target(_)))
            .filter(|entry| entry.state != KeyState::Pending)
            .map(|entry| entry.id.to_string())
            .collect()
    }
}

impl App {
    /// Which keys of this database were destroyed.
    #[must_use]
    pub fn destroyed_keys_here(&self) -> OwnDestroyed {
        OwnDestroyed(Arc::clone(&self.store))
    }

    /// The ids of all keys of this database that were destroyed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn destroyed_key_ids(&self) -> AppResult<BTreeSet<String>> {
        let keys = self.store.destroyed_keys().await?;
        Ok(keys.into_iter().map(|key| key.id.0).collect())
    }

    /// The audit log.
    #[must_use]
    pub fn audit_log(&self) -> Arc<dyn AuditLog> {
        Arc::clone(&self.audit)
    }
}

/// Asks the database of the deployment which keys were destroyed.
pub struct OwnDestroyed(Arc<dyn Store>);

#[async_trait]
impl create::Destroyed for OwnDestroyed {
    async fn ids(&self) -> Result<BTreeSet<String>, BackupError> {
        let keys = self.0.destroyed_keys().await?;
        Ok(keys.into_iter().map(|key| key.id.0).collect())
    }
}

/// A database that embsec destroys no keys of.
#[derive(Clone, Copy, Debug)]
pub struct NothingDestroyed;

#[async_trait]
impl create::Destroyed for NothingDestroyed {
    async fn ids(&self) -> Result<BTreeSet<String>, BackupError> {
        Ok(BTreeSet::new())
    }
}
