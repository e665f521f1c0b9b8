//! What the files promise: whole or absent, and their owner's alone.

use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_new_secret_file_is_its_owners_alone_and_the_only_name_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_secret_file_new(&path, b"secret").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(names(folder.path()), ["key"]);
    assert_eq!(*read_private_file(&path, 6).unwrap(), b"secret");
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_secret_file_new(&path, b"first").unwrap();
    let error = write_secret_file_new(&path, b"second").unwrap_err();
    assert!(matches!(error, FsError::AlreadyExists { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"first");
    assert_eq!(names(folder.path()), ["key"]);
}

#[test]
fn a_dangling_link_counts_as_existing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    symlink(folder.path().join("elsewhere"), &path).unwrap();
    let error = write_secret_file_new(&path, b"secret").unwrap_err();
    assert!(matches!(error, FsError::AlreadyExists { .. }), "{error}");
    assert_eq!(names(folder.path()), ["key"]);
}

#[test]
fn a_failed_write_leaves_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let full = TemporaryFile::write(&path, 0o600, |file| {
        file.write_all(b"half")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    let Err(FsError::Io { source, .. }) = full else {
        panic!("the write did not fail");
    };
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_failed_replacement_leaves_the_target_and_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::create_dir(&path).unwrap();
    let error = replace_secret_file(&path, b"secret").unwrap_err();
    assert!(matches!(error, FsError::Io { .. }), "{error}");
    assert_eq!(names(folder.path()), ["key"]);
}

#[test]
fn a_replacement_is_private_whatever_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_new_file(&path, b"first", 0o644).unwrap();
    assert_eq!(mode(&path) & 0o700, 0o600);
    replace_secret_file(&path, b"second").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
    assert_eq!(names(folder.path()), ["key"]);
}

#[test]
fn a_temporary_file_of_a_crash_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let (file, left_over) = TemporaryFile::create(&path, 0o600).unwrap();
    drop(file);
    left_over.forget();
    write_secret_file_new(&path, b"secret").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"secret");
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn a_private_folder_is_its_owners_alone_and_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    create_private_dir(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    let error = create_private_dir(&path).unwrap_err();
    assert!(matches!(error, FsError::AlreadyExists { .. }), "{error}");
}

#[test]
fn a_file_that_others_can_read_or_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_secret_file_new(&path, b"secret").unwrap();
    for open in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601] {
        chmod(&path, open);
        let error = check_private(&path).unwrap_err();
        assert!(
            matches!(error, FsError::OpenToOthers { mode, .. } if mode == open),
            "{error}"
        );
    }
    for private in [0o600, 0o400] {
        chmod(&path, private);
        check_private(&path).unwrap();
    }
}

#[test]
fn what_is_not_a_regular_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&pipe)
        .status();
    assert!(made.unwrap().success());
    for path in [pipe.as_path(), folder.path()] {
        let error = check_private(path).unwrap_err();
        assert!(matches!(error, FsError::NotAFile { .. }), "{error}");
    }
    let missing = check_private(&folder.path().join("missing")).unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
}

#[test]
fn a_link_is_followed_only_when_root_or_the_files_owner_laid_it() {
    assert!(is_trusted_link(1000, 1000));
    assert!(is_trusted_link(0, 1000));
    assert!(!is_trusted_link(1000, 0));
    assert!(!is_trusted_link(1000, 1001));

    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let path = folder.path().join("key");
    write_secret_file_new(&target, b"secret").unwrap();
    symlink(&target, &path).unwrap();
    assert_eq!(*read_private_file(&path, 100).unwrap(), b"secret");
    chmod(&target, 0o644);
    let error = check_private(&path).unwrap_err();
    assert!(matches!(error, FsError::OpenToOthers { .. }), "{error}");
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_secret_file_new(&path, &[7; 10]).unwrap();
    assert_eq!(read_private_file(&path, 10).unwrap().len(), 10);
    let error = read_private_file(&path, 9).unwrap_err();
    assert!(
        matches!(error, FsError::TooLarge { max_bytes: 9, .. }),
        "{error}"
    );
}
