//! What the service says of itself, to anybody.

use super::get;
use crate::http::operation::{Answer, JSON, Operation, answer};
use crate::http::wire::health::{Health, Readiness};
use crate::http::wire::manifest::ServiceManifest;

const TAG: &str = "Service";

/// The media type of the OpenAPI documents as JSON.
pub const OPENAPI_JSON: &str = "application/vnd.oai.openapi+json";
/// The media type of the OpenAPI documents as YAML.
pub const OPENAPI_YAML: &str = "application/vnd.oai.openapi+yaml";
/// The media type of `/docs`.
pub const HTML: &str = "text/html; charset=utf-8";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        get("/", "get-root")
            .summary("Show what the service is and which endpoints it has")
            .answers(200, answer::<ServiceManifest>()),
        get("/v1", "get-manifest")
            .summary("Show what the service is and which endpoints it has")
            .answers(200, answer::<ServiceManifest>()),
        get("/healthz", "get-health")
            .summary("Say that the process answers")
            .answers(200, answer::<Health>()),
        get("/readyz", "get-readiness")
            .summary("Say whether database, audit log and keyring are at hand; 503 if not")
            .or_status(&[503])
            .answers(200, answer::<Readiness>()),
        get("/openapi.json", "get-openapi-json")
            .summary("This API as OpenAPI 3.1")
            .answers(200, Answer::Document(OPENAPI_JSON)),
        get("/openapi.yaml", "get-openapi-yaml")
            .summary("This API as OpenAPI 3.1, in YAML")
            .answers(200, Answer::Document(OPENAPI_YAML)),
        get("/openapi-3.0.json", "get-openapi-3-0-json")
            .summary("This API as OpenAPI 3.0")
            .answers(200, Answer::Document(OPENAPI_JSON)),
        get("/openapi-3.0.yaml", "get-openapi-3-0-yaml")
            .summary("This API as OpenAPI 3.0, in YAML")
            .answers(200, Answer::Document(OPENAPI_YAML)),
        get("/docs", "get-docs")
            .summary("This API as a page to read")
            .answers(200, Answer::Document(HTML)),
        get("/schemas/{schema}", "get-schema")
            .summary("The JSON Schema of a type, as `{Type}.json`")
            .answers(200, Answer::Document(JSON))
            .fails(&[404]),
    ]
    .into_iter()
    .map(|operation| operation.tag(TAG))
    .collect()
}
