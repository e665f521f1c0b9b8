//! Projects: a named collection of embeddings made by one LLM service instance.

use super::access::{ObjectPath, Role, Share};
use super::ids::{Handle, InstanceId, ProjectId};
use super::llm::InstanceBrief;

/// What a client says of a project. What is left out is reset, as upstream does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSpec {
    /// Owner and handle.
    pub path: ObjectPath,
    /// Free text.
    pub description: Option<String>,
    /// A JSON Schema, as text, that the metadata of every upload must satisfy.
    pub metadata_scheme: Option<String>,
    /// Whether anybody may read.
    pub public_read: bool,
    /// The instance whose embeddings the project holds.
    pub instance: Option<ObjectPath>,
    /// Shares to add; existing ones stay.
    pub shared_with: Vec<Share>,
}

/// One row of a list of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectBrief {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Whether anybody may read.
    pub public_read: bool,
    /// The asking user's role.
    pub role: Option<Role>,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
}

/// A project with everything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Free text.
    pub description: Option<String>,
    /// JSON Schema as text.
    pub metadata_scheme: Option<String>,
    /// Whether anybody may read.
    pub public_read: bool,
    /// The instance, if one is set.
    pub instance: Option<InstanceBrief>,
    /// Everyone it is shared with, in list order, the owner not among them.
    pub shared_with: Vec<Share>,
    /// The asking user's role, `None` for the administrator and for the public.
    pub role: Option<Role>,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
}

/// Which columns of a project's embeddings are sealed when they are written. Rows that were written
/// under another policy stay as they are and are read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentPolicy {
    /// Texts.
    pub encrypt_text: bool,
    /// Metadata, as a whole.
    pub encrypt_metadata: bool,
}

impl Default for ContentPolicy {
    /// What a new project begins with.
    fn default() -> Self {
        Self {
            encrypt_text: true,
            encrypt_metadata: false,
        }
    }
}

/// How many stored rows of a project are not as its policy would have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnlikePolicy {
    /// Rows whose text is in clear although it should be sealed, or the other way round.
    pub texts: u64,
    /// The same of metadata.
    pub metadata: u64,
}

/// One row of the list of everybody's projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectOverview {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Whether anybody may read.
    pub public_read: bool,
    /// What is sealed when it is written.
    pub policy: ContentPolicy,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
}

/// What an upload or a search must know of a project before it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectContext {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// The instance, if one is set.
    pub instance: Option<ProjectInstance>,
    /// JSON Schema as text.
    pub metadata_scheme: Option<String>,
    /// What is sealed.
    pub policy: ContentPolicy,
    /// Grows with every change of the project's settings: a write that was prepared under an
    /// older one is refused and prepared again.
    pub settings_revision: i64,
    /// Grows with every change of the project's embeddings.
    pub data_revision: i64,
    /// The data revision of the newest change that removed rows.
    pub removal_revision: i64,
}

/// The instance of a [`ProjectContext`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectInstance {
    /// Id.
    pub id: InstanceId,
    /// Handle.
    pub handle: Handle,
    /// Components of its vectors; without it nothing can be uploaded or searched.
    pub dimensions: Option<u32>,
}

/// What the sanity check of a project looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectHealth {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// The instance, if one is set.
    pub instance: Option<ProjectInstance>,
    /// JSON Schema as text.
    pub metadata_scheme: Option<String>,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
    /// How many of them have another dimension than the instance says.
    pub wrong_dimension: u64,
}
