//! Reads the rows of a table as the server copies them.

use super::super::BlockSink;
use super::error::ReadError;
use super::names::copied;
use crate::domain::backup::{BLOCK_BYTES, Block, RowFormat, TableShape};
use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;

/// How `COPY … (FORMAT binary)` begins: a signature, flags, the length of what else the header has
/// (PostgreSQL documentation, COPY, "Binary Format").
pub(in crate::target) const BINARY_HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// How it ends: a tuple of -1 fields.
pub(in crate::target) const BINARY_TRAILER: [u8; 2] = [0xff, 0xff];

/// What a row beyond [`BLOCK_BYTES`] is expected to have at most, so that a block rarely grows.
const ROOM_FOR_THE_LAST_ROW: usize = 64 << 10;

/// Sends the rows of a table to a sink, and returns how many there were. Each message of the server
/// is one row (PostgreSQL documentation, "COPY Operations"); the header may stand before the first.
pub(in crate::target) async fn copy_out(
    connection: &mut PgConnection,
    table: &TableShape,
    sink: &mut dyn BlockSink,
) -> Result<u64, ReadError> {
    let format = match table.format {
        RowFormat::Binary => "binary",
        RowFormat::Text => "text",
    };
    let sql = format!("COPY {} TO STDOUT (FORMAT {format})", copied(table));
    let mut messages = connection.copy_out_raw(&sql).await?;
    let mut rows = Rows::new(table.format);
    while let Some(message) = messages.try_next().await? {
        if let Some(block) = rows.take(&message)? {
            sink.block(block).await?;
            rows.block.bytes = sink.spare();
        }
    }
    let (block, total) = rows.end()?;
    if block.rows > 0 {
        sink.block(block).await?;
    }
    Ok(total)
}

/// Gathers rows into blocks.
struct Rows {
    format: RowFormat,
    block: Block,
    total: u64,
    header_seen: bool,
    ended: bool,
}

impl Rows {
    fn new(format: RowFormat) -> Self {
        Self {
            format,
            block: Block::default(),
            total: 0,
            header_seen: format == RowFormat::Text,
            ended: format == RowFormat::Text,
        }
    }

    /// Takes a message; the block that it filled, if it did.
    fn take(&mut self, message: &[u8]) -> Result<Option<Block>, ReadError> {
        let mut row = message;
        if !self.header_seen {
            row = after_header(row)?;
            self.header_seen = true;
            if row.is_empty() {
                return Ok(None);
            }
        }
        if self.format == RowFormat::Binary {
            if self.ended {
                return Err(ReadError::Malformed);
            }
            if row == BINARY_TRAILER {
                self.ended = true;
                return Ok(None);
            }
        }
        if self.block.bytes.capacity() == 0 {
            // A small table needs no block of full size.
            let room = if self.total == 0 {
                row.len()
            } else {
                BLOCK_BYTES + ROOM_FOR_THE_LAST_ROW
            };
            self.block.bytes.reserve(room);
        }
        self.block.bytes.extend_from_slice(row);
        self.block.rows += 1;
        self.total += 1;
        let is_full = self.block.bytes.len() >= BLOCK_BYTES;
        Ok(is_full.then(|| std::mem::take(&mut self.block)))
    }

    fn end(self) -> Result<(Block, u64), ReadError> {
        if self.ended {
            Ok((self.block, self.total))
        } else {
            Err(ReadError::Malformed)
        }
    }
}

/// What stands behind the header in the first message.
fn after_header(message: &[u8]) -> Result<&[u8], ReadError> {
    message
        .strip_prefix(BINARY_HEADER)
        .ok_or(ReadError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_may_stand_before_the_first_row_or_alone() {
        let row = [0, 1, 0xff, 0xff, 0xff, 0xff];
        for first in [
            vec![[&BINARY_HEADER[..], &row].concat()],
            vec![BINARY_HEADER.to_vec(), row.to_vec()],
        ] {
            let mut rows = Rows::new(RowFormat::Binary);
            for message in first {
                assert_eq!(rows.take(&message).unwrap(), None);
            }
            assert_eq!(rows.take(&BINARY_TRAILER).unwrap(), None);
            let (block, total) = rows.end().unwrap();
            assert_eq!(
                (block.bytes.as_slice(), block.rows, total),
                (&row[..], 1, 1)
            );
        }
    }

    #[test]
    fn a_copy_that_lacks_its_beginning_or_its_end_is_refused() {
        let mut rows = Rows::new(RowFormat::Binary);
        assert!(rows.take(b"PGCOPY\n").is_err());
        let mut rows = Rows::new(RowFormat::Binary);
        rows.take(BINARY_HEADER).unwrap();
        rows.take(&[0, 0]).unwrap();
        assert!(rows.end().is_err());
        let mut rows = Rows::new(RowFormat::Binary);
        rows.take(BINARY_HEADER).unwrap();
        rows.take(&BINARY_TRAILER).unwrap();
        assert!(rows.take(&[0, 0]).is_err());
    }

    #[test]
    fn rows_are_never_cut_and_a_large_one_is_a_block_of_its_own() {
        let mut rows = Rows::new(RowFormat::Text);
        assert_eq!(rows.take(b"small\n").unwrap(), None);
        let block = rows.take(&vec![b'x'; 2 * BLOCK_BYTES]).unwrap().unwrap();
        assert_eq!((block.rows, block.bytes.len()), (2, 2 * BLOCK_BYTES + 6));
        assert_eq!(rows.take(b"last\n").unwrap(), None);
        let (block, total) = rows.end().unwrap();
        assert_eq!((block.rows, total), (1, 3));
    }
}
