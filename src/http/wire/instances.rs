//! LLM service instances.

use super::definitions::{context_limit, dimensions};
use super::shares::SharedUser;
use super::{handle, nested, unless_empty, unless_zero, wire};
use crate::domain::access::Role;
use crate::domain::llm::{Instance, InstanceBrief as DomainBrief};
use crate::http::schema::{array, boolean, long, secret, text};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

/// The API standard of an instance that neither names one nor inherits one.
pub const DEFAULT_API_STANDARD: &str = "openai";

/// An instance as a client sends one, on its own or from a definition.
#[derive(Debug, Deserialize)]
pub struct InstanceInput {
    /// Handle of the owner.
    pub user_handle: Option<String>,
    /// Handle.
    pub instance_handle: String,
    /// Handle of the owner of the definition.
    pub definition_owner: Option<String>,
    /// Handle of the definition.
    pub definition_handle: Option<String>,
    /// Base URL of the provider.
    pub endpoint: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Handle of an API standard. `None`: inherited, or [`DEFAULT_API_STANDARD`].
    pub api_standard: Option<String>,
    /// The provider's name of the model.
    pub model: Option<String>,
    /// Components of the vectors.
    pub dimensions: Option<u32>,
    /// Most tokens of one input.
    pub context_limit: Option<u32>,
    /// The provider's key. `None` keeps a stored one, an empty text removes it.
    #[serde(default, deserialize_with = "secret_text")]
    pub api_key: Option<SecretString>,
}

fn secret_text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(input)?.map(SecretString::from))
}

wire!(InstanceInput, "InstanceInput", |object| object
    .optional("user_handle", handle())
    .required("instance_handle", handle())
    .optional("instance_id", long().about("Accepted and not used."))
    .optional("definition_owner", text())
    .optional("definition_handle", text())
    .optional("endpoint", text())
    .optional("description", text())
    .optional(
        "api_standard",
        text().about("Inherited from the definition when left out, else `openai`.")
    )
    .optional("model", text())
    .optional("dimensions", dimensions())
    .optional("context_limit", context_limit())
    .write_only(
        "api_key",
        secret(None, None).about(
            "The provider's key; never given out. Left out, a stored one stays; empty, it goes."
        )
    ));

/// The answer to storing an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadInstanceResponse {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub instance_handle: String,
    /// Id.
    pub instance_id: i64,
}

wire!(
    UploadInstanceResponse,
    "UploadInstanceResponseBody",
    |object| object
        .required("owner", text())
        .required("instance_handle", text())
        .required("instance_id", long())
);

/// One row of a list of instances, and the instance of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstanceBrief {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub instance_handle: String,
    /// Id.
    pub instance_id: i64,
    /// The asking user's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_role: Option<&'static str>,
    /// Projects that use it.
    pub number_of_projects: u64,
    /// People it is shared with.
    pub number_of_shared_users: u64,
}

wire!(InstanceBrief, "InstanceBrief", |object| object
    .required("owner", text())
    .required("instance_handle", text())
    .required("instance_id", long())
    .optional("access_role", text())
    .required("number_of_projects", long())
    .required("number_of_shared_users", long()));

impl From<DomainBrief> for InstanceBrief {
    fn from(instance: DomainBrief) -> Self {
        Self {
            owner: instance.path.owner.as_str().to_owned(),
            instance_handle: instance.path.handle.as_str().to_owned(),
            instance_id: instance.id.0,
            access_role: instance.access_role.map(Role::as_str),
            number_of_projects: instance.number_of_projects,
            number_of_shared_users: instance.number_of_shared_users,
        }
    }
}

/// A list of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceList {
    /// The rows.
    pub instances: Vec<InstanceBrief>,
}

wire!(InstanceList, "GetUserInstancesResponseBody", |object| {
    object.required("instances", array(nested::<InstanceBrief>()))
});

/// An instance with everything about it but its provider key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceFull {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub instance_handle: String,
    /// Id.
    pub instance_id: i64,
    /// The asking user's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_role: Option<&'static str>,
    /// Id of the definition that it is made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_id: Option<i64>,
    /// Handle of the owner of that definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_owner: Option<String>,
    /// Handle of that definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_handle: Option<String>,
    /// Base URL of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a provider key is stored; left out when not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_api_key: bool,
    /// Handle of an API standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_standard: Option<String>,
    /// The provider's name of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Components of the vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// Most tokens of one input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_limit: Option<u32>,
}

wire!(InstanceFull, "InstanceFull", |object| object
    .required("owner", text())
    .required("instance_handle", text())
    .required("instance_id", long())
    .optional("access_role", text())
    .optional("definition_id", long())
    .optional("definition_owner", text())
    .optional("definition_handle", text())
    .optional("endpoint", text())
    .optional("description", text())
    .optional(
        "has_api_key",
        boolean().about("Whether a provider key is stored.")
    )
    .optional("api_standard", text())
    .optional("model", text())
    .optional("dimensions", dimensions())
    .optional("context_limit", context_limit()));

impl From<Instance> for InstanceFull {
    fn from(instance: Instance) -> Self {
        let settings = instance.settings;
        let definition = instance.definition;
        Self {
            owner: instance.path.owner.as_str().to_owned(),
            instance_handle: instance.path.handle.as_str().to_owned(),
            instance_id: instance.id.0,
            access_role: instance.access_role.map(Role::as_str),
            definition_id: instance.definition_id.map(|id| id.0),
            definition_owner: definition.as_ref().map(|path| path.owner.to_string()),
            definition_handle: definition.as_ref().map(|path| path.handle.to_string()),
            endpoint: unless_empty(&settings.endpoint),
            description: unless_empty(&settings.description),
            has_api_key: instance.has_provider_key,
            api_standard: unless_empty(&settings.api_standard),
            model: unless_empty(&settings.model),
            dimensions: unless_zero(settings.dimensions),
            context_limit: unless_zero(settings.context_limit),
        }
    }
}

/// The answer to sharing an instance, and with whom it is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareInstanceResponse {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub instance_handle: String,
    /// The share that was made, and only that.
    pub shared_with: Vec<SharedUser>,
}

wire!(
    ShareInstanceResponse,
    "ShareInstanceResponseBody",
    |object| object
        .required("owner", text())
        .required("instance_handle", text())
        .required("shared_with", array(nested::<SharedUser>()))
);

/// With whom an instance is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceShares {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub instance_handle: String,
    /// With whom.
    pub shared_with: Vec<SharedUser>,
}

wire!(
    InstanceShares,
    "GetInstanceSharedUsersResponseBody",
    |object| object
        .required("owner", text())
        .required("instance_handle", text())
        .required("shared_with", array(nested::<SharedUser>()))
);
