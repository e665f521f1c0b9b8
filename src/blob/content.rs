//! Bytes of local files and their SHA-256.

use super::{BlobError, BlobReader, Sha256Sum, blocking};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// How much of a local file is read at once.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// A local file that holds what it should.
pub(super) struct Local {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its size.
    pub(super) size: u64,
}

impl Local {
    /// Makes sure that a file has this SHA-256.
    pub(super) async fn checked(path: &Path, sha256: &Sha256Sum) -> Result<Self, BlobError> {
        let (path, expected) = (path.to_path_buf(), *sha256);
        blocking(move || {
            let failed = |source| BlobError::of_io("read", path.clone(), source);
            let mut file = File::open(&path).map_err(failed)?;
            let (size, found) = sum_of(&mut file).map_err(failed)?;
            if found == expected {
                return Ok(Self { path, size });
            }
            Err(BlobError::Damaged {
                place: "this machine".to_owned(),
                name: path.display().to_string(),
                why: "its bytes changed since they were written".to_owned(),
            })
        })
        .await
    }

    /// Reads a part of it.
    pub(super) async fn part(&self, offset: u64, bytes: u64) -> Result<Vec<u8>, BlobError> {
        let path = self.path.clone();
        blocking(move || {
            let length = usize::try_from(bytes).unwrap_or(usize::MAX);
            let read = || {
                let mut part = vec![0; length];
                File::open(&path)?.read_exact_at(&mut part, offset)?;
                Ok(part)
            };
            read().map_err(|source| BlobError::of_io("read", path.clone(), source))
        })
        .await
    }
}

/// Gives everything that is left of a file away, bit by bit; how much it was.
pub(super) fn pour(
    file: &mut File,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(total);
        }
        take(&buffer[..read])?;
        total += read as u64;
    }
}

/// The size and the SHA-256 of everything that is left of a file.
pub(super) fn sum_of(file: &mut File) -> io::Result<(u64, Sha256Sum)> {
    let mut hash = Sha256::new();
    let size = pour(file, |bytes| {
        hash.update(bytes);
        Ok(())
    })?;
    Ok((size, hash.finalize().into()))
}

/// Reads an object to its end and gives its SHA-256.
pub(super) async fn hash_of(mut reader: Box<dyn BlobReader>) -> Result<Sha256Sum, BlobError> {
    let mut hash = Sha256::new();
    while let Some(bytes) = reader.next().await? {
        hash.update(&bytes);
    }
    Ok(hash.finalize().into())
}

/// A SHA-256 as text.
pub(super) fn hex(sum: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(sum)
}
