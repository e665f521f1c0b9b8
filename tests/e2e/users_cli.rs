//! `embsec users …` beside a running server: done at once, obeyed within a second.

use crate::support::{Client, Deployment, World, as_another_user, embsec, vector, within};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// How long a running server may go on believing what a command has changed.
const OBEYED_WITHIN: Duration = Duration::from_secs(1);

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a command that must succeed; returns its stdout.
#[track_caller]
fn users(world: &World, arguments: &[&str]) -> String {
    let output = world.deployment.embsec(&[&["users"], arguments].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "users {arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

/// The single line of a command that prints a key.
#[track_caller]
fn key_of(printed: &str) -> &str {
    let key = printed.strip_suffix('\n').expect("the key ends its line");
    assert!(
        !key.is_empty() && !key.contains(char::is_whitespace),
        "not a key alone: {key:?}"
    );
    key
}

fn status(client: &Client, user: &str) -> u16 {
    client.get(&format!("/v1/users/{user}")).status
}

#[test]
fn create_prints_the_key_alone_and_the_key_works_at_once() {
    let world = World::new();
    let arguments = [
        "create",
        "alice",
        "--email",
        "alice@example.org",
        "--name",
        "Alice",
    ];
    let printed = users(&world, &arguments);
    let alice = world.admin.with_key(key_of(&printed));
    assert_eq!(status(&alice, "alice"), 200);
    let shown = world.admin.get("/v1/users/alice").expect(200).json();
    assert_eq!(shown["name"], "Alice");
}

#[test]
fn create_as_json_is_one_document_with_the_published_fields() {
    let world = World::new();
    let arguments = ["create", "alice", "--email", "alice@example.org", "--json"];
    let document: Value = serde_json::from_str(&users(&world, &arguments)).unwrap();
    assert_eq!(document["schema"], "embsec.users.create/1");
    assert_eq!(document["user_handle"], "alice");
    let alice = world.admin.with_key(document["api_key"].as_str().unwrap());
    assert_eq!(status(&alice, "alice"), 200);
}

#[test]
fn a_user_who_exists_is_not_created_again() {
    let world = World::new();
    let alice = world.user("alice");
    let arguments = ["users", "create", "alice", "--email", "new@example.org"];
    let output = world.deployment.embsec(&arguments);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    assert_eq!(status(&alice, "alice"), 200, "the old key still works");
}

#[test]
fn the_magic_identities_cannot_be_created() {
    let world = World::new();
    for handle in ["admin", "public", "_system"] {
        let email = format!("{handle}@example.org");
        let output = world
            .deployment
            .embsec(&["users", "create", handle, "--email", &email]);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{handle}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn list_and_show_tell_no_key() {
    let world = World::new();
    let alice = world.user("alice");
    let key = alice.key.unwrap();
    for arguments in [&["list"][..], &["show", "alice"], &["list", "--json"]] {
        let printed = users(&world, arguments);
        assert!(printed.contains("alice"), "{arguments:?}: {printed}");
        assert!(!printed.contains(&key), "{arguments:?} shows a key");
    }
    let output = world.deployment.embsec(&["users", "show", "nobody-here"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn a_disabled_users_key_is_refused_within_a_second_and_enabling_brings_it_back() {
    let world = World::new();
    let alice = world.user("alice");
    assert_eq!(
        status(&alice, "alice"),
        200,
        "the key is known to the server"
    );
    users(&world, &["disable", "alice"]);
    assert!(
        within(OBEYED_WITHIN, || status(&alice, "alice") == 401),
        "still accepted"
    );
    users(&world, &["enable", "alice"]);
    assert!(
        within(OBEYED_WITHIN, || status(&alice, "alice") == 200),
        "still refused"
    );
}

#[test]
fn rotate_ends_the_old_key_within_a_second() {
    let world = World::new();
    let alice = world.user("alice");
    assert_eq!(status(&alice, "alice"), 200);
    let printed = users(&world, &["rotate", "alice"]);
    let renewed = world.admin.with_key(key_of(&printed));
    assert_eq!(status(&renewed, "alice"), 200, "the new key works at once");
    assert!(
        within(OBEYED_WITHIN, || status(&alice, "alice") == 401),
        "the old key still works"
    );
}

#[test]
fn rotate_with_grace_lets_both_keys_work() {
    let world = World::new();
    let alice = world.user("alice");
    let printed = users(&world, &["rotate", "alice", "--grace", "24h", "--json"]);
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(document["schema"], "embsec.users.rotate/1");
    assert_eq!(document["user_handle"], "alice");
    assert!(
        document["grace_until"].as_str().unwrap().ends_with('Z'),
        "{document}"
    );
    let renewed = world.admin.with_key(document["api_key"].as_str().unwrap());
    std::thread::sleep(OBEYED_WITHIN);
    assert_eq!(
        status(&alice, "alice"),
        200,
        "the old key works in its grace"
    );
    assert_eq!(status(&renewed, "alice"), 200);
}

#[test]
fn a_grace_of_a_second_ends() {
    let world = World::new();
    let alice = world.user("alice");
    users(&world, &["rotate", "alice", "--grace", "1s"]);
    let ended = within(Duration::from_secs(3), || status(&alice, "alice") == 401);
    assert!(ended, "the old key outlives its grace");
}

#[test]
fn delete_asks_and_without_a_terminal_refuses() {
    let world = World::new();
    let alice = world.user("alice");
    let output = world.deployment.embsec(&["users", "delete", "alice"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("--yes"), "{}", stderr(&output));
    assert_eq!(status(&alice, "alice"), 200, "nothing was deleted");
}

#[test]
fn delete_takes_the_key_and_the_vectors_within_a_second() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    let search = json!({ "vector": vector(0) });
    let similars = "/v1/similars/alice/books";
    let found = || world.admin.post(similars, &search).status;
    assert_eq!(found(), 200, "the matrix is in memory");
    users(&world, &["delete", "alice", "--yes"]);
    assert!(
        within(OBEYED_WITHIN, || found() == 404),
        "her vectors are still found"
    );
    assert!(
        within(OBEYED_WITHIN, || status(&alice, "alice") == 401),
        "her key still works"
    );
    assert_eq!(status(&world.admin, "alice"), 404);
}

#[test]
fn what_a_command_does_is_in_the_audit_log_and_the_key_is_not() {
    let world = World::new();
    let printed = users(&world, &["create", "alice", "--email", "alice@example.org"]);
    users(&world, &["disable", "alice"]);
    let lines = world.deployment.audit_lines().join("\n");
    for action in ["user.create", "user.disable"] {
        let word = format!("\"action\":\"{action}\"");
        assert_eq!(lines.matches(&word).count(), 1, "{action} in\n{lines}");
    }
    assert!(
        !lines.contains(key_of(&printed)),
        "a key is in the audit log"
    );
}

#[test]
fn commands_work_without_a_server_too() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let arguments = ["users", "create", "alice", "--email", "alice@example.org"];
    let output = deployment.embsec(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// A file of another owner in the folder would stop the service at its next write, so whoever is
/// not the folder's owner is refused before anything is opened. Being another user takes root;
/// without it the rule is tested on folders that belong to root.
#[test]
fn a_command_run_by_another_user_than_the_folders_owner_is_refused() {
    if !rustix::process::geteuid().is_root() {
        let output = embsec(["users", "list", "--dir", "/"]);
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("sudo -u root"),
            "{}",
            stderr(&output)
        );
        return;
    }
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let before = deployment.audit_lines();
    open_to_all(deployment.parent());
    let dir = deployment.dir();
    let arguments: Vec<&OsStr> = ["users", "list", "--dir"]
        .iter()
        .map(OsStr::new)
        .chain([dir.as_os_str()])
        .collect();
    refused(
        &mut as_another_user(deployment.parent(), &arguments),
        "sudo -u root",
    );

    // The other way round it matters more: root may write everywhere.
    let chown = Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(&dir)
        .status();
    assert!(chown.unwrap().success());
    for command in [&["users", "list"][..], &["serve"]] {
        let output = deployment.embsec(command);
        assert_eq!(
            output.status.code(),
            Some(4),
            "{command:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("sudo -u"),
            "{command:?}: {}",
            stderr(&output)
        );
    }
    assert_eq!(
        deployment.audit_lines(),
        before,
        "a refused command wrote something"
    );
}

fn open_to_all(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[track_caller]
fn refused(command: &mut Command, hint: &str) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains(hint), "{}", stderr(&output));
}
