//! Running the binary: hermetic, on a free port, never left behind.

use super::engine::{Engine, Place};
use super::http::Client;
use super::postgres::{Database, in_database};
use super::within;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// How long a start or a stop may take on a busy machine before the test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What stands before the address in the line that `serve` prints when it is ready.
const LISTENING: &str = "Listening on http://";

/// A variable that steers the tests.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are steered by the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The binary, with an empty environment and nothing to read.
pub(crate) fn embsec_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embsec"));
    command.env_clear().env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub(crate) fn embsec<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    embsec_command().args(arguments).output().unwrap()
}

/// Python without the user's own settings.
pub(crate) fn python() -> Command {
    let mut command = Command::new("python3");
    command
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null());
    if let Some(path) = variable("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The binary run as a user who owns nothing. Only root can do this. `folder` gets a copy of the
/// binary, since the one that was built may lie where others have no way.
pub(crate) fn as_another_user(folder: &Path, arguments: &[&OsStr]) -> Command {
    let program = folder.join("embsec");
    std::fs::copy(env!("CARGO_BIN_EXE_embsec"), &program).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    command.arg(program).args(arguments);
    command.env_clear().stdin(Stdio::null());
    command
}

/// A folder for one deployment, and its database where that is not in the folder; both removed at
/// the end.
pub(crate) struct Deployment {
    /// Holds the deployment's folder, and nothing else.
    parent: TempDir,
    place: Option<Place>,
}

impl Deployment {
    /// A name under which nothing is yet, for the engine that the tests run on.
    #[track_caller]
    pub(crate) fn nowhere() -> Self {
        Self::with(Engine::chosen().place())
    }

    /// The same on SQLite, whatever the tests run on: for what only a file has.
    pub(crate) fn in_a_file() -> Self {
        Self::with(None)
    }

    /// The same on this database of PostgreSQL.
    pub(crate) fn on(database: Database) -> Self {
        let url = database.url();
        Self::with(Some((database, url)))
    }

    /// The same on this database, found by the URL of another server in front of it.
    pub(crate) fn behind(url: &str, database: Database) -> Self {
        let url = in_database(url, database.name());
        Self::with(Some((database, url)))
    }

    fn with(place: Option<Place>) -> Self {
        Self {
            parent: tempfile::tempdir().unwrap(),
            place,
        }
    }

    /// Its database on a server.
    pub(crate) fn database(&self) -> &Database {
        let (database, _) = self.place.as_ref().expect("a deployment on PostgreSQL");
        database
    }

    /// Where it finds its database, unless that is a file of the folder.
    pub(crate) fn url(&self) -> Option<&str> {
        self.place.as_ref().map(|(_, url)| url.as_str())
    }

    /// The deployment's folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.parent.path().join("data")
    }

    /// The folder around it.
    pub(crate) fn parent(&self) -> &Path {
        self.parent.path()
    }

    /// The administrator's key.
    pub(crate) fn admin_key(&self) -> String {
        let text = std::fs::read_to_string(self.dir().join("admin.key")).unwrap();
        text.trim_end().to_owned()
    }

    /// Runs a command of the binary on this deployment.
    pub(crate) fn embsec(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A command of the binary on this deployment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = embsec_command();
        command.args(arguments).arg("--dir").arg(self.dir());
        // A deployment that is there says itself where its database is.
        let makes_one = arguments
            .iter()
            .any(|word| ["init", "--init"].contains(word));
        if let Some(url) = self.url().filter(|_| makes_one)
            && !self.dir().exists()
        {
            command.arg("--database").arg(url);
        }
        command
    }

    /// Every line of the audit log, stream by stream.
    pub(crate) fn audit_lines(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.dir().join("audit"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "jsonl")
            })
            .collect();
        files.sort();
        let texts = files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap());
        texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

/// How a start ended.
pub(crate) enum Started {
    /// It serves.
    Serving(Server),
    /// It ended, and said this.
    Ended(ExitStatus, String),
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port, with `--init`, and waits until it listens.
    #[track_caller]
    pub(crate) fn start(deployment: &Deployment) -> Self {
        Self::start_with(deployment, &[])
    }

    /// As [`Self::start`], with variables of the environment.
    #[track_caller]
    pub(crate) fn start_with(deployment: &Deployment, variables: &[(&str, &str)]) -> Self {
        match Self::try_start(deployment, variables) {
            Started::Serving(server) => server,
            Started::Ended(status, log) => panic!("serve ended with {status}:\n{log}"),
        }
    }

    /// Starts a server that may refuse.
    pub(crate) fn try_start(deployment: &Deployment, variables: &[(&str, &str)]) -> Started {
        let mut command = deployment.command(&["serve", "--init", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let reader = collect(child.stderr.take().unwrap(), Arc::clone(&log));
        let mut address = None;
        let mut ended = None;
        let answered = within(PATIENCE, || {
            address = find_address(&log.lock().unwrap_or_else(PoisonError::into_inner));
            ended = child.try_wait().unwrap();
            address.is_some() || ended.is_some()
        });
        if let (None, Some(status)) = (address, ended) {
            reader.join().unwrap();
            let log = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
            return Started::Ended(status, log);
        }
        if !answered {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let address = address.expect("serve did not say where it listens");
        Started::Serving(Self {
            child,
            address,
            log,
            reader: Some(reader),
        })
    }

    /// A client without a key.
    pub(crate) const fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Everything that it wrote to stderr so far.
    pub(crate) fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        let ended = within(PATIENCE, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(ended, "serve did not end:\n{}", self.log());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to be done about it here.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn collect(stream: impl Read + Send + 'static, log: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
        {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

/// The address in what a server that listens has written.
pub(crate) fn find_address(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once(LISTENING)?;
    // A line that is still being written has no end yet.
    let end =
        rest.find(|character: char| character.is_whitespace() || "\"/,".contains(character))?;
    Some(rest[..end].trim_end_matches('.').parse().unwrap())
}
