//! Files that come back from a backup whole, or not at all.

use super::*;
use crate::domain::access::ObjectPath;
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::Handle;
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope};
use crate::target::contract::llm_proxy;
use crate::target::dump::sqlite::tests::{SmallDisk, id, own_database, unwatched};
use crate::target::dump::sqlite::{SqliteCopy, copy_file};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tempfile::TempDir;

const NOW: i64 = 5_000_000;
const PART: &str = "restored.db.restoring-20261128T182417Z-az27a7";

/// A copy of a database, and a place to restore it to.
struct World {
    folder: TempDir,
    copy: SqliteCopy,
    bytes: Vec<u8>,
}

impl World {
    fn new(own: bool) -> Self {
        let made = tempfile::tempdir().unwrap();
        let (source, to) = (made.path().join("a.db"), made.path().join("copy"));
        if own {
            drop(own_database(&source, 300));
        } else {
            drop(llm_proxy::sqlite(&source, 50, 200));
        }
        let copy = copy_file(&source, &to, own, &unwatched()).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            bytes: std::fs::read(&to).unwrap(),
            copy,
        }
    }

    fn to(&self) -> PathBuf {
        self.folder.path().join("restored.db")
    }

    fn begin(&self) -> LoadResult<SqliteLoad> {
        SqliteLoad::begin(&self.to(), &id(), self.copy.facts.clone())
    }

    fn restore(&self, bytes: &[u8], own: Option<&OwnKeys<'_>>) -> LoadResult<Loaded> {
        let mut load = self.begin()?;
        for block in bytes.chunks(10_000) {
            load.write(block)?;
        }
        load.finish(own, &unwatched())
    }

    fn names(&self) -> BTreeSet<String> {
        let entries = self.folder.path().read_dir().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn connect(&self) -> Connection {
        Connection::open(self.to()).unwrap()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let connection = self.connect();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

fn own_keys<'a>(keys: &'a [DataKeyRecord], destroyed: &'a [DestroyedKey]) -> OwnKeys<'a> {
    OwnKeys {
        keys,
        destroyed,
        now: Timestamp::from_millisecond(NOW).unwrap(),
    }
}

fn destroyed(number: i64, scope: &str, path: Option<(&str, &str)>) -> DestroyedKey {
    DestroyedKey {
        id: KeyId(format!("key{number}")),
        scope: KeyScope::parse(scope).unwrap(),
        project: path.map(|(owner, handle)| ObjectPath {
            owner: Handle::parse(owner).unwrap(),
            handle: Handle::parse(handle).unwrap(),
        }),
        destroyed_at: Timestamp::from_millisecond(4_000).unwrap(),
    }
}

#[test]
fn a_file_of_another_program_comes_back_byte_for_byte() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(false);
    // An empty file is nobody's data, and what a killed run left goes.
    std::fs::write(world.to(), "").unwrap();
    std::fs::write(world.folder.path().join("restored.db.restoring-x"), "left").unwrap();
    std::fs::write(world.folder.path().join("other.db.restoring-x"), "not ours").unwrap();
    let loaded = world.restore(&world.bytes, None).unwrap();
    assert_eq!(
        (loaded.broken_references, loaded.destroyed_projects.len()),
        (0, 0)
    );
    assert_eq!(std::fs::read(world.to()).unwrap(), world.bytes);
    assert_eq!(
        world.to().metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let names = ["other.db.restoring-x", "restored.db"].map(str::to_owned);
    assert_eq!(world.names(), BTreeSet::from(names));
}

#[test]
fn embsecs_own_database_comes_back_with_its_keys_and_finds_the_same() {
    let world = World::new(true);
    let keys = own_keys(&world.copy.data_keys, &[]);
    world.restore(&world.bytes, Some(&keys)).unwrap();
    let found =
        world.texts("SELECT key_id || scope || state || messages FROM data_keys ORDER BY 1");
    assert_eq!(
        found,
        [
            "key1systemactive7",
            "key2project:30decrypt-only14",
            "key3project:30active21",
            "key4project:31active28"
        ]
    );
    // The same as it was taken out, wrapped key included.
    let (a, b) = (world.folder.path().join("a"), world.to());
    let again = copy_file(&b, &a, true, &unwatched()).unwrap();
    assert_eq!(again.data_keys, world.copy.data_keys);
    assert_eq!(world.copy.facts.searches.len(), 2);
    for search in &world.copy.facts.searches {
        assert_eq!(
            run_search(&world.to(), search).unwrap(),
            SearchOutcome::Same
        );
        let mut other = search.clone();
        other.nearest.swap(0, 1);
        let outcome = run_search(&world.to(), &other).unwrap();
        assert!(
            matches!(outcome, SearchOutcome::Differs { .. }),
            "{outcome:?}"
        );
        "999999".clone_into(&mut other.key);
        assert_eq!(
            run_search(&world.to(), &other).unwrap(),
            SearchOutcome::Gone
        );
        "users".clone_into(&mut other.table);
        assert_eq!(
            run_search(&world.to(), &other).unwrap(),
            SearchOutcome::Unknown
        );
    }
}

#[test]
fn a_project_whose_last_key_is_destroyed_comes_back_out_of_service_for_good() {
    let world = World::new(true);
    let gone = [
        // Of two keys of a project one: it stays.
        destroyed(2, "project:30", None),
        // The only one of the other, whose path only the copy knows.
        destroyed(4, "project:31", None),
        // One of a project that this backup never had.
        destroyed(9, "project:77", Some(("carol", "old"))),
    ];
    let keys = own_keys(&world.copy.data_keys, &gone);
    let loaded = world.restore(&world.bytes, Some(&keys)).unwrap();
    assert_eq!(loaded.destroyed_projects, [ProjectId(31)]);
    assert_eq!(
        world.texts("SELECT key_id FROM data_keys ORDER BY key_id"),
        ["key1", "key3"]
    );
    let path = "coalesce(project_owner || '/' || project_handle, '-')";
    let noted = format!("SELECT key_id || ' ' || {path} FROM destroyed_keys ORDER BY key_id");
    assert_eq!(
        world.texts(&noted),
        ["key2 alice/docs", "key4 alice/notes", "key9 carol/old"]
    );
    let projects = "SELECT substr(handle, 1, 1) || coalesce(deleted_handle, '-') || \
                    coalesce(deleted_at, 0) FROM projects ORDER BY project_id";
    assert_eq!(
        world.texts(projects),
        ["d-0".to_owned(), format!("~-{NOW}")]
    );
    assert_eq!(
        world.texts("SELECT '' || project_id FROM project_shares"),
        ["30"]
    );
    // Its rows are left to be removed, as after a destruction here.
    let rows = world.texts("SELECT '' || count(*) FROM embeddings WHERE project_id = 31");
    assert_eq!(rows, ["150"]);
    // What that restored file is backed up to has the same to say.
    let again = copy_file(
        &world.to(),
        &world.folder.path().join("c"),
        true,
        &unwatched(),
    );
    assert_eq!(again.unwrap().data_keys.len(), 2);
}

#[test]
fn nothing_is_written_over_and_nothing_foreign_is_played_into_the_file() {
    let world = World::new(false);
    for (name, content) in [
        ("restored.db", "data"),
        ("restored.db-wal", "log"),
        ("restored.db-journal", "journal"),
    ] {
        let path = world.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let refused = world.begin().map(drop);
        match &refused {
            Err(LoadError::NotEmpty(found)) => assert_eq!((found, name), (&path, "restored.db")),
            Err(LoadError::LeftOver(found)) => assert_eq!(*found, path),
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        std::fs::remove_file(path).unwrap();
    }
    // One that appeared while the file was restored.
    let mut load = world.begin().unwrap();
    load.write(&world.bytes).unwrap();
    std::fs::write(world.to(), "data").unwrap();
    let late = load.finish(None, &unwatched());
    assert!(matches!(late, Err(LoadError::NotEmpty(_))), "{late:?}");
    assert_eq!(std::fs::read(world.to()).unwrap(), b"data");
    assert_eq!(world.names().len(), 1);
}

#[test]
fn what_is_not_as_the_backup_says_becomes_no_file() {
    let mut world = World::new(false);
    let cut = world.restore(&world.bytes[..world.bytes.len() - 1], None);
    assert!(matches!(cut, Err(LoadError::SizeDiffers { .. })), "{cut:?}");
    let mut longer = world.bytes.clone();
    longer.push(0);
    let longer = world.restore(&longer, None);
    assert!(
        matches!(longer, Err(LoadError::SizeDiffers { .. })),
        "{longer:?}"
    );
    let mut damaged = world.bytes.clone();
    damaged[8192..8292].fill(0xa5);
    let damaged = world.restore(&damaged, None);
    let is_damage = matches!(damaged, Err(LoadError::Sqlite(SqliteFault::Damaged(_))));
    assert!(is_damage, "{damaged:?}");
    let nothing = world.restore(&vec![b'x'; world.bytes.len()], None);
    let is_none = matches!(
        nothing,
        Err(LoadError::Sqlite(SqliteFault::NotADatabase(_)))
    );
    assert!(is_none, "{nothing:?}");
    world.copy.facts.row_counts[1].1 += 1;
    world.copy.facts.row_counts.push(("zebra".to_owned(), 1));
    let rows = world.restore(&world.bytes, None).unwrap_err();
    assert_eq!(
        rows.to_string(),
        "2 tables have other rows than the backup says, projects among them"
    );
    world.copy.facts.page_bytes = 512;
    let pages = world.restore(&world.bytes, None);
    assert!(
        matches!(pages, Err(LoadError::PagesDiffer { .. })),
        "{pages:?}"
    );
    assert!(world.names().is_empty(), "{:?}", world.names());
}

#[test]
fn rows_that_refer_to_nothing_are_told_and_refused_in_embsecs_own_database() {
    let world = World::new(false);
    world.restore(&world.bytes, None).unwrap();
    world
        .connect()
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM projects WHERE id = 'p1'")
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = copy_file(&world.to(), &folder.path().join("c"), false, &unwatched()).unwrap();
    let bytes = std::fs::read(folder.path().join("c")).unwrap();
    let broken = World {
        folder,
        copy,
        bytes,
    };
    assert_eq!(
        broken
            .restore(&broken.bytes, None)
            .unwrap()
            .broken_references,
        4
    );
    let world = World::new(true);
    std::fs::write(world.folder.path().join("x.db"), &world.bytes).unwrap();
    let connection = Connection::open(world.folder.path().join("x.db")).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; UPDATE projects SET owner_id = 99")
        .unwrap();
    drop(connection);
    let bytes = std::fs::read(world.folder.path().join("x.db")).unwrap();
    let refused = world.restore(&bytes, Some(&own_keys(&world.copy.data_keys, &[])));
    assert!(
        matches!(refused, Err(LoadError::BrokenReferences(2))),
        "{refused:?}"
    );
    assert!(!world.to().exists());
}

#[test]
fn a_run_that_ends_leaves_nothing_and_one_that_is_killed_only_a_part_that_the_next_removes() {
    let world = World::new(false);
    let mut load = world.begin().unwrap();
    load.write(&world.bytes[..10_000]).unwrap();
    assert_eq!(world.names(), BTreeSet::from([PART.to_owned()]));
    // Another run is refused as long as this one lives.
    let second = world.begin().map(drop);
    assert!(
        matches!(second, Err(LoadError::InProgress(_))),
        "{second:?}"
    );
    drop(load);
    assert!(world.names().is_empty());
    // A kill runs no code at the end.
    std::fs::write(world.folder.path().join(PART), &world.bytes[..10_000]).unwrap();
    world.restore(&world.bytes, None).unwrap();
    assert_eq!(world.names(), BTreeSet::from(["restored.db".to_owned()]));
    let stopped = World::new(false);
    let mut load = stopped.begin().unwrap();
    load.write(&stopped.bytes).unwrap();
    let stop: Watch = std::sync::Arc::new(|_| false);
    let ended = load.finish(None, &stop);
    // Small files are checked between two questions.
    let is_stopped = matches!(ended, Err(LoadError::Sqlite(SqliteFault::Stopped)));
    assert!(is_stopped != stopped.to().exists(), "{ended:?}");
}

#[test]
fn a_disk_that_is_full_is_told_and_nothing_is_left() {
    let world = World::new(true);
    let small = tempfile::tempdir().unwrap();
    // Only root can make a small disk; for others nothing is shown here.
    let Some(_mounted) = SmallDisk::mount(small.path()) else {
        return;
    };
    let to = small.path().join("restored.db");
    let mut facts = world.copy.facts.clone();
    facts.size_bytes = 3 << 20;
    let refused = SqliteLoad::begin(&to, &id(), facts).map(drop);
    assert!(
        matches!(refused, Err(LoadError::NoRoom { .. })),
        "{refused:?}"
    );
    let mut load = SqliteLoad::begin(&to, &id(), world.copy.facts.clone()).unwrap();
    std::fs::write(small.path().join("filler"), vec![1; 2 << 20]).unwrap_or_default();
    let full = load.write(&world.bytes);
    let is_full = matches!(full, Err(LoadError::Sqlite(SqliteFault::DiskFull(_))));
    assert!(is_full, "{full:?}");
    drop(load);
    assert!(!to.exists());
}
