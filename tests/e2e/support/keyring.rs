//! The keys of a deployment as `embsec keys list` tells of them, and keyrings of older versions.

use super::Deployment;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What begins each key of a keyring.
const KEY_START: &str = "\n[[keys]]\n";
/// How the line of the checksum begins.
const CHECKSUM_START: &str = "checksum = ";

/// The keys of this purpose in this state.
#[track_caller]
pub(crate) fn keys_of(deployment: &Deployment, purpose: &str, state: &str) -> Vec<String> {
    let output = deployment.embsec(&["keys", "list", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = document["keys"].as_array().unwrap().iter();
    keys.filter(|key| key["purpose"] == purpose && key["state"] == state)
        .map(|key| key["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The one key of this purpose in this state.
#[track_caller]
pub(crate) fn key_of(deployment: &Deployment, purpose: &str, state: &str) -> String {
    let mut keys = keys_of(deployment, purpose, state);
    assert_eq!(keys.len(), 1, "{keys:?} are {state} for {purpose}");
    keys.remove(0)
}

/// The same keyring as an older version would have made it, without a key that signs backups.
pub(crate) fn without_signing_key(text: &str) -> String {
    let parts = text.split(KEY_START);
    let kept: Vec<&str> = parts
        .filter(|part| !part.contains("purpose = \"backup-signing\""))
        .collect();
    let text = kept.join(KEY_START);
    let mut hasher = Sha256::new();
    let lines = text.split_inclusive('\n');
    for line in lines.filter(|line| !line.starts_with(CHECKSUM_START)) {
        hasher.update(line);
    }
    let checksum = format!(
        "{CHECKSUM_START}\"{}\"\n",
        HEXLOWER.encode(&hasher.finalize())
    );
    let lines = text.split_inclusive('\n');
    lines
        .map(|line| {
            if line.starts_with(CHECKSUM_START) {
                checksum.as_str()
            } else {
                line
            }
        })
        .collect()
}
