//! Reads and writes the formats that are one frame of zstd, which the stock `zstd` tool opens.

use super::part::LEVEL;
use super::rows::{self, NO_MORE, RowCount, RowError, count_rows};
use super::{DecodeError, EncodeError, MAX_BLOCK_BYTES};
use crate::domain::backup::{BLOCK_BYTES, Block, RowFormat};
use std::io::{self, BufRead as _, BufReader, Read, Write};
use zstd::stream::{read::Decoder, write::Encoder};

/// How a stream of binary tuples begins: the signature, no flags, no extension.
const BINARY_HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The most memory that a frame may ask for, as a power of two (8 MiB).
const WINDOW_LOG2: u32 = 23;

/// Writes one frame.
pub(super) struct FrameWriter<W: Write> {
    encoder: Encoder<'static, W>,
    /// None for bytes of a file.
    rows: Option<RowFormat>,
}

impl<W: Write> FrameWriter<W> {
    pub(super) fn new(writer: W, rows: Option<RowFormat>) -> io::Result<Self> {
        let mut encoder = Encoder::new(writer, LEVEL)?;
        encoder.include_checksum(true)?;
        if rows == Some(RowFormat::Binary) {
            encoder.write_all(BINARY_HEADER)?;
        }
        Ok(Self { encoder, rows })
    }

    /// Writes whole rows, or bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<RowCount, EncodeError> {
        let count = self
            .rows
            .map_or(Ok(RowCount::default()), |format| count_rows(format, bytes))?;
        self.encoder.write_all(bytes)?;
        Ok(count)
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows == Some(RowFormat::Binary) {
            self.encoder.write_all(&NO_MORE)?;
        }
        self.encoder.finish()
    }
}

/// Reads one frame.
pub(super) struct FrameReader<R: Read> {
    decoder: Decoder<'static, BufReader<Watched<R>>>,
    /// None for bytes of a file.
    rows: Option<RowFormat>,
    /// What was read and is no whole row yet.
    begun: Vec<u8>,
    is_done: bool,
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(reader: R, rows: Option<RowFormat>) -> Result<Self, DecodeError> {
        let watched = Watched {
            reader,
            has_failed: false,
        };
        let mut decoder = Decoder::new(watched)
            .map_err(DecodeError::Read)?
            .single_frame();
        decoder
            .window_log_max(WINDOW_LOG2)
            .map_err(DecodeError::Read)?;
        let mut reader = Self {
            decoder,
            rows,
            begun: Vec::new(),
            is_done: false,
        };
        if rows == Some(RowFormat::Binary) {
            let mut header = Vec::new();
            reader.more(&mut header, BINARY_HEADER.len())?;
            if header != BINARY_HEADER {
                return Err(DecodeError::NotSegment);
            }
        }
        Ok(reader)
    }

    /// The next block and what it counts; none behind the last one.
    pub(super) fn next(&mut self) -> Result<Option<(Block, RowCount)>, DecodeError> {
        let mut bytes = std::mem::take(&mut self.begun);
        while !self.is_done {
            let is_end = self.more(&mut bytes, BLOCK_BYTES)? < BLOCK_BYTES;
            let (count, end) = match self.rows {
                Some(RowFormat::Binary) => rows::whole_tuples(&bytes)?,
                Some(RowFormat::Text) => rows::whole_lines(&bytes)?,
                None => (RowCount::default(), bytes.len()),
            };
            if is_end {
                self.check_end(bytes.get(end..).unwrap_or_default(), count.rows)?;
                self.is_done = true;
            } else if end == 0 {
                if bytes.len() > MAX_BLOCK_BYTES {
                    return Err(RowError::TooLarge { row: 1 }.into());
                }
                continue;
            }
            self.begun = bytes.split_off(end);
            let rows = count.rows;
            return Ok((end > 0).then_some((Block { bytes, rows }, count)));
        }
        Ok(None)
    }

    /// Checks what is left behind the last whole row, and that nothing follows the frame.
    fn check_end(&mut self, left: &[u8], rows: u64) -> Result<(), DecodeError> {
        match (self.rows, left) {
            (Some(RowFormat::Binary), trailer) if *trailer == NO_MORE => {}
            (Some(RowFormat::Text) | None, []) => {}
            (Some(RowFormat::Binary), [0xff, 0xff, ..]) => {
                return Err(RowError::Malformed { row: rows + 1 }.into());
            }
            _ => return Err(DecodeError::Truncated),
        }
        let behind = self.decoder.get_mut().fill_buf();
        if behind.map_err(DecodeError::Read)?.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Damaged("something follows its end"))
        }
    }

    /// Reads that many bytes more, or all that are left.
    fn more(&mut self, bytes: &mut Vec<u8>, most: usize) -> Result<usize, DecodeError> {
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        bytes.reserve(most);
        let read = self.decoder.by_ref().take(limit).read_to_end(bytes);
        read.map_err(|error| {
            if self.decoder.get_ref().get_ref().has_failed {
                DecodeError::Read(error)
            } else if error.kind() == io::ErrorKind::UnexpectedEof {
                DecodeError::Truncated
            } else {
                DecodeError::Damaged("it does not decompress")
            }
        })
    }
}

/// Remembers whether the reader below failed, to tell that from a frame that is damaged.
struct Watched<R> {
    reader: R,
    has_failed: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        let interrupted = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        self.has_failed |= read.as_ref().is_err_and(|error| !interrupted(error));
        read
    }
}
