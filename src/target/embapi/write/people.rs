//! Users and their keys, which are one row.

use super::moment;
use crate::domain::ids::SYSTEM_HANDLE;
use crate::domain::record::{UserKeyRecord, UserRecord};
use crate::domain::user::UserState;
use sqlx::postgres::PgConnection;

/// A value that no key has and no two users share, for a user without a key. Upstream has 64 zeros
/// for the account of the system.
macro_rules! no_key {
    () => {
        "CASE WHEN user_handle = '_system' THEN repeat('0', 64) ELSE \
         'no-key:' || left(encode(sha256(convert_to(user_handle, 'UTF8')), 'hex'), 57) END"
    };
}

/// As [`no_key`], for a user who is disabled.
macro_rules! disabled {
    () => {
        "'disabled:' || left(encode(sha256(convert_to(user_handle, 'UTF8')), 'hex'), 55)"
    };
}

const PUT: &str = concat!(
    "INSERT INTO users (user_handle, name, email, vdb_key, created_at, updated_at) \
     SELECT user_handle, $2, $3, CASE WHEN $4 THEN ",
    disabled!(),
    " ELSE ",
    no_key!(),
    " END, ",
    moment!("$5"),
    ", ",
    moment!("$6"),
    " FROM (SELECT $1::text AS user_handle) AS u \
     ON CONFLICT (user_handle) DO UPDATE SET name = excluded.name, email = excluded.email, \
     vdb_key = CASE WHEN $4 OR users.vdb_key LIKE 'disabled:%' \
               THEN excluded.vdb_key ELSE users.vdb_key END, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

const TAKE_EMAIL: &str = "\
    UPDATE users SET email = 'aside:' || user_handle WHERE email = $1 AND user_handle <> $2";

/// Takes a key away from whoever has it.
pub(super) const TAKE_KEY: &str = concat!(
    "UPDATE users SET vdb_key = ",
    no_key!(),
    " WHERE vdb_key = $1::bpchar"
);

const GIVE_KEY: &str = "\
    UPDATE users SET vdb_key = $1 WHERE user_handle = $2 AND vdb_key NOT LIKE 'disabled:%'";

/// Puts a user in, with what stands for no key until [`put_key`].
pub(super) async fn put_user(
    connection: &mut PgConnection,
    row: &UserRecord,
) -> Result<(), sqlx::Error> {
    let handle = row.handle.as_str();
    sqlx::query(TAKE_EMAIL)
        .bind(&row.email)
        .bind(handle)
        .execute(&mut *connection)
        .await?;
    let disabled = row.state == UserState::Disabled && handle != SYSTEM_HANDLE;
    sqlx::query(PUT)
        .bind(handle)
        .bind(&row.name)
        .bind(&row.email)
        .bind(disabled)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(connection)
        .await
        .map(drop)
}

/// Gives a user their key.
pub(super) async fn put_key(
    connection: &mut PgConnection,
    row: &UserKeyRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(TAKE_KEY)
        .bind(&row.digest)
        .execute(&mut *connection)
        .await?;
    sqlx::query(GIVE_KEY)
        .bind(&row.digest)
        .bind(row.user.as_str())
        .execute(connection)
        .await
        .map(drop)
}
