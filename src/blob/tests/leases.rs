//! The lock of a bucket.

use super::server::{Fault, Server};
use super::{connect, options};
use crate::blob::s3::S3Options;
use crate::blob::{Blob as _, BlobError};
use crate::sys::owner;
use std::path::PathBuf;
use std::time::Duration;

struct World {
    server: Server,
    options: S3Options,
}

impl World {
    async fn new(lease: Duration) -> Self {
        let server = Server::start().await;
        let mut options = options(&server.endpoint(), "p");
        options.timing.lease = lease;
        Self { server, options }
    }

    /// Has another process hold the lock.
    fn held(&self, host: &str, pid: u32, expires_at: &str) {
        let path = self.path();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            r#"{{"host":"{host}","pid":{pid},"nonce":"n","work":"a backup","expires_at":{expires_at}}}"#
        );
        std::fs::write(path, text).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.server.bucket().join("p/lock")
    }
}

const FAR: &str = "\"2999-01-01T00:00:00Z\"";
const LONG_AGO: &str = "\"2000-01-01T00:00:00Z\"";

#[tokio::test]
async fn a_lock_of_another_machine_is_held_until_it_has_run_out() {
    let world = World::new(Duration::from_secs(60)).await;
    let blob = connect(&world.options);
    world.held("elsewhere.example", 17, FAR);
    let held = blob.lock("a restore").await.err().unwrap();
    let BlobError::Locked { place, holder } = &held else {
        panic!("{held:?}");
    };
    assert!(place.starts_with("s3://"));
    assert_eq!(holder, "a backup by process 17 on elsewhere.example");
    assert!(held.is_temporary());

    for free in [LONG_AGO, "null"] {
        world.held("elsewhere.example", 17, free);
        blob.lock("a restore")
            .await
            .unwrap()
            .release()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_lock_of_a_process_of_this_machine_that_is_gone_is_taken_over() {
    let world = World::new(Duration::from_secs(60)).await;
    let blob = connect(&world.options);
    world.held(&owner::host_name(), std::process::id(), FAR);
    assert!(matches!(
        blob.lock("x").await.err(),
        Some(BlobError::Locked { .. })
    ));
    world.held(&owner::host_name(), u32::MAX, FAR);
    blob.lock("x").await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn a_lock_is_renewed_while_it_is_held() {
    let world = World::new(Duration::from_millis(300)).await;
    let blob = connect(&world.options);
    let lock = blob.lock("a backup").await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    lock.check().unwrap();
    assert!(matches!(
        blob.lock("x").await.err(),
        Some(BlobError::Locked { .. })
    ));
    lock.release().await.unwrap();
    blob.lock("x").await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn a_lock_that_another_took_over_is_lost_and_left_to_it() {
    let world = World::new(Duration::from_millis(150)).await;
    let blob = connect(&world.options);
    let lock = blob.lock("a backup").await.unwrap();
    let other = format!(
        r#"{{"host":"elsewhere.example","pid":17,"nonce":"n","work":"a prune","expires_at":{FAR}}}"#
    );
    let target = world.path();
    std::fs::write(&target, &other).unwrap();
    world.server.forget_states();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let lost = lock.check().unwrap_err();
    assert!(matches!(lost, BlobError::Lost { .. }), "{lost:?}");
    assert!(lost.to_string().contains("elsewhere.example"), "{lost}");
    lock.release().await.unwrap();
    assert_eq!(std::fs::read_to_string(target).unwrap(), other);
}

#[tokio::test]
async fn a_lock_that_cannot_be_renewed_is_lost_in_time() {
    let mut world = World::new(Duration::from_millis(200)).await;
    world.options.timing.retry = Duration::from_millis(20);
    let blob = connect(&world.options);
    let lock = blob.lock("a backup").await.unwrap();
    world
        .server
        .fail("PUT", "lock", usize::MAX, Fault::Status(500));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(matches!(lock.check(), Err(BlobError::Lost { .. })));
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_refused() {
    for times in [2, usize::MAX] {
        let world = World::new(Duration::from_secs(60)).await;
        let blob = connect(&world.options);
        world.server.fail("PUT", "lock", times, Fault::Pretence);
        let error = blob.lock("a backup").await.err().unwrap();
        assert!(matches!(error, BlobError::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains("If-None-Match"), "{error}");
    }
}

#[tokio::test]
async fn a_lock_that_embsec_never_wrote_is_left_alone() {
    let world = World::new(Duration::from_secs(60)).await;
    world.held("x", 1, FAR);
    std::fs::write(world.path(), "precious").unwrap();
    let error = connect(&world.options)
        .lock("a backup")
        .await
        .err()
        .unwrap();
    assert!(matches!(error, BlobError::Locked { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(world.path()).unwrap(), "precious");
}
