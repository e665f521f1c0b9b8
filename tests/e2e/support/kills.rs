//! Runs of a command that are killed at random moments, until enough of them really were.
//!
//! How long a run takes differs with the machine, with what else runs on it, and with what the run
//! before has left to do. So no moment is chosen from a time that was measured once: the window
//! follows the runs, and what counts is how many processes were killed, not how many were started.

use super::random::Random;
use super::within;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The window of a kind of run of which nothing is known yet.
const FIRST_WINDOW: Duration = Duration::from_millis(500);
/// No window is shorter.
const LEAST_WINDOW: Duration = Duration::from_millis(2);
/// How many runs may be started for each kill that is wanted, before the test has failed.
const TRIES: u32 = 20;
/// How long one that was killed may go on holding a lock or a lease.
const HELD: Duration = Duration::from_secs(120);
/// `SIGKILL`.
const KILL: i32 = 9;

/// Kills that are still wanted, and when they come.
pub(crate) struct Kills {
    random: Random,
    wanted: u32,
    killed: u32,
    tries: u32,
    /// For each kind of run, the time from its start within which it is killed.
    windows: BTreeMap<String, Duration>,
}

impl Kills {
    /// So many, at moments that `EMBSEC_TEST_SEED` chooses.
    pub(crate) fn wanted(wanted: u32) -> Self {
        Self {
            random: Random::seeded(),
            wanted,
            killed: 0,
            tries: 0,
            windows: BTreeMap::new(),
        }
    }

    /// Chance, of the same seed.
    pub(crate) const fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Whether fewer were killed than wanted. Fails where runs end before every moment.
    #[track_caller]
    pub(crate) fn are_missing(&self) -> bool {
        let (wanted, killed, tries) = (self.wanted, self.killed, self.tries);
        assert!(
            killed >= wanted || tries < wanted * TRIES,
            "only {killed} of {tries} runs were killed, {wanted} are wanted: {:?}",
            self.windows
        );
        killed < wanted
    }

    /// Starts a run, and kills it at a moment of the window of its kind, which is a name for runs
    /// that take about the same time. Returns what a run said that had ended before.
    ///
    /// A run that ended makes the window as short as it was; one that was killed makes it longer,
    /// so that the end of the work is reached too.
    pub(crate) fn strike(&mut self, kind: &str, command: &mut Command) -> Option<Output> {
        let window = *self.windows.get(kind).unwrap_or(&FIRST_WINDOW);
        let moment = self.random.between(Duration::ZERO, window);
        self.tries += 1;
        let begin = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while begin.elapsed() < moment && child.try_wait().unwrap().is_none() {
            let rest = moment.saturating_sub(begin.elapsed());
            std::thread::sleep(rest.min(Duration::from_millis(1)));
        }
        let took = begin.elapsed();
        // A process that has ended cannot be killed, which is no failure.
        let _killed = child.kill();
        let output = child.wait_with_output().unwrap();
        let was_killed = output.status.signal() == Some(KILL);
        self.killed += u32::from(was_killed);
        let next = if was_killed { window * 11 / 10 } else { took };
        self.windows.insert(kind.to_owned(), next.max(LEAST_WINDOW));
        (!was_killed).then_some(output)
    }
}

/// Runs a command to its end, and again as long as another holds on (exit code 5): a server takes a
/// moment to see that a process is gone.
pub(crate) fn once_free(mut command: impl FnMut() -> Command) -> Output {
    let mut output = command().output().unwrap();
    within(HELD, || {
        let busy = output.status.code() == Some(5);
        if busy {
            output = command().output().unwrap();
        }
        !busy
    });
    output
}

#[test]
fn a_window_follows_runs_that_become_shorter_and_longer() {
    let mut kills = Kills::wanted(12);
    let mut ended = 0;
    while kills.are_missing() {
        let time = if kills.killed < 6 { "0.02" } else { "0.2" };
        ended += u32::from(
            kills
                .strike("sleep", Command::new("sleep").arg(time))
                .is_some(),
        );
    }
    assert_eq!((kills.killed, kills.tries), (12, 12 + ended));
    assert!(kills.windows["sleep"] > LEAST_WINDOW);
}

#[test]
#[should_panic(expected = "only 0 of 40 runs were killed, 2 are wanted")]
fn runs_that_cannot_be_killed_are_not_tried_for_ever() {
    let mut kills = Kills::wanted(2);
    // Gone before anybody can kill it: the window is made too long each time.
    while kills.are_missing() {
        kills
            .windows
            .insert("true".to_owned(), Duration::from_secs(3_600));
        assert!(kills.strike("true", &mut Command::new("true")).is_some());
    }
}
