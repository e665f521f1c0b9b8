//! Backups in a store that speaks S3, as an operator keeps them there.

use super::{
    Vault, document, ends_with, files, names, on_a_server, on_each_engine, said, says, text,
};
use crate::support::{Deployment, Kills, Moto, many_rows, once_free, rounds, within};
use serde_json::json;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const BUCKET: &str = "backups-of-embsec";

/// A vault that has a store of its own.
struct Stored {
    vault: Vault,
    moto: Moto,
}

impl Stored {
    /// One whose backups go there.
    #[track_caller]
    fn filled(deployment: Deployment, rows: usize) -> Self {
        let stored = Self::beside(Vault::filled(deployment, rows));
        let destination = format!("destination = \"s3://{BUCKET}/p\"");
        stored.vault.set("backup", &destination);
        stored
    }

    /// One whose backups go where they went.
    #[track_caller]
    fn beside(vault: Vault) -> Self {
        let moto = Moto::start(BUCKET);
        let endpoint = format!("s3_endpoint = \"{}\"", moto.endpoint());
        for line in [
            endpoint.as_str(),
            "s3_path_style = true",
            "s3_access_key_id = \"env:STORE_ID\"",
            "s3_secret_access_key = \"env:STORE_KEY\"",
        ] {
            vault.set("backup", line);
        }
        Self { vault, moto }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        with_keys(self.vault.deployment.command(arguments))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn opening(&self, arguments: &[&str]) -> Output {
        with_keys(self.vault.opening(arguments)).output().unwrap()
    }

    #[track_caller]
    fn backup(&self) -> String {
        let made = document(&self.run(&["backup", "--json"]));
        made["id"].as_str().unwrap().to_owned()
    }

    fn verify(&self, id: &str) -> Output {
        self.opening(&["backup", "verify", id, "--level", "2"])
    }

    /// The ids of the backups that are listed. None of them is complained about.
    #[track_caller]
    fn listed(&self) -> Vec<String> {
        let list = document(&self.run(&["backup", "list", "--json"]));
        let backups = list["backups"].as_array().unwrap().iter();
        let ids = backups.map(|backup| {
            assert_eq!(backup.get("fault"), None, "{backup}");
            backup["id"].as_str().unwrap().to_owned()
        });
        ids.collect()
    }

    /// Nothing that was made for the store is left here.
    #[track_caller]
    fn is_tidy(&self) {
        let spool = self.vault.deployment.dir().join("backup-spool");
        assert_eq!(names(&spool.join(".partial")), [""; 0]);
        let copy = self.vault.deployment.dir().join(".backup-copy");
        assert_eq!(names(&copy), [""; 0]);
    }

    /// The name of a file of a backup, as the store is asked for it.
    fn object(id: &str, file: &str) -> String {
        format!("/p/backup/{id}/{file}")
    }
}

fn with_keys(mut command: Command) -> Command {
    command.env("STORE_ID", "AKIAEXAMPLEEXAMPLE");
    command.env("STORE_KEY", "hunter2hunter2hunter2");
    command
}

#[test]
fn a_backup_in_a_store_is_made_restored_tested_sent_on_and_pruned() {
    for deployment in on_each_engine() {
        let stored = Stored::filled(deployment, 50);
        let id = stored.backup();
        assert_eq!(stored.listed(), [id.as_str()]);
        ends_with(&stored.verify(&id), 0);
        let into = stored.vault.place("restored");
        let words = ["restore", &id, "--into", &into.name()];
        ends_with(&stored.opening(&words), 0);
        ends_with(&stored.opening(&["restore-test", &id]), 0);

        let off = stored.vault.deployment.parent().join("off");
        ends_with(&stored.run(&["backup", "sync", "--to", text(&off)]), 0);
        assert!(files(&off).contains(&format!("backup/{id}/manifest.sig")));
        let verify = ["backup", "verify", &id, "--destination", text(&off)];
        ends_with(&stored.opening(&verify), 0);

        let newer = stored.backup();
        ends_with(&stored.run(&["backup", "prune", "--yes"]), 0);
        // The newest one of a day fills its place, the oldest one those that have none.
        assert_eq!(stored.listed(), [id, newer]);
        stored.is_tidy();
    }
}

#[test]
fn what_changed_in_a_store_is_found_and_named_and_not_restored() {
    let stored = Stored::filled(Deployment::in_a_file(), 50);
    let (other, id) = (stored.backup(), stored.backup());
    let changed = [
        "seg/000001.age",
        "manifest.json.age",
        "keys.age",
        "datakeys.json",
        "manifest.pub.json",
    ];
    for file in changed {
        let object = Stored::object(&id, file);
        let good = stored.moto.get(&object);
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        stored.moto.put(&object, &bad);
        let verified = stored.verify(&id);
        ends_with(&verified, 6);
        says(&verified, &[file]);
        let into = stored.vault.place("refused");
        let words = ["restore", &id, "--into", &into.name()];
        ends_with(&stored.opening(&words), 6);
        into.is_empty();
        into.remove();
        ends_with(&stored.verify(&other), 0);
        stored.moto.put(&object, &good);
        ends_with(&stored.verify(&id), 0);
    }
    // Segments of two backups that changed places.
    let objects = [&id, &other].map(|id| Stored::object(id, "seg/000001.age"));
    let segments = objects.clone().map(|object| stored.moto.get(&object));
    stored.moto.put(&objects[0], &segments[1]);
    ends_with(&stored.verify(&id), 6);
    stored
        .moto
        .put(&objects[0], &segments[0][..segments[0].len() - 1]);
    ends_with(&stored.verify(&id), 6);
}

#[test]
fn a_backup_whose_store_goes_away_is_sent_from_the_spool_without_a_second_dump() {
    let mut stored = Stored::filled(Deployment::in_a_file(), 1);
    stored.vault.fill();
    let mut child = stored
        .command(&["backup"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let has_read = within(Duration::from_secs(60), || partial(&stored.vault).is_some());
    // Whatever it was: a child is not left behind.
    if has_read {
        stored.moto.go_away();
    } else {
        child.kill().unwrap();
    }
    let failed = child.wait_with_output().unwrap();
    assert!(has_read, "{}", said(&failed));
    ends_with(&failed, 5);
    let waiting = partial(&stored.vault).unwrap();

    stored.moto.come_back();
    let sent = document(&stored.run(&["backup", "--json"]));
    assert_eq!(sent["id"], json!(waiting));
    assert_eq!(sent["resumed"], json!(true));
    assert_eq!(stored.listed(), [waiting.as_str()]);
    ends_with(&stored.verify(&waiting), 0);
    stored.is_tidy();
}

/// The backup whose rows were all read, and which is not sent yet.
fn partial(vault: &Vault) -> Option<String> {
    let folder = vault.deployment.dir().join("backup-spool/.partial");
    let name = names(&folder).into_iter().next()?;
    let has_journal = folder.join(&name).join("journal.json").exists();
    has_journal.then_some(name)
}

fn a_killed_backup(deployment: Deployment) {
    let stored = Stored::filled(deployment, usize::try_from(many_rows()).unwrap());
    let first = stored.backup();
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        if let Some(output) = kills.strike("backup", &mut stored.command(&["backup"])) {
            ends_with(&output, 0);
        }
        for id in stored.listed() {
            ends_with(&stored.verify(&id), 0);
        }
        let later = document(&once_free(|| stored.command(&["backup", "--json"])));
        ends_with(&stored.verify(later["id"].as_str().unwrap()), 0);
        stored.is_tidy();
        ends_with(
            &once_free(|| stored.command(&["backup", "prune", "--yes"])),
            0,
        );
        assert!(stored.listed().contains(&first));
    }
}

#[test]
fn a_killed_backup_of_a_file_into_a_store_is_made_by_the_next_run() {
    a_killed_backup(Deployment::in_a_file());
}

#[test]
fn a_killed_backup_of_a_server_into_a_store_is_made_by_the_next_run() {
    a_killed_backup(on_a_server());
}

#[test]
fn a_killed_sync_to_a_store_is_done_by_the_next_run() {
    let rows = usize::try_from(many_rows()).unwrap();
    let stored = Stored::beside(Vault::filled(Deployment::in_a_file(), rows));
    for _ in 0..3 {
        stored.vault.backup();
    }
    let mut kills = Kills::wanted(rounds());
    for round in 0.. {
        if !kills.are_missing() {
            break;
        }
        let off = format!("s3://{BUCKET}/off{round}");
        let sync = ["backup", "sync", "--to", &off];
        if let Some(output) = kills.strike("sync", &mut stored.command(&sync)) {
            ends_with(&output, 0);
        }
        let list = ["backup", "list", "--destination", &off, "--json"];
        let all_hold = || {
            let listed = document(&stored.run(&list));
            let backups = listed["backups"].as_array().unwrap();
            for backup in backups {
                assert_eq!(backup.get("fault"), None, "{backup}");
                let id = backup["id"].as_str().unwrap();
                let verify = ["backup", "verify", id, "--destination", &off];
                ends_with(&stored.opening(&verify), 0);
            }
            backups.len()
        };
        all_hold();
        ends_with(&once_free(|| stored.command(&sync)), 0);
        assert_eq!(all_hold(), 3);
    }
    let here = stored.vault.destination().join("backup");
    for file in files(&here) {
        let kept = fs::read(here.join(&file)).unwrap();
        assert_eq!(stored.moto.get(&format!("/off0/backup/{file}")), kept);
    }
    for id in stored.vault.listed() {
        stored.vault.holds(&id);
    }
}
