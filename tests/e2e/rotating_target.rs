//! Another key for a service that goes on writing, as an operator gives it one: killed at any
//! moment, undone, finished.

mod killed;
mod service;

use crate::support::{embsec_command, once_free};
use service::{Key, Kind, Service};
use std::process::{Command, Output};

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
        // The next run makes another one, so none is named.
        assert_eq!(dry.get("to_key"), None);
        assert_eq!(dry["new_key_made"], false);
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
