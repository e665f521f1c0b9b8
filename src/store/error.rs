//! Why a verb of the store did not do what it was asked. What the driver said is in `driver` and in
//! `error` of each engine; how an error looks to people is the edges' affair.

use crate::crypto::content::ContentError;
use crate::domain::access::ObjectPath;
use crate::domain::embedding::ContentColumn;
use crate::domain::ids::{Handle, ProjectId};

/// What a verb did not find.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// No user of this handle.
    #[error("user {0} not found")]
    User(Handle),
    /// No such project, or none within the scope.
    #[error("project {0} not found")]
    Project(ObjectPath),
    /// No deleted project of this id that could be brought back.
    #[error("deleted project {0} not found")]
    ProjectId(ProjectId),
    /// No such definition, or none within the scope.
    #[error("definition {0} not found")]
    Definition(ObjectPath),
    /// No such instance, or none within the scope.
    #[error("instance {0} not found")]
    Instance(ObjectPath),
    /// No API standard of this handle.
    #[error("API standard {0} not found")]
    ApiStandard(Handle),
    /// No embedding of this text id in the project.
    #[error("embedding {0} not found")]
    Embedding(String),
    /// The object is not shared with this user.
    #[error("not shared with {0}")]
    Share(Handle),
}

/// Why the state of the data does not allow a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The user exists already, and creation was asked for.
    #[error("user {0} already exists")]
    UserExists(Handle),
    /// Another user has this e-mail address.
    #[error("another user has this e-mail address")]
    EmailTaken,
    /// The new owner already has an object of this handle.
    #[error("{0} already exists")]
    PathTaken(ObjectPath),
    /// Something else refers to it; the text names what.
    #[error("still used by {0}")]
    InUse(String),
    /// The API standard that a definition or instance names does not exist.
    #[error("API standard {0} does not exist")]
    UnknownApiStandard(String),
    /// The project's settings changed after the batch was checked.
    #[error("the project's settings changed meanwhile")]
    SettingsChanged,
    /// Another data key seals in the scope than the one that was expected.
    #[error("the data key changed meanwhile")]
    KeyChanged,
    /// The project has a metadata schema and neither the item nor a stored row has metadata.
    #[error("embedding {0} has no metadata")]
    MetadataRequired(String),
}

/// Why an event could not be made durable, or a field not be sealed, within a transaction.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HookError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A stored value that does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored {} of the embedding {text_id} does not open", .column.as_str())]
pub struct Unreadable {
    /// The client's name of the text.
    pub text_id: String,
    /// Which value.
    pub column: ContentColumn,
    /// Why; holds nothing secret.
    #[source]
    pub source: ContentError,
}

/// Why a verb failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was named is not there.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The state of the data does not allow it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The audit log could not take the event, so the change was not made.
    #[error("the audit log cannot be written")]
    Audit(#[source] HookError),
    /// A field could not be sealed.
    #[error("a value could not be sealed")]
    Seal(#[source] HookError),
    /// A stored value that had to be opened does not open.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The database takes no changes now; the text says why.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// The database cannot be reached or is locked; trying again can help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database said something that embsec did not expect.
    #[error("the database failed")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Result of a verb.
pub type StoreResult<T> = Result<T, StoreError>;
