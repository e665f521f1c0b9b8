//! A tour of the API through pgbouncer, which speaks TLS and hands out sessions of its own.

use crate::support::{Database, Deployment, Postgres, Server, World, required, vector};
use serde_json::json;

#[test]
fn a_tour_through_pgbouncer_with_tls() {
    let pooler = required("EMBSEC_TEST_PGBOUNCER");
    assert!(pooler.contains("sslmode=verify-full"), "{pooler}");
    let database = Database::fresh(Postgres::V18);
    let mut world = World::on(
        Deployment::behind(&pooler, database),
        &[("EMBSEC_LOG__LEVEL", "trace")],
    );
    let alice = world.user("alice");
    let bob = world.user("bob");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["one", "two", "three"]);
    let path = "/v1/similars/alice/books";
    let found = alice.post(&format!("{path}?limit=1"), &json!({ "vector": vector(1) }));
    assert_eq!(found.expect(200).json()["results"][0]["id"], "two");
    let beside = alice.get(&format!("{path}/one?limit=2")).expect(200).json();
    assert_eq!(beside["results"].as_array().unwrap().len(), 2);
    bob.get(&format!("{path}/one")).expect(401);
    let share = json!({ "share_with_handle": "bob", "role": "reader" });
    alice
        .post("/v1/projects/alice/books/share", &share)
        .expect(201);
    bob.get(&format!("{path}/one")).expect(200);
    alice.delete("/v1/embeddings/alice/books/one").expect(204);
    bob.get("/v1/embeddings/alice/books/one").expect(404);

    // A second process on the same pooler, and a start over what is there.
    let other = Server::start(&world.deployment);
    let there = other.client().with_key(alice.key.as_deref().unwrap());
    there.get("/v1/embeddings/alice/books/two").expect(200);
    world.restart();
    let again = world
        .server
        .client()
        .with_key(alice.key.as_deref().unwrap());
    again.get("/v1/embeddings/alice/books/two").expect(200);
    let (_, rest) = pooler.split_once("//embsec:").unwrap();
    let (password, _) = rest.split_once('@').unwrap();
    for server in [&world.server, &other] {
        assert!(!server.log().contains(password), "{}", server.log());
    }
    world.admin.delete("/v1/users/alice").expect(204);
    there.get("/v1/projects/alice/books").expect(401);
}
