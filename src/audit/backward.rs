//! Reads the lines of a file from the last to the first, so that the end of a log of any size is
//! found without reading the rest.
//!
//! Lines are bytes here; what they say is `line`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// How much is read at first; more is read at once where a line turns out longer.
const CHUNK_BYTES: usize = 64 * 1024;

/// One line: everything after the newline before it, its own newline included. Only the last
/// line of a file can lack its newline.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FoundLine {
    /// Where it begins in the file, in bytes.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Walks back from a position in a file.
pub(super) struct LinesBackward<'a> {
    file: &'a File,
    /// Where `buffer` begins in the file.
    start: u64,
    /// What was read and not given out yet.
    buffer: Vec<u8>,
    max_line_bytes: usize,
}

impl<'a> LinesBackward<'a> {
    /// Starts at `end`, a length in bytes. A line longer than `max_line_bytes` is an error, which
    /// bounds the memory at about twice that.
    pub(super) fn new(file: &'a File, end: u64, max_line_bytes: usize) -> Self {
        Self {
            file,
            start: end,
            buffer: Vec::new(),
            max_line_bytes,
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        // Twice as much each time, so that a long line is copied a few times only.
        let wanted = CHUNK_BYTES.max(self.buffer.len());
        let before = usize::try_from(self.start).unwrap_or(usize::MAX);
        let size = wanted.min(before);
        let mut chunk = vec![0; size];
        self.start -= u64::try_from(size).map_err(io::Error::other)?;
        self.file.read_exact_at(&mut chunk, self.start)?;
        chunk.append(&mut self.buffer);
        self.buffer = chunk;
        Ok(())
    }

    fn find(&mut self) -> io::Result<Option<FoundLine>> {
        loop {
            // The last byte is the line's own newline, if it has one.
            let body = self.buffer.len().saturating_sub(1);
            let newline = self
                .buffer
                .iter()
                .take(body)
                .rposition(|byte| *byte == b'\n');
            let begin = match newline {
                Some(index) => index + 1,
                None if self.start > 0 && self.buffer.len() <= self.max_line_bytes => {
                    self.read_more()?;
                    continue;
                }
                None if self.buffer.is_empty() => return Ok(None),
                None => 0,
            };
            let bytes = self.buffer.split_off(begin);
            if bytes.len() > self.max_line_bytes {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("a line is longer than {} bytes", self.max_line_bytes),
                ));
            }
            let offset = self.start + u64::try_from(begin).map_err(io::Error::other)?;
            return Ok(Some(FoundLine { offset, bytes }));
        }
    }
}

impl Iterator for LinesBackward<'_> {
    type Item = io::Result<FoundLine>;

    fn next(&mut self) -> Option<Self::Item> {
        self.find().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn file_of(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn backward(bytes: &[u8], max_line_bytes: usize) -> io::Result<Vec<FoundLine>> {
        let file = file_of(bytes);
        let end = u64::try_from(bytes.len()).unwrap();
        LinesBackward::new(&file, end, max_line_bytes).collect()
    }

    fn forward(bytes: &[u8]) -> Vec<FoundLine> {
        let mut offset = 0;
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.push(FoundLine {
                offset,
                bytes: line.to_vec(),
            });
            offset += u64::try_from(line.len()).unwrap();
        }
        lines
    }

    #[test]
    fn lines_that_cross_chunks_come_out_whole() {
        let mut bytes = Vec::new();
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES * 3 + 5, 2] {
            bytes.extend(std::iter::repeat_n(b'x', length));
            bytes.push(b'\n');
        }
        bytes.extend(b"no newline");
        let mut expected = forward(&bytes);
        expected.reverse();
        assert_eq!(backward(&bytes, CHUNK_BYTES * 4).unwrap(), expected);
    }

    #[test]
    fn a_line_beyond_the_limit_is_an_error_and_not_memory() {
        let bytes = vec![b'x'; CHUNK_BYTES * 2];
        assert!(backward(&bytes, CHUNK_BYTES).is_err());
        assert!(backward(&bytes, bytes.len()).is_ok());
    }

    proptest! {
        #[test]
        fn backward_is_forward_turned_round(bytes in "[a\n]{0,40}") {
            let mut expected = forward(bytes.as_bytes());
            expected.reverse();
            prop_assert_eq!(backward(bytes.as_bytes(), 1000).unwrap(), expected);
        }
    }
}
