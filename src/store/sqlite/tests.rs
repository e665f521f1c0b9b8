//! The contract on SQLite, and what only this engine has: the file, its modes, its pragmas, its
//! plans.

use super::{
    OpenError, Sharing, SourceRules, SqliteOptions, SqliteReader, SqliteStore, Synchronous,
};
use super::{embeddings, projects, users};
use crate::domain::audit::{AuditMark, Change};
use crate::domain::ids::ProjectId;
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::record::Table;
use crate::domain::user::KeyDigest;
use crate::store::rotation::RotationStore as _;
use crate::store::transfer::RecordReader as _;
use crate::store::{
    DeletionStore as _, HookError, KeyStore as _, Remains, Store, StoreError, UserStore as _,
    Witness,
};
use jiff::Timestamp;
use sqlx::Row as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const CREATE: SqliteOptions = SqliteOptions {
    synchronous: Synchronous::Full,
    readers: 2,
    create: true,
};

/// A store on a file of its own, which goes with it.
struct Opened {
    store: SqliteStore,
    folder: TempDir,
}

impl Opened {
    fn store(&self) -> &dyn Store {
        &self.store
    }
}

async fn fresh() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("embsec.db"), CREATE)
        .await
        .unwrap();
    Opened { store, folder }
}

mod contract {
    crate::store::contract::run_contract!(super::super::fresh);
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

async fn add_key(store: &SqliteStore, key: &str) {
    let digest = KeyDigest(key.to_owned());
    store.add_admin_key(&digest, NOW).await.unwrap();
}

#[tokio::test]
async fn a_store_that_only_looks_cannot_write_and_makes_nothing() {
    let Opened { store, folder } = fresh().await;
    add_key(&store, "one").await;
    store.close().await.unwrap();
    // A file that nobody has open.
    let (opened, folder) = (folder, tempfile::tempdir().unwrap());
    let path = folder.path().join("embsec.db");
    std::fs::copy(opened.path().join("embsec.db"), &path).unwrap();
    let names = || {
        let names = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (before, bytes) = (names(), std::fs::read(&path).unwrap());
    assert_eq!(before, ["embsec.db"]);
    let looking = SqliteStore::open_to_read(&path, Sharing::Nobody)
        .await
        .unwrap();
    assert!(looking.project_sealings().await.unwrap().is_empty());
    let digest = KeyDigest("two".to_owned());
    assert!(looking.add_admin_key(&digest, NOW).await.is_err());
    drop(looking);
    assert_eq!(names(), before);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    // Beside somebody who has it open, what is only in the log is seen.
    let store = SqliteStore::open(&path, CREATE).await.unwrap();
    add_key(&store, "three").await;
    let looking = SqliteStore::open_to_read(&path, Sharing::Anybody)
        .await
        .unwrap();
    assert_eq!(looking.count_admin_keys(NOW).await.unwrap(), 2);
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[tokio::test]
async fn a_missing_file_is_refused_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embsec.db");
    let options = SqliteOptions {
        create: false,
        ..CREATE
    };
    let error = SqliteStore::open(&path, options).await.unwrap_err();
    assert!(matches!(error, OpenError::NoSuchDatabase(_)), "{error:?}");
    assert!(error.to_string().starts_with("no such database"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    let opened = fresh().await;
    add_key(&opened.store, "one").await;
    for suffix in ["", "-wal", "-shm"] {
        let file = beside(opened.store.path(), suffix);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix:?}");
    }
}

#[tokio::test]
async fn every_commit_is_synced_unless_the_options_say_otherwise() {
    let opened = fresh().await;
    assert_eq!(opened.store.writer_synchronous().await.unwrap(), 2);
    let options = SqliteOptions {
        synchronous: Synchronous::Normal,
        create: false,
        ..CREATE
    };
    let relaxed = SqliteStore::open(opened.store.path(), options)
        .await
        .unwrap();
    assert_eq!(relaxed.writer_synchronous().await.unwrap(), 1);
    assert_eq!(SqliteOptions::default().synchronous, Synchronous::Full);
}

#[tokio::test]
async fn connections_are_hardened() {
    let opened = fresh().await;
    let mut reader = opened.store.reader().await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA secure_delete", "1"),
        ("PRAGMA trusted_schema", "0"),
        ("PRAGMA temp_store", "2"),
        ("PRAGMA busy_timeout", "5000"),
        ("PRAGMA journal_mode", "wal"),
    ] {
        let row = sqlx::query(pragma)
            .fetch_one(opened.store.writer())
            .await
            .unwrap();
        let value = match row.try_get::<i64, _>(0) {
            Ok(number) => number.to_string(),
            Err(_) => row.get::<String, _>(0),
        };
        assert_eq!(value, expected, "{pragma}");
    }
    let query_only: i64 = sqlx::query_scalar("PRAGMA query_only")
        .fetch_one(&mut *reader)
        .await
        .unwrap();
    assert_eq!(query_only, 1);
    let write = sqlx::query("DELETE FROM users").execute(&mut *reader).await;
    assert!(write.is_err());
}

#[tokio::test]
async fn what_is_deleted_leaves_no_bytes_behind() {
    let opened = fresh().await;
    let secret = "enc:v2:abcdefghijklmnop:a-value-to-look-for";
    let insert = "INSERT INTO data_keys (key_id, scope, wrapped, master_id, state, created_at) \
                  VALUES ('k', 'project:1', $1, 'm', 'retired', 0)";
    for sql in [insert, "DELETE FROM data_keys WHERE wrapped = $1"] {
        sqlx::query(sql)
            .bind(secret)
            .execute(opened.store.writer())
            .await
            .unwrap();
    }
    opened.store.close().await.unwrap();
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(beside(opened.store.path(), suffix)).unwrap_or_default();
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{suffix:?}");
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_kill() {
    let opened = fresh().await;
    add_key(&opened.store, "one").await;
    // What a killed process leaves is the file and the log as they stand; the index of the log is
    // rebuilt from it.
    let left = opened.folder.path().join("left.db");
    std::fs::copy(opened.store.path(), &left).unwrap();
    let log = beside(opened.store.path(), "-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    std::fs::copy(log, beside(&left, "-wal")).unwrap();
    let store = SqliteStore::open(&left, CREATE).await.unwrap();
    assert_eq!(store.count_admin_keys(NOW).await.unwrap(), 1);
}

#[tokio::test]
async fn closing_leaves_everything_in_one_file() {
    let opened = fresh().await;
    add_key(&opened.store, "one").await;
    opened.store.close().await.unwrap();
    let log = beside(opened.store.path(), "-wal");
    assert_eq!(std::fs::metadata(log).map_or(0, |data| data.len()), 0);
    let digest = KeyDigest("two".to_owned());
    let error = opened.store.add_admin_key(&digest, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_database_that_another_process_writes_to_is_unavailable() {
    let opened = fresh().await;
    let other = SqliteStore::open(opened.store.path(), CREATE)
        .await
        .unwrap();
    sqlx::query("PRAGMA busy_timeout = 20")
        .execute(opened.store.writer())
        .await
        .unwrap();
    let theirs = other.write().await.unwrap();
    let digest = KeyDigest("one".to_owned());
    let error = opened.store.add_admin_key(&digest, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // Reading goes on meanwhile.
    assert_eq!(opened.store.count_admin_keys(NOW).await.unwrap(), 0);
    // A transaction that is dropped holds nothing.
    drop(theirs);
    add_key(&other, "two").await;
    add_key(&opened.store, "one").await;
    assert_eq!(other.count_admin_keys(NOW).await.unwrap(), 2);
}

#[tokio::test]
async fn readers_beyond_the_number_of_connections_wait_their_turn() {
    let opened = fresh().await;
    let count = || opened.store.count_admin_keys(NOW);
    let counts = tokio::join!(count(), count(), count(), count(), count());
    for count in [counts.0, counts.1, counts.2, counts.3, counts.4] {
        assert_eq!(count.unwrap(), 0);
    }
    // A reader whose future is dropped half-way gives its connection back.
    for _ in 0..20 {
        drop(tokio::time::timeout(std::time::Duration::ZERO, count()).await);
    }
    assert_eq!(count().await.unwrap(), 0);
}

#[tokio::test]
async fn statements_of_every_request_go_by_an_index() {
    let opened = fresh().await;
    let mut reader = opened.store.reader().await.unwrap();
    for sql in [
        users::KEY_OWNER,
        projects::ROLE,
        projects::CONTEXT_TO_READ,
        projects::CONTEXT_TO_WRITE,
        embeddings::ONE,
        embeddings::ONE_VECTOR,
        embeddings::LIST,
        embeddings::SCAN,
        embeddings::SINCE,
    ] {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan = sqlx::query(explain).fetch_all(&mut *reader).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(
            !steps.iter().any(|step| step.starts_with("SCAN")),
            "{sql}\n{steps:#?}"
        );
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        // Only what changed since a revision is found in another order than the one asked for.
        assert_eq!(sorts, sql == embeddings::SINCE, "{sql}\n{steps:#?}");
    }
}

#[tokio::test]
async fn a_key_that_has_sealed_enough_is_refused() {
    let opened = fresh().await;
    let run = async |sql| {
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::query(sql)
            .execute(opened.store.writer())
            .await
            .unwrap();
    };
    crate::store::contract::content::a_key_that_has_sealed_enough_is_refused(&opened.store, run)
        .await;
}

/// How often a text is in the files of a database.
fn occurrences(path: &Path, text: &str) -> usize {
    ["", "-wal"]
        .into_iter()
        .filter_map(|suffix| std::fs::read(beside(path, suffix)).ok())
        .map(|bytes| {
            let windows = bytes.windows(text.len());
            windows.filter(|window| *window == text.as_bytes()).count()
        })
        .sum()
}

#[tokio::test]
async fn a_destroyed_key_is_in_no_byte_of_the_files() {
    const WRAPPED: &str = "the-wrapped-key-of-a-project";
    let opened = fresh().await;
    let store = &opened.store;
    let key = |id: &str, project| WrappedDataKey {
        id: KeyId(id.to_owned()),
        scope: KeyScope::Project(ProjectId(project)),
        wrapped: format!("{WRAPPED} {id}"),
        master_id: KeyId("master".to_owned()),
        state: KeyState::Active,
    };
    for id in 1..40 {
        let key = key(&format!("key-{id}"), id);
        store.insert_data_key(&key, NOW).await.unwrap();
    }
    const DOOM: &str = "UPDATE data_keys SET destroy_after = 0 WHERE scope <> 'project:7'";
    sqlx::query(DOOM).execute(store.writer()).await.unwrap();
    assert!(occurrences(store.path(), WRAPPED) >= 39);
    let gone = store.destroy_orphaned_keys(NOW, &Silent).await.unwrap();
    assert_eq!(gone.len(), 38);
    // A reader of an older state keeps the log from being emptied.
    let mut reader = store.reader().await.unwrap();
    let mut snapshot = reader.snapshot().await.unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM data_keys")
        .fetch_one(&mut *snapshot)
        .await
        .unwrap();
    assert_eq!(seen, 1);
    store.insert_data_key(&key("later", 50), NOW).await.unwrap();
    assert_eq!(store.scrub_deleted().await.unwrap(), Remains::InTheLog);
    drop(snapshot);
    drop(reader);
    assert_eq!(store.scrub_deleted().await.unwrap(), Remains::Gone);
    assert_eq!(occurrences(store.path(), WRAPPED), 2);
}

/// Takes every event.
struct Silent;

#[async_trait::async_trait]
impl Witness for Silent {
    async fn record(&self, _change: Change) -> Result<AuditMark, HookError> {
        Ok(AuditMark {
            stream: "test-0".to_owned(),
            seq: 1,
        })
    }

    async fn undone(&self, _mark: AuditMark) {}

    fn detach(&self) -> Arc<dyn Witness> {
        Arc::new(Self)
    }
}

#[tokio::test]
async fn what_is_out_of_service_does_not_travel() {
    const ROWS: &str = "\
        INSERT INTO users (user_id, handle, email, state, created_at, updated_at) \
        VALUES (5, 'alice', 'a@example.org', 'active', 0, 0); \
        INSERT INTO instances (instance_id, owner_id, handle, created_at, updated_at, deleted_at) \
        VALUES (1, 5, 'mini', 0, 0, NULL), (2, 1, '~00000000000000000002', 0, 0, 1); \
        INSERT INTO projects (project_id, owner_id, handle, public_read, instance_id, created_at, \
            updated_at, deleted_at, deleted_handle) \
        VALUES (1, 5, 'docs', 0, 1, 0, 0, NULL, NULL), \
            (2, 5, '~00000000000000000002', 0, 2, 0, 0, 1, 'cats'); \
        INSERT INTO project_shares (project_id, user_id, role, created_at, updated_at) \
        VALUES (1, 5, 'reader', 0, 0), (2, 5, 'reader', 0, 0); \
        INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, \
            vector, text, created_at, updated_at) \
        VALUES (1, 1, 'aaa', 1, 1, x'0000', NULL, 0, 0), \
            (2, 2, 'bbb', 1, 1, x'0000', CAST(x'00' AS TEXT), 0, 0)";
    let opened = fresh().await;
    sqlx::raw_sql(ROWS)
        .execute(opened.store.writer())
        .await
        .unwrap();
    let rules = SourceRules {
        refuse_zero_bytes: true,
        ..SourceRules::default()
    };
    let mut reader = SqliteReader::open(opened.store.path(), |_, _| None, rules)
        .await
        .unwrap();
    assert_eq!(reader.survey().await.unwrap().open(), 0);
    for table in [
        Table::Instances,
        Table::Projects,
        Table::ProjectShares,
        Table::Embeddings,
    ] {
        let page = reader.page(table, None, 10).await.unwrap();
        assert_eq!(page.len(), 1, "{table}: {page:?}");
    }
}
