//! What the service is and which endpoints it has, at `/` and `/v1`.

use super::{nested, wire};
use crate::http::schema::{array, integer, map, text, uri};
use serde::Serialize;
use std::collections::BTreeMap;

/// How a caller proves who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecurityScheme {
    /// `http`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `bearer`.
    pub scheme: &'static str,
    /// Whose key it takes.
    pub description: &'static str,
}

/// One path of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManifestEndpoint {
    /// Path with its parameters in braces.
    pub path: String,
    /// Methods, upper case.
    pub methods: Vec<&'static str>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Under which headings it is found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<&'static str>,
}

wire!(ManifestEndpoint, "ManifestEndpoint", |object| object
    .required("path", text())
    .required("methods", array(text()))
    .optional("description", text())
    .optional("tags", array(text())));

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceManifest {
    /// Name of the service.
    pub name: String,
    /// Versions of the protocol.
    pub versions: Vec<&'static str>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Version of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_version: Option<String>,
    /// Schemes by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub authentication: BTreeMap<&'static str, SecurityScheme>,
    /// How many items a client should send at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// Every path.
    pub endpoints: Vec<ManifestEndpoint>,
}

wire!(ServiceManifest, "ServiceManifest", |object| object
    .required("name", text())
    .required("versions", array(text()))
    .optional("description", text())
    .optional("documentation", uri())
    .optional("logo", uri())
    .optional("serviceVersion", text())
    .optional("authentication", map())
    .optional("batchSize", integer())
    .required("endpoints", array(nested::<ManifestEndpoint>())));
