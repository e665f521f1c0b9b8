//! `embsec projects …` and `embsec keys shred` beside a running server.

use crate::support::{Client, Kills, World, item, rounds, within};
use serde_json::{Value, json};
use std::process::Output;
use std::time::Duration;

const DOCS: &str = "/v1/projects/alice/docs";
const POLICY: &str = "/v1/projects/alice/docs/policy";

/// `alice` with her project `docs` and two texts.
fn world() -> (World, Client) {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "docs");
    world.upload(&alice, "alice", "docs", &["text-one", "text-two"]);
    (world, alice)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a command that must end with this code; returns its stdout.
#[track_caller]
fn run(world: &World, code: i32, arguments: &[&str]) -> String {
    let output = world.deployment.embsec(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(world: &World, arguments: &[&str]) -> Value {
    let text = run(world, 0, &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).unwrap()
}

/// Runs a command under which whatever is deleted is due at once.
fn at_once(world: &World, arguments: &[&str]) -> Output {
    let mut command = world.deployment.command(arguments);
    command.env("EMBSEC_KEYS__SHRED_AFTER", "0s");
    command.output().unwrap()
}

fn deleted(world: &World) -> Vec<Value> {
    let document = json(world, &["projects", "list", "--deleted"]);
    document["projects"].as_array().unwrap().clone()
}

#[test]
fn a_project_deleted_at_the_console_is_gone_at_once_and_comes_back_whole() {
    let (world, alice) = world();
    let before = alice.get(DOCS).expect(200).json();
    let refused = world
        .deployment
        .embsec(&["projects", "delete", "alice/docs"]);
    assert_eq!(refused.status.code(), Some(4), "{}", stderr(&refused));
    alice.get(DOCS).expect(200);
    let told = run(&world, 0, &["projects", "delete", "alice/docs", "--yes"]);
    assert!(
        told.contains("`embsec projects undelete alice/docs"),
        "{told}"
    );
    alice.get(DOCS).expect(404);
    alice.get("/v1/embeddings/alice/docs/text-one").expect(404);
    alice.get("/v1/projects/alice").expect(404);
    assert_eq!(deleted(&world)[0]["project_handle"], "docs");
    let back = json(&world, &["projects", "undelete", "alice/docs"]);
    assert_eq!(back["schema"], "embsec.projects.undelete/1");
    assert_eq!(alice.get(DOCS).expect(200).json(), before);
    let text = alice.get("/v1/embeddings/alice/docs/text-one").expect(200);
    assert_eq!(text.json()["text"], "the text of text-one");
    assert!(deleted(&world).is_empty());
}

#[test]
fn a_project_deleted_by_a_client_comes_back_under_another_handle() {
    let (world, alice) = world();
    alice.delete(DOCS).expect(204);
    alice.delete("/v1/llm-instances/alice/inst").expect(204);
    world.project(&alice, "alice", "docs");
    let undelete = ["projects", "undelete", "alice/docs"];
    let taken = world.deployment.embsec(&undelete);
    assert_eq!(taken.status.code(), Some(4), "{}", stderr(&taken));
    assert!(
        stderr(&taken).contains("`--as HANDLE`"),
        "{}",
        stderr(&taken)
    );
    let dry = [&undelete[..], &["--as", "older", "--dry-run"]].concat();
    assert_eq!(json(&world, &dry)["dry_run"], true);
    alice.get("/v1/projects/alice/older").expect(404);
    let back = json(&world, &[&undelete[..], &["--as", "older"]].concat());
    let instance = back["instances"][0].as_str().unwrap();
    assert!(instance.starts_with("alice/inst_"), "{instance}");
    let older = alice.get("/v1/projects/alice/older").expect(200).json();
    assert_eq!(older["number_of_embeddings"], 2);
    let similars = alice.get("/v1/similars/alice/older/text-one").expect(200);
    assert_eq!(similars.json()["results"].as_array().unwrap().len(), 1);
    let none = world.deployment.embsec(&undelete);
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
}

#[test]
fn a_policy_is_set_at_the_console_and_by_its_owner() {
    let (world, alice) = world();
    let shown = json(&world, &["projects", "show", "alice/docs"]);
    assert_eq!(
        (&shown["encrypt_text"], &shown["encrypt_metadata"]),
        (&json!(true), &json!(false))
    );
    let set = ["projects", "set", "alice/docs", "--encrypt-metadata", "on"];
    let dry = json(&world, &[&set[..], &["--dry-run"]].concat());
    assert_eq!(
        (&dry["changed"], &dry["dry_run"]),
        (&json!(true), &json!(true))
    );
    let done = json(&world, &set);
    assert_eq!(done["changed"], true);
    // What is there stays as it is, and is told.
    assert_eq!(done["rows_unlike_policy"]["metadata"], 2);
    assert_eq!(json(&world, &set)["changed"], false);
    let policy = alice.get(POLICY).expect(200).json();
    assert_eq!(
        policy,
        json!({ "encrypt_text": true, "encrypt_metadata": true })
    );
    let patch = json!({ "encrypt_metadata": false });
    alice.send("PATCH", POLICY, Some(&patch)).expect(200);
    let listed = json(&world, &["projects", "list"]);
    assert_eq!(listed["projects"][0]["encrypt_metadata"], false);
    for wrong in [
        &["projects", "set", "alice/docs"][..],
        &["projects", "set", "alice/docs", "--encrypt-text", "maybe"],
        &["projects", "set", "alice/none", "--encrypt-text", "on"],
        &["projects", "show", "docs"],
    ] {
        run(&world, 2, wrong);
    }
}

#[test]
fn the_timer_destroys_what_is_due_and_is_quiet() {
    let (world, alice) = world();
    assert_eq!(run(&world, 0, &["keys", "shred", "--due", "--quiet"]), "");
    world.project(&alice, "alice", "other");
    let delete = at_once(&world, &["projects", "delete", "alice/docs", "--yes"]);
    assert!(delete.status.success(), "{}", stderr(&delete));
    let dry = at_once(&world, &["keys", "shred", "--due", "--dry-run", "--json"]);
    let dry: Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!(
        (&dry["projects"], &dry["embeddings"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(deleted(&world).len(), 1);
    let shred = at_once(&world, &["keys", "shred", "--due", "--json"]);
    assert_eq!(shred.status.code(), Some(0), "{}", stderr(&shred));
    let report: Value = serde_json::from_slice(&shred.stdout).unwrap();
    assert_eq!(report["schema"], "embsec.keys.shred/1");
    assert_eq!(
        (&report["projects"], &report["embeddings"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(report["key_ids"], dry["key_ids"]);
    assert!(deleted(&world).is_empty());
    run(&world, 2, &["projects", "undelete", "alice/docs"]);
    let again = at_once(&world, &["keys", "shred", "--due"]);
    assert_eq!(String::from_utf8_lossy(&again.stdout), "Nothing is due.\n");
    alice.get("/v1/projects/alice/other").expect(200);
    let events = world.deployment.audit_lines();
    let destroyed = events
        .iter()
        .filter(|line| line.contains("data_key.destroy"));
    assert_eq!(destroyed.count(), 1);
}

#[test]
fn a_live_project_is_destroyed_at_once_only_with_a_yes() {
    let (world, alice) = world();
    let shred = ["keys", "shred", "project:alice/docs", "--now"];
    let refused = world.deployment.embsec(&shred);
    assert_eq!(refused.status.code(), Some(4), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("vector"), "{}", stderr(&refused));
    alice.get(DOCS).expect(200);
    run(&world, 0, &[&shred[..], &["--yes"]].concat());
    alice.get(DOCS).expect(404);
    alice.get("/v1/embeddings/alice/docs/text-one").expect(404);
    assert!(deleted(&world).is_empty());
    // The handle and the instance are free, as after any deletion.
    world.project(&alice, "alice", "docs");
    for wrong in [
        &["keys", "shred"][..],
        &["keys", "shred", "project:alice/docs"],
        &["keys", "shred", "--due", "--now"],
        &["keys", "shred", "alice/docs", "--now", "--yes"],
        &["keys", "shred", "project:alice/none", "--now", "--yes"],
    ] {
        run(&world, 2, wrong);
    }
    // A deleted and a live one of the same name: the id decides.
    alice.delete(DOCS).expect(204);
    world.project(&alice, "alice", "docs");
    let both = run(&world, 2, &[&shred[..], &["--yes"]].concat());
    assert_eq!(both, "");
    let id = deleted(&world)[0]["project_id"].to_string();
    run(&world, 0, &[&shred[..], &["--yes", "--id", &id]].concat());
    alice.get(DOCS).expect(200);
    assert!(deleted(&world).is_empty());
}

#[test]
fn a_kill_leaves_a_project_that_can_come_back_or_one_that_is_destroyed() {
    const ITEMS: usize = 60;
    let mut kills = Kills::wanted(rounds());
    let (world, alice) = world();
    let mut round = 0;
    while kills.are_missing() {
        round += 1;
        let name = format!("round-{round}");
        world.project(&alice, "alice", &name);
        let items: Vec<Value> = (0..ITEMS)
            .map(|n| item("alice", &name, &format!("text-{n}"), n))
            .collect();
        let path = format!("/v1/embeddings/alice/{name}");
        alice
            .post(&path, &json!({ "embeddings": items }))
            .expect(201);
        alice
            .delete(&format!("/v1/projects/alice/{name}"))
            .expect(204);
        let id = deleted(&world)[0]["project_id"].to_string();
        let scope = format!("project:alice/{name}");
        let shred = ["keys", "shred", &scope, "--now", "--yes", "--quiet"];
        kills.strike("shred", &mut world.deployment.command(&shred));
        let recorded = |line: &String| {
            line.contains("data_key.destroy")
                && line.contains(&format!("\"project_handle\":\"{name}\""))
        };
        let is_recorded = world.deployment.audit_lines().iter().any(recorded);
        match deleted(&world).first() {
            Some(project) if project["state"] == "deleted" => {
                assert_eq!(project["project_id"].to_string(), id);
                run(
                    &world,
                    0,
                    &["projects", "undelete", &format!("alice/{name}")],
                );
                let text = alice.get(&format!("{path}/text-7")).expect(200);
                assert_eq!(text.json()["text"], "the text of text-7");
                let listed = alice.get(&format!("/v1/projects/alice/{name}")).expect(200);
                assert_eq!(listed.json()["number_of_embeddings"], ITEMS);
                alice
                    .delete(&format!("/v1/projects/alice/{name}"))
                    .expect(204);
                run(&world, 0, &shred);
            }
            left => {
                assert!(is_recorded, "destroyed and not recorded: {left:?}");
                run(
                    &world,
                    2,
                    &["projects", "undelete", &format!("alice/{name}")],
                );
                run(&world, 0, &["keys", "shred", "--due", "--quiet"]);
            }
        }
        assert!(deleted(&world).is_empty(), "{:?}", deleted(&world));
    }
    assert!(within(Duration::from_secs(30), || alice.get(DOCS).status == 200));
}
