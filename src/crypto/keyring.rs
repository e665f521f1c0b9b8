//! The keyring: every key of a deployment that is not in its database, in one file beside it.
//!
//! Here is what a keyring holds. How one becomes the next is in `change`; the file's text is made
//! and read in [`text`]. Where the file is and when it is read again is the caller's business;
//! which rows still need a key is known to the database alone, and asked by the commands that
//! retire and destroy keys.

mod change;
pub mod file;
pub mod text;

pub use change::ChangeError;

use super::secret::{DataKey, MasterKey, SigningKey};
use super::signing::VerifyingKey;
use crate::domain::key::{KeyEntry, KeyId, KeyPurpose, KeyState, TargetName};
use crate::sys::clock::Clock;
use crate::sys::fs::{self, FsError};
use crate::sys::rng::{Rng, RngError};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use text::KeyringTextError;
use zeroize::Zeroizing;

/// No keyring is near this size; a file beyond it is something else.
const MAX_BYTES: u64 = 1 << 20;

/// Why a keyring file could not be created or loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file could not be read or written, or others can read it.
    #[error(transparent)]
    File(#[from] FsError),
    /// The file was read, and is no keyring whose keys can be trusted.
    #[error("the keyring \"{}\" cannot be used", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: KeyringTextError,
    },
    /// What was written does not read back as it was: the disk or file system failed.
    #[error("the keyring \"{}\" does not read back as it was written", path.display())]
    NotAsWritten {
        /// The file.
        path: PathBuf,
    },
}

/// The bytes of a key, as the type that its purpose is used by.
#[derive(Clone)]
enum Material {
    Master(Arc<MasterKey>),
    Target(Arc<DataKey>),
    Signing(Arc<SigningKey>),
}

impl Material {
    fn generate(purpose: &KeyPurpose, rng: &dyn Rng) -> Result<Self, RngError> {
        Ok(match purpose {
            KeyPurpose::Master => Self::Master(Arc::new(MasterKey::generate(rng)?)),
            KeyPurpose::Target(_) => Self::Target(Arc::new(DataKey::generate(rng)?)),
            KeyPurpose::BackupSigning => Self::Signing(Arc::new(SigningKey::generate(rng)?)),
        })
    }

    fn id(&self) -> &KeyId {
        match self {
            Self::Master(key) => key.id(),
            Self::Target(key) => key.id(),
            Self::Signing(key) => key.id(),
        }
    }

    fn expose(&self) -> &[u8; 32] {
        match self {
            Self::Master(key) => key.expose(),
            Self::Target(key) => key.expose(),
            Self::Signing(key) => key.expose(),
        }
    }
}

/// A key and what the keyring records of it.
#[derive(Clone)]
struct Entry {
    material: Material,
    purpose: KeyPurpose,
    state: KeyState,
    created_at: Timestamp,
    /// When it gave way to the next active key.
    rotated_at: Option<Timestamp>,
}

impl Entry {
    fn describe(&self) -> KeyEntry {
        KeyEntry {
            id: self.material.id().clone(),
            purpose: self.purpose.clone(),
            state: self.state,
            created_at: self.created_at,
            rotated_at: self.rotated_at,
        }
    }

    fn is(&self, purpose: &KeyPurpose, state: KeyState) -> bool {
        self.purpose == *purpose && self.state == state
    }
}

/// Every key that seals, and those that still open what they sealed. There is one active master
/// key, and no purpose has more than one active or one pending key.
pub struct Keyring {
    generation: u64,
    /// The key of the one entry that is an active master.
    active: Arc<MasterKey>,
    /// In the order of the file.
    entries: Vec<Entry>,
}

impl Keyring {
    /// Makes a keyring of generation 1 with one active master key, and nothing else.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate(rng: &dyn Rng, clock: &dyn Clock) -> Result<Self, RngError> {
        let active = Arc::new(MasterKey::generate(rng)?);
        let entry = Entry {
            material: Material::Master(Arc::clone(&active)),
            purpose: KeyPurpose::Master,
            state: KeyState::Active,
            created_at: whole_second(clock),
            rotated_at: None,
        };
        Ok(Self {
            generation: 1,
            active,
            entries: vec![entry],
        })
    }

    /// Makes the keyring of a new deployment: generation 1 with one active master key, and one
    /// active key that signs backups.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate_whole(rng: &dyn Rng, clock: &dyn Clock) -> Result<Self, RngError> {
        let mut keyring = Self::generate(rng, clock)?;
        keyring.entries.push(Entry {
            material: Material::generate(&KeyPurpose::BackupSigning, rng)?,
            purpose: KeyPurpose::BackupSigning,
            state: KeyState::Active,
            created_at: whole_second(clock),
            rotated_at: None,
        });
        Ok(keyring)
    }

    /// Counts the changes of the keyring; it only grows.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// What is known of every key, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = KeyEntry> {
        self.entries.iter().map(Entry::describe)
    }

    /// What is known of the key of this id.
    #[must_use]
    pub fn entry(&self, id: &KeyId) -> Option<KeyEntry> {
        self.find(id).map(Entry::describe)
    }

    /// The key that seals everything new.
    #[must_use]
    pub fn active_master(&self) -> &MasterKey {
        &self.active
    }

    /// The master key that is made but not yet proven.
    #[must_use]
    pub fn pending_master(&self) -> Option<&MasterKey> {
        self.master_where(|entry| entry.state == KeyState::Pending)
    }

    /// The master key of this id, whatever its state, to open what it sealed.
    #[must_use]
    pub fn master(&self, id: &KeyId) -> Option<&MasterKey> {
        self.master_where(|entry| entry.material.id() == id)
    }

    /// The key that signs new backups. There is none in a keyring of an older version.
    #[must_use]
    pub fn signing_key(&self) -> Option<&SigningKey> {
        self.signing_where(|entry| entry.state == KeyState::Active)
    }

    /// The key for signing backups that is made but not yet proven.
    #[must_use]
    pub fn pending_signing_key(&self) -> Option<&SigningKey> {
        self.signing_where(|entry| entry.state == KeyState::Pending)
    }

    /// What verifies the signatures of backups: every key that signs or has signed, with its id.
    pub fn verifying_keys(&self) -> impl Iterator<Item = (&KeyId, VerifyingKey)> {
        self.entries
            .iter()
            .filter(|entry| entry.state != KeyState::Pending)
            .filter_map(|entry| match &entry.material {
                Material::Signing(key) => Some((key.id(), key.verifying_key())),
                Material::Master(_) | Material::Target(_) => None,
            })
    }

    /// The one of [`Self::verifying_keys`] that has this id.
    #[must_use]
    pub fn verifying_key(&self, id: &KeyId) -> Option<VerifyingKey> {
        self.signing_where(|entry| entry.material.id() == id && entry.state != KeyState::Pending)
            .map(SigningKey::verifying_key)
    }

    /// The public half of the signing key of this id, whatever its state, to be shown. One that is
    /// pending has signed nothing: [`Self::verifying_key`] is what signatures are verified by.
    #[must_use]
    pub fn public_key(&self, id: &KeyId) -> Option<VerifyingKey> {
        self.signing_where(|entry| entry.material.id() == id)
            .map(SigningKey::verifying_key)
    }

    /// The id of the pending key of a purpose.
    #[must_use]
    pub fn pending(&self, purpose: &KeyPurpose) -> Option<&KeyId> {
        self.in_state(purpose, KeyState::Pending)
    }

    /// The id of the active key of a purpose.
    #[must_use]
    pub fn active(&self, purpose: &KeyPurpose) -> Option<&KeyId> {
        self.in_state(purpose, KeyState::Active)
    }

    /// Every key of a target but the pending one, each with its state, to open what it sealed.
    #[must_use]
    pub fn target_keys(&self, name: &TargetName) -> Vec<(KeyState, Arc<DataKey>)> {
        let purpose = KeyPurpose::Target(name.clone());
        let of_target = self
            .entries
            .iter()
            .filter_map(|entry| match &entry.material {
                Material::Target(key) if entry.purpose == purpose => {
                    Some((entry.state, Arc::clone(key)))
                }
                _ => None,
            });
        of_target
            .filter(|(state, _)| *state != KeyState::Pending)
            .collect()
    }

    /// The key of a target that is made but not yet proven.
    #[must_use]
    pub fn pending_target(&self, name: &TargetName) -> Option<Arc<DataKey>> {
        let purpose = KeyPurpose::Target(name.clone());
        self.entries.iter().find_map(|entry| match &entry.material {
            Material::Target(key) if entry.is(&purpose, KeyState::Pending) => Some(Arc::clone(key)),
            _ => None,
        })
    }

    /// The target's key of this id, whatever its target and state, to open what it sealed.
    #[must_use]
    pub fn target_key(&self, id: &KeyId) -> Option<&DataKey> {
        self.target_where(|entry| entry.material.id() == id)
    }

    /// Writes the keyring to a new file (0600) and reads it back.
    ///
    /// # Errors
    ///
    /// [`KeyringError::File`] with [`FsError::AlreadyExists`] when the path is taken: a keyring is
    /// never overwritten; other [`KeyringError`]s when the disk fails.
    pub fn create(&self, path: &Path) -> Result<(), KeyringError> {
        let text = self.render();
        fs::write_secret_file_new(path, text.as_bytes())?;
        if *fs::read_private_file(path, MAX_BYTES)? == *text.as_bytes() {
            Ok(())
        } else {
            Err(KeyringError::NotAsWritten {
                path: path.to_path_buf(),
            })
        }
    }

    /// Reads a keyring from its file.
    ///
    /// # Errors
    ///
    /// [`KeyringError::File`] when it cannot be read or others can read it,
    /// [`KeyringError::Text`] when its content is wrong in any way.
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        let bytes = fs::read_private_file(path, MAX_BYTES)?;
        Self::parse(&bytes).map_err(|source| KeyringError::Text {
            path: path.to_path_buf(),
            source,
        })
    }

    /// Reads the content of a keyring file.
    ///
    /// # Errors
    ///
    /// Any [`KeyringTextError`]; none of them holds key material.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyringTextError> {
        text::parse(bytes)
    }

    /// The content of the keyring's file.
    #[must_use]
    pub fn render(&self) -> Zeroizing<String> {
        text::render(self)
    }

    fn find(&self, id: &KeyId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.material.id() == id)
    }

    fn in_state(&self, purpose: &KeyPurpose, state: KeyState) -> Option<&KeyId> {
        self.entries
            .iter()
            .find(|entry| entry.is(purpose, state))
            .map(|entry| entry.material.id())
    }

    fn master_where(&self, holds: impl Fn(&Entry) -> bool) -> Option<&MasterKey> {
        self.entries.iter().find_map(|entry| match &entry.material {
            Material::Master(key) if holds(entry) => Some(key.as_ref()),
            _ => None,
        })
    }

    fn signing_where(&self, holds: impl Fn(&Entry) -> bool) -> Option<&SigningKey> {
        self.entries.iter().find_map(|entry| match &entry.material {
            Material::Signing(key) if holds(entry) => Some(key.as_ref()),
            _ => None,
        })
    }

    fn target_where(&self, holds: impl Fn(&Entry) -> bool) -> Option<&DataKey> {
        self.entries.iter().find_map(|entry| match &entry.material {
            Material::Target(key) if holds(entry) => Some(key.as_ref()),
            _ => None,
        })
    }
}

/// Now, in whole seconds: the file is read by people.
fn whole_second(clock: &dyn Clock) -> Timestamp {
    let now = clock.now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

#[cfg(test)]
mod tests;
