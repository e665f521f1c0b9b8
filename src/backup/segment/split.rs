//! Writes `pgcopy-split-v1`: blocks of tuples whose vectors are taken out and stored as planes.

use super::part::{Nature, PartWriter};
use super::planes::Planes;
use super::rows::{RowCount, RowError, Tuple};
use super::{EncodeError, SegmentFormat};
use crate::domain::backup::{BLOCK_BYTES, TableShape};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::ops::Range;

/// How a segment begins.
pub(super) const MAGIC: &[u8; 8] = b"embseg1\n";
/// How a block begins.
pub(super) const BLOCK: u8 = b'B';
/// How the end begins.
pub(super) const END: u8 = b'E';
/// The tuples without what was taken out.
pub(super) const REST: u8 = 0;
/// A plane of a column.
pub(super) const PLANE: u8 = 1;
/// The bytes of a vector in front of its numbers: how many there are, and two unused ones.
pub(super) const VECTOR_HEAD: usize = 4;
/// The most parts of a block: one byte counts them.
pub(super) const MAX_PARTS: usize = 255;

/// What stands at the beginning of a segment.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// The format.
    pub(super) format: SegmentFormat,
    /// Schema and name of the table, for people.
    pub(super) table: String,
    /// The columns that are stored as planes, in their order.
    pub(super) floats: Vec<FloatColumn>,
}

/// A column that is stored as planes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FloatColumn {
    /// The number of its field, from 0.
    pub(super) column: usize,
    /// How many bytes each of its numbers has.
    pub(super) width: u8,
    /// Its name, for people.
    pub(super) name: String,
}

/// The part of a field that is taken out: what is behind its head, if that is whole numbers.
#[inline]
pub(super) const fn taken_bytes(field_bytes: usize, width: usize) -> Option<usize> {
    match field_bytes.checked_sub(VECTOR_HEAD) {
        Some(taken) if taken > 0 && taken.is_multiple_of(width) => Some(taken),
        _ => None,
    }
}

/// Writes the blocks of one segment.
pub(super) struct SplitWriter<W> {
    writer: W,
    columns: usize,
    floats: Vec<(usize, Planes)>,
    rest: Vec<u8>,
    parts: PartWriter,
    blocks: u32,
}

impl<W: Write> SplitWriter<W> {
    pub(super) fn new(mut writer: W, shape: &TableShape) -> io::Result<Self> {
        let (mut described, mut floats, mut parts) = (Vec::new(), Vec::new(), 1);
        for (column, described_as) in shape.columns.iter().enumerate() {
            let planes = described_as
                .float_width
                .and_then(|width| Some((width, Planes::new(width)?)));
            // A table with more vectors than can be counted keeps the last ones whole.
            if let Some((width, planes)) = planes
                && parts + usize::from(width) <= MAX_PARTS
            {
                parts += usize::from(width);
                floats.push((column, planes));
                described.push(FloatColumn {
                    column,
                    width,
                    name: described_as.name.clone(),
                });
            }
        }
        let header = serde_json::to_vec(&Header {
            format: SegmentFormat::PgcopySplit,
            table: shape.to_string(),
            floats: described,
        })?;
        writer.write_all(MAGIC)?;
        writer.write_all(&number(header.len())?)?;
        writer.write_all(&header)?;
        Ok(Self {
            writer,
            columns: shape.columns.len(),
            floats,
            rest: Vec::new(),
            parts: PartWriter::new()?,
            blocks: 0,
        })
    }

    /// Writes whole tuples, in blocks of about [`BLOCK_BYTES`].
    pub(super) fn rows(&mut self, bytes: &[u8]) -> Result<RowCount, EncodeError> {
        let mut all = RowCount::default();
        let mut block = RowCount::default();
        let (mut start, mut copied, mut at) = (0, 0, 0);
        while at < bytes.len() {
            let row = all.rows + block.rows + 1;
            let end = self.split(bytes, at, &mut copied, row)?;
            block.add_row(bytes.get(at..end).unwrap_or_default());
            at = end;
            let is_full = at - start >= BLOCK_BYTES && bytes.len() - at >= BLOCK_BYTES;
            if is_full || at == bytes.len() {
                self.rest(bytes, copied..at);
                self.flush(at - start, block.rows)?;
                all.add(std::mem::take(&mut block));
                (start, copied) = (at, at);
            }
        }
        Ok(all)
    }

    /// Takes the vectors out of one tuple and yields where it ends. What lies between them and
    /// was not copied yet begins at `copied`.
    fn split(
        &mut self,
        bytes: &[u8],
        start: usize,
        copied: &mut usize,
        row: u64,
    ) -> Result<usize, RowError> {
        let (floats, rest) = (&mut self.floats, &mut self.rest);
        let mut floats = floats.iter_mut().peekable();
        let tuple = Tuple::read(bytes, start, |field, place| {
            while floats.next_if(|(column, _)| *column < field).is_some() {}
            if let Some((_, planes)) = floats.next_if(|(column, _)| *column == field)
                && let Some(taken) = taken_bytes(place.len(), planes.width())
            {
                let from = place.end - taken;
                rest.extend_from_slice(bytes.get(*copied..from).unwrap_or_default());
                planes.split(bytes.get(from..place.end).unwrap_or_default());
                *copied = place.end;
            }
        });
        let tuple = tuple
            .map_err(|bad| bad.of_row(row))?
            .ok_or(RowError::CutOff { row })?;
        if tuple.fields != self.columns {
            return Err(RowError::FieldCount {
                row,
                found: tuple.fields,
                expected: self.columns,
            });
        }
        Ok(tuple.end)
    }

    fn rest(&mut self, bytes: &[u8], range: Range<usize>) {
        self.rest
            .extend_from_slice(bytes.get(range).unwrap_or_default());
    }

    /// Writes the block that was split.
    fn flush(&mut self, raw_bytes: usize, rows: u64) -> io::Result<()> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let planes: usize = self.floats.iter().map(|(_, planes)| planes.width()).sum();
        self.writer.write_all(&[BLOCK])?;
        self.writer.write_all(&number(raw_bytes)?)?;
        self.writer.write_all(&number(rows)?)?;
        self.writer
            .write_all(&[u8::try_from(1 + planes).unwrap_or(u8::MAX)])?;
        self.parts
            .write(&mut self.writer, REST, Nature::Mixed, &self.rest)?;
        self.rest.clear();
        for (_, planes) in &mut self.floats {
            for plane in planes.each() {
                self.parts
                    .write(&mut self.writer, PLANE, Nature::Plane, plane)?;
            }
            planes.clear();
        }
        self.blocks += 1;
        Ok(())
    }

    /// Writes the end.
    pub(super) fn finish(mut self, rows: u64, raw_bytes: u64) -> io::Result<W> {
        self.writer.write_all(&[END])?;
        self.writer.write_all(&self.blocks.to_be_bytes())?;
        self.writer.write_all(&rows.to_be_bytes())?;
        self.writer.write_all(&raw_bytes.to_be_bytes())?;
        Ok(self.writer)
    }
}

/// A number of 32 bits as it is written.
fn number(number: usize) -> io::Result<[u8; 4]> {
    u32::try_from(number)
        .map(u32::to_be_bytes)
        .map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}
