//! The contract on PostgreSQL 16 and 18, each test in a database of its own.

use super::{OpenError, PostgresOptions, PostgresStore, schema};
use super::{embeddings, projects, upload, users};
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::user::KeyDigest;
use crate::store::rotation::RotationStore as _;
use crate::store::testing::{Database, Server};
use crate::store::{Store, UserStore as _};
use jiff::Timestamp;

/// Few, since many tests run at once; more than one, so that transactions meet each other.
const CONNECTIONS: u32 = 3;

/// A store on a database of its own, which goes with it.
struct Opened {
    store: PostgresStore,
    database: Database,
}

impl Opened {
    fn store(&self) -> &dyn Store {
        &self.store
    }
}

async fn fresh(server: Server) -> Opened {
    let database = Database::fresh(server);
    let url = PostgresUrl::parse(&database.url()).unwrap();
    let options = PostgresOptions {
        pool_size: CONNECTIONS,
        ..PostgresOptions::default()
    };
    schema::migrate(&url, options.connect_timeout, None)
        .await
        .unwrap();
    let store = PostgresStore::open(&url, &options).await.unwrap();
    Opened { store, database }
}

async fn sessions_that_only_look_cannot_write(server: Server) {
    let opened = fresh(server).await;
    let url = PostgresUrl::parse(&opened.database.url()).unwrap();
    let options = PostgresOptions::default();
    let looking = PostgresStore::open_to_read(&url, &options).await.unwrap();
    assert!(looking.project_sealings().await.unwrap().is_empty());
    let digest = KeyDigest("0".repeat(64));
    let refused = looking.add_admin_key(&digest, Timestamp::UNIX_EPOCH).await;
    assert!(refused.is_err());
    let added = opened.store.add_admin_key(&digest, Timestamp::UNIX_EPOCH);
    added.await.unwrap();
}

async fn a_binary_is_refused_only_when_it_is_older_than_the_schema_allows(server: Server) {
    let opened = fresh(server).await;
    let url = PostgresUrl::parse(&opened.database.url()).unwrap();
    let options = PostgresOptions::default();
    let newest = schema::newest();
    let set = |version: i64, oldest_binary: i64| {
        opened.database.run(&format!(
            "UPDATE embsec.embsec_schema SET version = {version}, oldest_binary = {oldest_binary}"
        ))
    };
    set(newest + 1, newest);
    PostgresStore::open(&url, &options).await.unwrap();
    set(newest + 1, newest + 1);
    for error in [
        PostgresStore::open(&url, &options).await.unwrap_err(),
        schema::migrate(&url, options.connect_timeout, None)
            .await
            .unwrap_err(),
    ] {
        let told = matches!(
            error,
            OpenError::Newer { found, known } if found == newest + 1 && known == newest
        );
        assert!(told, "{error:?}");
    }
    set(1, 1);
    let error = PostgresStore::open(&url, &options).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Pending { from: 1, .. }),
        "{error:?}"
    );
}

/// One project with many rows among smaller ones, not yet counted by the server.
const MANY_ROWS: &str = "\
    SET search_path = embsec, public; \
    ALTER TABLE embeddings SET (autovacuum_enabled = off); \
    INSERT INTO users (handle, email, state, created_at, updated_at) \
    SELECT 'user-' || g, g::text, 'active', 0, 0 FROM generate_series(1, 100) AS g; \
    INSERT INTO instances (owner_id, handle, created_at, updated_at) \
    SELECT user_id, 'mini', 0, 0 FROM users; \
    INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, updated_at) \
    SELECT owner_id, 'docs', false, instance_id, 0, 0 FROM instances; \
    INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, vector, \
        created_at, updated_at) \
    SELECT p.project_id, p.instance_id, 't' || g, g, 1, '[1]', 0, 0 \
    FROM projects AS p, generate_series(1, CASE p.project_id WHEN 1 THEN 3000 ELSE 30 END) AS g";

const BY_TEXT_ID: &str = "embeddings_project_id_text_id_instance_id_key";
const BY_PROJECT: &str = "embeddings_by_project";
const BY_REVISION: &str = "embeddings_by_revision";
const BY_ROW_ID: &str = "embeddings_pkey";
const OF_EMBEDDINGS: [&str; 5] = [
    BY_TEXT_ID,
    BY_PROJECT,
    BY_REVISION,
    BY_ROW_ID,
    "embeddings_by_instance",
];

/// Whether a statement may sort what it found, a few rows at most.
#[derive(PartialEq)]
enum Sort {
    No,
    Yes,
}

async fn statements_of_every_request_go_by_an_index(server: Server) {
    let opened = fresh(server).await;
    opened.database.run(MANY_ROWS);
    for (sql, indexes, sort) in [
        (users::KEY_OWNER, &[][..], Sort::No),
        (projects::ROLE, &[], Sort::No),
        (projects::CONTEXT_TO_READ, &[], Sort::No),
        (projects::CONTEXT_TO_WRITE, &[], Sort::No),
        (projects::CONTEXT_TO_CHANGE, &[], Sort::No),
        (embeddings::ONE, &[BY_TEXT_ID], Sort::No),
        (embeddings::ONE_VECTOR, &[BY_TEXT_ID], Sort::No),
        (embeddings::LIST, &[BY_TEXT_ID], Sort::No),
        (embeddings::DELETE_FIRST, &[BY_TEXT_ID], Sort::Yes),
        (embeddings::SCAN, &[BY_PROJECT], Sort::No),
        (embeddings::SINCE, &[BY_REVISION], Sort::Yes),
        (embeddings::METADATA, &[BY_PROJECT, BY_ROW_ID], Sort::Yes),
        (upload::STORED, &[BY_TEXT_ID], Sort::No),
    ] {
        for counted in ["", "ANALYZE embeddings;", "ANALYZE;"] {
            // Tables as small as the others here are rather read whole.
            let plan = opened.database.run(&format!(
                "SET search_path = embsec, public; {counted} SET enable_seqscan = off; \
                 EXPLAIN (GENERIC_PLAN, COSTS OFF) {sql}"
            ));
            assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
            for index in OF_EMBEDDINGS.iter().filter(|name| !indexes.contains(name)) {
                assert!(!plan.contains(index), "{sql}\n{plan}");
            }
            assert!(sort == Sort::Yes || !plan.contains("Sort"), "{sql}\n{plan}");
        }
    }
}

async fn a_key_that_has_sealed_enough_is_refused(server: Server) {
    let opened = fresh(server).await;
    let run = async |sql| {
        opened
            .database
            .run(&format!("SET search_path = embsec; {sql}"));
    };
    crate::store::contract::content::a_key_that_has_sealed_enough_is_refused(opened.store(), run)
        .await;
}

/// Everything below, on each server.
macro_rules! on_every_server {
    ($($name:ident on $server:expr;)*) => {
        $(mod $name {
            use super::*;

            async fn opened() -> Opened {
                fresh($server).await
            }

            #[tokio::test]
            async fn statements_of_every_request_go_by_an_index() {
                super::statements_of_every_request_go_by_an_index($server).await;
            }

            #[tokio::test]
            async fn a_key_that_has_sealed_enough_is_refused() {
                super::a_key_that_has_sealed_enough_is_refused($server).await;
            }

            #[tokio::test]
            async fn sessions_that_only_look_cannot_write() {
                super::sessions_that_only_look_cannot_write($server).await;
            }

            #[tokio::test]
            async fn a_binary_is_refused_only_when_it_is_older_than_the_schema_allows() {
                super::a_binary_is_refused_only_when_it_is_older_than_the_schema_allows($server)
                    .await;
            }

            mod contract {
                crate::store::contract::run_contract!(super::super::opened);
            }
        })*
    };
}

on_every_server! {
    postgres16 on Server::V16;
    postgres18 on Server::V18;
}
