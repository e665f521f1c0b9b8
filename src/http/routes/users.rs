//! `/v1/users`.

use super::patch;
use crate::app::users::PutUser;
use crate::domain::user::UserSpec;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult, same_handle};
use crate::http::wire::users::{KeyField, User, UserInput, UserList, UserResponse};
use crate::store::PutMode;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde_json::json;

/// GET `/v1/users`.
pub async fn list(request: ApiRequest) -> RouteResult {
    let users = request.app().list_users(request.page()).await?;
    Ok(Reply::bare(
        StatusCode::OK,
        &UserList::new(request.profile(), users),
    ))
}

/// POST `/v1/users`.
pub async fn post(request: ApiRequest) -> RouteResult {
    let input: UserInput = request.input_as(User::schema(request.profile()))?;
    store(&request, input).await
}

/// GET `/v1/users/{user_handle}`.
pub async fn get(request: ApiRequest) -> RouteResult {
    let user = request.app().user(&request.owner()?).await?;
    Ok(Reply::bare(StatusCode::OK, &User::from(user)))
}

/// PUT `/v1/users/{user_handle}`.
pub async fn put(request: ApiRequest) -> RouteResult {
    let input: UserInput = request.input_as(User::schema(request.profile()))?;
    same_handle("user_handle", &request.owner()?, &input.user_handle)?;
    store(&request, input).await
}

/// PATCH `/v1/users/{user_handle}`.
pub async fn patch(request: ApiRequest) -> RouteResult {
    let user = request.app().user(&request.owner()?).await?;
    let mut now = json!({"user_handle": user.handle.as_str(), "email": user.email});
    patch::set(&mut now, "name", user.name);
    match patch::patched(&request, &now, User::schema(request.profile()))? {
        patch::Patched::Unchanged => Ok(Reply::not_modified()),
        patch::Patched::Changed(value) => {
            let input: UserInput = patch::input(value)?;
            same_handle("user_handle", &user.handle, &input.user_handle)?;
            store(&request, input).await
        }
    }
}

/// DELETE `/v1/users/{user_handle}`.
pub async fn delete(request: ApiRequest) -> RouteResult {
    request
        .app()
        .delete_user(request.call(), &request.owner()?)
        .await?;
    Ok(Reply::no_content())
}

async fn store(request: &ApiRequest, input: UserInput) -> Result<Reply, Problem> {
    let spec = UserSpec {
        handle: request.handle_in_body("user_handle", &input.user_handle)?,
        name: input.name,
        email: input.email,
    };
    let put = request
        .app()
        .put_user(request.call(), &spec, PutMode::CreateOrUpdate)
        .await?;
    let key = match put {
        PutUser::Created(api_key) => {
            KeyField::Fresh(SecretString::from(api_key.reveal().to_owned()))
        }
        PutUser::Updated => KeyField::NotChanged,
    };
    let response = UserResponse::new(request.profile(), spec.handle.to_string(), key);
    Ok(Reply::linked(
        StatusCode::CREATED,
        request.base_url(),
        UserResponse::NAME,
        &response,
    ))
}
