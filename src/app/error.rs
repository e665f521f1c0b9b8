//! How a use-case ends when it does not end well. The edges turn these into exit codes and
//! problem documents; nothing here knows either.

use super::content::UnreadableContent;
use super::keys::KeyError;
use crate::audit::AuditError;
use crate::store::{Conflict, Missing, StoreError};

/// One thing wrong with one part of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as a path into the input such as `body.embeddings[0].vector`.
    pub location: String,
    /// What.
    pub message: String,
}

/// Why a use-case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What was named is not there, or not for this caller.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The user that something was to be given to or shared with does not exist.
    #[error("target user {0} does not exist: user {0} not found")]
    MissingTarget(crate::domain::ids::Handle),
    /// There is nothing to list.
    #[error("{0}")]
    Empty(String),
    /// The state of the data does not allow it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The request makes no sense as a whole; the text says why.
    #[error("{0}")]
    Invalid(String),
    /// Parts of the input break a rule.
    #[error("validation failed")]
    Fields(Vec<FieldError>),
    /// The caller is known and may not; the text says what.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The database takes no changes now; the text says why.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// Something that must be reachable is not; trying again can help.
    #[error("{what} is unavailable")]
    Unavailable {
        /// The part.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A data key is not at hand, so nothing that it sealed can be opened.
    #[error(transparent)]
    Key(KeyError),
    /// Stored content cannot be opened.
    #[error(transparent)]
    Unreadable(UnreadableContent),
    /// A fault of embsec or of its database.
    #[error("internal fault")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Result of a use-case.
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// One field error.
    #[must_use]
    pub fn field(location: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError {
            location: location.into(),
            message: message.into(),
        }])
    }

    /// Stored content that cannot be read, counted for the operator.
    pub(super) fn unreadable(content: UnreadableContent) -> Self {
        metrics::counter!("embsec_unreadable_values_total", "column" => content.column.as_str())
            .increment(1);
        Self::Unreadable(content)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(missing) => Self::Missing(missing),
            StoreError::Conflict(conflict) => Self::Conflict(conflict),
            StoreError::Audit(source) => Self::Unavailable {
                what: "the audit log",
                source: Box::new(source),
            },
            StoreError::ReadOnly(reason) => Self::ReadOnly(reason),
            StoreError::Unavailable(source) => Self::Unavailable {
                what: "the database",
                source,
            },
            StoreError::Seal(source) => Self::Internal(Box::new(source)),
            StoreError::Unreadable(source) => Self::Internal(Box::new(source)),
            StoreError::Fault(source) => Self::Internal(source),
        }
    }
}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            other => Self::Key(other),
        }
    }
}

impl From<AuditError> for AppError {
    fn from(error: AuditError) -> Self {
        Self::Unavailable {
            what: "the audit log",
            source: Box::new(error),
        }
    }
}
