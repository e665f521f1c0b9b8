//! `/v1/llm-instances`.

use super::patch;
use crate::domain::access::{ObjectPath, Share};
use crate::domain::ids::InstanceId;
use crate::domain::llm::{InstanceSpec, LlmSettings, ProviderKeyChange};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult, same_handle};
use crate::http::wire::Wire as _;
use crate::http::wire::instances::{
    DEFAULT_API_STANDARD, InstanceFull, InstanceInput, InstanceList, InstanceShares,
    ShareInstanceResponse, UploadInstanceResponse,
};
use crate::http::wire::shares::{ShareInput, SharedUser};
use axum::http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::json;

const HANDLE: &str = "instance_handle";

/// GET `/v1/llm-instances/{user_handle}`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let found = request
        .app()
        .list_instances(&request.owner()?, request.page())
        .await?;
    let list = InstanceList {
        instances: found.into_iter().map(Into::into).collect(),
    };
    Ok(request.object(StatusCode::OK, &list))
}

/// POST `/v1/llm-instances/{user_handle}`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let input: InstanceInput = request.input()?;
    let handle = request.handle_in_body(HANDLE, &input.instance_handle)?;
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

/// POST `/v1/llm-instances/{user_handle}/from-definition`.
pub async fn from_definition(request: ApiRequest) -> RouteResult {
    let input: InstanceInput = request.input()?;
    let owner = request.owner()?;
    if let Some(user_handle) = &input.user_handle {
        same_handle("user_handle", &owner, user_handle)?;
    }
    let handle = request.handle_in_body(HANDLE, &input.instance_handle)?;
    let path = ObjectPath { owner, handle };
    let definition = definition_path(&request, &input)?.ok_or_else(|| {
        Problem::bad_request("definition_owner and definition_handle are required")
    })?;
    let key = provider_key(&input);
    let id = request
        .app()
        .put_instance_from_definition(
            request.call(),
            path.clone(),
            definition,
            settings(input),
            key,
        )
        .await?;
    Ok(request.object(StatusCode::OK, &stored(&path, id)))
}

/// GET `/v1/llm-instances/{user_handle}/{instance_handle}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let instance = request
        .app()
        .instance(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(request.object(StatusCode::OK, &InstanceFull::from(instance)))
}

/// PUT `/v1/llm-instances/{user_handle}/{instance_handle}`.
pub async fn put(request: ApiRequest) -> RouteResult {
    let input: InstanceInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    same_handle(HANDLE, &path.handle, &input.instance_handle)?;
    store(&request, path, input).await
}

/// PATCH `/v1/llm-instances/{user_handle}/{instance_handle}`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let instance = request.app().instance_as_stored(&path).await?;
    // The provider key is not among what is patched, so that no patch can lose it: only a patch
    // that names it changes it, and the empty text removes it.
    let mut now = json!({HANDLE: path.handle.as_str()});
    if let Some(definition) = &instance.definition {
        patch::set(
            &mut now,
            "definition_owner",
            Some(definition.owner.to_string()),
        );
        patch::set(
            &mut now,
            "definition_handle",
            Some(definition.handle.to_string()),
        );
    }
    patch::set_llm_settings(&mut now, instance.settings);
    match patch::patched(&request, &now, InstanceInput::schema())? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: InstanceInput = patch::input(value)?;
            same_handle(HANDLE, &path.handle, &input.instance_handle)?;
            store(&request, path, input).await
        }
    }
}

/// DELETE `/v1/llm-instances/{user_handle}/{instance_handle}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    request
        .app()
        .delete_instance(request.call(), &request.object_path(HANDLE)?)
        .await?;
    Ok(Reply::no_content())
}

/// POST `/v1/llm-instances/{user_handle}/{instance_handle}/share`.
pub async fn share(request: ApiRequest) -> RouteResult {
    let input: ShareInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    let share = Share {
        user_handle: request.handle_in_body("share_with_handle", &input.share_with_handle)?,
        role: request.role_in_body("role", &input.role)?,
    };
    request
        .app()
        .share_instance(request.call(), &path, &share)
        .await?;
    let response = ShareInstanceResponse {
        owner: path.owner.to_string(),
        instance_handle: path.handle.to_string(),
        shared_with: vec![SharedUser::from(&share)],
    };
    Ok(request.object(StatusCode::CREATED, &response))
}

/// DELETE `/v1/llm-instances/{user_handle}/{instance_handle}/share/{unshare_with_handle}`.
pub async fn unshare(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let with = request.handle("unshare_with_handle")?;
    request
        .app()
        .unshare_instance(request.call(), &path, &with)
        .await?;
    Ok(Reply::no_content())
}

/// GET `/v1/llm-instances/{user_handle}/{instance_handle}/shared-with`.
pub async fn shared_with(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let shares = request
        .app()
        .instance_shares(request.call(), &path, request.page())
        .await?;
    let response = InstanceShares {
        owner: path.owner.to_string(),
        instance_handle: path.handle.to_string(),
        shared_with: shares.iter().map(SharedUser::from).collect(),
    };
    Ok(request.object(StatusCode::OK, &response))
}

async fn store(request: &ApiRequest, path: ObjectPath, input: InstanceInput) -> RouteResult {
    let definition = definition_path(request, &input)?;
    let key = provider_key(&input);
    let mut settings = settings(input);
    let id = match definition {
        // Linked to a definition, what is left out is the definition's.
        Some(definition) => {
            request
                .app()
                .put_instance_from_definition(
                    request.call(),
                    path.clone(),
                    definition,
                    settings,
                    key,
                )
                .await?
        }
        None => {
            settings
                .api_standard
                .get_or_insert_with(|| DEFAULT_API_STANDARD.to_owned());
            let spec = InstanceSpec {
                path: path.clone(),
                definition: None,
                settings,
            };
            request
                .app()
                .put_instance(request.call(), &spec, key)
                .await?
        }
    };
    Ok(request.object(StatusCode::CREATED, &stored(&path, id)))
}

fn stored(path: &ObjectPath, id: InstanceId) -> UploadInstanceResponse {
    UploadInstanceResponse {
        owner: path.owner.to_string(),
        instance_handle: path.handle.to_string(),
        instance_id: id.0,
    }
}

fn definition_path(
    request: &ApiRequest,
    input: &InstanceInput,
) -> Result<Option<ObjectPath>, Problem> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match (
        given(&input.definition_owner),
        given(&input.definition_handle),
    ) {
        (None, None) => Ok(None),
        (Some(owner), Some(handle)) => Ok(Some(ObjectPath {
            owner: request.handle_in_body("definition_owner", &owner)?,
            handle: request.handle_in_body("definition_handle", &handle)?,
        })),
        _ => Err(Problem::bad_request(
            "definition_owner and definition_handle go together",
        )),
    }
}

/// Left out, a stored key stays; empty, it goes.
fn provider_key(input: &InstanceInput) -> ProviderKeyChange {
    match &input.api_key {
        None => ProviderKeyChange::Keep,
        Some(key) if key.expose_secret().is_empty() => ProviderKeyChange::Remove,
        Some(key) => ProviderKeyChange::Set(key.clone()),
    }
}

fn settings(input: InstanceInput) -> LlmSettings {
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    LlmSettings {
        endpoint: text(input.endpoint),
        description: text(input.description),
        api_standard: text(input.api_standard),
        model: text(input.model),
        dimensions: input.dimensions.filter(|dimensions| *dimensions > 0),
        context_limit: input.context_limit.filter(|limit| *limit > 0),
    }
}
