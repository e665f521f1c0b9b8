//! Backups that are interrupted: before all rows were read nothing is left of them, and afterwards
//! the next run goes on.

use super::faults::{is_reading, large, while_reading};
use super::{Vault, document, ends_with, names, on_a_server, on_each_engine, said, says};
use crate::support::{Deployment, Link};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::path::PathBuf;

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may have ended by itself, which its output tells.
    let _sent = kill_process(pid, signal);
}

/// The folder of the backup that is being made, and its name.
fn partial(vault: &Vault) -> Option<(PathBuf, String)> {
    let folder = vault.destination().join(".partial");
    let name = names(&folder).into_iter().next()?;
    Some((folder.join(&name), name))
}

fn has_read(vault: &Vault) -> bool {
    partial(vault).is_some_and(|(folder, _)| folder.join("journal.json").exists())
}

/// A vault whose rows take a while to be read, and read back.
fn slow(deployment: Deployment) -> Vault {
    if deployment.url().is_some() {
        return large(deployment);
    }
    let vault = Vault::filled(deployment, 1);
    vault.fill();
    vault
}

#[test]
fn a_backup_of_a_server_that_is_interrupted_while_rows_are_read_leaves_nothing() {
    let vault = slow(on_a_server());
    let earlier = vault.backup();
    let mut link = vault.link();
    let output = while_reading(vault.deployment.command(&["backup"]), |pid| {
        let reads = is_reading(&mut link);
        if reads {
            send(pid, Signal::INT);
        }
        reads
    });
    ends_with(&output, 130);
    assert_eq!(vault.listed(), [earlier.as_str()]);
    vault.is_tidy();
    let output = while_reading(vault.deployment.command(&["backup"]), |pid| {
        let reads = is_reading(&mut link);
        if reads {
            send(pid, Signal::KILL);
        }
        reads
    });
    assert_eq!(output.status.code(), None);
    assert_eq!(vault.listed(), [earlier.as_str()]);
    let (_, unfinished) = partial(&vault).unwrap();
    let next = vault.run(&["backup"]);
    ends_with(&next, 0);
    says(
        &next,
        &[&format!("Removed the unfinished backup {unfinished}")],
    );
    vault.is_tidy();
    assert_eq!(vault.listed().len(), 2);
}

#[test]
fn a_backup_of_a_file_that_is_interrupted_while_it_is_read_leaves_nothing() {
    let vault = slow(Deployment::in_a_file());
    let earlier = vault.backup();
    let begun =
        || partial(&vault).is_some_and(|(folder, _)| folder.join("seg/000001.age").exists());
    for signal in [Signal::INT, Signal::KILL] {
        let output = while_reading(vault.deployment.command(&["backup"]), |pid| {
            let begun = begun();
            if begun {
                send(pid, signal);
            }
            begun
        });
        let code = (signal == Signal::INT).then_some(130);
        assert_eq!(output.status.code(), code, "{}", said(&output));
        assert_eq!(vault.listed(), [earlier.as_str()]);
        if signal == Signal::INT {
            vault.is_tidy();
        }
    }
    let (folder, unfinished) = partial(&vault).unwrap();
    assert!(!folder.join("journal.json").exists());
    let next = vault.run(&["backup"]);
    ends_with(&next, 0);
    says(
        &next,
        &[&format!("Removed the unfinished backup {unfinished}")],
    );
    vault.is_tidy();
    assert_eq!(vault.listed().len(), 2);
}

#[test]
fn a_backup_that_was_killed_after_all_rows_were_read_is_gone_on_with() {
    for deployment in on_each_engine() {
        let vault = slow(deployment);
        let earlier = vault.backup();
        for signal in [Signal::KILL, Signal::INT] {
            let (schema, count) = match vault.link() {
                Link::File(_) => ("", "CAST(count(*) AS TEXT)"),
                Link::Server(..) => ("embsec.", "count(*)::text"),
            };
            let count = format!("SELECT {count} FROM {schema}users");
            let users = vault.link().texts(&count);
            let output = while_reading(vault.deployment.command(&["backup"]), |pid| {
                let has_read = has_read(&vault);
                if has_read {
                    send(pid, signal);
                }
                has_read
            });
            let code = (signal == Signal::INT).then_some(130);
            assert_eq!(output.status.code(), code, "{}", said(&output));
            let (_, unfinished) = partial(&vault).unwrap();
            assert!(!vault.listed().contains(&unfinished));
            // What is written now is not in it.
            let user = format!("user-{}", signal.as_raw());
            let email = format!("{user}@example.org");
            let create = ["users", "create", &user, "--email", &email];
            ends_with(&vault.run(&create), 0);
            let next = vault.run(&["backup", "--json"]);
            says(&next, &[&format!("Went on with the backup {unfinished}")]);
            let next = document(&next);
            assert_eq!(next["id"], json!(unfinished));
            assert_eq!(next["resumed"], json!(true));
            vault.is_tidy();
            vault.holds(&unfinished);
            let into = vault.place("restored");
            ends_with(&vault.restore(&unfinished, &into), 0);
            assert_eq!(into.link().texts(&count), users);
            into.remove();
        }
        let after = document(&vault.run(&["backup", "--json"]));
        assert_eq!(after["resumed"], json!(false));
        assert_eq!(vault.listed().len(), 4);
        vault.holds(&earlier);
    }
}
