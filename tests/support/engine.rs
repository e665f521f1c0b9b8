//! Which database the suite runs on: the same tests on each, and the same answers.

use super::postgres::{Database, Server};

/// A database engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Engine {
    /// One file.
    Sqlite,
    /// A server of `scripts/postgres`.
    Postgres(Server),
}

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
            Ok(other) => panic!("EMBSEC_TEST_ENGINE is sqlite, postgres16 or postgres18: {other}"),
        }
    }

    /// A database of a test's own, where the engine needs one that is made beforehand.
    #[track_caller]
    pub(crate) fn database(self) -> Option<Database> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(server) => Some(Database::fresh(server)),
        }
    }
}
