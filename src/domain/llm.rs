//! LLM services: API standards, definitions (shareable templates) and instances (owned copies
//! with endpoint, model and, sealed, the provider's key).

use super::access::{ObjectPath, Role};
use super::ids::{DefinitionId, InstanceId};
use std::str::FromStr;

/// How a provider wants its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMethod {
    /// `Authorization: Bearer …`.
    AuthBearer,
    /// A field of the form body.
    BodyForm,
    /// A query parameter.
    QueryParam,
    /// A header of its own.
    CustomHeader,
}

/// A text that names no [`KeyMethod`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key method is one of auth_bearer, body_form, query_param, custom_header")]
pub struct KeyMethodError;

impl KeyMethod {
    /// Every method, in the order in which upstream lists them.
    pub const ALL: [Self; 4] = [
        Self::AuthBearer,
        Self::BodyForm,
        Self::QueryParam,
        Self::CustomHeader,
    ];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthBearer => "auth_bearer",
            Self::BodyForm => "body_form",
            Self::QueryParam => "query_param",
            Self::CustomHeader => "custom_header",
        }
    }
}

impl FromStr for KeyMethod {
    type Err = KeyMethodError;

    fn from_str(text: &str) -> Result<Self, KeyMethodError> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or(KeyMethodError)
    }
}

/// How requests to a family of providers look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiStandard {
    /// Handle.
    pub handle: super::ids::Handle,
    /// Free text.
    pub description: String,
    /// How the provider wants its key.
    pub key_method: KeyMethod,
    /// The name of the header, field or parameter.
    pub key_field: String,
}

/// The properties that definitions and instances share. Empty text and zero mean "not set".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LlmSettings {
    /// Base URL of the provider. embsec never calls it.
    pub endpoint: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Handle of an [`ApiStandard`].
    pub api_standard: Option<String>,
    /// The provider's name of the model.
    pub model: Option<String>,
    /// Components of the vectors that the model makes.
    pub dimensions: Option<u32>,
    /// Most tokens of one input.
    pub context_limit: Option<u32>,
}

/// What a client says of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionSpec {
    /// Owner and handle.
    pub path: ObjectPath,
    /// Its settings.
    pub settings: LlmSettings,
    /// Whether everybody may make instances from it.
    pub is_public: bool,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Id.
    pub id: DefinitionId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Its settings.
    pub settings: LlmSettings,
    /// Whether everybody may make instances from it.
    pub is_public: bool,
    /// Instances made from it.
    pub number_of_instances: u64,
}

/// What happens to the provider key of an instance.
#[derive(Debug)]
pub enum ProviderKeyChange {
    /// It stays as it is.
    Keep,
    /// It is removed.
    Remove,
    /// It is replaced by this one.
    Set(secrecy::SecretString),
}

/// What a client says of an instance, its provider key apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSpec {
    /// Owner and handle.
    pub path: ObjectPath,
    /// The definition that it is made from.
    pub definition: Option<ObjectPath>,
    /// Its settings.
    pub settings: LlmSettings,
}

/// An instance, without its provider key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Id.
    pub id: InstanceId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// The asking user's role, `None` for the administrator.
    pub access_role: Option<Role>,
    /// Id of the definition that it is made from.
    pub definition_id: Option<DefinitionId>,
    /// Owner and handle of that definition.
    pub definition: Option<ObjectPath>,
    /// Its settings.
    pub settings: LlmSettings,
    /// Whether a provider key is stored.
    pub has_provider_key: bool,
}

/// One row of a list of instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceBrief {
    /// Id.
    pub id: InstanceId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// The asking user's role.
    pub access_role: Option<Role>,
    /// Projects that use it.
    pub number_of_projects: u64,
    /// People it is shared with.
    pub number_of_shared_users: u64,
}
