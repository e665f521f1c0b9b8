//! The lease of a SQLite database: a locked file beside it.

use super::{Lease, LeaseError};
use crate::sys::fs::FsError;
use crate::sys::lock::LockFile;
use async_trait::async_trait;
use std::path::{Path, PathBuf};

/// What the name of the lock file ends with. Not `.lock`, which the other program may use itself.
const SUFFIX: &str = ".embsec-lock";

/// The lease of a file.
#[derive(Debug)]
pub struct SqliteLease {
    _lock: LockFile,
}

impl SqliteLease {
    /// Takes it. The file `<database>.embsec-lock` is made where it is missing, and stays.
    ///
    /// # Errors
    ///
    /// Any [`LeaseError`].
    pub fn take(database: &Path) -> Result<Self, LeaseError> {
        let path = lock_path(database)?;
        match LockFile::try_exclusive(&path)? {
            Some(lock) => Ok(Self { _lock: lock }),
            None => Err(LeaseError::Held {
                holder: LockFile::last_holder(&path).map_or_else(
                    || "another process".to_owned(),
                    |process| format!("the process {process}"),
                ),
            }),
        }
    }
}

/// Beside the file itself, so that all of its names lead to one lock.
fn lock_path(database: &Path) -> Result<PathBuf, FsError> {
    let real = database.canonicalize().map_err(|source| FsError::Io {
        action: "open",
        path: database.to_owned(),
        source,
    })?;
    let mut name = real.file_name().unwrap_or_default().to_owned();
    name.push(SUFFIX);
    Ok(real.with_file_name(name))
}

#[async_trait]
impl Lease for SqliteLease {
    async fn check(&mut self) -> Result<(), LeaseError> {
        // The kernel takes the lock from nobody who lives.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_held_by_one_under_all_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        std::fs::write(&database, "").unwrap();
        let link = folder.path().join("b.db");
        std::os::unix::fs::symlink(&database, &link).unwrap();
        let lease = SqliteLease::take(&database).unwrap();
        let error = SqliteLease::take(&link).unwrap_err().to_string();
        let holder = format!("the process {}", std::process::id());
        assert!(error.starts_with(&holder), "{error}");
        drop(lease);
        assert!(SqliteLease::take(&link).is_ok());
        assert!(!folder.path().join("b.db.embsec-lock").exists());
    }

    #[test]
    fn a_database_that_is_not_there_gets_no_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(SqliteLease::take(&folder.path().join("a.db")).is_err());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
