//! The folder in which a backup is made, and what a later run needs to go on with it.
//!
//! Until every row was read there is nothing to go on with: the snapshot went with the process.
//! Afterwards a journal stands beside the segments. It keeps the identity of the backup, sealed by
//! a master key together with the hashes of what the run would sign, so that nobody who can only
//! write the folder gets something else signed.

use super::names;
use super::signature::sha256_hex;
use crate::crypto::SealError;
use crate::crypto::backup_identity::{self, SealedIdentity};
use crate::crypto::sealed_file::BackupIdentity;
use crate::crypto::secret::MasterKey;
use crate::domain::backup::BackupId;
use crate::domain::key::KeyId;
use crate::sys::fs::{self, FsError};
use crate::sys::rng::Rng;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The journal.
const JOURNAL: &str = "journal.json";
/// No journal is near this size.
const JOURNAL_MAX_BYTES: u64 = 1 << 20;

/// What a later run needs to go on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// The backup.
    pub id: BackupId,
    /// The database, without a password.
    pub database: String,
    /// When the backup began.
    pub began_at: Timestamp,
    /// The master key that seals the identity.
    pub master_id: String,
    /// The identity and the hashes, sealed.
    sealed: String,
}

/// Why a spool was not used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file or folder of it.
    #[error(transparent)]
    File(#[from] FsError),
    /// The journal is none.
    #[error("the journal of the unfinished backup {0} is damaged")]
    Journal(BackupId),
    /// The master key that sealed the identity is not at hand.
    #[error("the unfinished backup {id} needs the master key {master_id}, which is not at hand")]
    NoMaster {
        /// The backup.
        id: BackupId,
        /// The key.
        master_id: String,
    },
    /// The identity does not open, or what it was kept with is not what lies in the folder.
    #[error("the unfinished backup {0} is not as it was left")]
    Tampered(BackupId),
    /// The identity cannot be sealed.
    #[error("the identity of the backup cannot be kept")]
    Seal(#[source] SealError),
}

impl SpoolError {
    /// Whether what lies there is not what was left there.
    #[must_use]
    pub const fn is_tampered(&self) -> bool {
        matches!(self, Self::Journal(_) | Self::Tampered(_))
    }
}

/// The folder of one backup that is being made.
#[derive(Clone, Debug)]
pub struct Spool {
    id: BackupId,
    folder: PathBuf,
}

impl Spool {
    /// Makes the folder of a new backup below this one, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn begin(root: &Path, id: &BackupId) -> Result<Self, FsError> {
        let partial = root.join(names::PARTIAL);
        fs::ensure_private_dir(root)?;
        fs::ensure_private_dir(&partial)?;
        let folder = partial.join(id.as_str());
        fs::create_private_dir(&folder)?;
        fs::create_private_dir(&folder.join(names::SEGMENTS))?;
        Ok(Self {
            id: id.clone(),
            folder,
        })
    }

    /// The backups below this folder that were not finished, the oldest first.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn unfinished(root: &Path) -> Result<Vec<Self>, FsError> {
        let partial = root.join(names::PARTIAL);
        let listed = match std::fs::read_dir(&partial) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(fs::cannot("read", &partial, source)),
        };
        let mut found = Vec::new();
        for entry in listed {
            let entry = entry.map_err(|source| fs::cannot("read", &partial, source))?;
            let id = entry.file_name().to_str().and_then(BackupId::parse);
            if let Some(id) = id {
                let folder = entry.path();
                found.push(Self { id, folder });
            }
        }
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found)
    }

    /// The backup.
    #[must_use]
    pub const fn id(&self) -> &BackupId {
        &self.id
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file of the backup is.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Writes or replaces a small file of the backup.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<(), FsError> {
        fs::replace_secret_file(&self.path(file), bytes)
    }

    /// Reads a small file of the backup.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn read(&self, file: &str, max_bytes: u64) -> Result<Vec<u8>, FsError> {
        fs::read_file(&self.path(file), max_bytes)
    }

    /// Notes that every row was read: from here on the backup can be gone on with. The private
    /// manifest and the data keys lie in the folder.
    ///
    /// # Errors
    ///
    /// Any [`SpoolError`].
    pub fn note_read(
        &self,
        database: &str,
        began_at: Timestamp,
        identity: &BackupIdentity,
        master: &MasterKey,
        rng: &dyn Rng,
    ) -> Result<(), SpoolError> {
        let line = identity.line();
        let mut kept = Zeroizing::new(String::from_utf8_lossy(&line).into_owned());
        kept.push_str(&self.hashes()?);
        let kept = SecretString::from(kept.as_str());
        let sealed =
            backup_identity::seal(&kept, &self.id, master, rng).map_err(SpoolError::Seal)?;
        let journal = Journal {
            id: self.id.clone(),
            database: database.to_owned(),
            began_at,
            master_id: sealed.master_id.to_string(),
            sealed: sealed.sealed,
        };
        fs::fsync_dir(&self.path(names::SEGMENTS))?;
        // Texts and numbers always have a JSON form.
        let bytes = serde_json::to_vec_pretty(&journal).unwrap_or_default();
        Ok(self.write(JOURNAL, &bytes)?)
    }

    /// The journal; none where not every row was read.
    ///
    /// # Errors
    ///
    /// [`SpoolError::File`], [`SpoolError::Journal`].
    pub fn journal(&self) -> Result<Option<Journal>, SpoolError> {
        let bytes = match self.read(JOURNAL, JOURNAL_MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let journal: Option<Journal> = serde_json::from_slice(&bytes).ok();
        journal
            .filter(|journal| journal.id == self.id)
            .map(Some)
            .ok_or_else(|| SpoolError::Journal(self.id.clone()))
    }

    /// Opens the identity that the journal keeps, and holds what lies in the folder against it.
    ///
    /// # Errors
    ///
    /// Any [`SpoolError`].
    pub fn identity<'k>(
        &self,
        journal: &Journal,
        master: impl FnOnce(&KeyId) -> Option<&'k MasterKey>,
    ) -> Result<BackupIdentity, SpoolError> {
        let tampered = || SpoolError::Tampered(self.id.clone());
        let master_id = KeyId(journal.master_id.clone());
        let master = master(&master_id).ok_or_else(|| SpoolError::NoMaster {
            id: self.id.clone(),
            master_id: journal.master_id.clone(),
        })?;
        let sealed = SealedIdentity {
            sealed: journal.sealed.clone(),
            master_id,
        };
        let opened = backup_identity::open(&sealed, &self.id, master).map_err(|_| tampered())?;
        let (identity, hashes) = kept(opened.expose_secret()).ok_or_else(tampered)?;
        if hashes == self.hashes()? {
            Ok(identity)
        } else {
            Err(tampered())
        }
    }

    /// The hashes of what was written when every row was read.
    fn hashes(&self) -> Result<String, FsError> {
        let mut all = String::new();
        for file in [names::PRIVATE_MANIFEST, names::DATA_KEYS] {
            all.push_str(&sha256_hex(&self.read(file, SMALL_MAX_BYTES)?));
            all.push('\n');
        }
        Ok(all)
    }

    /// Takes the journal away, which has no place in a backup.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn drop_journal(&self) -> Result<(), FsError> {
        fs::remove_file_if_there(&self.path(JOURNAL))?;
        fs::fsync_dir(&self.folder)
    }

    /// Removes the folder with everything in it.
    ///
    /// # Errors
    ///
    /// [`FsError`].
    pub fn remove(self) -> Result<(), FsError> {
        fs::remove_dir_all(&self.folder)
    }
}

/// The most that a small file of a backup may have, in bytes: a manifest of a million segments.
pub const SMALL_MAX_BYTES: u64 = 256 << 20;

/// What the journal keeps sealed: the line of the identity, and the hashes.
fn kept(text: &str) -> Option<(BackupIdentity, String)> {
    let (line, hashes) = text.split_once('\n')?;
    let identity = BackupIdentity::read(line.as_bytes()).ok()?;
    Some((identity, hashes.to_owned()))
}
