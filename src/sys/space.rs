//! Room on disks, and how fast they are.
//!
//! How much is needed, and what for, is the callers' business.

use super::fs::{FsError, io_error};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

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

/// How long it takes to write so many bytes durably to the file system of a folder. What is written
/// has no name, so that nothing is left of it, however the process ends.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn time_to_write(folder: &Path, bytes: u64) -> Result<Duration, FsError> {
    let begun = Instant::now();
    let write = || {
        let mut file = nameless(folder)?;
        io::copy(&mut io::repeat(0xa5).take(bytes), &mut file)?;
        file.sync_all()
    };
    write().map_err(io_error("write to", folder))?;
    Ok(begun.elapsed())
}

/// A new file that is gone with its last handle.
fn nameless(folder: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Mode, OFlags};
        use rustix::io::Errno;
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => return Ok(file.into()),
            // Some file systems, of other machines above all, have no such files.
            Err(Errno::OPNOTSUPP | Errno::ISDIR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    named_for_a_moment(folder)
}

/// The same where every file must be made under a name.
fn named_for_a_moment(folder: &Path) -> io::Result<File> {
    let path = folder.join(format!(".embsec-probe-{}", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
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

    #[test]
    fn what_is_written_to_learn_the_time_has_no_name_even_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for make in [nameless, named_for_a_moment] {
            let mut file = make(folder.path()).unwrap();
            io::Write::write_all(&mut file, b"x").unwrap();
            assert_eq!(file.metadata().unwrap().len(), 1);
            assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        }
        assert!(time_to_write(folder.path(), 1 << 16).unwrap() > Duration::ZERO);
        assert!(time_to_write(&folder.path().join("missing"), 1).is_err());
    }
}
