//! Projects.

use super::instances::InstanceBrief;
use super::shares::{SharedUser, SharedUserInput};
use super::{handle, nested, unless_empty, wire};
use crate::domain::access::Role;
use crate::domain::limits::DESCRIPTION_MAX_CHARS;
use crate::domain::project::{Project, ProjectBrief as DomainBrief};
use crate::http::schema::{array, boolean, long, text, text_of};
use serde::{Deserialize, Serialize};

/// A project as a client sends one. What is left out is reset.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProjectSubmission {
    /// Handle.
    pub project_handle: String,
    /// Free text.
    pub description: Option<String>,
    /// JSON Schema of the metadata, as text.
    #[serde(rename = "metadataScheme")]
    pub metadata_scheme: Option<String>,
    /// Handle of the owner of the instance.
    pub instance_owner: Option<String>,
    /// Handle of the instance.
    pub instance_handle: Option<String>,
    /// Whether anybody may read.
    #[serde(default)]
    pub public_read: bool,
    /// With whom to share it; existing shares stay.
    #[serde(default)]
    pub shared_with: Vec<SharedUserInput>,
}

wire!(ProjectSubmission, "ProjectSubmission", |object| object
    .required("project_handle", handle())
    .optional("description", text_of(0, DESCRIPTION_MAX_CHARS))
    .optional(
        "metadataScheme",
        text().about("A JSON Schema, as text, that the metadata of every upload must satisfy.")
    )
    .optional("instance_owner", text())
    .optional("instance_handle", text())
    .optional("public_read", boolean().default_value(false))
    .optional("shared_with", array(nested::<SharedUserInput>())));

/// One row of a list of projects, and the answer to storing one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectBrief {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub project_handle: String,
    /// Id.
    pub project_id: i64,
    /// Whether anybody may read.
    pub public_read: bool,
    /// The role of the user in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
}

wire!(ProjectBrief, "ProjectBrief", |object| object
    .required("owner", text())
    .required("project_handle", text())
    .required("project_id", long())
    .required("public_read", boolean())
    .optional("role", text())
    .required("number_of_embeddings", long()));

impl From<DomainBrief> for ProjectBrief {
    fn from(project: DomainBrief) -> Self {
        Self {
            owner: project.path.owner.as_str().to_owned(),
            project_handle: project.path.handle.as_str().to_owned(),
            project_id: project.id.0,
            public_read: project.public_read,
            role: project.role.map(Role::as_str),
            number_of_embeddings: project.number_of_embeddings,
        }
    }
}

/// A list of projects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectList {
    /// The rows.
    pub projects: Vec<ProjectBrief>,
}

wire!(ProjectList, "GetProjectsResponseBody", |object| object
    .required("projects", array(nested::<ProjectBrief>())));

/// As whom a project is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Administrator.
    Admin,
    /// Anybody, because the project is public.
    Public,
    /// A user, with the role that the project itself tells.
    User,
}

/// A project with everything about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectFull {
    /// Id.
    pub project_id: i64,
    /// Handle.
    pub project_handle: String,
    /// Handle of the owner.
    pub owner: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema as text.
    #[serde(rename = "metadataScheme", skip_serializing_if = "Option::is_none")]
    pub metadata_scheme: Option<String>,
    /// Whether anybody may read.
    pub public_read: bool,
    /// With whom it is shared; for its owner only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<SharedUser>,
    /// The instance; all empty when none is set.
    pub instance: InstanceBrief,
    /// The viewer's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
}

wire!(ProjectFull, "ProjectFull", |object| object
    .required("project_id", long())
    .required("project_handle", text())
    .required("owner", text())
    .optional("description", text())
    .optional("metadataScheme", text())
    .required("public_read", boolean())
    .optional("shared_with", array(nested::<SharedUser>()))
    .required("instance", nested::<InstanceBrief>())
    .optional(
        "role",
        text().about("`owner`, `editor`, `reader`; `admin` for the administrator's key.")
    )
    .required("number_of_embeddings", long()));

impl ProjectFull {
    /// What `viewer` gets to see. The owner sees the shares, themselves and, for a public
    /// project, `*` among them; the public is told `owner`, as upstream's clients expect.
    #[must_use]
    pub fn new(project: Project, viewer: Viewer) -> Self {
        let role = match viewer {
            Viewer::Admin => Some("admin"),
            Viewer::Public => Some(Role::Owner.as_str()),
            Viewer::User => project.role.map(Role::as_str),
        };
        let sees_shares = viewer == Viewer::User && project.role == Some(Role::Owner);
        let shared_with = if sees_shares {
            shares_for_owner(&project)
        } else {
            Vec::new()
        };
        Self {
            project_id: project.id.0,
            project_handle: project.path.handle.as_str().to_owned(),
            owner: project.path.owner.as_str().to_owned(),
            description: unless_empty(&project.description),
            metadata_scheme: unless_empty(&project.metadata_scheme),
            public_read: project.public_read,
            shared_with,
            instance: project.instance.map(Into::into).unwrap_or_default(),
            role,
            number_of_embeddings: project.number_of_embeddings,
        }
    }
}

fn shares_for_owner(project: &Project) -> Vec<SharedUser> {
    let everybody = project.public_read.then(SharedUser::everybody);
    let owner = SharedUser {
        user_handle: project.path.owner.as_str().to_owned(),
        role: Role::Owner.as_str(),
    };
    everybody
        .into_iter()
        .chain(std::iter::once(owner))
        .chain(project.shared_with.iter().map(SharedUser::from))
        .collect()
}

/// The answer to sharing a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareProjectResponse {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub project_handle: String,
    /// Id.
    pub project_id: i64,
    /// With whom it is shared now.
    pub shared_with_handle: String,
    /// As what.
    pub shared_with_role: &'static str,
}

wire!(ShareProjectResponse, "ShareProjectResponseBody", |object| {
    object
        .required("owner", text())
        .required("project_handle", text())
        .required("project_id", long())
        .required("shared_with_handle", text())
        .required("shared_with_role", text())
});

/// With whom a project is shared, its owner left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectShares {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub project_handle: String,
    /// With whom.
    pub shared_with: Vec<SharedUser>,
}

wire!(
    ProjectShares,
    "GetProjectSharedUsersResponseBody",
    |object| object
        .required("owner", text())
        .required("project_handle", text())
        .required("shared_with", array(nested::<SharedUser>()))
);

/// To whom a project is to be given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TransferProjectInput {
    /// Handle.
    pub new_owner_handle: String,
}

wire!(
    TransferProjectInput,
    "TransferProjectOwnershipInputBody",
    |object| object.required("new_owner_handle", handle())
);

/// The answer to giving a project away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransferProjectResponse {
    /// Id.
    pub project_id: i64,
    /// Handle.
    pub project_handle: String,
    /// Handle of the owner before.
    pub old_owner: String,
    /// Handle of the owner now.
    pub new_owner: String,
}

wire!(
    TransferProjectResponse,
    "TransferProjectOwnershipResponseBody",
    |object| object
        .required("project_id", long())
        .required("project_handle", text())
        .required("old_owner", text())
        .required("new_owner", text())
);
