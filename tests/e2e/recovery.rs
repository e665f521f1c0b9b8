//! `docs/runbooks/recover-without-embsec.md` holds as it is written: its commands are taken from the
//! page and run, on backups that the binary made, where there is no embsec.

use crate::support::backups::{self, Operator};
use crate::support::{
    Database, Deployment, Postgres, World, key_of, llm_proxy, required, variable,
};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const PAGE: &str = include_str!("../../docs/runbooks/recover-without-embsec.md");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROVIDER_KEY: &str = "sk-proj-that-was-put-in-0123456789";

/// What is at hand on the day without embsec.
struct Left {
    folder: TempDir,
    signer: String,
}

impl Left {
    /// Takes a backup, the identity that opens it and the keyring elsewhere.
    fn of(deployment: &Deployment, operator: &Operator, backup: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        copy(backup, &place("backup"));
        fs::copy(operator.file(), place("operator.identity")).unwrap();
        fs::copy(deployment.dir().join("keyring.toml"), place("keyring.toml")).unwrap();
        let id = key_of(deployment, "backup-signing", "active");
        let shown = deployment.embsec(&["keys", "show", &id, "--json"]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        let (_, key) = shown.split_once("embsec-sign-1:").unwrap();
        let (key, _) = key.split_once('"').unwrap();
        Self {
            signer: format!("embsec-sign-1:{key}"),
            folder,
        }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("recovered")
    }

    /// Runs these steps of the page in one shell, which ends at the first command that fails.
    fn follow(&self, steps: &[&str], database: Option<&Database>) -> Output {
        let place = |name: &str| self.folder.path().join(name);
        let mut command = Command::new("bash");
        let no_embsec = "if command -v embsec; then exit 99; fi";
        let script = format!("{no_embsec}\n{}", page(steps));
        command.args(["-e", "-c", &script]);
        command.env_clear().env("PATH", path_without_embsec());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::null()).current_dir(self.folder.path());
        command.env("BACKUP", place("backup"));
        command.env("IDENTITY", place("operator.identity"));
        command.env("KEYRING", place("keyring.toml"));
        command.env("WORK", self.work());
        command.env("SIGNER", &self.signer);
        command.env("SCRIPT", format!("{ROOT}/scripts/recover-backup.py"));
        command.env("RELEASE", ROOT);
        if let Some(database) = database {
            command.env("DATABASE", database.url());
        }
        command.output().unwrap()
    }

    /// The same; it must come to its end. Returns what is printed.
    #[track_caller]
    fn recover(&self, steps: &[&str], database: Option<&Database>) -> String {
        let output = self.follow(steps, database);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}\n{said}");
        let signed = format!("generation 1, signed by {}", self.signer);
        assert_eq!(text.matches(&signed).count(), 3, "{text}");
        assert!(!text.contains("FAILED"), "{text}");
        text
    }
}

/// The folders of PATH in which there is no embsec, after those of the programs of PostgreSQL 16.
fn path_without_embsec() -> OsString {
    let all = variable("PATH").unwrap();
    let folders = std::env::split_paths(&all).filter(|folder| !folder.join("embsec").exists());
    let client = PathBuf::from(required("EMBSEC_TEST_POSTGRES_BIN_16"));
    std::env::join_paths([client].into_iter().chain(folders)).unwrap()
}

/// The blocks of commands of these steps; `8.2` is the second block of step 8 alone.
fn page(steps: &[&str]) -> String {
    let mut script = String::new();
    for section in PAGE.split("\n## ").skip(1) {
        let (number, _) = section.split_once('.').unwrap();
        let blocks = section.split("\n```console\n").skip(1);
        for (place, block) in blocks.enumerate() {
            let (block, _) = block.split_once("\n```").unwrap();
            let name = format!("{number}.{}", place + 1);
            if steps.contains(&number) || steps.contains(&name.as_str()) {
                script.push_str(block);
                script.push('\n');
            }
        }
    }
    script
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The tables that were counted, each with the rows of the backup and those that came back.
fn counts(text: &str) -> Vec<(&str, u64, u64)> {
    let count = |line: &'_ str| -> Option<(usize, u64, u64)> {
        let mut parts = line.rsplit('|');
        let back = parts.next()?.parse().ok()?;
        let there = parts.next()?.parse().ok()?;
        Some((parts.next()?.len(), there, back))
    };
    text.lines()
        .filter_map(|line| count(line).map(|(end, there, back)| (&line[..end], there, back)))
        .collect()
}

#[track_caller]
fn assert_every_row_is_back(text: &str, tables: &[(&str, u64)]) {
    let counts = counts(text);
    for (table, there, back) in &counts {
        assert_eq!(there, back, "{table}: {text}");
    }
    for (table, rows) in tables {
        let found = counts.iter().find(|(name, ..)| name.contains(table));
        assert_eq!(
            found.map(|(_, rows, _)| rows),
            Some(rows),
            "{table}: {text}"
        );
    }
}

/// A deployment with a provider key and texts, backed up by the binary and then gone.
fn lost(deployment: Deployment) -> Left {
    let world = World::on(deployment, &[]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "library");
    let key = json!({ "api_key": PROVIDER_KEY });
    let instance = "/v1/llm-instances/alice/inst";
    alice.send("PATCH", instance, Some(&key)).expect(201);
    world.upload(&alice, "alice", "library", &["one", "two", "three"]);
    let deployment = &world.deployment;
    let operator = Operator::beside(deployment, "operator");
    backups::open_to(deployment, &operator);
    let (_, folder) = backups::back_up(deployment, &[]);
    Left::of(deployment, &operator, &folder)
}

#[test]
fn a_backup_of_a_file_is_recovered_down_to_a_provider_key() {
    let left = lost(Deployment::in_a_file());
    let text = left.recover(&["1", "2", "3", "4", "5", "8.1", "9"], None);
    assert!(text.contains("go on with step 5"), "{text}");
    assert!(text.lines().any(|line| line == "ok"), "{text}");
    assert_every_row_is_back(&text, &[("users", 2), ("embeddings", 3)]);
    assert_eq!(text.lines().last(), Some(PROVIDER_KEY), "{text}");
    for (name, is_left) in [("files/database.sqlite", true), ("backup.txt", false)] {
        assert_eq!(left.work().join(name).exists(), is_left, "{name}");
    }
}

#[test]
fn a_backup_of_postgres_is_recovered_down_to_a_provider_key() {
    let left = lost(Deployment::on(Database::fresh(Postgres::V16)));
    let database = Database::empty_at(&Postgres::V16.url());
    let text = left.recover(&["1", "2", "3", "4", "6", "8.2", "9"], Some(&database));
    assert!(text.contains("go on with step 6"), "{text}");
    assert_every_row_is_back(&text, &[("\"users\"", 2), ("\"embeddings\"", 3)]);
    assert_eq!(text.lines().last(), Some(PROVIDER_KEY), "{text}");
    let vectors = database.run("SELECT count(vector) FROM embsec.embeddings");
    assert_eq!(vectors, "3");
}

#[test]
fn a_backup_of_another_program_is_recovered() {
    let deployment = Deployment::in_a_file();
    assert!(deployment.embsec(&["init"]).status.success());
    let operator = Operator::beside(&deployment, "operator");
    backups::open_to(&deployment, &operator);
    let client = required("EMBSEC_TEST_POSTGRES_BIN_16");
    backups::set(&deployment, "backup", &format!("pg_bindir = \"{client}\""));
    let proxy = Database::fresh(Postgres::V16);
    llm_proxy::postgres(&proxy, 4, 6);
    let (_, folder) = backups::back_up(&deployment, &["--database", &proxy.url()]);
    let left = Left::of(&deployment, &operator, &folder);
    let database = Database::empty_at(&Postgres::V16.url());
    let text = left.recover(&["1", "2", "3", "4", "7", "9"], Some(&database));
    assert!(text.contains("go on with step 7"), "{text}");
    assert_every_row_is_back(&text, &[("\"projects\"", 4), ("\"tokens\"", 6)]);
    let all = "SELECT string_agg(t::text, ';' ORDER BY id) FROM tokens t";
    assert_eq!(database.run(all), proxy.run(all));
}

#[test]
fn a_backup_of_another_signer_ends_the_page_at_its_second_step() {
    let deployment = Deployment::in_a_file();
    assert!(deployment.embsec(&["init"]).status.success());
    let operator = Operator::beside(&deployment, "operator");
    backups::open_to(&deployment, &operator);
    let (id, folder) = backups::back_up(&deployment, &[]);
    let rotated = deployment.embsec(&["keys", "rotate", "backup-signing"]);
    assert!(rotated.status.success());
    // The key that signs now, which did not sign this backup.
    let left = Left::of(&deployment, &operator, &folder);
    let output = left.follow(&["1", "2", "3"], None);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("the signature is WRONG"), "{said}");
    assert!(!left.work().join("backup.txt").exists());
    let public = fs::read(folder.join("manifest.pub.json")).unwrap();
    let public: Value = serde_json::from_slice(&public).unwrap();
    assert_eq!(public["id"], id);
}

#[test]
fn every_block_of_commands_of_the_page_is_run_here() {
    let all = page(&["1", "2", "3", "4", "5", "6", "7", "8.1", "8.2", "9"]);
    let blocks = PAGE.split("\n```console\n").skip(1);
    for block in blocks {
        let (block, _) = block.split_once("\n```").unwrap();
        assert!(all.contains(block), "{block}");
    }
    let others = PAGE.matches("\n```").count() - 2 * PAGE.matches("\n```console\n").count();
    assert_eq!(others, 0, "blocks of another kind");
}
