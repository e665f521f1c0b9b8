//! What the verbs that both engines have in common (`store/verbs`) must know of this one: the names
//! of its types, and the few words of SQL in which the engines differ.

pub(super) use super::connect::SqliteStore as Engine;
use crate::store::StoreResult;
use sqlx::Row as _;
pub(super) use sqlx::Sqlite as Database;
pub(super) use sqlx::sqlite::{
    SqliteArguments as Arguments, SqliteConnection as Connection, SqliteRow as Row,
};

/// How a list of ids is bound: as a JSON array.
pub(super) type Ids = String;

/// Makes a list of ids to bind.
pub(super) fn ids(ids: impl IntoIterator<Item = i64>) -> Ids {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}

/// The condition that a column holds none of the ids bound as this placeholder.
macro_rules! none_of {
    ($column:literal, $ids:literal) => {
        concat!($column, " NOT IN (SELECT value FROM json_each(", $ids, "))")
    };
}

/// Holds the project `p` against changes by others until the transaction ends. There is one
/// writer, so it does.
macro_rules! hold_project {
    () => {
        ""
    };
}

pub(super) use {hold_project, none_of};

/// What an integer column takes.
pub(super) const fn integer(number: Option<u32>) -> StoreResult<Option<u32>> {
    Ok(number)
}

/// The other way.
pub(super) fn optional_number(row: &Row, column: usize) -> StoreResult<Option<u32>> {
    Ok(row.try_get(column)?)
}

/// As [`optional_number`], of a column that is never NULL.
pub(super) fn number(row: &Row, column: usize) -> StoreResult<u32> {
    Ok(row.try_get(column)?)
}

/// IEEE 754 binary16, little endian, as the domain keeps a vector.
pub(super) fn vector_half(row: &Row, column: usize) -> StoreResult<Vec<u8>> {
    Ok(row.try_get(column)?)
}
