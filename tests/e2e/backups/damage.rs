//! Files of a backup that changed by themselves or by somebody's hand: found, named and not restored,
//! and other backups are as good as before.

use super::{Identity, Vault, ends_with, files, on_each_engine, said, says};
use crate::support::{Deployment, Random, rounds};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// How much of an age file is sealed at once, and how much longer that gets.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// What stands before the chunks.
const NONCE: usize = 16;
/// Rows whose backup has several chunks.
const ROWS: usize = 6_000;
/// At how many places of each file of a sample a bit is flipped.
const SAMPLE: u64 = 6;

/// Words of which one tells that this file of a backup changed: a signature is told by what it
/// signs.
fn words_for(file: &str) -> Vec<&str> {
    match file {
        "manifest.pub.json" | "manifest.sig" => vec!["manifest.pub.json", "in the place of"],
        "keys.age" | "keys.sig" => vec!["keys.age"],
        "datakeys.json" | "datakeys.sig" => vec!["datakeys.json"],
        file => vec![file],
    }
}

/// Changes a file, has a look at it, and puts back what was there.
fn changed(path: &Path, change: impl FnOnce(&mut Vec<u8>), look: impl FnOnce()) {
    let before = fs::read(path).unwrap();
    let mut bytes = before.clone();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
    look();
    fs::write(path, before).unwrap();
}

#[test]
fn a_flipped_bit_at_any_percent_of_any_file_is_found_and_named() {
    let mut random = Random::seeded();
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 50);
        let (other, id) = (vault.backup(), vault.backup());
        for file in files(&vault.folder(&id)) {
            let path = vault.folder(&id).join(&file);
            let length = fs::metadata(&path).unwrap().len();
            let percents: Vec<u64> = match rounds() {
                50.. => (0..=100).collect(),
                _ => (0..SAMPLE).map(|_| random.next() % 101).collect(),
            };
            for percent in percents {
                let place = usize::try_from(((length - 1) * percent) / 100).unwrap();
                let bit = 1_u8 << (random.next() % 8);
                changed(
                    &path,
                    |bytes| bytes[place] ^= bit,
                    || {
                        let verified = vault.verify(&id);
                        let what = format!("{file}, byte {place}, bit {bit:#04x}");
                        assert_eq!(
                            verified.status.code(),
                            Some(6),
                            "{what}: {}",
                            said(&verified)
                        );
                        says(&verified, &words_for(&file));
                    },
                );
            }
        }
        vault.holds(&id);
        vault.holds(&other);
    }
}

#[test]
fn a_signature_that_names_another_key_than_its_own_is_not_believed() {
    let vault = Vault::filled(Deployment::in_a_file(), 10);
    let id = vault.backup();
    for file in ["manifest.sig", "keys.sig", "datakeys.sig"] {
        let rename = |bytes: &mut Vec<u8>| {
            let mut signatures: Value = serde_json::from_slice(bytes).unwrap();
            signatures["entries"][0]["key_id"] = "another".into();
            *bytes = serde_json::to_vec(&signatures).unwrap();
        };
        changed(&vault.folder(&id).join(file), rename, || {
            vault.refuses(&id, &["it names another key than it is signed with"]);
        });
    }
    vault.holds(&id);
}

#[test]
fn what_changed_is_not_restored_and_leaves_nothing() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 50);
        let (other, id) = (vault.backup(), vault.backup());
        let files = files(&vault.folder(&id));
        for file in &files {
            let path = vault.folder(&id).join(file);
            let half = |bytes: &mut Vec<u8>| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            };
            changed(&path, half, || vault.refuses(&id, &words_for(file)));
            fs::rename(&path, path.with_extension("away")).unwrap();
            let missing = match file.as_str() {
                "manifest.sig" => "has no signature",
                file => file,
            };
            // A restore test on a server starts one each time.
            if vault.deployment.url().is_none() {
                vault.refuses(&id, &[missing]);
            }
            let verified = vault.verify(&id);
            ends_with(&verified, 6);
            says(&verified, &[missing]);
            if ["manifest.sig", "manifest.pub.json"].contains(&file.as_str()) {
                // The list reads no other file. What was whole here is not taken for unfinished.
                ends_with(&vault.run(&["backup", "list"]), 6);
            }
            fs::rename(path.with_extension("away"), &path).unwrap();
            vault.holds(&other);
        }
        vault.holds(&id);
        let into = vault.place("restored");
        ends_with(&vault.restore(&id, &into), 0);
    }
}

#[test]
fn a_segment_that_ends_at_any_of_its_chunks_is_found() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, ROWS);
        let id = vault.backup();
        let folder = vault.folder(&id);
        let largest = files(&folder)
            .into_iter()
            .max_by_key(|file| fs::metadata(folder.join(file)).unwrap().len())
            .unwrap();
        let path = folder.join(&largest);
        let bytes = fs::read(&path).unwrap();
        let end = bytes
            .windows(5)
            .position(|window| window == b"\n--- ")
            .unwrap()
            + 5;
        let header = end + bytes[end..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let ends: Vec<usize> = (header + NONCE..bytes.len()).step_by(CHUNK + TAG).collect();
        assert!(ends.len() > 3, "{largest} has {} bytes", bytes.len());
        for end in [0, header].into_iter().chain(ends.iter().copied()) {
            changed(
                &path,
                |bytes| bytes.truncate(end),
                || {
                    let verified = vault.verify(&id);
                    ends_with(&verified, 6);
                    says(&verified, &[&largest]);
                },
            );
        }
        let last = ends[ends.len() - 1];
        changed(
            &path,
            |bytes| bytes.truncate(last),
            || vault.refuses(&id, &[&largest]),
        );
        // Of the same length too: the last chunks are zeros, or those of another place.
        for end in ends {
            changed(
                &path,
                |bytes| bytes[end..].fill(0),
                || {
                    let verified = vault.verify(&id);
                    ends_with(&verified, 6);
                    says(&verified, &[&largest]);
                },
            );
        }
        let (one, two) = (header + NONCE, header + NONCE + CHUNK + TAG);
        let swap = |bytes: &mut Vec<u8>| {
            let (before, after) = bytes.split_at_mut(two);
            before[one..].swap_with_slice(&mut after[..CHUNK + TAG]);
        };
        changed(&path, swap, || vault.refuses(&id, &[&largest]));
        vault.holds(&id);
    }
}

#[test]
fn the_newest_backup_is_one_that_holds_and_it_is_said_which_were_passed_over() {
    let vault = Vault::filled(Deployment::in_a_file(), 10);
    fs::create_dir(vault.destination()).unwrap();
    let newest = || vault.run(&["backup", "show", "newest", "--json"]);
    ends_with(&newest(), 2);
    says(&newest(), &["there is no backup in"]);

    let first = vault.backup();
    assert_eq!(super::document(&newest())["id"], first.as_str());
    let second = vault.backup();
    let damage = |id: &str| {
        let path = vault.folder(id).join("seg/000001.age");
        let mut bytes = fs::read(&path).unwrap();
        bytes[100] ^= 1;
        fs::write(&path, bytes).unwrap();
        ends_with(&vault.run(&["backup", "verify", id, "--level", "1"]), 6);
    };
    damage(&second);
    let older = newest();
    assert_eq!(super::document(&older)["id"], first.as_str());
    says(
        &older,
        &[&format!("newer ones are not known to hold ({second})")],
    );

    damage(&first);
    ends_with(&newest(), 2);
    says(&newest(), &["none of the 2 backups in"]);
    // Named, it is looked at anyway.
    let named = super::document(&vault.run(&["backup", "show", &second, "--json"]));
    assert_eq!(named["verified_level"], 0, "{named}");
}

#[test]
fn segments_of_two_backups_that_changed_places_are_found() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 50);
        let (one, two, third) = (vault.backup(), vault.backup(), vault.backup());
        let path = |id: &str| vault.folder(id).join("seg/000001.age");
        let (first, second) = (fs::read(path(&one)).unwrap(), fs::read(path(&two)).unwrap());
        fs::write(path(&one), &second).unwrap();
        fs::write(path(&two), &first).unwrap();
        vault.refuses(&one, &["seg/000001.age"]);
        vault.refuses(&two, &["seg/000001.age"]);
        vault.holds(&third);
        fs::write(path(&one), &first).unwrap();
        vault.holds(&one);
        vault.refuses(&two, &["seg/000001.age"]);
    }
}

#[test]
fn an_identity_that_is_another_ones_or_missing_opens_nothing() {
    for deployment in on_each_engine() {
        let mut vault = Vault::filled(deployment, 50);
        let id = vault.backup();
        let nobody = Identity::made(&vault.deployment, "nobody");
        let operator = std::mem::replace(&mut vault.operator, nobody);
        let verified = vault.verify(&id);
        ends_with(&verified, 6);
        says(&verified, &["the identity does not open the backup"]);
        let into = vault.place("other");
        ends_with(&vault.restore(&id, &into), 6);
        into.is_empty();
        let tested = vault.opening(&["restore-test", &id]).output().unwrap();
        assert!(
            matches!(tested.status.code(), Some(3 | 6)),
            "{}",
            said(&tested)
        );
        // The backup is not thought worse of.
        let list = vault.run(&["backup", "list", "--json"]);
        let list: Value = serde_json::from_slice(&list.stdout).unwrap();
        assert_eq!(list["backups"][0]["verified_level"], 2, "{list}");

        let verified = vault.run(&["backup", "verify", &id, "--level", "2"]);
        ends_with(&verified, 3);
        says(&verified, &["Level 1 holds"]);
        ends_with(&vault.run(&["restore-test", &id]), 3);
        let into = into.name();
        ends_with(&vault.run(&["restore", &id, "--into", &into]), 2);
        ends_with(&vault.run(&["backup", "verify", &id, "--level", "1"]), 0);
        vault.operator = operator;
        vault.holds(&id);
    }
}

#[test]
fn a_backup_that_another_deployment_signed_is_not_believed() {
    let (ours, theirs) = (
        Vault::filled(Deployment::in_a_file(), 10),
        Vault::filled(Deployment::in_a_file(), 10),
    );
    let (good, foreign) = (ours.backup(), theirs.backup());
    super::copy(&theirs.folder(&foreign), &ours.folder(&foreign));
    let unknown = ["which is not known here"];
    ours.refuses(&foreign, &unknown);
    let list = ours.run(&["backup", "list"]);
    ends_with(&list, 6);
    says(&list, &[&foreign]);
    // Sealed to our recipient as well, it is no better.
    let recipients = format!("recipients = [\"{}\"]", ours.operator.recipient);
    let settings = theirs.deployment.dir().join("embsec.toml");
    let changed = fs::read_to_string(&settings).unwrap();
    let old = format!("recipients = [\"{}\"]", theirs.operator.recipient);
    fs::write(&settings, changed.replace(&old, &recipients)).unwrap();
    let forged = theirs.backup();
    super::copy(&theirs.folder(&forged), &ours.folder(&forged));
    ours.refuses(&forged, &unknown);
    ours.holds(&good);
}
