//! Makes segments: blocks come in, sealed files come out, several at a time.
//!
//! A segment holds rows of one table or bytes of one file. Each is made by one thread, from its
//! first block to its last, so that rows keep their order; the next one is another thread's. What
//! waits in between is bounded, so that memory does not grow with the data.

use super::hashed::HashedFile;
use super::manifest::SegmentEntry;
use super::names;
use super::segment::{EncodeError, SegmentEncoder, SegmentFormat};
use crate::crypto::sealed_file::BackupIdentity;
use crate::crypto::sealed_file::stream::SealingWriter;
use crate::domain::backup::{BLOCK_BYTES, Block, RowSum, TableShape};
use crate::sys::fs::{self, FsError};
use std::path::{Path, PathBuf};
use std::sync::mpsc as results;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// About how many bytes a segment holds, decoded: a segment is the least that is sent again or
/// fetched for a look.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// How many blocks wait for one thread.
const BLOCKS_AHEAD: usize = 6;
/// The most buffers that are kept to be filled again. As many blocks are on their way to one thread.
const MOST_SPARES: usize = BLOCKS_AHEAD + 1;
/// More threads than this are of no use: the database gives rows no faster.
const MOST_WORKERS: usize = 4;

/// What a segment is made of.
#[derive(Clone, Debug)]
pub struct Content {
    /// How it is encoded.
    pub format: SegmentFormat,
    /// The table; none for bytes of a file.
    pub shape: Option<Arc<TableShape>>,
}

/// Why a segment was not made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FsError),
    /// The rows cannot be encoded: the database sent something that is no row.
    #[error("rows cannot be encoded")]
    Encode(#[from] EncodeError),
    /// A thread ended by itself.
    #[error("a thread that makes segments ended by itself")]
    Thread,
}

impl WriteError {
    /// Whether it is the disk that takes no more.
    #[must_use]
    pub const fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

/// A segment that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its place in the list of segments, counted from 0.
    pub place: usize,
    /// What the manifest says of it.
    pub entry: SegmentEntry,
    /// The sum over its rows.
    pub sum: RowSum,
}

enum Order {
    Begin(usize, Content),
    Block(Block),
    End,
}

/// Makes the segments of one backup in a folder.
pub struct SegmentWriter {
    workers: Vec<mpsc::Sender<Order>>,
    threads: Vec<JoinHandle<()>>,
    made: Mutex<results::Receiver<Result<Made, WriteError>>>,
    spares: Spares,
    next_place: usize,
    open: Option<Open>,
}

/// Buffers of blocks that were encoded, shared by all threads.
#[derive(Clone, Default)]
struct Spares(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spares {
    fn take(&self) -> Vec<u8> {
        self.lock().pop().unwrap_or_default()
    }

    fn keep(&self, mut bytes: Vec<u8>) {
        let mut spares = self.lock();
        // A block around a very large row is not kept for blocks of the usual size.
        if spares.len() < MOST_SPARES && bytes.capacity() <= 2 * BLOCK_BYTES {
            bytes.clear();
            spares.push(bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Open {
    worker: usize,
    raw_bytes: u64,
}

/// The writer takes no more; [`SegmentWriter::finish`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more segments can be made")]
pub struct Failed;

impl SegmentWriter {
    /// Begins. `folder` is that of the backup; the one of its segments is there.
    #[must_use]
    pub fn new(folder: &Path, identity: &Arc<BackupIdentity>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let (sender, made) = results::channel();
        let spares = Spares::default();
        let mut workers = Vec::new();
        let mut handles = Vec::new();
        for _ in 0..threads.clamp(2, MOST_WORKERS) {
            let (orders, taken) = mpsc::channel(BLOCKS_AHEAD);
            let worker = Worker {
                folder: folder.to_owned(),
                identity: Arc::clone(identity),
                spares: spares.clone(),
            };
            let sender = sender.clone();
            workers.push(orders);
            handles.push(std::thread::spawn(move || worker.run(taken, &sender)));
        }
        Self {
            workers,
            threads: handles,
            made: Mutex::new(made),
            spares,
            next_place: 0,
            open: None,
        }
    }

    /// Takes a block, into the segment that is open or, once that is large enough, into the next.
    ///
    /// # Errors
    ///
    /// [`Failed`].
    pub async fn push(&mut self, content: &Content, block: Block) -> Result<(), Failed> {
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.raw_bytes >= SEGMENT_BYTES)
        {
            self.end().await?;
        }
        let length = u64::try_from(block.bytes.len()).unwrap_or(u64::MAX);
        let worker = match &mut self.open {
            Some(open) => {
                open.raw_bytes = open.raw_bytes.saturating_add(length);
                open.worker
            }
            None => self.begin(content, length).await?,
        };
        self.order(worker, Order::Block(block)).await
    }

    /// An empty buffer for a block, with room where there was an earlier one.
    #[must_use]
    pub fn spare(&self) -> Vec<u8> {
        self.spares.take()
    }

    async fn begin(&mut self, content: &Content, raw_bytes: u64) -> Result<usize, Failed> {
        let place = self.next_place;
        self.next_place += 1;
        let worker = place % self.workers.len().max(1);
        self.open = Some(Open { worker, raw_bytes });
        self.order(worker, Order::Begin(place, content.clone()))
            .await?;
        Ok(worker)
    }

    /// Ends the segment that is open, because what comes next belongs to something else. Returns
    /// how many segments there are.
    ///
    /// # Errors
    ///
    /// [`Failed`].
    pub async fn end(&mut self) -> Result<usize, Failed> {
        if let Some(open) = self.open.take() {
            self.order(open.worker, Order::End).await?;
        }
        Ok(self.next_place)
    }

    async fn order(&self, worker: usize, order: Order) -> Result<(), Failed> {
        let worker = self.workers.get(worker).ok_or(Failed)?;
        worker.send(order).await.map_err(|_| Failed)
    }

    /// Waits until everything is on the disk. The segments in their order.
    ///
    /// # Errors
    ///
    /// Any [`WriteError`], the first that happened.
    pub async fn finish(mut self) -> Result<Vec<Made>, WriteError> {
        // A failure here is told by the thread that failed.
        let ended = self.end().await.is_ok();
        self.workers.clear();
        let threads = std::mem::take(&mut self.threads);
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().all(|thread| thread.join().is_ok())
        });
        let joined = joined.await.unwrap_or(false);
        let mut made = Vec::new();
        let done = self
            .made
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for done in done.try_iter() {
            made.push(done?);
        }
        if !joined || !ended || made.len() != self.next_place {
            return Err(WriteError::Thread);
        }
        made.sort_by_key(|made| made.place);
        Ok(made)
    }
}

/// One thread.
struct Worker {
    folder: PathBuf,
    identity: Arc<BackupIdentity>,
    spares: Spares,
}

impl Worker {
    fn run(
        &self,
        mut orders: mpsc::Receiver<Order>,
        made: &results::Sender<Result<Made, WriteError>>,
    ) {
        while let Some(order) = orders.blocking_recv() {
            let Order::Begin(place, content) = order else {
                continue;
            };
            let done = self.make(place, &content, &mut orders);
            let failed = done.is_err();
            // Nobody listens where the whole backup was given up.
            if made.send(done).is_err() || failed {
                return;
            }
        }
    }

    fn make(
        &self,
        place: usize,
        content: &Content,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<Made, WriteError> {
        let number = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
        let name = names::of_segment(number);
        let path = self.folder.join(&name);
        let file = fs::create_private_file(&path)?;
        let failed = |source| fs::cannot("write", &path, source);
        let stored = HashedFile::new(file);
        let sealing = SealingWriter::new(stored, &self.identity.recipient()).map_err(failed)?;
        let encoder = match &content.shape {
            Some(shape) => SegmentEncoder::rows(sealing, content.format, shape),
            None => SegmentEncoder::bytes(sealing),
        };
        let mut encoder = encoder.map_err(|error| told(error, &path))?;
        while let Some(order) = orders.blocking_recv() {
            match order {
                Order::Block(block) => {
                    encoder.block(&block).map_err(|error| told(error, &path))?;
                    self.spares.keep(block.bytes);
                }
                Order::End => {
                    let (sealing, totals) = encoder.finish().map_err(|error| told(error, &path))?;
                    let stored = sealing.finish().map_err(failed)?;
                    let file = stored.finish(name).map_err(failed)?;
                    return Ok(Made {
                        place,
                        entry: SegmentEntry {
                            file,
                            format: content.format,
                            rows: totals.rows,
                            raw_bytes: totals.raw_bytes,
                            raw_blake3: data_encoding::HEXLOWER.encode(&totals.raw_blake3),
                        },
                        sum: totals.sum,
                    });
                }
                Order::Begin(..) => return Err(WriteError::Thread),
            }
        }
        // The backup was given up.
        Err(WriteError::Thread)
    }
}

/// A disk that takes no more is told as such, and not as something wrong with the rows.
fn told(error: EncodeError, path: &Path) -> WriteError {
    match error {
        EncodeError::Write(source) => fs::cannot("write", path, source).into(),
        other => other.into(),
    }
}
