//! The keys of a deployment.

use super::MADE_TO_BE_SHOWN;
use crate::canary::stage::Stage;
use crate::support::{keys_of, without_signing_key};
use embsec::crypto::sealed_file::{self, Identities};
use serde_json::Value;

/// The keyring of the deployment as a file that is sealed by the story's passphrase, and one that
/// is sealed to its identity.
fn sealed(stage: &Stage) -> [String; 2] {
    let text = std::fs::read(stage.deployment.dir().join("keyring.toml")).unwrap();
    let passphrase = stage.secrets.text("passphrase").to_owned().into();
    let by_passphrase = sealed_file::seal_with_passphrase(&passphrase, &text).unwrap();
    let identities = Identities::read(stage.secrets.text("identity").as_bytes()).unwrap();
    let to_identity = sealed_file::seal(&identities.recipients(), &text).unwrap();
    [
        ("passphrase.age", by_passphrase),
        ("identity.age", to_identity),
    ]
    .map(|(name, bytes)| {
        let path = stage.keep(name, std::str::from_utf8(&bytes).unwrap());
        format!("file:{path}")
    })
}

pub(super) fn list(stage: &mut Stage) {
    stage.tell(&[], 0);
    stage.in_trouble(&[]);
    let [by_passphrase, to_identity] = sealed(stage);
    let [passphrase, identity] =
        ["passphrase", "identity"].map(|name| stage.secrets.text(name).to_owned());
    let [wrong_phrase, stranger] =
        ["wrong passphrase", "stranger's identity"].map(|name| stage.secrets.text(name).to_owned());
    for (source, setting, right, wrong) in [
        (by_passphrase, "PASSPHRASE", passphrase, wrong_phrase),
        (to_identity, "IDENTITY", identity, stranger),
    ] {
        let name = format!("EMBSEC_KEYRING__{setting}");
        for (form, given, code) in [("--json", &right, 0), ("--verbose", &wrong, 6)] {
            let run = stage.run(&[form]).set("EMBSEC_KEYRING__SOURCE", &source);
            run.set(&name, "env:CANARY")
                .set("CANARY", given)
                .ends(&[code]);
        }
        let run = stage
            .run(&["--verbose"])
            .set("EMBSEC_KEYRING__SOURCE", &source);
        run.set(&name, &right).ends(&[0]);
    }
    let ring = std::fs::read_to_string(stage.deployment.dir().join("keyring.toml")).unwrap();
    for (text, codes) in [(ring.as_str(), &[0][..]), (&ring[..ring.len() - 9], &[6])] {
        let run = stage
            .run(&["--verbose"])
            .set("EMBSEC_KEYRING__SOURCE", "env:RING");
        run.set("RING", text).ends(codes);
        let run = stage
            .run(&["--verbose"])
            .set("EMBSEC_KEYRING__SOURCE", "cmd:printenv RING");
        run.set("RING", text.trim_end())
            .set("PATH", "/usr/bin:/bin")
            .ends(codes);
    }
    // A program that tells everything, and fails.
    let file = stage.keep("told", &ring);
    let program = format!("cmd:/bin/sh -c 'cat {file}; exit 7'");
    let run = stage
        .run(&["--verbose"])
        .set("EMBSEC_KEYRING__SOURCE", &program);
    run.ends(&[2, 5]);
}

pub(super) fn show(stage: &mut Stage) {
    stage.tell(&[], 0);
    let id = keys_of(&stage.deployment, "master", "active").remove(0);
    stage.tell(&[&id], 0);
    stage.run(&["aaaaaaaaaaaaaaaa"]).ends(&[2]);
    stage.in_trouble(&[&id]);
}

pub(super) fn generate_admin(stage: &mut Stage) {
    generate(stage, "admin");
}

pub(super) fn generate_password(stage: &mut Stage) {
    generate(stage, "password");
}

fn generate(stage: &mut Stage, what: &str) {
    let run = stage.run(&["--verbose"]).without_folder();
    let secret = run.shows("new key", MADE_TO_BE_SHOWN).ends(&[0]);
    stage.secrets.learn("new key", secret.trim_end());
    let run = stage.run(&["--json"]).without_folder();
    let document = run.shows("newer key", MADE_TO_BE_SHOWN).ends(&[0]);
    let document: Value = serde_json::from_str(&document).unwrap();
    let fields = document.as_object().unwrap().iter();
    let secret = fields
        .filter(|(name, _)| *name != "schema")
        .map(|(_, value)| value);
    for secret in secret.filter_map(Value::as_str) {
        stage.secrets.learn("newer key", secret);
    }
    let out = stage.beside(&format!("{what}.new"));
    for form in ["--verbose", "--json"] {
        let file = format!("{out}{form}");
        stage
            .run(&["--out", &file, form])
            .without_folder()
            .ends(&[0]);
        let secret = std::fs::read_to_string(&file).unwrap();
        stage.secrets.learn("kept key", secret.trim_end());
        stage
            .run(&["--out", &file, form])
            .without_folder()
            .ends(&[4]);
    }
}

pub(super) fn generate_master(stage: &mut Stage) {
    for form in ["--verbose", "--json"] {
        let run = stage.run(&[form]).without_folder();
        let text = run
            .shows("key of a new keyring", MADE_TO_BE_SHOWN)
            .ends(&[0]);
        // As it stands in a JSON string, too.
        let text = text.replace("\\\"", "\"");
        let keys: Vec<&str> = text.split("material = \"").skip(1).collect();
        assert_eq!(keys.len(), 2, "a master key and one that signs in {form}");
        for rest in keys {
            let (material, _) = rest.split_once('"').unwrap();
            stage.secrets.learn("key of a new keyring", material);
        }
    }
    let out = stage.beside("made.toml");
    stage
        .run(&["--out", &out, "--verbose"])
        .without_folder()
        .ends(&[0]);
    stage
        .run(&["--out", &out, "--json"])
        .without_folder()
        .ends(&[4]);
    let passphrase = stage.keep("passphrase", stage.secrets.text("passphrase"));
    let sealed = ["--passphrase-file", passphrase.as_str(), "--verbose"];
    stage.run(&sealed).without_folder().ends(&[0]);
    let identity = stage.secrets.text("identity").to_owned();
    stage.run(&["--to", &identity]).without_folder().ends(&[2]);
}

pub(super) fn generate_backup_signing(stage: &mut Stage) {
    let file = stage.deployment.dir().join("keyring.toml");
    let mut ring = without_signing_key(&std::fs::read_to_string(file).unwrap());
    for form in ["--verbose", "--json"] {
        let out = stage.beside(&format!("signing{form}.toml"));
        for (more, code) in [(&["--out", &out][..], 0), (&["--out", &out], 4), (&[], 4)] {
            let run = stage.run(&[more, &[form]].concat());
            let run = run.set("EMBSEC_KEYRING__SOURCE", "env:RING");
            run.set("RING", &ring).ends(&[code]);
        }
        ring = std::fs::read_to_string(out).unwrap();
    }
    stage.run(&["--dry-run", "--json"]).ends(&[4]);
    stage.run(&["--verbose"]).ends(&[4]);
    stage.in_trouble(&[]);
}

pub(super) fn generate_backup_recipient(stage: &mut Stage) {
    for form in ["--verbose", "--json"] {
        let out = stage.beside(&format!("recipient{form}.identity"));
        let arguments = ["--out", &out, form];
        stage.run(&arguments).without_folder().ends(&[0]);
        let text = std::fs::read_to_string(&out).unwrap();
        let line = text.lines().last().unwrap();
        let (_, secret) = line.split_once("AGE-SECRET-KEY-1").unwrap();
        stage
            .secrets
            .learn_part("identity for backups", line, secret);
        stage.run(&arguments).without_folder().ends(&[4]);
    }
    stage.run(&["--verbose"]).without_folder().ends(&[2]);
}

pub(super) fn rotate_backup_signing(stage: &mut Stage) {
    stage.run(&["--dry-run", "--json"]).ends(&[0]);
    stage.run(&["--verbose"]).ends(&[0]);
    stage.run(&["--json"]).ends(&[0]);
    stage.in_trouble(&[]);
}

pub(super) fn rotate_master(stage: &mut Stage) {
    stage.run(&["--dry-run", "--json"]).ends(&[0]);
    stage.run(&["--verbose"]).ends(&[0]);
    stage.run(&["--finish", "--json"]).ends(&[0]);
    stage.in_trouble(&[]);
}

pub(super) fn rotate_data(stage: &mut Stage) {
    stage.run(&["--dry-run", "--json"]).ends(&[0]);
    stage.run(&["--scope", "system", "--json"]).ends(&[0]);
    let project = ["--scope", "project:alice/sealed"];
    stage
        .run(&[&project[..], &["--verbose", "--progress", "json"]].concat())
        .ends(&[0]);
    stage.run(&["--progress", "lines"]).ends(&[0]);
    stage.run(&["--scope", "project:alice/none"]).ends(&[2]);
    stage.in_trouble(&project);
}

pub(super) fn rotate_admin(stage: &mut Stage) {
    stage.run(&["--dry-run", "--json"]).ends(&[0]);
    let run = stage.run(&["--grace", "1h", "--verbose"]);
    let key = run.shows("second admin key", MADE_TO_BE_SHOWN).ends(&[0]);
    stage.secrets.learn("second admin key", key.trim_end());
    let file = stage.deployment.dir().join("admin.key");
    stage
        .run(&["--out", file.to_str().unwrap(), "--json"])
        .ends(&[0]);
    let key = stage.deployment.admin_key();
    stage.secrets.learn("third admin key", &key);
    let admin = stage.clients["admin"].with_key(&key);
    admin.get("/v1/users").expect(200);
    stage.clients.insert("admin", admin);
    stage
        .run(&["--verbose"])
        .set("SERVICE_ADMINKEY", &key)
        .ends(&[4]);
    stage.in_trouble(&[]);
}

pub(super) fn retire(stage: &mut Stage) {
    let old = keys_of(&stage.deployment, "master", "decrypt-only").remove(0);
    stage.wait_for(&["keys", "retire", &old, "--dry-run"]);
    stage.run(&[&old, "--dry-run", "--json"]).ends(&[0]);
    stage.run(&[&old, "--verbose"]).ends(&[0]);
    let active = keys_of(&stage.deployment, "master", "active").remove(0);
    stage.run(&[&active, "--verbose"]).ends(&[4]);
    stage.in_trouble(&[&active]);
}

pub(super) fn destroy(stage: &mut Stage) {
    let old = keys_of(&stage.deployment, "master", "retired").remove(0);
    stage.wait_for(&["keys", "destroy", &old, "--dry-run"]);
    stage.run(&[&old, "--dry-run", "--json"]).ends(&[0]);
    stage.run(&[&old, "--verbose"]).ends(&[4]);
    stage.run(&[&old, "--yes", "--verbose"]).ends(&[0]);
    let active = keys_of(&stage.deployment, "master", "active").remove(0);
    stage.run(&[&active, "--yes"]).ends(&[4]);
    stage.in_trouble(&[&active, "--yes"]);
}

pub(super) fn shred(stage: &mut Stage) {
    let sealed = ["project:alice/sealed", "--now"];
    stage
        .run(&[&sealed[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage.run(&sealed).ends(&[4]);
    stage
        .run(&[&sealed[..], &["--yes", "--verbose"]].concat())
        .ends(&[0, 3]);
    stage.run(&["--due", "--json"]).ends(&[0]);
    stage.in_trouble(&["--due"]);
}
