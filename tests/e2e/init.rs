//! `embsec init`: whole or nothing, private, and never over what is there.

use crate::support::{Deployment, Kills, Server, mode_of, rounds};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a deployment must hold, with the permissions of each.
const FILES: &[(&str, u32)] = &[
    ("", 0o700),
    ("embsec.toml", 0o600),
    ("admin.key", 0o600),
    ("keyring.toml", 0o600),
    ("audit", 0o700),
    (".gitignore", 0o600),
];

/// Every file below a folder with its permissions and bytes.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = mode_of(&path);
        if path.is_dir() {
            found.extend(snapshot(&path));
            found.insert(path, (mode, Vec::new()));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, (mode, bytes));
        }
    }
    found
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn init_makes_a_whole_and_private_deployment() {
    let deployment = Deployment::nowhere();
    let output = deployment.embsec(&["init"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    for (name, mode) in FILES {
        let path = deployment.dir().join(name);
        assert_eq!(mode_of(&path), *mode, "permissions of {name:?}");
    }
    for (path, (mode, _)) in snapshot(&deployment.dir()) {
        assert_eq!(mode & 0o077, 0, "others can reach {}", path.display());
    }
    assert_eq!(
        std::fs::read(deployment.dir().join(".gitignore")).unwrap(),
        b"*\n"
    );
    let admin_key = std::fs::read_to_string(deployment.dir().join("admin.key")).unwrap();
    assert_eq!(admin_key.lines().count(), 1, "admin.key has one line");
    assert!(
        admin_key.trim_end().len() >= 32,
        "the administrator's key is long"
    );
    assert!(
        !stderr.contains(admin_key.trim_end()),
        "the key is in a file, not on the terminal"
    );
    assert_eq!(
        names_in(deployment.parent()),
        ["data"],
        "nothing is left beside the folder"
    );
}

#[test]
fn the_configuration_that_init_writes_sets_nothing() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let text = std::fs::read_to_string(deployment.dir().join("embsec.toml")).unwrap();
    let values = text.lines().filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with('[')
    });
    // Where a database is that does not lie beside the file has no default.
    let url = deployment.url().map(|url| format!("url = \"{url}\""));
    assert_eq!(values.collect::<Vec<_>>(), Vec::from_iter(url));
    assert!(text.contains("#listen = \"127.0.0.1:8880\""), "{text}");
}

#[test]
fn init_leaves_an_existing_deployment_alone() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let before = snapshot(&deployment.dir());
    let output = deployment.embsec(&["init"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.starts_with("Error: "), "{stderr}");
    assert!(
        snapshot(&deployment.dir()) == before,
        "a byte or a permission changed"
    );
}

#[test]
fn init_leaves_a_folder_of_other_things_alone() {
    let deployment = Deployment::nowhere();
    std::fs::create_dir(deployment.dir()).unwrap();
    std::fs::write(deployment.dir().join("thesis.tex"), "mine").unwrap();
    let before = snapshot(&deployment.dir());
    assert_eq!(deployment.embsec(&["init"]).status.code(), Some(4));
    assert!(snapshot(&deployment.dir()) == before);
    assert_eq!(names_in(deployment.parent()), ["data"]);
}

#[test]
fn init_beside_a_running_server_changes_nothing_and_the_server_goes_on() {
    let deployment = Deployment::nowhere();
    let server = Server::start(&deployment);
    let key = deployment.admin_key();
    assert_eq!(deployment.embsec(&["init"]).status.code(), Some(4));
    assert_eq!(deployment.admin_key(), key);
    server
        .client()
        .with_key(&key)
        .get("/v1/admin/sanity-check")
        .expect(200);
}

#[test]
fn serve_with_init_keeps_the_keys_of_a_deployment_that_is_there() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let key = deployment.admin_key();
    let server = Server::start(&deployment);
    assert_eq!(deployment.admin_key(), key);
    server
        .client()
        .with_key(&key)
        .get("/v1/admin/sanity-check")
        .expect(200);
}

#[test]
fn killed_init_leaves_nothing_or_a_whole_deployment_and_the_next_one_succeeds() {
    let mut kills = Kills::wanted(rounds());
    let mut round = 0;
    while kills.are_missing() {
        round += 1;
        let deployment = Deployment::nowhere();
        let mut killed = 0;
        // The same folder is hit a few times, so that leftovers meet leftovers.
        for _ in 0..3 {
            let ended = kills.strike("init", &mut deployment.command(&["init"]));
            killed += u32::from(ended.is_none());
            if deployment.dir().exists() {
                assert_whole(&deployment, round);
                break;
            }
        }
        let was_there = deployment.dir().exists();
        let output = deployment.embsec(&["init"]);
        let expected = if was_there { 4 } else { 0 };
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(expected),
            "round {round}: {stderr}"
        );
        assert_whole(&deployment, round);
        if !was_there {
            let left = names_in(deployment.parent());
            assert_eq!(
                left,
                ["data"],
                "round {round}: leftovers of {killed} killed runs"
            );
        }
    }
}

#[track_caller]
fn assert_whole(deployment: &Deployment, round: u32) {
    for (name, mode) in FILES {
        let path = deployment.dir().join(name);
        assert_eq!(
            mode_of(&path),
            *mode,
            "round {round}: permissions of {name:?}"
        );
    }
    // Opens the keyring, the database and the audit log.
    let output = deployment.embsec(&["users", "list"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "round {round}: {stderr}");
}
