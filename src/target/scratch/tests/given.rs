//! Databases on a server that is given.

use super::*;
use crate::store::testing::{Database, Server};

const SERVERS: [Server; 2] = [Server::V16, Server::V18];

fn url(text: &str) -> PostgresUrl {
    PostgresUrl::parse(text).unwrap()
}

fn named(server: Server, name: &str) -> PostgresUrl {
    url(&crate::store::testing::in_database(&server.url(), name))
}

fn exists(server: Server, name: &str) -> bool {
    let sql = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    psql(&server.url(), &sql) == "1"
}

async fn make(url: &PostgresUrl, needs: &Needs) -> Result<GuardedServer, ScratchError> {
    GuardedServer::make(url, needs, &SystemRng).await
}

#[tokio::test]
async fn a_database_of_its_own_is_made_and_exactly_that_one_dropped() {
    for server in SERVERS {
        for given in ["postgres", "embsec_restore_test", "there_is_no_such"] {
            let made = make(&named(server, given), &needs()).await.unwrap();
            let name = run(made.url(), "SELECT current_database()");
            assert!(name.starts_with("embsec_restore_test_"), "{name}");
            let sql = "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database \
                       WHERE datname = current_database()";
            assert_eq!(run(made.url(), sql), "UTF8|C");
            if given == "postgres" {
                drop(made);
            } else {
                made.finish().await.unwrap();
            }
            assert!(!exists(server, &name) && exists(server, "postgres"));
            assert!(!exists(server, given) || given == "postgres");
        }
    }
}

#[tokio::test]
async fn a_database_that_may_be_in_use_is_refused_and_left_alone() {
    let database = Database::fresh(Server::V16);
    let error = make(&url(&database.url()), &needs()).await.unwrap_err();
    assert!(matches!(&error, ScratchError::NotGuarded(name) if name == database.name()));
    assert!(exists(Server::V16, database.name()));
}

#[tokio::test]
async fn what_a_given_server_lacks_is_told() {
    let server = named(Server::V16, "postgres");
    let mut old = needs();
    old.at_least_major = 17;
    let error = make(&server, &old).await.unwrap_err();
    assert!(
        matches!(error, ScratchError::OldServer { needed: 17, .. }),
        "{error}"
    );
    let mut lacking = needs();
    lacking.extensions = vector("0.8.0");
    lacking.extensions[0].name = "no_such".to_owned();
    let error = make(&server, &lacking).await.unwrap_err();
    assert!(matches!(error, ScratchError::NoExtension { .. }), "{error}");
    let role = format!("embsec_scratch_test_{}", std::process::id());
    psql(&Server::V16.url(), &format!("CREATE ROLE {role} LOGIN"));
    let humble = Server::V16.url().replace("postgres@", &format!("{role}@"));
    let error = make(&url(&humble), &needs()).await.unwrap_err();
    psql(&Server::V16.url(), &format!("DROP ROLE {role}"));
    assert!(matches!(error, ScratchError::NoRight(_)), "{error}");
}

#[tokio::test]
async fn databases_that_were_left_more_than_a_day_ago_are_dropped() {
    let server = Server::V18;
    let suffix = format!("{:0>8}", std::process::id() % 100_000_000);
    let suffix = suffix.replace(['0', '1', '8', '9'], "a");
    let name = |kind: &str| format!("embsec_restore_test_{kind}{suffix}");
    let made = |kind: &str, comment: Option<&str>| {
        let name = name(kind);
        psql(&server.url(), &format!("CREATE DATABASE {name}"));
        if let Some(comment) = comment {
            psql(
                &server.url(),
                &format!("COMMENT ON DATABASE {name} IS '{comment}'"),
            );
        }
        name
    };
    let old = "made by embsec restore-test at 2020-02-29T12:00:00Z";
    let kept = [
        made(
            "isyoungg",
            Some("made by embsec restore-test at 2999-01-01T00:00:00Z"),
        ),
        made("isotherr", Some("2020-02-29T12:00:00Z")),
        made("hasnonee", None),
        made("toolongxx", Some(old)),
    ];
    let mut tries = 0;
    let database = loop {
        let left = made("lefttobe", Some(old));
        let database = make(&named(server, "postgres"), &needs()).await.unwrap();
        assert!(!exists(server, &left));
        if database.left_overs().contains(&left) {
            break database;
        }
        // A test beside this one was the first to drop it.
        database.finish().await.unwrap();
        tries += 1;
        assert!(tries < 10);
    };
    for name in kept {
        assert!(exists(server, &name), "{name}");
        psql(&server.url(), &format!("DROP DATABASE {name}"));
    }
    database.finish().await.unwrap();
}
