//! API standards.

use super::{handle, nested, wire};
use crate::domain::limits::KEY_FIELD_MAX_CHARS;
use crate::domain::llm::ApiStandard as DomainStandard;
use crate::http::schema::{array, enumeration, text, text_of};
use serde::{Deserialize, Serialize};

/// An API standard, sent or received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiStandard {
    /// Handle.
    pub api_standard_handle: String,
    /// Free text.
    pub description: String,
    /// How the provider wants its key.
    pub key_method: String,
    /// The name of the header, field or parameter.
    pub key_field: String,
}

const KEY_METHODS: &[&str] = &["auth_bearer", "body_form", "query_param", "custom_header"];

wire!(
    ApiStandard,
    "APIStandard",
    |object| object
        .required("api_standard_handle", handle())
        .required("description", text())
        .required("key_method", enumeration(KEY_METHODS))
        .required("key_field", text_of(0, KEY_FIELD_MAX_CHARS)),
    Omitted
);

impl From<DomainStandard> for ApiStandard {
    fn from(standard: DomainStandard) -> Self {
        Self {
            api_standard_handle: standard.handle.as_str().to_owned(),
            description: standard.description,
            key_method: standard.key_method.as_str().to_owned(),
            key_field: standard.key_field,
        }
    }
}

/// The answer to storing an API standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadApiStandardResponse {
    /// Handle.
    pub api_standard_handle: String,
}

wire!(
    UploadApiStandardResponse,
    "UploadAPIStandardResponseBody",
    |object| object.required("api_standard_handle", text())
);

/// A list of API standards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiStandardList {
    /// The rows.
    pub api_standards: Vec<ApiStandard>,
}

wire!(ApiStandardList, "GetAPIStandardsResponseBody", |object| {
    object.required("api_standards", array(nested::<ApiStandard>()))
});
