//! A PostgreSQL database for one test, on a server that `scripts/postgres` started.
//!
//! Part of every crate of tests that needs one, the unit tests of the stores included. Servers of
//! a test's own are not made here.

use std::hash::{BuildHasher as _, RandomState};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A server to make databases on. Both have pgvector.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Server {
    /// PostgreSQL 16.
    V16,
    /// PostgreSQL 18.
    V18,
}

impl Server {
    /// The URL of a superuser and of the database `postgres`.
    #[track_caller]
    pub(crate) fn url(self) -> String {
        match self {
            Self::V16 => required("EMBSEC_TEST_POSTGRES_16"),
            Self::V18 => required("EMBSEC_TEST_POSTGRES_18"),
        }
    }
}

/// A database of one test, with the extension `vector` and nothing else. It is dropped with this
/// value, whoever is still connected.
#[derive(Debug)]
pub(crate) struct Database {
    /// The URL of the database `postgres` on the same server.
    beside: String,
    name: String,
}

impl Database {
    /// Makes one.
    #[track_caller]
    pub(crate) fn fresh(server: Server) -> Self {
        Self::fresh_at(&server.url())
    }

    /// Makes one on the server of this URL of a superuser.
    #[track_caller]
    pub(crate) fn fresh_at(url: &str) -> Self {
        let database = Self::empty_at(url);
        database.run("CREATE EXTENSION vector");
        database
    }

    /// As [`Self::fresh_at`], without the extension.
    #[track_caller]
    pub(crate) fn empty_at(url: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        // The seed of the standard hash tables tells this process from all others on the server.
        let process = RandomState::new().hash_one(std::process::id());
        let name = format!("embsec_test_{process:016x}_{number}");
        psql(url, &format!("CREATE DATABASE {name}"));
        Self {
            beside: url.to_owned(),
            name,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, of a superuser.
    pub(crate) fn url(&self) -> String {
        in_database(&self.beside, &self.name)
    }

    /// Runs statements as a superuser and returns what they print: a line for a row, `|` between
    /// columns.
    #[track_caller]
    pub(crate) fn run(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A test that failed since the server is gone must tell that, not this.
        let _dropped = try_psql(&self.beside, &sql);
    }
}

/// The same URL with another database.
pub(crate) fn in_database(url: &str, name: &str) -> String {
    let (before, after) = match url.split_once('?') {
        Some((before, after)) => (before, format!("?{after}")),
        None => (url, String::new()),
    };
    let (server, _) = before.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}{after}")
}

/// Runs statements and returns what they print, as [`Database::run`] does.
#[track_caller]
pub(crate) fn psql(url: &str, sql: &str) -> String {
    try_psql(url, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn try_psql(url: &str, sql: &str) -> Result<String, String> {
    let program = match variable("EMBSEC_TEST_POSTGRES_BIN_18") {
        Some(folder) => format!("{folder}/psql"),
        None => "psql".to_owned(),
    };
    let output = Command::new(&program)
        .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"])
        .args(["-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
        .env_clear()
        .env("PGCONNECT_TIMEOUT", "10")
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.trim_end().to_owned())
}

/// What `scripts/postgres env` says of a name. A test without its server fails.
#[track_caller]
pub(crate) fn required(name: &str) -> String {
    variable(name).unwrap_or_else(|| {
        panic!("{name} is not set: run scripts/test, or eval \"$(scripts/postgres env)\"")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are steered by the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

#[test]
fn a_database_has_the_extension_and_is_gone_afterwards() {
    for (server, major) in [(Server::V16, "16"), (Server::V18, "18")] {
        let database = Database::fresh(server);
        let name = database.name().to_owned();
        let version = database.run("SHOW server_version");
        assert!(version.starts_with(major), "{version}");
        assert_eq!(database.run("SELECT '[1,2]'::halfvec"), "[1,2]");
        drop(database);
        let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        assert_eq!(psql(&server.url(), &left), "0");
    }
}

#[test]
fn the_database_of_a_url_is_replaced_and_its_parameters_stay() {
    let url = "postgres://a:b@localhost:1/postgres?sslmode=verify-full&sslrootcert=/x/ca.pem";
    assert_eq!(
        in_database(url, "one"),
        "postgres://a:b@localhost:1/one?sslmode=verify-full&sslrootcert=/x/ca.pem"
    );
}
