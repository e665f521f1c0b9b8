//! The swap, beside others who use the file and killed at each step.

use super::*;
use crate::target::dump::sqlite::tests::id;
use rusqlite::config::DbConfig;
use tempfile::TempDir;

/// A database in use and one to take its place: one row tells them apart.
struct Pair {
    folder: TempDir,
    before: String,
}

impl Pair {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("live.db", "WAL"), ("restored.db", "DELETE")] {
            let connection = Connection::open(folder.path().join(name)).unwrap();
            set(&connection, "journal_mode", mode).unwrap();
            connection.execute_batch("CREATE TABLE t (x)").unwrap();
            connection
                .execute("INSERT INTO t VALUES ($1)", [name])
                .unwrap();
        }
        Self {
            folder,
            before: format!("live.db.before-{}", id()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn swap(&self) -> Result<Swapped, SwapError> {
        swap(&self.path("live.db"), &self.path("restored.db"), &id())
    }

    fn holds(&self, name: &str) -> String {
        let connection = Connection::open(self.path(name)).unwrap();
        connection
            .query_row("SELECT max(x) FROM t", [], |row| row.get(0))
            .unwrap()
    }

    fn assert_swapped(&self) {
        assert_eq!(self.holds("live.db"), "restored.db");
        assert_eq!(self.holds(&self.before), "live.db");
        assert!(!self.path("restored.db").exists());
    }
}

#[test]
fn the_restored_file_takes_the_place_and_the_old_one_is_kept_whole() {
    let pair = Pair::new();
    // What is only in the log so far must not be lost with it.
    let connection = Connection::open(pair.path("live.db")).unwrap();
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    connection
        .execute("INSERT INTO t VALUES ('live.db')", [])
        .unwrap();
    drop(connection);
    assert!(size(&pair.path("live.db-wal")) > 0);
    let before = pair.path(&pair.before);
    assert_eq!(
        pair.swap().unwrap(),
        Swapped::Done {
            before: Some(before.clone())
        }
    );
    pair.assert_swapped();
    let count: i64 = Connection::open(&before)
        .unwrap()
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2);
    assert_eq!(pair.swap().unwrap(), Swapped::Already { before });
    pair.assert_swapped();
}

#[test]
fn a_swap_that_was_killed_at_any_step_goes_on() {
    // The second name is there already.
    let pair = Pair::new();
    std::fs::hard_link(pair.path("live.db"), pair.path(&pair.before)).unwrap();
    pair.swap().unwrap();
    pair.assert_swapped();
    // The file that was used is gone: nothing to keep.
    let pair = Pair::new();
    std::fs::remove_file(pair.path("live.db")).unwrap();
    assert_eq!(pair.swap().unwrap(), Swapped::Done { before: None });
    assert_eq!(pair.holds("live.db"), "restored.db");
    let again = pair.swap();
    assert!(
        matches!(again, Err(SwapError::NoSuchDatabase(_))),
        "{again:?}"
    );
}

#[test]
fn a_database_that_somebody_uses_stays() {
    let pair = Pair::new();
    let lock = LockFile::try_exclusive(&pair.path("live.db.lock")).unwrap();
    let held = pair.swap();
    assert!(
        matches!(
            held,
            Err(SwapError::Held {
                holder: Some(_),
                ..
            })
        ),
        "{held:?}"
    );
    drop(lock);
    let reader = Connection::open(pair.path("live.db")).unwrap();
    reader.query_row("SELECT x FROM t", [], |_| Ok(())).unwrap();
    let used = pair.swap();
    let in_use = matches!(used, Err(SwapError::Sqlite(SqliteFault::InUse(_))));
    assert!(in_use, "{used:?}");
    drop(reader);
    assert_eq!(pair.holds("live.db"), "live.db");
    assert!(!pair.path(&pair.before).exists());
    // Another file of that name is not this swap's.
    std::fs::write(pair.path(&pair.before), "mine").unwrap();
    let taken = pair.swap();
    assert!(
        matches!(taken, Err(SwapError::BeforeExists(_))),
        "{taken:?}"
    );
    std::fs::remove_file(pair.path(&pair.before)).unwrap();
    std::fs::write(pair.path("restored.db-wal"), "log").unwrap();
    let left = pair.swap();
    assert!(matches!(left, Err(SwapError::LeftOver(_))), "{left:?}");
}

#[test]
fn a_damaged_database_is_replaced_and_kept_with_its_log() {
    let pair = Pair::new();
    std::fs::write(pair.path("live.db"), "x".repeat(5_000)).unwrap();
    std::fs::write(pair.path("live.db-wal"), "a log").unwrap();
    pair.swap().unwrap();
    assert_eq!(pair.holds("live.db"), "restored.db");
    let log = pair.path(&format!("{}-wal", pair.before));
    assert_eq!(std::fs::read_to_string(log).unwrap(), "a log");
    assert_eq!(size(&pair.path(&pair.before)), 5_000);
}
