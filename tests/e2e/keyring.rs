//! The keyring of a deployment, whole, damaged, wrong, sealed and elsewhere; and its keys as
//! `embsec keys` shows and ends them; in [`backup_keys`], those that backups are made with.

mod backup_keys;

use crate::support::{Deployment, Server, key_of, mode_of, within};
use embsec::config::Environment;
use embsec::config::keyring::KeyringConfig;
use embsec::config::secret::SecretRef;
use embsec::crypto::keyring::{ChangeError, Keyring};
use embsec::crypto::sealed_file::{self, Identities};
use embsec::deployment::KeyringSource;
use embsec::domain::key::{KeyId, KeyPurpose, KeyState};
use embsec::sys::clock::SystemClock;
use embsec::sys::rng::SystemRng;
use rustix::process::Signal;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

/// How long a running server may go on with the keyring of before.
const REREAD_WITHIN: Duration = Duration::from_secs(1);
/// Busy machines are slower than the promise; the promise itself is measured where it matters.
const PATIENCE: Duration = Duration::from_secs(10);
/// The identities of the 32 bytes 00 01 … 1f and 20 21 … 3f.
const IDENTITY: &str = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG";
const STRANGER: &str = "AGE-SECRET-KEY-1YQSJYGEYY5NZW2PF9G4JCTFW9UCRZV3NXS6NVDEC8YARK0PA8CLSWXGG7Q";

fn made() -> Deployment {
    let deployment = Deployment::nowhere();
    let output = deployment.embsec(&["init"]);
    assert!(output.status.success(), "{}", stderr(&output));
    deployment
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn code(output: &Output, expected: i32) -> String {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(expected), "{told}");
    assert!(!told.contains("panicked"), "{told}");
    told
}

fn path(deployment: &Deployment) -> PathBuf {
    deployment.dir().join("keyring.toml")
}

fn source(path: &Path) -> KeyringSource {
    let config = KeyringConfig {
        source: SecretRef::File(path.to_owned()),
        passphrase: None,
        identity: None,
    };
    KeyringSource::new(&config, &Environment::default(), None)
}

fn load(deployment: &Deployment) -> Keyring {
    source(&path(deployment))
        .load()
        .unwrap_or_else(|e| panic!("{e}"))
}

/// The secret lines of a keyring: what no output may hold.
fn materials(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("material = \""))
        .map(|rest| rest.trim_end_matches('"').to_owned())
        .collect()
}

/// Rotates the master key twice without rewrapping anything: a key that nothing needs is
/// decrypt-only then, and the first one still opens the data keys.
fn with_an_idle_key(deployment: &Deployment) -> KeyId {
    let source = source(&path(deployment));
    let mut idle = None;
    for _ in 0..2 {
        let purpose = KeyPurpose::Master;
        let add = |now: &Keyring| now.with_pending(&purpose, &SystemRng, &SystemClock);
        let next = source.update(None, add).ok().unwrap().keyring;
        let id = next.pending(&purpose).unwrap().clone();
        let activate = |now: &Keyring| now.with_activated(&id, &SystemClock);
        assert!(source.update(None, activate).is_ok());
        idle.get_or_insert(id);
    }
    idle.unwrap()
}

#[test]
fn keys_are_listed_with_their_uses_and_without_any_secret() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    let secrets = materials(&std::fs::read_to_string(path(&deployment)).unwrap());
    assert_eq!(secrets.len(), 4);
    for arguments in [
        &["keys", "list"][..],
        &["keys", "list", "--json"],
        &["keys", "list", "--output", "plain", "--verbose"],
        &["keys", "show"],
        &["keys", "show", &idle.0, "--json"],
    ] {
        let output = deployment.embsec(arguments);
        let told = code(&output, 0) + &stdout(&output);
        assert!(told.contains(&idle.0), "{told}");
        assert!(
            secrets.iter().all(|secret| !told.contains(secret)),
            "{told}"
        );
    }
    let output = deployment.embsec(&["keys", "list", "--json"]);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["schema"], "embsec.keys.list/1");
    let keys: Vec<(&str, &str, Option<u64>)> = document["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            let text = |name: &str| key[name].as_str().unwrap();
            (text("purpose"), text("state"), key["uses"].as_u64())
        })
        .collect();
    assert_eq!(
        keys,
        [
            ("master", "decrypt-only", Some(1)),
            ("backup-signing", "active", None),
            ("master", "decrypt-only", Some(0)),
            ("master", "active", Some(0)),
            ("system", "active", Some(0)),
        ]
    );
    let output = deployment.embsec(&["keys", "show", "aaaaaaaaaaaaaaaa"]);
    code(&output, 2);

    let table = stdout(&deployment.embsec(&["keys", "list"]));
    assert!(table.contains("seals 1 data key\n"), "{table}");
    assert!(table.contains("sealed 0 times\n"), "{table}");
    assert!(table.contains("signs backups\n"), "{table}");
    assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    for (key, needed) in
        document["keys"]
            .as_array()
            .unwrap()
            .iter()
            .zip([Some(1), None, Some(0), Some(0), Some(0)])
    {
        let show = ["keys", "show", key["id"].as_str().unwrap(), "--json"];
        let shown: Value = serde_json::from_str(&stdout(&deployment.embsec(&show))).unwrap();
        let shown = &shown["keys"][0];
        assert_eq!(shown["needed_by"].as_u64(), needed, "{key}");
        let public = shown["public_key"].as_str();
        let signs = key["purpose"] == "backup-signing";
        assert_eq!(public.is_some(), signs, "{key}");
        assert!(public.is_none_or(|key| key.starts_with("embsec-sign-1:")));
    }
}

#[test]
fn out_is_refused_where_it_would_change_nothing() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    let out = deployment.parent().join("next.toml");
    let system = key_of(&deployment, "system", "active");
    for (key, expected) in [(&idle.0, 2), (&system, 4)] {
        for more in [&["--dry-run"][..], &[]] {
            let retire = ["keys", "retire", key, "--out", out.to_str().unwrap()];
            code(&deployment.embsec(&[&retire[..], more].concat()), expected);
            assert!(!out.exists());
        }
    }
    assert_eq!(
        load(&deployment).entry(&idle).unwrap().state,
        KeyState::DecryptOnly
    );
}

#[test]
fn a_key_that_something_needs_neither_retires_nor_goes() {
    let deployment = made();
    let first = load(&deployment).active_master().id().clone();
    with_an_idle_key(&deployment);
    let active = load(&deployment).active_master().id().clone();
    let before = std::fs::read(path(&deployment)).unwrap();
    for verb in ["retire", "destroy"] {
        let output = deployment.embsec(&["keys", verb, &first.0, "--yes"]);
        let told = code(&output, 4);
        assert!(told.contains("1 data key is sealed by it"), "{told}");
        let output = deployment.embsec(&["keys", verb, &active.0, "--yes"]);
        let told = code(&output, 4);
        assert!(told.contains("it is the active one"), "{told}");
        let output = deployment.embsec(&["keys", verb, "aaaaaaaaaaaaaaaa", "--yes"]);
        code(&output, 2);
    }
    let system = key_of(&deployment, "system", "active");
    let output = deployment.embsec(&["keys", "destroy", &system, "--yes"]);
    let told = code(&output, 4);
    assert!(told.contains("active"), "{told}");
    assert_eq!(std::fs::read(path(&deployment)).unwrap(), before);
}

#[test]
fn an_idle_key_is_retired_then_destroyed_from_both_files_and_recorded() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    let destroy = ["keys", "destroy", &idle.0];
    code(&deployment.embsec(&[&destroy[..], &["--yes"]].concat()), 4);
    code(
        &deployment.embsec(&["keys", "retire", &idle.0, "--dry-run"]),
        0,
    );
    let state = |deployment: &Deployment| load(deployment).entry(&idle).map(|key| key.state);
    assert_eq!(state(&deployment), Some(KeyState::DecryptOnly));
    code(&deployment.embsec(&["keys", "retire", &idle.0]), 0);
    assert_eq!(state(&deployment), Some(KeyState::Retired));

    // Nobody is there to be asked.
    code(&deployment.embsec(&destroy), 4);
    assert_eq!(state(&deployment), Some(KeyState::Retired));
    code(&deployment.embsec(&[&destroy[..], &["--yes"]].concat()), 0);
    assert_eq!(state(&deployment), None);
    for name in ["keyring.toml", "keyring.toml.previous"] {
        let file = deployment.dir().join(name);
        assert_eq!(mode_of(&file), 0o600);
        assert!(
            !std::fs::read_to_string(file).unwrap().contains(&idle.0),
            "{name}"
        );
    }
    let lines = deployment.audit_lines();
    for action in ["keyring.retire", "keyring.destroy"] {
        let found = lines
            .iter()
            .any(|line| line.contains(action) && line.contains(&idle.0));
        assert!(found, "{action}");
    }
    // The deployment still opens what it sealed.
    code(&deployment.embsec(&["users", "list"]), 0);
}

#[test]
fn a_destruction_that_was_killed_half_way_is_finished_by_the_next() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    code(&deployment.embsec(&["keys", "retire", &idle.0]), 0);
    let source = source(&path(&deployment));
    assert!(source.update(None, |now| now.without(&idle)).is_ok());
    let previous = deployment.dir().join("keyring.toml.previous");
    assert!(
        std::fs::read_to_string(&previous)
            .unwrap()
            .contains(&idle.0)
    );
    code(
        &deployment.embsec(&["keys", "destroy", &idle.0, "--yes"]),
        0,
    );
    assert!(
        !std::fs::read_to_string(&previous)
            .unwrap()
            .contains(&idle.0)
    );
    code(
        &deployment.embsec(&["keys", "destroy", &idle.0, "--yes"]),
        2,
    );
}

#[test]
fn a_damaged_keyring_is_named_before_anything_is_touched() {
    let deployment = made();
    let whole = std::fs::read(path(&deployment)).unwrap();
    let secrets = materials(std::str::from_utf8(&whole).unwrap());
    // Every 29th byte, and the last.
    let places = (0..whole.len()).step_by(29).chain([whole.len() - 1]);
    for place in places {
        let mut damaged = whole.clone();
        // To a carriage return, where the end of the last line is.
        damaged[place] ^= 7;
        std::fs::write(path(&deployment), &damaged).unwrap();
        let output = deployment.embsec(&["keys", "list"]);
        let told = code(&output, 6);
        assert!(told.contains("keyring"), "{told}");
        assert!(
            secrets.iter().all(|secret| !told.contains(secret)),
            "{told}"
        );
    }
    std::fs::write(path(&deployment), &whole).unwrap();
    code(&deployment.embsec(&["keys", "list"]), 0);
}

#[test]
fn another_keyring_and_a_missing_one_are_named() {
    let deployment = made();
    let needed = load(&deployment).active_master().id().clone();
    let other = deployment.parent().join("other.toml");
    let out = other.to_str().unwrap();
    code(
        &deployment.embsec(&["keys", "generate", "master", "--out", out]),
        0,
    );
    assert_eq!(mode_of(&other), 0o600);
    let aside = deployment.dir().join("aside.toml");
    std::fs::rename(path(&deployment), &aside).unwrap();
    let told = code(&deployment.embsec(&["users", "list"]), 2);
    assert!(told.contains("keyring.toml"), "{told}");
    std::fs::copy(&other, path(&deployment)).unwrap();
    for arguments in [&["users", "list"][..], &["keys", "list"], &["serve"]] {
        let told = code(&deployment.embsec(arguments), 6);
        assert!(told.contains(&needed.0), "{told}");
    }
}

#[test]
fn a_keyring_that_embsec_cannot_write_is_changed_into_a_file_of_its_own() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    let text = std::fs::read_to_string(path(&deployment)).unwrap();
    std::fs::remove_file(path(&deployment)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = deployment.command(arguments);
        command.env("EMBSEC_KEYRING__SOURCE", "env:RING");
        // As `$(cat keyring.toml)` gives it.
        command.env("RING", text.trim_end()).output().unwrap()
    };
    let told = code(&run(&["keys", "retire", &idle.0]), 2);
    assert!(
        told.contains("env:RING") && told.contains("--out FILE"),
        "{told}"
    );
    let out = deployment.parent().join("next.toml");
    let retire = ["keys", "retire", &idle.0, "--out", out.to_str().unwrap()];
    code(&run(&retire), 0);
    let next = source(&out).load().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(next.entry(&idle).unwrap().state, KeyState::Retired);
    assert_eq!(mode_of(&out), 0o600);
    code(&run(&retire), 4);
}

#[test]
fn a_sealed_keyring_needs_its_identity_and_stays_sealed() {
    let deployment = made();
    let idle = with_an_idle_key(&deployment);
    let text = std::fs::read(path(&deployment)).unwrap();
    let recipients = Identities::read(IDENTITY.as_bytes()).unwrap().recipients();
    std::fs::write(
        path(&deployment),
        sealed_file::seal(&recipients, &text).unwrap(),
    )
    .unwrap();
    let run = |identity: Option<&str>, arguments: &[&str]| {
        let mut command = deployment.command(arguments);
        if let Some(identity) = identity {
            command.env("EMBSEC_KEYRING__IDENTITY", "env:IDENTITY");
            command.env("IDENTITY", identity);
        }
        command.output().unwrap()
    };
    let told = code(&run(None, &["users", "list"]), 2);
    assert!(told.contains("keyring.identity"), "{told}");
    let told = code(&run(Some(STRANGER), &["users", "list"]), 6);
    assert!(
        !told.contains(STRANGER) && !told.contains(IDENTITY),
        "{told}"
    );
    code(&run(Some(IDENTITY), &["users", "list"]), 0);
    code(&run(Some(IDENTITY), &["keys", "retire", &idle.0]), 0);
    assert!(sealed_file::is_sealed(
        &std::fs::read(path(&deployment)).unwrap()
    ));
    code(&run(Some(IDENTITY), &["users", "list"]), 0);
    // A bit of the sealed file, too.
    let mut damaged = std::fs::read(path(&deployment)).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(path(&deployment), damaged).unwrap();
    code(&run(Some(IDENTITY), &["users", "list"]), 6);
}

#[test]
fn a_new_keyring_is_sealed_as_asked() {
    let deployment = Deployment::nowhere();
    let recipient = Identities::read(IDENTITY.as_bytes()).unwrap().recipients()[0].to_string();
    let output = deployment.embsec(&["keys", "generate", "master", "--to", &recipient]);
    code(&output, 0);
    assert!(sealed_file::is_sealed(&output.stdout));
    let identities = Identities::read(IDENTITY.as_bytes()).unwrap();
    let text = sealed_file::open(&identities, &output.stdout).unwrap();
    assert!(Keyring::parse(&text).is_ok());
    let output = deployment.embsec(&["keys", "generate", "master", "--to", "age1nobody"]);
    let told = code(&output, 2);
    assert!(told.contains("Recipient 1"), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_running_server_reads_a_changed_keyring_within_a_second() {
    let deployment = made();
    let server = Server::start(&deployment);
    let begun = std::time::Instant::now();
    let idle = with_an_idle_key(&deployment);
    let is_read = || server.log().contains("read again and is in use");
    assert!(within(PATIENCE, is_read), "{}", server.log());
    assert!(
        begun.elapsed() < REREAD_WITHIN + Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    // A server that has read it again is in nobody's way.
    std::thread::sleep(REREAD_WITHIN);
    code(&deployment.embsec(&["keys", "retire", &idle.0]), 0);

    let whole = std::fs::read(path(&deployment)).unwrap();
    std::fs::write(path(&deployment), &whole[..whole.len() / 2]).unwrap();
    let is_told = || server.log().contains("cannot be used");
    assert!(within(PATIENCE, is_told), "{}", server.log());
    assert_eq!(server.client().get("/readyz").status, 503);
    // What it holds, it goes on using.
    let admin = server.client().with_key(&deployment.admin_key());
    assert_eq!(admin.get("/v1/users").status, 200);
    std::fs::write(path(&deployment), &whole).unwrap();
    let is_ready = || server.client().get("/readyz").status == 200;
    assert!(within(PATIENCE, is_ready), "{}", server.log());
    server.signal(Signal::HUP);
    let is_told = || server.log().contains("read again at SIGHUP");
    assert!(within(PATIENCE, is_told), "{}", server.log());
    for secret in materials(std::str::from_utf8(&whole).unwrap()) {
        assert!(!server.log().contains(&secret));
    }
}

#[test]
fn without_its_database_the_keys_of_the_keyring_are_told_and_counted_as_incomplete() {
    let deployment = made();
    let mut command = deployment.command(&["keys", "list", "--json"]);
    // Nobody listens there.
    command.env("EMBSEC_DATABASE__URL", "postgres://nobody@127.0.0.1:1/none");
    let output = command.output().unwrap();
    let told = code(&output, 3);
    assert!(told.contains("Only the keys of the keyring"), "{told}");
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let keys = document["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key["uses"].is_null()));
}

#[test]
fn a_pending_key_that_was_never_used_can_be_destroyed_at_once() {
    let deployment = made();
    let source = source(&path(&deployment));
    let add = |now: &Keyring| -> Result<Keyring, ChangeError> {
        now.with_pending(&KeyPurpose::Master, &SystemRng, &SystemClock)
    };
    let next = source.update(None, add).ok().unwrap().keyring;
    let id = next.pending_master().unwrap().id().clone();
    code(&deployment.embsec(&["keys", "retire", &id.0]), 4);
    code(&deployment.embsec(&["keys", "destroy", &id.0, "--yes"]), 0);
    assert!(load(&deployment).entry(&id).is_none());
}
