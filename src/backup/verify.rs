//! What can be known of a backup without restoring it, in levels.
//!
//! Level 0: every file is there and has its size. Level 1: every byte is the one that was signed.
//! Both need no key but the public one of the signer. Level 2: everything opens, decodes and adds
//! up to what the manifest says. Levels 3 and 4 restore it, and are not here.

use super::container::{Container, Fault};
use super::manifest::{PrivateManifest, StoredFile, TableEntry};
use super::names;
use super::opened::Next;
use crate::blob::BlobError;
use crate::crypto::sealed_file::BackupIdentity;
use crate::domain::backup::{BackupId, RowSum};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many files are looked at beside each other.
const AT_ONCE: usize = 2;

/// Who is told how far it came, and who may end it.
pub trait Heard: Send + Sync {
    /// So many bytes more were looked at.
    fn bytes(&self, more: u64);

    /// Whether it shall end.
    fn is_stopped(&self) -> bool;
}

/// Level 0: every file is there and has its size.
///
/// # Errors
///
/// The first [`Fault`].
pub async fn sizes(container: &Container) -> Result<(), Fault> {
    let prefix = names::of_backup(&container.id);
    let listed = container.blob().list(&prefix).await?;
    for file in container.named_files() {
        let name = names::of_file(&container.id, &file.name);
        let found = listed.iter().find(|entry| entry.name == name);
        let Some(found) = found else {
            return Err(container.missing(&file.name));
        };
        if found.size_bytes != file.size_bytes {
            return Err(differs(container, file, "size"));
        }
    }
    Ok(())
}

/// Level 1: every byte is the one that was signed.
///
/// # Errors
///
/// The first [`Fault`].
pub async fn hashes(container: &Container, heard: &dyn Heard) -> Result<(), Fault> {
    let mut looks = futures_util::stream::iter(container.named_files())
        .map(|file| hash(container, file, heard))
        .buffer_unordered(AT_ONCE);
    while let Some(looked) = looks.next().await {
        looked?;
    }
    Ok(())
}

async fn hash(container: &Container, file: &StoredFile, heard: &dyn Heard) -> Result<(), Fault> {
    let name = names::of_file(&container.id, &file.name);
    let mut stored = match container.blob().open(&name).await {
        Ok(stored) => stored,
        Err(BlobError::NotFound { .. }) => return Err(container.missing(&file.name)),
        Err(error) => return Err(error.into()),
    };
    let mut hash = Sha256::new();
    let mut size_bytes = 0;
    while let Some(chunk) = stored.next().await? {
        if heard.is_stopped() {
            return Err(Fault::Interrupted);
        }
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        size_bytes += length;
        hash.update(&chunk);
        heard.bytes(length);
    }
    if size_bytes != file.size_bytes {
        return Err(differs(container, file, "size"));
    }
    if data_encoding::HEXLOWER.encode(&hash.finalize()) != file.sha256 {
        return Err(differs(container, file, "SHA-256"));
    }
    Ok(())
}

/// Level 2: every segment opens, decodes, and adds up to what the manifest says of its table. The
/// bytes that are stored are hashed on the way, so that it holds level 1 as well.
///
/// # Errors
///
/// The first [`Fault`].
pub async fn contents(
    container: &Container,
    manifest: &PrivateManifest,
    identity: &Arc<BackupIdentity>,
    heard: &Arc<dyn Heard>,
) -> Result<(), Fault> {
    let looks = manifest.segments.iter().map(|entry| async move {
        let listener = Arc::clone(heard);
        let stopped = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopped);
        let read = container.read_segment(entry, identity, move |block| {
            listener.bytes(u64::try_from(block.bytes.len()).unwrap_or(u64::MAX));
            if listener.is_stopped() {
                told.store(true, Ordering::Relaxed);
                return Next::Stop;
            }
            Next::More
        });
        match read.await {
            Err(_) if stopped.load(Ordering::Relaxed) => Err(Fault::Interrupted),
            other => other.map(|totals| totals.sum),
        }
    });
    let mut looks = futures_util::stream::iter(looks).buffered(AT_ONCE);
    let mut sums = Vec::with_capacity(manifest.segments.len());
    while let Some(sum) = looks.next().await {
        sums.push(sum?);
    }
    tables_add_up(&container.id, manifest, &sums)
}

/// Holds the sums of all segments against what is said of the tables.
///
/// # Errors
///
/// [`Fault::Differs`].
pub fn tables_add_up(
    id: &BackupId,
    manifest: &PrivateManifest,
    sums: &[RowSum],
) -> Result<(), Fault> {
    for table in &manifest.tables {
        if !adds_up(table, sums, manifest) {
            return Err(Fault::Differs {
                id: id.clone(),
                file: table.shape.to_string(),
                what: "sum of rows",
            });
        }
    }
    Ok(())
}

/// Whether the segments of a table are together what is said of it.
fn adds_up(table: &TableEntry, sums: &[RowSum], manifest: &PrivateManifest) -> bool {
    let mut total = RowSum::default();
    let (mut rows, mut raw_bytes) = (0_u64, 0_u64);
    for place in &table.segments {
        let (Some(sum), Some(segment)) = (sums.get(*place), manifest.segments.get(*place)) else {
            return false;
        };
        total.add(*sum);
        rows += segment.rows;
        raw_bytes += segment.raw_bytes;
    }
    rows == table.rows && raw_bytes == table.raw_bytes && total.to_string() == table.row_sum
}

fn differs(container: &Container, file: &StoredFile, what: &'static str) -> Fault {
    Fault::Differs {
        id: container.id.clone(),
        file: file.name.clone(),
        what,
    }
}
