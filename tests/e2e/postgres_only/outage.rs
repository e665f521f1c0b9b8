//! The database goes away under load and comes back: 503 in between, nothing lost, nothing torn,
//! and nobody has to do anything.

use crate::support::load::{self, Batch};
use crate::support::{
    Client, Cluster, Database, Deployment, Random, Stop, StopAtEnd, World, rounds, vector, within,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const WRITERS: usize = 3;
const READERS: usize = 2;

/// How long four requests that nobody can serve may take: nobody waits until a time-out.
const PATIENCE: Duration = Duration::from_secs(4);

/// How soon everything must work again once the server takes connections.
const RECOVERY: Duration = Duration::from_secs(10);

#[test]
fn an_outage_loses_no_acknowledged_write_tears_none_and_passes_by_itself() {
    let mut random = Random::seeded();
    let cluster = Cluster::start();
    let database = Database::fresh_at(&cluster.url());
    let mut world = World::on(Deployment::on(database), &[]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let (mut acknowledged, mut refused, mut refused_reads) = (0, 0, 0);
    for round in 0..rounds() {
        let mut tried: Vec<Batch> = vec![load::upload_one(&alice, "first")];
        let how = if round % 2 == 0 {
            Stop::Fast
        } else {
            Stop::Immediate
        };
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|thread| {
                    let (alice, stop) = (&alice, &stop);
                    let prefix = format!("r{round}-t{thread}");
                    scope.spawn(move || load::upload(alice, &prefix, stop))
                })
                .collect();
            let readers: Vec<_> = (0..READERS)
                .map(|_| scope.spawn(|| load::read(&alice, "first-0", &stop)))
                .collect();
            let _stopper = StopAtEnd(&stop);
            std::thread::sleep(
                random.between(Duration::from_millis(200), Duration::from_millis(600)),
            );
            cluster.stop(how);
            answers_during_the_outage(&world, &alice);
            std::thread::sleep(random.between(Duration::ZERO, Duration::from_secs(2)));
            cluster.start_again();
            recovers(&world, &alice);
            std::thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::Relaxed);
            for writer in writers {
                tried.extend(writer.join().unwrap());
            }
            for reader in readers {
                refused_reads += reader.join().unwrap();
            }
        });
        assert!(world.server.runs(), "{}", world.server.log());
        load::check(&world.deployment, &alice, &tried);
        load::clear(&alice);
        let (stored, sent_away) = load::count(&tried);
        acknowledged += stored;
        refused += sent_away;
    }
    assert!(
        acknowledged > 0 && refused > 0 && refused_reads > 0,
        "the test saw nothing"
    );
}

/// The process lives, and says to everybody that it cannot serve now.
#[track_caller]
fn answers_during_the_outage(world: &World, alice: &Client) {
    world.server.client().get("/healthz").expect(200);
    let ready = world.server.client().get("/readyz");
    assert_eq!(ready.status, 503, "{}", ready.text());
    let begin = Instant::now();
    let query = serde_json::json!({ "vector": vector(1) });
    for reply in [
        alice.get("/v1/projects/alice"),
        alice.post("/v1/similars/alice/books", &query),
        world.admin.get("/v1/users"),
        alice.delete("/v1/embeddings/alice/books/first-0"),
    ] {
        assert!(load::is_away(&reply), "{}: {}", reply.status, reply.text());
        let text = reply.text();
        for word in ["postgres", "embsec_test_", "connect"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    let took = begin.elapsed();
    assert!(took < PATIENCE, "four refusals took {took:?}");
}

#[track_caller]
fn recovers(world: &World, alice: &Client) {
    let ready = within(RECOVERY, || {
        world.server.client().get("/readyz").status == 200
    });
    assert!(ready, "{}", world.server.log());
    let reads = within(RECOVERY, || {
        alice.get("/v1/embeddings/alice/books/first-0").status == 200
    });
    assert!(reads, "{}", world.server.log());
}
