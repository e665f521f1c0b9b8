//! The key that signs backups, made and replaced while its runs are killed at any moment.

use super::success;
use crate::support::{Deployment, Kills, key_of, keys_of, once_free, without_signing_key};
use embsec::crypto::keyring::Keyring;
use embsec::crypto::signing::Signature;
use std::collections::BTreeMap;

/// How many runs of each command are killed.
const KILLED: u32 = 25;
/// What everything is signed for here.
const LABEL: &str = "embsec/test/v1";

fn keyring(deployment: &Deployment) -> Keyring {
    let text = std::fs::read(deployment.dir().join("keyring.toml")).unwrap();
    Keyring::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether everything that was ever signed is still verified, and signs once more.
#[track_caller]
fn signs_and_verifies(deployment: &Deployment, signed: &mut BTreeMap<String, Signature>) {
    let keyring = keyring(deployment);
    if let Some(key) = keyring.signing_key() {
        let signature = key.sign(LABEL, &[key.id().0.as_bytes()]).unwrap();
        signed.insert(key.id().0.clone(), signature);
    }
    for (id, signature) in signed {
        let (_, key) = keyring
            .verifying_keys()
            .find(|(key, _)| key.0 == *id)
            .unwrap_or_else(|| panic!("the key {id} is gone"));
        assert!(key.verify(LABEL, &[id.as_bytes()], signature).is_ok());
    }
}

#[test]
fn a_signing_key_is_made_and_rotated_through_any_number_of_kills() {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let path = deployment.dir().join("keyring.toml");
    let mut signed = BTreeMap::new();
    for what in ["generate", "rotate"] {
        let command = ["keys", what, "backup-signing", "--json"];
        let mut kills = Kills::wanted(KILLED);
        while kills.are_missing() {
            if what == "generate" && keyring(&deployment).signing_key().is_some() {
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, without_signing_key(&text)).unwrap();
                signed.clear();
            }
            let output = kills.strike(what, &mut deployment.command(&command));
            if let Some(output) = output.filter(|output| output.status.code() != Some(5)) {
                success(&output);
            }
            signs_and_verifies(&deployment, &mut signed);
        }
        let left = keys_of(&deployment, "backup-signing", "pending").pop();
        let is_made = keyring(&deployment).signing_key().is_some();
        if what == "generate" && is_made {
            continue;
        }
        let told = success(&once_free(|| deployment.command(&command)));
        assert_eq!(told["state"], "active");
        assert_eq!(told["resumed"], left.is_some());
        let active = key_of(&deployment, "backup-signing", "active");
        assert_eq!(told["key_id"], active.as_str());
        assert!(left.is_none_or(|left| left == active));
        assert!(keys_of(&deployment, "backup-signing", "pending").is_empty());
        signs_and_verifies(&deployment, &mut signed);
    }
    assert!(signed.len() > 1, "nothing was ever rotated");
}
