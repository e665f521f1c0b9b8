//! The key that signs backups, and identities that open them, as an operator makes them.

use super::{code, load, made, materials, path, stdout};
use crate::support::{Deployment, key_of, keys_of, mode_of, without_signing_key};
use embsec::crypto::keyring::Keyring;
use embsec::crypto::sealed_file::Identities;
use embsec::domain::key::KeyId;
use serde_json::Value;

#[test]
fn a_keyring_of_an_older_version_gets_a_key_that_signs_backups_and_a_newer_one_rotates() {
    let deployment = made();
    let whole = std::fs::read_to_string(path(&deployment)).unwrap();
    let signing = key_of(&deployment, "backup-signing", "active");
    let generate = ["keys", "generate", "backup-signing"];
    let rotate = ["keys", "rotate", "backup-signing"];
    let told = code(&deployment.embsec(&generate), 4);
    assert!(
        told.contains(&signing) && told.contains("embsec keys rotate backup-signing"),
        "{told}"
    );
    std::fs::write(path(&deployment), without_signing_key(&whole)).unwrap();
    let told = code(&deployment.embsec(&rotate), 4);
    assert!(
        told.contains("embsec keys generate backup-signing"),
        "{told}"
    );
    code(
        &deployment.embsec(&[&generate[..], &["--dry-run"]].concat()),
        0,
    );
    assert!(load(&deployment).signing_key().is_none());

    let output = deployment.embsec(&[&generate[..], &["--json"]].concat());
    code(&output, 0);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["schema"], "embsec.keys.generate.backup-signing/1");
    assert_eq!(document["state"], "active");
    let first = document["key_id"].as_str().unwrap();
    let keyring = load(&deployment);
    assert_eq!(keyring.signing_key().unwrap().id().0, first);
    let public = keyring.signing_key().unwrap().verifying_key().to_string();
    assert_eq!(document["public_key"], public);
    assert_eq!(mode_of(&path(&deployment)), 0o600);

    let output = deployment.embsec(&rotate);
    code(&output, 0);
    assert!(
        stdout(&output).contains(&format!("The key {first} verifies only.")),
        "{}",
        stdout(&output)
    );
    let table = stdout(&deployment.embsec(&["keys", "list"]));
    assert!(table.contains("verifies only\n"), "{table}");
    let second = key_of(&deployment, "backup-signing", "active");
    for verb in ["retire", "destroy"] {
        let told = code(&deployment.embsec(&["keys", verb, &second, "--yes"]), 4);
        assert!(told.contains("signs new backups"), "{told}");
    }
    code(&deployment.embsec(&["keys", "retire", first]), 0);
    assert!(
        load(&deployment)
            .verifying_key(&KeyId(first.to_owned()))
            .is_some()
    );
    code(&deployment.embsec(&["keys", "destroy", first, "--yes"]), 0);
    assert_eq!(keys_of(&deployment, "backup-signing", "retired").len(), 0);
    let lines = deployment.audit_lines().join("\n");
    for word in ["signing_key.rotate", "begun", "made", "activated", &second] {
        assert!(lines.contains(word), "{word}");
    }
    let text = std::fs::read_to_string(path(&deployment)).unwrap();
    for secret in materials(&text) {
        assert!(!lines.contains(&secret));
    }
}

#[test]
fn a_keyring_kept_by_something_else_is_given_its_signing_key_in_two_files() {
    let deployment = made();
    let mut text = without_signing_key(&std::fs::read_to_string(path(&deployment)).unwrap());
    std::fs::remove_file(path(&deployment)).unwrap();
    for (what, states) in [
        ("generate", ["pending", "handed over"]),
        ("rotate", ["pending", "handed over"]),
    ] {
        let command = ["keys", what, "backup-signing"];
        let run = |text: &str, more: &[&str]| {
            let mut run = deployment.command(&[&command[..], more].concat());
            run.env("EMBSEC_KEYRING__SOURCE", "env:RING");
            run.env("RING", text.trim_end()).output().unwrap()
        };
        let told = code(&run(&text, &[]), 4);
        assert!(
            told.contains("env:RING") && told.contains("--out FILE"),
            "{told}"
        );
        for state in states {
            let out = deployment.parent().join(format!("{what}-{state}.toml"));
            let more = ["--out", out.to_str().unwrap(), "--json"];
            let output = run(&text, &more);
            code(&output, 0);
            let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
            assert_eq!(document["state"], state);
            code(&run(&text, &more), 4);
            assert_eq!(mode_of(&out), 0o600);
            text = std::fs::read_to_string(out).unwrap();
        }
    }
    let keyring = Keyring::parse(text.as_bytes()).ok().unwrap();
    assert_eq!(keyring.verifying_keys().count(), 2);
    assert!(keyring.signing_key().is_some() && keyring.pending_signing_key().is_none());
}

#[test]
fn an_identity_for_backups_goes_into_a_file_alone_and_is_what_age_reads() {
    let deployment = Deployment::nowhere();
    let file = deployment.parent().join("backups.identity");
    let generate = ["keys", "generate", "backup-recipient"];
    code(&deployment.embsec(&generate), 2);
    let generate = [&generate[..], &["--out", file.to_str().unwrap()]].concat();
    let output = deployment.embsec(&generate);
    let told = code(&output, 0);
    assert!(told.contains("must not stay on the host"), "{told}");
    assert_eq!(mode_of(&file), 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let recipient = Identities::read(text.as_bytes()).unwrap().recipients()[0].to_string();
    assert_eq!(stdout(&output), format!("{recipient}\n"));
    assert!(text.contains(&format!("# public key: {recipient}\nAGE-SECRET-KEY-1")));
    code(&deployment.embsec(&generate), 4);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let output = deployment.embsec(&[&generate[..3], &["--out", "/none/there"]].concat());
    code(&output, 2);
}
