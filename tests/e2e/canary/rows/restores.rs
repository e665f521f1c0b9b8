//! What is restored from backups.

use super::backups::{in_a_store, opener, with_wrong_identities};
use crate::canary::requests;
use crate::canary::stage::Stage;
use crate::support::{Engine, in_database, psql};
use embsec::crypto::sealed_file::{self, Identities};
use serde_json::Value;
use std::path::Path;

/// Takes over the identity that each backup has of its own.
pub(super) fn learn_identities(stage: &mut Stage) {
    let files = ["--verbose", "--json"].map(|form| super::backups::operator(stage, form).file);
    let identities = files.map(|file| Identities::read(&std::fs::read(file).unwrap()).unwrap());
    let folder = stage.deployment.dir().join("backups/backup");
    let mut known = 0;
    for entry in folder.read_dir().unwrap() {
        let sealed = std::fs::read(entry.unwrap().path().join("keys.age")).unwrap();
        let opened = identities
            .iter()
            .find_map(|one| sealed_file::open(one, &sealed).ok());
        let text = String::from_utf8(opened.unwrap().to_vec()).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("AGE-SECRET-KEY-1"));
        let (_, part) = line.unwrap().split_at("AGE-SECRET-KEY-1".len());
        stage
            .secrets
            .learn_part("identity of a backup", line.unwrap(), part);
        known += 1;
    }
    assert!(known > 0, "no backup in {}", folder.display());
}

/// The ids of the newest backups of the deployment's own database, and of embapi's.
fn backups(stage: &Stage) -> [String; 2] {
    let output = stage.deployment.embsec(&["backup", "list", "--json"]);
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = list["backups"].as_array().unwrap();
    ["embsec", "embapi"].map(|program| {
        let last = all.iter().rfind(|one| one["program"] == program).unwrap();
        last["id"].as_str().unwrap().to_owned()
    })
}

/// Where the deployment's own database is restored to, beside it.
fn into(stage: &mut Stage) -> String {
    match stage.deployment.url().map(str::to_owned) {
        Some(url) => in_database(&url, stage.database("restored").name()),
        None => {
            let file = stage.deployment.dir().join("restored.db");
            file.to_str().unwrap().to_owned()
        }
    }
}

pub(super) fn restore(stage: &mut Stage) {
    let opener = opener(stage);
    let [own, embapi] = backups(stage);
    let place = into(stage);
    let identity = ["--identity-file", opener.file.as_str()];
    let to = [&[own.as_str(), "--into", &place][..], &identity].concat();
    stage
        .run(&[&to[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage
        .run(&[&to[..], &["--verbose", "--progress", "json"]].concat())
        .ends(&[0]);
    // It is full.
    for form in ["--verbose", "--json"] {
        stage.run(&[&to[..], &[form]].concat()).ends(&[4]);
    }
    let away = stage.url_of_nobody();
    for (url, codes) in [
        (&away, &[2, 5][..]),
        (&away.replace(":1/", ":port/"), &[2]),
        (&away.replace("postgres://", "postgres:/"), &[2]),
    ] {
        for form in ["--verbose", "--json"] {
            let there = [&[embapi.as_str(), "--into", url, form][..], &identity].concat();
            stage.run(&there).ends(codes);
        }
    }
    let none = stage.beside("none.db");
    with_wrong_identities(stage, &[&own, "--into", &none], &[6]);
    in_a_store(stage, &to);
    stage.with_damaged_keyring(&[&[own.as_str(), "--into", &none][..], &identity].concat());
    stage.with_wrong_settings(&to);
}

pub(super) fn swap(stage: &mut Stage) {
    let [own, embapi] = backups(stage);
    stage.run(&[&own, "--dry-run", "--json"]).ends(&[0]);
    stage.run(&[&embapi, "--yes", "--verbose"]).ends(&[2]);
    stage.run(&[&own, "--verbose"]).ends(&[4]);
    // The server holds it.
    stage.run(&[&own, "--yes", "--json"]).ends(&[4]);
    stage.stop_server();
    // What stands in between holds it too.
    let codes: &[i32] = match Engine::chosen() {
        Engine::Pgbouncer => &[0, 4],
        _ => &[0],
    };
    let text = stage.run(&[&own, "--yes", "--json"]).ends(codes);
    stage.start_server("json");
    // It serves what was restored.
    requests::read(stage);
    requests::mistake(stage);
    if let Ok(swapped) = serde_json::from_str::<Value>(&text)
        && let Some(former) = swapped["former"].as_str()
    {
        remove(stage, former);
    }
    stage.with_damaged_keyring(&[&own, "--yes"]);
    stage.with_wrong_settings(&[&own, "--yes"]);
}

/// Removes what was in place before, which was never scrubbed.
fn remove(stage: &Stage, former: &str) {
    match stage.deployment.url() {
        Some(url) => {
            let (_, name) = former.rsplit_once('/').unwrap_or(("", former));
            let drop = format!("DROP DATABASE \"{name}\"");
            psql(&in_database(url, "postgres"), &drop);
        }
        None => {
            let name = Path::new(former).file_name().unwrap();
            std::fs::remove_file(stage.deployment.dir().join(name)).unwrap();
        }
    }
}

pub(super) fn test(stage: &mut Stage) {
    let opener = opener(stage);
    let [own, embapi] = backups(stage);
    let identity = ["--identity-file", opener.file.as_str()];
    let metrics = stage.beside("metrics");
    std::fs::create_dir(&metrics).unwrap();
    let file = format!("{metrics}/embsec.prom");
    stage.tell(&[&[own.as_str()][..], &identity].concat(), 0);
    let url = format!("http://127.0.0.1:1/{}", stage.secrets.text("healthcheck"));
    let run = stage.run(&[&["--rotate", "--metrics-file", &file][..], &identity].concat());
    run.set("EMBSEC_RESTORE_TEST__HEALTHCHECK_URL", &url)
        .ends(&[0, 1, 3]);
    stage.hear_files(Path::new(&metrics), &[], &[]);
    let run = stage.run(&[&own, "--json"]);
    run.set("EMBSEC_RESTORE_TEST__HEALTHCHECK_URL", &url)
        .ends(&[3]);
    // The key of another program.
    let right = stage.beside("embapi-next.key");
    let wrong = stage.keep("other.key", stage.secrets.text("wrong proxy key"));
    let of_embapi = [&[embapi.as_str()][..], &identity].concat();
    for (key, codes) in [(&right, &[0][..]), (&wrong, &[1, 6])] {
        stage.tell_any(&[&of_embapi[..], &["--key-file", key]].concat(), codes);
    }
    let key = stage.secrets.text("wrong proxy key").to_owned();
    for variable in [&key, &std::fs::read_to_string(right).unwrap()] {
        let run = stage.run(&[&of_embapi[..], &["--verbose"]].concat());
        run.set("ENCRYPTION_KEY", variable).ends(&[0, 1, 6]);
    }
    let away = stage.url_of_nobody();
    for url in [&away, &away.replace(":1/", ":port/")] {
        let there = [&of_embapi[..], &["--into", url, "--json"]].concat();
        stage.run(&there).ends(&[2, 3, 5]);
    }
    with_wrong_identities(stage, &[&own], &[3, 6]);
    in_a_store(stage, &[&[own.as_str()][..], &identity].concat());
    stage.with_damaged_keyring(&[&[own.as_str()][..], &identity].concat());
    stage.with_wrong_settings(&[&[own.as_str()][..], &identity].concat());
}
