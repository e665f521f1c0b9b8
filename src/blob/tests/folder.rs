//! What is particular to a folder.

use super::{local_file, names};
use crate::blob::folder::Folder;
use crate::blob::{Blob as _, BlobError};
use std::io;
use std::os::unix::fs::symlink;

fn world() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let blob = Folder::open(folder.path()).unwrap();
    (folder, blob)
}

#[test]
fn a_folder_that_is_missing_is_created_but_nothing_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backups");
    assert!(matches!(
        Folder::open(&path),
        Err(BlobError::NoPlace { .. })
    ));
    Folder::open_or_create(&path).unwrap();
    Folder::open_or_create(&path).unwrap();
    let error = Folder::open_or_create(&folder.path().join("not-mounted/backups")).unwrap_err();
    assert!(matches!(error, BlobError::NoPlace { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("mounted"));
}

#[test]
fn a_folder_has_the_same_address_however_it_is_named() {
    let (folder, blob) = world();
    let link = folder.path().join("link");
    symlink(folder.path(), &link).unwrap();
    for path in [folder.path().join("."), link.clone(), link.join("../.")] {
        let same = path.canonicalize().unwrap() == folder.path().canonicalize().unwrap();
        let other = Folder::open(&path).unwrap();
        assert_eq!(other.address() == blob.address(), same, "{path:?}");
    }
}

#[tokio::test]
async fn a_backup_counts_when_its_folder_has_its_place() {
    let (folder, blob) = world();
    std::fs::create_dir_all(folder.path().join(".partial/1/seg")).unwrap();
    std::fs::write(folder.path().join(".partial/1/seg/1.age"), "x").unwrap();
    assert_eq!(names(&blob, "").await, [""; 0]);
    blob.move_into_place(".partial/1", "backup/1")
        .await
        .unwrap();
    assert_eq!(names(&blob, "").await, ["backup/1/seg/1.age"]);

    std::fs::create_dir_all(folder.path().join(".partial/1")).unwrap();
    let taken = blob
        .move_into_place(".partial/1", "backup/1")
        .await
        .unwrap_err();
    assert!(taken.already_exists(), "{taken:?}");
    let missing = blob
        .move_into_place(".partial/2", "backup/2")
        .await
        .unwrap_err();
    assert!(missing.is_not_found(), "{missing:?}");
    for odd in ["../x", "/x", "", "a/../../x"] {
        blob.move_into_place(odd, "backup/3").await.unwrap_err();
        blob.move_into_place(".partial/1", odd).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_lock_that_is_a_link_is_not_followed() {
    let (folder, blob) = world();
    let outside = tempfile::tempdir().unwrap();
    let precious = outside.path().join("precious");
    std::fs::write(&precious, "precious").unwrap();
    symlink(&precious, folder.path().join("lock")).unwrap();
    symlink(&precious, folder.path().join(".replace-lock")).unwrap();
    blob.lock("a backup").await.err().unwrap();
    blob.replace("x", b"x", None).await.unwrap_err();
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "precious");
}

#[tokio::test]
async fn a_link_leads_nowhere() {
    let (folder, blob) = world();
    let outside = tempfile::tempdir().unwrap();
    let (local, sum) = local_file(outside.path(), 1000);
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink(&local, folder.path().join("file")).unwrap();
    assert_eq!(names(&blob, "").await, [""; 0]);
    blob.read("out/1000.age", 2000).await.unwrap_err();
    blob.read("file", 2000).await.unwrap_err();
    blob.create("out/new", b"x").await.unwrap_err();
    blob.upload("out/new", &local, &sum, &|_| {})
        .await
        .unwrap_err();
    blob.remove("out/1000.age").await.unwrap_err();
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_read_is_damaged() {
    let (folder, blob) = world();
    blob.create("x", &[1; 1000]).await.unwrap();
    let mut reader = blob.open("x").await.unwrap();
    std::fs::write(folder.path().join("x"), [1; 500]).unwrap();
    reader.next().await.unwrap();
    let error = reader.next().await.unwrap_err();
    assert!(matches!(error, BlobError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn bytes_that_were_damaged_on_the_disk_are_copied_again() {
    let (folder, blob) = world();
    let spool = tempfile::tempdir().unwrap();
    let (local, sum) = local_file(spool.path(), 1000);
    blob.upload("x", &local, &sum, &|_| {}).await.unwrap();
    std::fs::write(folder.path().join("x"), [0; 1000]).unwrap();
    let sent = blob.upload("x", &local, &sum, &|_| {}).await.unwrap();
    assert_eq!(sent.sent_bytes, 1000);
}

#[tokio::test]
async fn who_takes_the_lock_removes_what_a_crash_left() {
    let (folder, blob) = world();
    let left = folder.path().join(format!(".x.{}.0.tmp", u32::MAX));
    std::fs::write(&left, "x").unwrap();
    blob.lock("a backup")
        .await
        .unwrap()
        .release()
        .await
        .unwrap();
    assert!(!left.exists());
}

#[test]
fn a_full_disk_and_missing_rights_are_told_as_such() {
    let of = |kind: io::ErrorKind| BlobError::of_io("write", "/x".into(), kind.into());
    let full = of(io::ErrorKind::StorageFull);
    assert!(matches!(full, BlobError::Full { .. }));
    assert!(full.hint().unwrap().contains("room"));
    assert!(matches!(
        of(io::ErrorKind::QuotaExceeded),
        BlobError::Full { .. }
    ));
    assert!(matches!(
        of(io::ErrorKind::PermissionDenied),
        BlobError::Denied { .. }
    ));
    assert!(matches!(
        of(io::ErrorKind::ReadOnlyFilesystem),
        BlobError::Denied { .. }
    ));
    assert!(matches!(
        of(io::ErrorKind::Interrupted),
        BlobError::Io { .. }
    ));
}
