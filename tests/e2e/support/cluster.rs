//! A PostgreSQL server of one test, which it may stop, kill and start again.
//!
//! Servers that several tests share come from `scripts/postgres`.

use super::postgres::required;
use super::process::variable;
use super::within;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How a server is stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    /// Connections are ended, transactions rolled back, everything is written.
    Fast,
    /// At once; the next start recovers from the log, as after a crash.
    Immediate,
}

/// A server, PostgreSQL 18 with pgvector. It ends with this value.
pub(crate) struct Cluster {
    home: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes a server and starts it.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        if let Some(user) = run_as() {
            output_of(Command::new("chown").arg(user).arg(home.path()));
        }
        let port = free_port();
        let cluster = Self { home, port };
        let data = cluster.data();
        cluster.run(&[
            "initdb",
            "--pgdata",
            &data,
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        cluster.start_again();
        cluster
    }

    /// The URL of a superuser and of the database `postgres`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts the stopped server, on the port that it had, and waits until it takes connections.
    #[track_caller]
    pub(crate) fn start_again(&self) {
        self.launch(&self.options(), "--wait");
    }

    /// Its settings. The disk itself is not what is tested.
    fn options(&self) -> String {
        format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
             -c max_connections=100 -c shared_buffers=32MB -c dynamic_shared_memory_type=mmap",
            self.port
        )
    }

    #[track_caller]
    fn launch(&self, options: &str, wait: &str) {
        let (data, log) = (self.data(), self.file("server.log"));
        self.run(&[
            "pg_ctl",
            "--pgdata",
            &data,
            "--log",
            &log,
            "--options",
            options,
            wait,
            "start",
        ]);
    }

    /// Stops the server and waits until it has ended.
    #[track_caller]
    pub(crate) fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "--mode=fast",
            Stop::Immediate => "--mode=immediate",
        };
        self.run(&["pg_ctl", "--pgdata", &self.data(), mode, "--wait", "stop"]);
    }

    /// Stops the server and starts it again as one that never gets ready: a standby without its
    /// primary says "starting up" to everybody who connects.
    #[track_caller]
    pub(crate) fn keep_starting(&self) {
        self.stop(Stop::Fast);
        std::fs::write(self.file("data/standby.signal"), "").unwrap();
        let options = format!("{} -c hot_standby=off", self.options());
        self.launch(&options, "--no-wait");
        // Until it listens, nobody would say so.
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        assert!(within(Duration::from_secs(30), listens));
    }

    fn data(&self) -> String {
        self.file("data")
    }

    fn file(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs one of the server's programs to its end.
    #[track_caller]
    fn run(&self, words: &[&str]) {
        output_of(&mut self.command(words));
    }

    fn command(&self, words: &[&str]) -> Command {
        let program = format!("{}/{}", required("EMBSEC_TEST_POSTGRES_BIN_18"), words[0]);
        let mut command = match run_as() {
            Some(user) => {
                let group = output_of(Command::new("id").args(["-g", &user]));
                let mut command = Command::new("setpriv");
                command.args(["--reuid", &user, "--regid", group.trim()]);
                command.args(["--clear-groups", &program]);
                command
            }
            None => Command::new(program),
        };
        command.args(&words[1..]).current_dir(self.home.path());
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let words = [
            "pg_ctl",
            "--pgdata",
            &data,
            "--mode=immediate",
            "--wait",
            "stop",
        ];
        // A test that failed while the server was down must tell that, not this.
        let _stopped = self.command(&words).output();
    }
}

#[track_caller]
fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// PostgreSQL refuses to run as root.
fn run_as() -> Option<String> {
    variable("EMBSEC_TEST_POSTGRES_RUN_AS")
}

/// A port that is free, and that nobody is given by chance while the server is down: those come
/// from 32768 upwards.
fn free_port() -> u16 {
    let seed = RandomState::new().hash_one("port") % 10_000;
    let start = 20_000 + u16::try_from(seed).unwrap();
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (start..32_000).find(free).expect("a free port")
}
