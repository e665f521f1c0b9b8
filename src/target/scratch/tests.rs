//! Servers of their own, made from the programs that `scripts/postgres` provides.

mod given;
mod killed;

use super::*;
use crate::domain::backup::Extension;
use crate::store::testing::{psql, required};
use crate::sys::owner::is_running;
use crate::sys::rng::SystemRng;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Instant;
use tempfile::TempDir;

const BOTH: [&str; 2] = ["EMBSEC_TEST_POSTGRES_BIN_16", "EMBSEC_TEST_POSTGRES_BIN_18"];

/// A folder for temporary files that others may enter, as usual.
fn parent() -> TempDir {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
    parent
}

fn needs() -> Needs {
    Needs {
        at_least_major: 15,
        encoding: "UTF8".to_owned(),
        collation: "C".to_owned(),
        ..Needs::default()
    }
}

/// A server from these programs.
fn options(variable: &str, parent: &Path) -> ScratchOptions {
    ScratchOptions {
        places: ServerPlaces {
            bindir: Some(PathBuf::from(required(variable))),
            path: Some("/usr/bin:/bin".into()),
        },
        needs: needs(),
        run_as: None,
        parent: parent.to_path_buf(),
    }
}

async fn start(options: &ScratchOptions) -> Result<ScratchCluster, ScratchError> {
    ScratchCluster::start(options, &SystemRng, &|| false).await
}

async fn refused(options: &ScratchOptions) -> ScratchError {
    let error = start(options).await.unwrap_err();
    assert!(is_empty(&options.parent), "{error}");
    error
}

fn is_empty(folder: &Path) -> bool {
    folder.read_dir().unwrap().next().is_none()
}

fn vector(version: &str) -> Vec<Extension> {
    vec![Extension {
        name: "vector".to_owned(),
        version: version.to_owned(),
    }]
}

fn run(url: &PostgresUrl, sql: &str) -> String {
    psql(url.reveal(), sql)
}

#[tokio::test]
async fn a_server_takes_a_restore_and_leaves_nothing_behind() {
    for variable in BOTH {
        let parent = parent();
        let mut options = options(variable, parent.path());
        options.needs.extensions = vector("0.8.0");
        let begun = Instant::now();
        let mut cluster = start(&options).await.unwrap();
        let url = cluster.create_database("re\"stored").await.unwrap();
        run(
            &url,
            "CREATE EXTENSION vector; CREATE TABLE t (v vector(2))",
        );
        run(&url, "INSERT INTO t VALUES ('[1,2]')");
        assert_eq!(
            run(&url, "SELECT v, current_database() FROM t"),
            "[1,2]|re\"stored"
        );
        for (name, value) in [
            ("listen_addresses", ""),
            ("fsync", "off"),
            ("dynamic_shared_memory_type", "mmap"),
            ("server_encoding", "UTF8"),
        ] {
            assert_eq!(run(&url, &format!("SHOW {name}")), value, "{name}");
        }
        assert!(cluster.ended().is_none() && cluster.keeps_collation());
        let pids = [cluster.server.id(), cluster.server.guard_id().unwrap()];
        assert!(pids.iter().all(|pid| is_running(*pid)));
        cluster.stop().await.unwrap();
        assert!(pids.iter().all(|pid| !is_running(*pid)));
        assert!(is_empty(parent.path()));
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn nobody_but_the_user_of_this_process_gets_in() {
    let parent = parent();
    let cluster = start(&options(BOTH[1], parent.path())).await.unwrap();
    let prepared = RunAs::choose(None, None, [0; 4]).unwrap();
    if prepared.group.is_none() {
        return;
    }
    let url = cluster.url("postgres").unwrap();
    let psql = format!("{}/psql", required(BOTH[1]));
    let attempt = |group: u32| {
        let output = Command::new(&psql)
            .args(["-d", url.reveal(), "-c", "SELECT 1"])
            .env_clear()
            .current_dir("/")
            .gid(group)
            .uid(prepared.account.uid)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    // Another process of the same user does not even reach the socket.
    let told = attempt(prepared.account.gid);
    assert!(told.contains("Permission denied"), "{told}");
    // And if it did, the kernel tells the server that it is somebody else.
    let group = std::os::unix::fs::MetadataExt::gid(&fs::metadata(cluster.folder()).unwrap());
    let told = attempt(group);
    assert!(told.contains("Peer authentication failed"), "{told}");
}

#[tokio::test]
async fn two_servers_live_side_by_side_and_go_with_their_values() {
    let parent = parent();
    let (first, second) = (
        options(BOTH[0], parent.path()),
        options(BOTH[1], parent.path()),
    );
    let (first, second) = tokio::join!(start(&first), start(&second));
    let (first, second) = (first.unwrap(), second.unwrap());
    // Neither takes the other for one that was left behind.
    assert!(first.left_overs().is_empty() && second.left_overs().is_empty());
    assert!(remove_left_overs(parent.path()).is_empty());
    for (cluster, major) in [(&first, "16"), (&second, "18")] {
        let url = cluster.url("postgres").unwrap();
        assert!(run(&url, "SHOW server_version").starts_with(major));
        assert!(cluster.version().starts_with(major));
    }
    let pids = [first.server.id(), second.server.id()];
    drop(first);
    assert!(!is_running(pids[0]) && is_running(pids[1]));
    drop(second);
    assert!(!is_running(pids[1]) && is_empty(parent.path()));
}

#[tokio::test]
async fn what_is_missing_is_found_before_anything_is_made() {
    let parent = parent();
    let mut debian = options("EMBSEC_TEST_POSTGRES_BIN_DEBIAN", parent.path());
    debian.needs.extensions = vector("0.8.5");
    let error = refused(&debian).await;
    assert!(matches!(error, ScratchError::NoExtension { .. }), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("`vector` (0.8.5)") && told.contains("PostgreSQL 15"),
        "{told}"
    );

    let mut wheel = options(BOTH[0], parent.path());
    wheel.needs.extensions = vector("99.0");
    let error = refused(&wheel).await;
    assert!(
        matches!(error, ScratchError::OldExtension { .. }),
        "{error}"
    );

    let mut old = options(BOTH[0], parent.path());
    old.needs.at_least_major = 18;
    let error = refused(&old).await;
    assert!(
        matches!(error, ScratchError::OldServer { needed: 18, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("(16."), "{error}");

    let mut none = options(BOTH[0], parent.path());
    none.places.bindir = Some(PathBuf::from("/nonexistent"));
    let error = refused(&none).await;
    assert!(matches!(error, ScratchError::NoServer { .. }), "{error}");
    assert!(
        error.to_string().contains("restore_test.pg_bindir"),
        "{error}"
    );

    let mut large = options(BOTH[0], parent.path());
    large.needs.bytes = 1 << 60;
    let error = refused(&large).await;
    assert!(matches!(error, ScratchError::NoSpace { .. }), "{error}");
}

#[test]
fn of_several_servers_the_closest_that_has_all_is_taken() {
    let folders = ["EMBSEC_TEST_POSTGRES_BIN_DEBIAN", BOTH[1], BOTH[0]];
    let path = std::env::join_paths(folders.map(required)).unwrap();
    let run_as = RunAs::choose(None, None, [0; 4]).unwrap();
    let places = ServerPlaces {
        bindir: None,
        path: Some(path),
    };
    let found = |needs: &Needs| Installation::find(&places, needs, &run_as);
    let mut needs = needs();
    assert!(found(&needs).unwrap().version.starts_with("15"));
    needs.extensions = vector("0.8.0");
    assert!(found(&needs).unwrap().version.starts_with("16"));
    needs.at_least_major = 17;
    assert!(found(&needs).unwrap().version.starts_with("18"));
    needs.at_least_major = 19;
    assert!(matches!(found(&needs), Err(ScratchError::OldServer { .. })));
}

#[tokio::test]
async fn a_folder_in_which_no_server_can_live_is_told() {
    let parent = parent();
    let mut long = options(BOTH[1], &parent.path().join("x".repeat(80)));
    fs::create_dir(&long.parent).unwrap();
    let error = refused(&long).await;
    assert!(error.to_string().contains("too long"), "{error}");

    if RunAs::choose(None, None, [0; 4]).unwrap().group.is_some() {
        long.parent = parent.path().join("closed");
        fs::create_dir(&long.parent).unwrap();
        fs::set_permissions(&long.parent, Permissions::from_mode(0o700)).unwrap();
        let error = refused(&long).await;
        assert!(error.to_string().contains("cannot enter it"), "{error}");
    }

    long.parent = parent.path().join("missing");
    let error = start(&long).await.unwrap_err();
    assert!(matches!(error, ScratchError::Fs(_)), "{error}");
}

#[tokio::test]
async fn who_asks_to_stop_is_heard_and_nothing_is_left() {
    let parent = parent();
    let options = options(BOTH[0], parent.path());
    let error = ScratchCluster::start(&options, &SystemRng, &|| true).await;
    assert!(matches!(error, Err(ScratchError::Stopped)));
    assert!(is_empty(parent.path()));
    // The same when nobody waits for it any more.
    let waiting =
        tokio::time::timeout(std::time::Duration::from_millis(400), start(&options)).await;
    assert!(waiting.is_err());
    assert!(is_empty(parent.path()));
}

#[tokio::test]
async fn a_server_that_ends_by_itself_is_told_with_its_last_words() {
    let parent = parent();
    let mut cluster = start(&options(BOTH[1], parent.path())).await.unwrap();
    let url = cluster.url("postgres").unwrap();
    run(&url, "CREATE TABLE secret (n int)");
    let broken = std::panic::catch_unwind(|| run(&url, "INSERT INTO secret VALUES ('canary')"));
    assert!(broken.is_err());
    let log = fs::read_to_string(cluster.folder().join("log")).unwrap();
    assert!(!log.contains("canary"), "{log}");
    // A server does not outlive a crash of one of its processes, and says so.
    let backend = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
    let pid = run(&url, backend);
    assert!(
        Command::new("kill")
            .args(["-KILL", &pid])
            .status()
            .unwrap()
            .success()
    );
    let begun = Instant::now();
    let error = loop {
        if let Some(error) = cluster.ended() {
            break error;
        }
        assert!(begun.elapsed().as_secs() < 30);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(
        error.to_string().contains("was terminated by signal 9"),
        "{error}"
    );
    cluster.stop().await.unwrap();
    assert!(is_empty(parent.path()));
}

#[tokio::test]
async fn the_order_of_texts_is_that_of_the_backup_where_the_system_has_it() {
    for (wished, kept, got) in [("C.UTF-8", true, "C.UTF-8"), ("xx_XX.UTF-8", false, "C")] {
        let parent = parent();
        let mut options = options(BOTH[0], parent.path());
        wished.clone_into(&mut options.needs.collation);
        let cluster = start(&options).await.unwrap();
        assert_eq!(cluster.keeps_collation(), kept, "{wished}");
        let url = cluster.create_database("restored").await.unwrap();
        let sql = "SELECT datcollate FROM pg_database WHERE datname = 'restored'";
        assert_eq!(run(&url, sql), got);
        cluster.stop().await.unwrap();
    }
}
