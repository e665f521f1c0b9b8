//! The processes of a scratch server: the programs that make it, itself, and its guard.

use super::error::ScratchError;
use super::place::{DATA, Place};
use super::user::RunAs;
use crate::sys::fs::FsError;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take to make a cluster, and the server to be ready.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// How long a server may take to end before it is killed. It gives its own processes five seconds.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// How much of what a program said is repeated.
const SAID_LINES: usize = 5;
const SAID_CHARS: usize = 600;

/// What guards the server: it waits for the end of its input, which comes with the end of our
/// process, however it ends. Then it stops the server and removes the data. One line instead tells
/// it to go.
const GUARD: &str = "\
    trap '' HUP INT TERM\n\
    if read -r line; then exit; fi\n\
    kill -QUIT \"$1\"\n\
    n=0\n\
    while kill -0 \"$1\" && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done\n\
    rm -rf \"$2\"\n";

/// Asks whether to stop.
pub(super) type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// A program that runs; killed, with those that it started, when dropped.
#[derive(Debug)]
struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    /// Starts a program; what it says is added to the log of the place.
    fn start(
        name: &'static str,
        mut command: Command,
        place: &Place,
    ) -> Result<Self, ScratchError> {
        let path = place.log();
        let log = OpenOptions::new().append(true).open(&path);
        let log = log.and_then(|log| Ok((log.try_clone()?, log)));
        let (out, err) = log.map_err(|source| FsError::Io {
            action: "open",
            path,
            source,
        })?;
        let child = command.stdout(out).stderr(err).spawn();
        let child = child.map_err(|source| match source.kind() {
            // The program itself was seen to run.
            io::ErrorKind::PermissionDenied => ScratchError::UnfitFolder {
                folder: place.folder().to_path_buf(),
                why: "the user who runs the server cannot enter it".to_owned(),
            },
            _ => ScratchError::Run {
                program: name,
                source,
            },
        })?;
        Ok(Self { name, child })
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    /// Whether it ended, and if so, well.
    fn ended(&mut self) -> Result<Option<bool>, ScratchError> {
        let status = self.child.try_wait();
        let status = status.map_err(|source| ScratchError::Run {
            program: self.name,
            source,
        })?;
        Ok(status.map(|status| status.success()))
    }

    fn failed(&self, place: &Place) -> ScratchError {
        ScratchError::Failed {
            program: self.name,
            said: said(&place.log()),
        }
    }

    /// Waits until `is_done`; an error when it takes too long, or we are asked to stop.
    async fn wait(
        &mut self,
        place: &Place,
        stopped: Stopped<'_>,
        is_done: impl Fn(Option<bool>) -> bool + Send,
    ) -> Result<(), ScratchError> {
        let begun = Instant::now();
        loop {
            let ended = self.ended()?;
            if is_done(ended) {
                return Ok(());
            }
            if ended.is_some() {
                return Err(self.failed(place));
            }
            if stopped() {
                return Err(ScratchError::Stopped);
            }
            if begun.elapsed() > PATIENCE {
                return Err(ScratchError::Slow {
                    program: self.name,
                    seconds: PATIENCE.as_secs(),
                    said: said(&place.log()),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            if let Some(pid) = self.pid() {
                kill_process_group(pid, Signal::KILL).unwrap_or_default();
            }
            // It was killed, so this does not wait for long.
            drop(self.child.wait());
        }
    }
}

/// Runs a program to its end.
pub(super) async fn run(
    name: &'static str,
    command: Command,
    place: &Place,
    stopped: Stopped<'_>,
) -> Result<(), ScratchError> {
    let mut program = Running::start(name, command, place)?;
    program
        .wait(place, stopped, |ended| ended == Some(true))
        .await
}

/// A server; stopped at once, without regard for its data, when dropped.
#[derive(Debug)]
pub(super) struct Server {
    server: Running,
    guard: Option<Child>,
}

impl Server {
    /// Starts the server and waits until it can be connected to.
    pub(super) async fn start(
        program: &Path,
        settings: Vec<String>,
        place: &Place,
        run_as: &RunAs,
        stopped: Stopped<'_>,
    ) -> Result<Self, ScratchError> {
        let data = place.server().join(DATA);
        let mut command = run_as.command(program, &place.server());
        command.arg("-D").arg(&data);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        let mut server = Self {
            server: Running::start("postgres", command, place)?,
            guard: None,
        };
        server.guard = Some(guard(&server.server, &data, place, run_as)?);
        let state = data.join("postmaster.pid");
        let is_ready = |ended: Option<bool>| ended.is_none() && says_ready(&state);
        server.server.wait(place, stopped, is_ready).await?;
        Ok(server)
    }

    /// Why the server no longer runs, if so.
    pub(super) fn ended(&mut self, place: &Place) -> Option<ScratchError> {
        match self.server.ended() {
            Ok(None) => None,
            Ok(Some(_)) => Some(self.server.failed(place)),
            Err(error) => Some(error),
        }
    }

    /// The number of its process.
    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        self.server.child.id()
    }

    /// The number of the process of its guard.
    #[cfg(test)]
    pub(super) fn guard_id(&self) -> Option<u32> {
        self.guard.as_ref().map(Child::id)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(guard) = &mut self.guard {
            // It does nothing but wait, and must not outlive what it guards.
            guard.kill().unwrap_or_default();
            drop(guard.wait());
        }
        let Some(pid) = self.server.pid() else {
            return;
        };
        let begun = Instant::now();
        // The number is that of our child until its end was seen.
        if matches!(self.server.child.try_wait(), Ok(None)) {
            kill_process(pid, Signal::QUIT).unwrap_or_default();
        }
        while matches!(self.server.child.try_wait(), Ok(None)) && begun.elapsed() < END_PATIENCE {
            thread::sleep(PAUSE);
        }
    }
}

fn guard(
    server: &Running,
    data: &Path,
    place: &Place,
    run_as: &RunAs,
) -> Result<Child, ScratchError> {
    let mut command = run_as.command(Path::new("/bin/sh"), &place.server());
    let pid = server.child.id().to_string();
    command
        .args(["-c", GUARD, "embsec-guard", &pid])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| ScratchError::Run {
            program: "/bin/sh",
            source,
        })
}

/// Whether the file of a server that runs says that connections are taken: its eighth line.
fn says_ready(state: &Path) -> bool {
    let text = fs::read_to_string(state).unwrap_or_default();
    let state = text.lines().nth(7);
    state.is_some_and(|state| state.trim_end() == "ready")
}

/// The last that was said in a log, on one line.
fn said(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(SAID_LINES)..];
    let mut said = last.join("; ");
    said.retain(|c| !c.is_control());
    if said.is_empty() {
        "it said nothing".clone_into(&mut said);
    }
    said.chars().take(SAID_CHARS).collect()
}
