//! Reads `pgcopy-split-v1`: puts the vectors back into their tuples.

use super::part::{self, PartReader};
use super::planes;
use super::rows::{RowCount, count_rows, field_count, field_length};
use super::split::{BLOCK, END, Header, MAGIC, MAX_PARTS, PLANE, REST, VECTOR_HEAD, taken_bytes};
use super::{DecodeError, MAX_BLOCK_BYTES, SegmentFormat};
use crate::domain::backup::{Block, RowFormat};
use std::io::Read;

/// The most bytes of a header.
const MAX_HEADER_BYTES: u32 = 1 << 16;

/// What the end of a segment says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    blocks: u32,
    rows: u64,
    raw_bytes: u64,
}

/// Reads the blocks of one segment.
pub(super) struct JoinReader<R> {
    reader: R,
    floats: Vec<Joined>,
    rest: Vec<u8>,
    parts: PartReader,
    so_far: Said,
    is_done: bool,
}

/// A column that comes from planes.
struct Joined {
    column: usize,
    /// As many as the width has bytes.
    planes: Vec<Vec<u8>>,
    /// How many numbers of the block were put back.
    used: usize,
}

impl<R: Read> JoinReader<R> {
    pub(super) fn new(mut reader: R) -> Result<Self, DecodeError> {
        if part::array(&mut reader)? != *MAGIC {
            return Err(DecodeError::NotSegment);
        }
        let length = u32::from_be_bytes(part::array(&mut reader)?);
        if length > MAX_HEADER_BYTES {
            return Err(BAD_HEADER);
        }
        let mut header = Vec::new();
        part::exactly(&mut reader, length, &mut header)?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| BAD_HEADER)?;
        Ok(Self {
            reader,
            floats: columns(&header)?,
            rest: Vec::new(),
            parts: PartReader::new().map_err(DecodeError::Read)?,
            so_far: Said::default(),
            is_done: false,
        })
    }

    /// The next block and what it counts; none behind the last one.
    pub(super) fn next(&mut self) -> Result<Option<(Block, RowCount)>, DecodeError> {
        if self.is_done {
            return Ok(None);
        }
        match part::array(&mut self.reader)? {
            [BLOCK] => self.block().map(Some),
            [END] => self.end().map(|()| None),
            _ => Err(DecodeError::Damaged("a block does not begin as one")),
        }
    }

    fn block(&mut self) -> Result<(Block, RowCount), DecodeError> {
        let raw_bytes = u32::from_be_bytes(part::array(&mut self.reader)?);
        let rows = u64::from(u32::from_be_bytes(part::array(&mut self.reader)?));
        let raw_bytes = usize::try_from(raw_bytes).unwrap_or(usize::MAX);
        if raw_bytes > MAX_BLOCK_BYTES {
            return Err(DecodeError::Damaged("a block is larger than any"));
        }
        self.read_parts(raw_bytes)?;
        let bytes = self
            .join(raw_bytes)
            .ok_or(DecodeError::Damaged("the vectors of a block do not fit"))?;
        let count = count_rows(RowFormat::Binary, &bytes).map_err(DecodeError::Rows)?;
        if count.rows != rows {
            return Err(DecodeError::Damaged("a block has another number of rows"));
        }
        self.so_far.blocks = self.so_far.blocks.saturating_add(1);
        self.so_far.rows += rows;
        self.so_far.raw_bytes += u64::try_from(raw_bytes).unwrap_or(u64::MAX);
        Ok((Block { bytes, rows }, count))
    }

    /// Reads what the block is joined from; together it has as many bytes as the block.
    fn read_parts(&mut self, raw_bytes: usize) -> Result<(), DecodeError> {
        let [parts] = part::array(&mut self.reader)?;
        let expected: usize = self.floats.iter().map(|float| float.planes.len()).sum();
        if usize::from(parts) != 1 + expected {
            return Err(DecodeError::Damaged("a block has another number of parts"));
        }
        let reader = &mut self.reader;
        self.parts.read(reader, REST, raw_bytes, &mut self.rest)?;
        let mut left = raw_bytes - self.rest.len();
        for float in &mut self.floats {
            float.used = 0;
            for plane in &mut float.planes {
                self.parts.read(reader, PLANE, left, plane)?;
                left -= plane.len();
            }
        }
        if left == 0 {
            Ok(())
        } else {
            Err(DecodeError::Damaged("the parts of a block are too short"))
        }
    }

    /// Joins the parts; none when they do not fit each other.
    fn join(&mut self, raw_bytes: usize) -> Option<Vec<u8>> {
        let rest = self.rest.as_slice();
        let mut joined = vec![0; raw_bytes];
        // Where the tuple is read, what was copied, and how far the block is filled.
        let (mut at, mut copied, mut filled) = (0, 0, 0);
        while at < rest.len() {
            let fields = field_count(rest, at).ok()??;
            at += 2;
            let mut floats = self.floats.iter_mut().peekable();
            for number in 0..fields {
                let length = field_length(rest, at).ok()??;
                at += 4;
                while floats.next_if(|float| float.column < number).is_some() {}
                let float = floats.next_if(|float| float.column == number);
                let Some(length) = length else {
                    continue;
                };
                let taken =
                    float.and_then(|float| Some((taken_bytes(length, float.planes.len())?, float)));
                let Some((taken, float)) = taken else {
                    at = at.checked_add(length)?;
                    continue;
                };
                at += VECTOR_HEAD;
                filled = copy(rest.get(copied..at)?, &mut joined, filled)?;
                copied = at;
                float.fill(joined.get_mut(filled..filled.checked_add(taken)?)?)?;
                filled += taken;
            }
        }
        let filled = copy(rest.get(copied..)?, &mut joined, filled)?;
        // The parts have as many bytes as the block, so that none is left over.
        (filled == raw_bytes).then_some(joined)
    }

    /// Reads the end, behind which nothing may follow.
    fn end(&mut self) -> Result<(), DecodeError> {
        let said = Said {
            blocks: u32::from_be_bytes(part::array(&mut self.reader)?),
            rows: u64::from_be_bytes(part::array(&mut self.reader)?),
            raw_bytes: u64::from_be_bytes(part::array(&mut self.reader)?),
        };
        if said != self.so_far {
            return Err(DecodeError::Damaged("its end counts something else"));
        }
        match part::array::<1>(&mut self.reader) {
            Err(DecodeError::Truncated) => {
                self.is_done = true;
                Ok(())
            }
            Ok(_) => Err(DecodeError::Damaged("something follows its end")),
            Err(error) => Err(error),
        }
    }
}

const BAD_HEADER: DecodeError = DecodeError::Damaged("its header cannot be");

/// The columns that come from planes, if there can be such.
fn columns(header: &Header) -> Result<Vec<Joined>, DecodeError> {
    let floats = header.floats.as_slice();
    let is_known = floats.iter().all(|float| matches!(float.width, 2 | 4));
    let is_sorted = floats.is_sorted_by(|first, second| first.column < second.column);
    let parts: usize = floats.iter().map(|float| usize::from(float.width)).sum();
    if header.format != SegmentFormat::PgcopySplit || !is_known || !is_sorted || parts >= MAX_PARTS
    {
        return Err(BAD_HEADER);
    }
    let joined = floats.iter().map(|float| Joined {
        column: float.column,
        planes: vec![Vec::new(); usize::from(float.width)],
        used: 0,
    });
    Ok(joined.collect())
}

impl Joined {
    /// Puts the next numbers into a field.
    #[inline]
    fn fill(&mut self, values: &mut [u8]) -> Option<()> {
        let end = self.used + values.len() / self.planes.len();
        let mut slices = [&[][..]; 4];
        for (slice, plane) in slices.iter_mut().zip(&self.planes) {
            *slice = plane.get(self.used..end)?;
        }
        self.used = end;
        planes::join(slices.get(..self.planes.len())?, values)
    }
}

/// Copies bytes to where the block is filled up to, and yields how far it is filled then.
#[inline]
fn copy(bytes: &[u8], joined: &mut [u8], filled: usize) -> Option<usize> {
    let end = filled.checked_add(bytes.len())?;
    joined.get_mut(filled..end)?.copy_from_slice(bytes);
    Some(end)
}
