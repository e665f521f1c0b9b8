//! A file that is hashed while it is written.

use super::manifest::StoredFile;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// How much is written at a time, in bytes.
const WRITE_BYTES: usize = 1 << 18;

/// Hashes and counts what is written to a file.
pub(super) struct HashedFile {
    file: BufWriter<File>,
    hash: Sha256,
    size_bytes: u64,
}

impl HashedFile {
    pub(super) fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(WRITE_BYTES, file),
            hash: Sha256::new(),
            size_bytes: 0,
        }
    }

    /// Makes it durable, and says what was written.
    pub(super) fn finish(self, name: String) -> io::Result<StoredFile> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(StoredFile {
            name,
            size_bytes: self.size_bytes,
            sha256: data_encoding::HEXLOWER.encode(&self.hash.finalize()),
        })
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.hash.update(bytes.get(..length).unwrap_or_default());
        self.size_bytes += u64::try_from(length).unwrap_or(0);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
