//! Encrypting and rotating embsec's own database, killed at any moment beside a server that is
//! written to.

use super::stored::{self, Content};
use super::success;
use crate::support::{
    Client, Kills, Link, StopAtEnd, World, item, load, many_rows, once_free, rounds, within,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is killed.
const COMMANDS: [&[&str]; 4] = [
    &["keys", "rotate", "data", "--scope", "project:alice/books"],
    &["keys", "rotate", "data"],
    &["keys", "rotate", "master"],
    &["migrate", "encrypt"],
];
/// Rows of one upload.
const BATCH: usize = 500;
/// Instances with a provider's key.
const PROVIDERS: u32 = 30;
/// How many uploads there are between two new projects.
const UPLOADS: u32 = 40;
/// How many new projects there are.
const PROJECTS: u32 = 20;
/// What every text begins with.
const CANARY: &str = "the canary of";

/// What clients were told is stored. Whoever changes a row holds the lock.
#[derive(Default)]
struct Model {
    /// The version of each row of `books`.
    books: BTreeMap<usize, u32>,
    /// Further projects, each with one row.
    projects: u32,
    /// No further ones are made: each belongs to the last rotation.
    complete: bool,
}

fn text_id(row: usize) -> String {
    format!("t{row:06}")
}

fn text(row: usize, version: u32) -> String {
    format!("{CANARY} {row}, version {version}")
}

fn metadata(version: u32) -> Value {
    json!({ "author": CANARY, "version": version })
}

/// A deployment with a server, and what is known of it.
struct Scene {
    world: World,
    alice: Client,
    model: Mutex<Model>,
}

impl Scene {
    /// One with these rows, a third of them in clear, as a version wrote them that sealed nothing.
    fn new(books: &BTreeMap<usize, u32>) -> Self {
        let world = World::new();
        let alice = world.user("alice");
        world.project(&alice, "alice", "books");
        for number in 1..=PROVIDERS {
            let instance = json!({
                "instance_handle": format!("provider{number}"),
                "dimensions": 8,
                "api_key": format!("sk-{CANARY}-{number}"),
            });
            let path = format!("/v1/llm-instances/alice/provider{number}");
            alice.put(&path, &instance).expect(201);
        }
        let scene = Self {
            world,
            alice,
            model: Mutex::default(),
        };
        let rows: Vec<(usize, u32)> = books
            .iter()
            .map(|(row, version)| (*row, *version))
            .collect();
        for batch in rows.chunks(BATCH) {
            scene.upload(&mut scene.model.lock().unwrap(), batch);
        }
        let policy = json!({ "encrypt_metadata": true });
        let path = "/v1/projects/alice/books/policy";
        scene.alice.send("PATCH", path, Some(&policy)).expect(200);
        scene.bring_plaintext(&mut scene.link());
        scene
    }

    fn link(&self) -> Link {
        stored::link(&self.world.deployment)
    }

    /// Uploads rows, again and again while the server asks to come again.
    fn upload(&self, model: &mut Model, rows: &[(usize, u32)]) {
        let items: Vec<Value> = rows
            .iter()
            .map(|(row, version)| {
                let mut item = item("alice", "books", &text_id(*row), *row);
                item["text"] = text(*row, *version).into();
                item["metadata"] = metadata(*version);
                item
            })
            .collect();
        let body = json!({ "embeddings": items });
        let path = "/v1/embeddings/alice/books";
        loop {
            let reply = self.alice.post(path, &body);
            if !load::is_away(&reply) {
                reply.expect(201);
                break;
            }
        }
        model.books.extend(rows.iter().copied());
    }

    /// One more project, which needs a data key of its own.
    fn add_project(&self, model: &mut Model) {
        model.projects += 1;
        let name = format!("project{}", model.projects);
        let body = json!({
            "project_handle": name, "instance_owner": "alice", "instance_handle": "inst",
        });
        let path = format!("/v1/projects/alice/{name}");
        self.alice.put(&path, &body).expect(201);
        self.world.upload(&self.alice, "alice", &name, &["only"]);
    }

    /// Puts a third of the rows in clear.
    fn bring_plaintext(&self, link: &mut Link) {
        let model = self.model.lock().unwrap();
        let rows = model.books.iter().filter(|(row, _)| *row % 3 == 0);
        let rows: Vec<Vec<String>> = rows
            .map(|(row, version)| {
                let metadata = metadata(*version).to_string();
                vec![text_id(*row), text(*row, *version), metadata]
            })
            .collect();
        // By the project too, which has an index.
        let in_books = |schema: &str| {
            format!("project_id = (SELECT project_id FROM {schema}projects WHERE handle = 'books')")
        };
        let (table, condition) = match link {
            Link::File(_) => ("embeddings", in_books("")),
            Link::Server(..) => ("embsec.embeddings", in_books("embsec.")),
        };
        let columns = ["text", "metadata"];
        link.set((table, &condition), "text_id", &columns, &rows);
    }

    /// Writes over old rows, adds new ones and new projects, until it is asked to stop.
    fn write(&self, stop: &AtomicBool) {
        let mut random = 7_usize;
        for round in 1.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mut model = self.model.lock().unwrap();
            let count = model.books.len();
            let mut rows: BTreeMap<usize, u32> = [(count, 0)].into();
            for _ in 0..25 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let row = (random >> 33) % count;
                rows.insert(row, model.books[&row] + 1);
            }
            let rows: Vec<(usize, u32)> = rows.into_iter().collect();
            self.upload(&mut model, &rows);
            if round % UPLOADS == 0 && model.projects < PROJECTS && !model.complete {
                self.add_project(&mut model);
            }
            drop(model);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every row is there, opens, and holds what its client was told is stored.
    #[track_caller]
    fn check(&self, link: &mut Link) {
        let model = self.model.lock().unwrap();
        let Content {
            rows,
            provider_keys,
            ..
        } = stored::read(&self.world.deployment, link);
        let projects = usize::try_from(model.projects).unwrap();
        assert_eq!(rows.len(), model.books.len() + projects);
        for (row, version) in &model.books {
            let (found, about, _) = &rows[&("books".to_owned(), text_id(*row))];
            assert_eq!(found, &text(*row, *version));
            assert_eq!(about, &metadata(*version));
        }
        for number in 1..=PROVIDERS {
            let key = &provider_keys[&format!("provider{number}")];
            assert_eq!(key, &format!("sk-{CANARY}-{number}"));
        }
        // The server opens them too.
        let row = model.books.len() / 2;
        let path = format!("/v1/embeddings/alice/books/{}", text_id(row));
        let told = self.alice.get(&path).expect(200).json();
        assert_eq!(told["text"], text(row, model.books[&row]));
    }

    /// Runs a command to its end.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> Value {
        success(&once_free(|| self.world.deployment.command(arguments)))
    }

    fn stop_server(&mut self) {
        self.world.server.terminate();
        self.world.server.wait();
    }

    /// What there is once everything is rotated and encrypted, and no server runs.
    fn finished(&self) -> stored::Finished {
        let encrypted = self.done(&["migrate", "encrypt", "--json"]);
        assert_eq!(encrypted["remaining"], 0);
        self.done(&["migrate", "encrypt", "--scrub-only", "--json"]);
        let status = self.done(&["migrate", "encrypt-status", "--json"]);
        if self.world.deployment.url().is_none() {
            let bytes = std::fs::read(self.world.deployment.dir().join("embsec.db")).unwrap();
            let canary = CANARY.as_bytes();
            let clear = bytes.windows(canary.len()).any(|bytes| bytes == canary);
            assert!(!clear, "values in clear are left in the file");
        }
        let dry = self.done(&["keys", "rotate", "data", "--dry-run", "--json"]);
        let scopes = dry["scopes"].as_array().unwrap();
        assert!(scopes.iter().all(|scope| scope["resumed"] == false));
        stored::finished(&self.world.deployment, &status)
    }
}

#[test]
fn rotations_and_encryption_killed_at_any_moment_end_like_an_undisturbed_run() {
    let rows = usize::try_from(many_rows()).unwrap();
    let mut scene = Scene::new(&(0..rows).map(|row| (row, 0)).collect());
    let mut link = scene.link();
    let mut kills = Kills::wanted(rounds());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| scene.write(&stop));
        let stopper = StopAtEnd(&stop);
        while kills.are_missing() {
            let arguments = COMMANDS[usize::try_from(kills.random().next() % 4).unwrap()];
            let mut command = scene.world.deployment.command(arguments);
            if let Some(output) = kills.strike(&arguments.join(" "), &mut command) {
                let complaint = String::from_utf8_lossy(&output.stderr);
                let code = output.status.code();
                // Beside a server a file cannot be scrubbed; one that was killed may still hold on.
                assert!(
                    matches!(code, Some(0 | 3 | 5)),
                    "{arguments:?}: {complaint}"
                );
                if arguments[1] == "encrypt" {
                    scene.bring_plaintext(&mut link);
                }
            }
            scene.check(&mut link);
        }
        // To the end, beside the writer.
        scene.model.lock().unwrap().complete = true;
        let master = scene.done(&["keys", "rotate", "master", "--json"]);
        assert_eq!(master["state"], "active");
        // A busy machine takes its time until the server seals with the new key.
        let finish = ["keys", "rotate", "master", "--finish", "--json"];
        let settled = || scene.done(&finish)["behind"] == json!([]);
        assert!(within(Duration::from_secs(120), settled));
        let encrypted = once_free(|| scene.world.deployment.command(&["migrate", "encrypt"]));
        assert!(
            matches!(encrypted.status.code(), Some(0 | 3)),
            "{encrypted:?}"
        );
        let data = scene.done(&["keys", "rotate", "data", "--json"]);
        let named = data["scopes"].as_array().unwrap().iter();
        let named: BTreeSet<&str> = named
            .map(|scope| scope["scope"].as_str().unwrap())
            .collect();
        assert!(named.contains("system") && named.contains("project:alice/books"));
        drop(stopper);
        writer.join().unwrap();
    });
    scene.check(&mut link);
    drop(link);

    let (books, projects) = {
        let model = scene.model.lock().unwrap();
        (model.books.clone(), model.projects)
    };
    scene.stop_server();
    let killed = scene.finished();
    let mut undisturbed = Scene::new(&books);
    for _ in 0..projects {
        undisturbed.add_project(&mut undisturbed.model.lock().unwrap());
    }
    undisturbed.stop_server();
    for arguments in [
        &["keys", "rotate", "master", "--json"][..],
        &["keys", "rotate", "data", "--json"],
    ] {
        undisturbed.done(arguments);
    }
    killed.assert_equals(&undisturbed.finished());
}
