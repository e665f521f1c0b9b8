//! What is in a backup, once it is open: no key and no secret setting, in whatever shape. The sealed
//! data keys are in `datakeys.json` and nowhere else.

use crate::canary::secrets::Secrets;
use crate::canary::stage::with_password;
use crate::support::backups::{self, Operator, age_open};
use crate::support::{Database, Deployment, Postgres, World};
use age::secrecy::ExposeSecret as _;
use data_encoding::BASE64URL_NOPAD;
use embsec::config::settings::{Kind, SETTINGS};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const SEALED_KEY: &str = "sealed data key";

/// A part of a backup, and how it is called.
type Part = (String, Vec<u8>);

/// A deployment full of secrets.
struct Story {
    world: World,
    secrets: Secrets,
    beside: PathBuf,
}

impl Story {
    fn new(deployment: Deployment, mut secrets: Secrets) -> Self {
        let world = World::on(deployment, &[]);
        let alice = world.user("alice");
        world.project(&alice, "alice", "library");
        let key = json!({ "api_key": secrets.invent("provider key") });
        let instance = "/v1/llm-instances/alice/inst";
        alice.send("PATCH", instance, Some(&key)).expect(201);
        let mut item = crate::support::item("alice", "library", "one", 1);
        item["text"] = secrets.invent("text").into();
        let upload = json!({ "embeddings": [item] });
        alice
            .post("/v1/embeddings/alice/library", &upload)
            .expect(201);
        secrets.learn("admin key", &world.deployment.admin_key());
        let beside = world.deployment.parent().join("beside");
        fs::create_dir(&beside).unwrap();
        Self {
            world,
            secrets,
            beside,
        }
    }

    /// Takes over how the data keys are sealed now, and the keys of the keyring.
    fn learn_keys(&mut self) {
        let deployment = &self.world.deployment;
        for wrapped in wrapped_keys(deployment) {
            self.secrets.learn(SEALED_KEY, &wrapped);
            let bytes = BASE64URL_NOPAD.decode(wrapped.as_bytes()).unwrap();
            self.secrets.learn_bytes(SEALED_KEY, &bytes);
        }
        let ring = fs::read_to_string(deployment.dir().join("keyring.toml")).unwrap();
        for rest in ring.split("material = \"").skip(1) {
            let (material, _) = rest.split_once('"').unwrap();
            self.secrets.learn("key of the keyring", material);
            let bytes = BASE64URL_NOPAD.decode(material.as_bytes()).unwrap();
            self.secrets.learn_bytes("key of the keyring", &bytes);
        }
    }

    /// Writes a value of every secret setting into the settings.
    fn set_secrets(&mut self) {
        for setting in SETTINGS
            .iter()
            .filter(|one| matches!(one.kind, Kind::Secret))
        {
            let value = match setting.key {
                "api.admin_key"
                | "keyring.passphrase"
                | "backup.s3_access_key_id"
                | "backup.s3_secret_access_key" => self.secrets.invent(setting.key),
                "keyring.identity" => {
                    let identity = age::x25519::Identity::generate().to_string();
                    self.learn_identity(setting.key, identity.expose_secret());
                    identity.expose_secret().to_owned()
                }
                "backup.healthcheck_url" | "restore_test.healthcheck_url" => {
                    format!("http://127.0.0.1:1/{}", self.secrets.invent(setting.key))
                }
                key => panic!("no secret for {key}"),
            };
            let line = format!("{} = \"{value}\"", setting.name());
            backups::set(&self.world.deployment, setting.section(), &line);
        }
    }

    fn learn_identity(&mut self, name: &str, text: &str) {
        let line = text
            .lines()
            .find(|line| line.starts_with("AGE-SECRET-KEY-1"));
        let line = line.unwrap();
        let (_, part) = line.split_at("AGE-SECRET-KEY-1".len());
        self.secrets.learn_part(name, line, part);
    }

    /// Every part of a backup in clear, and every file of the destination as it is stored.
    fn parts(&mut self, operator: &Operator, id: &str, folder: &Path) -> Vec<Part> {
        let backup_identity = self.beside.join("backup.txt");
        let opened = age_open(Path::new(operator.file()), &folder.join("keys.age"));
        fs::write(&backup_identity, &opened).unwrap();
        self.learn_identity("identity of the backup", str::from_utf8(&opened).unwrap());
        let manifest = age_open(&backup_identity, &folder.join("manifest.json.age"));
        let read: Value = serde_json::from_slice(&manifest).unwrap();
        let mut parts = vec![("the manifest".to_owned(), manifest)];
        let count = |list: &str| read[list].as_array().unwrap().iter();
        let segments = (1..=count("segments").len()).map(|n| ("--segment", n.to_string()));
        let files = count("files").map(|file| ("--file", text(&file["name"])));
        let tables = count("tables").map(|table| {
            let name = format!("{}.{}", text(&table["schema"]), text(&table["name"]));
            ("--table", name)
        });
        for (number, (kind, name)) in segments.chain(files).chain(tables).enumerate() {
            let out = self.beside.join(format!("part-{number}"));
            let decoded = self.world.deployment.embsec(&[
                "backup",
                "decode",
                id,
                kind,
                &name,
                "--out",
                out.to_str().unwrap(),
                "--identity-file",
                operator.file(),
            ]);
            let said = String::from_utf8_lossy(&decoded.stderr).into_owned();
            assert!(decoded.status.success(), "{kind} {name}: {said}");
            parts.push((format!("{kind} {name}"), fs::read(out).unwrap()));
        }
        add_files(&self.world.deployment.dir().join("backups"), &mut parts);
        parts
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn add_files(folder: &Path, parts: &mut Vec<Part>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_files(&path, parts);
        } else {
            parts.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// The data keys of a deployment as they are sealed.
fn wrapped_keys(deployment: &Deployment) -> Vec<String> {
    if deployment.url().is_some() {
        let lines = deployment
            .database()
            .run("SELECT wrapped FROM embsec.data_keys");
        return lines.lines().map(str::to_owned).collect();
    }
    let connection = Connection::open(deployment.dir().join("embsec.db")).unwrap();
    let mut statement = connection.prepare("SELECT wrapped FROM data_keys").unwrap();
    let lines = statement.query_map([], |row| row.get(0)).unwrap();
    lines.map(Result::unwrap).collect()
}

fn contains(parts: &[Part], kind: &str, needle: &str) -> bool {
    let of_kind = parts.iter().filter(|(name, _)| name.contains(kind));
    of_kind
        .flat_map(|(_, bytes)| bytes.windows(needle.len()))
        .any(|window| window == needle.as_bytes())
}

#[track_caller]
fn search(deployment: Deployment, secrets: Secrets) {
    let mut story = Story::new(deployment, secrets);
    story.learn_keys();
    // Keys that were sealed by others before are in no page and no row any more.
    for words in [
        &["keys", "rotate", "data"][..],
        &["keys", "rotate", "master"],
    ] {
        let rotated = story.world.deployment.embsec(words);
        let said = String::from_utf8_lossy(&rotated.stderr).into_owned();
        assert!(rotated.status.success(), "{said}");
        story.learn_keys();
    }
    story.set_secrets();
    let operator = Operator::beside(&story.world.deployment, "operator");
    backups::open_to(&story.world.deployment, &operator);
    let identity = fs::read_to_string(operator.file()).unwrap();
    story.learn_identity("identity of the operator", &identity);
    let (id, folder) = backups::back_up(&story.world.deployment, &[]);
    let parts = story.parts(&operator, &id, &folder);
    let data_keys = folder.join("datakeys.json").display().to_string();
    let mut wrong = Vec::new();
    for (name, bytes) in &parts {
        let found = story.secrets.found_in(bytes);
        let found: Vec<_> = found.into_keys().collect();
        let expected: &[&str] = if *name == data_keys {
            &[SEALED_KEY]
        } else {
            &[]
        };
        if found != expected {
            wrong.push(format!("{name} holds {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What was searched is what was stored.
    assert!(contains(&parts, "--segment", "alice@example.org"));
    assert!(contains(&parts, "--segment", "enc:v2:"));
    assert!(contains(&parts, "--file embsec.toml", &operator.recipient));
    for setting in SETTINGS
        .iter()
        .filter(|one| matches!(one.kind, Kind::Secret))
    {
        assert!(contains(&parts, "--file embsec.toml", setting.name()));
    }
}

#[test]
fn an_open_backup_of_a_file_holds_no_key_and_no_secret_setting() {
    search(Deployment::in_a_file(), Secrets::default());
}

#[test]
fn an_open_backup_of_postgres_holds_no_key_and_no_secret_setting() {
    let mut secrets = Secrets::default();
    let database = Database::fresh(Postgres::V16);
    let password = secrets.invent("database password");
    let url = with_password(&Postgres::V16.url(), &password);
    search(Deployment::behind(&url, database), secrets);
}
