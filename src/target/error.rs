//! Why a database of another program was not opened to protect it. Nothing was changed, and
//! nothing was created.

use super::embapi;
use crate::store::StoreError;
use std::path::PathBuf;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file of this name, and none is made.
    #[error("no such database: \"{}\"", .0.display())]
    NoSuchDatabase(PathBuf),
    /// The file is no SQLite database.
    #[error("not a SQLite database: \"{}\"", .0.display())]
    NotADatabase(PathBuf),
    /// The file holds no table at all.
    #[error("the database {0} is empty")]
    Empty(String),
    /// It lacks what the profile, or the file that declares a table, says it has.
    #[error("the database {database} does not fit: {why}")]
    Unfit {
        /// Which, without a password.
        database: String,
        /// What is missing or of another kind.
        why: String,
    },
    /// What a process that was killed, or a copy, left beside the file has to be put in order by a
    /// program that writes.
    #[error("the database \"{}\" was not closed, and reading it would change files", .0.display())]
    NotClosed(PathBuf),
    /// The server refuses: no such database or role, a wrong password, a missing right.
    #[error("the server refuses the connection to the database")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file cannot be read.
    #[error("cannot read \"{}\"", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is locked or cannot be reached; trying again can help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It said something that embsec did not expect.
    #[error("the database failed")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Result of opening.
pub type OpenResult<T> = Result<T, OpenError>;

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => Self::Unavailable(source),
            error => Self::Fault(Box::new(error)),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        embapi::OpenError::from(error).into()
    }
}

impl From<embapi::OpenError> for OpenError {
    fn from(error: embapi::OpenError) -> Self {
        match error {
            embapi::OpenError::Refused(source) => Self::Refused(source),
            embapi::OpenError::Unavailable(source) => Self::Unavailable(source),
            embapi::OpenError::Fault(source) => Self::Fault(source),
            error => Self::Fault(Box::new(error)),
        }
    }
}
