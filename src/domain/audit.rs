//! Audit events: what happened, who did it, how it ended.
//!
//! The line format and the files are in `crate::audit`; here is what an event says.

use super::ids::{ProjectId, RequestId};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// What was done, or tried. The words are a published contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// No key, or one that opens nothing.
    AuthFailure,
    /// A valid key without the right.
    AccessDenied,
    /// A user was created.
    UserCreate,
    /// A user's name or address was changed.
    UserUpdate,
    /// A user's key was replaced.
    UserRotateKey,
    /// A user's keys stopped being honoured.
    UserDisable,
    /// A user's keys are honoured again.
    UserEnable,
    /// A user and all their data were deleted.
    UserDelete,
    /// A project was created.
    ProjectCreate,
    /// A project's settings were changed.
    ProjectUpdate,
    /// A project was deleted.
    ProjectDelete,
    /// A project was shared.
    ProjectShare,
    /// A share of a project was taken back.
    ProjectUnshare,
    /// A project got another owner.
    ProjectTransfer,
    /// Embeddings were uploaded.
    EmbeddingsUpload,
    /// Embeddings were deleted.
    EmbeddingsDelete,
    /// A definition was created.
    DefinitionCreate,
    /// A definition was changed.
    DefinitionUpdate,
    /// A definition was deleted.
    DefinitionDelete,
    /// A definition was shared.
    DefinitionShare,
    /// A share of a definition was taken back.
    DefinitionUnshare,
    /// An instance was created.
    InstanceCreate,
    /// An instance was changed.
    InstanceUpdate,
    /// An instance was deleted.
    InstanceDelete,
    /// An instance was shared.
    InstanceShare,
    /// A share of an instance was taken back.
    InstanceUnshare,
    /// An API standard was created.
    ApiStandardCreate,
    /// An API standard was changed.
    ApiStandardUpdate,
    /// An API standard was deleted.
    ApiStandardDelete,
    /// All data were wiped by `api.allow_reset`.
    AdminReset,
    /// A server started.
    ServerStart,
    /// A server stopped.
    ServerStop,
    /// A deployment was made.
    DeploymentInit,
    /// The schema of the database was migrated.
    SchemaMigrate,
    /// A torn last line was found and set aside at start.
    AuditTorn,
}

impl Action {
    /// The word in the log: `noun.verb`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthFailure => "auth.failure",
            Self::AccessDenied => "access.denied",
            Self::UserCreate => "user.create",
            Self::UserUpdate => "user.update",
            Self::UserRotateKey => "user.rotate_key",
            Self::UserDisable => "user.disable",
            Self::UserEnable => "user.enable",
            Self::UserDelete => "user.delete",
            Self::ProjectCreate => "project.create",
            Self::ProjectUpdate => "project.update",
            Self::ProjectDelete => "project.delete",
            Self::ProjectShare => "project.share",
            Self::ProjectUnshare => "project.unshare",
            Self::ProjectTransfer => "project.transfer",
            Self::EmbeddingsUpload => "embeddings.upload",
            Self::EmbeddingsDelete => "embeddings.delete",
            Self::DefinitionCreate => "definition.create",
            Self::DefinitionUpdate => "definition.update",
            Self::DefinitionDelete => "definition.delete",
            Self::DefinitionShare => "definition.share",
            Self::DefinitionUnshare => "definition.unshare",
            Self::InstanceCreate => "instance.create",
            Self::InstanceUpdate => "instance.update",
            Self::InstanceDelete => "instance.delete",
            Self::InstanceShare => "instance.share",
            Self::InstanceUnshare => "instance.unshare",
            Self::ApiStandardCreate => "api_standard.create",
            Self::ApiStandardUpdate => "api_standard.update",
            Self::ApiStandardDelete => "api_standard.delete",
            Self::AdminReset => "admin.reset",
            Self::ServerStart => "server.start",
            Self::ServerStop => "server.stop",
            Self::DeploymentInit => "deployment.init",
            Self::SchemaMigrate => "schema.migrate",
            Self::AuditTorn => "audit.torn",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As asked.
    Success,
    /// The caller could not prove who they are.
    Failure,
    /// The caller has no right to it.
    Denied,
    /// It was recorded and then did not happen.
    Error,
}

impl Outcome {
    /// The word in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }
}

/// Further facts of an event. Keys are kept sorted. Never a secret, a text or a vector.
pub type Details = Map<String, Value>;

/// Where an event comes from: one request, or one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who: `admin`, `anonymous`, `system`, or a user's handle.
    pub actor: String,
    /// The request or command.
    pub request_id: RequestId,
    /// The peer's address, for requests.
    pub client_ip: Option<IpAddr>,
    /// Facts of the request that every event of it carries (method, route, user agent).
    pub details: Details,
}

/// One event, before the log gives it a time and a number.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// Who and where from.
    pub origin: Origin,
    /// The project it concerns.
    pub project_id: Option<ProjectId>,
    /// Further facts, added to those of the origin.
    pub details: Details,
}

/// The place of a durable event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditMark {
    /// The stream: the name of its file without `.jsonl`.
    pub stream: String,
    /// The number of the event in its stream, from 1.
    pub seq: u64,
}

/// What a transaction is about to change, told by the store to its [`crate::store::Witness`].
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub action: Action,
    /// The project it concerns.
    pub project_id: Option<ProjectId>,
    /// Further facts.
    pub details: Details,
}
