//! What usual scripts call a success: a source that goes away half-way or is not there at all, a
//! byte that changed, and backups that have been failing for a week.

use super::clock::Calendar;
use super::{Vault, document, ends_with, on_a_server, on_each_engine, says};
use crate::support::{Cluster, Database, Deployment, Link, Stop, within};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Ends what reads rows once it has read some.
const END_READING: &str = "\
    SELECT pg_terminate_backend(pid)::text FROM pg_stat_progress_copy \
    WHERE datname = current_database() AND tuples_processed > 1000";
/// How many rows are being read by whoever reads.
const READING: &str = "\
    SELECT tuples_processed::text FROM pg_stat_progress_copy \
    WHERE datname = current_database() AND tuples_processed > 1000";
const PATIENCE: Duration = Duration::from_secs(60);

/// A vault on a server with so many rows that reading them takes a while.
pub(super) fn large(deployment: Deployment) -> Vault {
    let vault = Vault::filled(deployment, 1);
    // Nobody opens these; they only have to be read.
    vault.link().run(
        "INSERT INTO embsec.embeddings (project_id, instance_id, text_id, data_revision, vector_dim, \
           vector, text, metadata, created_at, updated_at) \
         SELECT project_id, instance_id, 'more' || n, data_revision, vector_dim, vector, \
           repeat(md5(n::text), 20), metadata, created_at, updated_at \
         FROM embsec.embeddings, generate_series(1, 60000) AS n",
    );
    vault
}

/// Runs a backup, and does something to it once rows are being read.
#[track_caller]
pub(super) fn while_reading(mut backup: Command, mut act: impl FnMut(u32) -> bool) -> Output {
    let child = backup
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let acted = within(PATIENCE, || act(pid));
    let output = child.wait_with_output().unwrap();
    assert!(acted, "the rows were read too fast: {output:?}");
    output
}

/// Whether rows are being read.
pub(super) fn is_reading(link: &mut Link) -> bool {
    !link.texts(READING).is_empty()
}

/// It failed as something that is out of reach fails, and is as if it had not been.
#[track_caller]
fn nothing_is_left(vault: &Vault, failed: &Output, backups: &[String]) {
    ends_with(failed, 5);
    assert_eq!(vault.listed(), backups);
    vault.is_tidy();
}

#[test]
fn a_backup_whose_session_is_ended_half_way_is_none() {
    let vault = large(on_a_server());
    let earlier = vault.backup();
    let mut link = vault.link();
    let failed = while_reading(vault.deployment.command(&["backup"]), |_| {
        link.texts(END_READING) == ["true"]
    });
    nothing_is_left(&vault, &failed, std::slice::from_ref(&earlier));
    vault.holds(&earlier);
    let later = vault.backup();
    vault.holds(&later);
}

#[test]
fn a_server_that_stops_half_way_or_is_not_there_makes_no_backup() {
    let cluster = Cluster::start();
    let vault = large(Deployment::on(Database::fresh_at(&cluster.url())));
    let mut link = vault.link();
    let failed = while_reading(vault.deployment.command(&["backup"]), |_| {
        let reads = is_reading(&mut link);
        if reads {
            cluster.stop(Stop::Immediate);
        }
        reads
    });
    nothing_is_left(&vault, &failed, &[]);
    // Still down: nothing listens.
    nothing_is_left(&vault, &vault.run(&["backup"]), &[]);
    cluster.start_again();
    let later = vault.backup();
    vault.holds(&later);
}

#[test]
fn a_byte_that_changed_anywhere_in_the_rows_is_found() {
    for deployment in on_each_engine() {
        let vault = Vault::filled(deployment, 200);
        let id = vault.backup();
        let segment = vault.folder(&id).join("seg/000001.age");
        let bytes = std::fs::read(&segment).unwrap();
        let mut changed = bytes.clone();
        let place = bytes.len() - bytes.len().min(5_000) / 2;
        changed[place] ^= 1;
        std::fs::write(&segment, changed).unwrap();
        vault.refuses(&id, &["seg/000001.age"]);
        std::fs::write(&segment, bytes).unwrap();
        vault.holds(&id);
    }
}

#[test]
fn seven_failed_days_remove_no_good_backup() {
    let vault = Vault::empty(Deployment::in_a_file());
    let calendar = Calendar::made(vault.deployment.parent());
    let on = |day: u32, words: &[&str]| {
        let mut command = calendar.later(vault.deployment.command(words), day);
        command.output().unwrap()
    };
    let made_on = |day| {
        let made = document(&on(day, &["backup", "--json"]));
        made["id"].as_str().unwrap().to_owned()
    };
    let mut good: Vec<String> = (0..9).map(made_on).collect();
    let prune = ["backup", "prune", "--yes", "--tier", "local", "--json"];
    let pruned = on(8, &prune);
    let gone = document(&pruned)["remove"].as_array().unwrap().clone();
    let mut gone: Vec<&str> = gone
        .iter()
        .map(|gone| gone["id"].as_str().unwrap())
        .collect();
    gone.sort_unstable();
    assert_eq!(gone, [&good[0], &good[1]]);
    good.drain(..2);
    assert_eq!(vault.listed(), good);

    let database = vault.deployment.dir().join("embsec.db");
    let bytes = std::fs::read(&database).unwrap();
    let mut broken = bytes.clone();
    broken[4096..8192].fill(0x5a);
    std::fs::write(&database, broken).unwrap();
    for day in 9..16 {
        let failed = on(day, &["backup"]);
        assert!(matches!(failed.status.code(), Some(5 | 6)), "{failed:?}");
        for words in [&["backup", "prune", "--yes"][..], &prune] {
            ends_with(&on(day, words), 0);
        }
        assert_eq!(vault.listed(), good);
        vault.is_tidy();
    }
    // However few are wanted: with nothing newer, they are what there is.
    vault.set(
        "backup",
        "keep_daily = 1\nkeep_weekly = 0\nkeep_monthly = 0\nkeep_yearly = 0",
    );
    let explained = on(15, &["backup", "prune", "--yes", "--explain"]);
    says(&explained, &["is too old"]);
    assert_eq!(vault.listed(), good);
    vault.holds(good.last().unwrap());

    // Once there is a new one, the old ones may go.
    std::fs::write(&database, bytes).unwrap();
    let newest = made_on(16);
    ends_with(&on(16, &["backup", "prune", "--yes"]), 0);
    assert_eq!(vault.listed(), [newest]);
}
