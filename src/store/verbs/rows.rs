//! From columns to values of the domain. A value that embsec could not have written is a fault.

use super::engine::Row;
pub(super) use super::engine::{integer, number, optional_number, vector_half};
use crate::domain::access::{ObjectPath, Role, Share};
use crate::domain::ids::Handle;
use crate::domain::llm::LlmSettings;
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use jiff::Timestamp;
use sqlx::Row as _;

pub(super) fn handle(row: &Row, column: usize) -> StoreResult<Handle> {
    Ok(Handle::parse(row.try_get(column)?).map_err(|_| Malformed("handle"))?)
}

pub(super) fn optional_handle(row: &Row, column: usize) -> StoreResult<Option<Handle>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| Ok(Handle::parse(text).map_err(|_| Malformed("handle"))?))
        .transpose()
}

/// The owner's handle and, in the next column, the object's.
pub(super) fn path(row: &Row, column: usize) -> StoreResult<ObjectPath> {
    Ok(ObjectPath {
        owner: handle(row, column)?,
        handle: handle(row, column + 1)?,
    })
}

/// As [`path`], for columns of an outer join.
pub(super) fn optional_path(row: &Row, column: usize) -> StoreResult<Option<ObjectPath>> {
    let owner = optional_handle(row, column)?;
    let handle = optional_handle(row, column + 1)?;
    Ok(owner
        .zip(handle)
        .map(|(owner, handle)| ObjectPath { owner, handle }))
}

pub(super) fn optional_role(row: &Row, column: usize) -> StoreResult<Option<Role>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| Ok(text.parse().map_err(|_| Malformed("role"))?))
        .transpose()
}

pub(super) fn role(row: &Row, column: usize) -> StoreResult<Role> {
    Ok(row
        .try_get::<&str, _>(column)?
        .parse()
        .map_err(|_| Malformed("role"))?)
}

/// A user's handle and, in the next column, their role.
pub(super) fn share(row: &Row) -> StoreResult<Share> {
    Ok(Share {
        user_handle: handle(row, 0)?,
        role: role(row, 1)?,
    })
}

pub(super) fn count(row: &Row, column: usize) -> StoreResult<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| Malformed("count"))?)
}

pub(super) fn time(row: &Row, column: usize) -> StoreResult<Timestamp> {
    Ok(
        Timestamp::from_millisecond(row.try_get(column)?)
            .map_err(|_| Malformed("point in time"))?,
    )
}

pub(super) fn optional_time(row: &Row, column: usize) -> StoreResult<Option<Timestamp>> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|millis| {
            Ok(Timestamp::from_millisecond(millis).map_err(|_| Malformed("point in time"))?)
        })
        .transpose()
}

/// Six columns: endpoint, description, API standard, model, dimensions, context limit.
pub(super) fn settings(row: &Row, column: usize) -> StoreResult<LlmSettings> {
    Ok(LlmSettings {
        endpoint: row.try_get(column)?,
        description: row.try_get(column + 1)?,
        api_standard: row.try_get(column + 2)?,
        model: row.try_get(column + 3)?,
        dimensions: optional_number(row, column + 4)?,
        context_limit: optional_number(row, column + 5)?,
    })
}
