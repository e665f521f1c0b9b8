//! What is known of an upload that was begun, in a small file beside the file that is sent.

use crate::blob::BlobError;
use crate::blob::content::hex;
use crate::sys::fs::{FsError, replace_secret_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The version of the format.
const FORMAT: u32 = 1;

/// An upload in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    format: u32,
    /// The destination, and the name in it.
    place: String,
    name: String,
    /// What is sent.
    size: u64,
    sha256: String,
    /// How it is cut.
    part_bytes: u64,
    /// What the store calls the upload.
    pub(super) upload: String,
    /// What it calls the parts that it has, by their number from 0.
    pub(super) parts: BTreeMap<usize, String>,
}

/// What is to be sent.
pub(super) struct Plan<'a> {
    /// The destination.
    pub(super) place: &'a str,
    /// The name in it.
    pub(super) name: &'a str,
    /// The size of the file.
    pub(super) size: u64,
    /// Its SHA-256.
    pub(super) sha256: &'a [u8],
    /// How it is cut.
    pub(super) part_bytes: u64,
}

impl Journal {
    pub(super) fn new(plan: &Plan<'_>, upload: String) -> Self {
        Self {
            format: FORMAT,
            place: plan.place.to_owned(),
            name: plan.name.to_owned(),
            size: plan.size,
            sha256: hex(plan.sha256),
            part_bytes: plan.part_bytes,
            upload,
            parts: BTreeMap::new(),
        }
    }

    /// Whether it is about the same bytes, cut in the same way, for the same place.
    pub(super) fn is_for(&self, plan: &Plan<'_>) -> bool {
        let begun = Self::new(plan, self.upload.clone());
        let bare = Self {
            parts: BTreeMap::new(),
            ..self.clone()
        };
        begun == bare
    }

    /// Reads the one of a file. One that can't be read is none: the upload begins again then.
    pub(super) fn load(local: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path_of(local)).ok()?).ok()
    }

    pub(super) fn save(&self, local: &Path) -> Result<(), BlobError> {
        let path = path_of(local);
        let text = serde_json::to_vec(self).map_err(|error| {
            BlobError::of_io("write", path.clone(), std::io::Error::other(error))
        })?;
        replace_secret_file(&path, &text).map_err(|error: FsError| {
            BlobError::of_file(error, "this machine", &path.to_string_lossy())
        })
    }

    pub(super) fn remove(local: &Path) -> Result<(), BlobError> {
        let path = path_of(local);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(BlobError::of_io("remove", path, error))
            }
            _ => Ok(()),
        }
    }
}

/// The name of the file beside the one that is sent.
pub(super) fn path_of(local: &Path) -> PathBuf {
    let mut name = OsString::from(local);
    name.push(".upload.json");
    PathBuf::from(name)
}
