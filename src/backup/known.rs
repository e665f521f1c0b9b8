//! What this host has seen of backups: a file beside the settings, out of reach of whoever may
//! write the destination.
//!
//! A signature tells who made a file, and not whether it is the newest one. That an older state of
//! a file was put back, or a whole backup that had been removed, shows only against a memory.

use crate::domain::backup::BackupId;
use crate::sys::fs::{self, FsError};
use crate::sys::lock::LockFile;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// No such file is near this size.
const MAX_BYTES: u64 = 64 << 20;
/// How long a change waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What is known of one backup in one destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBackup {
    /// The highest generation of `keys.age` that was seen.
    pub keys_generation: u64,
    /// The highest generation of `datakeys.json` that was seen.
    pub data_keys_generation: u64,
    /// When retention began to remove it. Until that is over, what is left of it is not missed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doomed_at: Option<Timestamp>,
    /// When retention had removed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pruned_at: Option<Timestamp>,
}

/// What is known of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// By destination and id: a copy elsewhere may well lag behind.
    pub destinations: BTreeMap<String, BTreeMap<String, KnownBackup>>,
    /// Where backups were restored into by this host, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub restored: BTreeMap<String, String>,
}

/// Why the file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// The file, or the disk below it.
    #[error(transparent)]
    File(#[from] FsError),
    /// It is not as it was written.
    #[error("\"{}\", which remembers what was seen of backups, is damaged", .0.display())]
    Damaged(PathBuf),
    /// Another process changes it.
    #[error("\"{}\" is being changed by another process", .0.display())]
    Busy(PathBuf),
}

/// The file.
#[derive(Clone, Debug)]
pub struct KnownFile(PathBuf);

impl KnownFile {
    /// The file at this path.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// What it says; nothing where there is no file yet.
    ///
    /// # Errors
    ///
    /// [`KnownError::File`], [`KnownError::Damaged`].
    pub fn load(&self) -> Result<Known, KnownError> {
        let bytes = match fs::read_file(&self.0, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(Known::default()),
            Err(error) => return Err(error.into()),
        };
        serde_json::from_slice(&bytes).map_err(|_| KnownError::Damaged(self.0.clone()))
    }

    /// Changes what it says, while no other process does, and makes that durable.
    ///
    /// # Errors
    ///
    /// Any [`KnownError`]; the file is as it was.
    pub fn update<T>(&self, change: impl FnOnce(&mut Known) -> T) -> Result<T, KnownError> {
        let _lock = self.lock()?;
        let before = self.load()?;
        let mut known = before.clone();
        let done = change(&mut known);
        if known != before {
            // Texts and numbers always have a JSON form.
            let mut bytes = serde_json::to_vec_pretty(&known).unwrap_or_default();
            bytes.push(b'\n');
            fs::replace_secret_file(&self.0, &bytes)?;
        }
        Ok(done)
    }

    fn lock(&self) -> Result<LockFile, KnownError> {
        let path = lock_path(&self.0);
        let mut waited = Duration::ZERO;
        loop {
            if let Some(lock) = LockFile::try_exclusive(&path)? {
                return Ok(lock);
            }
            if waited >= PATIENCE {
                return Err(KnownError::Busy(self.0.clone()));
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    path.with_file_name(name)
}

impl Known {
    /// What is known of this backup in this destination.
    #[must_use]
    pub fn of(&self, destination: &str, id: &BackupId) -> Option<&KnownBackup> {
        self.destinations.get(destination)?.get(id.as_str())
    }

    /// What is known of every backup in this destination.
    pub fn in_destination(
        &self,
        destination: &str,
    ) -> impl Iterator<Item = (BackupId, &KnownBackup)> {
        let all = self.destinations.get(destination).into_iter().flatten();
        all.filter_map(|(id, known)| Some((BackupId::parse(id)?, known)))
    }

    fn entry(&mut self, destination: &str, id: &BackupId) -> &mut KnownBackup {
        let here = self.destinations.entry(destination.to_owned()).or_default();
        here.entry(id.as_str().to_owned()).or_default()
    }

    /// Remembers what was seen of a backup. A generation never falls.
    pub fn see(&mut self, destination: &str, id: &BackupId, keys: u64, data_keys: u64) {
        let known = self.entry(destination, id);
        known.keys_generation = known.keys_generation.max(keys);
        known.data_keys_generation = known.data_keys_generation.max(data_keys);
    }

    /// Remembers that a backup is being removed.
    pub fn doom(&mut self, destination: &str, id: &BackupId, at: Timestamp) {
        let known = self.entry(destination, id);
        known.doomed_at = known.doomed_at.or(Some(at));
    }

    /// Remembers that a backup was removed.
    pub fn prune(&mut self, destination: &str, id: &BackupId, at: Timestamp) {
        let known = self.entry(destination, id);
        known.pruned_at = known.pruned_at.or(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> BackupId {
        BackupId::parse("20261128T182417Z-az27a7").unwrap()
    }

    #[test]
    fn a_generation_that_was_seen_is_remembered_and_never_falls() {
        let folder = tempfile::tempdir().unwrap();
        let file = KnownFile::at(folder.path().join("known.json"));
        assert_eq!(file.load().unwrap(), Known::default());
        for (destination, keys, data_keys) in [("a", 3, 1), ("a", 2, 5), ("b", 1, 1)] {
            file.update(|known| known.see(destination, &id(), keys, data_keys))
                .unwrap();
        }
        let known = file.load().unwrap();
        let here = known.of("a", &id()).unwrap();
        assert_eq!((here.keys_generation, here.data_keys_generation), (3, 5));
        assert_eq!(known.of("b", &id()).unwrap().keys_generation, 1);
        assert_eq!(known.of("c", &id()), None);
    }

    #[test]
    fn a_damaged_file_is_told_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.json");
        fs::write_secret_file_new(&path, b"{\"destinations\": 7}").unwrap();
        let file = KnownFile::at(path.clone());
        let error = file.update(|known| known.prune("a", &id(), Timestamp::UNIX_EPOCH));
        assert!(matches!(error, Err(KnownError::Damaged(_))));
        assert_eq!(std::fs::read(path).unwrap(), b"{\"destinations\": 7}");
    }
}
