//! What happens when a run is killed while its server runs.

use super::*;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::time::Duration;

/// A run as a process of its own: it starts a server below the folder that it is told, says where
/// and with which processes, and waits to be killed.
#[tokio::test]
#[ignore = "another test runs it as a process of its own"]
async fn run_that_waits_to_be_killed() {
    let mut told = String::new();
    std::io::stdin().read_line(&mut told).unwrap();
    let Some((variable, parent)) = told.trim().split_once(' ') else {
        return;
    };
    let cluster = start(&options(variable, Path::new(parent))).await.unwrap();
    let pids = [cluster.server.id(), cluster.server.guard_id().unwrap()];
    let line = format!(
        "\nrun {} {} {}\n",
        pids[0],
        pids[1],
        cluster.folder().display()
    );
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_secs(120));
}

struct Run {
    process: Child,
    server: u32,
    guard: u32,
    folder: PathBuf,
}

impl Run {
    fn start(variable: &str, parent: &Path) -> Self {
        let name = "target::scratch::tests::killed::run_that_waits_to_be_killed";
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = format!("{variable} {}\n", parent.display());
        let mut input = process.stdin.take().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.find_map(|line| Some(line.unwrap().strip_prefix("run ")?.to_owned()));
        let line = line.expect("a server");
        let words: Vec<&str> = line.split(' ').collect();
        Self {
            process,
            server: words[0].parse().unwrap(),
            guard: words[1].parse().unwrap(),
            folder: PathBuf::from(words[2]),
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Whether a process does something; one that ended may stay in the table until somebody asks.
fn lives(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state
        .rsplit_once(") ")
        .is_some_and(|(_, state)| !state.starts_with('Z'))
}

fn eventually(is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed().as_secs() < 20 {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[tokio::test]
async fn the_guard_of_a_killed_run_stops_the_server_and_removes_the_data() {
    let parent = parent();
    let mut run = Run::start(BOTH[1], parent.path());
    assert!(lives(run.server));
    // While the run lives, its folder is its own.
    assert!(remove_left_overs(parent.path()).is_empty());
    run.kill();
    assert!(eventually(|| !lives(run.server) && !lives(run.guard)));
    assert!(!run.folder.join("server/data").exists());
    assert_eq!(
        remove_left_overs(parent.path()),
        [run.folder.canonicalize().unwrap_or(run.folder)]
    );
    assert!(is_empty(parent.path()));
}

#[tokio::test]
async fn the_next_run_stops_and_removes_what_even_the_guard_could_not() {
    let parent = parent();
    let mut run = Run::start(BOTH[0], parent.path());
    let guard = run.guard.to_string();
    assert!(
        Command::new("kill")
            .args(["-KILL", &guard])
            .status()
            .unwrap()
            .success()
    );
    run.kill();
    std::thread::sleep(Duration::from_millis(200));
    assert!(lives(run.server) && run.folder.join("server/data").exists());
    let cluster = start(&options(BOTH[1], parent.path())).await.unwrap();
    assert_eq!(cluster.left_overs(), [run.folder.as_path()]);
    assert!(!lives(run.server) && !run.folder.exists());
    cluster.stop().await.unwrap();
    assert!(is_empty(parent.path()));
}

#[test]
fn nothing_is_removed_that_is_not_ours_and_left_behind() {
    let parent = parent();
    let host = crate::sys::owner::host_name();
    let made = |name: &str, marker: Option<&str>| {
        let folder = parent.path().join(format!("embsec-restore-test.{name}"));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        if let Some(marker) = marker {
            fs::write(folder.join("owner.json"), marker).unwrap();
        }
        folder
    };
    let ours = format!(r#"{{"program":"embsec restore-test","host":"{host}","pid":1}}"#);
    let kept = [
        made("aaaaaa", None),
        made("bbbbbb", Some("{}")),
        made("cccccc", Some(&ours.replace(&host, "another.example.org"))),
        made("dddddd", Some(&ours)),
        made("eeeeee", Some(&ours)),
    ];
    let held = crate::sys::lock::LockFile::try_exclusive(&kept[3].join("lock")).unwrap();
    fs::set_permissions(&kept[4], Permissions::from_mode(0o777)).unwrap();
    let elsewhere = parent.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("owner.json"), &ours).unwrap();
    let link = parent.path().join("embsec-restore-test.ffffff");
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    assert!(remove_left_overs(parent.path()).is_empty());
    assert!(kept.iter().all(|folder| folder.exists()) && elsewhere.join("owner.json").exists());
    // A process that is no server of ours is not ended for the number that a file names.
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    fs::create_dir_all(kept[3].join("server/data")).unwrap();
    let pid = format!("{}\n", other.id());
    fs::write(kept[3].join("server/data/postmaster.pid"), pid).unwrap();
    drop(held);
    assert_eq!(
        remove_left_overs(parent.path()),
        [kept[3].canonicalize().unwrap_or_else(|_| kept[3].clone())]
    );
    assert!(lives(other.id()));
    other.kill().unwrap();
    other.wait().unwrap();
}
