//! The file of a stream while it is written: append, sync, look that it is still there, open anew.
//!
//! Behind a trait, so that tests can put a failing disk in its place. Which file it is, and who
//! may have it, is `stream`; what is written is `journal`.

use rustix::fs::{Mode, OFlags};
use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Why the file cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileFault {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nothing is left under the file's name.
    #[error("the file was deleted or moved away")]
    Gone,
    /// Another file stands under its name.
    #[error("the file was replaced by another")]
    Replaced,
    /// Its length is not what this process made it.
    #[error("the file was changed by another program: {found} bytes instead of {expected}")]
    Resized {
        /// The length that it should have, in bytes.
        expected: u64,
        /// The length that it has, in bytes.
        found: u64,
    },
}

/// What the journal needs of a file.
pub(super) trait LogFile: Send {
    /// Where it is, for messages.
    fn path(&self) -> &Path;

    /// Appends as many of the bytes as the system takes at once, and says how many.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Waits until what was appended is on the disk.
    fn sync(&mut self) -> io::Result<()>;

    /// Looks whether the name still leads to this file and its length is `expected_len`.
    fn check(&self, expected_len: u64) -> Result<(), FileFault>;

    /// Takes a new descriptor, since one whose sync failed may report success the next time
    /// without having written anything, and cuts the file back to `durable_len`. At most
    /// `undecided` bytes beyond it are cut off; more than this were written by somebody else.
    fn reopen(&mut self, durable_len: u64, undecided: u64) -> Result<(), FileFault>;
}

/// Opens a file of the log to read and append; `create` makes a missing one, 0600. A symbolic
/// link in its place is refused.
pub(super) fn open_log(path: &Path, create: Create) -> io::Result<File> {
    let mut flags = OFlags::RDWR | OFlags::APPEND | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    if matches!(create, Create::IfMissing) {
        flags |= OFlags::CREATE;
    }
    let descriptor = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?;
    Ok(File::from(descriptor))
}

/// Whether a missing file is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Create {
    /// It is made.
    IfMissing,
    /// It is an error.
    Never,
}

/// Whether both are one file.
pub(super) fn same_file(one: &Metadata, other: &Metadata) -> bool {
    one.dev() == other.dev() && one.ino() == other.ino()
}

/// A log on a disk.
#[derive(Debug)]
pub(super) struct DiskLog {
    path: PathBuf,
    /// Holds the lock for as long as it is open, and is never written through, so that the
    /// descriptor for writing can be replaced without letting the lock go.
    lock: File,
    log: File,
}

impl DiskLog {
    /// Takes over a locked file.
    pub(super) fn new(path: PathBuf, lock: File) -> Result<Self, FileFault> {
        let log = Self::open_again(&path, &lock)?;
        Ok(Self { path, lock, log })
    }

    fn open_again(path: &Path, lock: &File) -> Result<File, FileFault> {
        let log = open_log(path, Create::Never).map_err(gone_or_io)?;
        if same_file(&log.metadata()?, &lock.metadata()?) {
            Ok(log)
        } else {
            Err(FileFault::Replaced)
        }
    }
}

fn gone_or_io(error: io::Error) -> FileFault {
    if error.kind() == io::ErrorKind::NotFound {
        FileFault::Gone
    } else {
        FileFault::Io(error)
    }
}

impl LogFile for DiskLog {
    fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.log.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.log.sync_data()
    }

    fn check(&self, expected_len: u64) -> Result<(), FileFault> {
        let named = std::fs::symlink_metadata(&self.path).map_err(gone_or_io)?;
        if !same_file(&named, &self.lock.metadata()?) {
            return Err(FileFault::Replaced);
        }
        if named.len() == expected_len {
            Ok(())
        } else {
            Err(FileFault::Resized {
                expected: expected_len,
                found: named.len(),
            })
        }
    }

    fn reopen(&mut self, durable_len: u64, undecided: u64) -> Result<(), FileFault> {
        let log = Self::open_again(&self.path, &self.lock)?;
        let found = log.metadata()?.len();
        if found < durable_len || found > durable_len.saturating_add(undecided) {
            return Err(FileFault::Resized {
                expected: durable_len,
                found,
            });
        }
        log.set_len(durable_len)?;
        log.sync_all()?;
        self.log = log;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::stream::claim;

    #[test]
    fn opening_again_cuts_what_is_undecided_and_keeps_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let claimed = claim(dir.path(), "box").unwrap();
        let path = claimed.path.clone();
        let mut log = claimed.into_log().unwrap();
        assert_eq!(log.write(b"durable\nhalf").unwrap(), 12);
        assert!(matches!(
            log.reopen(8, 3),
            Err(FileFault::Resized {
                expected: 8,
                found: 12
            })
        ));
        assert_eq!(std::fs::read(&path).unwrap(), b"durable\nhalf");
        log.reopen(8, 4).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"durable\n");
        log.write(b"next\n").unwrap();
        log.sync().unwrap();
        log.check(13).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"durable\nnext\n");
        assert!(matches!(log.reopen(14, 9), Err(FileFault::Resized { .. })));
        assert_eq!(claim(dir.path(), "box").unwrap().stream, "box-1");
    }
}
