//! Joins the table of operations with the routes, and puts the outer layer around them.

use super::observe;
use super::pipeline;
use super::problem::Problem;
use super::request::Handler;
use super::routes::{
    admin, api_standards, documents, embeddings, health, llm_definitions, llm_instances, policy,
    projects, similars, users,
};
use super::state::ApiState;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use axum::routing::{MethodFilter, MethodRouter, on};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The router of the API.
pub fn router(state: &Arc<ApiState>) -> Router {
    let mut paths: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    let mut allowed: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for (index, operation) in state.operations().iter().enumerate() {
        let Some(handler) = handler(operation.id) else {
            continue;
        };
        let Ok(filter) = MethodFilter::try_from(operation.method.clone()) else {
            continue;
        };
        let state = Arc::clone(state);
        let serve = move |request: Request| {
            let state = Arc::clone(&state);
            let (parts, body) = request.into_parts();
            pipeline::answer(state, index, handler, parts, body)
        };
        let methods = paths.remove(operation.path).unwrap_or_default();
        paths.insert(operation.path, methods.merge(on(filter, serve)));
        allowed
            .entry(operation.path)
            .or_default()
            .push(operation.method_name());
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        let allow = allowed.remove(path).unwrap_or_default().join(", ");
        let refuse = move || async move { Problem::not_allowed(allow).into_response() };
        router = router.route(path, methods.fallback(refuse));
    }
    router
        .fallback(|| async { Problem::not_found("not found").into_response() })
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(state),
            observe::observe,
        ))
}

/// The route of an operation.
#[must_use]
pub fn handler(operation_id: &str) -> Option<Handler> {
    macro_rules! routes {
        ($($id:literal => $route:path,)*) => {
            match operation_id {
                $($id => Some(|request| Box::pin($route(request))),)*
                _ => None,
            }
        };
    }
    routes! {
        "get-users" => users::list,
        "post-user" => users::post,
        "get-user" => users::get,
        "put-user" => users::put,
        "patch-user" => users::patch,
        "delete-user" => users::delete,
        "get-projects" => projects::list,
        "post-project" => projects::post,
        "get-project" => projects::get,
        "put-project" => projects::put,
        "patch-project" => projects::patch,
        "delete-project" => projects::delete,
        "share-project" => projects::share,
        "unshare-project" => projects::unshare,
        "get-project-shared-users" => projects::shared_with,
        "transfer-project-ownership" => projects::transfer,
        "get-project-policy" => policy::get,
        "patch-project-policy" => policy::patch,
        "post-proj-embeddings" => embeddings::post,
        "get-proj-embeddings" => embeddings::list,
        "delete-proj-embeddings" => embeddings::delete_all,
        "get-doc-embeddings" => embeddings::get,
        "delete-doc-embeddings" => embeddings::delete,
        "get-similars" => similars::by_id,
        "post-similars" => similars::by_vector,
        "get-definitions" => llm_definitions::list,
        "post-definition" => llm_definitions::post,
        "get-definition" => llm_definitions::get,
        "put-definition" => llm_definitions::put,
        "patch-definition" => llm_definitions::patch,
        "delete-definition" => llm_definitions::delete,
        "share-definition" => llm_definitions::share,
        "unshare-definition" => llm_definitions::unshare,
        "get-definition-shared-users" => llm_definitions::shared_with,
        "get-instances" => llm_instances::list,
        "post-instance" => llm_instances::post,
        "post-instance-from-definition" => llm_instances::from_definition,
        "get-instance" => llm_instances::get,
        "put-instance" => llm_instances::put,
        "patch-instance" => llm_instances::patch,
        "delete-instance" => llm_instances::delete,
        "share-instance" => llm_instances::share,
        "unshare-instance" => llm_instances::unshare,
        "get-instance-shared-users" => llm_instances::shared_with,
        "get-api-standards" => api_standards::list,
        "post-api-standard" => api_standards::post,
        "get-api-standard" => api_standards::get,
        "put-api-standard" => api_standards::put,
        "patch-api-standard" => api_standards::patch,
        "delete-api-standard" => api_standards::delete,
        "get-footgun" => admin::reset_by_get,
        "post-footgun" => admin::reset_by_post,
        "get-sanity-check" => admin::sanity_check,
        "get-root" => documents::manifest,
        "get-manifest" => documents::manifest,
        "get-health" => health::health,
        "get-readiness" => health::readiness,
        "get-openapi-json" => documents::openapi_json,
        "get-openapi-yaml" => documents::openapi_yaml,
        "get-openapi-3-0-json" => documents::openapi_3_0_json,
        "get-openapi-3-0-yaml" => documents::openapi_3_0_yaml,
        "get-docs" => documents::docs,
        "get-schema" => documents::schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::operations;
    use crate::http::wire::Profile;

    #[test]
    fn every_operation_has_a_route() {
        for operation in operations::all(Profile::Embapi) {
            assert!(
                handler(operation.id).is_some(),
                "{} has no route",
                operation.id
            );
        }
    }
}
