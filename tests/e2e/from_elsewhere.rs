//! What a host remembers of backups and of restores is the same from whatever folder a command is
//! run, and however the deployment is named.

use crate::support::backups::{self, Operator};
use crate::support::{Deployment, embsec_command};
use std::fs;
use std::path::Path;

/// A deployment in a file that makes backups, and who opens them.
fn made() -> (Deployment, Operator) {
    let deployment = Deployment::in_a_file();
    assert!(deployment.embsec(&["init"]).status.success());
    let operator = Operator::beside(&deployment, "operator");
    backups::open_to(&deployment, &operator);
    (deployment, operator)
}

/// Runs a command in a folder.
#[track_caller]
fn ends(folder: &Path, arguments: &[&str], code: i32) {
    let output = embsec_command()
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
}

#[test]
fn an_old_file_that_was_put_back_is_noticed_from_another_folder() {
    let (deployment, operator) = made();
    let (_, folder) = backups::back_up(&deployment, &[]);
    let files = ["keys.age", "keys.sig"].map(|name| folder.join(name));
    let old = files.clone().map(|file| fs::read(file).unwrap());
    let newer = Operator::beside(&deployment, "newer");
    let rotate = ["keys", "rotate", "backup-recipient", "--dir", "data"];
    let from_to = ["--identity-file", operator.file(), "--to", &newer.recipient];
    ends(deployment.parent(), &[&rotate[..], &from_to].concat(), 0);
    ends(
        &deployment.dir(),
        &["backup", "show", "newest", "--dir", "."],
        0,
    );
    for (file, bytes) in files.iter().zip(old) {
        fs::write(file, bytes).unwrap();
    }
    let whole = deployment.dir();
    let whole = whole.to_str().unwrap();
    for (folder, dir) in [
        (deployment.parent(), "data"),
        (&deployment.dir(), "."),
        (Path::new("/"), whole),
    ] {
        ends(folder, &["backup", "show", "newest", "--dir", dir], 6);
    }
}

#[test]
fn what_was_restored_in_one_folder_is_put_in_place_from_another() {
    let (deployment, operator) = made();
    backups::back_up(&deployment, &[]);
    let restore = ["restore", "newest", "--into", "restored.db", "--dir", "."];
    let identity = ["--identity-file", operator.file()];
    ends(&deployment.dir(), &[&restore[..], &identity].concat(), 0);
    let swap = ["restore", "swap", "newest", "--yes", "--dir", "data"];
    ends(deployment.parent(), &swap, 0);
    assert!(!deployment.dir().join("restored.db").exists());
}

#[test]
fn a_destination_is_not_sent_to_itself_under_another_name() {
    let (deployment, _) = made();
    backups::back_up(&deployment, &[]);
    let sync = ["backup", "sync", "--dir", "data", "--to", "data/./backups"];
    ends(deployment.parent(), &sync, 2);
}
