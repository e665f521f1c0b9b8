//! Backups of a deployment, as an operator makes them, and who opens them.

use super::{Deployment, embsec};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Somebody who can open backups.
pub(crate) struct Operator {
    pub(crate) recipient: String,
    identity_file: PathBuf,
}

impl Operator {
    /// Makes one, whose identity is in a file beside the deployment.
    #[track_caller]
    pub(crate) fn beside(deployment: &Deployment, name: &str) -> Self {
        let identity_file = deployment.parent().join(format!("{name}.identity"));
        let out = identity_file.to_str().unwrap();
        let made = embsec(["keys", "generate", "backup-recipient", "--out", out]);
        assert!(made.status.success());
        let recipient = String::from_utf8(made.stdout).unwrap();
        Self {
            recipient: recipient.trim_end().to_owned(),
            identity_file,
        }
    }

    /// The file of the identity.
    pub(crate) fn file(&self) -> &str {
        self.identity_file.to_str().unwrap()
    }
}

/// Puts lines into a section of the settings.
#[track_caller]
pub(crate) fn set(deployment: &Deployment, section: &str, lines: &str) {
    let file = deployment.dir().join("embsec.toml");
    let text = fs::read_to_string(&file).unwrap();
    let head = format!("[{section}]\n");
    assert_eq!(text.matches(&head).count(), 1, "{text}");
    fs::write(file, text.replacen(&head, &format!("{head}{lines}\n"), 1)).unwrap();
}

/// Lets this operator open what is backed up from now on.
#[track_caller]
pub(crate) fn open_to(deployment: &Deployment, operator: &Operator) {
    let line = format!("recipients = [\"{}\"]", operator.recipient);
    set(deployment, "backup", &line);
}

/// Makes a backup; returns its id and its folder.
#[track_caller]
pub(crate) fn back_up(deployment: &Deployment, more: &[&str]) -> (String, PathBuf) {
    let output = deployment.embsec(&[&["backup", "--json"], more].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let folder = deployment.dir().join("backups/backup").join(&id);
    (id, folder)
}

/// Opens a file with the program `age`.
#[track_caller]
pub(crate) fn age_open(identity_file: &Path, sealed: &Path) -> Vec<u8> {
    let mut command = Command::new("age");
    command.arg("-d").arg("-i").arg(identity_file).arg(sealed);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    output.stdout
}
