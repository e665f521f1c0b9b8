//! Brings what comes from a destination, bit by bit, to a reader on a thread of its own.

use crate::blob::{BlobError, BlobReader};
use std::future::Future;
use std::io::{self, Read};
use tokio::sync::mpsc;

/// How many chunks wait for the reader.
const CHUNKS_AHEAD: usize = 4;

/// The reader's end.
pub(super) struct Chunks {
    coming: mpsc::Receiver<Option<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
    ended: bool,
}

/// The bytes of an object for a thread that reads them, and the work of fetching them, which ends
/// when the thread reads no more.
pub(super) fn bridge(
    mut reader: Box<dyn BlobReader>,
) -> (Chunks, impl Future<Output = Result<(), BlobError>>) {
    let (sender, coming) = mpsc::channel(CHUNKS_AHEAD);
    let chunks = Chunks {
        coming,
        chunk: Vec::new(),
        taken: 0,
        ended: false,
    };
    let pump = async move {
        loop {
            // An error drops the sender without the word that ends it, which the reader takes for
            // an error too.
            let chunk = reader.next().await?;
            let is_end = chunk.is_none();
            if sender.send(chunk).await.is_err() || is_end {
                return Ok(());
            }
        }
    };
    (chunks, pump)
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.chunk.len() && !self.ended {
            match self.coming.blocking_recv() {
                Some(Some(chunk)) => {
                    self.chunk = chunk;
                    self.taken = 0;
                }
                Some(None) => self.ended = true,
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let left = self.chunk.get(self.taken..).unwrap_or_default();
        let length = left.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), left.get(..length)) {
            to.copy_from_slice(from);
        }
        self.taken += length;
        Ok(length)
    }
}
