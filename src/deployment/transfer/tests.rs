//! Runs into real databases: whatever they hold, they end equal to the source.

use super::*;
use crate::app::transfer::tests::{Memory, run_unrecorded, world};
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::store::testing::{Database as TestDatabase, Server};
use crate::sys::rng::SeededRng;

/// Worlds that follow each other in one destination.
const WORLDS: u64 = 12;

/// The same each time.
fn test_keyring() -> Keyring {
    let clock = crate::sys::clock::ManualClock::at(jiff::Timestamp::UNIX_EPOCH);
    Keyring::generate(&SeededRng::new(1), &clock).unwrap()
}

fn new_sealing() -> Sealing {
    let rng = Arc::new(SeededRng::new(2));
    let maker = Maker {
        keyring: test_keyring(),
        rng: Arc::clone(&rng) as Arc<dyn Rng>,
    };
    Sealing::new(Vec::new(), Arc::new(maker), rng)
}

async fn new_file(folder: &Path) -> SqliteWriter {
    let path = folder.join("embsec.db");
    let options = SqliteOptions {
        create: true,
        ..SqliteOptions::default()
    };
    drop(SqliteStore::open(&path, options).await.unwrap());
    SqliteWriter::open(&path, transfer::similarity, new_sealing())
        .await
        .unwrap()
}

async fn on_server(database: &TestDatabase) -> PostgresWriter {
    let url = PostgresUrl::parse(&database.url()).unwrap();
    postgres::schema::migrate(&url, CONNECT_TIMEOUT, None)
        .await
        .unwrap();
    PostgresWriter::open(&url, CONNECT_TIMEOUT, new_sealing())
        .await
        .unwrap()
}

/// Each run ends with a comparison of everything, so that it succeeds is what is to be shown.
async fn one_world_after_the_other(destination: &mut dyn RecordWriter) {
    for seed in 0..WORLDS {
        let mut source = world(seed);
        let first = run_unrecorded(&mut source, destination).await;
        assert!(first.unwrap().counts().all() > 0, "{seed}");
        let second = run_unrecorded(&mut source, destination).await;
        assert_eq!(second.unwrap().counts().all(), 0, "{seed}");
    }
}

#[tokio::test]
async fn a_file_becomes_equal_to_whatever_the_source_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut destination = new_file(folder.path()).await;
    one_world_after_the_other(&mut destination).await;
}

#[tokio::test]
async fn a_database_on_a_server_becomes_equal_to_whatever_the_source_is() {
    for server in [Server::V16, Server::V18] {
        let database = TestDatabase::fresh(server);
        let mut destination = on_server(&database).await;
        one_world_after_the_other(&mut destination).await;
    }
}

/// Changes the embeddings of a source.
fn with_embeddings(
    source: &mut Memory,
    change: impl Fn(&mut crate::domain::record::EmbeddingRecord),
) {
    let rows = source.tables.get_mut(&Table::Embeddings).unwrap();
    for row in rows.values_mut() {
        if let Record::Embedding(row) = row {
            change(row);
        }
    }
}

#[tokio::test]
async fn servers_are_told_of_every_change_by_the_revisions_of_a_project() {
    let database = TestDatabase::fresh(Server::V18);
    let mut destination = on_server(&database).await;
    let mut source = world(1);
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    let removed = "SELECT count(*) FROM embsec.projects WHERE removal_revision > 0";
    assert!(source.tables[&Table::Embeddings].len() > 2);
    assert_eq!(database.run(removed), "0");
    database.run("CREATE TABLE before AS SELECT project_id, data_revision FROM embsec.projects");

    with_embeddings(&mut source, |row| row.text = Some("another".to_owned()));
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    let unnoticed = "SELECT count(*) FROM embsec.embeddings AS e JOIN before AS b \
                     USING (project_id) WHERE e.data_revision <= b.data_revision";
    assert_eq!(database.run(unnoticed), "0");
    let ahead = "SELECT count(*) FROM embsec.embeddings AS e JOIN embsec.projects AS p \
                 USING (project_id) WHERE e.data_revision > p.data_revision";
    assert_eq!(database.run(ahead), "0");
    assert_eq!(database.run(removed), "0");

    let rows = source.tables.get_mut(&Table::Embeddings).unwrap();
    let gone: RecordKey = rows.keys().next().unwrap().clone();
    rows.remove(&gone);
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    assert_eq!(database.run(removed), "1");
    let newest = "SELECT count(*) FROM embsec.projects WHERE removal_revision = data_revision";
    assert_eq!(database.run(newest), "1");
}

#[tokio::test]
async fn indexes_that_a_killed_run_left_out_are_built_by_the_next() {
    let database = TestDatabase::fresh(Server::V18);
    let mut destination = on_server(&database).await;
    let count = "SELECT count(*) FROM pg_indexes \
                 WHERE schemaname = 'embsec' AND indexname LIKE 'embeddings\\_nearest\\_%'";
    let before = database.run(count);
    destination
        .begin("postgres://example.org/old", jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(database.run(count), "0");
    let mut source = world(1);
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    assert_eq!(database.run(count), before);
}

#[tokio::test]
async fn ids_go_on_above_every_one_that_the_source_gave() {
    let database = TestDatabase::fresh(Server::V18);
    let mut destination = on_server(&database).await;
    let mut source = world(1);
    for table in Table::ALL {
        source.highest.insert(table, 1_000);
    }
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    let next = "SELECT nextval('embsec.projects_project_id_seq')";
    assert_eq!(database.run(next), "1001");
    run_unrecorded(&mut source, &mut destination).await.unwrap();
    assert_eq!(database.run(next), "1002");
}

/// A world with another number of embeddings than the first.
fn another_world() -> Memory {
    let rows = |world: &Memory| world.tables[&Table::Embeddings].len();
    let first = rows(&world(1));
    (2..).map(world).find(|other| rows(other) != first).unwrap()
}

#[tokio::test]
async fn a_source_is_read_as_it_was_when_it_was_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = new_file(folder.path()).await;
    run_unrecorded(&mut world(1), &mut file).await.unwrap();
    let path = folder.path().join("embsec.db");
    let rules = SourceRules::default();
    let mut reader = SqliteReader::open(&path, transfer::similarity, rules)
        .await
        .unwrap();
    let before = reader.rough_count(Table::Embeddings).await.unwrap();
    run_unrecorded(&mut another_world(), &mut file)
        .await
        .unwrap();
    assert_eq!(reader.rough_count(Table::Embeddings).await.unwrap(), before);
    assert_ne!(file.rough_count(Table::Embeddings).await.unwrap(), before);

    let database = TestDatabase::fresh(Server::V16);
    let mut server = on_server(&database).await;
    run_unrecorded(&mut world(1), &mut server).await.unwrap();
    let url = PostgresUrl::parse(&database.url()).unwrap();
    let mut reader = PostgresReader::open(&url, CONNECT_TIMEOUT).await.unwrap();
    assert_eq!(reader.rough_count(Table::Embeddings).await.unwrap(), before);
    run_unrecorded(&mut another_world(), &mut server)
        .await
        .unwrap();
    assert_eq!(reader.rough_count(Table::Embeddings).await.unwrap(), before);
}

#[tokio::test]
async fn deleted_projects_of_a_server_do_not_travel() {
    const DELETE: &str = "\
        UPDATE embsec.projects SET deleted_at = 1, deleted_handle = handle, \
            handle = '~' || lpad(project_id::text, 20, '0') \
        WHERE project_id = (SELECT min(project_id) FROM embsec.embeddings)";
    let database = TestDatabase::fresh(Server::V18);
    let mut server = on_server(&database).await;
    run_unrecorded(&mut world(1), &mut server).await.unwrap();
    database.run(DELETE);
    let deleted: i64 = database
        .run("SELECT project_id FROM embsec.projects WHERE deleted_at IS NOT NULL")
        .parse()
        .unwrap();
    let url = PostgresUrl::parse(&database.url()).unwrap();
    let reader = read_server(&url, CONNECT_TIMEOUT, &test_keyring()).await;
    let mut reader = reader.unwrap_or_else(|error| panic!("{error}"));
    for table in [Table::Projects, Table::ProjectShares, Table::Embeddings] {
        for record in reader.page(table, None, 10_000).await.unwrap() {
            let project = match record {
                Record::Project(row) => row.id,
                Record::ProjectShare(row) => row.project,
                Record::Embedding(row) => row.project,
                other => panic!("{other:?}"),
            };
            assert_ne!(project.0, deleted, "{table}");
        }
    }
}

/// Values that are not stored as their projects want them, and sealed ones that were not counted.
const WRONGLY_STORED: &str = "\
    SELECT (SELECT count(*) FROM embeddings AS e JOIN projects AS p \
            ON p.project_id = e.project_id \
            WHERE e.text <> '' AND e.text NOT LIKE 'enc:v2:%' AND p.encrypt_text) \
        + (SELECT count(*) FROM embeddings AS e JOIN projects AS p \
            ON p.project_id = e.project_id \
            WHERE (e.metadata LIKE 'enc:v2:%') <> p.encrypt_metadata) \
        + (SELECT abs((SELECT sum(messages) FROM data_keys WHERE scope <> 'system') \
            - (SELECT count(*) FROM embeddings WHERE text LIKE 'enc:v2:%') \
            - (SELECT count(*) FROM embeddings WHERE metadata LIKE 'enc:v2:%')))";

const SEALED: &str = "SELECT count(*) FROM embeddings WHERE text LIKE 'enc:v2:%'";

#[tokio::test]
async fn what_a_move_brings_is_sealed_as_its_projects_want_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = new_file(folder.path()).await;
    run_unrecorded(&mut world(1), &mut file).await.unwrap();
    let read = rusqlite::Connection::open(folder.path().join("embsec.db")).unwrap();
    let count = |sql: &str| read.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert!(count(SEALED) > 0);
    assert_eq!(count(WRONGLY_STORED), 0);

    let database = TestDatabase::fresh(Server::V18);
    let mut server = on_server(&database).await;
    run_unrecorded(&mut world(1), &mut server).await.unwrap();
    let count = |sql: &str| database.run(&format!("SET search_path = embsec; {sql}"));
    assert_ne!(count(SEALED), "0");
    assert_eq!(count(WRONGLY_STORED), "0");
}
