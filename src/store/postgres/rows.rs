//! From columns to values of the domain. A value that embsec could not have written is a fault.

use crate::domain::access::{ObjectPath, Role, Share};
use crate::domain::ids::Handle;
use crate::domain::llm::LlmSettings;
use crate::store::StoreResult;
use crate::store::driver::Malformed;
use half::f16;
use jiff::Timestamp;
use pgvector::HalfVector;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

pub(super) fn handle(row: &PgRow, column: usize) -> StoreResult<Handle> {
    Ok(Handle::parse(row.try_get(column)?).map_err(|_| Malformed("handle"))?)
}

pub(super) fn optional_handle(row: &PgRow, column: usize) -> StoreResult<Option<Handle>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| Ok(Handle::parse(text).map_err(|_| Malformed("handle"))?))
        .transpose()
}

/// The owner's handle and, in the next column, the object's.
pub(super) fn path(row: &PgRow, column: usize) -> StoreResult<ObjectPath> {
    Ok(ObjectPath {
        owner: handle(row, column)?,
        handle: handle(row, column + 1)?,
    })
}

/// As [`path`], for columns of an outer join.
pub(super) fn optional_path(row: &PgRow, column: usize) -> StoreResult<Option<ObjectPath>> {
    let owner = optional_handle(row, column)?;
    let handle = optional_handle(row, column + 1)?;
    Ok(owner
        .zip(handle)
        .map(|(owner, handle)| ObjectPath { owner, handle }))
}

pub(super) fn optional_role(row: &PgRow, column: usize) -> StoreResult<Option<Role>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| Ok(text.parse().map_err(|_| Malformed("role"))?))
        .transpose()
}

pub(super) fn role(row: &PgRow, column: usize) -> StoreResult<Role> {
    Ok(row
        .try_get::<&str, _>(column)?
        .parse()
        .map_err(|_| Malformed("role"))?)
}

/// A user's handle and, in the next column, their role.
pub(super) fn share(row: &PgRow) -> StoreResult<Share> {
    Ok(Share {
        user_handle: handle(row, 0)?,
        role: role(row, 1)?,
    })
}

pub(super) fn count(row: &PgRow, column: usize) -> StoreResult<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| Malformed("count"))?)
}

pub(super) fn number(row: &PgRow, column: usize) -> StoreResult<u32> {
    let number = row.try_get::<i32, _>(column)?;
    Ok(u32::try_from(number).map_err(|_| Malformed("number"))?)
}

pub(super) fn optional_number(row: &PgRow, column: usize) -> StoreResult<Option<u32>> {
    row.try_get::<Option<i32>, _>(column)?
        .map(|number| Ok(u32::try_from(number).map_err(|_| Malformed("number"))?))
        .transpose()
}

/// The other way: what an integer column takes.
pub(super) fn integer(number: Option<u32>) -> StoreResult<Option<i32>> {
    number
        .map(|number| Ok(i32::try_from(number).map_err(|_| Malformed("number"))?))
        .transpose()
}

/// IEEE 754 binary16, little endian, as the domain keeps a vector.
pub(super) fn vector_half(row: &PgRow, column: usize) -> StoreResult<Vec<u8>> {
    let vector: HalfVector = row.try_get(column)?;
    let components = vector.as_slice().iter();
    Ok(components.flat_map(|half| half.to_le_bytes()).collect())
}

/// The other way: a vector as the extension takes it.
pub(super) fn half_vector(vector_dim: u32, vector_half: &[u8]) -> StoreResult<HalfVector> {
    let (components, rest) = vector_half.as_chunks::<2>();
    if !rest.is_empty() || u32::try_from(components.len()) != Ok(vector_dim) {
        return Err(Malformed("vector").into());
    }
    let components = components.iter().map(|bytes| f16::from_le_bytes(*bytes));
    Ok(HalfVector::from(components.collect::<Vec<_>>()))
}

pub(super) fn time(row: &PgRow, column: usize) -> StoreResult<Timestamp> {
    Ok(
        Timestamp::from_millisecond(row.try_get(column)?)
            .map_err(|_| Malformed("point in time"))?,
    )
}

pub(super) fn optional_time(row: &PgRow, column: usize) -> StoreResult<Option<Timestamp>> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|millis| {
            Ok(Timestamp::from_millisecond(millis).map_err(|_| Malformed("point in time"))?)
        })
        .transpose()
}

/// Six columns: endpoint, description, API standard, model, dimensions, context limit.
pub(super) fn settings(row: &PgRow, column: usize) -> StoreResult<LlmSettings> {
    Ok(LlmSettings {
        endpoint: row.try_get(column)?,
        description: row.try_get(column + 1)?,
        api_standard: row.try_get(column + 2)?,
        model: row.try_get(column + 3)?,
        dimensions: optional_number(row, column + 4)?,
        context_limit: optional_number(row, column + 5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_vector_keeps_its_values() {
        let vector = half_vector(2, &[0x00, 0x3c, 0x00, 0xc0]).unwrap();
        assert_eq!(vector.as_slice(), [f16::ONE, f16::from_f32(-2.0)]);
    }

    #[test]
    fn a_vector_whose_bytes_are_not_those_of_its_dimension_is_refused() {
        for (dim, bytes) in [(1, 1), (1, 3), (1, 4), (2, 2), (0, 2)] {
            let refused = half_vector(dim, &vec![0; bytes]);
            assert!(
                matches!(refused, Err(StoreError::Fault(_))),
                "{dim} {bytes}"
            );
        }
    }
}
