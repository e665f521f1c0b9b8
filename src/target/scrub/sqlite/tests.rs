//! Plaintexts are looked for in the raw bytes of every file of the database.

use super::*;
use std::cell::Cell;
use tempfile::TempDir;

const ROWS: u32 = 2000;

struct World {
    folder: TempDir,
}

impl World {
    /// A database with old values in free pages, in its log or journal, and in the samples of the
    /// planner.
    fn new(journal_mode: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let connection = world.connect();
        run(&connection, "PRAGMA secure_delete = OFF").unwrap();
        let mode = format!("PRAGMA journal_mode = {journal_mode}");
        let mut statement = connection.prepare(&mode).unwrap();
        let _mode: String = statement.query_row([], |row| row.get(0)).unwrap();
        drop(statement);
        connection
            .execute_batch(
                "CREATE TABLE tokens (id TEXT PRIMARY KEY, token TEXT UNIQUE, body TEXT); BEGIN",
            )
            .unwrap();
        for number in 0..ROWS {
            let values = [
                format!("id-{number}"),
                secret(number),
                format!("{}{}", secret(number), "x".repeat(300)),
            ];
            connection
                .execute("INSERT INTO tokens VALUES ($1, $2, $3)", values)
                .unwrap();
        }
        connection.execute_batch("COMMIT; ANALYZE").unwrap();
        connection
            .execute_batch("UPDATE tokens SET token = id || 'hashed', body = 'sealed'")
            .unwrap();
        world
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("proxy.db")
    }

    fn connect(&self) -> Connection {
        let connection = Connection::open(self.database()).unwrap();
        // Keeps what is in the log there, as a process that was killed does.
        connection
            .set_db_config(
                rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                true,
            )
            .unwrap();
        connection
    }

    fn scrub(&self) -> Result<Scrubbed, ScrubError> {
        self.scrub_heard(&|_| {})
    }

    fn scrub_heard(&self, begins: &dyn Fn(&ScrubNeeds)) -> Result<Scrubbed, ScrubError> {
        scrub(&self.database(), self.folder.path(), &["Tokens"], begins)
    }

    /// In how many places of the files a plaintext is.
    fn found(&self) -> usize {
        let mut found = 0;
        for entry in self.folder.path().read_dir().unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            found += bytes.windows(7).filter(|part| part == b"sk-SeCr").count();
        }
        found
    }

    fn check(&self) {
        let connection = self.connect();
        let (count, healthy): (u32, String) = connection
            .query_row(
                "SELECT count(*), (SELECT integrity_check FROM pragma_integrity_check) \
                 FROM tokens WHERE token = id || 'hashed' AND body = 'sealed'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!((count, healthy.as_str()), (ROWS, "ok"));
    }
}

fn secret(number: u32) -> String {
    format!("sk-SeCrEt-{number:016}")
}

fn journal_mode(connection: &Connection) -> String {
    connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn no_old_value_is_in_any_file_afterwards() {
    for mode in ["WAL", "DELETE", "PERSIST", "TRUNCATE"] {
        let world = World::new(mode);
        assert!(world.found() > 1000, "{mode}: {}", world.found());
        let outcome = world.scrub().unwrap();
        let Scrubbed::Done {
            before_bytes,
            after_bytes,
        } = outcome
        else {
            panic!("{mode}: {outcome:?}");
        };
        assert!(after_bytes < before_bytes || mode == "WAL", "{mode}");
        assert_eq!(world.found(), 0, "{mode}");
        world.check();
        let is_wal = journal_mode(&world.connect()) == "wal";
        assert_eq!(is_wal, mode == "WAL", "{mode}");
        assert!(matches!(world.scrub().unwrap(), Scrubbed::Done { .. }));
    }
}

#[test]
fn samples_of_the_planner_hold_old_values_and_are_forgotten() {
    let world = World::new("DELETE");
    let connection = world.connect();
    connection.execute_batch("VACUUM").unwrap();
    drop(connection);
    assert!(world.found() > 0, "the samples hold none");
    world.scrub().unwrap();
    assert_eq!(world.found(), 0);
}

#[test]
fn a_database_that_another_connection_has_open_is_left_as_it_is() {
    for (mode, use_it) in [
        ("WAL", "SELECT count(*) FROM tokens"),
        ("WAL", "BEGIN IMMEDIATE"),
        ("DELETE", "BEGIN IMMEDIATE"),
    ] {
        let world = World::new(mode);
        let other = world.connect();
        let mut statement = other.prepare(use_it).unwrap();
        let mut rows = statement.query([]).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        drop(statement);
        let before = world.found();
        let begun = Cell::new(0);
        let begins = |needs: &ScrubNeeds| begun.set(needs.database_bytes);
        let outcome = world.scrub_heard(&begins).unwrap();
        assert_eq!(outcome, Scrubbed::InUse, "{mode} {use_it}");
        assert_eq!(begun.get(), 0, "nothing begins");
        assert_eq!(world.found(), before);
        drop(other);
        let outcome = world.scrub_heard(&begins).unwrap();
        assert!(matches!(outcome, Scrubbed::Done { .. }));
        assert!(begun.get() > 0, "it is said what it takes");
        assert_eq!(world.found(), 0);
    }
}

#[test]
fn an_idle_connection_outside_of_wal_reads_on_after_the_rewrite() {
    let world = World::new("DELETE");
    let other = world.connect();
    let count = |connection: &Connection| -> u32 {
        connection
            .query_row("SELECT count(*) FROM tokens", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(&other), ROWS);
    assert!(matches!(world.scrub().unwrap(), Scrubbed::Done { .. }));
    assert_eq!(count(&other), ROWS);
    assert_eq!(world.found(), 0);
}

#[test]
fn what_it_takes_is_said_beforehand_and_leaves_nothing() {
    let world = World::new("WAL");
    let needs = needs(&world.database(), world.folder.path()).unwrap();
    let file = size(&world.database()).unwrap().unwrap();
    let log = size(&beside(&world.database(), "-wal")).unwrap().unwrap();
    assert!(log > 0);
    assert_eq!(needs.database_bytes, file + log);
    let [room] = &needs.room[..] else {
        panic!("{needs:?}");
    };
    assert!(room.needed_bytes > 2 * (file + log));
    assert!(needs.about > Duration::ZERO);
    assert_eq!(needs.lacking(), None);
    let lacking = Room {
        free_bytes: room.needed_bytes - 1,
        ..room.clone()
    };
    let short = ScrubNeeds {
        room: vec![lacking.clone()],
        ..needs
    };
    assert_eq!(short.lacking(), Some(&lacking));
    let names = world.folder.path().read_dir().unwrap();
    assert!(names.into_iter().all(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().starts_with("proxy.db")
    }));
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing.db");
    assert!(scrub(&path, folder.path(), &[], &|_| {}).is_err());
    assert!(!path.exists());
}
