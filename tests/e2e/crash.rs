//! What was acknowledged survives `kill -9`; what was not is there as a whole or not at all.

use crate::support::load::{self, Batch};
use crate::support::{Client, Random, World, rounds};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const THREADS: usize = 3;

#[test]
fn acknowledged_uploads_survive_a_kill_and_others_are_whole_or_absent() {
    let mut random = Random::seeded();
    let mut world = World::new();
    let mut alice = world.user("alice");
    world.project(&alice, "alice", "books");
    let mut tried: Vec<Batch> = Vec::new();
    let mut longest = Duration::from_millis(400);
    for round in 0.. {
        let (acknowledged, _) = load::count(&tried);
        // A slow machine gets more rounds and longer ones until something was stored at all.
        if round >= rounds() && acknowledged > 0 {
            break;
        }
        assert!(round < rounds() + 20, "no batch was acknowledged");
        if acknowledged == 0 && round > 0 {
            longest *= 2;
        }
        let pause = random.between(Duration::from_millis(20), longest);
        let batches = upload_until_killed(&mut world, &alice, round, pause);
        tried.extend(batches);
        world.restart();
        alice.address = world.server.address;
        load::check(&world.deployment, &alice, &tried);
    }
}

/// Uploads from several threads, kills the server after `pause`, and returns what was tried.
fn upload_until_killed(
    world: &mut World,
    alice: &Client,
    round: u32,
    pause: Duration,
) -> Vec<Batch> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let stop = &stop;
                scope.spawn(move || load::upload(alice, &format!("r{round}-t{thread}"), stop))
            })
            .collect();
        std::thread::sleep(pause);
        world.server.kill();
        stop.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}
