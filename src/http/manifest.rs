//! What `/` and `/v1` answer, drawn from the operations table.

use super::openapi::SECURITY_SCHEMES;
use super::operation::Operation;
use super::wire::manifest::{ManifestEndpoint, SecurityScheme, ServiceManifest};

/// The manifest. Only paths below `/v1/` are endpoints of the protocol.
#[must_use]
pub fn manifest(operations: &[Operation]) -> ServiceManifest {
    ServiceManifest {
        name: "embsec".to_owned(),
        versions: vec!["v1"],
        description: Some("A hardened embeddings API.".to_owned()),
        documentation: None,
        logo: None,
        service_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        authentication: SECURITY_SCHEMES
            .into_iter()
            .map(|(name, description)| {
                let scheme = SecurityScheme {
                    kind: "http",
                    scheme: "bearer",
                    description,
                };
                (name, scheme)
            })
            .collect(),
        batch_size: None,
        endpoints: endpoints(operations),
    }
}

/// One entry for each path, with the summary of its first method.
fn endpoints(operations: &[Operation]) -> Vec<ManifestEndpoint> {
    let mut endpoints: Vec<ManifestEndpoint> = Vec::new();
    for operation in operations {
        if !operation.path.starts_with("/v1/") {
            continue;
        }
        let method = operation.method.as_str().to_owned();
        match endpoints.iter_mut().find(|e| e.path == operation.path) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::encode;
    use crate::http::operations;
    use crate::http::wire::Profile;
    use serde_json::{Value, json};

    #[test]
    fn the_manifest_lists_every_path_of_the_protocol_with_its_methods() {
        let operations = operations::all(Profile::Embapi);
        let text = encode(&manifest(&operations));
        let start = br#"{"name":"embsec","versions":["v1"],"description":"#;
        assert!(text.starts_with(start));
        let value: Value = serde_json::from_slice(&text).unwrap();
        let endpoints = value["endpoints"].as_array().unwrap();
        let users = endpoints.iter().find(|e| e["path"] == "/v1/users").unwrap();
        assert_eq!(users["methods"], json!(["GET", "POST"]));
        let schemes: Vec<_> = value["authentication"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(
            schemes,
            ["adminAuth", "editorAuth", "ownerAuth", "readerAuth"]
        );
        for operation in &operations {
            let listed = endpoints.iter().any(|e| e["path"] == operation.path);
            assert_eq!(
                listed,
                operation.path.starts_with("/v1/"),
                "{}",
                operation.path
            );
        }
    }
}
