//! The keys of a declared target in the keyring of a deployment: those at hand, and the first one,
//! which is made when something is to be sealed.

use super::TargetError;
use crate::app::encryption::{EncryptionError, Subject};
use crate::audit::AuditLog;
use crate::crypto::field;
use crate::crypto::keyring::Keyring;
use crate::crypto::secret::DataKey;
use crate::deployment::keyring::{KeyringSource, KeyringUpdateError};
use crate::deployment::open::refuse_foreign_owner;
use crate::domain::audit::{Action, AuditEvent, Origin, Outcome};
use crate::domain::key::{KeyId, KeyPurpose, KeyState, TargetName};
use crate::sys::clock::Clock;
use crate::sys::owner;
use crate::sys::rng::Rng;
use crate::target::cipher::Keys;
use std::path::Path;
use std::sync::Arc;

/// What a keyring has for a target.
pub(super) struct FromKeyring {
    /// Those that open, the one that seals first; none, if there is none.
    pub(super) keys: Keys,
    /// The key that is to be made before anything can be sealed.
    pub(super) fresh: Option<FreshKey>,
}

/// A key that is not in use yet.
pub(super) struct FreshKey {
    source: KeyringSource,
    name: TargetName,
    key: Arc<DataKey>,
}

impl FromKeyring {
    /// Looks into the keyring. Nothing is made yet. A keyring that is not there, or that nothing
    /// was given to open, has no keys.
    pub(super) fn look(
        source: KeyringSource,
        name: &TargetName,
        rng: &dyn Rng,
    ) -> Result<Self, TargetError> {
        let keyring = match source.load() {
            Ok(keyring) => keyring,
            Err(error) if error.is_missing() => {
                return Ok(Self {
                    keys: Keys::None,
                    fresh: None,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let mut all = keyring.target_keys(name);
        all.sort_by_key(|(state, _)| *state != KeyState::Active);
        let seals = all
            .first()
            .is_some_and(|(state, _)| *state == KeyState::Active);
        let fresh = if seals {
            None
        } else {
            // One that a killed run left is used instead of another.
            let key = match keyring.pending_target(name) {
                Some(key) => key,
                None => Arc::new(
                    DataKey::generate(rng)
                        .map_err(|error| TargetError::Run(EncryptionError::Seal(error.into())))?,
                ),
            };
            Some(FreshKey {
                source,
                name: name.clone(),
                key,
            })
        };
        let keys: Vec<_> = all.into_iter().map(|(_, key)| key).collect();
        Ok(Self {
            keys: if keys.is_empty() {
                Keys::None
            } else {
                Keys::Bound(keys)
            },
            fresh,
        })
    }
}

impl FreshKey {
    pub(super) fn id(&self) -> &KeyId {
        self.key.id()
    }

    /// The keys of a run that seals with this one.
    pub(super) fn before(&self, keys: &Keys) -> Keys {
        let mut all = vec![Arc::clone(&self.key)];
        if let Keys::Bound(keys) = keys {
            all.extend(keys.iter().cloned());
        }
        Keys::Bound(all)
    }

    /// Puts the key into the keyring: durable while it is pending, read back, challenged, and only
    /// then the active one. Recorded before, and once more if it fails.
    pub(super) async fn keep(
        &self,
        audit: &dyn AuditLog,
        origin: &Origin,
        subject: &Subject,
        clock: &dyn Clock,
    ) -> Result<(), TargetError> {
        let mut details = origin.details.clone();
        details.insert("key_id".to_owned(), self.id().0.as_str().into());
        details.insert("purpose".to_owned(), self.purpose().to_string().into());
        details.insert("database".to_owned(), subject.database.as_str().into());
        let event = |outcome, details| AuditEvent {
            action: Action::TargetCreateKey,
            outcome,
            origin: origin.clone(),
            project_id: None,
            details,
        };
        audit
            .append(event(Outcome::Success, details.clone()))
            .await?;
        let kept = self.store(subject.rng.as_ref(), clock);
        if kept.is_err() {
            details.insert("error".to_owned(), "the keyring was not changed".into());
            audit.append(event(Outcome::Error, details)).await?;
        }
        kept
    }

    fn purpose(&self) -> KeyPurpose {
        KeyPurpose::Target(self.name.clone())
    }

    fn store(&self, rng: &dyn Rng, clock: &dyn Clock) -> Result<(), TargetError> {
        if let Some(folder) = self.source.folder() {
            // A keyring that somebody else writes, its owner can no longer read.
            refuse_foreign_owner(folder, owner::effective_uid())?;
        }
        let key = || Arc::clone(&self.key);
        let stored = self.source.update(None, |now| {
            now.with_first_of_target(&self.name, key(), clock)
        });
        match stored {
            Ok(_) => {}
            // What a killed run left.
            Err(KeyringUpdateError::Change(_))
                if self.source.load()?.pending(&self.purpose()) == Some(self.id()) => {}
            Err(error) => return Err(error.into()),
        }
        self.challenge(&self.source.load()?, rng)?;
        self.source
            .update(None, |now| now.with_activated(self.id(), clock))?;
        let now = self.source.load()?;
        if now.active(&self.purpose()) == Some(self.id()) {
            Ok(())
        } else {
            Err(TargetError::KeyNotKept(self.id().clone()))
        }
    }

    /// Whether the key that was read back opens what the one in memory seals.
    fn challenge(&self, keyring: &Keyring, rng: &dyn Rng) -> Result<(), TargetError> {
        let not_kept = || TargetError::KeyNotKept(self.id().clone());
        let read_back = keyring.target_key(self.id()).ok_or_else(not_kept)?;
        let is_same = field::is_same_key(&self.key, read_back, rng)
            .map_err(|error| TargetError::Run(error.into()))?;
        is_same.then_some(()).ok_or_else(not_kept)
    }
}

impl KeyringSource {
    /// The folder of a keyring that is a file.
    fn folder(&self) -> Option<&Path> {
        match self.reference() {
            crate::config::secret::SecretRef::File(path) => path.parent(),
            _ => None,
        }
    }
}
