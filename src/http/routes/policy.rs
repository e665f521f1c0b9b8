//! `/v1/projects/{user_handle}/{project_handle}/policy`.

use super::patch;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::wire::Wire as _;
use crate::http::wire::policy::ProjectPolicy;
use axum::http::StatusCode;
use serde_json::json;

const HANDLE: &str = "project_handle";

/// GET `/v1/projects/{user_handle}/{project_handle}/policy`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let policy = request.app().project_policy(request.call(), &path).await?;
    Ok(request.object(StatusCode::OK, &ProjectPolicy::from(policy)))
}

/// PATCH `/v1/projects/{user_handle}/{project_handle}/policy`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let app = request.app();
    let policy = app.project_policy(request.call(), &path).await?;
    let now = json!({
        "encrypt_text": policy.encrypt_text,
        "encrypt_metadata": policy.encrypt_metadata,
    });
    match patch::patched(&request, &now, ProjectPolicy::schema())? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: ProjectPolicy = patch::input(value)?;
            app.set_project_policy(request.call(), &path, input.into())
                .await?;
            Ok(request.object(StatusCode::OK, &input))
        }
    }
}
