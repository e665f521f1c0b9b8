//! Which database the suite runs on: the same tests on each, and the same answers.

use super::postgres::{Database, Server, in_database, required};

/// A database engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Engine {
    /// One file.
    Sqlite,
    /// A server of `scripts/postgres`.
    Postgres(Server),
    /// PostgreSQL 18 behind pgbouncer, which speaks TLS and hands out its sessions.
    Pgbouncer,
}

/// A database on a server, and the URL by which a deployment finds it.
pub(crate) type Place = (Database, String);

impl Engine {
    /// What `EMBSEC_TEST_ENGINE` says; without it, SQLite.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are steered by the environment"
    )]
    pub(crate) fn chosen() -> Self {
        match std::env::var("EMBSEC_TEST_ENGINE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres16") => Self::Postgres(Server::V16),
            Ok("postgres18") => Self::Postgres(Server::V18),
            Ok("pgbouncer") => Self::Pgbouncer,
            Ok(other) => {
                panic!("EMBSEC_TEST_ENGINE is sqlite, postgres16, postgres18 or pgbouncer: {other}")
            }
        }
    }

    /// A database of a test's own, where the engine needs one that is made beforehand.
    #[track_caller]
    pub(crate) fn place(self) -> Option<Place> {
        let (database, url) = match self {
            Self::Sqlite => return None,
            Self::Postgres(server) => {
                let database = Database::fresh(server);
                let url = database.url();
                (database, url)
            }
            Self::Pgbouncer => {
                let database = Database::fresh(Server::V18);
                let url = in_database(&required("EMBSEC_TEST_PGBOUNCER"), database.name());
                (database, url)
            }
        };
        Some((database, url))
    }
}
