//! Where everything is kept.

use super::error::Fault;
use super::read::{Reader, Rejected};
use super::settings::{DATABASE_POOL_SIZE, DATABASE_SYNCHRONOUS, DATABASE_URL};
use std::path::PathBuf;

/// The settings of `[database]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Where it is.
    pub location: Location,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
    /// How many connections read.
    pub pool_size: u32,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite.
    Sqlite(PathBuf),
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
        let location = match sqlite_path(reader.text(&DATABASE_URL)) {
            Ok(path) => Ok(Location::Sqlite(reader.path(&DATABASE_URL, path))),
            Err(fault) => Err(reader.reject(&DATABASE_URL, fault)),
        };
        let synchronous =
            reader.parsed(&DATABASE_SYNCHRONOUS, "full or normal", |word| match word {
                "full" => Some(Synchronous::Full),
                "normal" => Some(Synchronous::Normal),
                _ => None,
            });
        let pool_size = reader.narrow(&DATABASE_POOL_SIZE);
        Ok(Self {
            location: location?,
            synchronous: synchronous?,
            pool_size: pool_size?,
        })
    }
}

/// The path in a URL of SQLite, or a plain path.
fn sqlite_path(url: &str) -> Result<&str, Fault> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    if ["postgres", "postgresql"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Err(Fault::LaterDatabase {
            scheme: "PostgreSQL",
        });
    }
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None => url,
    };
    // A database in memory would be empty at every start, other schemes name something else, and
    // parameters would become part of the file's name.
    let no_file = path.is_empty() || path.starts_with(':') || path.ends_with('/');
    if no_file || path.contains("://") || path.contains(['?', '#', '\0']) {
        return Err(Fault::unexpected(
            "sqlite:PATH, or a path",
            &mask_password(url),
        ));
    }
    Ok(path)
}

/// The URL without its password, for messages.
pub(super) fn mask_password(url: &str) -> String {
    let masked = url.split_once("://").and_then(|(scheme, rest)| {
        let (user_info, host) = rest.rsplit_once('@')?;
        let user = user_info.split(':').next().unwrap_or_default();
        Some(format!("{scheme}://{user}:****@{host}"))
    });
    masked.unwrap_or_else(|| url.to_owned())
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
        ] {
            assert!(sqlite_path(url).is_err(), "{url}");
        }
    }

    #[test]
    fn postgresql_is_recognised_and_put_off() {
        for url in ["postgres://h/d", "postgresql://u:p@h/d", "Postgres://h/d"] {
            assert!(
                matches!(sqlite_path(url), Err(Fault::LaterDatabase { .. })),
                "{url}"
            );
        }
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
