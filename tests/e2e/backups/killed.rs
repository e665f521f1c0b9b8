//! Every command that writes backups, killed at any moment: what was good before is good, nothing
//! half-made is taken for a backup, and the same command goes through afterwards.

use super::{Identity, Into, Vault, document, ends_with, files, names, on_a_server, said, text};
use crate::support::{
    Deployment, Kills, Link, Postgres, in_database, many_rows, once_free, psql, rounds, within,
};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

fn filled(deployment: Deployment) -> Vault {
    Vault::filled(deployment, usize::try_from(many_rows()).unwrap())
}

/// How many rows a database has.
fn count(mut link: Link) -> Vec<String> {
    let sql = match &link {
        Link::File(_) => "SELECT CAST(count(*) AS TEXT) FROM embeddings",
        Link::Server(..) => "SELECT count(*)::text FROM embsec.embeddings",
    };
    link.texts(sql)
}

fn a_killed_backup(deployment: Deployment) {
    let vault = filled(deployment);
    let first = vault.backup();
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        let mut command = vault.deployment.command(&["backup"]);
        if let Some(output) = kills.strike("backup", &mut command) {
            ends_with(&output, 0);
        }
        for id in vault.listed() {
            vault.holds(&id);
        }
        let later = document(&once_free(|| {
            vault.deployment.command(&["backup", "--json"])
        }));
        vault.holds(later["id"].as_str().unwrap());
        vault.is_tidy();
        // The first one stays as the oldest.
        ends_with(&vault.run(&["backup", "prune", "--yes"]), 0);
        assert!(vault.listed().contains(&first));
    }
}

fn a_killed_restore(deployment: Deployment) {
    let vault = filled(deployment);
    let id = vault.backup();
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        let into = vault.place("restored");
        let name = into.name();
        let words = ["restore", &id, "--into", &name];
        let ended = kills.strike("restore", &mut vault.opening(&words));
        vault.holds(&id);
        if let Some(output) = ended {
            ends_with(&output, 0);
        } else {
            let again = once_free(|| vault.opening(&words));
            // Killed between its last step and its end, all of it is there.
            let is_there = again.status.code() == Some(4);
            assert!(is_there || again.status.success(), "{}", said(&again));
        }
        assert_eq!(count(into.link()), [many_rows().to_string()]);
        if let Into::File(path) = &into {
            let left = names(path.parent().unwrap()).into_iter();
            let left: Vec<String> = left
                .filter(|name| !name.starts_with("restored.db"))
                .collect();
            assert_eq!(left, [""; 0]);
        }
        into.remove();
    }
    vault.is_tidy();
}

fn a_killed_rotation_of_recipients(deployment: Deployment) {
    let mut vault = filled(deployment);
    let backups: Vec<String> = (0..3).map(|_| vault.backup()).collect();
    let other = Identity::made(&vault.deployment, "other");
    let recipients = [vault.operator.recipient.clone(), other.recipient];
    let identities = [vault.operator.file.clone(), other.file];
    // Whoever goes on needs both.
    let both = vault.deployment.parent().join("both.identity");
    let texts = identities
        .clone()
        .map(|file| fs::read_to_string(file).unwrap());
    fs::write(&both, texts.concat()).unwrap();
    fs::set_permissions(&both, fs::Permissions::from_mode(0o600)).unwrap();
    text(&both).clone_into(&mut vault.operator.file);
    let mut kills = Kills::wanted(rounds());
    for round in 1.. {
        if !kills.are_missing() {
            break;
        }
        let to = &recipients[round % 2];
        let words = ["keys", "rotate", "backup-recipient", "--to", to];
        if let Some(output) = kills.strike("rotate", &mut vault.opening(&words)) {
            ends_with(&output, 0);
        }
        assert_eq!(vault.listed(), backups);
        for id in &backups {
            vault.holds(id);
        }
        ends_with(&once_free(|| vault.opening(&words)), 0);
        let verify = |identity: &str, id: &str| {
            let words = ["backup", "verify", id, "--identity-file", identity];
            vault.run(&words)
        };
        for id in &backups {
            ends_with(&verify(&identities[round % 2], id), 0);
            ends_with(&verify(&identities[(round + 1) % 2], id), 6);
        }
        vault.is_tidy();
    }
}

fn a_killed_prune(deployment: Deployment) {
    let vault = filled(deployment);
    let (first, prune) = (vault.backup(), ["backup", "prune", "--yes"]);
    vault.backup();
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        vault.backup();
        vault.backup();
        let newest = vault.backup();
        let before = vault.listed();
        let ended = kills.strike("prune", &mut vault.deployment.command(&prune));
        if let Some(output) = ended {
            ends_with(&output, 0);
        }
        for id in vault.listed() {
            assert!(before.contains(&id));
            vault.holds(&id);
        }
        ends_with(&once_free(|| vault.deployment.command(&prune)), 0);
        // The newest one of the day and the oldest one: no part of another is left.
        let listed = vault.listed();
        assert_eq!(listed, [first.clone(), newest]);
        assert_eq!(names(&vault.destination().join("backup")), sorted(&listed));
        vault.is_tidy();
    }
}

fn a_killed_sync(deployment: Deployment) {
    let vault = filled(deployment);
    let backups: Vec<String> = (0..3).map(|_| vault.backup()).collect();
    let mut kills = Kills::wanted(rounds());
    for round in 0.. {
        if !kills.are_missing() {
            break;
        }
        let off = vault.deployment.parent().join(format!("off{round}"));
        let sync = ["backup", "sync", "--to", text(&off)];
        if let Some(output) = kills.strike("sync", &mut vault.deployment.command(&sync)) {
            ends_with(&output, 0);
        }
        let list = ["backup", "list", "--destination", text(&off), "--json"];
        if off.exists() {
            let listed = document(&vault.run(&list));
            for backup in listed["backups"].as_array().unwrap() {
                assert_eq!(backup.get("fault"), None, "{backup}");
                let id = backup["id"].as_str().unwrap();
                let verify = ["backup", "verify", id, "--destination", text(&off)];
                ends_with(&vault.opening(&verify).output().unwrap(), 0);
            }
        }
        ends_with(&once_free(|| vault.deployment.command(&sync)), 0);
        let listed = document(&vault.run(&list));
        assert_eq!(listed["backups"].as_array().unwrap().len(), backups.len());
        let here = vault.destination().join("backup");
        assert_eq!(files(&off.join("backup")), files(&here));
        let left = names(&off).into_iter();
        let left: Vec<String> = left.filter(|name| name.contains("part")).collect();
        assert_eq!(left, [""; 0]);
        for id in &backups {
            vault.holds(id);
        }
        fs::remove_dir_all(&off).unwrap();
    }
}

/// A server ends what it was told to do also when the client is gone.
fn wait_for_the_server(vault: &Vault) {
    const SESSIONS: &str = "\
        SELECT count(*) FROM pg_stat_activity WHERE application_name = 'embsec restore swap'";
    if vault.deployment.url().is_some() {
        let is_idle = || psql(&Postgres::V16.url(), SESSIONS) == "0";
        assert!(within(Duration::from_secs(60), is_idle));
    }
}

/// Told by a table that only the database has which is to be replaced.
fn a_killed_swap(deployment: Deployment) {
    const MARK: &str = "CREATE TABLE was_live (x INTEGER)";
    const MARKED: &str = "SELECT CAST(x AS TEXT) FROM was_live";
    let vault = filled(deployment);
    let id = vault.backup();
    let rows = [many_rows().to_string()];
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        vault.link().run(MARK);
        let into = match vault.deployment.url() {
            None => Into::File(vault.deployment.dir().join("restored.db")),
            Some(_) => vault.place("restored"),
        };
        ends_with(&vault.restore(&id, &into), 0);
        let words = ["restore", "swap", &id, "--yes", "--json"];
        if let Some(output) = kills.strike("swap", &mut vault.deployment.command(&words)) {
            ends_with(&output, 0);
        }
        wait_for_the_server(&vault);
        // One of the two is in place at any moment.
        assert_eq!(count(vault.link()), rows);
        let swapped = document(&once_free(|| vault.deployment.command(&words)));
        assert_eq!(count(vault.link()), rows);
        let former = swapped["former"].as_str().unwrap();
        let open = || match vault.deployment.url() {
            None => Link::to_file(Path::new(former)),
            Some(_) => Link::to_server(&in_database(&vault.deployment.database().url(), former)),
        };
        assert_eq!(open().texts(MARKED), [""; 0]);
        assert_eq!(count(open()), rows);
        match vault.deployment.url() {
            None => fs::remove_file(former).unwrap(),
            Some(_) => vault.link().run(&format!("DROP DATABASE \"{former}\"")),
        }
        // The one that is in place now has no such table.
        vault.link().run(&format!("{MARK}; DROP TABLE was_live"));
    }
    vault.is_tidy();
}

/// What tells one backup of the list from another whatever its id: when its rows were read, and
/// whether it is pinned.
fn snapshots(vault: &Vault) -> Vec<(String, bool)> {
    let list = document(&vault.run(&["backup", "list", "--json"]));
    let backups = list["backups"].as_array().unwrap().iter();
    let snapshots = backups.map(|backup| {
        let at = backup["created_at"].as_str().unwrap().to_owned();
        (at, backup["pinned"].as_bool().unwrap())
    });
    snapshots.collect()
}

fn a_killed_making_anew(deployment: Deployment) {
    let vault = filled(deployment);
    let pinned = vault.backup();
    vault.backup();
    ends_with(&vault.run(&["backup", "prune", "--pin", &pinned]), 0);
    let all = snapshots(&vault);
    assert_eq!(all.iter().filter(|(_, pinned)| *pinned).count(), 1);
    let words = ["keys", "rotate", "backup-recipient", "--reencrypt", "--yes"];
    let mut kills = Kills::wanted(rounds());
    while kills.are_missing() {
        let before = vault.listed();
        if let Some(output) = kills.strike("anew", &mut vault.opening(&words)) {
            ends_with(&output, 0);
        }
        for id in vault.listed() {
            vault.holds(&id);
        }
        let there = snapshots(&vault);
        for (at, is_pinned) in &all {
            let found = there.iter().filter(|(other, _)| other == at);
            let pins: Vec<bool> = found.map(|(_, pinned)| *pinned).collect();
            assert!(!pins.is_empty(), "the backup of {at} is gone");
            assert_eq!(pins.contains(&true), *is_pinned, "the backup of {at}");
        }
        ends_with(&once_free(|| vault.opening(&words)), 0);
        assert_eq!(snapshots(&vault), all);
        for id in vault.listed() {
            assert!(!before.contains(&id), "{id}");
            vault.holds(&id);
        }
        assert_eq!(
            names(&vault.destination().join("backup")),
            sorted(&vault.listed())
        );
        vault.is_tidy();
    }
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

#[test]
fn a_killed_backup_of_a_file_is_made_by_the_next_run() {
    a_killed_backup(Deployment::in_a_file());
}

#[test]
fn a_killed_backup_of_a_server_is_made_by_the_next_run() {
    a_killed_backup(on_a_server());
}

#[test]
fn a_killed_restore_into_a_file_is_done_by_the_next_run() {
    a_killed_restore(Deployment::in_a_file());
}

#[test]
fn a_killed_restore_onto_a_server_is_done_by_the_next_run() {
    a_killed_restore(on_a_server());
}

#[test]
fn a_killed_rotation_of_recipients_is_done_by_the_next_run() {
    a_killed_rotation_of_recipients(Deployment::in_a_file());
}

#[test]
fn a_killed_rotation_of_recipients_of_a_server_is_done_by_the_next_run() {
    a_killed_rotation_of_recipients(on_a_server());
}

#[test]
fn a_killed_making_anew_is_done_by_the_next_run() {
    a_killed_making_anew(Deployment::in_a_file());
}

#[test]
fn a_killed_making_anew_of_a_server_is_done_by_the_next_run() {
    a_killed_making_anew(on_a_server());
}

#[test]
fn a_killed_prune_is_done_by_the_next_run() {
    a_killed_prune(Deployment::in_a_file());
}

#[test]
fn a_killed_prune_of_a_server_is_done_by_the_next_run() {
    a_killed_prune(on_a_server());
}

#[test]
fn a_killed_swap_of_a_file_is_done_by_the_next_run() {
    a_killed_swap(Deployment::in_a_file());
}

#[test]
fn a_killed_swap_on_a_server_is_done_by_the_next_run() {
    a_killed_swap(on_a_server());
}

#[test]
fn a_killed_sync_is_done_by_the_next_run() {
    a_killed_sync(on_a_server());
}
