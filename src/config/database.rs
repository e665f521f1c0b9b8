//! Where everything is kept.

use super::environment::Environment;
use super::error::Fault;
use super::read::{Reader, Rejected};
use super::secret::SecretRef;
use super::settings::{
    DATABASE_AUTO_MIGRATE, DATABASE_CONNECT_TIMEOUT_SECS, DATABASE_IDLE_TIMEOUT_SECS,
    DATABASE_MAX_IDLE_CONNECTIONS, DATABASE_MAX_LIFETIME_SECS, DATABASE_POOL_SIZE,
    DATABASE_STATEMENT_TIMEOUT_SECS, DATABASE_SYNCHRONOUS, DATABASE_URL, SEARCH_MODE, Setting,
};
use crate::domain::postgres_url::{self, PostgresUrl};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Connections that read a file of SQLite, unless another number is set.
const SQLITE_POOL_SIZE: u32 = 4;
/// Connections to PostgreSQL, unless another number is set.
const POSTGRES_POOL_SIZE: u32 = 10;

/// The settings of `[database]`.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// Where it is.
    pub location: Location,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
    /// How many connections are used at the same time.
    pub pool_size: u32,
    /// How many connections to PostgreSQL stay open without use.
    pub max_idle_connections: u32,
    /// How long a connection to PostgreSQL stays open without use.
    pub idle_timeout: Duration,
    /// How long a connection to PostgreSQL is used at most.
    pub max_lifetime: Duration,
    /// How long to wait for a connection to PostgreSQL.
    pub connect_timeout: Duration,
    /// How long one statement may take on PostgreSQL.
    pub statement_timeout: Duration,
    /// Whether a server brings the schema on PostgreSQL up to date.
    pub auto_migrate: bool,
}

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A server of PostgreSQL: its URL, or where the URL is.
    Postgres(SecretRef),
}

impl Location {
    /// Takes what names a database: a URL, a path, or a reference to a URL. Relative paths start
    /// at `base`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] that repeats no password.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Fault> {
        if let Some(reference) = SecretRef::parse(text, base)? {
            return Ok(Self::Postgres(reference));
        }
        if PostgresUrl::is_meant_by(text) {
            let url = PostgresUrl::parse(text)?;
            return Ok(Self::Postgres(SecretRef::Given(SecretString::from(
                url.reveal().to_owned(),
            ))));
        }
        sqlite_path(text).map(|path| Self::Sqlite(base.join(path)))
    }

    /// The URL of a server of PostgreSQL, fetched where only a reference is given; `None` for a
    /// file of SQLite.
    ///
    /// # Errors
    ///
    /// When it cannot be fetched, or is none.
    pub fn postgres_url(&self, environment: &Environment) -> Result<Option<PostgresUrl>, Fault> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(reference) => {
                let text = reference.resolve(environment)?;
                Ok(Some(PostgresUrl::parse(text.expose_secret())?))
            }
        }
    }
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// At every commit.
    Full,
    /// At checkpoints.
    Normal,
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let text = reader.text(&DATABASE_URL);
        let base = reader.path(&DATABASE_URL, "");
        let location =
            Location::parse(text, &base).map_err(|fault| reader.reject(&DATABASE_URL, fault));
        let synchronous =
            reader.parsed(&DATABASE_SYNCHRONOUS, "full or normal", |word| match word {
                "full" => Some(Synchronous::Full),
                "normal" => Some(Synchronous::Normal),
                _ => None,
            });
        let pool_size: Result<u32, Rejected> = reader.narrow(&DATABASE_POOL_SIZE);
        let max_idle_connections = reader.narrow(&DATABASE_MAX_IDLE_CONNECTIONS);
        let mut secs = |setting: &'static Setting| Duration::from_secs(reader.int(setting));
        let idle_timeout = secs(&DATABASE_IDLE_TIMEOUT_SECS);
        let max_lifetime = secs(&DATABASE_MAX_LIFETIME_SECS);
        let connect_timeout = secs(&DATABASE_CONNECT_TIMEOUT_SECS);
        let statement_timeout = secs(&DATABASE_STATEMENT_TIMEOUT_SECS);
        let auto_migrate = reader.bool(&DATABASE_AUTO_MIGRATE);
        let location = location?;
        if matches!(location, Location::Sqlite(_)) && reader.text(&SEARCH_MODE) == "approximate" {
            return Err(reader.reject(&SEARCH_MODE, Fault::NoIndex));
        }
        let usual_size = match location {
            Location::Sqlite(_) => SQLITE_POOL_SIZE,
            Location::Postgres(_) => POSTGRES_POOL_SIZE,
        };
        Ok(Self {
            location,
            synchronous: synchronous?,
            pool_size: match pool_size? {
                0 => usual_size,
                size => size,
            },
            max_idle_connections: max_idle_connections?,
            idle_timeout,
            max_lifetime,
            connect_timeout,
            statement_timeout,
            auto_migrate,
        })
    }
}

/// The path in a URL of SQLite, or a plain path.
fn sqlite_path(url: &str) -> Result<&str, Fault> {
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None => url,
    };
    // A database in memory would be empty at every start, other schemes name something else, and
    // parameters would become part of the file's name.
    let no_file = path.is_empty() || path.starts_with(':') || path.ends_with('/');
    // `postgres//user:password@host/db`, which was meant otherwise, must not become the name of a
    // file that messages repeat.
    let mistyped = path.len() == url.len() && path.contains("//") && path.contains('@');
    if no_file || mistyped || path.contains("://") || path.contains(['?', '#', '\0']) {
        return Err(Fault::unexpected(
            "sqlite:PATH, a path, or postgres://…",
            &postgres_url::without_secrets(url),
        ));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_ways_to_name_a_file_are_one() {
        for (url, path) in [
            ("sqlite:embsec.db", "embsec.db"),
            ("sqlite://embsec.db", "embsec.db"),
            ("sqlite:///var/lib/embsec.db", "/var/lib/embsec.db"),
            ("sqlite:/var/lib/embsec.db", "/var/lib/embsec.db"),
            ("data/embsec.db", "data/embsec.db"),
        ] {
            assert_eq!(sqlite_path(url).ok(), Some(path), "{url}");
        }
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for url in [
            "",
            "sqlite:",
            "sqlite://",
            ":memory:",
            "sqlite::memory:",
            "sqlite:a.db?mode=ro",
            "mysql://host/db",
            "data/",
            "postgres//user:password@host/db",
        ] {
            assert!(sqlite_path(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_server_is_named_by_its_url_or_by_a_reference_to_it() {
        for text in [
            "postgres://h/d",
            "postgresql://u:p@h/d",
            "env:DB_URL",
            "file:url",
        ] {
            let location = Location::parse(text, Path::new("base")).unwrap();
            assert!(matches!(location, Location::Postgres(_)), "{text}");
            assert!(!format!("{location:?}").contains("p@h"), "{location:?}");
        }
        let fault = Location::parse("postgres://h/d?sslmod=require", Path::new(""));
        assert!(matches!(fault, Err(Fault::PostgresUrl(_))));
    }

    proptest! {
        #[test]
        fn a_password_is_never_repeated(password in "[A-Z0-9:@/]{8,20}") {
            let url = format!("mysql://user:{password}@host/db");
            let message = sqlite_path(&url).expect_err("refused").to_string();
            prop_assert!(!message.contains(&password), "{}", message);
        }
    }
}
