//! Room on disks.
//!
//! How much is needed, and what for, is the callers' business.

use super::fs::{FsError, io_error};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The bytes that an ordinary user may still write to the file system of a path.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn free_bytes(path: &Path) -> Result<u64, FsError> {
    let found = rustix::fs::statvfs(path)
        .map_err(|error| io_error("find the free space at", path)(error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// A number that two paths have in common when they share their free space.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn device(path: &Path) -> Result<u64, FsError> {
    std::fs::metadata(path)
        .map(|metadata| metadata.dev())
        .map_err(io_error("read", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_file_in_it_share_their_space() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(device(&file).unwrap(), device(folder.path()).unwrap());
        assert!(free_bytes(&file).unwrap() > 0);
        let error = free_bytes(&folder.path().join("missing")).unwrap_err();
        assert!(error.to_string().contains("missing"), "{error}");
    }
}
