//! What the service says of itself: manifest, OpenAPI, schemas, the page to read.

use crate::http::openapi::SECURITY_SCHEMES;
use crate::http::operation::JSON;
use crate::http::operations::{HTML, OPENAPI_JSON, OPENAPI_YAML};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::wire::manifest::{ManifestEndpoint, SecurityScheme, ServiceManifest};
use axum::http::StatusCode;
use std::collections::BTreeMap;

/// How many embeddings of a common size fit well into one request.
const BATCH_SIZE: u32 = 100;

/// GET `/` and GET `/v1`.
pub async fn manifest(request: ApiRequest) -> RouteResult {
    let manifest = ServiceManifest {
        name: "embsec".to_owned(),
        versions: vec!["v1"],
        description: Some("A hardened embeddings API".to_owned()),
        documentation: Some(format!("{}/docs", request.base_url())),
        logo: None,
        service_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        authentication: authentication(),
        batch_size: Some(BATCH_SIZE),
        endpoints: endpoints(&request),
    };
    Ok(request.object(StatusCode::OK, &manifest))
}

fn authentication() -> BTreeMap<&'static str, SecurityScheme> {
    let scheme = |description| SecurityScheme {
        kind: "http",
        scheme: "bearer",
        description,
    };
    SECURITY_SCHEMES
        .into_iter()
        .map(|(name, about)| (name, scheme(about)))
        .collect()
}

fn endpoints(request: &ApiRequest) -> Vec<ManifestEndpoint> {
    let mut endpoints: Vec<ManifestEndpoint> = Vec::new();
    for operation in request.state().operations() {
        let method = operation.method_name();
        match endpoints
            .iter_mut()
            .find(|endpoint| endpoint.path == operation.path)
        {
            Some(endpoint) => endpoint.methods.push(method),
            None => endpoints.push(ManifestEndpoint {
                path: operation.path.to_owned(),
                methods: vec![method],
                description: Some(operation.summary.to_owned()),
                tags: vec![operation.tag],
            }),
        }
    }
    endpoints
}

/// GET `/openapi.json`.
pub async fn openapi_json(request: ApiRequest) -> RouteResult {
    Ok(document(OPENAPI_JSON, &request.state().documents.v31_json))
}

/// GET `/openapi.yaml`.
pub async fn openapi_yaml(request: ApiRequest) -> RouteResult {
    Ok(document(OPENAPI_YAML, &request.state().documents.v31_yaml))
}

/// GET `/openapi-3.0.json`.
pub async fn openapi_3_0_json(request: ApiRequest) -> RouteResult {
    Ok(document(OPENAPI_JSON, &request.state().documents.v30_json))
}

/// GET `/openapi-3.0.yaml`.
pub async fn openapi_3_0_yaml(request: ApiRequest) -> RouteResult {
    Ok(document(OPENAPI_YAML, &request.state().documents.v30_yaml))
}

/// GET `/docs`.
pub async fn docs(request: ApiRequest) -> RouteResult {
    let docs = &request.state().docs;
    Ok(Reply::Document {
        content_type: HTML,
        body: docs.html.clone(),
        policy: Some(docs.content_security_policy.clone()),
    })
}

/// GET `/schemas/{schema}`.
pub async fn schema(request: ApiRequest) -> RouteResult {
    let file = request.path.get("schema").unwrap_or_default();
    let name = file.strip_suffix(".json").unwrap_or_default();
    let schema = request.state().documents.schemas.get(name);
    let schema = schema.ok_or_else(|| Problem::not_found("no such schema"))?;
    Ok(document(JSON, schema))
}

fn document(content_type: &'static str, body: &str) -> Reply {
    Reply::Document {
        content_type,
        body: body.to_owned(),
        policy: None,
    }
}
