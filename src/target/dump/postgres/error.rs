//! What can go wrong with a server whose database is read or restored as a whole.

use super::super::SinkClosed;
use crate::store::{StoreError, is_damage};
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// What a server or the way to it refused. None of them repeats a statement or a value.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot be reached, went away in the midst of the work, or lacks the means for it now;
    /// trying again can help.
    #[error("the server of the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// No such database or role, another password, or no secure connection.
    #[error("the server refuses the connection to the database")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// The role lacks a right, or row security hides rows from it.
    #[error("the role lacks a right on the database")]
    NoRight(#[source] Box<dyn Error + Send + Sync>),
    /// Somebody else holds a lock, or uses the database.
    #[error("the database is in use by others")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The disk of the server is full.
    #[error("the disk of the server is full")]
    DiskFull(#[source] Box<dyn Error + Send + Sync>),
    /// The server found its own files damaged.
    #[error("the database is damaged")]
    Damage(#[source] Box<dyn Error + Send + Sync>),
    /// A file that the URL names for TLS cannot be read.
    #[error("cannot read \"{}\", which the URL of the database names", path.display())]
    TlsFile {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It said something that embsec did not expect.
    #[error("the database failed")]
    Fault(#[source] Box<dyn Error + Send + Sync>),
}

/// SQLSTATE codes (PostgreSQL documentation, appendix A).
mod code {
    pub(super) const REFUSED: [&str; 3] = ["28000", "28P01", "3D000"];
    pub(super) const INSUFFICIENT_PRIVILEGE: &str = "42501";
    pub(super) const DISK_FULL: &str = "53100";
    /// A lock was not given in time; the database is used by others.
    pub(super) const BUSY: [&str; 2] = ["55P03", "55006"];
    pub(super) const UNDEFINED_TABLE: &str = "42P01";
}

fn code_of(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

/// Whether a table was gone when it was asked for.
pub(in crate::target) fn is_undefined_table(error: &sqlx::Error) -> bool {
    code_of(error).as_deref() == Some(code::UNDEFINED_TABLE)
}

impl From<sqlx::Error> for ServerError {
    fn from(error: sqlx::Error) -> Self {
        match code_of(&error).as_deref() {
            Some(found) if code::REFUSED.contains(&found) => return Self::Refused(Box::new(error)),
            Some(code::INSUFFICIENT_PRIVILEGE) => return Self::NoRight(Box::new(error)),
            Some(code::DISK_FULL) => return Self::DiskFull(Box::new(error)),
            Some(found) if code::BUSY.contains(&found) => return Self::Busy(Box::new(error)),
            _ if is_damage(&error) => return Self::Damage(Box::new(error)),
            _ => {}
        }
        match error {
            sqlx::Error::Tls(_) => Self::Refused(Box::new(error)),
            // What the TLS library finds wrong with the certificate comes as data that are wrong.
            sqlx::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
                Self::Refused(Box::new(source))
            }
            error => match StoreError::from(error) {
                StoreError::Unavailable(source) => Self::Unavailable(source),
                StoreError::Fault(source) => Self::Fault(source),
                error => Self::Fault(Box::new(error)),
            },
        }
    }
}

/// Why the rows of a table were not read to their end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server failed.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Nobody takes the rows any more.
    #[error(transparent)]
    Closed(#[from] SinkClosed),
    /// What the server sent is no copy of a table.
    #[error("what the server sent is no copy of a table")]
    Malformed,
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Server(error.into())
    }
}

/// Why a database was not read. Nothing was changed by it.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The server or the way to it.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The rows of a table were not read to their end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The server is too old.
    #[error("the server has version {0}, embsec needs PostgreSQL 14 or newer")]
    OldServer(String),
    /// The database has no schema of embsec.
    #[error("the database holds no schema of embsec")]
    NotEmbsec,
    /// Its schema was made by a newer embsec.
    #[error("the database has schema version {found}, this embsec knows up to {known}")]
    NewerSchema {
        /// The version of the database.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// Large objects would not be in the backup.
    #[error("the database holds {0} large objects, which a backup would not hold")]
    LargeObjects(i64),
    /// A table was dropped or renamed while the reading began; trying again helps.
    #[error("a table was dropped while the backup began")]
    Changed,
    /// No `pg_dump` that is at least as new as the server was found.
    #[error(
        "no pg_dump of version {needed} or newer was found{}",
        found_text(found)
    )]
    NoPgDump {
        /// The major version of the server.
        needed: u32,
        /// Programs that are too old or do not run, with their version.
        found: Vec<String>,
    },
    /// `pg_dump` failed; the text is what it said, without statements and secrets.
    #[error("pg_dump failed: {0}")]
    PgDump(String),
    /// `pg_dump` could not reach the server; trying again can help.
    #[error("pg_dump could not reach the server: {0}")]
    PgDumpUnreachable(String),
    /// `pg_dump` takes certificates as files only.
    #[error("`{0}` of the URL must name a file, since pg_dump takes no certificate in its place")]
    CertificateInUrl(&'static str),
}

impl From<sqlx::Error> for DumpError {
    fn from(error: sqlx::Error) -> Self {
        Self::Server(error.into())
    }
}

fn found_text(found: &[String]) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!("; there is only {}", found.join(", "))
}
