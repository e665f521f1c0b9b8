//! Gives the blocks of segments to whoever loads them, decoding ahead.

use super::RestoreError;
use crate::app::backup::{OpenBackup, Watch};
use crate::backup::container::Fault;
use crate::backup::opened::Next;
use crate::domain::backup::Block;
use crate::target::load::{BlockSource, LoadError, SourceError};
use async_trait::async_trait;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many segments are open beside each other.
const SEGMENTS_AHEAD: usize = 2;
/// How many blocks of each wait.
const BLOCKS_AHEAD: usize = 2;

/// The blocks of some segments, in their order.
pub(super) struct Segments<'s, 'w> {
    backup: &'s Arc<OpenBackup>,
    left: VecDeque<usize>,
    open: VecDeque<Reading>,
    watch: &'s Watch<'w>,
    done_bytes: &'s mut u64,
    /// What stopped it: told instead of what the loader made of it.
    failure: Option<RestoreError>,
}

struct Reading {
    blocks: mpsc::Receiver<Block>,
    end: JoinHandle<Result<(), Fault>>,
}

impl<'s, 'w> Segments<'s, 'w> {
    pub(super) fn new(
        backup: &'s Arc<OpenBackup>,
        places: &[usize],
        watch: &'s Watch<'w>,
        done_bytes: &'s mut u64,
    ) -> Self {
        Self {
            backup,
            left: places.iter().copied().collect(),
            open: VecDeque::new(),
            watch,
            done_bytes,
            failure: None,
        }
    }

    /// The result of loading, with the reason why the source failed where it was the source.
    pub(super) fn explain<T>(self, loaded: Result<T, LoadError>) -> Result<T, RestoreError> {
        match (loaded, self.failure) {
            (Err(_), Some(failure)) => Err(failure),
            (loaded, _) => Ok(loaded?),
        }
    }

    fn read_ahead(&mut self) {
        while self.open.len() < SEGMENTS_AHEAD
            && let Some(place) = self.left.pop_front()
        {
            self.open.push_back(begin(Arc::clone(self.backup), place));
        }
    }

    async fn next_block(&mut self) -> Result<Option<Block>, RestoreError> {
        loop {
            if self.watch.stop.is_asked() {
                return Err(RestoreError::Interrupted);
            }
            self.read_ahead();
            let Some(reading) = self.open.front_mut() else {
                return Ok(None);
            };
            if let Some(block) = reading.blocks.recv().await {
                *self.done_bytes += u64::try_from(block.bytes.len()).unwrap_or(0);
                self.watch.progress.done(*self.done_bytes);
                return Ok(Some(block));
            }
            // Whether it came to its proven end.
            if let Some(reading) = self.open.pop_front() {
                let ended = reading.end.await;
                ended.map_err(|_| RestoreError::Interrupted)??;
            }
        }
    }
}

fn begin(backup: Arc<OpenBackup>, place: usize) -> Reading {
    let (sender, blocks) = mpsc::channel(BLOCKS_AHEAD);
    let end = tokio::spawn(async move {
        let Some(entry) = backup.manifest.segments.get(place) else {
            return Ok(());
        };
        let read =
            backup
                .container
                .read_segment(entry, &backup.identity, move |block| {
                    match sender.blocking_send(block) {
                        Ok(()) => Next::More,
                        Err(_) => Next::Stop,
                    }
                });
        read.await.map(drop)
    });
    Reading { blocks, end }
}

#[async_trait]
impl BlockSource for Segments<'_, '_> {
    async fn next(&mut self) -> Result<Option<Block>, SourceError> {
        match self.next_block().await {
            Ok(block) => Ok(block),
            Err(error) => {
                let told = SourceError(error.to_string().into());
                self.failure = Some(error);
                Err(told)
            }
        }
    }
}
