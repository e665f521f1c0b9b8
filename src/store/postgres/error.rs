//! What can go wrong with the server, and how an error of the driver becomes one of the store.

use crate::store::driver;
use sqlx::postgres::PgDatabaseError;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Why a database was not opened. Nothing was changed.
///
/// `database` is the URL without its password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server does not answer, is starting or stopping, or has no place left.
    #[error("the server of {database} cannot be reached")]
    Unreachable {
        /// The database.
        database: String,
        /// What the driver said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The connection could not be made secure in the way that was asked for.
    #[error("no secure connection to {database}")]
    Tls {
        /// The database.
        database: String,
        /// What the driver said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A file that the URL names for TLS cannot be read.
    #[error("cannot read \"{}\", which the URL of the database names", path.display())]
    TlsFile {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The server does not know the role, or its password is another.
    #[error("the server refuses the role of {0}")]
    Authentication(String),
    /// There is no database of this name.
    #[error("no such database: {0}")]
    NoSuchDatabase(String),
    /// The role lacks a right.
    #[error("the role of {database} lacks a right: {what}")]
    NoRight {
        /// The database.
        database: String,
        /// Which right.
        what: &'static str,
    },
    /// The extension `vector` is not there.
    #[error("the database {0} lacks the extension `vector`")]
    NoExtension(String),
    /// The extension is too old to have half-precision vectors.
    #[error("the extension `vector` of {database} has version {found}, embsec needs 0.7 or newer")]
    OldExtension {
        /// The database.
        database: String,
        /// Its version.
        found: String,
    },
    /// The server is too old.
    #[error("the server of {database} has version {found}, embsec needs PostgreSQL 14 or newer")]
    OldServer {
        /// The database.
        database: String,
        /// Its version.
        found: String,
    },
    /// The database keeps texts in an encoding that cannot hold all of them.
    #[error("the database {database} has the encoding {found}, embsec needs UTF8")]
    Encoding {
        /// The database.
        database: String,
        /// Its encoding.
        found: String,
    },
    /// The database holds tables of another program, and nothing of embsec's.
    #[error("the database {0} holds the tables of another program")]
    Foreign(String),
    /// Written by a newer embsec, in a way that this one does not understand.
    #[error("the database has schema version {found}, this embsec knows up to {known}")]
    Newer {
        /// The version of the database.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// Its schema is older than this binary works on; it must be migrated first.
    #[error("the database has schema version {from}, this embsec needs at least {needed}")]
    Pending {
        /// The version of the database; 0 for an empty one.
        from: i64,
        /// The oldest that this binary works on.
        needed: i64,
    },
    /// A migration that was applied long ago is not the one that this binary has.
    #[error("schema version {0} of the database is not the one that this embsec knows")]
    Altered(i64),
    /// Another process migrates the schema now.
    #[error("another process migrates {0} now")]
    Busy(String),
    /// Another process moves a database into this one now.
    #[error("another process moves a database into {0} now")]
    MovingIn(String),
    /// The database said something that embsec did not expect.
    #[error("the database failed")]
    Fault(#[source] Box<dyn Error + Send + Sync>),
}

/// SQLSTATE codes (PostgreSQL documentation, appendix A).
mod code {
    pub(super) const DATA_CORRUPTED: &str = "XX001";
    pub(super) const INDEX_CORRUPTED: &str = "XX002";
    pub(super) const INVALID_AUTHORIZATION: &str = "28000";
    pub(super) const INVALID_PASSWORD: &str = "28P01";
    pub(super) const INVALID_CATALOG_NAME: &str = "3D000";
    pub(super) const INSUFFICIENT_PRIVILEGE: &str = "42501";
    pub(super) const READ_ONLY_SQL_TRANSACTION: &str = "25006";
    pub(super) const IDLE_IN_TRANSACTION_TIMEOUT: &str = "25P03";
    pub(super) const CANNOT_CONNECT_NOW: &str = "57P03";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    /// Connection exceptions, rollbacks of transactions, want of resources, what an operator did,
    /// errors of the system.
    pub(super) const PASSING_CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
}

fn code_of(error: &sqlx::Error) -> Option<&str> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    Some(error.try_downcast_ref::<PgDatabaseError>()?.code())
}

/// Whether the same statement may succeed later without anybody repairing the database.
pub(in crate::store) fn is_passing(error: &PgDatabaseError) -> bool {
    is_passing_code(error.code())
}

/// Whether rows or an index of the server are damaged (class XX).
pub(in crate::store) fn is_damage(error: &PgDatabaseError) -> bool {
    matches!(error.code(), code::DATA_CORRUPTED | code::INDEX_CORRUPTED)
}

/// Whether there is no server now, or none that takes connections: it starts or stops.
pub(super) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        error => code_of(error) == Some(code::CANNOT_CONNECT_NOW),
    }
}

fn is_passing_code(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    code::PASSING_CLASSES.contains(&class)
        || matches!(
            code,
            code::READ_ONLY_SQL_TRANSACTION
                | code::IDLE_IN_TRANSACTION_TIMEOUT
                | code::LOCK_NOT_AVAILABLE
        )
}

impl OpenError {
    /// Takes an error of the driver about this database.
    pub(super) fn from_driver(error: sqlx::Error, database: &str) -> Self {
        let database = database.to_owned();
        match code_of(&error) {
            Some(code::INVALID_AUTHORIZATION | code::INVALID_PASSWORD) => {
                return Self::Authentication(database);
            }
            Some(code::INVALID_CATALOG_NAME) => return Self::NoSuchDatabase(database),
            Some(code::INSUFFICIENT_PRIVILEGE) => {
                return Self::NoRight {
                    database,
                    what: "to use the schema `embsec` and its tables",
                };
            }
            _ => {}
        }
        match error {
            sqlx::Error::Tls(source) => Self::Tls { database, source },
            // What the TLS library finds wrong with the certificate comes as data that are wrong.
            sqlx::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => Self::Tls {
                database,
                source: Box::new(source),
            },
            error if driver::is_passing(&error) => Self::Unreachable {
                database,
                source: Box::new(error),
            },
            error => Self::Fault(Box::new(error)),
        }
    }
}
