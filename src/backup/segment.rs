//! Segments of a backup before they are sealed: rows of a table or bytes of a file, written and
//! read as streams with memory for a few blocks.
//!
//! The layouts are published in `docs/formats.md`. Sealing is in
//! [`sealed_file`](crate::crypto::sealed_file); what is put into which segment, and where segments
//! are kept, is decided elsewhere.

mod framed;
mod join;
mod part;
mod planes;
mod rows;
mod split;
#[cfg(test)]
mod tests;

pub use rows::{MAX_ROW_BYTES, RowCount, RowError, count_rows};

use crate::domain::backup::{BLOCK_BYTES, Block, RowFormat, RowSum, TableShape};
use framed::{FrameReader, FrameWriter};
use join::JoinReader;
use serde::{Deserialize, Serialize};
use split::SplitWriter;
use std::io::{self, Read, Write};

/// The most bytes of a block that a reader takes: one row of the largest size, and what lies
/// around it.
const MAX_BLOCK_BYTES: usize = MAX_ROW_BYTES + 2 * BLOCK_BYTES;

/// How the plaintext of a segment is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SegmentFormat {
    /// Binary tuples whose vectors are stored as planes of bytes.
    #[serde(rename = "pgcopy-split-v1")]
    PgcopySplit,
    /// One frame of zstd: a whole stream of `COPY … (FORMAT binary)`.
    #[serde(rename = "pgcopy-binary")]
    PgcopyBinary,
    /// One frame of zstd: lines of `COPY … (FORMAT text)`.
    #[serde(rename = "pgcopy-text")]
    PgcopyText,
    /// One frame of zstd: bytes of a file.
    #[serde(rename = "bytes")]
    Bytes,
}

impl SegmentFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [
        Self::PgcopySplit,
        Self::PgcopyBinary,
        Self::PgcopyText,
        Self::Bytes,
    ];

    /// The word in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PgcopySplit => "pgcopy-split-v1",
            Self::PgcopyBinary => "pgcopy-binary",
            Self::PgcopyText => "pgcopy-text",
            Self::Bytes => "bytes",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    /// How rows travel that are in such a segment; none for bytes of a file.
    #[must_use]
    pub const fn rows(self) -> Option<RowFormat> {
        match self {
            Self::PgcopySplit | Self::PgcopyBinary => Some(RowFormat::Binary),
            Self::PgcopyText => Some(RowFormat::Text),
            Self::Bytes => None,
        }
    }
}

/// What a segment holds, however it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentTotals {
    /// How many rows; 0 for bytes of a file.
    pub rows: u64,
    /// How many bytes they have as they travel.
    pub raw_bytes: u64,
    /// The BLAKE3 of these bytes.
    pub raw_blake3: [u8; 32],
    /// The sum of the rows; 0 for bytes of a file.
    pub sum: RowSum,
}

/// Why a segment was not written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The bytes of a block are not whole rows of the table.
    #[error(transparent)]
    Rows(#[from] RowError),
    /// A block says that it has another number of rows than it has.
    #[error("a block has {found} rows and says {said}")]
    RowCount {
        /// How many it says.
        said: u64,
        /// How many it has.
        found: u64,
    },
    /// The rows of the table do not travel in the way that the format holds.
    #[error("the rows of this table are in another format")]
    WrongFormat,
    /// The writer below failed, or compression did.
    #[error("it cannot be written")]
    Write(#[from] io::Error),
}

/// Why a segment was not read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It begins as something else.
    #[error("not a segment of this format")]
    NotSegment,
    /// It ends too early.
    #[error("cut off: its end is missing")]
    Truncated,
    /// It contradicts itself.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// What comes out is not whole rows.
    #[error("damaged: {0}")]
    Rows(#[from] RowError),
    /// The reader below failed; what it found to be damaged is in the source.
    #[error("it cannot be read")]
    Read(#[source] io::Error),
}

/// The totals as they grow.
#[derive(Default)]
struct Running {
    count: RowCount,
    raw_bytes: u64,
    hasher: blake3::Hasher,
}

impl Running {
    fn add(&mut self, bytes: &[u8], count: RowCount) {
        self.count.add(count);
        self.raw_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.hasher.update(bytes);
    }

    fn totals(&self) -> SegmentTotals {
        SegmentTotals {
            rows: self.count.rows,
            raw_bytes: self.raw_bytes,
            raw_blake3: *self.hasher.finalize().as_bytes(),
            sum: self.count.sum,
        }
    }
}

/// Writes a segment. Nothing is valid before [`finish`](Self::finish).
pub struct SegmentEncoder<W: Write> {
    layout: Written<W>,
    running: Running,
}

enum Written<W: Write> {
    Split(Box<SplitWriter<W>>),
    Framed(FrameWriter<W>),
}

impl<W: Write> SegmentEncoder<W> {
    /// Begins a segment with rows of a table.
    ///
    /// # Errors
    ///
    /// [`EncodeError::WrongFormat`] and [`EncodeError::Write`].
    pub fn rows(writer: W, format: SegmentFormat, shape: &TableShape) -> Result<Self, EncodeError> {
        if format.rows() != Some(shape.format) {
            return Err(EncodeError::WrongFormat);
        }
        let layout = match format {
            SegmentFormat::PgcopySplit => {
                Written::Split(Box::new(SplitWriter::new(writer, shape)?))
            }
            _ => Written::Framed(FrameWriter::new(writer, Some(shape.format))?),
        };
        Ok(Self::new(layout))
    }

    /// Begins a segment with bytes of a file.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Write`].
    pub fn bytes(writer: W) -> Result<Self, EncodeError> {
        let layout = Written::Framed(FrameWriter::new(writer, None)?);
        Ok(Self::new(layout))
    }

    fn new(layout: Written<W>) -> Self {
        Self {
            layout,
            running: Running::default(),
        }
    }

    /// Writes a block: whole rows, or bytes.
    ///
    /// # Errors
    ///
    /// Any [`EncodeError`]; the segment is of no use then.
    pub fn block(&mut self, block: &Block) -> Result<(), EncodeError> {
        let count = match &mut self.layout {
            Written::Split(writer) => writer.rows(&block.bytes)?,
            Written::Framed(writer) => writer.write(&block.bytes)?,
        };
        if count.rows != block.rows {
            return Err(EncodeError::RowCount {
                said: block.rows,
                found: count.rows,
            });
        }
        self.running.add(&block.bytes, count);
        Ok(())
    }

    /// How many raw bytes were written so far: what decides where a segment is cut.
    #[must_use]
    pub const fn raw_bytes(&self) -> u64 {
        self.running.raw_bytes
    }

    /// Writes the end, and yields the writer and what was written.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Write`].
    pub fn finish(self) -> Result<(W, SegmentTotals), EncodeError> {
        let totals = self.running.totals();
        let writer = match self.layout {
            Written::Split(writer) => writer.finish(totals.rows, totals.raw_bytes)?,
            Written::Framed(writer) => writer.finish()?,
        };
        Ok((writer, totals))
    }
}

/// Reads a segment. Its blocks are whole rows, though not cut where they were cut when it was
/// written. What was read counts only once [`finish`](Self::finish) has seen the end.
pub struct SegmentDecoder<R: Read> {
    layout: Source<R>,
    running: Running,
    /// Nothing may be read behind an error, as if what failed were not there.
    has_failed: bool,
}

enum Source<R: Read> {
    Split(Box<JoinReader<R>>),
    Framed(FrameReader<R>),
}

impl<R: Read> SegmentDecoder<R> {
    /// Begins to read a segment.
    ///
    /// # Errors
    ///
    /// Any [`DecodeError`].
    pub fn new(reader: R, format: SegmentFormat) -> Result<Self, DecodeError> {
        let layout = match format {
            SegmentFormat::PgcopySplit => Source::Split(Box::new(JoinReader::new(reader)?)),
            framed => Source::Framed(FrameReader::new(reader, framed.rows())?),
        };
        Ok(Self {
            layout,
            running: Running::default(),
            has_failed: false,
        })
    }

    /// The next block: whole rows without the header and trailer of a stream, or bytes. None once
    /// the end was read and fits.
    ///
    /// # Errors
    ///
    /// Any [`DecodeError`]; nothing that was read before is to be trusted then.
    pub fn next_block(&mut self) -> Result<Option<Block>, DecodeError> {
        if self.has_failed {
            return Err(DecodeError::Damaged("reading it failed before"));
        }
        let next = match &mut self.layout {
            Source::Split(reader) => reader.next(),
            Source::Framed(reader) => reader.next(),
        };
        self.has_failed = next.is_err();
        Ok(next?.map(|(block, count)| {
            self.running.add(&block.bytes, count);
            block
        }))
    }

    /// Reads what is left, and yields what the whole segment holds.
    ///
    /// # Errors
    ///
    /// Any [`DecodeError`].
    pub fn finish(mut self) -> Result<SegmentTotals, DecodeError> {
        while self.next_block()?.is_some() {}
        Ok(self.running.totals())
    }
}
