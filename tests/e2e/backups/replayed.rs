//! Old states that somebody puts back, each of them well signed: what this host has seen of a backup
//! does not become undone.

use super::{Identity, Vault, copy, document, ends_with, on_each_engine, says};
use crate::support::Deployment;
use std::fs;

#[test]
fn old_keys_that_were_put_back_after_a_rotation_of_recipients_are_not_believed() {
    for deployment in on_each_engine() {
        let mut vault = Vault::filled(deployment, 20);
        let (id, other) = (vault.backup(), vault.backup());
        let folder = vault.folder(&id);
        let keep = vault.deployment.parent().join("kept");
        copy(&folder, &keep);
        let next = Identity::made(&vault.deployment, "next");
        let rotate = [
            "keys",
            "rotate",
            "backup-recipient",
            "--to",
            &next.recipient,
        ];
        ends_with(&vault.opening(&rotate).output().unwrap(), 0);
        // The old identity opens it no more.
        let verified = vault.verify(&id);
        ends_with(&verified, 6);
        says(&verified, &["the identity does not open the backup"]);
        let latest = vault.deployment.parent().join("latest");
        copy(&folder, &latest);
        for file in ["keys.age", "keys.sig"] {
            fs::copy(keep.join(file), folder.join(file)).unwrap();
        }
        vault.refuses(&id, &["an old state of the file keys.age"]);
        let old = std::mem::replace(&mut vault.operator, next);
        vault.refuses(&id, &["an old state of the file keys.age"]);
        vault.holds(&other);
        // Half of it is no better.
        fs::copy(latest.join("keys.sig"), folder.join("keys.sig")).unwrap();
        vault.refuses(&id, &["keys.age"]);
        fs::copy(latest.join("keys.age"), folder.join("keys.age")).unwrap();
        vault.holds(&id);
        vault.operator = old;
        ends_with(&vault.verify(&id), 6);
    }
}

#[test]
fn data_keys_that_were_put_back_after_a_project_was_destroyed_are_not_believed() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 20);
        let (id, other) = (vault.backup(), vault.backup());
        let folder = vault.folder(&id);
        let keep = vault.deployment.parent().join("kept");
        copy(&folder, &keep);
        let shred = ["keys", "shred", "project:alice/books", "--now", "--yes"];
        ends_with(&vault.run(&shred), 0);
        vault.holds(&id);
        let latest = vault.deployment.parent().join("latest");
        copy(&folder, &latest);
        for file in ["datakeys.json", "datakeys.sig"] {
            assert_ne!(
                fs::read(keep.join(file)).unwrap(),
                fs::read(folder.join(file)).unwrap()
            );
            fs::copy(keep.join(file), folder.join(file)).unwrap();
        }
        vault.refuses(&id, &["an old state of the file datakeys.json"]);
        vault.holds(&other);
        for file in ["datakeys.json", "datakeys.sig"] {
            fs::copy(latest.join(file), folder.join(file)).unwrap();
        }
        vault.holds(&id);
    }
}

#[test]
fn a_backup_that_was_removed_and_put_back_as_a_whole_is_not_believed() {
    let vault = Vault::filled(Deployment::in_a_file(), 20);
    let backups: Vec<String> = (0..3).map(|_| vault.backup()).collect();
    let keep = vault.deployment.parent().join("kept");
    copy(&vault.destination(), &keep);
    let pruned = vault.run(&["backup", "prune", "--yes", "--json"]);
    let gone = document(&pruned)["remove"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(backups.contains(&gone));
    assert!(!vault.listed().contains(&gone));
    for folder in ["backup", "catalogue"] {
        let (from, to) = (keep.join(folder), vault.destination().join(folder));
        copy(&from.join(&gone), &to.join(&gone));
    }
    vault.refuses(&gone, &["was removed by retention, and lies there again"]);
    let list = vault.run(&["backup", "list"]);
    ends_with(&list, 6);
    says(&list, &[&gone]);
    // Retention leaves it where it is, for somebody to look at.
    ends_with(&vault.run(&["backup", "prune", "--yes"]), 0);
    assert!(vault.folder(&gone).join("manifest.sig").exists());
    for id in backups.iter().filter(|id| **id != gone) {
        vault.holds(id);
    }
}

#[test]
fn the_manifest_of_another_backup_is_not_believed() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 20);
        let (id, other) = (vault.backup(), vault.backup());
        for files in [
            &["manifest.pub.json", "manifest.sig"][..],
            &["manifest.pub.json", "manifest.sig", "manifest.json.age"],
            &["manifest.json.age"],
            &["keys.age", "keys.sig"],
            &["datakeys.json", "datakeys.sig"],
        ] {
            let (folder, keep) = (vault.folder(&id), vault.deployment.parent().join("kept"));
            copy(&folder, &keep);
            for file in files {
                fs::copy(vault.folder(&other).join(file), folder.join(file)).unwrap();
            }
            let told = match files[0] {
                "manifest.pub.json" => format!("lies the backup {other}"),
                file => file.to_owned(),
            };
            vault.refuses(&id, &[&told]);
            vault.holds(&other);
            copy(&keep, &folder);
            vault.holds(&id);
        }
    }
}

#[test]
fn a_backup_that_is_gone_is_missed() {
    let vault = Vault::filled(Deployment::in_a_file(), 20);
    let (one, two) = (vault.backup(), vault.backup());
    fs::remove_dir_all(vault.folder(&one)).unwrap();
    let list = vault.run(&["backup", "list"]);
    ends_with(&list, 6);
    says(&list, &[&one]);
    vault.holds(&two);
}
