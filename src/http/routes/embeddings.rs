//! `/v1/embeddings`.

use crate::app::embeddings::UploadItem;
use crate::app::error::AppError;
use crate::domain::access::ObjectPath;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::upload;
use crate::http::wire::embeddings::{EmbeddingList, Embeddings, EmbeddingsInput, UploadResponse};
use crate::store::Missing;
use axum::http::StatusCode;

const HANDLE: &str = "project_handle";

/// POST `/v1/embeddings/{user_handle}/{project_handle}`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let items: Vec<UploadItem> = upload::decode_upload(request.body())?
        .into_iter()
        .map(item)
        .collect();
    let ids = match request
        .app()
        .upload_embeddings(request.call(), &path, &items)
        .await
    {
        Err(AppError::Missing(Missing::Project(path))) => {
            return Err(nowhere_to_upload(&request, &path).await?);
        }
        other => other?,
    };
    Ok(request.object(StatusCode::CREATED, &UploadResponse { ids }))
}

/// GET `/v1/embeddings/{user_handle}/{project_handle}`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let found = request
        .app()
        .list_embeddings(request.call(), &path, request.page())
        .await?;
    let list = EmbeddingList {
        embeddings: found.into_iter().map(Into::into).collect(),
    };
    Ok(request.object(StatusCode::OK, &list))
}

/// DELETE `/v1/embeddings/{user_handle}/{project_handle}`.
pub async fn delete_all(request: ApiRequest) -> RouteResult {
    request
        .app()
        .delete_embeddings(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(Reply::no_content())
}

/// GET `/v1/embeddings/{user_handle}/{project_handle}/{text_id}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let found = request
        .app()
        .embedding(request.call(), &path, &request.text_ids())
        .await?;
    Ok(request.object(StatusCode::OK, &Embeddings::from(found)))
}

/// DELETE `/v1/embeddings/{user_handle}/{project_handle}/{text_id}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    request
        .app()
        .delete_embedding(request.call(), &path, &request.text_ids())
        .await?;
    Ok(Reply::no_content())
}

/// Upstream tells a missing user from a missing project here. Only those who may write to the
/// path get this far, so nobody learns of users who are not their business.
async fn nowhere_to_upload(request: &ApiRequest, path: &ObjectPath) -> Result<Problem, Problem> {
    match request.app().user(&path.owner).await {
        Err(AppError::Missing(Missing::User(user))) => {
            Ok(Problem::not_found(format!("User {user} does not exist")))
        }
        other => {
            other?;
            Ok(Problem::not_found(format!("Project {path} not found")))
        }
    }
}

fn item(input: EmbeddingsInput) -> UploadItem {
    UploadItem {
        text_id: input.text_id,
        user_handle: input.user_handle,
        project_handle: input.project_handle,
        instance_handle: input.instance_handle,
        text: input.text,
        vector: input.vector,
        vector_dim: i64::from(input.vector_dim),
        metadata: input.metadata,
    }
}
