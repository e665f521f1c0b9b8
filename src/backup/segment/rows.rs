//! Rows as they travel, taken apart: tuples of a binary COPY, lines of a text one. How they are
//! laid out in a segment is not decided here.

use crate::domain::backup::{RowFormat, RowSum};
use std::ops::Range;
use twox_hash::XxHash3_128;

/// The most bytes that one row may have. What reads a backup holds a whole row in memory, a few
/// times, and believes no longer length.
pub const MAX_ROW_BYTES: usize = 64 << 20;

/// How a line reads that would end the rows of a text COPY.
const END_OF_TEXT: &[u8] = b"\\.";

/// Why bytes are not whole rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The bytes end within a row.
    #[error("row {row} of its block is cut off")]
    CutOff {
        /// Counted from 1, within the block.
        row: u64,
    },
    /// A length or a number of fields that cannot be, or a line that ends the rows.
    #[error("row {row} of its block is malformed")]
    Malformed {
        /// Counted from 1, within the block.
        row: u64,
    },
    /// A tuple that does not have a field for each column.
    #[error("row {row} of its block has {found} fields for {expected} columns")]
    FieldCount {
        /// Counted from 1, within the block.
        row: u64,
        /// How many fields it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// A row larger than any that is taken.
    #[error("row {row} of its block has more than {MAX_ROW_BYTES} bytes")]
    TooLarge {
        /// Counted from 1, within the block.
        row: u64,
    },
}

/// How many rows there are, and what they sum up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCount {
    /// How many.
    pub rows: u64,
    /// Their sum.
    pub sum: RowSum,
}

impl RowCount {
    /// Adds what another part of the same table has.
    pub const fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum.add(other.sum);
    }

    /// Adds one row: its tuple with the number of fields, or its line without the line end.
    pub(super) fn add_row(&mut self, row: &[u8]) {
        self.rows += 1;
        self.sum.add(RowSum(XxHash3_128::oneshot(row)));
    }
}

/// Counts the rows of a block and sums them up, as a segment does, so that the rows of a restored
/// table can be compared.
///
/// # Errors
///
/// [`RowError`] when the bytes are not whole rows.
pub fn count_rows(format: RowFormat, bytes: &[u8]) -> Result<RowCount, RowError> {
    let (count, end) = match format {
        RowFormat::Binary => whole_tuples(bytes)?,
        RowFormat::Text => whole_lines(bytes)?,
    };
    if end == bytes.len() {
        Ok(count)
    } else if bytes.get(end..end + 2) == Some(&NO_MORE) && format == RowFormat::Binary {
        Err(RowError::Malformed {
            row: count.rows + 1,
        })
    } else {
        Err(RowError::CutOff {
            row: count.rows + 1,
        })
    }
}

/// What stands where the next tuple would have its number of fields, at the end of a stream.
pub(super) const NO_MORE: [u8; 2] = (-1_i16).to_be_bytes();

/// The whole tuples at the beginning of these bytes, and where they end: at the trailer of the
/// stream, or where a tuple is not there as a whole.
pub(super) fn whole_tuples(bytes: &[u8]) -> Result<(RowCount, usize), RowError> {
    let (mut count, mut at) = (RowCount::default(), 0);
    while bytes.get(at..at + 2).is_some_and(|next| next != NO_MORE) {
        let row = count.rows + 1;
        let Some(tuple) = Tuple::read(bytes, at, |_, _| ()).map_err(|bad| bad.of_row(row))? else {
            break;
        };
        count.add_row(bytes.get(at..tuple.end).unwrap_or_default());
        at = tuple.end;
    }
    Ok((count, at))
}

/// The whole lines at the beginning of these bytes, and where they end.
pub(super) fn whole_lines(bytes: &[u8]) -> Result<(RowCount, usize), RowError> {
    let (mut count, mut at) = (RowCount::default(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let row = count.rows + 1;
        let Some(text) = line.strip_suffix(b"\n") else {
            break;
        };
        if text == END_OF_TEXT {
            return Err(RowError::Malformed { row });
        }
        if line.len() > MAX_ROW_BYTES {
            return Err(RowError::TooLarge { row });
        }
        count.add_row(text);
        at += line.len();
    }
    Ok((count, at))
}

/// Why a tuple is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadTuple {
    /// A length or a number of fields that cannot be.
    Malformed,
    /// Larger than any that is taken.
    TooLarge,
}

impl BadTuple {
    /// The error of the row with this number.
    pub(super) const fn of_row(self, row: u64) -> RowError {
        match self {
            Self::Malformed => RowError::Malformed { row },
            Self::TooLarge => RowError::TooLarge { row },
        }
    }
}

/// A tuple, as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuple {
    /// How many fields it has.
    pub(super) fields: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Tuple {
    /// Reads the tuple that begins at `start`, and shows each field that is not NULL: its number
    /// from 0, and where its bytes are. Yields none when the bytes end before the tuple does.
    #[inline]
    pub(super) fn read(
        bytes: &[u8],
        start: usize,
        mut field: impl FnMut(usize, Range<usize>),
    ) -> Result<Option<Self>, BadTuple> {
        let Some(fields) = field_count(bytes, start)? else {
            return Ok(None);
        };
        let mut at = start + 2;
        for number in 0..fields {
            let Some(length) = field_length(bytes, at)? else {
                return Ok(None);
            };
            at += 4;
            if let Some(length) = length {
                let end = at + length;
                if end - start > MAX_ROW_BYTES {
                    return Err(BadTuple::TooLarge);
                }
                if end > bytes.len() {
                    return Ok(None);
                }
                field(number, at..end);
                at = end;
            }
        }
        Ok(Some(Self { fields, end: at }))
    }
}

/// The number of fields of the tuple that begins here; none when the bytes end before.
#[inline]
pub(super) fn field_count(bytes: &[u8], at: usize) -> Result<Option<usize>, BadTuple> {
    let Some(count) = bytes.get(at..).and_then(|bytes| bytes.first_chunk()) else {
        return Ok(None);
    };
    let count = usize::try_from(i16::from_be_bytes(*count)).map_err(|_| BadTuple::Malformed)?;
    Ok(Some(count))
}

/// The length that stands here, within that none for NULL; none at all when the bytes end before.
#[inline]
pub(super) fn field_length(bytes: &[u8], at: usize) -> Result<Option<Option<usize>>, BadTuple> {
    let Some(length) = bytes.get(at..).and_then(|bytes| bytes.first_chunk()) else {
        return Ok(None);
    };
    match i32::from_be_bytes(*length) {
        -1 => Ok(Some(None)),
        length => usize::try_from(length)
            .map(|length| Some(Some(length)))
            .map_err(|_| BadTuple::Malformed),
    }
}
