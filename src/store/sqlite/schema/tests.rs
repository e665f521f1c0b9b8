//! Migrations, with lists of migrations made up for the tests.

use super::*;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

const CREATE: SqliteOptions = SqliteOptions {
    synchronous: crate::store::sqlite::Synchronous::Full,
    readers: 1,
    create: true,
};
const OPEN: SqliteOptions = SqliteOptions {
    create: false,
    ..CREATE
};

const ADD_COLUMN: &str = "\
    ALTER TABLE users ADD COLUMN nickname TEXT; \
    UPDATE embsec_schema SET version = version + 1, oldest_binary = version + 1;";

const ADD_COLUMN_THAT_OLDER_BINARIES_IGNORE: &str = "\
    ALTER TABLE users ADD COLUMN nickname TEXT; \
    UPDATE embsec_schema SET version = version + 1;";

/// The list as it is, and one migration more.
fn known_and(sql: &'static str) -> Vec<Migration> {
    let mut migrations = known();
    migrations.push(Migration::new(
        newest_of(&migrations) + 1,
        Cow::Borrowed("made_up"),
        MigrationType::Simple,
        SqlStr::from_static(sql),
        false,
    ));
    migrations
}

/// A database of the newest schema, closed.
async fn database() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embsec.db");
    let store = SqliteStore::open(&path, CREATE).await.unwrap();
    store.close().await.unwrap();
    (folder, path)
}

async fn version(path: &Path) -> i64 {
    let mut connection = connect::connect_reader(path, Sharing::Anybody)
        .await
        .unwrap();
    version_of(&mut connection, path).await.unwrap().version
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_new_file_gets_the_newest_version_without_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embsec.db");
    connect::create_private(&path).unwrap();
    let to = newest();
    assert_eq!(pending(&path).await.unwrap(), Some(Pending { from: 0, to }));
    let migrated = migrate(&path).await.unwrap();
    let expected = Migrated {
        from: 0,
        to,
        copy: None,
    };
    assert_eq!(migrated, Some(expected));
    assert_eq!(names(&folder), ["embsec.db"]);
    assert_eq!(migrate(&path).await.unwrap(), None);
    assert_eq!(pending(&path).await.unwrap(), None);
}

#[tokio::test]
async fn an_empty_file_that_a_killed_process_left_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embsec.db");
    connect::create_private(&path).unwrap();
    let refused = SqliteStore::open(&path, OPEN).await.unwrap_err();
    assert!(
        matches!(refused, OpenError::Pending { from: 0, .. }),
        "{refused:?}"
    );
    SqliteStore::open(&path, CREATE).await.unwrap();
    SqliteStore::open(&path, OPEN).await.unwrap();
}

#[tokio::test]
async fn a_migration_keeps_a_copy_of_the_file_before() {
    let (folder, path) = database().await;
    let before = newest();
    let migrations = known_and(ADD_COLUMN);
    let behind = pending_of(inspect(&path).await.unwrap(), &migrations).unwrap();
    let expected = Pending {
        from: before,
        to: before + 1,
    };
    assert_eq!(behind, Some(expected));
    let migrated = migrate_to(&path, migrations).await.unwrap().unwrap();
    assert_eq!((migrated.from, migrated.to), (before, before + 1));
    let copy = migrated.copy.unwrap();
    assert_eq!(
        copy,
        folder.path().join(format!("embsec.db.before-{before}"))
    );
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(version(&path).await, before + 1);
    // The copy is a database of its own, of the version before.
    assert_eq!(version(&copy).await, before);
    SqliteStore::open(&copy, OPEN).await.unwrap();
}

#[tokio::test]
async fn an_older_copy_is_kept() {
    let (folder, path) = database().await;
    let before = newest();
    let taken = folder.path().join(format!("embsec.db.before-{before}"));
    std::fs::write(&taken, "precious").unwrap();
    std::fs::write(
        folder.path().join(format!("embsec.db.before-{before}.1")),
        "too",
    )
    .unwrap();
    let migrated = migrate_to(&path, known_and(ADD_COLUMN))
        .await
        .unwrap()
        .unwrap();
    let expected = folder.path().join(format!("embsec.db.before-{before}.2"));
    assert_eq!(migrated.copy, Some(expected));
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "precious");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_version_before() {
    let (folder, path) = database().await;
    let before = newest();
    let broken = "ALTER TABLE users ADD COLUMN nickname TEXT; SELECT nothing FROM nowhere;";
    let error = migrate_to(&path, known_and(broken)).await.unwrap_err();
    assert!(matches!(error, OpenError::Fault(_)), "{error:?}");
    assert_eq!(version(&path).await, before);
    assert!(names(&folder).contains(&format!("embsec.db.before-{before}")));
    // The half that worked was rolled back, so the repaired migration can add the column.
    migrate_to(&path, known_and(ADD_COLUMN))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let (_folder, path) = database().await;
    let known = newest();
    migrate_to(&path, known_and(ADD_COLUMN)).await.unwrap();
    for error in [
        pending(&path).await.unwrap_err(),
        migrate(&path).await.unwrap_err(),
        SqliteStore::open(&path, CREATE).await.unwrap_err(),
    ] {
        let told = matches!(error, OpenError::Newer { found, known: k } if found == known + 1 && k == known);
        assert!(told, "{error:?}");
    }
}

#[tokio::test]
async fn a_newer_database_that_this_binary_understands_is_opened() {
    let (_folder, path) = database().await;
    let migrations = known_and(ADD_COLUMN_THAT_OLDER_BINARIES_IGNORE);
    migrate_to(&path, migrations).await.unwrap();
    assert_eq!(pending(&path).await.unwrap(), None);
    SqliteStore::open(&path, OPEN).await.unwrap();
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    connect::create_private(&path).unwrap();
    let mut connection = connect::connect_writer(&path).await.unwrap();
    sqlx::query("CREATE TABLE embeddings (id INTEGER)")
        .execute(&mut connection)
        .await
        .unwrap();
    connect::disconnect(connection, &path).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    for error in [
        migrate(&path).await.unwrap_err(),
        SqliteStore::open(&path, CREATE).await.unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::Foreign(_)), "{error:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(!names(&folder).iter().any(|name| name.contains("before")));
}

#[tokio::test]
async fn what_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = "Dear reader, this is no database at all. ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path, CREATE).await.unwrap_err();
    assert!(matches!(error, OpenError::NotADatabase(_)), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(names(&folder), ["letter.txt"]);
}

#[tokio::test]
async fn a_migration_that_was_altered_after_it_was_applied_is_refused() {
    let (_folder, path) = database().await;
    let mut migrations = known_and(ADD_COLUMN);
    migrations[0] = Migration::new(
        1,
        Cow::Borrowed("first_schema"),
        MigrationType::Simple,
        SqlStr::from_static("CREATE TABLE other (id INTEGER);"),
        false,
    );
    let error = migrate_to(&path, migrations).await.unwrap_err();
    assert!(matches!(error, OpenError::Altered(1)), "{error:?}");
}

#[tokio::test]
async fn a_missing_file_has_no_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embsec.db");
    for error in [
        pending(&path).await.unwrap_err(),
        migrate(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::NoSuchDatabase(_)), "{error:?}");
    }
    assert!(names(&folder).is_empty());
}

#[test]
fn versions_count_from_one_without_gaps() {
    let versions: Vec<i64> = known().iter().map(|migration| migration.version).collect();
    let expected: Vec<i64> = (1..).take(versions.len()).collect();
    assert_eq!(versions, expected);
}
