//! Backups in a folder: of a disk, or of whatever is mounted there.
//!
//! Files are written under a temporary name, synced, and given their name; no link in the folder
//! is followed. What a crash leaves of writers that are gone is removed by who takes the lock.

use super::content::{self, CHUNK_BYTES, Local, hex};
use super::{
    Blob, BlobEntry, BlobError, BlobLock, BlobReader, LOCK, Progress, Sha256Sum, Uploaded, Version,
    Versioned, blocking, check_name, check_prefix,
};
use crate::domain::destination::is_part;
use crate::sys::beneath::Beneath;
use crate::sys::fs::{self, FsError};
use crate::sys::lock::LockFile;
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Keeps two replacements apart. Not the lock of the destination, whose holder replaces too.
const REPLACE_LOCK: &str = ".replace-lock";
/// How long a replacement waits for others, in steps.
const REPLACE_STEP: Duration = Duration::from_millis(10);
/// How many steps that are.
const REPLACE_STEPS: u32 = 1000;
/// The largest object that is replaced by version, since its old bytes are read for it.
const REPLACED_MAX_BYTES: u64 = 64 << 20;

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    beneath: Arc<Beneath>,
    /// Its whole path. What is remembered of a folder is found again from every other.
    path: String,
    /// The same for messages.
    place: String,
}

impl Folder {
    /// Opens a folder that is there.
    ///
    /// # Errors
    ///
    /// [`BlobError::NoPlace`], [`BlobError::Denied`], [`BlobError::Io`].
    pub fn open(path: &Path) -> Result<Self, BlobError> {
        let quoted = |path: &Path| format!("\"{}\"", path.display());
        let place = quoted(path);
        match Beneath::open(path) {
            Ok(beneath) => {
                let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                Ok(Self {
                    beneath: Arc::new(beneath),
                    path: whole.display().to_string(),
                    place: quoted(&whole),
                })
            }
            Err(error) if error.is_not_found() => Err(BlobError::NoPlace { place }),
            Err(error) => Err(BlobError::of_file(error, &place, "")),
        }
    }

    /// Opens a folder, and creates it (0700) where it is missing. The folder around it must be
    /// there, so that nothing is written where a disk is not mounted.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_or_create(path: &Path) -> Result<Self, BlobError> {
        match fs::create_private_dir(path) {
            Ok(()) => {}
            Err(error) if error.already_exists() => {}
            Err(error) if error.is_not_found() => {
                return Err(BlobError::NoPlace {
                    place: format!("the folder around \"{}\"", path.display()),
                });
            }
            Err(error) => return Err(BlobError::of_file(error, &path.to_string_lossy(), "")),
        }
        Self::open(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.beneath.path()
    }

    /// Gives a folder that is written and synced the name under which it counts, which must be
    /// free; both folders around it are synced. The parts of `partial` may begin with a dot.
    ///
    /// # Errors
    ///
    /// [`BlobError::AlreadyExists`], [`BlobError::NotFound`] and those of all calls.
    pub async fn move_into_place(&self, partial: &str, place: &str) -> Result<(), BlobError> {
        check_name(place)?;
        if !partial
            .split('/')
            .all(|part| is_part(part.trim_start_matches('.')))
        {
            return Err(BlobError::Name {
                name: partial.escape_debug().to_string(),
            });
        }
        let (from, to) = (partial.to_owned(), place.to_owned());
        self.with(
            move |folder| match folder.beneath.rename_folder(&from, &to) {
                Err(error) if error.is_not_found() => Err(folder.error(&from)(error)),
                other => other.map_err(folder.error(&to)),
            },
        )
        .await
    }

    /// Runs what blocks.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let folder = self.clone();
        blocking(move || work(&folder)).await
    }

    fn error(&self, name: &str) -> impl Fn(FsError) -> BlobError + use<> {
        let (place, name) = (self.place.clone(), name.to_owned());
        move |error| BlobError::of_file(error, &place, &name)
    }

    fn io_error(&self, action: &'static str, name: &str) -> impl Fn(std::io::Error) -> BlobError {
        let path = self.path().join(name);
        move |source| BlobError::of_io(action, path.clone(), source)
    }

    fn read_now(&self, name: &str, max_bytes: u64) -> Result<Vec<u8>, BlobError> {
        let file = self.beneath.read(name).map_err(self.error(name))?;
        let mut bytes = Vec::new();
        file.take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(self.io_error("read", name))?;
        if bytes.len() as u64 > max_bytes {
            return Err(BlobError::TooLarge {
                place: self.place.clone(),
                name: name.to_owned(),
                max_bytes,
            });
        }
        Ok(bytes)
    }

    fn replace_now(
        &self,
        name: &str,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), BlobError> {
        let _alone = self.replace_lock()?;
        if let Some(expected) = expected {
            let found = match self.read_now(name, REPLACED_MAX_BYTES) {
                Err(error) if error.is_not_found() => None,
                other => Some(version_of(&other?)),
            };
            if found.as_ref() != Some(expected) {
                return Err(BlobError::Changed {
                    place: self.place.clone(),
                    name: name.to_owned(),
                });
            }
        }
        self.beneath
            .replace(name, |file| file.write_all(bytes))
            .map_err(self.error(name))
    }

    /// Waits until no other process replaces anything.
    fn replace_lock(&self) -> Result<LockFile, BlobError> {
        for _ in 0..REPLACE_STEPS {
            if let Some(lock) = self.lock_file(REPLACE_LOCK)? {
                return Ok(lock);
            }
            std::thread::sleep(REPLACE_STEP);
        }
        Err(self.held_by(REPLACE_LOCK))
    }

    /// Takes a lock by a file that is none of a link's.
    fn lock_file(&self, name: &str) -> Result<Option<LockFile>, BlobError> {
        self.beneath.size(name).map_err(self.error(name))?;
        LockFile::try_exclusive(&self.path().join(name)).map_err(self.error(name))
    }

    fn held_by(&self, name: &str) -> BlobError {
        let holder = LockFile::last_holder(&self.path().join(name));
        BlobError::Locked {
            place: self.place.clone(),
            holder: holder.map_or_else(
                || "another process".to_owned(),
                |pid| format!("process {pid}"),
            ),
        }
    }

    /// Copies a local file; a copy that went wrong is removed.
    fn copy_now(&self, name: &str, local: &Path) -> Result<(), BlobError> {
        let mut from = File::open(local)
            .map_err(|source| BlobError::of_io("read", local.to_path_buf(), source))?;
        self.beneath
            .replace(name, |to| {
                content::pour(&mut from, |bytes| to.write_all(bytes)).map(drop)
            })
            .map_err(self.error(name))
    }

    /// Whether the disk has these bytes under the name.
    async fn holds(&self, name: &str, size: u64, sha256: &Sha256Sum) -> Result<bool, BlobError> {
        if self.size(name).await? != Some(size) {
            return Ok(false);
        }
        let (name, expected) = (name.to_owned(), (size, *sha256));
        self.with(move |folder| {
            let file = folder.beneath.read_from_disk(&name);
            let mut file = file.map_err(folder.error(&name))?;
            let found = content::sum_of(&mut file).map_err(folder.io_error("read", &name))?;
            Ok(found == expected)
        })
        .await
    }
}

#[async_trait]
impl Blob for Folder {
    fn describe(&self) -> String {
        self.path.clone()
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobEntry>, BlobError> {
        check_prefix(prefix)?;
        let prefix = prefix.to_owned();
        self.with(move |folder| {
            let found = folder
                .beneath
                .list(&prefix)
                .map_err(folder.error(&prefix))?;
            let entries = found.into_iter().filter(|(name, _)| name != LOCK);
            Ok(entries
                .map(|(name, size_bytes)| BlobEntry { name, size_bytes })
                .collect())
        })
        .await
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, BlobError> {
        check_name(name)?;
        let name = name.to_owned();
        self.with(move |folder| folder.beneath.size(&name).map_err(folder.error(&name)))
            .await
    }

    async fn read(&self, name: &str, max_bytes: u64) -> Result<Versioned, BlobError> {
        check_name(name)?;
        let name = name.to_owned();
        self.with(move |folder| {
            let bytes = folder.read_now(&name, max_bytes)?;
            let version = version_of(&bytes);
            Ok(Versioned { bytes, version })
        })
        .await
    }

    async fn open(&self, name: &str) -> Result<Box<dyn BlobReader>, BlobError> {
        check_name(name)?;
        let name = name.to_owned();
        self.with(move |folder| {
            let file = folder.beneath.read(&name).map_err(folder.error(&name))?;
            let metadata = file.metadata().map_err(folder.io_error("read", &name))?;
            let reader = FolderReader {
                file: Some(file),
                size: metadata.len(),
                read: 0,
                path: folder.path().join(&name),
                place: folder.place.clone(),
                name,
            };
            Ok(Box::new(reader) as Box<dyn BlobReader>)
        })
        .await
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<Version, BlobError> {
        check_name(name)?;
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        self.with(move |folder| {
            folder
                .beneath
                .create(&name, |file| file.write_all(&bytes))
                .map_err(folder.error(&name))?;
            Ok(version_of(&bytes))
        })
        .await
    }

    async fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<Version, BlobError> {
        check_name(name)?;
        let (name, bytes, expected) = (name.to_owned(), bytes.to_vec(), expected.cloned());
        self.with(move |folder| {
            folder.replace_now(&name, &bytes, expected.as_ref())?;
            Ok(version_of(&bytes))
        })
        .await
    }

    async fn upload(
        &self,
        name: &str,
        local: &Path,
        sha256: &Sha256Sum,
        progress: Progress<'_>,
    ) -> Result<Uploaded, BlobError> {
        check_name(name)?;
        let local = Local::checked(local, sha256).await?;
        let mut sent_bytes = 0;
        if !self.holds(name, local.size, sha256).await? {
            let (to, from) = (name.to_owned(), local.path.clone());
            self.with(move |folder| folder.copy_now(&to, &from)).await?;
            sent_bytes = local.size;
            if !self.holds(name, local.size, sha256).await? {
                self.remove(name).await?;
                return Err(BlobError::Damaged {
                    place: self.place.clone(),
                    name: name.to_owned(),
                    why: "other bytes were read back than were written".to_owned(),
                });
            }
        }
        progress(local.size);
        Ok(Uploaded { sent_bytes })
    }

    async fn remove(&self, name: &str) -> Result<(), BlobError> {
        check_name(name)?;
        let name = name.to_owned();
        self.with(move |folder| {
            let removed = folder.beneath.remove(&name).map_err(folder.error(&name));
            removed.map(drop)
        })
        .await
    }

    async fn lock(&self, _what: &str) -> Result<Box<dyn BlobLock>, BlobError> {
        self.with(|folder| {
            let Some(lock) = folder.lock_file(LOCK)? else {
                return Err(folder.held_by(LOCK));
            };
            folder
                .beneath
                .remove_left_overs()
                .map_err(folder.error(""))?;
            Ok(Box::new(FolderLock { _lock: lock }) as Box<dyn BlobLock>)
        })
        .await
    }

    async fn keeps_old_versions(&self) -> Result<Option<bool>, BlobError> {
        Ok(Some(false))
    }
}

/// The state of a file is what is in it.
fn version_of(bytes: &[u8]) -> Version {
    Version(hex(&Sha256::digest(bytes)))
}

/// The lock of a folder, which the kernel gives back when the process ends.
struct FolderLock {
    _lock: LockFile,
}

#[async_trait]
impl BlobLock for FolderLock {
    fn check(&self) -> Result<(), BlobError> {
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<(), BlobError> {
        Ok(())
    }
}

/// Reads a file bit by bit.
struct FolderReader {
    /// `None` while it is read from, and after an error.
    file: Option<File>,
    size: u64,
    read: u64,
    path: PathBuf,
    place: String,
    name: String,
}

#[async_trait]
impl BlobReader for FolderReader {
    fn size_bytes(&self) -> u64 {
        self.size
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError> {
        let mut file = self.file.take().ok_or(BlobError::Interrupted)?;
        let path = self.path.clone();
        let (file, bytes) = blocking(move || {
            let mut bytes = vec![0; CHUNK_BYTES];
            let read = file
                .read(&mut bytes)
                .map_err(|source| BlobError::of_io("read", path, source))?;
            bytes.truncate(read);
            Ok((file, bytes))
        })
        .await?;
        self.read += bytes.len() as u64;
        let ended = bytes.is_empty();
        if self.read > self.size || (ended && self.read < self.size) {
            return Err(BlobError::Damaged {
                place: self.place.clone(),
                name: self.name.clone(),
                why: "its size changed while it was read".to_owned(),
            });
        }
        self.file = Some(file);
        Ok((!ended).then_some(bytes))
    }
}
