//! Files that are either whole or absent, and that only their owner reads.
//!
//! A file is written under a temporary name in its own folder, synced, given its real name and
//! the folder synced, so that a crash at any moment leaves the old state or the new one. What the
//! files mean belongs to the callers. All calls block.

mod traces;

pub use traces::{Fingerprint, remove_left_overs};

use rustix::fs::OFlags;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Permissions of a file that holds a secret.
const SECRET_FILE_MODE: u32 = 0o600;
/// Permissions of a file that holds no secret.
const PUBLIC_FILE_MODE: u32 = 0o644;
/// Permissions of a folder that nobody else may enter.
const PRIVATE_DIR_MODE: u32 = 0o700;
/// The permission bits of the group and of everybody else.
const OTHERS_MASK: u32 = 0o077;
/// How temporary names end.
const TEMPORARY_SUFFIX: &str = ".tmp";
/// How many left-over temporary files of one target are stepped over before giving up.
const TEMPORARY_NAMES: u32 = 100;

/// Why a file or folder could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// The target is there already and was left as it is.
    #[error("\"{}\" exists already", path.display())]
    AlreadyExists {
        /// The target.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} \"{}\"", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Group or others have a permission on a file that must be its owner's alone. An access
    /// control list shows in the group's bits, so it is found as well.
    #[error("\"{}\" is open to others (mode {mode:04o})", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A folder, device, pipe or socket where a regular file must be.
    #[error("\"{}\" is not a regular file", path.display())]
    NotAFile {
        /// What was found.
        path: PathBuf,
    },
    /// A symbolic link that somebody else laid to a file which is not theirs.
    #[error(
        "\"{}\" is a symbolic link of user {link_uid} to a file of user {target_uid}",
        path.display()
    )]
    ForeignLink {
        /// The link.
        path: PathBuf,
        /// Who owns the link.
        link_uid: u32,
        /// Who owns what it points to.
        target_uid: u32,
    },
    /// More bytes than such a file can have.
    #[error("\"{}\" is larger than {max_bytes} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        max_bytes: u64,
    },
}

impl FsError {
    /// Whether the path was to be new and is taken.
    #[must_use]
    pub const fn already_exists(&self) -> bool {
        matches!(self, Self::AlreadyExists { .. })
    }

    /// Whether the path named nothing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Turns what the system said into an error that names the path.
pub(super) fn io_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> FsError + use<> {
    let path = path.to_path_buf();
    move |source| FsError::Io {
        action,
        path,
        source,
    }
}

/// Creates a file that only its owner reads (0600), whole or not at all.
///
/// # Errors
///
/// [`FsError::AlreadyExists`] when the path names anything, a dangling link included;
/// [`FsError::Io`].
pub fn write_secret_file_new(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    write_new_file(path, bytes, SECRET_FILE_MODE)
}

/// Creates a file with these permissions (less the process's umask), whole or not at all.
///
/// # Errors
///
/// As [`write_secret_file_new`].
pub fn write_new_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FsError> {
    let temporary = TemporaryFile::write(path, mode, |file| file.write_all(bytes))?;
    // A second name is refused where one exists, which a rename is not. The temporary name then
    // goes with the guard.
    std::fs::hard_link(&temporary.path, path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FsError::AlreadyExists {
            path: path.to_path_buf(),
        },
        _ => io_error("create", path)(source),
    })?;
    temporary.remove()?;
    fsync_dir(folder_of(path))
}

/// Creates or replaces a file that only its owner reads (0600); readers see the old bytes or the
/// new ones. A symbolic link is replaced itself, not what it points to.
///
/// # Errors
///
/// [`FsError::Io`]; the file is as it was.
pub fn replace_secret_file(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let temporary = TemporaryFile::write(path, SECRET_FILE_MODE, |file| file.write_all(bytes))?;
    std::fs::rename(&temporary.path, path).map_err(io_error("replace", path))?;
    temporary.forget();
    fsync_dir(folder_of(path))
}

/// Creates or replaces a file that anybody may read (0644); readers see the old bytes or the new
/// ones.
///
/// # Errors
///
/// [`FsError::Io`]; the file is as it was.
pub fn replace_public_file(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let temporary = TemporaryFile::write(path, PUBLIC_FILE_MODE, |file| file.write_all(bytes))?;
    std::fs::rename(&temporary.path, path).map_err(io_error("replace", path))?;
    temporary.forget();
    fsync_dir(folder_of(path))
}

/// Gives a file that was written before the name of another one, which it replaces; readers see
/// the old file or the new one. Both names are in one folder.
///
/// # Errors
///
/// [`FsError::Io`]; both files are as they were.
pub fn move_into_place(from: &Path, to: &Path) -> Result<(), FsError> {
    std::fs::rename(from, to).map_err(io_error("replace", to))?;
    fsync_dir(folder_of(to))
}

/// Creates a folder that only its owner enters (0700). Its parent must exist.
///
/// # Errors
///
/// [`FsError::AlreadyExists`] or [`FsError::Io`].
pub fn create_private_dir(path: &Path) -> Result<(), FsError> {
    DirBuilder::new()
        .mode(PRIVATE_DIR_MODE)
        .create(path)
        .map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => FsError::AlreadyExists {
                path: path.to_path_buf(),
            },
            _ => io_error("create", path)(source),
        })?;
    fsync_dir(folder_of(path))
}

/// Creates a folder that only its owner enters (0700), where it is missing. Its parent must exist.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn ensure_private_dir(path: &Path) -> Result<(), FsError> {
    match create_private_dir(path) {
        Err(FsError::AlreadyExists { .. }) if path.is_dir() => Ok(()),
        other => other,
    }
}

/// Creates a file that only its owner reads (0600), empty and not durable yet.
///
/// # Errors
///
/// [`FsError::AlreadyExists`] or [`FsError::Io`].
pub fn create_private_file(path: &Path) -> Result<File, FsError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(SECRET_FILE_MODE)
        .open(path)
        .map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => FsError::AlreadyExists {
                path: path.to_path_buf(),
            },
            _ => io_error("create", path)(source),
        })
}

/// Reads a file that holds no secret.
///
/// # Errors
///
/// [`FsError::TooLarge`], [`FsError::Io`].
pub fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, FsError> {
    let file = File::open(path).map_err(io_error("open", path))?;
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io_error("read", path))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max_bytes {
        return Err(FsError::TooLarge {
            path: path.to_path_buf(),
            max_bytes,
        });
    }
    Ok(bytes)
}

/// Removes a file, which may be gone already.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn remove_file_if_there(path: &Path) -> Result<(), FsError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(io_error("remove", path)),
    }
}

/// Removes a folder with everything in it, which may be gone already.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn remove_dir_all(path: &Path) -> Result<(), FsError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(io_error("remove", path)),
    }
}

/// What the system said of a path, for work on files that is done elsewhere.
#[must_use]
pub fn cannot(action: &'static str, path: &Path, source: io::Error) -> FsError {
    io_error(action, path)(source)
}

/// Makes the names in a folder durable.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn fsync_dir(path: &Path) -> Result<(), FsError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error("sync", path))
}

/// Makes a file that somebody else wrote durable: its content and its name.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn make_durable(path: &Path) -> Result<(), FsError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(io_error("sync", path))?;
    // The name that a link stands for is the one that has to last; the link's own does as well.
    let real = path.canonicalize().map_err(io_error("read", path))?;
    fsync_dir(folder_of(&real))?;
    fsync_dir(folder_of(path))
}

/// Checks that a file may hold a secret: a regular file without any permission for group or
/// others, reached directly or by a link that root or the file's owner laid.
///
/// # Errors
///
/// [`FsError::NotAFile`], [`FsError::OpenToOthers`], [`FsError::ForeignLink`], [`FsError::Io`].
pub fn check_private(path: &Path) -> Result<(), FsError> {
    open_private(path).map(drop)
}

/// Reads a file that holds a secret, after the checks of [`check_private`] on the open file
/// itself, so that nothing can be exchanged between the check and the reading.
///
/// # Errors
///
/// Those of [`check_private`], and [`FsError::TooLarge`].
pub fn read_private_file(path: &Path, max_bytes: u64) -> Result<Zeroizing<Vec<u8>>, FsError> {
    let (file, metadata) = open_private(path)?;
    let too_large = || FsError::TooLarge {
        path: path.to_path_buf(),
        max_bytes,
    };
    if metadata.len() > max_bytes {
        return Err(too_large());
    }
    // The whole capacity at once: a buffer that grows leaves unwiped copies behind.
    let capacity = usize::try_from(max_bytes.saturating_add(1)).map_err(|_| too_large())?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io_error("read", path))?;
    if bytes.len() == capacity {
        return Err(too_large());
    }
    Ok(bytes)
}

fn open_private(path: &Path) -> Result<(File, Metadata), FsError> {
    let link = std::fs::symlink_metadata(path).map_err(io_error("read", path))?;
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
    if link.is_symlink() && !is_trusted_link(link.uid(), metadata.uid()) {
        return Err(FsError::ForeignLink {
            path: path.to_path_buf(),
            link_uid: link.uid(),
            target_uid: metadata.uid(),
        });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS_MASK != 0 {
        return Err(FsError::OpenToOthers {
            path: path.to_path_buf(),
            mode,
        });
    }
    Ok((file, metadata))
}

/// A link says where a secret is, so it must come from someone who could have put it there.
const fn is_trusted_link(link_uid: u32, target_uid: u32) -> bool {
    link_uid == target_uid || link_uid == 0
}

/// The folder in which a path names its entry.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// How the temporary names of a target begin; a process id and a number follow.
fn temporary_prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    format!(".{}.", name.to_string_lossy())
}

/// A synced file under a temporary name beside its target; removed when dropped.
struct TemporaryFile {
    path: PathBuf,
}

impl TemporaryFile {
    fn write(
        target: &Path,
        mode: u32,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Self, FsError> {
        let (mut file, guard) = Self::create(target, mode)?;
        fill(&mut file)
            .and_then(|()| file.sync_all())
            .map_err(io_error("write", target))?;
        Ok(guard)
    }

    /// Takes the first free name; one that a crash left behind is stepped over.
    fn create(target: &Path, mode: u32) -> Result<(File, Self), FsError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let prefix = temporary_prefix(target);
        let pid = std::process::id();
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for attempt in 0..TEMPORARY_NAMES {
            let path = folder_of(target).join(format!("{prefix}{pid}.{attempt}{TEMPORARY_SUFFIX}"));
            match options.open(&path) {
                Ok(file) => return Ok((file, Self { path })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(io_error("create", target)(error)),
            }
        }
        Err(io_error("create", target)(last))
    }

    /// Removes the file and says whether that worked.
    fn remove(self) -> Result<(), FsError> {
        let result = std::fs::remove_file(&self.path).map_err(io_error("remove", &self.path));
        self.forget();
        result
    }

    /// Leaves the name alone from now on.
    fn forget(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // Reached on the way out of another error, which is the one to report.
            std::fs::remove_file(&self.path).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests;
