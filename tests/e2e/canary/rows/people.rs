//! Users and projects.

use super::MADE_TO_BE_SHOWN;
use crate::canary::stage::Stage;

/// Learns the key that a command has just shown.
fn learn(stage: &mut Stage, name: &'static str, key: &str) {
    stage.secrets.learn(name, key.trim_end());
}

pub(super) fn create(stage: &mut Stage) {
    let email = ["--email", "bob@example.org"];
    stage
        .run(&[&["bob"], &email[..], &["--dry-run"]].concat())
        .ends(&[0]);
    let run = stage.run(&[&["bob"], &email[..], &["--verbose"]].concat());
    let key = run.shows("key of bob", MADE_TO_BE_SHOWN).ends(&[0]);
    learn(stage, "key of bob", &key);
    let run = stage.run(&["carol", "--email", "carol@example.org", "--json"]);
    let document = run.shows("key of carol", MADE_TO_BE_SHOWN).ends(&[0]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    learn(stage, "key of carol", document["api_key"].as_str().unwrap());
    stage.run(&[&["bob"], &email[..]].concat()).ends(&[4]);
    stage.in_trouble(&["dave", "--email", "dave@example.org"]);
    let pasted = format!("--api-key={}", stage.secrets.text("stray key"));
    stage
        .run(&["dave", "--email", "dave@example.org", &pasted])
        .ends(&[2]);
}

pub(super) fn list(stage: &mut Stage) {
    stage.tell(&[], 0);
    stage.in_trouble(&[]);
}

pub(super) fn show(stage: &mut Stage) {
    stage.tell(&["alice"], 0);
    stage.in_trouble(&["alice"]);
}

pub(super) fn rotate(stage: &mut Stage) {
    stage.run(&["bob", "--dry-run", "--json"]).ends(&[0]);
    let run = stage.run(&["bob", "--grace", "1h", "--verbose"]);
    let key = run.shows("second key of bob", MADE_TO_BE_SHOWN).ends(&[0]);
    learn(stage, "second key of bob", &key);
    stage.run(&["nobody-here"]).ends(&[2]);
    stage.in_trouble(&["bob"]);
}

pub(super) fn disable(stage: &mut Stage) {
    stage.run(&["bob", "--dry-run", "--json"]).ends(&[0]);
    stage.run(&["bob", "--verbose"]).ends(&[0]);
    let bob = stage.clients["admin"].with_key(stage.secrets.text("second key of bob"));
    let reply = bob.get("/v1/users/bob").expect(401);
    stage.hear_reply("a disabled user", &reply, &[]);
    stage.in_trouble(&["bob"]);
}

pub(super) fn enable(stage: &mut Stage) {
    stage.run(&["bob", "--verbose"]).ends(&[0]);
    stage.run(&["bob", "--json"]).ends(&[0]);
    stage.in_trouble(&["bob"]);
}

pub(super) fn delete(stage: &mut Stage) {
    stage.run(&["carol", "--dry-run", "--json"]).ends(&[0]);
    stage.run(&["carol"]).ends(&[4]);
    stage.run(&["carol", "--yes", "--verbose"]).ends(&[0]);
    stage.in_trouble(&["bob", "--yes"]);
}

pub(super) fn list_projects(stage: &mut Stage) {
    stage.tell(&[], 0);
    stage.tell(&["--deleted"], 0);
    stage.in_trouble(&[]);
}

pub(super) fn show_project(stage: &mut Stage) {
    stage.tell(&["alice/sealed"], 0);
    stage.in_trouble(&["alice/sealed"]);
}

pub(super) fn set_project(stage: &mut Stage) {
    let set = ["alice/sealed", "--encrypt-metadata"];
    stage.tell(&[&set[..], &["off", "--dry-run"]].concat(), 0);
    stage.tell(&[&set[..], &["on"]].concat(), 0);
    stage.in_trouble(&[&set[..], &["on"]].concat());
}

pub(super) fn delete_project(stage: &mut Stage) {
    stage.run(&["alice/sealed"]).ends(&[4]);
    stage
        .run(&["alice/sealed", "--dry-run", "--json"])
        .ends(&[0]);
    stage
        .run(&["alice/sealed", "--yes", "--verbose"])
        .ends(&[0]);
    stage.in_trouble(&["alice/closed", "--yes"]);
}

pub(super) fn undelete_project(stage: &mut Stage) {
    stage
        .run(&["alice/sealed", "--dry-run", "--verbose"])
        .ends(&[0]);
    stage.run(&["alice/sealed", "--json"]).ends(&[0]);
    stage.run(&["alice/sealed", "--verbose"]).ends(&[2]);
    stage.in_trouble(&["alice/sealed"]);
}
