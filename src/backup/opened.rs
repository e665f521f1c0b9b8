//! Reads one segment: its bytes as they are stored, the age file, what was encoded in it; and
//! holds all of that against what the manifest says.
//!
//! Blocks are handed out before the end is reached. Whoever keeps something of them must wait for
//! the end before it counts: only then is it known that nothing was changed or cut off.

use super::hashed::HashedFile;
use super::manifest::{SegmentEntry, StoredFile};
use super::segment::{DecodeError, SegmentDecoder, SegmentTotals};
use crate::crypto::sealed_file::stream::{OpenStreamError, OpeningReader, SealingWriter};
use crate::crypto::sealed_file::{BackupIdentity, OpenFileError};
use crate::domain::backup::Block;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read};

/// Why a segment is not what the manifest says.
#[derive(Debug, thiserror::Error)]
pub enum SegmentFault {
    /// It could not be read.
    #[error("the segment {name} cannot be read")]
    Read {
        /// Its name.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It does not open with the identity of the backup.
    #[error("the segment {name} does not open")]
    Open {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: OpenFileError,
    },
    /// What is in it cannot be decoded.
    #[error("the segment {name} cannot be decoded")]
    Decode {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// It is another one than the manifest names.
    #[error("the segment {name} is not the one that the manifest names: its {what} differs")]
    Differs {
        /// Its name.
        name: String,
        /// What differs.
        what: &'static str,
    },
    /// Whoever took the blocks wants no more.
    #[error("the segment {name} was not read to its end")]
    Stopped {
        /// Its name.
        name: String,
    },
}

impl SegmentFault {
    /// Whether the bytes are wrong, rather than out of reach.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Open { .. } | Self::Decode { .. } | Self::Differs { .. }
        )
    }
}

/// What becomes of the rest of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next block is wanted.
    More,
    /// Nothing more is wanted.
    Stop,
}

/// Reads a segment to its end and hands out its blocks.
///
/// # Errors
///
/// Any [`SegmentFault`].
pub fn read(
    stored: impl Read,
    entry: &SegmentEntry,
    identity: &BackupIdentity,
    mut each: impl FnMut(Block) -> Next,
) -> Result<SegmentTotals, SegmentFault> {
    let name = || entry.file.name.clone();
    let mut hashed = Hashed::new(stored);
    let totals = decode(&mut hashed, entry, identity, &mut each);
    // Whatever went wrong, bytes that are not those of the manifest come first.
    let read_failed = hashed.failure.take();
    if let Some(source) = read_failed {
        return Err(SegmentFault::Read {
            name: name(),
            source,
        });
    }
    let totals = match totals {
        Err(stopped @ SegmentFault::Stopped { .. }) => return Err(stopped),
        other => other,
    };
    let stored = hashed.finish().map_err(|source| SegmentFault::Read {
        name: name(),
        source,
    })?;
    let differs = |what| SegmentFault::Differs { name: name(), what };
    if stored.size_bytes != entry.file.size_bytes {
        return Err(differs("size"));
    }
    if stored.sha256 != entry.file.sha256 {
        return Err(differs("SHA-256"));
    }
    let totals = totals?;
    if totals.raw_bytes != entry.raw_bytes || totals.rows != entry.rows {
        return Err(differs("number of rows or bytes"));
    }
    if data_encoding::HEXLOWER.encode(&totals.raw_blake3) != entry.raw_blake3 {
        return Err(differs("BLAKE3"));
    }
    Ok(totals)
}

fn decode(
    stored: &mut Hashed<impl Read>,
    entry: &SegmentEntry,
    identity: &BackupIdentity,
    each: &mut impl FnMut(Block) -> Next,
) -> Result<SegmentTotals, SegmentFault> {
    let name = || entry.file.name.clone();
    let opened = OpeningReader::new(stored, identity).map_err(|error| match error {
        OpenStreamError::File(source) => SegmentFault::Open {
            name: name(),
            source,
        },
        OpenStreamError::Read(source) => SegmentFault::Read {
            name: name(),
            source,
        },
    })?;
    let broken = |source: DecodeError| {
        let opening = match &source {
            DecodeError::Read(error) => OpenFileError::within(error).cloned(),
            _ => None,
        };
        match opening {
            Some(source) => SegmentFault::Open {
                name: name(),
                source,
            },
            None => SegmentFault::Decode {
                name: name(),
                source,
            },
        }
    };
    let mut decoder = SegmentDecoder::new(opened, entry.format).map_err(broken)?;
    while let Some(block) = decoder.next_block().map_err(broken)? {
        if each(block) == Next::Stop {
            return Err(SegmentFault::Stopped { name: name() });
        }
    }
    decoder.finish().map_err(broken)
}

/// Opens a segment and seals what is in it for another identity, durably.
///
/// # Errors
///
/// Any [`SegmentFault`]; a file that cannot be written is [`SegmentFault::Read`].
pub fn reseal(
    stored: impl Read,
    entry: &SegmentEntry,
    from: &BackupIdentity,
    to: &BackupIdentity,
    file: File,
) -> Result<StoredFile, SegmentFault> {
    let name = || entry.file.name.clone();
    let failed = |source: io::Error| match OpenFileError::within(&source).cloned() {
        Some(source) => SegmentFault::Open {
            name: name(),
            source,
        },
        None => SegmentFault::Read {
            name: name(),
            source,
        },
    };
    let mut hashed = Hashed::new(stored);
    let written = {
        let mut opened = OpeningReader::new(&mut hashed, from).map_err(|error| match error {
            OpenStreamError::File(source) => SegmentFault::Open {
                name: name(),
                source,
            },
            OpenStreamError::Read(source) => failed(source),
        })?;
        let writer = HashedFile::new(file);
        let mut sealing = SealingWriter::new(writer, &to.recipient()).map_err(failed)?;
        io::copy(&mut opened, &mut sealing).map_err(failed)?;
        let writer = sealing.finish().map_err(failed)?;
        writer.finish(name()).map_err(failed)?
    };
    let stored = hashed.finish().map_err(failed)?;
    if stored.sha256 == entry.file.sha256 {
        Ok(written)
    } else {
        Err(SegmentFault::Differs {
            name: name(),
            what: "SHA-256",
        })
    }
}

/// A file as it was stored.
struct Stored {
    size_bytes: u64,
    sha256: String,
}

/// Hashes and counts what is read through it, and keeps the error of a read that failed, which the
/// layers above would make into one of theirs.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    size_bytes: u64,
    failure: Option<io::Error>,
}

impl<R: Read> Hashed<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            size_bytes: 0,
            failure: None,
        }
    }

    /// Reads what is left and says what all of it was.
    fn finish(mut self) -> io::Result<Stored> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(Stored {
            size_bytes: self.size_bytes,
            sha256: data_encoding::HEXLOWER.encode(&self.hash.finalize()),
        })
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(length) => {
                    self.hash.update(buffer.get(..length).unwrap_or_default());
                    self.size_bytes += u64::try_from(length).unwrap_or(0);
                    return Ok(length);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let told = io::Error::from(error.kind());
                    self.failure = Some(error);
                    return Err(told);
                }
            }
        }
    }
}
