//! A folder in which a name never leads out of it: no link in it is followed.
//!
//! Who may write into such a folder (a mounted share, another machine's copy) could otherwise
//! lay a link and have another file read, replaced or removed. Folders are entered one by one,
//! by open file, so that nothing can be exchanged on the way. All calls block.

use super::fs::{FsError, io_error};
use super::owner;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Permissions of the files: nobody else reads them.
const FILE_MODE: Mode = Mode::from_raw_mode(0o600);
/// Permissions of the folders: nobody else enters them.
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o700);
/// How temporary names end.
const TEMPORARY_SUFFIX: &str = ".tmp";
/// How many left-over temporary files of one target are stepped over before giving up.
const TEMPORARY_NAMES: u32 = 100;
/// How often a folder is made again that somebody removes because it is empty.
const FOLDER_TRIES: usize = 5;
/// How deep folders are listed.
const DEPTH: usize = 32;

/// The folder. Names in it are relative, with slashes.
#[derive(Debug)]
pub struct Beneath {
    root: OwnedFd,
    path: PathBuf,
}

/// A folder below, with what it is called in messages.
struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

/// A name taken apart: the folders, and the last part.
struct Split<'a> {
    folders: Vec<&'a str>,
    last: &'a str,
}

impl Beneath {
    /// Opens a folder. Links on the way to it are followed: who names it means what they lead to.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`].
    pub fn open(path: &Path) -> Result<Self, FsError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| io_error("open", path)(errno.into()))?;
        Ok(Self {
            root,
            path: path.to_path_buf(),
        })
    }

    /// What the folder is called.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`], which tells when there is none; [`FsError::NotAFile`] for a link and
    /// anything else that is no regular file.
    pub fn read(&self, name: &str) -> Result<File, FsError> {
        let split = self.split(name)?;
        let folder = self.enter(&split.folders, false)?;
        let path = folder.path.join(split.last);
        // Opening a pipe would otherwise wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(&folder.fd, split.last, flags, Mode::empty()) {
            Err(Errno::LOOP | Errno::MLINK) => return Err(FsError::NotAFile { path }),
            other => other.map_err(|errno| io_error("open", &path)(errno.into()))?,
        };
        let file = File::from(fd);
        let metadata = file.metadata().map_err(io_error("read", &path))?;
        if metadata.is_file() {
            Ok(file)
        } else {
            Err(FsError::NotAFile { path })
        }
    }

    /// As [`Self::read`], from the disk instead of the memory that it was just written through,
    /// where the system can be asked for that.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_from_disk(&self, name: &str) -> Result<File, FsError> {
        let file = self.read(name)?;
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{Advice, fadvise};
            // A file system that can't do it gives the same bytes.
            fadvise(&file, 0, None, Advice::DontNeed).unwrap_or_default();
        }
        Ok(file)
    }

    /// The size of a file; `None` when the name is free.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn size(&self, name: &str) -> Result<Option<u64>, FsError> {
        let split = self.split(name)?;
        let folder = match self.enter(&split.folders, false) {
            Err(error) if error.is_not_found() => return Ok(None),
            other => other?,
        };
        let path = folder.path.join(split.last);
        match rustix::fs::statat(&folder.fd, split.last, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {
                Ok(Some(stat.st_size.cast_unsigned()))
            }
            Ok(_) => Err(FsError::NotAFile { path }),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(io_error("read", &path)(errno.into())),
        }
    }

    /// Creates a file, whole or not at all, and the folders that it lacks.
    ///
    /// # Errors
    ///
    /// [`FsError::AlreadyExists`] when the name is taken, by a link as well; [`FsError::Io`].
    pub fn create(
        &self,
        name: &str,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), FsError> {
        self.write(name, fill, |folder, temporary, last| {
            let path = folder.path.join(last);
            let flags = AtFlags::empty();
            match rustix::fs::linkat(&folder.fd, temporary, &folder.fd, last, flags) {
                Ok(()) => {}
                Err(Errno::EXIST) => return Err(FsError::AlreadyExists { path }),
                Err(errno) => return Err(io_error("create", &path)(errno.into())),
            }
            rustix::fs::unlinkat(&folder.fd, temporary, AtFlags::empty())
                .map_err(|errno| io_error("remove", &folder.path.join(temporary))(errno.into()))
        })
    }

    /// Creates or replaces a file; readers see the old bytes or the new ones. A link is replaced
    /// itself, not what it points to.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`]; the file is as it was.
    pub fn replace(
        &self,
        name: &str,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), FsError> {
        self.write(name, fill, |folder, temporary, last| {
            rustix::fs::renameat(&folder.fd, temporary, &folder.fd, last)
                .map_err(|errno| io_error("replace", &folder.path.join(last))(errno.into()))
        })
    }

    /// Removes a file, and the folders that are empty then. Says whether there was one.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`].
    pub fn remove(&self, name: &str) -> Result<bool, FsError> {
        let split = self.split(name)?;
        let folder = match self.enter(&split.folders, false) {
            Err(error) if error.is_not_found() => return Ok(false),
            other => other?,
        };
        match rustix::fs::unlinkat(&folder.fd, split.last, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(false),
            Err(errno) => {
                return Err(io_error("remove", &folder.path.join(split.last))(
                    errno.into(),
                ));
            }
        }
        sync(&folder)?;
        self.remove_empty(&split.folders)?;
        Ok(true)
    }

    /// Gives a whole folder another name, which must be free, and makes both ends durable.
    ///
    /// # Errors
    ///
    /// [`FsError::AlreadyExists`], [`FsError::Io`].
    pub fn rename_folder(&self, from: &str, to: &str) -> Result<(), FsError> {
        let (from, to) = (self.split(from)?, self.split(to)?);
        let source = self.enter(&from.folders, false)?;
        let target = self.enter(&to.folders, true)?;
        let path = target.path.join(to.last);
        match rustix::fs::statat(&target.fd, to.last, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Ok(_) => return Err(FsError::AlreadyExists { path }),
            Err(errno) => return Err(io_error("read", &path)(errno.into())),
        }
        rustix::fs::renameat(&source.fd, from.last, &target.fd, to.last)
            .map_err(|errno| io_error("create", &path)(errno.into()))?;
        sync(&target)?;
        sync(&source)
    }

    /// All regular files below a folder with their sizes, sorted by name. Names that begin with a
    /// dot are left out, with what is below them. A folder that is missing holds nothing.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`].
    pub fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, FsError> {
        let mut found = Vec::new();
        self.walk(folder, &mut |_, name, stat| {
            let last = name.rsplit('/').next().unwrap_or(name);
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            if is_file && !last.starts_with('.') {
                found.push((name.to_owned(), stat.st_size.cast_unsigned()));
            }
            Ok(())
        })?;
        found.sort();
        Ok(found)
    }

    /// Removes what writers of this machine left that are gone: their temporary files, of which it
    /// says how many there were, and folders that are empty.
    ///
    /// # Errors
    ///
    /// [`FsError::Io`].
    pub fn remove_left_overs(&self) -> Result<usize, FsError> {
        let mut removed = 0;
        let folders = self.walk("", &mut |folder, name, _| {
            let last = name.rsplit('/').next().unwrap_or(name);
            if writer_of(last).is_some_and(|pid| !owner::is_running(pid)) {
                match rustix::fs::unlinkat(&folder.fd, last, AtFlags::empty()) {
                    Ok(()) => removed += 1,
                    Err(Errno::NOENT) => {}
                    Err(errno) => {
                        return Err(io_error("remove", &folder.path.join(last))(errno.into()));
                    }
                }
            }
            Ok(())
        })?;
        // The innermost ones come last.
        for name in folders.iter().rev() {
            self.remove_empty(&self.split(name)?.all())?;
        }
        Ok(removed)
    }

    /// Writes a file under a temporary name, synced, and has it put in its place.
    fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
        place: impl FnOnce(&Folder, &str, &str) -> Result<(), FsError>,
    ) -> Result<(), FsError> {
        let split = self.split(name)?;
        let (folder, mut file, temporary) = self.temporary(&split)?;
        let path = folder.path.join(split.last);
        let written = fill(&mut file)
            .and_then(|()| file.sync_all())
            .map_err(io_error("write", &path))
            .and_then(|()| place(&folder, &temporary, split.last));
        if written.is_err() {
            // The error on the way is the one to report.
            rustix::fs::unlinkat(&folder.fd, &*temporary, AtFlags::empty()).unwrap_or_default();
        }
        written?;
        sync(&folder)
    }

    /// A new file under the first free temporary name beside its target. Its folder may be
    /// removed by somebody who found it empty before the file was in it; it is made again then.
    fn temporary(&self, split: &Split<'_>) -> Result<(Folder, File, String), FsError> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut last_error = Errno::EXIST;
        for _ in 0..FOLDER_TRIES {
            let folder = self.enter(&split.folders, true)?;
            for attempt in 0..TEMPORARY_NAMES {
                let name = temporary_name(split.last, attempt);
                match rustix::fs::openat(&folder.fd, &*name, flags, FILE_MODE) {
                    Ok(fd) => return Ok((folder, File::from(fd), name)),
                    Err(errno) => last_error = errno,
                }
                if last_error != Errno::EXIST {
                    break;
                }
            }
            if last_error != Errno::NOENT {
                break;
            }
        }
        let path = self.path.join(split.folders.join("/")).join(split.last);
        Err(io_error("create", &path)(last_error.into()))
    }

    /// Enters folders one by one, without following a link; makes those that are missing.
    fn enter(&self, folders: &[&str], make: bool) -> Result<Folder, FsError> {
        let fd = self
            .root
            .try_clone()
            .map_err(io_error("open", &self.path))?;
        let mut folder = Folder {
            fd,
            path: self.path.clone(),
        };
        for part in folders {
            folder = step(&folder, part, make)?;
        }
        Ok(folder)
    }

    /// Removes folders that are empty, the innermost first.
    fn remove_empty(&self, folders: &[&str]) -> Result<(), FsError> {
        for depth in (0..folders.len()).rev() {
            let parent = match self.enter(&folders[..depth], false) {
                // Somebody else was quicker.
                Err(error) if error.is_not_found() => return Ok(()),
                entered => entered?,
            };
            let removed = rustix::fs::unlinkat(&parent.fd, folders[depth], AtFlags::REMOVEDIR);
            if removed.is_err() {
                // It holds something, which is the usual case and no error.
                return Ok(());
            }
            sync(&parent)?;
        }
        Ok(())
    }

    /// Visits everything below a folder but what is in folders whose names begin with a dot. Returns
    /// the folders that it went through, each behind the one that it is in.
    fn walk(
        &self,
        from: &str,
        visit: &mut dyn FnMut(&Folder, &str, &rustix::fs::Stat) -> Result<(), FsError>,
    ) -> Result<Vec<String>, FsError> {
        let mut entered = Vec::new();
        let parts: Vec<&str> = match from {
            "" => Vec::new(),
            name => self.split(name)?.all(),
        };
        let start = match self.enter(&parts, false) {
            Err(error) if error.is_not_found() => return Ok(entered),
            other => other?,
        };
        let mut open = vec![(start, from.to_owned(), 0)];
        while let Some((folder, prefix, depth)) = open.pop() {
            for last in names_in(&folder)? {
                let stat = match rustix::fs::statat(&folder.fd, &*last, AtFlags::SYMLINK_NOFOLLOW) {
                    // Gone since it was read.
                    Err(Errno::NOENT) => continue,
                    other => other.map_err(|errno| {
                        io_error("read", &folder.path.join(&last))(errno.into())
                    })?,
                };
                let name = match prefix.as_str() {
                    "" => last.clone(),
                    prefix => format!("{prefix}/{last}"),
                };
                let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
                if !is_folder {
                    visit(&folder, &name, &stat)?;
                } else if !last.starts_with('.') && depth < DEPTH {
                    match step(&folder, &last, false) {
                        Err(error) if error.is_not_found() => {}
                        found => {
                            entered.push(name.clone());
                            open.push((found?, name, depth + 1));
                        }
                    }
                }
            }
        }
        Ok(entered)
    }

    /// Takes a name apart; one that would lead out of the folder is an error.
    fn split<'a>(&self, name: &'a str) -> Result<Split<'a>, FsError> {
        let mut folders: Vec<&str> = name.split('/').collect();
        let leads_out = |part: &&str| matches!(*part, "" | "." | "..") || part.contains('\0');
        if folders.iter().any(leads_out) {
            let source = io::Error::from(io::ErrorKind::InvalidInput);
            return Err(io_error("use", &self.path.join(name))(source));
        }
        let last = folders.pop().unwrap_or_default();
        Ok(Split { folders, last })
    }
}

impl<'a> Split<'a> {
    fn all(mut self) -> Vec<&'a str> {
        self.folders.push(self.last);
        self.folders
    }
}

/// Enters one folder.
fn step(parent: &Folder, part: &str, make: bool) -> Result<Folder, FsError> {
    let path = parent.path.join(part);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for _ in 0..FOLDER_TRIES {
        match rustix::fs::openat(&parent.fd, part, flags, Mode::empty()) {
            Ok(fd) => return Ok(Folder { fd, path }),
            Err(Errno::NOENT) if make => {}
            Err(errno) => return Err(io_error("enter", &path)(errno.into())),
        }
        match rustix::fs::mkdirat(&parent.fd, part, FOLDER_MODE) {
            Ok(()) => sync(parent)?,
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(io_error("create", &path)(errno.into())),
        }
    }
    Err(io_error("enter", &path)(Errno::NOENT.into()))
}

/// The names in a folder that are text; others are none of ours.
fn names_in(folder: &Folder) -> Result<Vec<String>, FsError> {
    let failed = |errno: Errno| io_error("read", &folder.path)(errno.into());
    let mut names = Vec::new();
    for entry in Dir::read_from(&folder.fd).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        match entry.file_name().to_str() {
            Ok("." | "..") | Err(_) => {}
            Ok(name) => names.push(name.to_owned()),
        }
    }
    Ok(names)
}

fn temporary_name(target: &str, attempt: u32) -> String {
    let pid = std::process::id();
    format!(".{target}.{pid}.{attempt}{TEMPORARY_SUFFIX}")
}

/// The process whose temporary file this is, by its name.
fn writer_of(name: &str) -> Option<u32> {
    let rest = name.strip_prefix('.')?.strip_suffix(TEMPORARY_SUFFIX)?;
    let (rest, attempt) = rest.rsplit_once('.')?;
    let (_, pid) = rest.rsplit_once('.')?;
    attempt.parse::<u32>().ok()?;
    pid.parse().ok()
}

fn sync(folder: &Folder) -> Result<(), FsError> {
    rustix::fs::fsync(&folder.fd).map_err(|errno| io_error("sync", &folder.path)(errno.into()))
}

#[cfg(test)]
mod tests;
