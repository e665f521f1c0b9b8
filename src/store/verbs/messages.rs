//! How much a data key has sealed: counted within the transaction that stores what was sealed.

use super::engine::Connection;
use crate::domain::key::{KeyId, MAX_MESSAGES};
use crate::store::driver::Malformed;
use crate::store::{Conflict, StoreResult};

const COUNT: &str = "\
    UPDATE data_keys SET messages = messages + $2 \
    WHERE key_id = $1 AND state = 'active' AND messages < $3";

/// Counts values that a key has sealed. [`Conflict::KeyChanged`] when it is not the active key of
/// its scope, or has sealed enough: what it sealed must not be stored then, because a rotation may
/// have passed the place already.
pub(super) async fn count(
    connection: &mut Connection,
    key: &KeyId,
    messages: u64,
) -> StoreResult<()> {
    let number = |count| i64::try_from(count).map_err(|_| Malformed("count of messages"));
    let counted = sqlx::query(COUNT)
        .bind(&key.0)
        .bind(number(messages)?)
        .bind(number(MAX_MESSAGES)?)
        .execute(connection)
        .await?;
    if counted.rows_affected() == 0 {
        return Err(Conflict::KeyChanged.into());
    }
    Ok(())
}
