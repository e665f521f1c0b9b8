//! Several `serve` processes on one database: none of them keeps what another must see.

use crate::support::load::{self, Batch};
use crate::support::{
    Client, Database, Deployment, Postgres, Random, Server, World, item, rounds, within,
};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long another process may go on believing in a key that ended.
const OBEYED_WITHIN: Duration = Duration::from_secs(1);

/// How long a load goes on before and after what it meets.
const A_WHILE: Duration = Duration::from_millis(300);

/// Two servers on one database.
struct Pair {
    world: World,
    other: Server,
}

impl Pair {
    fn new() -> Self {
        let world = World::on(Deployment::on(Database::fresh(Postgres::V18)), &[]);
        let other = Server::start(&world.deployment);
        Self { world, other }
    }

    /// The same person at the other server.
    fn at_the_other(&self, client: &Client) -> Client {
        Client {
            address: self.other.address,
            key: client.key.clone(),
        }
    }

    /// Runs a command of the binary, a third process, and returns what it printed.
    #[track_caller]
    fn embsec(&self, arguments: &[&str]) -> String {
        let output = self.world.deployment.embsec(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn both_run(&mut self) {
        assert!(self.world.server.runs(), "{}", self.world.server.log());
        assert!(self.other.runs(), "{}", self.other.log());
    }
}

#[test]
fn what_one_process_changes_the_other_sees_at_once() {
    let pair = Pair::new();
    let alice = pair.world.user("alice");
    let bob = pair.world.user("bob");
    let (alice_there, bob_there) = (pair.at_the_other(&alice), pair.at_the_other(&bob));
    for round in 0..rounds() {
        let project = format!("project{round}");
        pair.world.project(&alice, "alice", &project);
        let path = format!("/v1/projects/alice/{project}");
        let rows = format!("/v1/embeddings/alice/{project}");
        bob_there.get(&path).expect(401);

        alice_there
            .post(
                &format!("{path}/share"),
                &json!({ "share_with_handle": "bob", "role": "reader" }),
            )
            .expect(201);
        bob.get(&path).expect(200);
        bob_there.get(&path).expect(200);
        let items = [item("alice", &project, "one", 1)];
        alice
            .post(&rows, &json!({ "embeddings": items }))
            .expect(201);
        bob_there.get(&format!("{rows}/one")).expect(200);

        let schema = r#"{"type": "object", "required": ["title"]}"#;
        let changed = json!({
            "project_handle": project,
            "instance_owner": "alice",
            "instance_handle": "inst",
            "metadataScheme": schema,
        });
        alice_there.put(&path, &changed).expect(201);
        let items = [item("alice", &project, "two", 2)];
        alice
            .post(&rows, &json!({ "embeddings": items }))
            .expect(400);

        alice.delete(&format!("{path}/share/bob")).expect(204);
        bob_there.get(&path).expect(401);
        alice_there.delete(&path).expect(204);
        alice.get(&path).expect(404);
    }
}

/// Disables, enables and rotates bob; returns his new client.
fn one_revocation_of_each_kind(pair: &Pair, bob: &Client) -> Client {
    let bobs = [bob.clone(), pair.at_the_other(bob)];
    for client in &bobs {
        client.get("/v1/users/bob").expect(200);
    }
    pair.embsec(&["users", "disable", "bob"]);
    ends_within_a_second(&bobs);
    pair.embsec(&["users", "enable", "bob"]);
    for client in &bobs {
        let welcome = within(OBEYED_WITHIN, || client.get("/v1/users/bob").status == 200);
        assert!(welcome, "an enabled user is still refused");
    }
    let printed = pair.embsec(&["users", "rotate", "bob"]);
    let renewed = bob.with_key(printed.trim_end());
    // A key that is new has no past that a process could remember.
    renewed.get("/v1/users/bob").expect(200);
    pair.at_the_other(&renewed).get("/v1/users/bob").expect(200);
    ends_within_a_second(&bobs);
    renewed
}

#[track_caller]
fn ends_within_a_second(clients: &[Client]) {
    let begin = Instant::now();
    for client in clients {
        // The request that asks takes time of its own; what was sent after the second counts.
        loop {
            let sent = begin.elapsed();
            let status = client.get("/v1/users/bob").status;
            if status == 401 || status == 403 {
                break;
            }
            assert_eq!(status, 200);
            assert!(
                sent < OBEYED_WITHIN,
                "still good {sent:?} after the command ended"
            );
        }
    }
}

#[test]
fn two_processes_serve_while_others_migrate_disable_and_rotate() {
    let mut random = Random::seeded();
    let mut pair = Pair::new();
    let alice = pair.world.user("alice");
    pair.world.project(&alice, "alice", "books");
    let mut bob = pair.world.user("bob");
    for _ in 0..rounds() {
        back_to_the_version_before(pair.world.deployment.database());
        pair.other = Server::start(&pair.world.deployment);
        let status = pair.world.deployment.embsec(&["migrate", "status"]);
        assert_eq!(status.status.code(), Some(1), "a migration is pending");
        let stop = AtomicBool::new(false);
        let batches = std::thread::scope(|scope| {
            let load = start_load(&pair, &alice, &stop, scope);
            std::thread::sleep(random.between(Duration::ZERO, A_WHILE));
            pair.embsec(&["migrate", "up", "--yes"]);
            bob = one_revocation_of_each_kind(&pair, &bob);
            load.end()
        });
        pair.both_run();
        let status = pair.world.deployment.embsec(&["migrate", "status"]);
        assert_eq!(status.status.code(), Some(0), "the schema is current");
        let (acknowledged, refused) = load::count(&batches);
        assert!(acknowledged > 0, "nothing was uploaded meanwhile");
        assert_eq!(refused, 0, "a migration makes nobody wait so long");
        load::check(&pair.world.deployment, &alice, &batches);
        load::clear(&alice);
    }
}

/// Takes the newest migration back, as a release before it would have left the database.
fn back_to_the_version_before(database: &Database) {
    database.run(
        "SET search_path = embsec; \
         DROP TABLE drills; \
         DELETE FROM embsec_migrations WHERE version = 5; \
         UPDATE embsec_schema SET version = 4",
    );
}

/// Threads that upload and read at both servers.
struct Load<'scope, 'a> {
    stop: &'a AtomicBool,
    writers: Vec<std::thread::ScopedJoinHandle<'scope, Vec<Batch>>>,
    readers: Vec<std::thread::ScopedJoinHandle<'scope, u32>>,
}

fn start_load<'scope, 'a: 'scope>(
    pair: &Pair,
    alice: &Client,
    stop: &'a AtomicBool,
    scope: &'scope std::thread::Scope<'scope, '_>,
) -> Load<'scope, 'a> {
    static LOADS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = LOADS.fetch_add(1, Ordering::Relaxed);
    let mut load = Load {
        stop,
        writers: Vec::new(),
        readers: Vec::new(),
    };
    let first = format!("first{number}");
    let there = pair.at_the_other(alice);
    let mut batch = vec![load::upload_one(alice, &first)];
    for (place, client) in [("here", alice.clone()), ("there", there)] {
        let before = std::mem::take(&mut batch);
        let prefix = format!("l{number}-{place}");
        let writer = client.clone();
        load.writers.push(scope.spawn(move || {
            let mut batches = before;
            batches.extend(load::upload(&writer, &prefix, stop));
            batches
        }));
        let text_id = format!("{first}-0");
        load.readers
            .push(scope.spawn(move || load::read(&client, &text_id, stop)));
    }
    load
}

impl Load<'_, '_> {
    /// Ends it; what was uploaded.
    fn end(mut self) -> Vec<Batch> {
        std::thread::sleep(A_WHILE);
        self.stop.store(true, Ordering::Relaxed);
        for reader in self.readers.drain(..) {
            assert_eq!(reader.join().unwrap(), 0, "a reader was told to come again");
        }
        let batches = self.writers.drain(..).map(|writer| writer.join().unwrap());
        batches.flatten().collect()
    }
}

impl Drop for Load<'_, '_> {
    fn drop(&mut self) {
        // A failed assertion must not leave the threads running for ever.
        self.stop.store(true, Ordering::Relaxed);
    }
}
