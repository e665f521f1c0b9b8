//! `/v1/projects`.

use super::patch;
use crate::domain::access::{Caller, ObjectPath, Share};
use crate::domain::project::{Project, ProjectSpec};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult, same_handle};
use crate::http::wire::Wire as _;
use crate::http::wire::projects::{
    ProjectBrief, ProjectFull, ProjectList, ProjectShares, ProjectSubmission, ShareProjectResponse,
    TransferProjectInput, TransferProjectResponse, Viewer,
};
use crate::http::wire::shares::{ShareInput, SharedUser};
use axum::http::StatusCode;
use serde_json::json;

const HANDLE: &str = "project_handle";

/// GET `/v1/projects/{user_handle}`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let found = request
        .app()
        .list_projects(&request.owner()?, request.page())
        .await?;
    let list = ProjectList {
        projects: found.into_iter().map(Into::into).collect(),
    };
    Ok(request.object(StatusCode::OK, &list))
}

/// POST `/v1/projects/{user_handle}`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let input: ProjectSubmission = request.input()?;
    let handle = request.handle_in_body(HANDLE, &input.project_handle)?;
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

/// GET `/v1/projects/{user_handle}/{project_handle}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let project = request
        .app()
        .project(request.call(), &request.object_path(HANDLE)?)
        .await?;
    let viewer = viewer(&request, &project);
    Ok(request.object(StatusCode::OK, &ProjectFull::new(project, viewer)))
}

/// PUT `/v1/projects/{user_handle}/{project_handle}`.
pub async fn put(request: ApiRequest) -> RouteResult {
    let input: ProjectSubmission = request.input()?;
    let path = request.object_path(HANDLE)?;
    same_handle(HANDLE, &path.handle, &input.project_handle)?;
    store(&request, path, input).await
}

/// PATCH `/v1/projects/{user_handle}/{project_handle}`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let project = request.app().project(request.call(), &path).await?;
    // Shares are not among what is patched: a put only ever adds some, so a patch that names
    // them adds them too.
    let mut now = json!({HANDLE: path.handle.as_str(), "public_read": project.public_read});
    patch::set(&mut now, "description", project.description);
    patch::set(&mut now, "metadataScheme", project.metadata_scheme);
    if let Some(instance) = &project.instance {
        patch::set(
            &mut now,
            "instance_owner",
            Some(instance.path.owner.to_string()),
        );
        patch::set(
            &mut now,
            "instance_handle",
            Some(instance.path.handle.to_string()),
        );
    }
    match patch::patched(&request, &now, ProjectSubmission::schema())? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: ProjectSubmission = patch::input(value)?;
            same_handle(HANDLE, &path.handle, &input.project_handle)?;
            store(&request, path, input).await
        }
    }
}

/// DELETE `/v1/projects/{user_handle}/{project_handle}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    request
        .app()
        .delete_project(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(Reply::no_content())
}

/// POST `/v1/projects/{user_handle}/{project_handle}/share`.
pub async fn share(request: ApiRequest) -> RouteResult {
    let input: ShareInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    let share = Share {
        user_handle: request.handle_in_body("share_with_handle", &input.share_with_handle)?,
        role: request.role_in_body("role", &input.role)?,
    };
    let id = request
        .app()
        .share_project(request.call(), &path, &share)
        .await?;
    let response = ShareProjectResponse {
        owner: path.owner.to_string(),
        project_handle: path.handle.to_string(),
        project_id: id.0,
        shared_with_handle: share.user_handle.to_string(),
        shared_with_role: share.role.as_str(),
    };
    Ok(request.object(StatusCode::CREATED, &response))
}

/// DELETE `/v1/projects/{user_handle}/{project_handle}/share/{unshare_with_handle}`.
pub async fn unshare(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let with = request.handle("unshare_with_handle")?;
    request
        .app()
        .unshare_project(request.call(), &path, &with)
        .await?;
    Ok(Reply::no_content())
}

/// GET `/v1/projects/{user_handle}/{project_handle}/shared-with`.
pub async fn shared_with(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let shares = request.app().project_shares(request.call(), &path).await?;
    let response = ProjectShares {
        owner: path.owner.to_string(),
        project_handle: path.handle.to_string(),
        shared_with: shares.iter().map(SharedUser::from).collect(),
    };
    Ok(request.object(StatusCode::OK, &response))
}

/// POST `/v1/projects/{user_handle}/{project_handle}/transfer-ownership`.
pub async fn transfer(request: ApiRequest) -> RouteResult {
    let input: TransferProjectInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    let new_owner = request.handle_in_body("new_owner_handle", &input.new_owner_handle)?;
    let id = request
        .app()
        .transfer_project(request.call(), &path, &new_owner)
        .await?;
    let response = TransferProjectResponse {
        project_id: id.0,
        project_handle: path.handle.to_string(),
        old_owner: path.owner.to_string(),
        new_owner: new_owner.to_string(),
    };
    Ok(request.object(StatusCode::OK, &response))
}

async fn store(request: &ApiRequest, path: ObjectPath, input: ProjectSubmission) -> RouteResult {
    let mut shared_with = Vec::with_capacity(input.shared_with.len());
    for share in &input.shared_with {
        shared_with.push(Share {
            user_handle: request.handle_in_body("shared_with.user_handle", &share.user_handle)?,
            role: request.role_in_body("shared_with.role", &share.role)?,
        });
    }
    let instance = instance_path(request, &path, &input)?;
    let spec = ProjectSpec {
        path,
        description: input.description,
        metadata_scheme: input.metadata_scheme.filter(|scheme| !scheme.is_empty()),
        public_read: input.public_read,
        instance,
        shared_with,
    };
    let stored = request.app().put_project(request.call(), &spec).await?;
    Ok(request.object(StatusCode::CREATED, &ProjectBrief::from(stored)))
}

/// Without an owner, the instance is the project owner's own.
fn instance_path(
    request: &ApiRequest,
    path: &ObjectPath,
    input: &ProjectSubmission,
) -> Result<Option<ObjectPath>, Problem> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let Some(handle) = given(&input.instance_handle) else {
        return Ok(None);
    };
    let owner = match given(&input.instance_owner) {
        Some(owner) => request.handle_in_body("instance_owner", &owner)?,
        None => path.owner.clone(),
    };
    let handle = request.handle_in_body("instance_handle", &handle)?;
    Ok(Some(ObjectPath { owner, handle }))
}

fn viewer(request: &ApiRequest, project: &Project) -> Viewer {
    match &request.call().caller {
        Caller::Admin => Viewer::Admin,
        Caller::User(_) if project.role.is_some() => Viewer::User,
        _ => Viewer::Public,
    }
}
