//! Copies beside writers, of damaged files, on full disks; and no data key in any byte of one.

use super::*;
use crate::domain::backup::BackupId;
use crate::domain::key::{KeyScope, KeyState};
use crate::store::sqlite::schema;
use crate::target::contract::llm_proxy;
use rusqlite::config::DbConfig;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// What a wrapped key is in these tests, with its number behind.
const WRAPPED: &str = "wRaPpEdKeY";

pub(in crate::target) fn unwatched() -> Watch {
    Arc::new(|_| true)
}

pub(in crate::target) fn id() -> BackupId {
    BackupId::parse("20261128T182417Z-az27a7").unwrap()
}

/// embsec's own database with two projects, embeddings of two dimensions, and their keys.
pub(in crate::target) fn own_database(path: &Path, embeddings: i64) -> Connection {
    std::fs::write(path, "").unwrap();
    // Not by a store, whose connections are closed some time after it is dropped.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(schema::migrate(path)).unwrap();
    let connection = Connection::open(path).unwrap();
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    connection
        .execute_batch(
            "BEGIN;
             INSERT INTO users (user_id, handle, email, state, created_at, updated_at)
                VALUES (10, 'alice', 'a@h', 'active', 1, 1), (11, 'bob', 'b@h', 'active', 1, 1);
             INSERT INTO instances (instance_id, owner_id, handle, created_at, updated_at)
                VALUES (20, 10, 'i', 1, 1);
             INSERT INTO projects
                (project_id, owner_id, handle, public_read, instance_id, created_at, updated_at)
                VALUES (30, 10, 'docs', 0, 20, 1, 1), (31, 10, 'notes', 0, 20, 1, 1);
             INSERT INTO project_shares (project_id, user_id, role, created_at, updated_at)
                VALUES (30, 11, 'reader', 1, 1), (31, 11, 'reader', 1, 1);
             INSERT INTO leases VALUES ('wRaPpEdKeY lease', 'x', 1);
             INSERT INTO processes VALUES ('wRaPpEdKeY process', 'h', 1, 1, 1, 1, '[]');",
        )
        .unwrap();
    let add = "INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, \
               vector, text, created_at, updated_at) VALUES ($1, 20, $2, 1, $3, $4, $5, 1, 1)";
    for number in 0..embeddings {
        let dim = if number % 5 == 4 { 3 } else { 8 };
        let vector: Vec<u8> = (0..dim)
            .flat_map(|place| {
                let mixed = (number * 37 + place * 101 + number * number * place) % 89;
                let value = f32::from(i16::try_from(mixed).unwrap()) - 44.0;
                half::f16::from_f32(value + 0.5).to_le_bytes()
            })
            .collect();
        let values = (
            30 + number % 2,
            format!("t{number}"),
            dim,
            vector,
            "x".repeat(200),
        );
        connection.execute(add, values).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    for (number, scope, state) in [
        (1, "system", "active"),
        (2, "project:30", "decrypt-only"),
        (3, "project:30", "active"),
        (4, "project:31", "active"),
    ] {
        add_key(&connection, number, scope, state);
    }
    connection
}

pub(in crate::target) fn add_key(connection: &Connection, number: i64, scope: &str, state: &str) {
    let add = "INSERT INTO data_keys (key_id, scope, wrapped, master_id, state, messages, \
               created_at, destroy_after) VALUES ($1, $2, $3, 'master', $4, $5, $6, $7)";
    let wrapped = format!("{WRAPPED}{number}{}", "A".repeat(60));
    let destroy_after = (number == 4).then_some(9_000);
    let id = format!("key{number}");
    let values = (
        id,
        scope,
        wrapped,
        state,
        number * 7,
        number * 1_000,
        destroy_after,
    );
    connection.execute(add, values).unwrap();
}

fn places(bytes: &[u8], text: &str) -> usize {
    let parts = bytes.windows(text.len());
    parts.filter(|part| *part == text.as_bytes()).count()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = folder.path().read_dir().unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn no_data_key_is_in_any_byte_of_a_copy_and_all_are_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (source, to) = (folder.path().join("embsec.db"), folder.path().join("copy"));
    let connection = own_database(&source, 500);
    // What an earlier run that was killed left, and keys in free pages.
    std::fs::write(folder.path().join("copy.with-keys"), "left").unwrap();
    connection
        .execute_batch("PRAGMA secure_delete = OFF")
        .unwrap();
    add_key(&connection, 5, "project:31", "retired");
    connection
        .execute_batch("DELETE FROM data_keys WHERE key_id = 'key5'; ANALYZE")
        .unwrap();
    let copy = copy_file(&source, &to, true, &unwatched()).unwrap();
    let bytes = std::fs::read(&to).unwrap();
    assert_eq!(places(&bytes, WRAPPED), 0);
    assert!(places(&bytes, "docs") > 0);
    let of_source = ["embsec.db", "embsec.db-wal"]
        .map(|name| places(&std::fs::read(folder.path().join(name)).unwrap(), WRAPPED));
    assert!(of_source.iter().sum::<usize>() > 4, "{of_source:?}");
    let found: Vec<(&str, KeyState, u64)> = copy
        .data_keys
        .iter()
        .map(|record| (record.key.id.0.as_str(), record.key.state, record.messages))
        .collect();
    assert_eq!(
        found,
        [
            ("key1", KeyState::Active, 7),
            ("key2", KeyState::DecryptOnly, 14),
            ("key3", KeyState::Active, 21),
            ("key4", KeyState::Active, 28)
        ]
    );
    assert_eq!(copy.data_keys[0].key.scope, KeyScope::System);
    assert_eq!(
        copy.data_keys[3].destroy_after.unwrap().as_millisecond(),
        9_000
    );
    assert!(copy.data_keys[1].key.wrapped.starts_with("wRaPpEdKeY2A"));
    let count = |table: &str| {
        let mut counts = copy.facts.row_counts.iter();
        counts
            .find(|(name, _)| name == table)
            .map(|(_, count)| *count)
    };
    assert_eq!(count("embeddings"), Some(500));
    assert_eq!(
        [count("data_keys"), count("leases"), count("processes")],
        [Some(0); 3]
    );
    assert_eq!(count("sqlite_sequence"), None);
    assert_eq!(copy.facts.embsec_schema, Some(5));
    assert_eq!(copy.facts.size_bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(
        names(&folder),
        ["copy", "embsec.db", "embsec.db-shm", "embsec.db-wal"]
    );
    // The source has lost nothing.
    let keys: i64 = connection
        .query_row("SELECT count(*) FROM data_keys", [], |row| row.get(0))
        .unwrap();
    assert_eq!(keys, 4);
}

#[test]
fn a_first_copy_holds_no_key_any_more_when_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (source, first) = (folder.path().join("embsec.db"), folder.path().join("first"));
    drop(own_database(&source, 50));
    NewFile::empty(&first).unwrap();
    copy_state(&source, &first, true, &unwatched()).unwrap();
    assert!(places(&std::fs::read(&first).unwrap(), WRAPPED) > 0);
    let connection = whole::open_own(&first, true).unwrap();
    assert_eq!(keys::take_out(&connection, &first).unwrap().len(), 4);
    drop(connection);
    assert_eq!(places(&std::fs::read(&first).unwrap(), WRAPPED), 0);
    assert_eq!(names(&folder), ["embsec.db", "first"]);
}

#[test]
fn a_copy_beside_a_live_writer_is_one_state() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("proxy.db");
    let writer = llm_proxy::sqlite(&source, 300, 900);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let writing = std::thread::spawn({
        let (stop, written) = (Arc::clone(&stop), Arc::clone(&written));
        move || {
            // Both change in one transaction, so that every state has equal numbers.
            while !stop.load(Ordering::SeqCst) {
                writer
                    .execute_batch(
                        "BEGIN; UPDATE projects SET name = name || '.' WHERE id = 'p1'; \
                         UPDATE projects SET name = name || '.' WHERE id = 'p300'; COMMIT;",
                    )
                    .unwrap();
                written.fetch_add(1, Ordering::SeqCst);
            }
            writer
        }
    });
    while written.load(Ordering::SeqCst) < 5 {
        std::thread::yield_now();
    }
    for number in 0..5 {
        let to = folder.path().join(format!("copy{number}"));
        let copy = copy_file(&source, &to, false, &unwatched()).unwrap();
        let equal: bool = Connection::open(&to)
            .unwrap()
            .query_row(
                "SELECT (SELECT length(name) - length('Project 1') FROM projects WHERE id = 'p1') \
                 = (SELECT length(name) - length('Project 300') FROM projects WHERE id = 'p300')",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert!(equal);
        let counts = [("audit_events", 0), ("projects", 300), ("tokens", 900)];
        assert_eq!(
            copy.facts.row_counts,
            counts.map(|(name, count)| (name.to_owned(), count))
        );
        assert!(copy.data_keys.is_empty() && copy.facts.searches.is_empty());
        assert_eq!(copy.facts.embsec_schema, None);
    }
    stop.store(true, Ordering::SeqCst);
    drop(writing.join().unwrap());
}

#[test]
fn a_file_of_another_program_that_nobody_has_open_is_left_without_a_trace() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = folder.path().join("proxy.db");
    drop(llm_proxy::sqlite(&source, 30, 90));
    let before = std::fs::read(&source).unwrap();
    let to = out.path().join("copy");
    copy_file(&source, &to, false, &unwatched()).unwrap();
    assert_eq!(names(&folder), ["proxy.db"]);
    assert_eq!(std::fs::read(&source).unwrap(), before);
    assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // A log without its index: somebody was killed, and reading it would make a file.
    let connection = Connection::open(&source).unwrap();
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    connection.execute("DELETE FROM tokens", []).unwrap();
    drop(connection);
    std::fs::remove_file(folder.path().join("proxy.db-shm")).unwrap();
    let again = copy_file(&source, &out.path().join("b"), false, &unwatched());
    assert!(
        matches!(again, Err(DumpError::Open(OpenError::NotClosed(_)))),
        "{again:?}"
    );
    assert_eq!(names(&out), ["copy"]);
}

#[test]
fn what_is_damaged_or_no_database_or_not_there_is_told_apart_and_leaves_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("proxy.db");
    let connection = llm_proxy::sqlite(&source, 400, 4000);
    connection
        .execute_batch("PRAGMA journal_mode = DELETE")
        .unwrap_or_default();
    drop(connection);
    let sound = std::fs::read(&source).unwrap();
    let to = folder.path().join("copy");
    let expected = copy_file(&source, &to, false, &unwatched())
        .unwrap()
        .facts
        .row_counts;
    let mut copies = 0;
    for page in 1..sound.len() / 4096 {
        let mut bytes = sound.clone();
        bytes[page * 4096..][..100].fill(0xa5);
        std::fs::write(&source, &bytes).unwrap();
        std::fs::remove_file(&to).unwrap_or_default();
        match copy_file(&source, &to, false, &unwatched()) {
            Err(error) => {
                let is_damage = matches!(error, DumpError::Sqlite(SqliteFault::Damaged(_)));
                assert!(is_damage && !to.exists(), "page {page}: {error:?}");
            }
            // The index of an empty table is made anew without a look at the old one.
            Ok(copy) => {
                assert_eq!(copy.facts.row_counts, expected, "page {page}");
                copies += 1;
            }
        }
    }
    assert!(copies <= 1, "{copies}");
    std::fs::remove_file(&to).unwrap_or_default();
    let copy = |bytes: &[u8], own: bool| {
        std::fs::write(&source, bytes).unwrap();
        let done = copy_file(&source, &to, own, &unwatched());
        assert!(!to.exists());
        done.unwrap_err()
    };
    let cut = copy(&sound[..sound.len() / 2], false);
    assert!(
        matches!(cut, DumpError::Sqlite(SqliteFault::Damaged(_))),
        "{cut:?}"
    );
    let text = copy(b"no database, but long enough for a header of one", false);
    assert!(
        matches!(text, DumpError::Open(OpenError::NotADatabase(_))),
        "{text:?}"
    );
    let empty = copy(b"", false);
    assert!(
        matches!(empty, DumpError::Open(OpenError::Empty(_))),
        "{empty:?}"
    );
    let foreign = copy(&sound, true);
    assert!(matches!(foreign, DumpError::Foreign(_)), "{foreign:?}");
    std::fs::remove_file(&source).unwrap();
    let missing = copy_file(&source, &to, false, &unwatched());
    assert!(matches!(
        missing,
        Err(DumpError::Open(OpenError::NoSuchDatabase(_)))
    ));
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn a_file_that_another_process_has_locked_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.db");
    let connection = Connection::open(&source).unwrap();
    connection
        .execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE")
        .unwrap();
    let copy = copy_file(&source, &folder.path().join("copy"), false, &unwatched());
    assert!(
        matches!(copy, Err(DumpError::Sqlite(SqliteFault::InUse(_)))),
        "{copy:?}"
    );
}

#[test]
fn a_copy_tells_how_far_it_is_and_stops_when_it_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("embsec.db");
    drop(own_database(&source, 20_000));
    let heard = Arc::new(AtomicU64::new(0));
    let watch: Watch = Arc::new({
        let heard = Arc::clone(&heard);
        move |bytes| {
            heard.fetch_max(bytes, Ordering::SeqCst);
            true
        }
    });
    let copy = copy_file(&source, &folder.path().join("a"), true, &watch).unwrap();
    assert!(heard.load(Ordering::SeqCst) > copy.facts.size_bytes / 2);
    let stops_at_half = copy.facts.size_bytes / 2;
    for watch in [
        Arc::new(|_| false) as Watch,
        Arc::new(move |bytes| bytes < stops_at_half),
    ] {
        let stopped = copy_file(&source, &folder.path().join("b"), true, &watch);
        assert!(
            matches!(stopped, Err(DumpError::Sqlite(SqliteFault::Stopped))),
            "{stopped:?}"
        );
        assert_eq!(names(&folder), ["a", "embsec.db"]);
    }
}

#[test]
fn a_copy_without_room_is_refused_before_it_begins_and_a_full_disk_is_told() {
    let (folder, small) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = folder.path().join("embsec.db");
    drop(own_database(&source, 20_000));
    // Only root can make a small disk; for others `whole::tests` holds what a full one is called.
    let Some(_mounted) = SmallDisk::mount(small.path()) else {
        return;
    };
    let to = small.path().join("copy");
    let refused = copy_file(&source, &to, true, &unwatched()).unwrap_err();
    let DumpError::NoRoom {
        needed_bytes,
        free_bytes,
        ..
    } = &refused
    else {
        panic!("{refused:?}");
    };
    let missing = format!("and {} are missing", needed_bytes - free_bytes);
    assert!(refused.to_string().ends_with(&missing), "{refused}");
    NewFile::empty(&to).unwrap();
    let full = vacuum_into(&shared(&source).unwrap(), &source, &to, &unwatched());
    let is_full =
        matches!(&full, Err(DumpError::Sqlite(SqliteFault::DiskFull(path))) if *path == to);
    assert!(is_full, "{full:?}");
}

/// A file system of 2 MiB in memory.
pub(in crate::target) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(in crate::target) fn mount(folder: &Path) -> Option<Self> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder)
            .output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        is_mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _output = std::process::Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_search_is_recorded_for_each_of_the_first_projects_with_the_nearest_rows_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("embsec.db");
    let connection = own_database(&source, 100);
    // Two that are equal to the first row of the project: the lower key comes first. And one of
    // another dimension, and one without a direction.
    connection
        .execute_batch(
            "UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE embedding_id = 1) \
             WHERE embedding_id IN (51, 13); \
             UPDATE embeddings SET vector = zeroblob(16) WHERE embedding_id = 3",
        )
        .unwrap();
    drop(connection);
    let copy = copy_file(&source, &folder.path().join("copy"), true, &unwatched()).unwrap();
    let [first, second] = copy.facts.searches.as_slice() else {
        panic!("{:?}", copy.facts.searches);
    };
    assert_eq!((first.key.as_str(), first.looked_at), ("1", 40));
    assert_eq!(first.nearest.len(), 10);
    assert_eq!(first.nearest[..2], ["13", "51"]);
    assert!(first.nearest.iter().all(|key| key != "1" && key != "3"));
    assert_eq!((second.key.as_str(), second.looked_at), ("2", 40));
    let names = [
        &first.schema,
        &first.table,
        &first.key_column,
        &first.vector_column,
    ];
    assert_eq!(names, ["main", "embeddings", "embedding_id", "vector"]);
}
