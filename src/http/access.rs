//! Whether a caller may use an operation, by its access rule and the path.
//!
//! What a caller sees of an object is decided again, and finally, by the scope inside the query.

use super::operation::{Access, ObjectKind as RouteObject, Operation, Who};
use super::problem::Problem;
use super::request::PathValues;
use crate::app::{App, ObjectKind};
use crate::domain::access::{Caller, ObjectPath, Role};
use crate::domain::ids::{Handle, SYSTEM_HANDLE};
use axum::http::Method;

/// Lets the caller pass or refuses.
///
/// # Errors
///
/// 401 without the right, 403 for what nobody may do to `_system`, or a failing database.
pub async fn authorize(
    app: &App,
    operation: &Operation,
    caller: &Caller,
    path: &PathValues,
) -> Result<(), Problem> {
    if !is_admitted(app, &operation.access, caller, path).await? {
        return Err(Problem::unauthorized());
    }
    let changes = operation.method != Method::GET;
    let searches = operation.path.starts_with("/v1/similars/");
    if (changes || searches) && path.get("user_handle") == Some(SYSTEM_HANDLE) {
        return Err(Problem::forbidden(
            "_system user cannot send requests - this is a read-only account",
        ));
    }
    Ok(())
}

async fn is_admitted(
    app: &App,
    access: &Access,
    caller: &Caller,
    path: &PathValues,
) -> Result<bool, Problem> {
    if access.admits(Who::Anyone) || (*caller == Caller::Admin && access.admits(Who::Admin)) {
        return Ok(true);
    }
    if let Caller::User(user) = caller {
        let is_owner = path.get("user_handle") == Some(user.handle.as_str());
        if is_owner && access.admits(Who::Owner) {
            return Ok(true);
        }
        if is_admitted_by_role(app, access, caller, path).await? {
            return Ok(true);
        }
    }
    if access.admits(Who::PublicRead)
        && let Some((_, object)) = object_of(access, path)
    {
        return Ok(app.project_is_public(&object).await?);
    }
    Ok(false)
}

async fn is_admitted_by_role(
    app: &App,
    access: &Access,
    caller: &Caller,
    path: &PathValues,
) -> Result<bool, Problem> {
    if !access.admits(Who::Reader) && !access.admits(Who::Editor) {
        return Ok(false);
    }
    let Some((kind, object)) = object_of(access, path) else {
        return Ok(false);
    };
    let least = if access.admits(Who::Reader) {
        Role::Reader
    } else {
        Role::Editor
    };
    Ok(app
        .role(kind, &object, caller)
        .await?
        .is_some_and(|role| role >= least))
}

/// The object that the access rule speaks of; `None` when the path names none that can exist.
fn object_of(access: &Access, path: &PathValues) -> Option<(ObjectKind, ObjectPath)> {
    let (kind, name) = match access.object {
        RouteObject::None => return None,
        RouteObject::Project => (ObjectKind::Project, "project_handle"),
        RouteObject::Definition => (ObjectKind::Definition, "definition_handle"),
        RouteObject::Instance => (ObjectKind::Instance, "instance_handle"),
    };
    let owner = Handle::parse(path.get("user_handle")?).ok()?;
    let handle = Handle::parse(path.get(name)?).ok()?;
    Some((kind, ObjectPath { owner, handle }))
}
