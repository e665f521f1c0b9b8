//! What every destination does alike.

use super::server::Server;
use super::{PART, all, connect, local_file, names, options};
use crate::blob::folder::Folder;
use crate::blob::{Blob, BlobError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the store behind a destination can do.
pub(super) struct Abilities {
    /// Whether it decides a condition at once, also between calls at the same moment.
    pub(super) is_atomic: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let blob = Arc::new(Folder::open(folder.path()).unwrap());
    run(blob, Abilities { is_atomic: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_s3_keeps_the_contract() {
    let server = Server::start().await;
    for prefix in ["", "a/prefix.of_some-depth"] {
        let blob = Arc::new(connect(&options(&server.endpoint(), prefix)));
        run(blob, Abilities { is_atomic: true }).await;
        server.empty();
    }
}

/// Runs the contract on a destination that is empty.
pub(super) async fn run(blob: Arc<dyn Blob>, abilities: Abilities) {
    small_objects(blob.as_ref()).await;
    names_are_checked(blob.as_ref()).await;
    listings(blob.as_ref()).await;
    replacements(blob.as_ref()).await;
    files(blob.as_ref()).await;
    locks(blob.as_ref()).await;
    if abilities.is_atomic {
        one_of_many(&blob).await;
    }
    assert!(!blob.describe().is_empty());
    assert!(!blob.address().is_empty());
}

async fn small_objects(blob: &dyn Blob) {
    assert_eq!(blob.size("x/1").await.unwrap(), None);
    assert!(blob.read("x/1", 10).await.unwrap_err().is_not_found());
    assert!(blob.open("x/1").await.err().unwrap().is_not_found());
    blob.remove("x/1").await.unwrap();

    let version = blob.create("x/1", b"hello").await.unwrap();
    let again = blob.create("x/1", b"other").await.unwrap_err();
    assert!(again.already_exists(), "{again:?}");
    let same = blob.create("x/1", b"hello").await.unwrap_err();
    assert!(same.already_exists(), "{same:?}");
    let read = blob.read("x/1", 5).await.unwrap();
    assert_eq!(read.bytes, b"hello");
    assert_eq!(read.version, version);
    assert_eq!(blob.size("x/1").await.unwrap(), Some(5));
    let large = blob.read("x/1", 4).await.unwrap_err();
    assert!(
        matches!(large, BlobError::TooLarge { max_bytes: 4, .. }),
        "{large:?}"
    );

    blob.create("x/empty", b"").await.unwrap();
    assert_eq!(blob.size("x/empty").await.unwrap(), Some(0));
    assert_eq!(all(blob, "x/empty").await, b"");
    assert_eq!(blob.read("x/empty", 0).await.unwrap().bytes, b"");

    blob.remove("x/1").await.unwrap();
    blob.remove("x/empty").await.unwrap();
    assert_eq!(blob.size("x/1").await.unwrap(), None);
    assert_eq!(names(blob, "").await, [""; 0]);
}

async fn names_are_checked(blob: &dyn Blob) {
    let long = "x".repeat(600);
    let odd = [
        "",
        "/x",
        "x/",
        "x//y",
        ".",
        "..",
        "x/../y",
        "x/./y",
        ".hidden",
        "x/.hidden",
        "x y",
        "x\ny",
        "x\0",
        "x\\y",
        "%2e%2e",
        "é",
        "lock",
        &long,
    ];
    for name in odd {
        let refused = |error: Option<BlobError>| {
            assert!(matches!(error, Some(BlobError::Name { .. })), "{name:?}");
        };
        refused(blob.size(name).await.err());
        refused(blob.read(name, 1).await.err());
        refused(blob.open(name).await.err());
        refused(blob.create(name, b"x").await.err());
        refused(blob.replace(name, b"x", None).await.err());
        refused(blob.remove(name).await.err());
        if !name.is_empty() {
            refused(blob.list(name).await.err());
        }
    }
}

async fn listings(blob: &dyn Blob) {
    for name in ["b/2", "b/1", "a", "b/c/3", "bb/4", "b-5"] {
        blob.create(name, name.as_bytes()).await.unwrap();
    }
    assert_eq!(
        names(blob, "").await,
        ["a", "b-5", "b/1", "b/2", "b/c/3", "bb/4"]
    );
    assert_eq!(names(blob, "b").await, ["b/1", "b/2", "b/c/3"]);
    assert_eq!(names(blob, "b/c").await, ["b/c/3"]);
    assert_eq!(names(blob, "missing").await, [""; 0]);
    let entries = blob.list("b/c").await.unwrap();
    assert_eq!(entries[0].size_bytes, 5);
    for name in names(blob, "").await {
        blob.remove(&name).await.unwrap();
    }
    assert_eq!(names(blob, "").await, [""; 0]);
}

async fn replacements(blob: &dyn Blob) {
    let first = blob.replace("r", b"one", None).await.unwrap();
    let second = blob.replace("r", b"two", Some(&first)).await.unwrap();
    let late = blob.replace("r", b"late", Some(&first)).await.unwrap_err();
    assert!(matches!(late, BlobError::Changed { .. }), "{late:?}");
    let read = blob.read("r", 10).await.unwrap();
    assert_eq!(
        (read.bytes.as_slice(), &read.version),
        (&b"two"[..], &second)
    );
    blob.replace("r", b"three", None).await.unwrap();
    blob.remove("r").await.unwrap();
    let gone = blob.replace("r", b"late", Some(&second)).await.unwrap_err();
    assert!(matches!(gone, BlobError::Changed { .. }), "{gone:?}");
    assert_eq!(blob.size("r").await.unwrap(), None);
}

async fn files(blob: &dyn Blob) {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [0, 1, PART, PART + 1, 2 * PART + 12_345] {
        let (local, sum) = local_file(folder.path(), bytes);
        let heard = AtomicU64::new(0);
        let hear = |bytes: u64| {
            heard.fetch_add(bytes, Ordering::SeqCst);
        };
        let sent = blob.upload("seg/1.age", &local, &sum, &hear).await.unwrap();
        assert_eq!(sent.sent_bytes, bytes as u64);
        assert_eq!(heard.load(Ordering::SeqCst), bytes as u64);
        assert_eq!(all(blob, "seg/1.age").await, std::fs::read(&local).unwrap());
        let again = blob.upload("seg/1.age", &local, &sum, &hear).await.unwrap();
        assert_eq!(again.sent_bytes, 0);
        assert_eq!(heard.load(Ordering::SeqCst), 2 * bytes as u64);
    }
    let (local, _) = local_file(folder.path(), 10);
    let wrong = blob
        .upload("seg/2.age", &local, &[0; 32], &|_| {})
        .await
        .unwrap_err();
    assert!(matches!(wrong, BlobError::Damaged { .. }), "{wrong:?}");
    assert_eq!(names(blob, "").await, ["seg/1.age"]);
    blob.remove("seg/1.age").await.unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 6, "an upload left something behind: {left:?}");
}

async fn locks(blob: &dyn Blob) {
    let lock = blob.lock("a backup").await.unwrap();
    lock.check().unwrap();
    let held = blob.lock("a restore").await.err().unwrap();
    let BlobError::Locked { holder, .. } = &held else {
        panic!("{held:?}");
    };
    assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    let version = blob.create("under-lock", b"1").await.unwrap();
    blob.replace("under-lock", b"2", Some(&version))
        .await
        .unwrap();
    blob.remove("under-lock").await.unwrap();
    assert_eq!(names(blob, "").await, [""; 0]);
    lock.check().unwrap();
    lock.release().await.unwrap();
    for _ in 0..2 {
        blob.lock("a restore")
            .await
            .unwrap()
            .release()
            .await
            .unwrap();
    }
}

/// Many at once: one creates, one replaces.
async fn one_of_many(blob: &Arc<dyn Blob>) {
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let blob = Arc::clone(blob);
            tokio::spawn(async move { blob.create("one", &[number]).await })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(version) => winners.push(version),
            Err(error) => assert!(error.already_exists(), "{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (blob, version) = (Arc::clone(blob), winners[0].clone());
            tokio::spawn(async move { blob.replace("one", &[9, number], Some(&version)).await })
        })
        .collect();
    let mut replaced = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => replaced += 1,
            Err(error) => assert!(matches!(error, BlobError::Changed { .. }), "{error:?}"),
        }
    }
    assert_eq!(replaced, 1);
    blob.remove("one").await.unwrap();
}
