//! How one keyring becomes the next: keys are made, activated, retired and destroyed, each change
//! in a keyring of the next generation that leaves the old one as it was.

use super::{Entry, Keyring, Material, whole_second};
use crate::crypto::secret::DataKey;
use crate::domain::key::{KeyId, KeyPurpose, KeyState, TargetName};
use crate::sys::clock::Clock;
use crate::sys::rng::{Rng, RngError};
use std::sync::Arc;

/// Why a keyring was not changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The system has no randomness to give.
    #[error(transparent)]
    Rng(#[from] RngError),
    /// The keyring has no key of this id.
    #[error("the keyring has no key {0}")]
    Unknown(KeyId),
    /// A purpose has one pending key at a time: the one there is must become active or go first.
    #[error("the key {id} is pending already for the purpose {purpose}")]
    AlreadyPending {
        /// The pending key.
        id: KeyId,
        /// Its purpose.
        purpose: KeyPurpose,
    },
    /// The purpose has a key that seals, and the change was to give it the first one.
    #[error("the key {id} is active already for the purpose {purpose}")]
    AlreadyActive {
        /// The active key.
        id: KeyId,
        /// Its purpose.
        purpose: KeyPurpose,
    },
    /// The key does not stand where the change begins.
    #[error("the key {id} is {}, and only {wanted} can be {change}", .state.as_str())]
    WrongState {
        /// The key.
        id: KeyId,
        /// Where it stands.
        state: KeyState,
        /// Where it would have to stand, in words.
        wanted: &'static str,
        /// What was asked, as a participle.
        change: &'static str,
    },
    /// The generation cannot grow any further.
    #[error("the generation of the keyring cannot grow any further")]
    Generations,
}

impl Entry {
    fn refuse(&self, wanted: &'static str, change: &'static str) -> ChangeError {
        ChangeError::WrongState {
            id: self.material.id().clone(),
            state: self.state,
            wanted,
            change,
        }
    }
}

impl Keyring {
    /// The next keyring, with a new pending key for this purpose: [`Self::pending`] names it.
    ///
    /// # Errors
    ///
    /// [`ChangeError::AlreadyPending`], [`ChangeError::Rng`], [`ChangeError::Generations`].
    pub fn with_pending(
        &self,
        purpose: &KeyPurpose,
        rng: &dyn Rng,
        clock: &dyn Clock,
    ) -> Result<Self, ChangeError> {
        self.with_material(Material::generate(purpose, rng)?, purpose, clock)
    }

    /// The next keyring, with this key as the pending one of a target that has none that seals.
    ///
    /// # Errors
    ///
    /// [`ChangeError::AlreadyActive`], [`ChangeError::AlreadyPending`],
    /// [`ChangeError::Generations`].
    pub fn with_first_of_target(
        &self,
        name: &TargetName,
        key: Arc<DataKey>,
        clock: &dyn Clock,
    ) -> Result<Self, ChangeError> {
        let purpose = KeyPurpose::Target(name.clone());
        if let Some(id) = self.active(&purpose) {
            let id = id.clone();
            return Err(ChangeError::AlreadyActive { id, purpose });
        }
        self.with_material(Material::Target(key), &purpose, clock)
    }

    fn with_material(
        &self,
        material: Material,
        purpose: &KeyPurpose,
        clock: &dyn Clock,
    ) -> Result<Self, ChangeError> {
        if let Some(id) = self.pending(purpose) {
            return Err(ChangeError::AlreadyPending {
                id: id.clone(),
                purpose: purpose.clone(),
            });
        }
        let mut next = self.next()?;
        next.entries.push(Entry {
            material,
            purpose: purpose.clone(),
            state: KeyState::Pending,
            created_at: whole_second(clock),
            rotated_at: None,
        });
        Ok(next)
    }

    /// The next keyring, in which this pending key is the active one of its purpose. The one
    /// before it, if there is one, only opens from now on.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Unknown`], [`ChangeError::WrongState`] when the key is not pending,
    /// [`ChangeError::Generations`].
    pub fn with_activated(&self, id: &KeyId, clock: &dyn Clock) -> Result<Self, ChangeError> {
        let chosen = self.known(id)?;
        if chosen.state != KeyState::Pending {
            return Err(chosen.refuse("a pending key", "activated"));
        }
        let mut next = self.next()?;
        if let Material::Master(key) = &chosen.material {
            next.active = Arc::clone(key);
        }
        for entry in &mut next.entries {
            if entry.is(&chosen.purpose, KeyState::Active) {
                entry.state = KeyState::DecryptOnly;
                entry.rotated_at = Some(whole_second(clock));
            } else if entry.material.id() == id {
                entry.state = KeyState::Active;
            }
        }
        Ok(next)
    }

    /// The next keyring, in which this key is kept and used for nothing new. The active master
    /// key cannot be retired, for something must seal; the active key of a target can, when
    /// nothing in the target is sealed any longer.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Unknown`], [`ChangeError::WrongState`], [`ChangeError::Generations`].
    pub fn with_retired(&self, id: &KeyId) -> Result<Self, ChangeError> {
        let chosen = self.known(id)?;
        match (chosen.state, &chosen.purpose) {
            (KeyState::DecryptOnly, _) | (KeyState::Active, KeyPurpose::Target(_)) => {}
            _ => return Err(chosen.refuse("a decrypt-only key", "retired")),
        }
        let mut next = self.next()?;
        for entry in &mut next.entries {
            if entry.material.id() == id {
                entry.state = KeyState::Retired;
            }
        }
        Ok(next)
    }

    /// The next keyring, without this key. Only a retired key goes, or a pending one, which has
    /// sealed nothing.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Unknown`], [`ChangeError::WrongState`], [`ChangeError::Generations`].
    pub fn without(&self, id: &KeyId) -> Result<Self, ChangeError> {
        let chosen = self.known(id)?;
        match chosen.state {
            KeyState::Retired | KeyState::Pending => {}
            KeyState::Active | KeyState::DecryptOnly => {
                return Err(chosen.refuse("a retired key, or a pending one,", "destroyed"));
            }
        }
        let mut next = self.next()?;
        next.entries.retain(|entry| entry.material.id() != id);
        Ok(next)
    }

    /// The same keys in the next generation.
    fn next(&self) -> Result<Self, ChangeError> {
        // TOML counts in signed integers of 64 bits.
        let generation = self
            .generation
            .checked_add(1)
            .filter(|generation| i64::try_from(*generation).is_ok())
            .ok_or(ChangeError::Generations)?;
        Ok(Self {
            generation,
            active: Arc::clone(&self.active),
            entries: self.entries.clone(),
        })
    }

    fn known(&self, id: &KeyId) -> Result<&Entry, ChangeError> {
        self.find(id)
            .ok_or_else(|| ChangeError::Unknown(id.clone()))
    }
}
