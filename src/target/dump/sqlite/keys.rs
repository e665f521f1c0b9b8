//! Takes the wrapped data keys out of a copy of embsec's own database, and what is only about
//! processes that ran while it was made.

use super::{DumpError, DumpResult};
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::target::sqlite::whole::{self, SqliteFault};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use std::path::Path;

const KEYS: &str = "\
    SELECT key_id, scope, wrapped, master_id, state, messages, created_at, destroy_after \
    FROM data_keys ORDER BY created_at, key_id";

/// What is emptied. A lease or a process of the day of the backup means nothing in a restored
/// database.
const EMPTY: [&str; 3] = [
    "DELETE FROM data_keys",
    "DELETE FROM leases",
    "DELETE FROM processes",
];

/// What `ANALYZE` may have kept of the keys.
const SAMPLES: [(&str, &str); 2] = [
    (
        "sqlite_stat4",
        "DELETE FROM sqlite_stat4 WHERE tbl IN ('data_keys', 'leases', 'processes')",
    ),
    (
        "sqlite_stat1",
        "DELETE FROM sqlite_stat1 WHERE tbl IN ('data_keys', 'leases', 'processes')",
    ),
];

/// Reads the keys and removes them. Their places are overwritten.
pub(super) fn take_out(connection: &Connection, path: &Path) -> DumpResult<Vec<DataKeyRecord>> {
    let rows = read(connection).map_err(SqliteFault::at(path))?;
    let keys = rows.into_iter().map(record).collect::<DumpResult<_>>()?;
    remove(connection).map_err(SqliteFault::at(path))?;
    Ok(keys)
}

/// A row as it is stored.
struct Stored {
    key_id: String,
    scope: String,
    wrapped: String,
    master_id: String,
    state: String,
    messages: i64,
    created_at: i64,
    destroy_after: Option<i64>,
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<Stored>> {
    let stored = |row: &Row<'_>| {
        Ok(Stored {
            key_id: row.get(0)?,
            scope: row.get(1)?,
            wrapped: row.get(2)?,
            master_id: row.get(3)?,
            state: row.get(4)?,
            messages: row.get(5)?,
            created_at: row.get(6)?,
            destroy_after: row.get(7)?,
        })
    };
    connection.prepare(KEYS)?.query_map([], stored)?.collect()
}

fn record(stored: Stored) -> DumpResult<DataKeyRecord> {
    let time =
        |millis: i64| Timestamp::from_millisecond(millis).map_err(|_| DumpError::Malformed("time"));
    Ok(DataKeyRecord {
        key: WrappedDataKey {
            id: KeyId(stored.key_id),
            scope: KeyScope::parse(&stored.scope).ok_or(DumpError::Malformed("scope"))?,
            wrapped: stored.wrapped,
            master_id: KeyId(stored.master_id),
            state: KeyState::from_word(&stored.state).ok_or(DumpError::Malformed("state"))?,
        },
        messages: u64::try_from(stored.messages).map_err(|_| DumpError::Malformed("count"))?,
        created_at: time(stored.created_at)?,
        destroy_after: stored.destroy_after.map(time).transpose()?,
    })
}

fn remove(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for sql in EMPTY {
        transaction.execute(sql, [])?;
    }
    for (samples, sql) in SAMPLES {
        if whole::has_table(&transaction, samples)? {
            transaction.execute(sql, [])?;
        }
    }
    transaction.commit()
}
