//! What the verbs that both engines have in common (`store/verbs`) must know of this one: the names
//! of its types, and the few words of SQL in which the engines differ.

pub(super) use super::connect::PostgresStore as Engine;
pub(super) use super::vectors::vector_half;
use crate::store::StoreResult;
use crate::store::driver::Malformed;
pub(super) use sqlx::Postgres as Database;
use sqlx::Row as _;
pub(super) use sqlx::postgres::{
    PgArguments as Arguments, PgConnection as Connection, PgRow as Row,
};

/// How a list of ids is bound.
pub(super) type Ids = Vec<i64>;

/// Makes a list of ids to bind.
pub(super) fn ids(ids: impl IntoIterator<Item = i64>) -> Ids {
    ids.into_iter().collect()
}

/// The condition that a column holds none of the ids bound as this placeholder.
macro_rules! none_of {
    ($column:literal, $ids:literal) => {
        concat!($column, " <> ALL(", $ids, "::bigint[])")
    };
}

/// Holds the project `p` against changes by others until the transaction ends. Whoever waits for
/// it then sees what they left.
macro_rules! hold_project {
    () => {
        " FOR NO KEY UPDATE OF p"
    };
}

pub(super) use {hold_project, none_of};

/// What an integer column takes.
pub(super) fn integer(number: Option<u32>) -> StoreResult<Option<i32>> {
    number
        .map(|number| Ok(i32::try_from(number).map_err(|_| Malformed("number"))?))
        .transpose()
}

/// The other way.
pub(super) fn optional_number(row: &Row, column: usize) -> StoreResult<Option<u32>> {
    row.try_get::<Option<i32>, _>(column)?
        .map(|number| Ok(u32::try_from(number).map_err(|_| Malformed("number"))?))
        .transpose()
}

/// As [`optional_number`], of a column that is never NULL.
pub(super) fn number(row: &Row, column: usize) -> StoreResult<u32> {
    let number = row.try_get::<i32, _>(column)?;
    Ok(u32::try_from(number).map_err(|_| Malformed("number"))?)
}
