//! A database of another program on either engine, and the commands on it.

use crate::support::{Database, Link, Postgres, embsec_command, llm_proxy, psql};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// What stands in `ENCRYPTION_KEY`.
pub(super) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// What stands there for another service.
pub(super) const OTHER_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

const FILE: &str = "llm.db";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(super) const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A database, and folders that nobody else writes.
pub(super) struct Place {
    database: Option<Database>,
    folder: TempDir,
    state: TempDir,
    /// What every command is told of the tables.
    tables: Vec<String>,
}

pub(super) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(super) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Place {
    pub(super) fn empty(engine: Engine) -> Self {
        Self {
            database: match engine {
                Engine::Sqlite => None,
                Engine::Postgres => Some(Database::fresh(Postgres::V16)),
            },
            folder: tempfile::tempdir().unwrap(),
            state: tempfile::tempdir().unwrap(),
            tables: Vec::new(),
        }
    }

    /// A database of llm-proxy with so many projects and tokens, all in clear.
    pub(super) fn with_rows(engine: Engine, projects: u32, tokens: u32) -> Self {
        let place = Self::empty(engine);
        match &place.database {
            None => drop(llm_proxy::sqlite(&place.path(), projects, tokens)),
            Some(database) => llm_proxy::postgres(database, projects, tokens),
        }
        place
    }

    /// A table with odd names that a file declares.
    pub(super) fn declared(engine: Engine) -> Self {
        let mut place = Self::empty(engine);
        place.execute(
            "CREATE TABLE \"odd \"\"t\" (k TEXT NOT NULL PRIMARY KEY, note TEXT, pin TEXT, \
               kept TEXT); \
             INSERT INTO \"odd \"\"t\" VALUES ('a', 'note a', 'pin a', 'kept a'), \
               ('b', 'note b', 'pin b', 'kept b'), ('c', 'note c', 'pin c', 'kept c'), \
               ('d', NULL, '', 'kept d')",
        );
        place.declare("odd \"t");
        place
    }

    /// A table of so many rows that a file declares.
    pub(super) fn declared_with_rows(engine: Engine, rows: u32) -> Self {
        let mut place = Self::empty(engine);
        place.execute(&format!(
            "CREATE TABLE notes (k TEXT NOT NULL PRIMARY KEY, note TEXT, pin TEXT, kept TEXT); \
             WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) \
             INSERT INTO notes SELECT 'k' || n, 'note ' || n, 'pin ' || n, 'kept ' || n FROM c"
        ));
        place.declare("notes");
        place
    }

    fn declare(&mut self, table: &str) {
        let file = self.state.path().join("target.toml");
        let text = format!(
            "name = \"odd\"\n[[tables]]\ntable = '{table}'\nkey_column = \"k\"\n\
             encrypt = [\"note\"]\nhash = [\"pin\"]\n"
        );
        std::fs::write(&file, text).unwrap();
        self.tables = vec!["--target".to_owned(), file.display().to_string()];
    }

    /// A table whose key is a number, as most programs have it, that a file declares.
    pub(super) fn numbered(engine: Engine, rows: u32) -> Self {
        let mut place = Self::empty(engine);
        let values: Vec<String> = (1..=rows)
            .map(|row| format!("({row}, 'note {row}')"))
            .collect();
        place.execute(&format!(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, note TEXT); \
             INSERT INTO customers VALUES {}",
            values.join(", ")
        ));
        let file = place.state.path().join("target.toml");
        let text = "name = \"billing\"\n[[tables]]\ntable = \"customers\"\n\
                    key_column = \"id\"\nencrypt = [\"note\"]\n";
        std::fs::write(&file, text).unwrap();
        place.tables = vec!["--target".to_owned(), file.display().to_string()];
        place
    }

    /// The file that declares its tables.
    pub(super) fn target_file(&self) -> String {
        self.tables[1].clone()
    }

    /// What [`Self::numbered`] holds.
    pub(super) fn notes(&self) -> String {
        self.select("SELECT id || ' ' || note FROM customers ORDER BY id")
    }

    /// A database of embapi with what years of use leave.
    pub(super) fn embapi() -> Self {
        const SCHEMA: &str = include_str!("../../fixtures/embapi/schema.sql");
        const ODDITIES: &str = include_str!("../../fixtures/embapi/oddities.sql");
        let place = Self::empty(Engine::Postgres);
        place.execute(SCHEMA);
        place.execute(ODDITIES);
        place
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    pub(super) fn url(&self) -> String {
        match &self.database {
            None => format!("sqlite:{}", self.path().display()),
            Some(database) => database.url(),
        }
    }

    /// A connection of the service, or of the test.
    pub(super) fn link(&self) -> Link {
        match &self.database {
            None => Link::to_file(&self.path()),
            Some(database) => Link::to_server(&database.url()),
        }
    }

    pub(super) fn connection(&self) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection
    }

    pub(super) fn execute(&self, sql: &str) {
        match &self.database {
            None => self.connection().execute_batch(sql).unwrap(),
            Some(database) => drop(psql(&database.url(), sql)),
        }
    }

    /// What a query of one text column gives: a line for a row.
    pub(super) fn select(&self, sql: &str) -> String {
        match &self.database {
            None => {
                let connection = self.connection();
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get::<_, String>(0));
                let rows: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
                rows.join("\n")
            }
            Some(database) => psql(&database.url(), sql),
        }
    }

    /// The API keys, by their projects.
    pub(super) fn keys(&self) -> String {
        self.select("SELECT id || ' ' || api_key FROM projects ORDER BY id")
    }

    /// The API keys, and behind `#` the tokens.
    pub(super) fn values(&self) -> String {
        let tokens = self.select("SELECT id || ' ' || token FROM tokens ORDER BY id");
        format!("{}#{tokens}", self.keys())
    }

    /// Everything else in these tables.
    pub(super) fn others(&self) -> String {
        let projects = self.select(
            "SELECT id || ' ' || name || CAST(is_active AS TEXT) || \
               COALESCE(CAST(deactivated_at AS TEXT), '-') || CAST(created_at AS TEXT) || \
               CAST(updated_at AS TEXT) FROM projects ORDER BY id",
        );
        let tokens = self.select(
            "SELECT id || project_id || CAST(expires_at AS TEXT) || CAST(is_active AS TEXT) || \
               CAST(request_count AS TEXT) || CAST(created_at AS TEXT) || \
               COALESCE(CAST(last_used_at AS TEXT), '-') FROM tokens ORDER BY id",
        );
        format!("{projects}\n{tokens}")
    }

    /// The same for the table of rows, whichever it is: a line for a row.
    pub(super) fn others_of(&self, table: &str) -> Vec<String> {
        let others = match table {
            "notes" => self.select("SELECT k || ' ' || kept FROM notes ORDER BY k"),
            _ => self.others(),
        };
        others.lines().map(str::to_owned).collect()
    }

    /// The names of the files where the database is.
    pub(super) fn files(&self) -> BTreeSet<String> {
        let entries = self.folder.path().read_dir().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// The same as it was made.
    pub(super) fn files_of_the_database(&self) -> BTreeSet<String> {
        let file = self.database.is_none().then(|| FILE.to_owned());
        file.into_iter().collect()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    /// Whether any file where the database is holds this text, whatever the database says.
    pub(super) fn raw_files_hold(&self, text: &str) -> bool {
        self.files().iter().any(|name| {
            let bytes = std::fs::read(self.folder.path().join(name)).unwrap();
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
    }

    pub(super) fn audit_log(&self) -> String {
        let folder = self.state.path().join("embsec/audit");
        let entries = folder.read_dir().unwrap();
        let logs = entries.map(|entry| entry.unwrap().path()).filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        });
        logs.map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// A command on this database; an empty key is none.
    pub(super) fn command(&self, command: &str, arguments: &[&str], key: &str) -> Command {
        self.command_at(&self.url(), command, arguments, key)
    }

    fn command_at(&self, url: &str, command: &str, arguments: &[&str], key: &str) -> Command {
        let mut process = embsec_command();
        process
            .args(["migrate", command, "--database", url])
            .args(&self.tables)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_STATE_HOME", self.state.path());
        if !key.is_empty() {
            process.env("ENCRYPTION_KEY", key);
        }
        process
    }

    pub(super) fn run(&self, command: &str, arguments: &[&str], key: &str) -> Output {
        self.command(command, arguments, key).output().unwrap()
    }

    /// The same on another database, without what is known of the tables of this one.
    pub(super) fn run_at(&self, url: &str, command: &str, arguments: &[&str], key: &str) -> Output {
        self.command_at(url, command, arguments, key)
            .output()
            .unwrap()
    }
}
