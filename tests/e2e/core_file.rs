//! A process that holds keys leaves none of them in a core file.

use crate::support::{Deployment, World, as_another_user, embsec_command, within};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a command may take to get where it waits, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The limit of a process on core files, in the words of the kernel: the soft one and the hard one.
fn limit_of(pid: u32) -> [String; 2] {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    [words[4].to_owned(), words[5].to_owned()]
}

#[test]
fn a_server_that_crashes_writes_no_core_file() {
    let mut world = World::new();
    assert_eq!(limit_of(world.server.pid()), ["0", "0"]);
    world.server.signal(Signal::ABORT);
    let status = world.server.wait();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped(), "a core file was written");
}

/// The same command where core files are as large as this machine allows. A test that is run
/// without the right to raise the limit finds what it would find there.
fn with_core_files(command: &Command, folder: &Path) -> Command {
    const RAISED: &str =
        "(ulimit -c unlimited) 2>/dev/null && ulimit -c unlimited; exec \"$0\" \"$@\"";
    let mut raised = Command::new("/bin/sh");
    raised
        .args(["-c", RAISED])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    raised
}

#[test]
fn a_command_that_crashes_while_it_holds_keys_writes_no_core_file() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let folder = tempfile::tempdir().unwrap();
    let waiting = folder.path().join("waiting");
    // The program of the second reference says who it is, and lets the command wait with what it
    // has read from the first.
    let second = format!(
        "cmd:/bin/sh -c 'echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600'",
        waiting.display()
    );
    let key = "an administrator's key that is long enough".replace(' ', "-");
    for leaf in [
        &["users", "list"][..],
        &["projects", "list"],
        &["keys", "list"],
        &["keys", "rotate", "master", "--yes"],
        &["keys", "split", "--shares", "2", "--threshold", "2"],
        &["migrate", "encrypt-status"],
        &["config", "check"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let mut command = with_core_files(&deployment.command(leaf), folder.path());
        command.env("SERVICE_ADMINKEY", &key);
        command.env("EMBSEC_KEYRING__SOURCE", &second);
        let mut child = command.spawn().unwrap();
        assert!(within(PATIENCE, || waiting.exists()), "{leaf:?}");
        let program: u32 = fs::read_to_string(&waiting)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let limits = [child.id(), program].map(limit_of);
        kill_process(Pid::from_child(&child), Signal::ABORT).unwrap();
        let status = child.wait().unwrap();
        // What it had started is not left behind; it may have ended by itself.
        let program = Pid::from_raw(i32::try_from(program).unwrap()).unwrap();
        let _ended = kill_process(program, Signal::KILL);
        assert_eq!(limits, [["0", "0"], ["0", "0"]], "{leaf:?}");
        assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()), "{leaf:?}");
        assert!(!status.core_dumped(), "{leaf:?} wrote a core file");
        fs::remove_file(&waiting).unwrap();
        let left: Vec<_> = folder.path().read_dir().unwrap().collect();
        assert!(left.is_empty(), "{leaf:?} left {left:?}");
    }
}

/// Where crashes are handed to a collector, it need not heed the limit of a process; one that must
/// not be dumped it gets nothing of. The kernel gives the files below `/proc` of such a process to
/// root.
#[test]
fn a_command_that_holds_keys_must_not_be_dumped() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let share = folder.path().join("share");
    let made = Command::new("mkfifo")
        .args(["-m", "666"])
        .arg(&share)
        .status();
    assert!(made.unwrap().success());
    let out = folder.path().join("out");
    let arguments = [
        "keys".as_ref(),
        "combine".as_ref(),
        share.as_os_str(),
        "--out".as_ref(),
        out.as_os_str(),
    ];
    let mut command = if rustix::process::geteuid().is_root() {
        as_another_user(folder.path(), &arguments)
    } else {
        let mut command = embsec_command();
        command.args(arguments);
        command
    };
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Opened once the command reads at the other end.
    let other_end = fs::OpenOptions::new().write(true).open(&share).unwrap();
    let memory = fs::metadata(format!("/proc/{}/mem", child.id())).unwrap();
    drop(other_end);
    let status = child.wait().unwrap();
    assert!(status.code().is_some_and(|code| code > 1), "{status}");
    assert_eq!(memory.uid(), 0, "it may be dumped");
}
