//! Where backups are kept: a folder, or a store that speaks S3.
//!
//! Here a destination is names and bytes: written once, compared after writing, listed, removed,
//! and used by one process at a time. What the bytes mean is known in [`crate::backup`] alone.

mod content;
mod error;
pub mod folder;
pub mod s3;

pub use error::BlobError;

use crate::domain::destination::is_part;
use async_trait::async_trait;
use std::fmt;
use std::path::Path;

/// The longest name, in bytes: what is left of the 1,024 of S3 behind a prefix.
const NAME_MAX_BYTES: usize = 512;
/// The name that belongs to [`Blob::lock`].
const LOCK: &str = "lock";

/// A SHA-256 of FIPS 180-4.
pub type Sha256Sum = [u8; 32];

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobEntry {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
}

/// Tells one state of an object from the next.
#[derive(Clone, PartialEq, Eq)]
pub struct Version(String);

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({})", self.0)
    }
}

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its state, for [`Blob::replace`].
    pub version: Version,
}

/// What an upload did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// How many bytes went over the line: none when the destination held the same bytes already,
    /// fewer than the file has when an upload went on.
    pub sent_bytes: u64,
}

/// Hears how many more bytes of an upload are in the destination, those of an earlier call
/// included.
pub type Progress<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// A destination. Names are relative with slashes; their parts are letters, digits, `-`, `_` and
/// `.`, and begin with no dot. Every call may fail as well by [`BlobError::Name`],
/// [`BlobError::Denied`], [`BlobError::NoPlace`], [`BlobError::Refused`],
/// [`BlobError::Unavailable`] and [`BlobError::Io`].
#[async_trait]
pub trait Blob: Send + Sync {
    /// The destination in words, without anything secret.
    fn describe(&self) -> String;

    /// What tells the destination from every other one, for the memory of this host: words may be
    /// the same for two of them. Without anything secret.
    fn address(&self) -> String {
        self.describe()
    }

    /// Everything below a prefix, which is a whole name or empty, sorted by name. The lock is no
    /// part of it.
    ///
    /// # Errors
    ///
    /// Those of all calls.
    async fn list(&self, prefix: &str) -> Result<Vec<BlobEntry>, BlobError>;

    /// The size of an object; `None` when the name is free.
    ///
    /// # Errors
    ///
    /// Those of all calls.
    async fn size(&self, name: &str) -> Result<Option<u64>, BlobError>;

    /// Reads a whole object.
    ///
    /// # Errors
    ///
    /// [`BlobError::NotFound`], [`BlobError::TooLarge`], [`BlobError::Damaged`].
    async fn read(&self, name: &str, max_bytes: u64) -> Result<Versioned, BlobError>;

    /// Opens an object to read it bit by bit.
    ///
    /// # Errors
    ///
    /// [`BlobError::NotFound`].
    async fn open(&self, name: &str) -> Result<Box<dyn BlobReader>, BlobError>;

    /// Creates an object, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`BlobError::AlreadyExists`] when the name is taken; [`BlobError::Unsupported`].
    async fn create(&self, name: &str, bytes: &[u8]) -> Result<Version, BlobError>;

    /// Creates or replaces an object; readers see the old bytes or the new ones. Where a version
    /// is given, only that one is replaced.
    ///
    /// # Errors
    ///
    /// [`BlobError::Changed`] when somebody else replaced or removed it; [`BlobError::Locked`]
    /// when other replacements take too long; [`BlobError::Unsupported`].
    async fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<Version, BlobError>;

    /// Has the destination hold a local file, whatever it had under the name, and reads it back:
    /// what is there afterwards has the size of the file and this SHA-256. Where the same bytes
    /// are there already nothing is sent; where a call was interrupted the next one goes on.
    ///
    /// # Errors
    ///
    /// [`BlobError::Damaged`] when the local file has another SHA-256, or the destination stored
    /// other bytes, which are removed then.
    async fn upload(
        &self,
        name: &str,
        local: &Path,
        sha256: &Sha256Sum,
        progress: Progress<'_>,
    ) -> Result<Uploaded, BlobError>;

    /// Removes an object. One that is not there is removed already.
    ///
    /// # Errors
    ///
    /// Those of all calls.
    async fn remove(&self, name: &str) -> Result<(), BlobError>;

    /// Takes the destination for this process; `what` says in a few words for which work.
    ///
    /// # Errors
    ///
    /// [`BlobError::Locked`] when another process has it; [`BlobError::Unsupported`].
    async fn lock(&self, what: &str) -> Result<Box<dyn BlobLock>, BlobError>;

    /// Whether the destination keeps what was replaced or removed, so that destroying a key
    /// there is not the end of it. `None` when it does not tell.
    ///
    /// # Errors
    ///
    /// Those of all calls.
    async fn keeps_old_versions(&self) -> Result<Option<bool>, BlobError>;
}

/// Reads an object bit by bit.
#[async_trait]
pub trait BlobReader: Send {
    /// The size of the object.
    fn size_bytes(&self) -> u64;

    /// The next bytes; `None` after the last, and only when all were read.
    ///
    /// # Errors
    ///
    /// [`BlobError::Damaged`] when it ends early, [`BlobError::Changed`] when it was replaced
    /// since it was opened, and those of all calls.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError>;
}

/// A destination that this process has for itself. Dropped without [`Self::release`] a folder is
/// free at once, and a store of S3 when the term has run out.
#[async_trait]
pub trait BlobLock: Send + Sync {
    /// Makes sure that the destination is still this process's own.
    ///
    /// # Errors
    ///
    /// [`BlobError::Lost`].
    fn check(&self) -> Result<(), BlobError>;

    /// Gives it back.
    ///
    /// # Errors
    ///
    /// Those of all calls; it is given back by time then.
    async fn release(self: Box<Self>) -> Result<(), BlobError>;
}

/// Makes sure that a text is a name of an object.
fn check_name(name: &str) -> Result<(), BlobError> {
    let fits = name.len() <= NAME_MAX_BYTES && name != LOCK;
    if fits && name.split('/').all(is_part) {
        Ok(())
    } else {
        Err(BlobError::Name {
            name: name.escape_debug().to_string(),
        })
    }
}

/// Makes sure that a text is a name, or empty.
fn check_prefix(prefix: &str) -> Result<(), BlobError> {
    if prefix.is_empty() {
        return Ok(());
    }
    check_name(prefix)
}

/// Runs what blocks where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(BlobError::Interrupted),
    }
}

#[cfg(test)]
mod tests;
