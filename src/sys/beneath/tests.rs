use super::*;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, symlink};

fn place() -> (tempfile::TempDir, Beneath) {
    let folder = tempfile::tempdir().unwrap();
    let beneath = Beneath::open(folder.path()).unwrap();
    (folder, beneath)
}

fn put(beneath: &Beneath, name: &str, bytes: &[u8]) -> Result<(), FsError> {
    beneath.create(name, |file| file.write_all(bytes))
}

fn text(beneath: &Beneath, name: &str) -> String {
    let mut text = String::new();
    beneath
        .read(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn a_file_is_created_once_and_only_its_owner_reads_it() {
    let (folder, beneath) = place();
    put(&beneath, "a/b/c", b"one").unwrap();
    assert!(put(&beneath, "a/b/c", b"two").unwrap_err().already_exists());
    assert_eq!(text(&beneath, "a/b/c"), "one");
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
    assert_eq!(mode("a/b/c"), 0o600);
    assert_eq!(mode("a/b"), 0o700);
    assert_eq!(
        std::fs::read_dir(folder.path().join("a/b"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn a_write_that_fails_leaves_nothing_and_changes_nothing() {
    let (folder, beneath) = place();
    put(&beneath, "a", b"one").unwrap();
    let failing = |file: &mut File| {
        file.write_all(b"half")?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    };
    beneath.replace("a", failing).unwrap_err();
    beneath.create("b", failing).unwrap_err();
    assert_eq!(text(&beneath, "a"), "one");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_link_is_neither_read_nor_entered_nor_written_through() {
    let (folder, beneath) = place();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    symlink(&secret, folder.path().join("file")).unwrap();
    symlink(outside.path(), folder.path().join("folder")).unwrap();

    assert!(matches!(
        beneath.read("file"),
        Err(FsError::NotAFile { .. })
    ));
    assert!(matches!(
        beneath.size("file"),
        Err(FsError::NotAFile { .. })
    ));
    beneath.read("folder/secret").unwrap_err();
    beneath.size("folder/secret").unwrap_err();
    put(&beneath, "folder/new", b"x").unwrap_err();
    beneath.remove("folder/secret").unwrap_err();
    assert!(put(&beneath, "file", b"x").unwrap_err().already_exists());
    assert_eq!(beneath.list("").unwrap(), []);

    beneath
        .replace("file", |file| file.write_all(b"ours"))
        .unwrap();
    assert_eq!(text(&beneath, "file"), "ours");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_name_that_leads_out_is_refused() {
    let (_folder, beneath) = place();
    for name in [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/",
        "a\0b",
    ] {
        assert!(beneath.read(name).is_err(), "{name:?}");
        assert!(put(&beneath, name, b"x").is_err(), "{name:?}");
        assert!(beneath.remove(name).is_err(), "{name:?}");
        assert!(beneath.rename_folder(name, "x").is_err(), "{name:?}");
    }
}

#[test]
fn what_is_below_is_listed_without_what_begins_with_a_dot() {
    let (folder, beneath) = place();
    for name in ["b/2", "b/1", "a", "b/c/3"] {
        put(&beneath, name, name.as_bytes()).unwrap();
    }
    put(&beneath, ".partial/x", b"x").unwrap();
    std::fs::write(folder.path().join("b/.2.1.0.tmp"), "x").unwrap();
    let names = |prefix| -> Vec<String> {
        let found = beneath.list(prefix).unwrap();
        found.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(""), ["a", "b/1", "b/2", "b/c/3"]);
    assert_eq!(names("b"), ["b/1", "b/2", "b/c/3"]);
    assert_eq!(names("missing"), [""; 0]);
    assert_eq!(beneath.list("b/c").unwrap(), [("b/c/3".to_owned(), 5)]);
}

#[test]
fn an_empty_folder_goes_with_its_last_file() {
    let (folder, beneath) = place();
    put(&beneath, "a/b/1", b"x").unwrap();
    put(&beneath, "a/2", b"x").unwrap();
    assert!(beneath.remove("a/b/1").unwrap());
    assert!(!beneath.remove("a/b/1").unwrap());
    assert!(!folder.path().join("a/b").exists());
    assert!(folder.path().join("a/2").exists());
}

#[test]
fn a_folder_is_renamed_as_a_whole_and_never_over_another() {
    let (_folder, beneath) = place();
    put(&beneath, ".partial/x/1", b"one").unwrap();
    put(&beneath, ".partial/y/1", b"two").unwrap();
    beneath.rename_folder(".partial/x", "backup/x").unwrap();
    assert_eq!(text(&beneath, "backup/x/1"), "one");
    let taken = beneath.rename_folder(".partial/y", "backup/x").unwrap_err();
    assert!(taken.already_exists());
    assert_eq!(text(&beneath, ".partial/y/1"), "two");
}

#[test]
fn only_the_temporary_files_of_processes_that_are_gone_are_removed() {
    let (folder, beneath) = place();
    let gone = format!(".x.{}.0.tmp", u32::MAX);
    let ours = temporary_name("x", 7);
    for name in [gone.as_str(), ours.as_str(), ".x.tmp", "x"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    assert_eq!(beneath.remove_left_overs().unwrap(), 1);
    assert!(!folder.path().join(gone).exists());
    assert!(folder.path().join(ours).exists());
}

#[test]
fn folders_that_a_killed_removal_left_empty_are_removed_and_others_stay() {
    let (_folder, beneath) = place();
    for name in ["a/1/x/f", "a/1/g", "b/2/f", "c/f"] {
        put(&beneath, name, b"x").unwrap();
    }
    let root = beneath.path().to_owned();
    for name in ["a/1/x/f", "a/1/g", "b/2/f"] {
        std::fs::remove_file(root.join(name)).unwrap();
    }
    std::fs::create_dir(root.join(".kept")).unwrap();
    assert_eq!(beneath.remove_left_overs().unwrap(), 0);
    let mut left: Vec<_> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, [".kept", "c"]);
    assert!(root.join("c/f").exists());
}
