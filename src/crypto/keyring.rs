//! The keyring: every master key of a deployment, in one file beside the database.
//!
//! The file's text is made and read in [`text`]. Where the file is and when it is read again is
//! the caller's business; changing a keyring belongs to the commands that rotate keys.

pub mod text;

use super::secret::MasterKey;
use crate::domain::key::{KeyId, KeyState};
use crate::sys::clock::Clock;
use crate::sys::fs::{self, FsError};
use crate::sys::rng::{Rng, RngError};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
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

/// A master key and what the keyring records of it.
struct Entry {
    key: MasterKey,
    created_at: Timestamp,
    /// When it gave way to the next active key.
    rotated_at: Option<Timestamp>,
}

/// Every master key: the one that seals, and those that still open what they sealed.
pub struct Keyring {
    generation: u64,
    active: Entry,
    /// In the order of the file.
    others: Vec<(KeyState, Entry)>,
}

impl Keyring {
    /// Makes the keyring of a new deployment: generation 1 with one active master key.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate(rng: &dyn Rng, clock: &dyn Clock) -> Result<Self, RngError> {
        let now = clock.now();
        Ok(Self {
            generation: 1,
            active: Entry {
                key: MasterKey::generate(rng)?,
                // The file is read by people: whole seconds.
                created_at: Timestamp::from_second(now.as_second()).unwrap_or(now),
                rotated_at: None,
            },
            others: Vec::new(),
        })
    }

    /// Counts the changes of the keyring; it only grows.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The key that seals everything new.
    #[must_use]
    pub const fn active_master(&self) -> &MasterKey {
        &self.active.key
    }

    /// The master key of this id, whatever its state, to open what it sealed.
    #[must_use]
    pub fn master(&self, id: &KeyId) -> Option<&MasterKey> {
        self.entries()
            .map(|(_, entry)| &entry.key)
            .find(|key| key.id() == id)
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

    /// Every key with its state, the active one first.
    fn entries(&self) -> impl Iterator<Item = (KeyState, &Entry)> {
        std::iter::once((KeyState::Active, &self.active))
            .chain(self.others.iter().map(|(state, entry)| (*state, entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::BrokenRng;
    use crate::sys::clock::ManualClock;
    use crate::sys::rng::SeededRng;
    use std::os::unix::fs::PermissionsExt as _;

    fn keyring() -> Keyring {
        let clock = ManualClock::at("2026-03-01T12:00:00.123Z".parse().unwrap());
        Keyring::generate(&SeededRng::new(7), &clock).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_keyring_loads_as_it_was_created() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.toml");
        keyring().create(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        let loaded = Keyring::load(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.generation(), 1);
        assert_eq!(loaded.render(), keyring().render());
        let active = keyring().active_master().id().clone();
        assert_eq!(loaded.active_master().id(), &active);
        assert!(loaded.master(&active).is_some());
        assert!(
            loaded
                .master(&KeyId("aaaaaaaaaaaaaaaa".to_owned()))
                .is_none()
        );
    }

    #[test]
    fn a_keyring_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.toml");
        std::fs::write(&path, "precious").unwrap();
        let error = keyring().create(&path).unwrap_err();
        assert!(
            matches!(error, KeyringError::File(FsError::AlreadyExists { .. })),
            "{error}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    }

    #[test]
    fn a_keyring_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.toml");
        keyring().create(&path).unwrap();
        let open = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, open).unwrap();
        let error = Keyring::load(&path).err();
        assert!(
            matches!(
                error,
                Some(KeyringError::File(FsError::OpenToOthers { .. }))
            ),
            "{error:?}"
        );
    }

    #[test]
    fn a_wrong_content_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.toml");
        fs::write_secret_file_new(&path, b"not a keyring").unwrap();
        let error = Keyring::load(&path).err().unwrap();
        assert!(matches!(error, KeyringError::Text { .. }), "{error:?}");
        assert!(error.to_string().contains("keyring.toml"), "{error}");
    }

    #[test]
    fn no_keyring_is_made_without_randomness() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        assert!(Keyring::generate(&BrokenRng, &clock).is_err());
    }
}
