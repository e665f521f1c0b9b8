//! Disks without room: nothing is called a backup that is none, and with room the same command
//! goes through.

use super::small_disk::SmallDisk;
use super::{Vault, document, ends_with, names, on_each_engine, said, text};
use crate::support::{Deployment, Link};
use std::fs;

/// A page of a file system in memory.
const PAGE: u64 = 4096;

/// A vault whose backups go to a disk of these options.
#[track_caller]
fn on_disk(deployment: Deployment, options: &str) -> (Vault, SmallDisk) {
    let vault = Vault::filled(deployment, 20);
    fs::create_dir(vault.destination()).unwrap();
    let disk = SmallDisk::mount(&vault.destination(), options);
    (vault, disk)
}

#[test]
fn a_disk_that_takes_no_further_file_at_any_step_of_a_backup_takes_it_later() {
    for deployment in on_each_engine() {
        let (vault, disk) = on_disk(deployment, "size=64m,nr_inodes=100");
        let (mut good, mut refused) = (vec![vault.backup()], 0);
        let used = |vault: &Vault| {
            let folder = vault.destination();
            let count = std::process::Command::new("df")
                .args(["--output=iused", text(&folder)])
                .output()
                .unwrap();
            let count = String::from_utf8(count.stdout).unwrap();
            count.lines().last().unwrap().trim().parse::<u32>().unwrap()
        };
        let before = used(&vault);
        for more in 0..40 {
            let limit = used(&vault).min(before) + more;
            disk.change(&format!("nr_inodes={limit}"));
            let output = vault.run(&["backup", "--json"]);
            if output.status.success() {
                good.push(document(&output)["id"].as_str().unwrap().to_owned());
                break;
            }
            ends_with(&output, 5);
            refused += 1;
            assert_eq!(vault.listed(), good, "{}", said(&output));
        }
        // The folder, that of the segments, three segments, eight small files: about so many steps.
        assert!(refused > 10, "{refused} steps were refused");
        disk.change("nr_inodes=200");
        good.push(vault.backup());
        assert_eq!(vault.listed(), good);
        vault.is_tidy();
        for id in &good {
            vault.holds(id);
        }
    }
}

#[test]
fn a_disk_that_is_full_at_any_step_of_a_backup_takes_it_later() {
    for deployment in on_each_engine() {
        let (vault, disk) = on_disk(deployment, "size=64m");
        // So that compression gains nothing, and what is estimated is not enough.
        if let Link::File(connection) = &vault.link() {
            let filler = "CREATE TABLE filler AS SELECT randomblob(1000000) AS bytes; VACUUM;";
            connection.execute_batch(filler).unwrap();
        }
        let mut good = vec![vault.backup()];
        let pages = |vault: &Vault| {
            let bytes = std::process::Command::new("df")
                .args([
                    "--block-size=4096",
                    "--output=used",
                    text(&vault.destination()),
                ])
                .output()
                .unwrap();
            let bytes = String::from_utf8(bytes.stdout).unwrap();
            bytes.lines().last().unwrap().trim().parse::<u64>().unwrap()
        };
        let one = pages(&vault);
        let mut refused = 0;
        for more in 0.. {
            let size = (pages(&vault) + one - one.min(12) + more) * PAGE;
            disk.change(&format!("size={size}"));
            let output = vault.run(&["backup", "--json"]);
            if output.status.success() {
                good.push(document(&output)["id"].as_str().unwrap().to_owned());
                break;
            }
            ends_with(&output, 5);
            refused += 1;
            assert!(refused < 200);
            assert_eq!(vault.listed(), good, "{}", said(&output));
        }
        assert!(refused > 0);
        disk.change("size=64m");
        vault.backup();
        vault.is_tidy();
        for id in &vault.listed() {
            vault.holds(id);
        }
    }
}

#[test]
fn a_disk_that_is_full_takes_a_backup_of_another_destination_later() {
    let vault = Vault::filled(Deployment::in_a_file(), 500);
    let id = vault.backup();
    let off = vault.deployment.parent().join("off");
    fs::create_dir(&off).unwrap();
    let disk = SmallDisk::mount(&off, "size=32k");
    let sync = ["backup", "sync", "--to", text(&off), "--json"];
    let there = || {
        let list = vault.run(&["backup", "list", "--destination", text(&off), "--json"]);
        document(&list)["backups"].as_array().unwrap().len()
    };
    for kib in (32..4096).step_by(16) {
        disk.change(&format!("size={kib}k"));
        let output = vault.run(&sync);
        if output.status.success() {
            assert!(kib > 32);
            break;
        }
        ends_with(&output, 5);
        assert_eq!(there(), 0, "{}", said(&output));
    }
    assert_eq!(there(), 1);
    let verify = ["backup", "verify", &id, "--destination", text(&off)];
    ends_with(&vault.opening(&verify).output().unwrap(), 0);
}

#[test]
fn a_disk_that_is_full_keeps_nothing_of_a_restore() {
    let vault = Vault::filled(Deployment::in_a_file(), 500);
    let id = vault.backup();
    let folder = vault.deployment.parent().join("small");
    fs::create_dir(&folder).unwrap();
    let size = fs::metadata(vault.deployment.dir().join("embsec.db"))
        .unwrap()
        .len();
    let disk = SmallDisk::mount(&folder, &format!("size={}", size / 2));
    let into = folder.join("restored.db");
    let words = ["restore", &id, "--into", text(&into)];
    for size in [size / 2, size - PAGE, size] {
        disk.change(&format!("size={size}"));
        let output = vault.opening(&words).output().unwrap();
        if output.status.success() {
            return;
        }
        ends_with(&output, 5);
        assert_eq!(names(&folder), [""; 0]);
    }
    disk.change("size=64m");
    ends_with(&vault.opening(&words).output().unwrap(), 0);
}
