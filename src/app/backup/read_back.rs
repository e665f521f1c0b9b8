//! Reads a new backup back from the disk before it may be called one.

use super::{BackupError, Watch};
use crate::backup::container::Fault;
use crate::backup::manifest::{PrivateManifest, SegmentEntry};
use crate::backup::opened::{self, Next, SegmentFault};
use crate::backup::spool::Spool;
use crate::backup::verify::{self, Heard};
use crate::crypto::sealed_file::BackupIdentity;
use crate::domain::backup::RowSum;
use futures_util::StreamExt as _;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

/// How many segments are read beside each other.
const AT_ONCE: usize = 2;
/// How much is read at a time, in bytes.
const READ_BYTES: usize = 1 << 18;

/// Reads every segment back: its bytes, what they open to, what that decodes to, and what it adds
/// up to.
pub(super) async fn read_back(
    spool: &Spool,
    manifest: &PrivateManifest,
    identity: &Arc<BackupIdentity>,
    watch: &Watch<'_>,
) -> Result<(), BackupError> {
    let total = manifest.raw_bytes();
    let done = watch
        .counted("reading back, bytes", Some(total), async |heard| {
            every_segment(spool, manifest, identity, &heard).await
        })
        .await;
    match done {
        Ok(()) => Ok(()),
        Err(Fault::Interrupted) => Err(BackupError::Interrupted(
            "while it was read back; the same command goes on",
        )),
        Err(fault) => Err(BackupError::ReadBack(fault)),
    }
}

async fn every_segment(
    spool: &Spool,
    manifest: &PrivateManifest,
    identity: &Arc<BackupIdentity>,
    heard: &Arc<dyn Heard>,
) -> Result<(), Fault> {
    let reads = manifest.segments.iter().map(|entry| {
        let path = spool.path(&entry.file.name);
        let (entry, identity) = (entry.clone(), Arc::clone(identity));
        let heard = Arc::clone(heard);
        tokio::task::spawn_blocking(move || segment(path, &entry, &identity, heard.as_ref()))
    });
    let mut reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
    let mut sums = Vec::new();
    while let Some(read) = reads.next().await {
        let read = read.map_err(|_| Fault::Interrupted)?;
        match read {
            Ok(sum) => sums.push(sum),
            Err(SegmentFault::Stopped { .. }) => return Err(Fault::Interrupted),
            Err(source) => {
                return Err(Fault::Segment {
                    id: spool.id().clone(),
                    source,
                });
            }
        }
    }
    verify::tables_add_up(spool.id(), manifest, &sums)
}

fn segment(
    path: PathBuf,
    entry: &SegmentEntry,
    identity: &BackupIdentity,
    heard: &dyn Heard,
) -> Result<RowSum, SegmentFault> {
    let file = File::open(path).map_err(|source| SegmentFault::Read {
        name: entry.file.name.clone(),
        source,
    })?;
    let file = BufReader::with_capacity(READ_BYTES, file);
    let totals = opened::read(file, entry, identity, |block| {
        heard.bytes(u64::try_from(block.bytes.len()).unwrap_or(0));
        if heard.is_stopped() {
            Next::Stop
        } else {
            Next::More
        }
    })?;
    Ok(totals.sum)
}
