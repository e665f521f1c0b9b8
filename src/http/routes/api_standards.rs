//! `/v1/api-standards`.

use super::patch;
use crate::app::error::AppError;
use crate::domain::llm::{ApiStandard as DomainStandard, KeyMethod};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult, same_handle};
use crate::http::wire::Wire as _;
use crate::http::wire::api_standards::{ApiStandard, ApiStandardList, UploadApiStandardResponse};
use crate::store::Conflict;
use axum::http::StatusCode;
use serde_json::json;

/// GET `/v1/api-standards`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let standards = request.app().list_api_standards(request.page()).await?;
    let list = ApiStandardList {
        api_standards: standards.into_iter().map(Into::into).collect(),
    };
    Ok(request.object(StatusCode::OK, &list))
}

/// POST `/v1/api-standards`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let input: ApiStandard = request.input()?;
    store(&request, input).await
}

/// GET `/v1/api-standards/{api_standard_handle}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let standard = request
        .app()
        .api_standard(&request.handle("api_standard_handle")?)
        .await?;
    Ok(request.object(StatusCode::OK, &ApiStandard::from(standard)))
}

/// PUT `/v1/api-standards/{api_standard_handle}`.
pub async fn put(request: ApiRequest) -> RouteResult {
    let input: ApiStandard = request.input()?;
    let handle = request.handle("api_standard_handle")?;
    same_handle("api_standard_handle", &handle, &input.api_standard_handle)?;
    store(&request, input).await
}

/// PATCH `/v1/api-standards/{api_standard_handle}`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let handle = request.handle("api_standard_handle")?;
    let standard = request.app().api_standard(&handle).await?;
    let now = json!({
        "api_standard_handle": handle.as_str(),
        "description": standard.description,
        "key_method": standard.key_method.as_str(),
        "key_field": standard.key_field,
    });
    match patch::patched(&request, &now, ApiStandard::schema())? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: ApiStandard = patch::input(value)?;
            same_handle("api_standard_handle", &handle, &input.api_standard_handle)?;
            store(&request, input).await
        }
    }
}

/// DELETE `/v1/api-standards/{api_standard_handle}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    let handle = request.handle("api_standard_handle")?;
    match request
        .app()
        .delete_api_standard(request.call(), &handle)
        .await
    {
        // Upstream answers 400 here, where others would say 409.
        Err(AppError::Conflict(conflict @ Conflict::InUse(_))) => Err(Problem::bad_request(
            format!("API standard {handle} is {conflict}"),
        )),
        other => {
            other?;
            Ok(Reply::no_content())
        }
    }
}

async fn store(request: &ApiRequest, input: ApiStandard) -> RouteResult {
    let key_method: KeyMethod = input
        .key_method
        .parse()
        .map_err(|error| AppError::field("body.key_method", format!("{error}")))?;
    let standard = DomainStandard {
        handle: request.handle_in_body("api_standard_handle", &input.api_standard_handle)?,
        description: input.description,
        key_method,
        key_field: input.key_field,
    };
    request
        .app()
        .put_api_standard(request.call(), &standard)
        .await?;
    let response = UploadApiStandardResponse {
        api_standard_handle: standard.handle.to_string(),
    };
    Ok(request.object(StatusCode::CREATED, &response))
}
