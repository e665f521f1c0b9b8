//! LLM service definitions.

use super::{handle, nested, unless_empty, unless_zero, wire};
use crate::domain::limits::VECTOR_MAX_DIM;
use crate::domain::llm::Definition as DomainDefinition;
use crate::http::schema::{Schema, array, boolean, integer, long, text};
use serde::{Deserialize, Serialize};

/// The schema of a number of dimensions; 0 means that it is not set.
pub(super) fn dimensions() -> Schema {
    integer()
        .at_least(0)
        .at_most(i64::try_from(VECTOR_MAX_DIM).unwrap_or(i64::MAX))
}

/// The schema of a limit of tokens; 0 means that it is not set.
pub(super) fn context_limit() -> Schema {
    integer().at_least(0)
}

/// A definition as a client sends one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DefinitionInput {
    /// Handle.
    pub definition_handle: String,
    /// Base URL of the provider.
    pub endpoint: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Handle of an API standard.
    pub api_standard: String,
    /// The provider's name of the model.
    pub model: Option<String>,
    /// Components of the vectors.
    pub dimensions: Option<u32>,
    /// Most tokens of one input.
    pub context_limit: Option<u32>,
    /// Whether everybody may make instances from it.
    #[serde(default)]
    pub is_public: bool,
}

/// A definition as a client gets one. What is empty or zero is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Id.
    pub definition_id: i64,
    /// Handle.
    pub definition_handle: String,
    /// Handle of the owner.
    pub owner: String,
    /// Base URL of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Handle of an API standard.
    pub api_standard: String,
    /// The provider's name of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Components of the vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// Most tokens of one input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_limit: Option<u32>,
    /// Whether everybody may make instances from it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_public: bool,
}

wire!(
    Definition,
    "Definition",
    |object| object
        .read_only("definition_id", long())
        .required("definition_handle", handle())
        .read_only("owner", text())
        .optional("endpoint", text())
        .optional("description", text())
        .required("api_standard", text())
        .optional("model", text())
        .optional("dimensions", dimensions())
        .optional("context_limit", context_limit())
        .optional("is_public", boolean().default_value(false)),
    Omitted
);

impl From<DomainDefinition> for Definition {
    fn from(definition: DomainDefinition) -> Self {
        let settings = definition.settings;
        Self {
            definition_id: definition.id.0,
            definition_handle: definition.path.handle.as_str().to_owned(),
            owner: definition.path.owner.as_str().to_owned(),
            endpoint: unless_empty(&settings.endpoint),
            description: unless_empty(&settings.description),
            api_standard: settings.api_standard.unwrap_or_default(),
            model: unless_empty(&settings.model),
            dimensions: unless_zero(settings.dimensions),
            context_limit: unless_zero(settings.context_limit),
            is_public: definition.is_public,
        }
    }
}

/// One row of a list of definitions, and the answer to storing one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefinitionBrief {
    /// Id.
    pub definition_id: i64,
    /// Handle.
    pub definition_handle: String,
    /// Handle of the owner.
    pub owner: String,
    /// Whether everybody may make instances from it.
    pub is_public: bool,
    /// Instances made from it.
    pub number_of_instances: u64,
}

wire!(DefinitionBrief, "DefinitionBrief", |object| object
    .required("definition_id", long())
    .required("definition_handle", text())
    .required("owner", text())
    .required("is_public", boolean())
    .required("number_of_instances", long()));

impl From<DomainDefinition> for DefinitionBrief {
    fn from(definition: DomainDefinition) -> Self {
        Self {
            definition_id: definition.id.0,
            definition_handle: definition.path.handle.as_str().to_owned(),
            owner: definition.path.owner.as_str().to_owned(),
            is_public: definition.is_public,
            number_of_instances: definition.number_of_instances,
        }
    }
}

/// A list of definitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefinitionList {
    /// The rows.
    pub definitions: Vec<DefinitionBrief>,
}

wire!(DefinitionList, "DefinitionsResponse", |object| object
    .required("definitions", array(nested::<DefinitionBrief>())));

/// The answer to sharing a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareDefinitionResponse {
    /// Handle of the owner.
    pub owner: String,
    /// Handle.
    pub definition_handle: String,
    /// Everyone it is shared with.
    pub shared_with: Vec<String>,
}

wire!(
    ShareDefinitionResponse,
    "ShareDefinitionResponseBody",
    |object| object
        .required("owner", text())
        .required("definition_handle", text())
        .required("shared_with", array(text()))
);
