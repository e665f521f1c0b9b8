//! The settings of the connections to PostgreSQL are obeyed, as the server itself sees it.

use crate::support::{Client, Database, Deployment, Postgres, World, within};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The name under which the servers of these tests connect.
const NAME: &str = "embsec-under-test";

/// Longer than any setting of these tests, on a busy machine.
const SOON: Duration = Duration::from_secs(15);

/// A server with these settings on a database of its own.
fn world_with(settings: &[(&str, &str)]) -> World {
    let database = Database::fresh(Postgres::V18);
    let url = format!("{}?application_name={NAME}", Postgres::V18.url());
    World::on(Deployment::behind(&url, database), settings)
}

/// What the server says of the connections of the pool.
fn connections(world: &World, what: &str) -> String {
    world.deployment.database().run(&format!(
        "SELECT {what} FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = '{NAME}'"
    ))
}

fn count(world: &World) -> u32 {
    connections(world, "count(*)").parse().unwrap()
}

/// Asks from many threads at once until the answer is yes, and then tells them to stop.
fn under_load<T>(client: &Client, meanwhile: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    client.get("/v1/users?limit=200");
                }
            });
        }
        let seen = meanwhile();
        stop.store(true, Ordering::Relaxed);
        seen
    })
}

#[test]
fn there_are_never_more_connections_than_the_pool_may_have() {
    let world = world_with(&[("EMBSEC_DATABASE__POOL_SIZE", "2")]);
    let most = under_load(&world.admin, || {
        (0..20).map(|_| count(&world)).max().unwrap_or(0)
    });
    assert_eq!(most, 2, "it uses what it may, and no more");
}

#[test]
fn idle_connections_are_given_back_beyond_the_number_that_may_stay() {
    let world = world_with(&[
        ("EMBSEC_DATABASE__POOL_SIZE", "6"),
        ("EMBSEC_DATABASE__MAX_IDLE_CONNECTIONS", "1"),
    ]);
    let most = under_load(&world.admin, || within(SOON, || count(&world) > 1));
    assert!(most, "the load never used two connections");
    assert!(
        within(SOON, || count(&world) <= 1),
        "{} stay",
        count(&world)
    );
}

#[test]
fn a_connection_that_nobody_uses_is_closed_after_its_time() {
    let world = world_with(&[("EMBSEC_DATABASE__IDLE_TIMEOUT_SECS", "1")]);
    let several = within(SOON, || {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| world.admin.get("/v1/users").expect(200));
            }
        });
        count(&world) > 2
    });
    assert!(several, "only {} were open", count(&world));
    // One stays: with it the server asks every second which keys were destroyed.
    assert!(
        within(SOON, || count(&world) <= 1),
        "{} stay",
        count(&world)
    );
    world.admin.get("/v1/users").expect(200);
}

#[test]
fn a_connection_is_replaced_after_its_time_although_it_is_used() {
    let world = world_with(&[
        ("EMBSEC_DATABASE__POOL_SIZE", "1"),
        ("EMBSEC_DATABASE__MAX_LIFETIME_SECS", "1"),
    ]);
    world.admin.get("/v1/users").expect(200);
    let first = connections(&world, "pid");
    let replaced = within(SOON, || {
        world.admin.get("/v1/users").expect(200);
        let now = connections(&world, "pid");
        !now.is_empty() && now != first
    });
    assert!(replaced, "{first} is still in use");
}

#[test]
fn a_statement_that_takes_too_long_is_given_up_with_503() {
    let world = world_with(&[("EMBSEC_DATABASE__STATEMENT_TIMEOUT_SECS", "1")]);
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one"]);
    let database = world.deployment.database();
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            database.run("BEGIN; LOCK TABLE embsec.embeddings; SELECT pg_sleep(4); COMMIT")
        });
        let locked = within(SOON, || {
            let sql = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' \
                       AND relation = 'embsec.embeddings'::regclass AND granted";
            database.run(sql) == "1"
        });
        assert!(locked);
        let begin = Instant::now();
        let reply = alice.get("/v1/embeddings/alice/books/one").expect(503);
        assert!(reply.header("retry-after").is_some());
        let took = begin.elapsed();
        assert!(
            took > Duration::from_millis(900),
            "it did not wait: {took:?}"
        );
        assert!(took < Duration::from_secs(3), "it waited for {took:?}");
        holder.join().unwrap();
    });
    alice.get("/v1/embeddings/alice/books/one").expect(200);
}

#[test]
fn who_waits_too_long_for_a_connection_is_told_to_come_again() {
    let world = world_with(&[
        ("EMBSEC_DATABASE__POOL_SIZE", "1"),
        ("EMBSEC_DATABASE__CONNECT_TIMEOUT_SECS", "1"),
    ]);
    let database = world.deployment.database();
    std::thread::scope(|scope| {
        let holder = scope
            .spawn(|| database.run("BEGIN; LOCK TABLE embsec.users; SELECT pg_sleep(5); COMMIT"));
        let locked = within(SOON, || {
            let sql = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' \
                       AND relation = 'embsec.users'::regclass AND granted";
            database.run(sql) == "1"
        });
        assert!(locked);
        let stuck = scope.spawn(|| world.admin.get("/v1/users"));
        std::thread::sleep(Duration::from_millis(300));
        let begin = Instant::now();
        let body = json!({ "user_handle": "alice", "email": "alice@example.org" });
        let reply = world.admin.post("/v1/users", &body).expect(503);
        assert!(reply.header("retry-after").is_some());
        assert!(
            begin.elapsed() < Duration::from_secs(3),
            "{:?}",
            begin.elapsed()
        );
        holder.join().unwrap();
        stuck.join().unwrap().expect(200);
    });
}
