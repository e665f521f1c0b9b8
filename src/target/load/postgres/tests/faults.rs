//! What goes wrong leaves nothing, or can go on.

use super::{
    Block, BlockSource, Copy, Database, Finished, Heard, LoadError, PostgresLoad, Rows, Server,
    SourceError, Standing, id, is_empty, other_id, refusal,
};
use crate::domain::postgres_url::PostgresUrl;
use crate::target::dump::postgres::ServerError;
use crate::target::dump::postgres::tests::support::{debian, dump, terminate, url};
use crate::target::load::postgres::{LackingExtension, Refusal};
use async_trait::async_trait;
use std::sync::atomic::{AtomicU32, Ordering};

const SOURCE: &str = "\
    CREATE TABLE a (id int PRIMARY KEY, t text, v vector(3)); \
    CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a); \
    CREATE INDEX a_t ON a (t); CREATE INDEX a_v ON a USING hnsw (v vector_l2_ops); \
    INSERT INTO a SELECT n, 'text ' || n, ARRAY[n, 1, 2]::vector FROM generate_series(1, 500) n; \
    INSERT INTO b SELECT n, n FROM generate_series(1, 500) n";

async fn small(server: Server) -> Copy {
    let source = Database::fresh(server);
    source.run(SOURCE);
    Copy::of(dump(&source, server).await).await
}

#[tokio::test]
async fn a_database_that_holds_anything_is_refused() {
    let copy = small(Server::V18).await;
    for something in [
        "CREATE TABLE t ()",
        "CREATE VIEW v AS SELECT 1",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE e AS ENUM ()",
        "CREATE SCHEMA another",
    ] {
        let into = Database::fresh(Server::V18);
        into.run(something);
        let refused = refusal(&copy, &into).await;
        assert!(
            matches!(&refused, LoadError::Refused(refusal) if refusal.is_occupied()),
            "{something}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn an_older_server_another_encoding_and_missing_extensions_are_refused() {
    let mut copy = small(Server::V18).await;
    let into = Database::fresh(Server::V16);
    let refused = refusal(&copy, &into).await;
    assert!(matches!(
        refused,
        LoadError::Refused(Refusal::OlderServer { .. })
    ));
    copy.facts.server_version_num = 150_000;
    copy.facts.encoding = "LATIN1".to_owned();
    let refused = refusal(&copy, &into).await;
    assert!(matches!(
        refused,
        LoadError::Refused(Refusal::Encoding { .. })
    ));
    copy.facts.encoding = "UTF8".to_owned();

    let into = Database::empty_at(&debian());
    let refused = refusal(&copy, &into).await;
    let lacking = vec![LackingExtension {
        name: "vector".to_owned(),
        needed: copy.facts.extensions[0].version.clone(),
        found: None,
    }];
    assert!(
        matches!(&refused, LoadError::Refused(Refusal::Extensions(found)) if *found == lacking),
        "{refused:?}"
    );
    copy.facts.extensions[0].version = "99.0".to_owned();
    let into = Database::fresh(Server::V18);
    let told = refusal(&copy, &into).await.to_string();
    assert!(told.contains("`vector` 99.0 (there is "), "{told}");
}

#[tokio::test]
async fn a_role_without_rights_is_refused() {
    let copy = small(Server::V18).await;
    let into = Database::empty_at(&Server::V18.url());
    let role = format!("{}_nobody", into.name());
    into.run(&format!("CREATE ROLE {role} LOGIN"));
    let address = into.url().replacen("postgres@", &format!("{role}@"), 1);
    let address = PostgresUrl::parse(&address).unwrap();
    let mut load = PostgresLoad::open(&address).await.unwrap();
    let refused = load.check(&copy.facts, &copy.shapes(), &id()).await;
    assert!(
        matches!(&refused, Err(LoadError::Refused(Refusal::NoRight(_)))),
        "{refused:?}"
    );
    drop(load);
    into.run(&format!("DROP ROLE {role}"));
}

/// Gives some rows, and then none, though there should be.
struct Breaks(Vec<Block>);

#[async_trait]
impl BlockSource for Breaks {
    async fn next(&mut self) -> Result<Option<Block>, SourceError> {
        let broken = || SourceError("a segment is damaged".into());
        self.0.pop().map(Some).ok_or_else(broken)
    }
}

/// Ends the session of the restore before it gives rows.
struct Terminates<'a>(&'a Database, Rows);

#[async_trait]
impl BlockSource for Terminates<'_> {
    async fn next(&mut self) -> Result<Option<Block>, SourceError> {
        if self.1.0.len() == 1 {
            terminate(self.0, "embsec restore");
        }
        self.1.next().await
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_or_taken_leave_nothing() {
    for server in [Server::V16, Server::V18] {
        let copy = small(server).await;
        let into = Database::empty_at(&server.url());
        let (table, rows) = &copy.tables[0];

        let mut load = PostgresLoad::open(&url(&into)).await.unwrap();
        load.begin(&copy.facts).await.unwrap();
        let blocks = Rows::of(rows).0;
        let failed = load.load(table, &mut Breaks(blocks)).await;
        assert!(matches!(failed, Err(LoadError::Source(_))), "{failed:?}");
        assert!(is_empty(&into));

        // The transaction is over, and the connection is as good as new.
        load.begin(&copy.facts).await.unwrap();
        let wrong = Block {
            bytes: rows.bytes[..rows.bytes.len() - 3].to_vec(),
            rows: rows.rows,
        };
        let failed = load.load(table, &mut Rows(vec![wrong])).await;
        assert!(
            matches!(&failed, Err(LoadError::Rows { table, .. }) if table == "public.a"),
            "{failed:?}"
        );
        assert!(is_empty(&into));

        load.begin(&copy.facts).await.unwrap();
        let failed = load
            .load(table, &mut Terminates(&into, Rows::of(rows)))
            .await;
        assert!(
            matches!(
                failed,
                Err(LoadError::Rows {
                    source: ServerError::Unavailable(_),
                    ..
                })
            ),
            "{failed:?}"
        );
        assert!(is_empty(&into));

        let load = copy.loaded(&into).await;
        drop(load);
        assert!(is_empty(&into));
        copy.restored(&into, &[]).await;
    }
}

#[tokio::test]
async fn a_restore_that_was_killed_behind_the_commit_goes_on_there() {
    for server in [Server::V16, Server::V18] {
        let copy = small(server).await;
        let into = Database::empty_at(&server.url());
        let mut load = copy.loaded(&into).await;
        load.finish_data(&id(), &copy.facts, &[], &[])
            .await
            .unwrap();
        drop(load);
        assert_eq!(into.run("SELECT count(*) FROM public.a"), "500");
        let total = into.run("SELECT count(*) FROM embsec_restore.progress");

        let mut load = PostgresLoad::open(&url(&into)).await.unwrap();
        let other = load.check(&copy.facts, &copy.shapes(), &other_id()).await;
        assert!(matches!(
            other,
            Err(LoadError::Refused(Refusal::OtherRestore(_)))
        ));
        let standing = load.check(&copy.facts, &copy.shapes(), &id()).await;
        assert_eq!(standing.unwrap(), Standing::DataReadable);
        let asked = AtomicU32::new(0);
        let stop = || asked.fetch_add(1, Ordering::SeqCst) == 2;
        let mut heard = Heard::default();
        let finished = load.finish_indexes(&copy.facts, &mut heard, &stop).await;
        assert_eq!(finished.unwrap(), Finished::Stopped);
        assert_eq!(heard.0.len(), 2);
        assert_eq!(heard.0[0].total.to_string(), total);
        drop(load);

        let mut load = PostgresLoad::open(&url(&into)).await.unwrap();
        let mut heard = Heard::default();
        let finished = load
            .finish_indexes(&copy.facts, &mut heard, &|| false)
            .await;
        assert_eq!(finished.unwrap(), Finished::All);
        assert_eq!((heard.0.len() + 2).to_string(), total);
        copy.compare(&mut load).await;
        let none = load
            .finish_indexes(&copy.facts, &mut Heard::default(), &|| false)
            .await;
        assert!(matches!(none, Err(LoadError::NotBegun)));
        let again = dump(&into, server).await;
        assert_eq!(again.facts().post_data, copy.facts.post_data);
    }
}

#[tokio::test]
async fn a_step_that_fails_is_told_and_can_be_taken_again() {
    let copy = small(Server::V18).await;
    let into = Database::empty_at(&Server::V18.url());
    let mut load = copy.loaded(&into).await;
    load.finish_data(&id(), &copy.facts, &[], &[])
        .await
        .unwrap();
    into.run("INSERT INTO b VALUES (501, 999)");
    let failed = load
        .finish_indexes(&copy.facts, &mut Heard::default(), &|| false)
        .await;
    assert!(
        matches!(
            failed,
            Err(LoadError::Step {
                what: "a foreign key",
                ..
            })
        ),
        "{failed:?}"
    );
    into.run("DELETE FROM b WHERE id = 501");
    let finished = load
        .finish_indexes(&copy.facts, &mut Heard::default(), &|| false)
        .await;
    assert_eq!(finished.unwrap(), Finished::All);
}

#[tokio::test]
async fn rows_that_break_a_foreign_key_are_found() {
    let copy = small(Server::V18).await;
    let into = Database::empty_at(&Server::V18.url());
    let mut load = copy.restored(&into, &[]).await;
    into.run(
        "SET session_replication_role = replica; INSERT INTO b VALUES (501, 999), (502, NULL)",
    );
    let keys = load.foreign_keys().await.unwrap();
    assert_eq!(keys.broken, ["public.b b_a_id_fkey"]);
    into.run(
        "DELETE FROM b WHERE id > 500; ALTER TABLE b DROP CONSTRAINT b_a_id_fkey; \
         ALTER TABLE b ADD CONSTRAINT new FOREIGN KEY (a_id) REFERENCES a NOT VALID",
    );
    let keys = load.foreign_keys().await.unwrap();
    assert_eq!(keys.unvalidated, ["public.b new"]);
    assert!(load.database_bytes().await.unwrap() > 1_000_000);
    assert_eq!(load.holders().await.unwrap(), []);
}
