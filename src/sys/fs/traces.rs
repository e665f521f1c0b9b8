//! What a file leaves beside its bytes: whether it is still the same one, and what writers that
//! were killed left in its folder.

use super::{FsError, TEMPORARY_SUFFIX, folder_of, fsync_dir, io_error, temporary_prefix};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Tells one state of a file from the next without reading it. A change of its bytes, its
/// permissions or of what its name leads to changes it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds of the last change of bytes or permissions.
    changed: (i64, i64),
}

impl Fingerprint {
    /// The state of the file that the path leads to, links followed; `None` when there is none
    /// that can be looked at.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// Removes the temporary files that killed writers of this target left behind, and says how many
/// there were. Only for a caller that keeps every other writer of the target away.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn remove_left_overs(target: &Path) -> Result<usize, FsError> {
    let folder = folder_of(target);
    let prefix = temporary_prefix(target);
    let is_left_over = |name: &str| {
        name.strip_prefix(&prefix)
            .and_then(|rest| rest.strip_suffix(TEMPORARY_SUFFIX))
            .is_some_and(|numbers| {
                numbers
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
            })
    };
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).map_err(io_error("read", folder))? {
        let entry = entry.map_err(io_error("read", folder))?;
        if entry.file_name().to_str().is_some_and(is_left_over) {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(io_error("remove", &path))?;
            removed += 1;
        }
    }
    if removed > 0 {
        fsync_dir(folder)?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::super::{replace_secret_file, write_secret_file_new};
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_has_another_fingerprint_after_every_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert_eq!(Fingerprint::of(&path), None);
        write_secret_file_new(&path, b"one").unwrap();
        let first = Fingerprint::of(&path).unwrap();
        assert_eq!(Fingerprint::of(&path), Some(first));
        replace_secret_file(&path, b"two").unwrap();
        let second = Fingerprint::of(&path).unwrap();
        assert_ne!(second, first);
        // The kernel's clock of files moves in steps of some milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_ne!(Fingerprint::of(&path), Some(second));
    }

    #[test]
    fn only_what_a_killed_writer_of_the_same_file_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for left in [".key.12.0.tmp", ".key.7.99.tmp"] {
            std::fs::write(folder.path().join(left), "secret").unwrap();
        }
        let others = [
            ".key.previous.12.0.tmp",
            ".key.a.tmp",
            "key",
            ".keys.1.0.tmp",
        ];
        for other in others {
            std::fs::write(folder.path().join(other), "other").unwrap();
        }
        assert_eq!(remove_left_overs(&path).unwrap(), 2);
        assert_eq!(remove_left_overs(&path).unwrap(), 0);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            others.len()
        );
    }
}
