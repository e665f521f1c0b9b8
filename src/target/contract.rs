//! What the rows of both engines must do, on databases of llm-proxy and on declared tables.

#[path = "../../tests/support/llm_proxy.rs"]
pub(super) mod llm_proxy;
use super::cipher::Value;
use super::error::OpenError;
use super::postgres::PostgresRows;
use super::rows::{Edit, Row, Rows, RowsError};
use super::sqlite::SqliteRows;
use super::table::{Column, Form, Identifier, RowKey, Table};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::testing::{Database, Server};
use std::path::PathBuf;

fn identifier(name: &str) -> Identifier {
    Identifier::parse(name).unwrap()
}

fn table(name: &str, key: &str, column: &str, form: Form) -> Table {
    Table {
        schema: None,
        name: identifier(name),
        key: identifier(key),
        columns: vec![Column {
            name: identifier(column),
            form,
        }],
    }
}

fn text(text: &str) -> Value {
    Value::text(text.to_owned())
}

/// A database of a test's own on one of the engines.
enum World {
    File(tempfile::TempDir),
    Server(Database),
}

impl World {
    fn both() -> [Self; 2] {
        let folder = tempfile::tempdir().unwrap();
        [
            Self::File(folder),
            Self::Server(Database::fresh(Server::V16)),
        ]
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("other.db"),
            Self::Server(_) => panic!("a server has no path"),
        }
    }

    fn run(&self, sql: &str) {
        match self {
            Self::File(_) => {
                let connection = rusqlite::Connection::open(self.path()).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Self::Server(database) => {
                database.run(&sql.replace("BLOB", "BYTEA").replace("(x'", r"('\x"));
            }
        }
    }

    fn with_llm_proxy(self, projects: u32, tokens: u32) -> Self {
        match &self {
            Self::File(_) => drop(llm_proxy::sqlite(&self.path(), projects, tokens)),
            Self::Server(database) => llm_proxy::postgres(database, projects, tokens),
        }
        self
    }

    async fn open(&self, tables: &[Table], write: bool) -> Result<Box<dyn Rows>, OpenError> {
        Ok(match self {
            Self::File(_) => {
                let mut rows = if write {
                    SqliteRows::open_to_write(&self.path())?
                } else {
                    SqliteRows::open_to_read(&self.path())?
                };
                rows.require(tables, false)?;
                Box::new(rows)
            }
            Self::Server(database) => {
                let url = PostgresUrl::parse(&database.url()).unwrap();
                let mut rows = if write {
                    PostgresRows::open_to_write(&url).await?
                } else {
                    PostgresRows::open_to_read(&url).await?
                };
                rows.require(tables).await?;
                Box::new(rows)
            }
        })
    }
}

fn projects() -> Table {
    table("projects", "id", "api_key", Form::LlmProxy)
}

async fn all(rows: &mut dyn Rows, table: &Table, limit: u32) -> Vec<Row> {
    let mut found: Vec<Row> = Vec::new();
    loop {
        let after = found.last().map(|row| row.key.clone());
        let page = rows.page(table, &table.columns[0], after.as_ref(), limit);
        let page = page.await.unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

fn edit(row: &Row, new: &str) -> Edit {
    Edit {
        key: row.key.clone(),
        old: row.value.clone().unwrap(),
        new: text(new),
    }
}

#[tokio::test]
async fn pages_of_any_size_hold_every_row_once() {
    for world in World::both() {
        let world = world.with_llm_proxy(25, 0);
        let table = projects();
        let mut rows = world
            .open(std::slice::from_ref(&table), false)
            .await
            .unwrap();
        assert_eq!(rows.rough_count(&table).await.unwrap(), 25);
        let whole = all(rows.as_mut(), &table, 100).await;
        assert_eq!(whole.len(), 25);
        for limit in [1, 7, 25] {
            assert_eq!(all(rows.as_mut(), &table, limit).await, whole, "{limit}");
        }
        let keys = [whole[3].key.clone(), RowKey::Text("none".to_owned())];
        let some = rows.rows(&table, &table.columns[0], &keys).await.unwrap();
        assert_eq!(some, whole[3..4]);
    }
}

#[tokio::test]
async fn keys_of_every_kind_page_and_are_written() {
    let kinds = [
        ("BIGINT", "-5, 7, 70", vec!["-5", "7", "70"]),
        ("TEXT", "'a', 'a b', 'é'", vec!["a", "a b", "é"]),
        ("BLOB", "x'00', x'00ff', x'01'", vec!["00", "00ff", "01"]),
    ];
    for world in World::both() {
        for (place, (kind, keys, texts)) in kinds.iter().enumerate() {
            let name = format!("odd \"table\" {place}");
            let quoted = name.replace('"', "\"\"");
            let mut sql = format!(
                "CREATE TABLE \"{quoted}\" (\"the key\" {kind} NOT NULL UNIQUE, \"a\"\"b\" TEXT);"
            );
            for key in keys.split(", ") {
                sql += &format!("INSERT INTO \"{quoted}\" VALUES ({key}, 'plain');");
            }
            world.run(&sql);
            let table = table(&name, "the key", "a\"b", Form::Bound);
            let mut rows = world
                .open(std::slice::from_ref(&table), true)
                .await
                .unwrap();
            let found = all(rows.as_mut(), &table, 2).await;
            let found_texts: Vec<String> = found.iter().map(|row| row.key.to_string()).collect();
            assert_eq!(&found_texts, texts, "{kind}");
            let edits = found.iter().map(|row| edit(row, "new")).collect();
            let replaced = rows
                .replace(&table, &table.columns[0], edits, &|_, _| true)
                .await
                .unwrap();
            assert_eq!((replaced.replaced, replaced.unmatched.len()), (3, 0));
            for row in all(rows.as_mut(), &table, 2).await {
                assert_eq!(row.value, Some(text("new")));
            }
        }
    }
}

#[tokio::test]
async fn a_value_that_changed_meanwhile_is_left_alone() {
    for world in World::both() {
        let world = world.with_llm_proxy(6, 0);
        let table = projects();
        let mut rows = world
            .open(std::slice::from_ref(&table), true)
            .await
            .unwrap();
        let found = all(rows.as_mut(), &table, 100).await;
        let edits = found
            .iter()
            .map(|row| edit(row, &format!("new {}", row.key)));
        let edits: Vec<Edit> = edits.collect();
        world.run("UPDATE projects SET api_key = 'theirs' WHERE id = 'p2'");
        world.run("DELETE FROM projects WHERE id = 'p3'");
        world.run("INSERT INTO projects (id, name, api_key) VALUES ('p21', 'new', 'sk-new')");
        let column = &table.columns[0];
        let replaced = rows.replace(&table, column, edits, &|_, _| true);
        let replaced = replaced.await.unwrap();
        assert_eq!(replaced.replaced, 4);
        let unmatched: Vec<String> = replaced.unmatched.iter().map(ToString::to_string).collect();
        assert_eq!(unmatched, ["p2", "p3"]);
        for row in all(rows.as_mut(), &table, 100).await {
            let expected = match row.key.to_string().as_str() {
                "p2" => "theirs".to_owned(),
                "p21" => "sk-new".to_owned(),
                key => format!("new {key}"),
            };
            assert_eq!(row.value, Some(text(&expected)));
        }
    }
}

#[tokio::test]
async fn a_batch_that_does_not_check_is_undone() {
    for world in World::both() {
        let world = world.with_llm_proxy(5, 0);
        let table = projects();
        let mut rows = world
            .open(std::slice::from_ref(&table), true)
            .await
            .unwrap();
        let before = all(rows.as_mut(), &table, 100).await;
        let edits = before.iter().map(|row| edit(row, "new")).collect();
        let check = |edit: &Edit, _: &Value| edit.key != RowKey::Text("p4".to_owned());
        let failed = rows.replace(&table, &table.columns[0], edits, &check).await;
        match failed {
            Err(RowsError::NotAsWritten(name)) => assert_eq!(name, "projects.api_key:p4"),
            other => panic!("{other:?}"),
        }
        assert_eq!(all(rows.as_mut(), &table, 100).await, before);
    }
}

#[tokio::test]
async fn a_value_that_a_trigger_changes_is_not_taken_for_written() {
    for world in World::both() {
        let world = world.with_llm_proxy(3, 0);
        world.run(match &world {
            World::File(_) => {
                "CREATE TRIGGER meddle AFTER UPDATE OF api_key ON projects WHEN new.id = 'p2' \
                 BEGIN UPDATE projects SET api_key = 'meddled' WHERE id = 'p2'; END"
            }
            World::Server(_) => {
                "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS \
                 $$BEGIN IF new.id = 'p2' THEN new.api_key := 'meddled'; END IF; RETURN new; END$$;
                 CREATE TRIGGER meddle BEFORE UPDATE ON projects FOR EACH ROW \
                 EXECUTE FUNCTION meddle()"
            }
        });
        let table = projects();
        let mut rows = world
            .open(std::slice::from_ref(&table), true)
            .await
            .unwrap();
        let before = all(rows.as_mut(), &table, 100).await;
        let edits = before.iter().map(|row| edit(row, "new")).collect();
        let failed = rows
            .replace(&table, &table.columns[0], edits, &|_, _| true)
            .await;
        assert!(
            matches!(failed, Err(RowsError::NotAsWritten(_))),
            "{failed:?}"
        );
        assert_eq!(all(rows.as_mut(), &table, 100).await, before);
    }
}

#[tokio::test]
async fn who_looks_cannot_write() {
    for world in World::both() {
        let world = world.with_llm_proxy(2, 0);
        let table = projects();
        let mut rows = world
            .open(std::slice::from_ref(&table), false)
            .await
            .unwrap();
        let before = all(rows.as_mut(), &table, 100).await;
        let edits = before.iter().map(|row| edit(row, "new")).collect();
        let failed = rows
            .replace(&table, &table.columns[0], edits, &|_, _| true)
            .await;
        assert!(matches!(failed, Err(RowsError::Store(_))), "{failed:?}");
    }
}

#[tokio::test]
async fn null_is_no_value_and_the_empty_text_is_one() {
    for world in World::both() {
        world.run(
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT); \
             INSERT INTO t VALUES (1, NULL), (2, '')",
        );
        let table = table("t", "k", "v", Form::Bound);
        let mut rows = world
            .open(std::slice::from_ref(&table), false)
            .await
            .unwrap();
        let found = all(rows.as_mut(), &table, 10).await;
        assert_eq!(found[0].value, None);
        assert_eq!(found[1].value, Some(text("")));
    }
}

#[tokio::test]
async fn what_cannot_be_protected_is_told_with_its_reason() {
    let declared = "\
        CREATE TABLE pair (a INTEGER, b INTEGER, v TEXT, PRIMARY KEY (a, b)); \
        CREATE TABLE free (k TEXT, v TEXT); \
        CREATE TABLE typed (k INTEGER PRIMARY KEY, v INTEGER, w TEXT); \
        CREATE VIEW seen AS SELECT k, w FROM typed; \
        INSERT INTO free VALUES ('x', 'y')";
    for world in World::both() {
        world.run(declared);
        for (table, key, column, why) in [
            ("none", "k", "v", "no table none"),
            ("pair", "a", "v", "one row|no unique index"),
            ("free", "k", "v", "one row|may be NULL"),
            ("typed", "id", "w", "no column id"),
            ("typed", "k", "x", "no column x"),
            ("typed", "k", "v", "would not keep a text|holds no text"),
            ("seen", "k", "w", "seen is no ordinary table"),
        ] {
            let table = self::table(table, key, column, Form::Bound);
            let opened = world.open(std::slice::from_ref(&table), false).await;
            match opened.err() {
                Some(OpenError::Unfit { why: told, .. }) => {
                    assert!(why.split('|').any(|why| told.contains(why)), "{told}");
                }
                other => panic!("{table}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn an_empty_database_is_told_apart() {
    for world in World::both() {
        world.run("CREATE TABLE t (k INTEGER); DROP TABLE t");
        let opened = world.open(&[projects()], false).await;
        assert!(matches!(opened.err(), Some(OpenError::Empty(_))));
    }
}

#[tokio::test]
async fn a_column_too_narrow_for_protected_values_is_refused() {
    let world = World::Server(Database::fresh(Server::V18));
    world.run(
        "CREATE TABLE t (k uuid PRIMARY KEY, v varchar(63), w varchar(64)); \
         INSERT INTO t VALUES ('00000000-0000-0000-0000-00000000000A', 'x', 'y')",
    );
    for (column, form, fits) in [
        ("v", Form::Digest, false),
        ("w", Form::Digest, true),
        ("w", Form::Bound, false),
    ] {
        let table = table("t", "k", column, form);
        let opened = world.open(std::slice::from_ref(&table), false).await;
        assert_eq!(opened.is_ok(), fits, "{column} {form:?}");
        if let Ok(mut rows) = opened {
            let found = all(rows.as_mut(), &table, 10).await;
            let key = "00000000-0000-0000-0000-00000000000a";
            assert_eq!(found[0].key, RowKey::Uuid(key.to_owned()));
        }
    }
}

#[tokio::test]
async fn blobs_are_replaced_by_their_bytes() {
    let world = World::Server(Database::fresh(Server::V18));
    world.run("CREATE TABLE t (k INTEGER PRIMARY KEY, v BYTEA)");
    world.run("INSERT INTO t VALUES (1, '\\x00ff'), (2, '\\x00'), (10, NULL)");
    let table = table("t", "k", "v", Form::EmbapiBlob);
    let mut rows = world
        .open(std::slice::from_ref(&table), true)
        .await
        .unwrap();
    let edit = |key, old: &[u8], new: &[u8]| Edit {
        key: RowKey::Integer(key),
        old: Value::bytes(old.to_vec()),
        new: Value::bytes(new.to_vec()),
    };
    let edits = vec![
        edit(1, &[0, 0xff], &[1, 0]),
        edit(2, &[0, 0], &[2]),
        edit(10, &[], &[10]),
    ];
    let column = &table.columns[0];
    let replaced = rows.replace(&table, column, edits, &|_, _| true).await;
    let replaced = replaced.unwrap();
    assert_eq!((replaced.replaced, replaced.unmatched.len()), (1, 2));
    let values: Vec<_> = all(rows.as_mut(), &table, 2).await;
    let values: Vec<_> = values.into_iter().map(|row| row.value).collect();
    let bytes = |bytes: &[u8]| Some(Value::bytes(bytes.to_vec()));
    assert_eq!(values, [bytes(&[1, 0]), bytes(&[0]), None]);
}
