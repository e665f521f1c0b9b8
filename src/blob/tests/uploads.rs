//! Uploads that are interrupted, cut and damaged.

use super::server::{Fault, Server};
use super::{PART, all, connect, local_file, names, options};
use crate::blob::s3::S3;
use crate::blob::{Blob as _, BlobError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const FOR_EVER: usize = usize::MAX;
const NAME: &str = "backup/1/seg/000001.age";
/// Three parts and a bit.
const BYTES: usize = 3 * PART + 1000;

struct World {
    server: Server,
    blob: S3,
    spool: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let mut options = options(&server.endpoint(), "p");
        options.timing.retry = Duration::from_millis(100);
        Self {
            blob: connect(&options),
            server,
            spool: tempfile::tempdir().unwrap(),
        }
    }

    async fn upload(&self, bytes: usize) -> Result<u64, BlobError> {
        let (local, sum) = local_file(self.spool.path(), bytes);
        let sent = self.blob.upload(NAME, &local, &sum, &|_| {}).await?;
        assert_eq!(all(&self.blob, NAME).await, std::fs::read(local).unwrap());
        Ok(sent.sent_bytes)
    }

    fn journal(&self) -> PathBuf {
        self.spool.path().join(format!("{BYTES}.age.upload.json"))
    }

    /// Nothing has the name, half or whole.
    async fn is_empty(&self) {
        assert_eq!(self.blob.size(NAME).await.unwrap(), None);
        assert_eq!(names(&self.blob, "").await, [""; 0]);
    }
}

#[tokio::test]
async fn an_upload_that_was_interrupted_sends_only_the_parts_that_are_missing() {
    let world = World::new().await;
    world
        .server
        .fail("PUT", "partNumber=3", FOR_EVER, Fault::Status(500));
    let error = world.upload(BYTES).await.unwrap_err();
    assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
    world.is_empty().await;
    assert!(world.journal().exists());

    world.server.heal();
    let heard = AtomicU64::new(0);
    let hear = |bytes: u64| {
        heard.fetch_add(bytes, Ordering::SeqCst);
    };
    let (local, sum) = local_file(world.spool.path(), BYTES);
    let sent = world.blob.upload(NAME, &local, &sum, &hear).await.unwrap();
    assert_eq!(heard.load(Ordering::SeqCst), BYTES as u64);
    assert_eq!(world.server.count("POST", "uploads="), 0, "it began again");
    assert_eq!(world.server.count("PUT", "partNumber=1"), 0);
    assert_eq!(world.server.count("PUT", "partNumber=2"), 0);
    assert_eq!(world.server.count("PUT", "partNumber=3"), 1);
    let last = world.server.count("PUT", "partNumber=4");
    assert_eq!(sent.sent_bytes, (PART + last * 1000) as u64);
    assert_eq!(all(&world.blob, NAME).await, std::fs::read(local).unwrap());
    assert!(!world.journal().exists());
}

#[tokio::test]
async fn an_upload_of_other_bytes_is_not_gone_on_with() {
    let world = World::new().await;
    world
        .server
        .fail("PUT", "partNumber=3", FOR_EVER, Fault::Status(500));
    world.upload(BYTES).await.unwrap_err();
    world.server.heal();
    let text = std::fs::read_to_string(world.journal()).unwrap();
    for other in [
        text.replacen("\"sha256\":\"", "\"sha256\":\"00", 1),
        text.replacen("s3://", "s3://other-", 1),
        "{".to_owned(),
    ] {
        std::fs::write(world.journal(), other).unwrap();
        assert_eq!(world.upload(BYTES).await.unwrap(), BYTES as u64);
        world.blob.remove(NAME).await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_that_the_store_has_forgotten_begins_again() {
    let world = World::new().await;
    world
        .server
        .fail("PUT", "partNumber=3", FOR_EVER, Fault::Status(500));
    world.upload(BYTES).await.unwrap_err();
    world.server.heal();
    world
        .server
        .fail("PUT", "partNumber=", 1, Fault::Status(404));
    assert_eq!(world.upload(BYTES).await.unwrap(), BYTES as u64);
    assert!(!world.journal().exists());
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_a_part_costs_that_part() {
    let world = World::new().await;
    world
        .server
        .fail("PUT", "partNumber=2", 1, Fault::CutRequest);
    assert_eq!(world.upload(BYTES).await.unwrap(), BYTES as u64);
    assert_eq!(world.server.count("PUT", "partNumber=2"), 2);
    assert_eq!(world.server.count("PUT", "partNumber=1"), 1);
    world.blob.remove(NAME).await.unwrap();

    for (bytes, part) in [(BYTES, "partNumber=2"), (1000, "seg/000001.age")] {
        world.server.fail("PUT", part, FOR_EVER, Fault::CutRequest);
        let error = world.upload(bytes).await.unwrap_err();
        assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
        world.is_empty().await;
        world.server.heal();
    }
}

#[tokio::test]
async fn an_answer_lost_at_the_end_is_found_to_be_done() {
    let world = World::new().await;
    world.server.fail("POST", "uploadId=", 1, Fault::LostAnswer);
    assert_eq!(world.upload(BYTES).await.unwrap(), BYTES as u64);
    assert!(!world.journal().exists());

    // As if killed between the end of the upload and the removal of its journal.
    world.blob.remove(NAME).await.unwrap();
    world
        .server
        .fail("DELETE", "uploadId=", FOR_EVER, Fault::Status(500));
    world
        .server
        .fail("GET", "000001.age", FOR_EVER, Fault::Status(500));
    world.upload(BYTES).await.unwrap_err();
    world.server.heal();
    assert_eq!(world.upload(BYTES).await.unwrap(), 0);
    assert_eq!(world.server.count("PUT", "partNumber="), 0);
}

#[tokio::test]
async fn a_bit_that_flips_in_the_store_is_seen_and_the_object_removed() {
    let world = World::new().await;
    for (bytes, method, part) in [(1000, "PUT", "000001.age"), (BYTES, "POST", "uploadId=")] {
        world.server.fail(method, part, FOR_EVER, Fault::FlippedBit);
        let error = world.upload(bytes).await.unwrap_err();
        assert!(matches!(error, BlobError::Damaged { .. }), "{error:?}");
        world.is_empty().await;
        world.server.heal();
        assert_eq!(world.upload(bytes).await.unwrap(), bytes as u64);
        world.blob.remove(NAME).await.unwrap();
    }
}

#[tokio::test]
async fn bytes_that_were_damaged_in_the_store_are_sent_again() {
    let world = World::new().await;
    world.upload(1000).await.unwrap();
    let stored = world.server.bucket().join("p").join(NAME);
    let mut bytes = std::fs::read(&stored).unwrap();
    bytes[500] ^= 1;
    std::fs::write(&stored, bytes).unwrap();
    assert_eq!(world.upload(1000).await.unwrap(), 1000);
}
