//! One side of a move: a deployment's folder, with the database that a command is told to work on.

use crate::support::{Database, Deployment, Server, once_free};
use serde_json::Value;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub(super) struct Side<'d> {
    deployment: &'d Deployment,
    url: String,
    database: Option<Database>,
}

impl<'d> Side<'d> {
    /// The file in the folder.
    pub(super) fn file(deployment: &'d Deployment) -> Self {
        let path = deployment.dir().join("embsec.db");
        Self {
            deployment,
            url: format!("sqlite:{}", path.display()),
            database: None,
        }
    }

    /// The database on a server that the folder names.
    pub(super) fn of_server(deployment: &'d Deployment) -> Self {
        Self {
            deployment,
            url: deployment.database().url(),
            database: None,
        }
    }

    /// An empty database on a server, with the schema.
    pub(super) fn on(deployment: &'d Deployment, database: Database) -> Self {
        let side = Self {
            deployment,
            url: database.url(),
            database: Some(database),
        };
        side.migrate_up();
        side
    }

    /// An empty file with the schema, outside the folder.
    pub(super) fn new_file(deployment: &'d Deployment) -> Self {
        let path: PathBuf = deployment.parent().join("new.db");
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .unwrap();
        let side = Self {
            deployment,
            url: format!("sqlite:{}", path.display()),
            database: None,
        };
        side.migrate_up();
        side
    }

    fn migrate_up(&self) {
        let output = self.command(&["migrate", "up"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.deployment.command(arguments);
        command.args(["--database", &self.url]);
        command
    }

    pub(super) fn import_command(&self, from: &Side<'_>, options: &[&str]) -> Command {
        let mut command = self.command(&["migrate", "import", "--json", "--from", &from.url]);
        command.args(options);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(super) fn import(&self, from: &Side<'_>, options: &[&str]) -> Output {
        self.import_command(from, options).output().unwrap()
    }

    /// The report of an import that succeeds.
    #[track_caller]
    pub(super) fn moved(&self, from: &Side<'_>, options: &[&str]) -> Value {
        let output = once_free(|| self.import_command(from, options));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(super) fn serve(&self) -> Server {
        Server::start_with(self.deployment, &[("EMBSEC_DATABASE__URL", &self.url)])
    }

    pub(super) const fn is_on_server(&self) -> bool {
        self.database.is_some()
    }

    pub(super) fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    pub(super) fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM embsec.{table}");
        self.database().run(&sql).parse().unwrap()
    }

    /// Everything that travels, by PostgreSQL's own means. Of a sealed text only that it is one and
    /// how long: the same text is sealed otherwise each time. What it opens to is compared by the
    /// checksums of the reports.
    pub(super) fn dump(&self) -> String {
        self.database().run(
            "SELECT string_agg(t::text, E'\\n' ORDER BY handle) FROM \
                 (SELECT handle, name, email, state, created_at, updated_at FROM embsec.users) AS t; \
             SELECT string_agg(t::text, E'\\n' ORDER BY project_id) FROM (SELECT project_id, handle, \
                 instance_id, created_at, updated_at FROM embsec.projects) AS t; \
             SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY embedding_id)) FROM \
                 (SELECT embedding_id, project_id, instance_id, text_id, vector_dim, vector, \
                     starts_with(text, 'enc:v2:') AS sealed, length(text), metadata, created_at, updated_at FROM embsec.embeddings) AS t",
        )
    }

    pub(super) fn indexes(&self) -> String {
        self.database().run(
            "SELECT c.relname, i.indisvalid FROM pg_index AS i \
             JOIN pg_class AS c ON c.oid = i.indexrelid \
             WHERE i.indrelid = 'embsec.embeddings'::regclass ORDER BY 1",
        )
    }

    /// Runs a statement on a file, beside whoever serves it.
    pub(super) fn run(&self, sql: &str) {
        let path = self.url.strip_prefix("sqlite:").unwrap();
        let script = "import sqlite3, sys\n\
                      connection = sqlite3.connect(sys.argv[1], timeout=10)\n\
                      connection.execute(sys.argv[2])\n\
                      connection.commit()\n";
        let output = crate::support::python()
            .args(["-c", script, path, sql])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Another process that moves a database in, as far as anybody can see.
    pub(super) fn hold_lock(&self) -> Child {
        let mut child = Command::new("psql")
            .args(["--no-psqlrc", "-d", &self.url])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.as_mut().unwrap();
        writeln!(input, "SELECT pg_advisory_lock(1701667443, 3);").unwrap();
        let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 3 \
                    AND granted AND database = (SELECT oid FROM pg_database \
                        WHERE datname = current_database())";
        let is_held = || self.database().run(held) == "1";
        assert!(crate::support::within(
            std::time::Duration::from_secs(10),
            is_held
        ));
        child
    }
}
