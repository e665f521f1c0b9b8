//! The database of a service that goes on writing under its old key, and what is in it.

use crate::support::{Database, Link as AnyLink, Postgres};
use embsec::crypto::embapi_blob::{self, EmbapiKey};
use embsec::crypto::llm_proxy::{self, LlmProxyKey};
use embsec::sys::rng::SystemRng;
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Whose database, on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ProxyInAFile,
    ProxyOnAServer,
    Embapi,
}

/// A key of the service, as the tests seal and open with it.
pub(super) enum Key {
    Proxy(LlmProxyKey),
    Embapi(EmbapiKey),
}

impl Key {
    pub(super) fn read(kind: Kind, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let text = SecretString::from(text);
        match kind {
            Kind::Embapi => Self::Embapi(EmbapiKey::from_text(&text)),
            Kind::ProxyInAFile | Kind::ProxyOnAServer => {
                Self::Proxy(LlmProxyKey::parse(&text).ok().unwrap().key)
            }
        }
    }

    pub(super) fn seal(&self, text: &str) -> Vec<u8> {
        match self {
            Self::Proxy(key) => llm_proxy::seal(text, key, &SystemRng).unwrap().into(),
            Self::Embapi(key) => embapi_blob::seal(&text.to_owned().into(), key, &SystemRng)
                .unwrap()
                .unwrap(),
        }
    }

    pub(super) fn open(&self, value: &[u8]) -> Option<String> {
        let text = match self {
            Self::Proxy(key) => llm_proxy::open(std::str::from_utf8(value).unwrap(), key).ok(),
            Self::Embapi(key) => embapi_blob::open(value, key).ok(),
        };
        text.map(|text| text.expose_secret().to_owned())
    }
}

/// Where the rows are.
pub(super) struct Service {
    pub(super) kind: Kind,
    folder: TempDir,
    database: Option<Database>,
}

impl Service {
    /// The tables, without rows, and the old key in its file.
    pub(super) fn new(kind: Kind) -> Self {
        const PROXY: &str = "CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, \
            api_key TEXT NOT NULL, is_active BOOLEAN NOT NULL DEFAULT TRUE)";
        // What a rotation asks of an embapi database: that it is one, and the column.
        let embapi = include_str!("../../fixtures/embapi/schema.sql");
        let service = Self {
            kind,
            folder: tempfile::tempdir().unwrap(),
            database: match kind {
                Kind::ProxyInAFile => None,
                Kind::ProxyOnAServer => Some(Database::fresh(Postgres::V16)),
                Kind::Embapi => Some(Database::fresh(Postgres::V18)),
            },
        };
        match kind {
            Kind::ProxyInAFile => {
                let connection = Connection::open(service.file()).unwrap();
                connection
                    .execute_batch(&format!("PRAGMA journal_mode = WAL; {PROXY}"))
                    .unwrap();
            }
            Kind::ProxyOnAServer => drop(service.database().run(PROXY)),
            Kind::Embapi => {
                service.database().run(embapi);
                service.database().run(
                    "INSERT INTO users (user_handle, email, vdb_key, created_at, updated_at) \
                     VALUES ('alice', 'a@example.org', repeat('1', 64), now(), now())",
                );
            }
        }
        let old = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let made = std::process::Command::new("install")
            .args(["-m", "600", "/dev/null"])
            .arg(service.old_key())
            .status();
        assert!(made.unwrap().success());
        std::fs::write(service.old_key(), old).unwrap();
        service
    }

    fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder().join("proxy.db")
    }

    pub(super) fn old_key(&self) -> PathBuf {
        self.folder().join("old.key")
    }

    pub(super) fn new_key(&self) -> PathBuf {
        self.folder().join("new.key")
    }

    pub(super) fn url(&self) -> String {
        match &self.database {
            None => self.file().to_str().unwrap().to_owned(),
            Some(database) => database.url(),
        }
    }

    /// What the database consists of but for its rows.
    pub(super) fn schema(&self) -> Vec<String> {
        let mut link = match &self.database {
            None => AnyLink::to_file(&self.file()),
            Some(database) => AnyLink::to_server(&database.url()),
        };
        link.schema()
    }

    pub(super) fn connect(&self) -> Link {
        if self.database.is_none() {
            let connection = Connection::open(self.file()).unwrap();
            connection.busy_timeout(Duration::from_secs(60)).unwrap();
            return Link::File(connection);
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let url = self.url();
        let connection = runtime.block_on(PgConnection::connect(&url)).unwrap();
        Link::Server(runtime, connection, self.kind)
    }
}

/// A connection of the service, or of the test.
pub(super) enum Link {
    File(Connection),
    Server(Runtime, PgConnection, Kind),
}

impl Link {
    /// Makes rows 1 to `count`; what they hold is told by `text`.
    pub(super) fn fill(&mut self, count: u32, key: &Key, text: impl Fn(u32) -> String) {
        let values: Vec<(i32, Vec<u8>)> = (1..=count)
            .map(|row| (i32::try_from(row).unwrap(), key.seal(&text(row))))
            .collect();
        match self {
            Self::File(connection) => {
                const INSERT: &str = "INSERT INTO projects (id, name, api_key) \
                    VALUES ('p' || $1, 'project ' || $1, CAST($2 AS TEXT))";
                let transaction = connection.transaction().unwrap();
                for (row, value) in &values {
                    transaction.execute(INSERT, (row, value)).unwrap();
                }
                transaction.commit().unwrap();
            }
            Self::Server(runtime, connection, kind) => {
                let insert = match kind {
                    Kind::Embapi => {
                        "INSERT INTO instances (instance_id, instance_handle, owner, endpoint, \
                           api_standard, model, created_at, updated_at, api_key_encrypted) \
                         SELECT n, 'i' || n, 'alice', 'https://example.org', 'openai', 'm', \
                           '2024-05-01', '2024-05-01', v \
                         FROM unnest($1::int[], $2::bytea[]) AS e(n, v)"
                    }
                    Kind::ProxyInAFile | Kind::ProxyOnAServer => {
                        "INSERT INTO projects (id, name, api_key) \
                         SELECT 'p' || n, 'project ' || n, convert_from(v, 'UTF8') \
                         FROM unnest($1::int[], $2::bytea[]) AS e(n, v)"
                    }
                };
                let (rows, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
                let query = sqlx::query(insert).bind(rows).bind(values);
                runtime.block_on(connection.execute(query)).unwrap();
            }
        }
    }

    /// Writes as the service does.
    pub(super) fn write(&mut self, row: u32, value: &[u8]) {
        let row = i32::try_from(row).unwrap();
        match self {
            Self::File(connection) => {
                const UPDATE: &str =
                    "UPDATE projects SET api_key = CAST(?2 AS TEXT) WHERE id = 'p' || ?1";
                assert_eq!(connection.execute(UPDATE, (row, value)).unwrap(), 1);
            }
            Self::Server(runtime, connection, kind) => {
                let update = match kind {
                    Kind::Embapi => {
                        "UPDATE instances SET api_key_encrypted = $2 WHERE instance_id = $1"
                    }
                    Kind::ProxyInAFile | Kind::ProxyOnAServer => {
                        "UPDATE projects SET api_key = convert_from($2, 'UTF8') \
                         WHERE id = 'p' || $1::text"
                    }
                };
                let query = sqlx::query(update).bind(row).bind(value);
                let done = runtime.block_on(connection.execute(query)).unwrap();
                assert_eq!(done.rows_affected(), 1);
            }
        }
    }

    /// What every row holds.
    pub(super) fn all(&mut self) -> BTreeMap<u32, Vec<u8>> {
        let rows: Vec<(i32, Vec<u8>)> = match self {
            Self::File(connection) => {
                const ALL: &str =
                    "SELECT CAST(substr(id, 2) AS INTEGER), CAST(api_key AS BLOB) FROM projects";
                let mut statement = connection.prepare(ALL).unwrap();
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
                rows.unwrap().map(Result::unwrap).collect()
            }
            Self::Server(runtime, connection, kind) => {
                let all = match kind {
                    Kind::Embapi => "SELECT instance_id, api_key_encrypted FROM instances",
                    Kind::ProxyInAFile | Kind::ProxyOnAServer => {
                        "SELECT substr(id, 2)::int, convert_to(api_key, 'UTF8') FROM projects"
                    }
                };
                let query = sqlx::query_as(all).fetch_all(connection);
                runtime.block_on(query).unwrap()
            }
        };
        let numbered = rows.into_iter();
        numbered
            .map(|(row, value)| (u32::try_from(row).unwrap(), value))
            .collect()
    }

    /// Everything else in the rows, as one text.
    pub(super) fn others(&mut self) -> String {
        match self {
            Self::File(connection) => connection
                .query_row(
                    "SELECT group_concat(id || name || is_active, ',' ORDER BY id) FROM projects",
                    [],
                    |row| row.get(0),
                )
                .unwrap(),
            Self::Server(runtime, connection, kind) => {
                let others = match kind {
                    Kind::Embapi => {
                        "SELECT md5(string_agg(concat_ws('|', instance_id, instance_handle, owner, \
                           endpoint, model, created_at, updated_at), ',' ORDER BY instance_id)) \
                         FROM instances"
                    }
                    Kind::ProxyInAFile | Kind::ProxyOnAServer => {
                        "SELECT md5(string_agg(id || name || is_active, ',' ORDER BY id)) \
                         FROM projects"
                    }
                };
                let query = sqlx::query_scalar(others).fetch_one(connection);
                runtime.block_on(query).unwrap()
            }
        }
    }
}
