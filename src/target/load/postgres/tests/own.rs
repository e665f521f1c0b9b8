//! Databases of embsec's own.

use super::{Copy, Database, PAIRS, PostgresLoad, id, refusal};
use crate::domain::access::ObjectPath;
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::{Handle, ProjectId};
use crate::domain::key::{KeyId, KeyScope};
use crate::store::postgres::{PostgresOptions, PostgresStore, schema};
use crate::target::dump::postgres::tests::support::url;
use crate::target::dump::postgres::{DumpScope, PostgresDump};
use crate::target::load::postgres::{LoadError, Refusal};
use jiff::Timestamp;

/// Two projects with keys, one with shares and an open rotation.
const ROWS: &str = "\
    SET search_path = embsec, public; \
    INSERT INTO users (handle, email, state, created_at, updated_at) \
    VALUES ('ann', 'a@x', 'active', 1, 1), ('bob', 'b@x', 'active', 1, 1); \
    INSERT INTO instances (owner_id, handle, api_key, created_at, updated_at) \
    VALUES (2, 'inst', 'enc:v2:x', 1, 1); \
    INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, updated_at) \
    VALUES (2, 'keeps', false, 1, 1, 1), (2, 'loses', false, 1, 1, 1); \
    INSERT INTO project_shares VALUES (2, 3, 'reader', 1, 1); \
    INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, vector, \
        text, created_at, updated_at) \
    SELECT 1 + n % 2, 1, 't' || n, n, 384, \
        (SELECT array_agg(cos(n * k)) FROM generate_series(1, 384) AS k)::halfvec(384), \
        'enc:v2:' || n, n, n FROM generate_series(1, 200) AS n; \
    INSERT INTO data_keys VALUES ('k1', 'project:1', 'w1', 'm', 'active', 1, 1, NULL), \
        ('k2', 'project:2', 'w2', 'm', 'active', 2, 2, NULL), \
        ('k3', 'system', 'w3', 'm', 'active', 3, 3, NULL); \
    INSERT INTO key_rotations (scope, to_key, started_at) VALUES ('project:2', 'k2', 1); \
    INSERT INTO leases VALUES ('work', 'holder', 1); \
    CREATE INDEX embeddings_nearest_512 ON embeddings \
        USING hnsw ((vector::halfvec(512)) halfvec_cosine_ops) \
        WITH (m = 16, ef_construction = 200) WHERE vector_dim = 512";

/// The definitions of everything in the schema.
const DEFINITIONS: &str = "\
    SELECT pg_get_indexdef(indexrelid) FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid \
        WHERE c.relnamespace = 'embsec'::regnamespace ORDER BY 1; \
    SELECT c.relname, k.conname, k.convalidated, pg_get_constraintdef(k.oid) \
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid \
        WHERE c.relnamespace = 'embsec'::regnamespace ORDER BY 1, 2; \
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity \
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid \
        WHERE c.relnamespace = 'embsec'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 \
        ORDER BY 1, a.attnum";

async fn own(from: &Database) -> Copy {
    let options = PostgresOptions::default();
    schema::migrate(&url(from), options.connect_timeout, None)
        .await
        .unwrap();
    from.run(ROWS);
    let dump = PostgresDump::open(&url(from), DumpScope::Own).await;
    Copy::of(dump.unwrap()).await
}

fn destroyed() -> [DestroyedKey; 1] {
    [DestroyedKey {
        id: KeyId("k2".to_owned()),
        scope: KeyScope::Project(ProjectId(2)),
        project: Some(ObjectPath {
            owner: Handle::parse("ann").unwrap(),
            handle: Handle::parse("loses").unwrap(),
        }),
        destroyed_at: Timestamp::from_millisecond(77).unwrap(),
    }]
}

#[tokio::test]
async fn the_own_database_comes_back_as_it_was_and_works() {
    for (from, to) in PAIRS {
        let source = Database::fresh(from);
        let copy = own(&source).await;
        let into = Database::empty_at(&to.url());
        let mut load = copy.restored(&into, &[]).await;
        assert_eq!(copy.facts.searches.len(), 1);
        // Every second row is one of the other project.
        assert_eq!(copy.facts.searches[0].looked_at, 100);
        for search in &copy.facts.searches {
            assert_eq!(load.run_search(search).await.unwrap(), search.nearest);
        }
        let keys = load.foreign_keys().await.unwrap();
        assert!(keys.checked > 10 && keys.broken.is_empty(), "{keys:?}");
        if from == to {
            assert_eq!(into.run(DEFINITIONS), source.run(DEFINITIONS));
        }
        let all_keys = "SELECT * FROM embsec.data_keys ORDER BY key_id";
        assert_eq!(into.run(all_keys), source.run(all_keys));
        assert_eq!(into.run("SELECT count(*) FROM embsec.leases"), "0");
        let next = "INSERT INTO embsec.users (handle, email, state, created_at, updated_at) \
            VALUES ('new', 'n', 'active', 1, 1) RETURNING user_id";
        assert_eq!(into.run(next), source.run(next));
        let options = PostgresOptions::default();
        let store = PostgresStore::open(&url(&into), &options).await.unwrap();
        store.close().await;
        // What is up to date is not migrated again.
        let before = schema::migrate(&url(&into), options.connect_timeout, None).await;
        assert_eq!(before.unwrap(), schema::newest());
    }
}

#[tokio::test]
async fn what_was_destroyed_since_is_destroyed_again_and_nothing_else() {
    let source = Database::fresh(super::Server::V18);
    let copy = own(&source).await;
    let into = Database::empty_at(&super::Server::V18.url());
    let mut load = copy.loaded(&into).await;
    let given_up = load
        .finish_data(&id(), &copy.facts, &copy.data_keys, &destroyed())
        .await
        .unwrap();
    assert_eq!(given_up, [ProjectId(2)]);
    for (sql, answer) in [
        ("SELECT key_id FROM embsec.data_keys ORDER BY 1", "k1\nk3"),
        (
            "SELECT key_id, scope, project_owner, project_handle, destroyed_at \
                FROM embsec.destroyed_keys",
            "k2|project:2|ann|loses|77",
        ),
        (
            "SELECT handle, deleted_handle, deleted_at, settings_revision FROM embsec.projects \
                ORDER BY project_id",
            "keeps|||1\n~00000000000000000002||77|2",
        ),
        ("SELECT count(*) FROM embsec.project_shares", "0"),
        ("SELECT count(*) FROM embsec.key_rotations", "0"),
        ("SELECT count(*) FROM embsec.embeddings", "200"),
    ] {
        assert_eq!(into.run(sql), answer, "{sql}");
    }
}

#[tokio::test]
async fn a_backup_of_a_newer_schema_is_refused() {
    let source = Database::fresh(super::Server::V18);
    let mut copy = own(&source).await;
    copy.facts.embsec_schema = Some(schema::newest() + 1);
    let into = Database::fresh(super::Server::V18);
    let refused = refusal(&copy, &into).await;
    assert!(matches!(
        refused,
        LoadError::Refused(Refusal::NewerSchema { .. })
    ));
}

#[tokio::test]
async fn tables_of_others_are_in_nobodys_way_and_a_schema_of_embsec_is() {
    let source = Database::fresh(super::Server::V16);
    let copy = own(&source).await;
    let into = Database::fresh(super::Server::V16);
    into.run("CREATE TABLE public.other (i int)");
    let mut load = PostgresLoad::open(&url(&into)).await.unwrap();
    load.check(&copy.facts, &copy.shapes(), &id())
        .await
        .unwrap();
    let refused = refusal(&copy, &source).await;
    assert!(
        matches!(&refused, LoadError::Refused(Refusal::NotEmpty(what)) if what.starts_with("embsec.")),
        "{refused:?}"
    );
}
