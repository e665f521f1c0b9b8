//! Files that people hand in and take away: read whole, with a limit.
//!
//! They come from a mail or a stick, so their permissions say nothing. What they hold is sealed,
//! or a part of a secret that is worth nothing alone.

use super::fs::{FsError, io_error};
use rustix::fs::OFlags;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Reads a regular file of at most so many bytes.
///
/// # Errors
///
/// [`FsError::NotAFile`], [`FsError::TooLarge`], [`FsError::Io`].
pub fn read(path: &Path, max_bytes: u64) -> Result<Zeroizing<Vec<u8>>, FsError> {
    // Opening a pipe would otherwise wait for a writer.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .map_err(io_error("open", path))?;
    let metadata = file.metadata().map_err(io_error("read", path))?;
    if !metadata.is_file() {
        return Err(FsError::NotAFile {
            path: path.to_path_buf(),
        });
    }
    let too_large = || FsError::TooLarge {
        path: path.to_path_buf(),
        max_bytes,
    };
    // The whole capacity at once: a buffer that grows leaves unwiped copies behind.
    let expected = metadata.len().min(max_bytes).saturating_add(1);
    let capacity = usize::try_from(expected).map_err(|_| too_large())?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(expected)
        .read_to_end(&mut bytes)
        .map_err(io_error("read", path))?;
    if bytes.len() == capacity {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Removes a file that was just made.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn remove(path: &Path) -> Result<(), FsError> {
    std::fs::remove_file(path).map_err(io_error("remove", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_whoever_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("share");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(*read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(FsError::TooLarge { .. })));
        std::fs::write(&path, b"").unwrap();
        assert!(read(&path, 5).unwrap().is_empty());
        let error = read(folder.path(), 5).unwrap_err();
        assert!(matches!(error, FsError::NotAFile { .. }), "{error}");
        let error = read(&folder.path().join("none"), 5).unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }
}
