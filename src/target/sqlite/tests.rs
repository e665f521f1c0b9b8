//! What is particular to files: what reading one leaves behind, and files that are none.

use super::SqliteRows;
use crate::target::error::OpenError;
use crate::target::rows::Rows as _;
use crate::target::table::{Column, Form, Identifier, Table};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

fn table() -> Table {
    let identifier = |name| Identifier::parse(name).unwrap();
    Table {
        schema: None,
        name: identifier("t"),
        key: identifier("k"),
        columns: vec![Column {
            name: identifier("v"),
            form: Form::Bound,
        }],
    }
}

fn make(path: &Path, journal: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    let mode = format!("PRAGMA journal_mode = {journal}");
    connection.query_row(&mode, [], |_| Ok(())).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT); \
             INSERT INTO t VALUES (1, 'one'), (2, 'two')",
        )
        .unwrap();
    connection
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

async fn values(rows: &mut SqliteRows) -> Vec<String> {
    let table = table();
    let page = rows
        .page(&table, &table.columns[0], None, 100)
        .await
        .unwrap();
    page.iter()
        .map(|row| row.value.as_ref().unwrap().as_text().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn reading_leaves_no_file_behind_and_changes_none() {
    for journal in ["wal", "delete"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o'd#d ?%41.db");
        drop(make(&path, journal));
        let before = (names(folder.path()), std::fs::read(&path).unwrap());
        let mut rows = SqliteRows::open_to_read(&path).unwrap();
        rows.require(&[table()], false).unwrap();
        assert_eq!(values(&mut rows).await, ["one", "two"]);
        drop(rows);
        let after = (names(folder.path()), std::fs::read(&path).unwrap());
        assert!(before == after, "{journal}: {:?}", after.0);
    }
}

#[tokio::test]
async fn a_file_that_is_written_meanwhile_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.db");
    drop(make(&path, "wal"));
    let mut rows = SqliteRows::open_to_read(&path).unwrap();
    assert_eq!(values(&mut rows).await, ["one", "two"]);
    let writer = Connection::open(&path).unwrap();
    writer
        .execute("UPDATE t SET v = 'three' WHERE k = 1", [])
        .unwrap();
    assert_eq!(values(&mut rows).await, ["three", "two"]);
    writer
        .execute("UPDATE t SET v = 'four' WHERE k = 2", [])
        .unwrap();
    assert_eq!(values(&mut rows).await, ["three", "four"]);
    let mut second = SqliteRows::open_to_read(&path).unwrap();
    assert_eq!(values(&mut second).await, ["three", "four"]);
}

#[test]
fn a_log_that_was_left_behind_is_not_read_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left.db");
    let _open = make(&path, "wal");
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let log = |path: &Path| format!("{}-wal", path.display());
    std::fs::copy(log(&path), log(&copy)).unwrap();
    let opened = SqliteRows::open_to_read(&copy).err();
    assert!(
        matches!(opened, Some(OpenError::NotClosed(_))),
        "{opened:?}"
    );
    assert!(!folder.path().join("copy.db-shm").exists());
}

#[test]
fn what_is_no_database_is_told_apart_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text"), "no database, but long enough for a header").unwrap();
    std::fs::write(path("empty"), "").unwrap();
    let mut torn = std::fs::read({
        drop(make(&path("whole"), "delete"));
        path("whole")
    })
    .unwrap();
    torn[100..200].fill(0xff);
    std::fs::write(path("torn"), torn).unwrap();
    let before = names(folder.path());
    type Open = fn(&Path) -> Result<SqliteRows, OpenError>;
    for open in [SqliteRows::open_to_read as Open, SqliteRows::open_to_write] {
        let error = |name: &str| open(&path(name)).err();
        assert!(matches!(error("none"), Some(OpenError::NoSuchDatabase(_))));
        assert!(matches!(
            error("text/none"),
            Some(OpenError::NoSuchDatabase(_))
        ));
        assert!(matches!(error("text"), Some(OpenError::NotADatabase(_))));
        assert!(matches!(error("empty"), Some(OpenError::Empty(_))));
        assert!(matches!(error("."), Some(OpenError::NotADatabase(_))));
        assert!(error("torn").is_some());
    }
    assert_eq!(names(folder.path()), before);
}

#[tokio::test]
async fn keys_that_name_no_row_or_two_alike_are_refused() {
    for (keys, why) in [
        ("(NULL, 'x'), (1, 'y')", "keys of several kinds"),
        ("(1, 'x'), ('1', 'y')", "keys of several kinds"),
        ("(1.5, 'x')", "is real"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let connection = Connection::open(&path).unwrap();
        let sql = format!("CREATE TABLE t (k UNIQUE, v TEXT); INSERT INTO t VALUES {keys}");
        connection.execute_batch(&sql).unwrap();
        let mut rows = SqliteRows::open_to_read(&path).unwrap();
        match rows.require(&[table()], false) {
            Err(OpenError::Unfit { why: told, .. }) => assert!(told.contains(why), "{told}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_settings_of_the_file_stay_and_what_is_overwritten_is_wiped() {
    for journal in ["wal", "delete"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.db");
        drop(make(&path, journal));
        let rows = SqliteRows::open_to_write(&path).unwrap();
        let pragma = |name: &str| -> String {
            let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
            rows.connection
                .query_row(&sql, [], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(pragma("journal_mode"), journal);
        assert_eq!(pragma("secure_delete"), "1");
        assert_eq!(pragma("synchronous"), "2");
    }
}
