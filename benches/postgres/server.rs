//! A PostgreSQL server of the bench's own, as durable as one in production.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr as _;
use tempfile::TempDir;

/// As the server's own advice has it for a machine of this size; what is not named is as the
/// server has it.
const SETTINGS: &str = "-c shared_buffers=1GB -c maintenance_work_mem=1GB -c max_wal_size=8GB \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c dynamic_shared_memory_type=mmap";

/// A running server. It ends with this value.
pub(crate) struct Server {
    home: TempDir,
    port: u16,
    programs: String,
}

impl Server {
    /// Makes one below the folder for temporary files, which its user can reach, of the programs
    /// in the folder that a variable names.
    pub(crate) fn start(programs: &str) -> Self {
        let programs = variable(programs);
        let home = tempfile::tempdir().unwrap();
        if let Some(user) = run_as() {
            run(Command::new("chown").arg(user).arg(home.path()));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Self {
            home,
            port,
            programs,
        };
        let data = server.file("data").to_str().unwrap().to_owned();
        let log = server.file("log").to_str().unwrap().to_owned();
        let options = format!("-p {port} {SETTINGS}");
        server.program(
            "initdb",
            &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
        );
        server.program(
            "pg_ctl",
            &["-D", &data, "-l", &log, "-o", &options, "-w", "start"],
        );
        server
    }

    /// Makes a database with an extension; returns its URL.
    pub(crate) async fn database(&self, name: &str, extension: &str) -> String {
        let mut connection = connect(&self.url("postgres")).await;
        let sql = format!("CREATE DATABASE {name}");
        execute(&mut connection, &sql).await;
        connection.close().await.unwrap();
        let url = self.url(name);
        let mut connection = connect(&url).await;
        execute(&mut connection, &format!("CREATE EXTENSION {extension}")).await;
        connection.close().await.unwrap();
        url
    }

    fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// A file that the server can read.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn program(&self, name: &str, arguments: &[&str]) {
        let program = format!("{}/{name}", self.programs);
        let mut command = match run_as() {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}"));
                command.args(["--clear-groups", &program]);
                command
            }
        };
        run(command.args(arguments).current_dir(self.home.path()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.file("data").to_str().unwrap().to_owned();
        self.program("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }
}

/// A connection that finds embsec's tables.
pub(crate) async fn connect(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).unwrap();
    let options = options.disable_statement_logging();
    let mut connection = options.connect().await.unwrap();
    execute(&mut connection, "SET search_path = embsec, public").await;
    connection
}

/// Runs a statement.
pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap();
}

fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(done.unwrap().success(), "{command:?}");
}

fn run_as() -> Option<String> {
    Some(variable("EMBSEC_TEST_POSTGRES_RUN_AS")).filter(|user| !user.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench is steered by the environment"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run `eval \"$(scripts/postgres env)\"` after `scripts/postgres up`"
        )
    })
}
