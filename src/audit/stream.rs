//! Which file a process writes: the folder, the name of the stream, and the lock on its slot.
//!
//! A process holds the lowest free slot for its life, so that streams are few and are used
//! again: a lone server has slot 0, a command beside it slot 1. What is in the file is not known
//! here.

use super::file::{Create, DiskLog, FileFault, open_log, same_file};
use std::fs::{DirBuilder, File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// More processes than this do not write one folder at once.
const MAX_SLOTS: u32 = 256;

/// The longest part of a host's name that a stream carries, in characters.
const MAX_HOST_CHARS: usize = 32;

/// Why no file could be taken.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The folder cannot be made or read.
    #[error("the audit folder \"{}\" cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Other users could replace or change what is written.
    #[error("\"{}\" can be written by other users", path.display())]
    Exposed {
        /// The folder or file.
        path: PathBuf,
    },
    /// The file cannot be opened or locked.
    #[error("the audit log \"{}\" cannot be opened", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Every slot is held by another process.
    #[error("all {MAX_SLOTS} audit streams in \"{}\" are held by other processes", dir.display())]
    NoFreeSlot {
        /// The folder.
        dir: PathBuf,
    },
}

/// A stream that this process holds until the file is dropped.
#[derive(Debug)]
pub(super) struct Claimed {
    /// The stream's name.
    pub(super) stream: String,
    /// Its file.
    pub(super) path: PathBuf,
    /// The locked descriptor.
    pub(super) lock: File,
}

impl Claimed {
    /// Makes the file ready to be written.
    pub(super) fn into_log(self) -> Result<DiskLog, FileFault> {
        DiskLog::new(self.path, self.lock)
    }
}

/// The file of a stream.
pub(super) fn stream_path(dir: &Path, stream: &str) -> PathBuf {
    dir.join(format!("{stream}.jsonl"))
}

/// The part of a stream's name that tells the host: letters, digits and hyphens of ASCII, at most
/// 32; any other character becomes a hyphen, and a name without any becomes `host`.
pub(super) fn host_label(host: &str) -> String {
    let label: String = host
        .chars()
        .take(MAX_HOST_CHARS)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let label = label.trim_matches('-');
    if label.is_empty() { "host" } else { label }.to_owned()
}

/// Takes the lowest free slot of this host, making the folder (0700) and the file (0600) where
/// they are missing.
pub(super) fn claim(dir: &Path, host: &str) -> Result<Claimed, StreamError> {
    prepare_folder(dir)?;
    let host = host_label(host);
    for slot in 0..MAX_SLOTS {
        let stream = format!("{host}-{slot}");
        let path = stream_path(dir, &stream);
        let locked = try_claim(&path).map_err(|source| StreamError::File {
            path: path.clone(),
            source,
        })?;
        let Some((lock, metadata)) = locked else {
            continue;
        };
        refuse_exposed(&path, &metadata)?;
        // The entry of a new file is not durable before its folder is.
        sync_folder(dir)?;
        return Ok(Claimed { stream, path, lock });
    }
    Err(StreamError::NoFreeSlot {
        dir: dir.to_owned(),
    })
}

fn prepare_folder(dir: &Path) -> Result<(), StreamError> {
    let failed = |source| StreamError::Folder {
        path: dir.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(failed)?;
    refuse_exposed(dir, &std::fs::metadata(dir).map_err(failed)?)
}

/// Reading may be shared on purpose, with a program that ships logs; writing may not.
fn refuse_exposed(path: &Path, metadata: &Metadata) -> Result<(), StreamError> {
    if metadata.permissions().mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(StreamError::Exposed {
            path: path.to_owned(),
        })
    }
}

/// Makes the entries of a folder durable.
pub(super) fn sync_folder(dir: &Path) -> Result<(), StreamError> {
    File::open(dir)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StreamError::Folder {
            path: dir.to_owned(),
            source,
        })
}

/// Opens and locks one file; `None` when another process holds it.
fn try_claim(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    // The file can be deleted between the two steps; then the lock is on a file without a name,
    // and the next round makes a new one.
    loop {
        let file = open_log(path, Create::IfMissing)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(source),
        }
        let locked = file.metadata()?;
        match std::fs::symlink_metadata(path) {
            Ok(named) if same_file(&named, &locked) => return Ok(Some((file, locked))),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_is_0700_and_the_file_0600() {
        let dir = tempfile::tempdir().unwrap();
        let audit = dir.path().join("deep/audit");
        let claimed = claim(&audit, "box").unwrap();
        assert_eq!(claimed.path, audit.join("box-0.jsonl"));
        assert_eq!(mode(&audit), 0o700);
        assert_eq!(mode(&claimed.path), 0o600);
    }

    #[test]
    fn the_lowest_free_slot_is_taken_and_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let take = || claim(dir.path(), "box").unwrap();
        let (zero, one, two) = (take(), take(), take());
        let streams = [&zero, &one, &two].map(|claimed| claimed.stream.clone());
        assert_eq!(streams, ["box-0", "box-1", "box-2"]);
        drop(one);
        assert_eq!(take().stream, "box-1");
    }

    #[test]
    fn a_place_where_others_can_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(
            claim(dir.path(), "box"),
            Err(StreamError::Exposed { path }) if path == dir.path()
        ));
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o750)).unwrap();
        let file = claim(dir.path(), "box").unwrap().path;
        std::fs::set_permissions(&file, Permissions::from_mode(0o622)).unwrap();
        assert!(matches!(
            claim(dir.path(), "box"),
            Err(StreamError::Exposed { path }) if path == file
        ));
    }

    #[test]
    fn a_link_in_the_place_of_the_log_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::fs::write(&elsewhere, "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("box-0.jsonl")).unwrap();
        assert!(matches!(
            claim(dir.path(), "box"),
            Err(StreamError::File { .. })
        ));
    }

    #[test]
    fn any_host_name_makes_a_plain_file_name() {
        for (host, label) in [
            ("web1", "web1"),
            ("db.example.org", "db-example-org"),
            ("../../etc/passwd", "etc-passwd"),
            ("größe", "gr--e"),
            ("", "host"),
            ("...", "host"),
            (&"a".repeat(40), &"a".repeat(32)),
        ] {
            assert_eq!(host_label(host), label);
        }
    }
}
