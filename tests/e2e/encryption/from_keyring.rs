//! Declared tables whose key is in the keyring of a deployment.

use super::place::{Engine, KEY, Place, code, stderr, stdout};
use super::{count, json};
use crate::support::Deployment;
use embsec::crypto::keyring::Keyring;
use embsec::domain::key::{KeyEntry, KeyPurpose, KeyState, TargetName};
use embsec::sys::clock::SystemClock;
use embsec::sys::rng::SystemRng;
use serde_json::Value;
use std::process::Output;

/// A deployment that was made and is not served.
fn made() -> Deployment {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    deployment
}

/// A command on the tables, with the keyring of this deployment.
fn run(place: &Place, deployment: &Deployment, command: &str, more: &[&str]) -> Output {
    let dir = deployment.dir();
    let arguments = [&["--dir", dir.to_str().unwrap(), "--yes"], more].concat();
    place.run(command, &arguments, "")
}

fn keyring(deployment: &Deployment) -> Keyring {
    let loaded = Keyring::load(&deployment.dir().join("keyring.toml"));
    loaded.unwrap_or_else(|error| panic!("{error}"))
}

fn purpose() -> KeyPurpose {
    KeyPurpose::Target(TargetName::parse("billing").unwrap())
}

fn keys(deployment: &Deployment) -> Vec<KeyEntry> {
    let keyring = keyring(deployment);
    let of_target = keyring.entries().filter(|key| key.purpose == purpose());
    of_target.collect()
}

fn events(deployment: &Deployment, action: &str) -> Vec<Value> {
    let lines = deployment.audit_lines().into_iter();
    let events = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    events.filter(|event| event["action"] == action).collect()
}

#[test]
fn the_first_run_makes_the_key_and_every_other_one_finds_it() {
    for engine in Engine::BOTH {
        let (place, deployment) = (Place::numbered(engine, 30), made());
        let clear = place.notes();
        // Looking and rehearsing make none.
        let status = run(&place, &deployment, "encrypt-status", &["--json"]);
        assert_eq!(code(&status), 1, "{}", stderr(&status));
        let dry = run(&place, &deployment, "encrypt", &["--dry-run", "--json"]);
        assert_eq!((code(&dry), count(&json(&dry), "changed")), (0, 30));
        assert!(
            stderr(&dry).contains("A key would be made"),
            "{}",
            stderr(&dry)
        );
        assert!(keys(&deployment).is_empty());
        // Nor does a run that is refused.
        let nowhere = place.run_at(
            "sqlite:/nowhere/at.all",
            "encrypt",
            &["--dir", deployment.dir().to_str().unwrap()],
            "",
        );
        assert_eq!(code(&nowhere), 2);
        assert!(keys(&deployment).is_empty());

        let done = run(&place, &deployment, "encrypt", &["--json"]);
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        assert_eq!(count(&json(&done), "changed"), 30);
        let made = keys(&deployment);
        let [key] = made.as_slice() else {
            panic!("{made:?}")
        };
        assert_eq!(key.state, KeyState::Active);
        assert!(stderr(&done).contains(&key.id.0), "{}", stderr(&done));
        let recorded = events(&deployment, "target.create_key");
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0]["details"]["purpose"], "target:billing");
        assert_eq!(events(&deployment, "migrate.encrypt").len(), 2);

        let status = json(&run(&place, &deployment, "encrypt-status", &["--json"]));
        assert_eq!(status["verdict"], "protected");
        assert_eq!(status["columns"][0]["by_key"][&key.id.0], 30);
        // Another one that is given counts before it.
        assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 6);
        let again = json(&run(&place, &deployment, "encrypt", &["--json"]));
        assert_eq!((count(&again, "changed"), keys(&deployment).len()), (0, 1));
        let back = run(&place, &deployment, "decrypt", &["--json"]);
        assert_eq!((code(&back), count(&json(&back), "changed")), (0, 30));
        assert_eq!(place.notes(), clear);
    }
}

#[test]
fn a_key_that_a_killed_run_left_pending_is_the_one_that_is_used() {
    let (place, deployment) = (Place::numbered(Engine::Sqlite, 3), made());
    let path = deployment.dir().join("keyring.toml");
    let next = keyring(&deployment).with_pending(&purpose(), &SystemRng, &SystemClock);
    let next = next.unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(&path, next.render().as_bytes()).unwrap();
    let left = next.pending(&purpose()).unwrap().clone();
    let done = run(&place, &deployment, "encrypt", &[]);
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    let made = keys(&deployment);
    assert_eq!(made.len(), 1);
    assert_eq!((&made[0].id, made[0].state), (&left, KeyState::Active));
    assert!(place.notes().contains(&format!("enc:v2:{left}:")));
}

#[test]
fn a_keyring_that_cannot_be_written_gets_no_key_and_nothing_is_encrypted() {
    let (place, deployment) = (Place::numbered(Engine::Sqlite, 3), made());
    let clear = place.notes();
    let path = deployment.dir().join("keyring.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let dir = deployment.dir();
    let arguments = ["--dir", dir.to_str().unwrap(), "--yes"];
    let mut command = place.command("encrypt", &arguments, "");
    command.env("EMBSEC_KEYRING__SOURCE", "env:RING");
    let refused = command.env("RING", text.trim_end()).output().unwrap();
    assert_eq!(code(&refused), 2, "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("--key-file"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(place.notes(), clear);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // Without any deployment it is as it was: there is no key.
    assert_eq!(code(&place.run("encrypt", &["--yes"], "")), 2);
}

#[test]
fn a_key_ends_only_when_its_database_shows_that_nothing_needs_it() {
    for engine in Engine::BOTH {
        let (place, deployment) = (Place::numbered(engine, 5), made());
        let done = run(&place, &deployment, "encrypt", &[]);
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        let id = keys(&deployment)[0].id.0.clone();
        let listed = deployment.embsec(&["keys", "list"]);
        let line = stdout(&listed);
        let line = line.lines().find(|line| line.contains(&id)).unwrap();
        assert!(
            line.contains("target:billing") && line.contains("unknown"),
            "{line}"
        );

        let (file, url) = (place.target_file(), place.url());
        let look = ["--target", &file, "--target-database", &url];
        let end = |verb: &str, more: &[&str]| {
            let arguments = [&["keys", verb, &id, "--yes"], more].concat();
            deployment.embsec(&arguments)
        };
        for verb in ["retire", "destroy"] {
            let unseen = end(verb, &[]);
            assert_eq!(code(&unseen), 4);
            assert!(stderr(&unseen).contains("billing"), "{}", stderr(&unseen));
            let needed = end(verb, &look);
            assert_eq!(code(&needed), 4);
            let told = stderr(&needed);
            assert!(told.contains("5 values are sealed by it in"), "{told}");
        }
        assert_eq!(keys(&deployment)[0].state, KeyState::Active);
        let back = run(&place, &deployment, "decrypt", &[]);
        assert_eq!(code(&back), 0, "{}", stderr(&back));
        assert_eq!(code(&end("retire", &[])), 4);
        assert_eq!(
            code(&end("retire", &[&look[..], &["--dry-run"]].concat())),
            0
        );
        let retired = end("retire", &look);
        assert_eq!(code(&retired), 0, "{}", stderr(&retired));
        assert_eq!(keys(&deployment)[0].state, KeyState::Retired);

        // A retired key seals nothing: the next run makes another one.
        let anew = run(&place, &deployment, "encrypt", &[]);
        assert_eq!(code(&anew), 0, "{}", stderr(&anew));
        assert!(!place.notes().contains(&id));
        assert_eq!(keys(&deployment).len(), 2);
        let destroyed = end("destroy", &look);
        assert_eq!(code(&destroyed), 0, "{}", stderr(&destroyed));
        assert_eq!(keys(&deployment).len(), 1);
        let status = run(&place, &deployment, "encrypt-status", &[]);
        assert_eq!(code(&status), 0, "{}", stderr(&status));

        let master = keyring(&deployment).active_master().id().0.clone();
        let meant = [&["keys", "retire", &master], &look[..]].concat();
        let refused = deployment.embsec(&meant);
        assert!([2, 4].contains(&code(&refused)), "{}", stderr(&refused));
    }
}
