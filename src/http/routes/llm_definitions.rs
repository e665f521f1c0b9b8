//! `/v1/llm-definitions`.

use super::patch;
use crate::domain::access::ObjectPath;
use crate::domain::llm::{DefinitionSpec, LlmSettings};
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult, same_handle};
use crate::http::wire::Wire as _;
use crate::http::wire::definitions::{
    Definition, DefinitionBrief, DefinitionInput, DefinitionList, ShareDefinitionResponse,
};
use crate::http::wire::shares::ShareDefinitionInput;
use axum::http::StatusCode;
use serde_json::json;

const HANDLE: &str = "definition_handle";

/// GET `/v1/llm-definitions/{user_handle}`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let found = request
        .app()
        .list_definitions(&request.owner()?, request.page())
        .await?;
    let list = DefinitionList {
        definitions: found.into_iter().map(Into::into).collect(),
    };
    Ok(request.object(StatusCode::OK, &list))
}

/// POST `/v1/llm-definitions/{user_handle}`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let input: DefinitionInput = request.input_as(Definition::schema())?;
    let handle = request.handle_in_body(HANDLE, &input.definition_handle)?;
    store(
        &request,
        ObjectPath {
            owner: request.owner()?,
            handle,
        },
        input,
    )
    .await
}

/// GET `/v1/llm-definitions/{user_handle}/{definition_handle}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let definition = request
        .app()
        .definition(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(request.object(StatusCode::OK, &Definition::from(definition)))
}

/// PUT `/v1/llm-definitions/{user_handle}/{definition_handle}`.
pub async fn put(request: ApiRequest) -> RouteResult {
    let input: DefinitionInput = request.input_as(Definition::schema())?;
    let path = request.object_path(HANDLE)?;
    same_handle(HANDLE, &path.handle, &input.definition_handle)?;
    store(&request, path, input).await
}

/// PATCH `/v1/llm-definitions/{user_handle}/{definition_handle}`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let definition = request.app().definition_as_stored(&path).await?;
    let mut now = json!({HANDLE: path.handle.as_str(), "is_public": definition.is_public});
    patch::set_llm_settings(&mut now, definition.settings);
    match patch::patched(&request, &now, Definition::schema())? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: DefinitionInput = patch::input(value)?;
            same_handle(HANDLE, &path.handle, &input.definition_handle)?;
            store(&request, path, input).await
        }
    }
}

/// DELETE `/v1/llm-definitions/{user_handle}/{definition_handle}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    request
        .app()
        .delete_definition(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(Reply::no_content())
}

/// POST `/v1/llm-definitions/{user_handle}/{definition_handle}/share`.
pub async fn share(request: ApiRequest) -> RouteResult {
    let input: ShareDefinitionInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    let with = request.handle_in_body("share_with_handle", &input.share_with_handle)?;
    let shared = request
        .app()
        .share_definition(request.call(), &path, &with)
        .await?;
    let response = ShareDefinitionResponse {
        owner: path.owner.to_string(),
        definition_handle: path.handle.to_string(),
        shared_with: shared.iter().map(ToString::to_string).collect(),
    };
    Ok(request.object(StatusCode::CREATED, &response))
}

/// DELETE `/v1/llm-definitions/{user_handle}/{definition_handle}/share/{unshare_with_handle}`.
pub async fn unshare(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let with = request.handle("unshare_with_handle")?;
    request
        .app()
        .unshare_definition(request.call(), &path, &with)
        .await?;
    Ok(Reply::no_content())
}

/// GET `/v1/llm-definitions/{user_handle}/{definition_handle}/shared-with`.
pub async fn shared_with(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let shares = request
        .app()
        .definition_shares(request.call(), &path, request.page())
        .await?;
    let handles: Vec<String> = shares.iter().map(ToString::to_string).collect();
    Ok(Reply::bare(StatusCode::OK, &handles))
}

async fn store(request: &ApiRequest, path: ObjectPath, input: DefinitionInput) -> RouteResult {
    let spec = DefinitionSpec {
        path,
        settings: LlmSettings {
            endpoint: input.endpoint,
            description: input.description,
            api_standard: Some(input.api_standard),
            model: input.model,
            dimensions: input.dimensions.filter(|dimensions| *dimensions > 0),
            context_limit: input.context_limit.filter(|limit| *limit > 0),
        },
        is_public: input.is_public,
    };
    let stored = request.app().put_definition(request.call(), &spec).await?;
    Ok(request.object(StatusCode::CREATED, &DefinitionBrief::from(stored)))
}
