//! Reading whole databases from PostgreSQL 16 and 18.

pub(in crate::target) mod awkward;
pub(in crate::target) mod support;

use super::{DumpError, DumpScope, PgDumpPlaces, PostgresDump, ReadError, ServerError};
use crate::domain::backup::{Block, RowFormat};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::postgres::schema;
use crate::store::testing::{Database, Server, in_database, psql, required};
use crate::target::dump::{BlockSink, SinkClosed};
use async_trait::async_trait;
use std::time::Duration;
use support::{BOTH, Gathered, debian, dump, places, table, url};

#[tokio::test]
async fn rows_are_those_of_the_snapshot() {
    for server in BOTH {
        let database = Database::fresh(server);
        database.run("CREATE TABLE t (i int); INSERT INTO t SELECT generate_series(1, 10)");
        let mut dump = dump(&database, server).await;
        database.run("INSERT INTO t SELECT 11; CREATE TABLE later ()");
        let mut rows = Gathered::default();
        let shape = table(dump.tables(), "public.t");
        assert_eq!(dump.copy(&shape, &mut rows).await.unwrap(), 10);
        assert_eq!(dump.tables().len(), 1);
        assert!(!dump.facts().pre_data.contains("later"));
        assert!(dump.facts().pre_data.contains("CREATE TABLE public.t"));
        assert!(!dump.facts().pre_data.contains("restrict"));
        assert_eq!(rows.rows, 10);
        assert_eq!(rows.bytes.len(), 10 * (2 + 4 + 4));
    }
}

#[tokio::test]
async fn a_table_that_is_read_cannot_be_dropped() {
    let database = Database::fresh(Server::V18);
    database.run("CREATE TABLE t (i int)");
    let _dump = dump(&database, Server::V18).await;
    let refused = std::panic::catch_unwind(|| {
        database.run("SET lock_timeout = '100ms'; DROP TABLE t");
    });
    assert!(refused.is_err());
}

#[tokio::test]
async fn tables_are_told_with_their_columns_formats_and_vectors() {
    for server in BOTH {
        let database = Database::fresh(server);
        database.run(awkward::SCHEMA);
        let dump = dump(&database, server).await;
        let types = table(dump.tables(), "public.types");
        assert_eq!(types.format, RowFormat::Binary);
        let widths = types.columns.iter().filter_map(|column| {
            let width = column.float_width?;
            Some((column.name.as_str(), width))
        });
        let widths: Vec<_> = widths.collect();
        assert_eq!(widths, [("v", 4), ("hv", 2), ("uv", 4)]);
        assert!(types.columns.iter().all(|column| column.name != "doubled"));
        for name in ["by_name", "moods", "pairs", "vectors", "deep"] {
            let shape = table(dump.tables(), &format!("public.{name}"));
            assert_eq!(shape.format, RowFormat::Text, "{name}");
        }
        let names: Vec<String> = dump.tables().iter().map(ToString::to_string).collect();
        assert!(!names.contains(&"public.parted".to_owned()), "{names:?}");
        assert!(
            names.contains(&"public.parted_2024".to_owned()),
            "{names:?}"
        );
        assert_eq!(dump.table_bytes().len(), names.len());
        let views = &dump.facts().materialized_views;
        assert_eq!(views, &[r#""public"."first""#, r#""public"."second""#]);
    }
}

#[tokio::test]
async fn only_what_is_embsecs_is_read_of_its_own_database() {
    for server in BOTH {
        let database = Database::fresh(server);
        let address = url(&database);
        let not = PostgresDump::open(&address, DumpScope::Own).await;
        assert!(matches!(not, Err(DumpError::NotEmbsec)));
        schema::migrate(&address, Duration::from_secs(5), None)
            .await
            .unwrap();
        database.run(
            "CREATE TABLE public.other (i int); \
             SET search_path = embsec, public; \
             CREATE INDEX embeddings_nearest_512 ON embeddings \
                USING hnsw ((vector::halfvec(512)) halfvec_cosine_ops) \
                WITH (m = 16, ef_construction = 200) WHERE vector_dim = 512; \
             INSERT INTO data_keys (key_id, scope, wrapped, master_id, state, messages, \
                created_at, destroy_after) \
             VALUES ('k1', 'project:7', 'canary', 'm1', 'active', 5, 1000, 2000)",
        );
        let mut dump = PostgresDump::open(&address, DumpScope::Own).await.unwrap();
        let names: Vec<&str> = dump
            .tables()
            .iter()
            .map(|table| table.name.as_str())
            .collect();
        assert!(names.contains(&"embsec_migrations") && names.contains(&"destroyed_keys"));
        for absent in ["data_keys", "leases", "processes", "other"] {
            assert!(!names.contains(&absent), "{absent}");
        }
        let facts = dump.facts();
        assert_eq!(facts.embsec_schema, Some(schema::newest()));
        assert_eq!(facts.pre_data, "");
        assert_eq!(facts.post_data.lines().count(), 1, "{}", facts.post_data);
        assert!(
            facts
                .post_data
                .starts_with("CREATE INDEX embeddings_nearest_512 ON ")
        );
        assert!(!facts.post_data.contains("public."), "{}", facts.post_data);
        assert_eq!(facts.extensions.len(), 1);
        let keys = dump.data_keys().await.unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].key.wrapped, "canary");
        assert_eq!(keys[0].messages, 5);
        assert_eq!(keys[0].destroy_after.unwrap().as_millisecond(), 2000);
    }
}

#[tokio::test]
async fn a_search_is_recorded_for_each_table_of_vectors() {
    let database = Database::fresh(Server::V18);
    database.run(
        "CREATE TABLE items (id int PRIMARY KEY, v vector(3)); \
         INSERT INTO items SELECT n, ARRAY[n, 100 - n, 1]::vector FROM generate_series(1, 50) n; \
         INSERT INTO items VALUES (0, NULL); \
         CREATE TABLE mixed (id text PRIMARY KEY, v halfvec); \
         INSERT INTO mixed VALUES ('b', '[1,2]'), ('B', '[1,2,3]'), ('a', '[2,1]'), ('c', '[1,1]'); \
         ANALYZE; \
         CREATE TABLE keyless (v vector(2)); \
         CREATE TABLE empty (id int PRIMARY KEY, v vector(2))",
    );
    let dump = dump(&database, Server::V18).await;
    let found = &dump.facts().searches;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].key.as_str(), found[0].looked_at), ("1", 51));
    assert_eq!(found[0].nearest[..3], ["2", "3", "4"]);
    assert_eq!(found[0].nearest.len(), 10);
    // Only one row has as many components as the first.
    assert_eq!((found[1].key.as_str(), found[1].looked_at), ("B", 4));
    assert!(found[1].nearest.is_empty());
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_refused_before_anything_is_read() {
    let database = Database::fresh(Server::V16);
    let address = url(&database);
    let old = PgDumpPlaces {
        bindir: Some(required("EMBSEC_TEST_POSTGRES_BIN_DEBIAN").into()),
        ..PgDumpPlaces::default()
    };
    let refused = PostgresDump::open(&address, DumpScope::Whole(&old)).await;
    assert!(matches!(
        refused,
        Err(DumpError::NoPgDump { needed: 16, .. })
    ));
    database.run("SELECT lo_from_bytea(0, 'large')");
    let places = places(Server::V16);
    let refused = PostgresDump::open(&address, DumpScope::Whole(&places)).await;
    assert!(matches!(refused, Err(DumpError::LargeObjects(1))));
}

#[tokio::test]
async fn rows_that_the_role_may_not_see_are_an_error() {
    let database = Database::fresh(Server::V18);
    let role = format!("{}_reader", database.name());
    database.run(&format!(
        "CREATE TABLE hidden (i int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; \
         CREATE ROLE {role} LOGIN; GRANT SELECT ON hidden TO {role}"
    ));
    let places = places(Server::V18);
    let address = database.url().replacen("postgres@", &format!("{role}@"), 1);
    let address = PostgresUrl::parse(&address).unwrap();
    let mut dump = PostgresDump::open(&address, DumpScope::Whole(&places))
        .await
        .unwrap();
    let shape = table(dump.tables(), "public.hidden");
    let refused = dump.copy(&shape, &mut Gathered::default()).await;
    assert!(matches!(
        refused,
        Err(DumpError::Read(ReadError::Server(ServerError::NoRight(_))))
    ));
    drop(dump);
    database.run(&format!("REVOKE SELECT ON hidden FROM {role}"));
    let refused = PostgresDump::open(&address, DumpScope::Whole(&places)).await;
    assert!(matches!(
        refused,
        Err(DumpError::Server(ServerError::NoRight(_)))
    ));
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_refuses_is_told_apart() {
    let nobody = PostgresUrl::parse("postgres://postgres@127.0.0.1:1/x").unwrap();
    let away = PostgresDump::open(&nobody, DumpScope::Own).await;
    assert!(matches!(
        away,
        Err(DumpError::Server(ServerError::Unavailable(_)))
    ));
    let missing = in_database(&Server::V18.url(), "embsec_no_such_database");
    let missing = PostgresUrl::parse(&missing).unwrap();
    let refused = PostgresDump::open(&missing, DumpScope::Own).await;
    assert!(matches!(
        refused,
        Err(DumpError::Server(ServerError::Refused(_)))
    ));
}

/// Ends the session of the backup when the first rows are there.
struct Terminates<'a>(Option<&'a Database>);

#[async_trait]
impl BlockSink for Terminates<'_> {
    async fn block(&mut self, _block: Block) -> Result<(), SinkClosed> {
        if let Some(database) = self.0.take() {
            support::terminate(database, "embsec backup");
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_session_that_is_ended_and_a_sink_that_closes_end_the_copy() {
    struct Closed;

    #[async_trait]
    impl BlockSink for Closed {
        async fn block(&mut self, _block: Block) -> Result<(), SinkClosed> {
            Err(SinkClosed)
        }
    }

    for server in BOTH {
        let database = Database::fresh(server);
        database.run("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 60000)");
        let mut first = dump(&database, server).await;
        let shape = table(first.tables(), "public.t");
        let ended = first.copy(&shape, &mut Terminates(Some(&database))).await;
        assert!(
            matches!(
                ended,
                Err(DumpError::Read(ReadError::Server(
                    ServerError::Unavailable(_)
                )))
            ),
            "{ended:?}"
        );
        let mut second = dump(&database, server).await;
        let closed = second.copy(&shape, &mut Closed).await;
        assert!(matches!(closed, Err(DumpError::Read(ReadError::Closed(_)))));
    }
}

#[tokio::test]
async fn pg_dump_reaches_a_server_that_wants_tls_and_a_password() {
    let database = Database::empty_at(&debian());
    database.run("CREATE TABLE t (i int)");
    let authority = required("EMBSEC_TEST_POSTGRES_TLS_CA");
    let address = in_database(&required("EMBSEC_TEST_POSTGRES_TLS"), database.name());
    let address = format!("{address}?sslmode=verify-full&sslrootcert={authority}");
    let address = PostgresUrl::parse(&address).unwrap();
    let places = PgDumpPlaces {
        bindir: Some(required("EMBSEC_TEST_POSTGRES_BIN_DEBIAN").into()),
        ..PgDumpPlaces::default()
    };
    let dump = PostgresDump::open(&address, DumpScope::Whole(&places))
        .await
        .unwrap();
    assert!(dump.facts().pre_data.contains("CREATE TABLE public.t"));
    assert!(psql(&debian(), "SHOW server_version").starts_with(&dump.facts().server_version));
}
