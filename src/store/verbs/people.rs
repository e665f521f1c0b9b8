//! Row ids by handle, as several verbs look them up inside their transactions.

use super::engine::Connection;
use crate::domain::ids::{Handle, SYSTEM_HANDLE, UserId};
use crate::store::{Conflict, Missing, StoreResult};

const USER_ID: &str = "SELECT user_id FROM users WHERE handle = $1";

const API_STANDARD_EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM api_standards WHERE handle = $1)";

/// The user of this handle, the account of the system included.
pub(super) async fn user_id(connection: &mut Connection, handle: &Handle) -> StoreResult<UserId> {
    let id: Option<i64> = sqlx::query_scalar(USER_ID)
        .bind(handle.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(UserId(id.ok_or_else(|| Missing::User(handle.clone()))?))
}

/// The person of this handle. The account of the system is nobody: it has no key, nothing can be
/// shared with it or given to it, and it cannot be changed.
pub(super) async fn person_id(connection: &mut Connection, handle: &Handle) -> StoreResult<UserId> {
    if handle.as_str() == SYSTEM_HANDLE {
        return Err(Missing::User(handle.clone()).into());
    }
    user_id(connection, handle).await
}

/// Refuses settings that name an API standard that does not exist.
pub(super) async fn require_api_standard(
    connection: &mut Connection,
    handle: Option<&str>,
) -> StoreResult<()> {
    let Some(handle) = handle else {
        return Ok(());
    };
    let exists: bool = sqlx::query_scalar(API_STANDARD_EXISTS)
        .bind(handle)
        .fetch_one(connection)
        .await?;
    if exists {
        Ok(())
    } else {
        Err(Conflict::UnknownApiStandard(handle.to_owned()).into())
    }
}
