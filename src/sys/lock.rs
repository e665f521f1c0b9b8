//! Locks between processes, held by an open file.
//!
//! The kernel lets go when the process ends, however it ends, so a lock never outlives its
//! holder. What a lock protects belongs to the callers.

use super::fs::{FsError, io_error};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The longest process id worth reading, in bytes.
const PID_MAX_BYTES: u64 = 20;

/// An exclusive lock; given back when dropped. The file stays, because removing it would let two
/// processes lock two files of the same name.
#[derive(Debug)]
pub struct LockFile {
    file: File,
}

impl Drop for LockFile {
    /// Closing the file would do, were it not for a child that was forked meanwhile and has not
    /// started its program yet: until then it has the file too, and so the lock.
    fn drop(&mut self) {
        // What cannot be unlocked is closed now.
        self.file.unlock().unwrap_or_default();
    }
}

impl LockFile {
    /// Takes the lock, creating the file (0600) where it is missing. `None`: another process, or
    /// another handle of this one, has it. The holder's process id is written into the file for
    /// messages.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`].
    pub fn try_exclusive(path: &Path) -> Result<Option<Self>, FsError> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(io_error("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", path)(source)),
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(io_error("write", path))?;
        Ok(Some(Self { file }))
    }

    /// The process id that the last holder wrote; for a message only, since the process may be
    /// gone. `None` when there is none to read.
    #[must_use]
    pub fn last_holder(path: &Path) -> Option<u32> {
        let mut text = String::new();
        File::open(path)
            .ok()?
            .take(PID_MAX_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        text.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = LockFile::try_exclusive(&path).unwrap();
        assert!(first.is_some());
        assert!(LockFile::try_exclusive(&path).unwrap().is_none());
        drop(first);
        assert!(LockFile::try_exclusive(&path).unwrap().is_some());
    }

    #[test]
    fn the_file_names_the_holder_and_nothing_of_holders_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(LockFile::last_holder(&path), None);
        std::fs::write(&path, "99999999999999999999999 of long ago\n").unwrap();
        assert_eq!(LockFile::last_holder(&path), None);
        let _lock = LockFile::try_exclusive(&path).unwrap().unwrap();
        assert_eq!(LockFile::last_holder(&path), Some(std::process::id()));
    }

    #[test]
    fn a_folder_that_is_missing_is_an_error_that_names_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = LockFile::try_exclusive(&folder.path().join("missing/lock")).unwrap_err();
        assert!(error.is_not_found());
        assert!(error.to_string().contains("missing/lock"), "{error}");
    }
}
