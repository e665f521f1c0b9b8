//! Another key for a service that goes on writing, as an operator gives it one: killed at any
//! moment, undone, finished.

mod service;

use crate::support::{Kills, StopAtEnd, embsec_command, mode_of, once_free, rounds};
use service::{Key, Kind, Link, Service};
use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Rows of the full loop, and of a sample of it.
const MANY: u32 = 20_000;
const SOME: u32 = 2_000;
/// From how many rounds on a loop is a full one.
const FULL: u32 = 50;

impl Service {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = embsec_command();
        command
            .args(["keys", "rotate", "target", "--json", "--database"])
            .arg(self.url())
            .arg("--key-file")
            .arg(self.old_key())
            .arg("--new-key-file")
            .arg(self.new_key())
            .args(arguments)
            .current_dir(self.folder())
            .env("HOME", self.folder());
        command
    }

    /// Runs a step to its end, and returns its result.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> serde_json::Value {
        let output = once_free(|| self.command(arguments));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the rows hold, as the service sees it. Whoever changes a row holds the lock.
type Model = Mutex<BTreeMap<u32, String>>;

/// Every row opens under one of the keys, once, and holds what was written last.
#[track_caller]
fn check(link: &mut Link, model: &Model, keys: &[Key]) -> Vec<usize> {
    let model = model.lock().unwrap();
    let rows = link.all();
    assert_eq!(rows.len(), model.len());
    let mut under = vec![0; keys.len()];
    for (row, value) in rows {
        let opened = keys.iter().map(|key| key.open(&value)).enumerate();
        let opened: Vec<_> = opened
            .filter_map(|(place, text)| Some((place, text?)))
            .collect();
        assert_eq!(
            opened.len(),
            1,
            "row {row} opens under {} keys",
            opened.len()
        );
        assert_eq!(opened[0].1, model[&row], "row {row}");
        under[opened[0].0] += 1;
    }
    under
}

fn keys(service: &Service) -> Vec<Key> {
    [service.old_key(), service.new_key()]
        .iter()
        .filter(|path| path.exists())
        .map(|path| Key::read(service.kind, path))
        .collect()
}

/// Writes as the service does, under the old key, until it is asked to stop.
fn write(service: &Service, model: &Model, stop: &AtomicBool) {
    let key = Key::read(service.kind, &service.old_key());
    let mut link = service.connect();
    let rows = u32::try_from(model.lock().unwrap().len()).unwrap();
    let mut number = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let row = 1 + number.wrapping_mul(7919) % rows;
        let text = format!("sk-later-{row}-{number}");
        let value = key.seal(&text);
        let mut model = model.lock().unwrap();
        link.write(row, &value);
        model.insert(row, text);
        drop(model);
        std::thread::sleep(Duration::from_millis(3));
    }
}

fn killed_at_random(kind: Kind) {
    let service = Service::new(kind);
    let old = Key::read(kind, &service.old_key());
    let count = if rounds() >= FULL { MANY } else { SOME };
    let text = |row: u32| format!("sk-secret-{row:040}");
    let mut link = service.connect();
    link.fill(count, &old, text);
    let others = link.others();
    let model: Model = Mutex::new((1..=count).map(|row| (row, text(row))).collect());
    let done = service.done(&["--yes"]);
    assert_eq!(done["changed"], count);
    assert_eq!(mode_of(&service.new_key()), 0o600);
    assert_eq!(check(&mut link, &model, &keys(&service))[0], 0);
    service.done(&["--undo", "--yes"]);

    let stop = AtomicBool::new(false);
    let mut kills = Kills::wanted(rounds());
    std::thread::scope(|scope| {
        scope.spawn(|| write(&service, &model, &stop));
        let _stopper = StopAtEnd(&stop);
        while kills.are_missing() {
            let step: &[&str] = match kills.random().next() % 3 {
                0 => &["--yes"],
                1 => &["--undo", "--yes"],
                _ => &["--finish"],
            };
            if let Some(output) = kills.strike(step[0], &mut service.command(step)) {
                // Refused where there is nothing to undo or to finish, or another still holds on.
                let code = output.status.code();
                assert!(matches!(code, Some(0 | 2 | 4 | 5)), "{}", stderr(&output));
            }
            check(&mut link, &model, &keys(&service));
        }
        service.done(&["--yes"]);
    });
    service.done(&["--finish"]);
    let under = check(&mut link, &model, &keys(&service));
    assert_eq!(under[0], 0, "values are left under the old key");
    assert_eq!(link.others(), others);
    let before = link.all();
    let again = service.done(&["--yes"]);
    assert_eq!(
        (&again["changed"], &again["already"]),
        (&0.into(), &count.into())
    );
    assert_eq!(link.all(), before);
}

#[test]
fn the_key_of_llm_proxy_in_a_file_survives_kills_beside_a_writer() {
    killed_at_random(Kind::ProxyInAFile);
}

#[test]
fn the_key_of_llm_proxy_on_a_server_survives_kills_beside_a_writer() {
    killed_at_random(Kind::ProxyOnAServer);
}

#[test]
fn the_key_of_embapi_survives_kills_beside_a_writer() {
    killed_at_random(Kind::Embapi);
}

#[test]
fn what_is_refused_changes_nothing_and_says_why() {
    for kind in [Kind::ProxyInAFile, Kind::ProxyOnAServer, Kind::Embapi] {
        let service = Service::new(kind);
        let old = Key::read(kind, &service.old_key());
        let mut link = service.connect();
        link.fill(20, &old, |row| format!("sk-canary-{row}"));
        let before = link.all();
        let dry = service.done(&["--dry-run"]);
        assert_eq!(
            (&dry["changed"], &dry["dry_run"]),
            (&20.into(), &true.into())
        );
        assert!(!service.new_key().exists());
        let stranger = service.folder().join("stranger.key");
        std::fs::copy(service.old_key(), &stranger).unwrap();
        let text = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
        std::fs::write(&stranger, text).unwrap();
        let stranger = stranger.to_str().unwrap();
        for (arguments, code, words) in [
            (&[][..], 4, "needs a yes"),
            (&["--finish"], 2, "no new key"),
            (&["--undo"], 2, "no new key"),
            (
                &["--yes", "--new-key-file", stranger, "--finish"],
                4,
                "no rotation to finish",
            ),
        ] {
            let mut command = service.command(&[]);
            if arguments.contains(&"--new-key-file") {
                command = embsec_command();
                command
                    .args(["keys", "rotate", "target", "--database"])
                    .arg(service.url())
                    .arg("--key-file")
                    .arg(service.old_key())
                    .env("HOME", service.folder())
                    .current_dir(service.folder());
            }
            let output = command.args(arguments).output().unwrap();
            let told = stderr(&output);
            assert_eq!(
                output.status.code(),
                Some(code),
                "{kind:?} {arguments:?} {told}"
            );
            assert!(told.contains(words), "{told}");
        }
        assert!(!service.new_key().exists());
        // The wrong old key: every value is named as one that does not open.
        let mut wrong = embsec_command();
        wrong
            .args([
                "keys",
                "rotate",
                "target",
                "--yes",
                "--key-file",
                stranger,
                "--database",
            ])
            .arg(service.url())
            .arg("--new-key-file")
            .arg(service.new_key())
            .env("HOME", service.folder())
            .current_dir(service.folder());
        let output = wrong.output().unwrap();
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{told}");
        assert!(told.contains("20 values open under neither key"), "{told}");
        for secret in ["sk-canary", text, "MDEyMzQ1Njc4"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(!service.new_key().exists());
        assert_eq!(link.all(), before);
    }
}
