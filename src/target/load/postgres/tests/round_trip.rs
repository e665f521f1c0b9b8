//! Databases of every kind of program come back as they were.

use super::{Copy, PAIRS};
use crate::domain::backup::RowFormat;
use crate::store::testing::Database;
use crate::target::contract::llm_proxy;
use crate::target::dump::postgres::tests::{awkward, support::dump};

#[tokio::test]
async fn every_type_and_every_kind_of_object_comes_back_as_it_was() {
    for (from, to) in PAIRS {
        let source = Database::fresh(from);
        for sql in [awkward::SCHEMA, awkward::ROWS, awkward::MORE_ROWS] {
            source.run(sql);
        }
        let copy = Copy::of(dump(&source, from).await).await;
        assert!(
            copy.tables
                .iter()
                .any(|(table, _)| table.format == RowFormat::Text)
        );
        let into = Database::empty_at(&to.url());
        let mut load = copy.restored(&into, &[]).await;
        let keys = load.foreign_keys().await.unwrap();
        assert_eq!((keys.checked, keys.broken.len()), (3, 0));
        load.close().await;

        let again = dump(&into, to).await;
        assert_eq!(again.tables(), copy.shapes());
        assert_eq!(again.facts().sequences, copy.facts.sequences);
        assert_eq!(again.facts().searches, copy.facts.searches);
        assert_eq!(
            again.facts().materialized_views,
            copy.facts.materialized_views
        );
        if from == to {
            assert_eq!(again.facts().pre_data, copy.facts.pre_data);
            assert_eq!(again.facts().post_data, copy.facts.post_data);
        }
        same_answers(&source, &into);
    }
}

/// What is no row of a table is the same, too.
fn same_answers(source: &Database, into: &Database) {
    for sql in [
        "SELECT id, doubled FROM types ORDER BY id",
        "SELECT * FROM second",
        "SELECT relispopulated FROM pg_class WHERE relname = 'unfilled'",
        "SELECT id, rc, rt, rp, rn FROM by_name ORDER BY id",
        "SELECT count(*) FROM parted WHERE at < '2025-01-01'",
        "SELECT tableoid::regclass, * FROM parent ORDER BY i",
        "SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint \
            WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 3",
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index \
            WHERE indexrelid >= 16384 AND indexrelid::regclass::text NOT LIKE 'pg_toast%' ORDER BY 1",
        "SELECT stxname FROM pg_statistic_ext",
        "SELECT count(*) FROM pg_namespace WHERE nspname = 'embsec_restore'",
        "INSERT INTO types (i4) VALUES (1) RETURNING id",
        "SELECT nextval('used'), nextval('never_used')",
        "INSERT INTO parent VALUES (9) RETURNING t",
    ] {
        assert_eq!(into.run(sql), source.run(sql), "{sql}");
    }
}

#[tokio::test]
async fn databases_of_embapi_and_llm_proxy_come_back_as_they_were() {
    const EMBAPI: [&str; 2] = [
        include_str!("../../../embapi/schema.sql"),
        include_str!("../../../embapi/indexes.sql"),
    ];
    const ROWS: &str = "\
        INSERT INTO db_version VALUES (5); \
        INSERT INTO users VALUES ('ann', NULL, 'ann@example.org', repeat('a', 64), \
            '2024-05-01 10:00:00.123456', '2024-05-01'); \
        INSERT INTO api_standards VALUES ('openai', '', 'auth_bearer', NULL, now(), now()); \
        INSERT INTO instances (instance_handle, owner, endpoint, api_standard, model, created_at, \
            updated_at, api_key_encrypted) \
        VALUES ('i', 'ann', 'https://x', 'openai', 'm', now(), now(), '\\x00ff'); \
        INSERT INTO projects (project_handle, owner, created_at, updated_at, instance_id) \
        VALUES ('p', 'ann', now(), now(), 1); \
        INSERT INTO embeddings (text_id, owner, project_id, instance_id, text, vector, vector_dim, \
            metadata, created_at, updated_at) \
        SELECT 't' || n, 'ann', 1, 1, repeat('text ', n), \
            (SELECT array_agg(sin(n * k)) FROM generate_series(1, 384) AS k)::halfvec, 384, \
            jsonb_build_object('n', n), now(), now() \
        FROM generate_series(1, 300) AS n";
    for (from, to) in PAIRS {
        let embapi = Database::fresh(from);
        for sql in EMBAPI {
            embapi.run(sql);
        }
        embapi.run(ROWS);
        let llm = Database::empty_at(&from.url());
        llm_proxy::postgres(&llm, 20, 50);
        for source in [&embapi, &llm] {
            let copy = Copy::of(dump(source, from).await).await;
            let into = Database::empty_at(&to.url());
            let mut load = copy.restored(&into, &[]).await;
            assert!(
                copy.tables
                    .iter()
                    .all(|(table, _)| table.format == RowFormat::Binary)
            );
            for search in &copy.facts.searches {
                assert_eq!(search.nearest.len(), 10);
                assert_eq!(load.run_search(search).await.unwrap(), search.nearest);
            }
            let keys = load.foreign_keys().await.unwrap();
            assert!(keys.checked > 0 && keys.broken.is_empty(), "{keys:?}");
        }
    }
}
