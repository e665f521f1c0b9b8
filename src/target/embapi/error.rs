//! Why an embapi database was not opened, and how an error of the driver becomes one of the store.

use crate::store::StoreError;
use crate::store::transfer::TransferError;

/// Why a database was not opened as one of embapi's. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server refuses: no such database or role, a wrong password, a missing right.
    #[error("the server refuses the connection to the embapi database")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database lacks what every embapi database has.
    #[error("not an embapi database: {missing} is missing")]
    NotEmbapi {
        /// The first table or column that is not there.
        missing: &'static str,
    },
    /// It was left by a version whose tables are of another shape.
    #[error(
        "the embapi database has schema version {found}, and only {oldest} and later can be read"
    )]
    TooOld {
        /// Its version.
        found: i32,
        /// The oldest that can be read.
        oldest: i32,
    },
    /// The server has no pgvector, or one without half-precision vectors.
    #[error("the server has no extension `vector` of version 0.7 or later")]
    NoVectorExtension,
    /// The database holds sealed provider keys and no key to open them was given.
    #[error("the embapi database holds {0} sealed provider keys and no ENCRYPTION_KEY was given")]
    KeyNeeded(i64),
    /// Another process writes it now.
    #[error("another process writes this database now")]
    Busy,
    /// The database cannot be reached; trying again can help.
    #[error("the embapi database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database said something that embsec did not expect.
    #[error("the embapi database failed")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// SQLSTATE codes of a server that refuses (PostgreSQL documentation, appendix A): an unknown role,
/// a wrong password, an unknown database, a missing right.
const REFUSALS: [&str; 4] = ["28000", "28P01", "3D000", "42501"];

fn is_refusal(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| REFUSALS.contains(&&*code))
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        if is_refusal(&error) {
            return Self::Refused(Box::new(error));
        }
        match StoreError::from(error) {
            StoreError::Unavailable(source) => Self::Unavailable(source),
            error => Self::Fault(Box::new(error)),
        }
    }
}

/// Takes an error of the driver in the midst of a move.
pub(super) fn failed(error: sqlx::Error) -> TransferError {
    TransferError::Store(error.into())
}
