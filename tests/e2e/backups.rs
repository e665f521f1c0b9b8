//! Backups as an operator makes, keeps and restores them: cut off, damaged, put back and without
//! room. Every test chooses its engine itself.

mod clock;
mod damage;
mod faults;
mod full;
mod interrupted;
mod killed;
mod replayed;
mod round_trip;
mod small_disk;
mod store;

use crate::support::{Client, Database, Deployment, Link, Postgres, World, item, required};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Rows of one upload.
const BATCH: usize = 500;

/// Who can open backups.
struct Identity {
    file: String,
    recipient: String,
}

impl Identity {
    /// Makes one, kept beside the deployment's folder.
    #[track_caller]
    fn made(deployment: &Deployment, name: &str) -> Self {
        let file = deployment.parent().join(format!("{name}.identity"));
        let file = text(&file).to_owned();
        let words = ["keys", "generate", "backup-recipient", "--out", &file];
        let output = deployment.embsec(&words);
        ends_with(&output, 0);
        let recipient = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Self { file, recipient }
    }
}

/// A deployment that nobody serves, whose backups an operator opens.
struct Vault {
    deployment: Deployment,
    operator: Identity,
}

impl Vault {
    /// One without rows.
    #[track_caller]
    fn empty(deployment: Deployment) -> Self {
        ends_with(&deployment.embsec(&["init"]), 0);
        Self::of(deployment)
    }

    /// One with so many rows in the project `books` of `alice`.
    #[track_caller]
    fn filled(deployment: Deployment, rows: usize) -> Self {
        let mut world = World::on(deployment, &[]);
        let alice = world.user("alice");
        world.project(&alice, "alice", "books");
        upload(&alice, "books", 0..rows);
        world.server.terminate();
        world.server.wait();
        let World {
            deployment, server, ..
        } = world;
        drop(server);
        Self::of(deployment)
    }

    /// Of a deployment that was made already.
    #[track_caller]
    fn of(deployment: Deployment) -> Self {
        let operator = Identity::made(&deployment, "operator");
        let vault = Self {
            deployment,
            operator,
        };
        let recipients = format!("recipients = [\"{}\"]", vault.operator.recipient);
        vault.set("backup", &recipients);
        if vault.deployment.url().is_some() {
            let folder = required("EMBSEC_TEST_POSTGRES_BIN_16");
            vault.set("restore_test", &format!("pg_bindir = \"{folder}\""));
        }
        vault
    }

    /// Puts 60 MB into its file that compress to nothing smaller, so that a backup takes a while.
    fn fill(&self) {
        let filler = "CREATE TABLE filler (bytes BLOB); \
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) \
            INSERT INTO filler SELECT randomblob(1000000) FROM n;";
        self.link().run(filler);
    }

    /// Adds a line to a section of the settings.
    fn set(&self, section: &str, line: &str) {
        let path = self.deployment.dir().join("embsec.toml");
        let settings = fs::read_to_string(&path).unwrap();
        let section = format!("\n[{section}]\n");
        assert!(settings.contains(&section));
        let settings = settings.replace(&section, &format!("{section}{line}\n"));
        fs::write(&path, settings).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.deployment.embsec(arguments)
    }

    /// A command that is given the operator's identity.
    fn opening(&self, arguments: &[&str]) -> Command {
        let identity = ["--identity-file", &self.operator.file];
        self.deployment.command(&[arguments, &identity].concat())
    }

    /// Makes a backup; returns its id.
    #[track_caller]
    fn backup(&self) -> String {
        let made = document(&self.run(&["backup", "--json"]));
        made["id"].as_str().unwrap().to_owned()
    }

    fn verify(&self, id: &str) -> Output {
        let words = ["backup", "verify", id, "--level", "2"];
        self.opening(&words).output().unwrap()
    }

    #[track_caller]
    fn holds(&self, id: &str) {
        ends_with(&self.verify(id), 0);
    }

    /// The ids of the backups that are listed. None of them is complained about.
    #[track_caller]
    fn listed(&self) -> Vec<String> {
        let list = document(&self.run(&["backup", "list", "--json"]));
        assert_eq!(list["lost"], json!([]));
        let backups = list["backups"].as_array().unwrap();
        let ids = backups.iter().map(|backup| {
            assert_eq!(backup.get("fault"), None, "{backup}");
            backup["id"].as_str().unwrap().to_owned()
        });
        ids.collect()
    }

    fn destination(&self) -> PathBuf {
        self.deployment.dir().join("backups")
    }

    /// The folder of a backup.
    fn folder(&self, id: &str) -> PathBuf {
        self.destination().join("backup").join(id)
    }

    /// Nothing is half-made, and no copy in clear is left beside it.
    #[track_caller]
    fn is_tidy(&self) {
        assert_eq!(names(&self.destination().join(".partial")), [""; 0]);
        assert_eq!(names(&self.deployment.dir().join(".backup-copy")), [""; 0]);
    }

    /// A place to restore into, where nothing is yet.
    #[track_caller]
    fn place(&self, name: &str) -> Into {
        if self.deployment.url().is_some() {
            return Into::Server(Database::fresh(Postgres::V16));
        }
        // In a folder of its own, so that everything that is left can be seen.
        let folder = self.deployment.parent().join(name);
        fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
        Into::File(folder.join("restored.db"))
    }

    #[track_caller]
    fn restore(&self, id: &str, into: &Into) -> Output {
        let words = ["restore", id, "--into", &into.name(), "--json"];
        self.opening(&words).output().unwrap()
    }

    /// Its database.
    fn link(&self) -> Link {
        match self.deployment.url() {
            None => Link::to_file(&self.deployment.dir().join("embsec.db")),
            Some(_) => Link::to_server(&self.deployment.database().url()),
        }
    }

    /// Verification, restoring and the restore test of a backup all refuse it, say one of these
    /// words, and leave nothing.
    #[track_caller]
    fn refuses(&self, id: &str, words: &[&str]) {
        self.fails_the_tests(id, words);
        let into = self.place("refused");
        let restored = self.restore(id, &into);
        ends_with(&restored, 6);
        says(&restored, words);
        into.is_empty();
        into.remove();
    }

    /// Verification and the restore test of a backup do.
    #[track_caller]
    fn fails_the_tests(&self, id: &str, words: &[&str]) {
        let verified = self.verify(id);
        ends_with(&verified, 6);
        says(&verified, words);
        let temporary = tempfile::tempdir().unwrap();
        let tested = self
            .opening(&["restore-test", id])
            .env("TMPDIR", temporary.path())
            .output()
            .unwrap();
        ends_with(&tested, 6);
        says(&tested, words);
        assert_eq!(names(temporary.path()), [""; 0]);
    }
}

/// Where something is restored.
enum Into {
    File(PathBuf),
    Server(Database),
}

impl Into {
    fn name(&self) -> String {
        match self {
            Self::File(path) => text(path).to_owned(),
            Self::Server(database) => database.url(),
        }
    }

    fn link(&self) -> Link {
        match self {
            Self::File(path) => Link::to_file(path),
            Self::Server(database) => Link::to_server(&database.url()),
        }
    }

    /// Nothing was left there.
    #[track_caller]
    fn is_empty(&self) {
        match self {
            Self::File(path) => assert_eq!(names(path.parent().unwrap()), [""; 0]),
            Self::Server(database) => {
                let schemas = "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'";
                let found = database.run(&format!("{schemas} ORDER BY 1"));
                assert_eq!(found, "information_schema\npublic");
                let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
                assert_eq!(database.run(tables), "0");
            }
        }
    }

    /// Makes room for another of the same name.
    fn remove(self) {
        if let Self::File(path) = self {
            fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
    }
}

/// A deployment of each engine.
fn on_each_engine() -> [Deployment; 2] {
    [Deployment::in_a_file(), on_a_server()]
}

fn on_a_server() -> Deployment {
    Deployment::on(Database::fresh(Postgres::V16))
}

/// Uploads rows of these numbers to a project of `alice`.
fn upload(alice: &Client, project: &str, rows: impl Iterator<Item = usize>) {
    let rows: Vec<usize> = rows.collect();
    for batch in rows.chunks(BATCH) {
        let items: Vec<Value> = batch
            .iter()
            .map(|row| item("alice", project, &format!("t{row:06}"), *row))
            .collect();
        let path = format!("/v1/embeddings/alice/{project}");
        alice
            .post(&path, &json!({ "embeddings": items }))
            .expect(201);
    }
}

/// Everything that a command said.
fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts.map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

#[track_caller]
fn ends_with(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
}

/// It said one of these.
#[track_caller]
fn says(output: &Output, words: &[&str]) {
    // A message that stands alone begins with a capital.
    let said = said(output).to_lowercase();
    let mut words = words.iter().map(|word| word.to_lowercase());
    assert!(
        words.any(|word| said.contains(&word)),
        "not one of them: {said}"
    );
}

#[track_caller]
fn document(output: &Output) -> Value {
    ends_with(output, 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names in a folder, in their order; none where there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Every file below a folder, by its name from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(
                files(&path)
                    .into_iter()
                    .map(|file| format!("{name}/{file}")),
            );
        } else {
            found.push(name);
        }
    }
    found
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let to = to.join(&file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to).unwrap();
    }
}
