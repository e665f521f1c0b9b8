//! Data keys: what is sealed under which, and which of a scope seals.

use super::engine::{Connection, Engine, Row};
use super::rows;
use crate::domain::audit::{Action, Change};
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::store::change::change;
use crate::store::driver::Malformed;
use crate::store::{Conflict, KeyStore, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

/// The columns that [`record`] reads.
macro_rules! record_columns {
    () => {
        "SELECT key_id, scope, wrapped, master_id, state, messages, created_at, destroy_after \
         FROM data_keys "
    };
}

const ACTIVE: &str = concat!(record_columns!(), "WHERE scope = $1 AND state = 'active'");

const OF_SCOPE: &str = concat!(
    record_columns!(),
    "WHERE scope = $1 ORDER BY created_at, key_id"
);

const ALL: &str = concat!(record_columns!(), "ORDER BY created_at, key_id");

const OF_ID: &str = concat!(record_columns!(), "WHERE key_id = $1");

const INSERT: &str = "\
    INSERT INTO data_keys (key_id, scope, wrapped, master_id, state, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";

const STEP_DOWN: &str = "\
    UPDATE data_keys SET state = 'decrypt-only' WHERE scope = $1 AND state = 'active' \
    RETURNING key_id";

const STEP_UP: &str = "UPDATE data_keys SET state = 'active' WHERE key_id = $1";

const PREPARE_ANEW: &str = "\
    UPDATE projects SET settings_revision = settings_revision + 1 WHERE project_id = $1";

const RETIRE: &str = "\
    UPDATE data_keys SET state = 'retired' WHERE key_id = $1 AND state = 'decrypt-only' \
    RETURNING scope";

const REMOVE_RETIRED: &str =
    "DELETE FROM data_keys WHERE key_id = $1 AND state = 'retired' RETURNING scope";

const DISCARD: &str = "DELETE FROM data_keys WHERE key_id = $1 AND state = 'pending'";

#[async_trait]
impl KeyStore for Engine {
    async fn data_key(&self, scope: KeyScope) -> StoreResult<Option<WrappedDataKey>> {
        let mut reader = self.reader().await?;
        active(&mut reader, scope).await
    }

    async fn data_keys(&self, scope: Option<KeyScope>) -> StoreResult<Vec<DataKeyRecord>> {
        let mut reader = self.reader().await?;
        let query = match scope {
            Some(scope) => sqlx::query(OF_SCOPE).bind(scope.to_string()),
            None => sqlx::query(ALL),
        };
        let rows = query.fetch_all(&mut *reader).await?;
        rows.iter().map(record).collect()
    }

    async fn data_key_of_id(&self, id: &KeyId) -> StoreResult<Option<DataKeyRecord>> {
        let mut reader = self.reader().await?;
        of_id(&mut reader, id).await
    }

    async fn insert_data_key(&self, key: &WrappedDataKey, now: Timestamp) -> StoreResult<()> {
        let mut write = self.write().await?;
        let taken = active(write.connection(), key.scope).await?.is_some();
        if taken && key.state == KeyState::Active {
            let other = format!("another active data key of scope {}", key.scope);
            return Err(Conflict::InUse(other).into());
        }
        insert(write.connection(), key, now).await?;
        write.finish_unrecorded().await
    }

    async fn activate_data_key(
        &self,
        key: &KeyId,
        former: Option<&KeyId>,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let found = of_id(write.connection(), key).await?;
        let found = found.filter(|found| found.key.state == KeyState::Pending);
        let scope = found.ok_or(Conflict::KeyChanged)?.key.scope;
        let stepped_down: Option<String> = sqlx::query_scalar(STEP_DOWN)
            .bind(scope.to_string())
            .fetch_optional(write.connection())
            .await?;
        if stepped_down.as_ref() != former.map(|former| &former.0) {
            return Err(Conflict::KeyChanged.into());
        }
        sqlx::query(STEP_UP)
            .bind(&key.0)
            .execute(write.connection())
            .await?;
        let project = match scope {
            KeyScope::System => None,
            KeyScope::Project(project) => {
                sqlx::query(PREPARE_ANEW)
                    .bind(project.0)
                    .execute(write.connection())
                    .await?;
                Some(project)
            }
        };
        let mut change = change(
            Action::DataKeyActivate,
            project,
            [
                ("key_id", key.0.as_str().into()),
                ("scope", scope.to_string().into()),
            ],
        );
        if let Some(former) = former {
            let details = &mut change.details;
            details.insert("former_key_id".to_owned(), former.0.as_str().into());
        }
        write.finish(witness, Some(change)).await
    }

    async fn retire_data_key(&self, key: &KeyId, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        let scope = end(write.connection(), RETIRE, key).await?;
        let change = ended(Action::DataKeyRetire, key, scope);
        write.finish(witness, Some(change)).await
    }

    async fn remove_retired_data_key(&self, key: &KeyId, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        let scope = end(write.connection(), REMOVE_RETIRED, key).await?;
        let change = ended(Action::DataKeyDestroy, key, scope);
        write.finish(witness, Some(change)).await
    }

    async fn discard_pending_data_key(&self, key: &KeyId) -> StoreResult<bool> {
        let mut write = self.write().await?;
        let discarded = sqlx::query(DISCARD)
            .bind(&key.0)
            .execute(write.connection())
            .await?
            .rows_affected();
        write.finish_unrecorded().await?;
        Ok(discarded > 0)
    }
}

/// Lets one statement end a key; its scope. The key must be in the state that the statement asks
/// for.
async fn end(connection: &mut Connection, sql: &'static str, key: &KeyId) -> StoreResult<KeyScope> {
    let scope: Option<String> = sqlx::query_scalar(sql)
        .bind(&key.0)
        .fetch_optional(connection)
        .await?;
    let scope = scope.ok_or(Conflict::KeyChanged)?;
    KeyScope::parse(&scope).ok_or_else(|| Malformed("scope").into())
}

fn ended(action: Action, key: &KeyId, scope: KeyScope) -> Change {
    let project = match scope {
        KeyScope::System => None,
        KeyScope::Project(project) => Some(project),
    };
    let details = [
        ("key_id", key.0.as_str().into()),
        ("scope", scope.to_string().into()),
    ];
    change(action, project, details)
}

/// The active data key of a scope.
pub(super) async fn active(
    connection: &mut Connection,
    scope: KeyScope,
) -> StoreResult<Option<WrappedDataKey>> {
    let row = sqlx::query(ACTIVE)
        .bind(scope.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| record(&row).map(|record| record.key))
        .transpose()
}

/// Stores a data key as it is.
pub(super) async fn insert(
    connection: &mut Connection,
    key: &WrappedDataKey,
    now: Timestamp,
) -> StoreResult<()> {
    sqlx::query(INSERT)
        .bind(&key.id.0)
        .bind(key.scope.to_string())
        .bind(&key.wrapped)
        .bind(&key.master_id.0)
        .bind(key.state.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

async fn of_id(connection: &mut Connection, id: &KeyId) -> StoreResult<Option<DataKeyRecord>> {
    let row = sqlx::query(OF_ID)
        .bind(&id.0)
        .fetch_optional(connection)
        .await?;
    row.map(|row| record(&row)).transpose()
}

fn record(row: &Row) -> StoreResult<DataKeyRecord> {
    let scope = KeyScope::parse(row.try_get(1)?).ok_or(Malformed("scope"))?;
    let state = KeyState::from_word(row.try_get(4)?).ok_or(Malformed("state of a key"))?;
    Ok(DataKeyRecord {
        key: WrappedDataKey {
            id: KeyId(row.try_get(0)?),
            scope,
            wrapped: row.try_get(2)?,
            master_id: KeyId(row.try_get(3)?),
            state,
        },
        messages: rows::count(row, 5)?,
        created_at: rows::time(row, 6)?,
        destroy_after: rows::optional_time(row, 7)?,
    })
}
