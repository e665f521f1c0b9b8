//! The file of a keyring and how it changes: under a lock, the generation before kept, the new
//! bytes durable and read back before anybody relies on them.
//!
//! Only bytes here: whether they are sealed, and by what, is known to the caller.

use super::MAX_BYTES;
use crate::sys::fs::{self, FsError};
use crate::sys::lock::LockFile;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use zeroize::Zeroizing;

/// How often a taken lock is tried again.
const LOCK_STEP: Duration = Duration::from_millis(50);

/// Why a keyring file was not changed, or not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum KeyringFileError {
    /// The file system refused. The file is as it was.
    #[error(transparent)]
    File(#[from] FsError),
    /// Another process is changing the keyring. The file is as it was.
    #[error("another process is changing the keyring \"{}\"{}", path.display(), holder_text(*.holder))]
    Busy {
        /// The keyring.
        path: PathBuf,
        /// The other process, if it is known.
        holder: Option<u32>,
    },
    /// What was written does not read back as it was: the disk or file system failed.
    #[error(
        "the keyring \"{}\" does not read back as it was written; the one before is in \"{}\"",
        path.display(),
        previous.display()
    )]
    NotAsWritten {
        /// The keyring.
        path: PathBuf,
        /// The generation before.
        previous: PathBuf,
    },
}

fn holder_text(holder: Option<u32>) -> String {
    holder
        .map(|pid| format!(" (process {pid})"))
        .unwrap_or_default()
}

/// A keyring file, and the two files beside it: the generation before, and the lock.
#[derive(Clone, Debug)]
pub struct KeyringFile {
    path: PathBuf,
}

impl KeyringFile {
    /// The keyring at this path. Where links lead somewhere else, that file is meant: a link is
    /// never replaced by a file.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()),
        }
    }

    /// The keyring.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the keyring, whole whatever is going on: a change replaces the file.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::File`].
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>, KeyringFileError> {
        Ok(fs::read_private_file(&self.path, MAX_BYTES)?)
    }

    /// The bytes of the generation before; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::File`].
    pub fn read_previous(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringFileError> {
        match fs::read_private_file(&self.previous(), MAX_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Where the generation before is kept.
    #[must_use]
    pub fn previous(&self) -> PathBuf {
        self.beside(".previous")
    }

    /// Waits until nobody else changes the keyring, for this long at most, and keeps everybody
    /// else from changing it.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::Busy`], [`KeyringFileError::File`].
    pub fn lock(&self, patience: Duration) -> Result<LockedFile<'_>, KeyringFileError> {
        let lock_path = self.beside(".lock");
        let mut waited = Duration::ZERO;
        loop {
            if let Some(lock) = LockFile::try_exclusive(&lock_path)? {
                return Ok(LockedFile {
                    file: self,
                    _lock: lock,
                });
            }
            if waited >= patience {
                return Err(KeyringFileError::Busy {
                    path: self.path.clone(),
                    holder: LockFile::last_holder(&lock_path),
                });
            }
            thread::sleep(LOCK_STEP);
            waited += LOCK_STEP;
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        self.path.with_file_name(name)
    }
}

/// A keyring file that nobody else changes now.
pub struct LockedFile<'a> {
    file: &'a KeyringFile,
    _lock: LockFile,
}

impl LockedFile<'_> {
    /// The bytes of the keyring.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::File`].
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>, KeyringFileError> {
        self.file.read()
    }

    /// As [`KeyringFile::read_previous`].
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::File`].
    pub fn read_previous(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringFileError> {
        self.file.read_previous()
    }

    /// Keeps `now`, which was read under this lock, as the generation before, and makes `next`
    /// the keyring. A kill at any moment leaves one or the other, whole.
    ///
    /// # Errors
    ///
    /// Any [`KeyringFileError`] but `Busy`.
    pub fn replace(&self, now: &[u8], next: &[u8]) -> Result<(), KeyringFileError> {
        let previous = self.file.previous();
        // Nobody else writes under the lock, so these are of processes that were killed.
        fs::remove_left_overs(&self.file.path)?;
        fs::remove_left_overs(&previous)?;
        self.write(&previous, now)?;
        self.write(&self.file.path, next)
    }

    /// Puts the keyring itself in the place of the generation before, so that a key that is not
    /// in the one is in neither.
    ///
    /// # Errors
    ///
    /// Any [`KeyringFileError`] but `Busy`.
    pub fn forget_previous(&self) -> Result<(), KeyringFileError> {
        let previous = self.file.previous();
        fs::remove_left_overs(&self.file.path)?;
        fs::remove_left_overs(&previous)?;
        self.write(&previous, &self.read()?)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), KeyringFileError> {
        fs::replace_secret_file(path, bytes)?;
        if *fs::read_private_file(path, MAX_BYTES)? == *bytes {
            Ok(())
        } else {
            Err(KeyringFileError::NotAsWritten {
                path: path.to_path_buf(),
                previous: self.file.previous(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn keyring_file(folder: &Path) -> KeyringFile {
        let path = folder.join("keyring.toml");
        fs::write_secret_file_new(&path, b"one").unwrap();
        KeyringFile::at(&path)
    }

    fn lock(file: &KeyringFile) -> LockedFile<'_> {
        file.lock(Duration::ZERO)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_change_keeps_the_generation_before_and_both_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = keyring_file(folder.path());
        let locked = lock(&file);
        assert!(locked.read_previous().unwrap().is_none());
        locked.replace(b"one", b"two").unwrap();
        assert_eq!(*locked.read().unwrap(), b"two");
        assert_eq!(*locked.read_previous().unwrap().unwrap(), b"one");
        for path in [file.path(), &file.previous()] {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o600, "{}", path.display());
        }
        locked.forget_previous().unwrap();
        assert_eq!(*locked.read_previous().unwrap().unwrap(), b"two");
        assert_eq!(*locked.read().unwrap(), b"two");
    }

    #[test]
    fn who_waits_too_long_is_told_who_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let file = keyring_file(folder.path());
        let held = lock(&file);
        let error = file.lock(LOCK_STEP).err().unwrap();
        let holder = Some(std::process::id());
        assert!(
            matches!(&error, KeyringFileError::Busy { holder: named, .. } if *named == holder),
            "{error}"
        );
        drop(held);
        assert!(file.lock(Duration::ZERO).is_ok());
    }

    #[test]
    fn a_link_stays_a_link_and_its_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        let real = keyring_file(&kept);
        let link = folder.path().join("link.toml");
        symlink(real.path(), &link).unwrap();
        let file = KeyringFile::at(&link);
        lock(&file).replace(b"one", b"two").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(real.path()).unwrap(), b"two");
    }

    #[test]
    fn whatever_step_fails_the_keyring_is_whole() {
        // Each step is stopped by a folder in the place of the file that it writes.
        let folder = tempfile::tempdir().unwrap();
        let file = keyring_file(folder.path());
        std::fs::create_dir(file.previous()).unwrap();
        assert!(lock(&file).replace(b"one", b"two").is_err());
        assert_eq!(*lock(&file).read().unwrap(), b"one");
        std::fs::remove_dir(file.previous()).unwrap();

        // A kill after the first step: the generation before is the keyring itself.
        fs::replace_secret_file(&file.previous(), b"one").unwrap();
        // A kill in the middle of a step leaves a temporary file, whole or not.
        let left = folder.path().join(".keyring.toml.1.0.tmp");
        std::fs::write(&left, "tw").unwrap();
        assert_eq!(*lock(&file).read().unwrap(), b"one");
        lock(&file).replace(b"one", b"two").unwrap();
        assert_eq!(*lock(&file).read().unwrap(), b"two");
        assert!(!left.exists());
    }
}
