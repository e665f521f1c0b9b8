//! Users and the digests of their keys.

use super::engine::{Connection, Engine, Row};
use super::people::person_id;
use super::{deletion, rows};
use crate::domain::audit::{Action, Change};
use crate::domain::ids::{Handle, InstanceId, SYSTEM_HANDLE, UserId};
use crate::domain::page::Page;
use crate::domain::user::{
    KeyDigest, KeyOwner, Membership, User, UserKey, UserSpec, UserState, UserSummary,
};
use crate::store::bound;
use crate::store::change::change;
use crate::store::driver::Malformed;
use crate::store::{Conflict, Put, PutMode, StoreResult, UserStore, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

pub(super) const KEY_OWNER: &str = "\
    SELECT u.user_id, u.handle, u.state \
    FROM user_keys AS k JOIN users AS u ON u.user_id = k.user_id \
    WHERE k.key_digest = $1 AND (k.expires_at IS NULL OR k.expires_at > $2) \
    UNION ALL \
    SELECT NULL, NULL, NULL FROM admin_keys AS a \
    WHERE a.key_digest = $1 AND (a.expires_at IS NULL OR a.expires_at > $2)";

const COUNT_ADMIN_KEYS: &str =
    "SELECT count(*) FROM admin_keys WHERE expires_at IS NULL OR expires_at > $1";

const ADD_ADMIN_KEY: &str = "\
    INSERT INTO admin_keys (key_digest, created_at) VALUES ($1, $2) \
    ON CONFLICT (key_digest) DO UPDATE SET expires_at = NULL";

const LIST: &str = "\
    SELECT u.handle, u.name, u.email, u.state, u.created_at, \
        (SELECT count(*) FROM projects AS p \
            WHERE p.owner_id = u.user_id AND p.deleted_at IS NULL), \
        (SELECT count(*) FROM definitions AS d WHERE d.owner_id = u.user_id), \
        (SELECT count(*) FROM instances AS i \
            WHERE i.owner_id = u.user_id AND i.deleted_at IS NULL) \
    FROM users AS u \
    ORDER BY substr(u.handle, 1, 1) = '_', u.handle LIMIT $1 OFFSET $2";

const ONE: &str = "\
    SELECT user_id, handle, name, email, state, created_at FROM users WHERE handle = $1";

const KEYS: &str = "\
    SELECT created_at, expires_at FROM user_keys \
    WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2) \
    ORDER BY created_at, key_digest";

const PROJECTS: &str = "\
    SELECT owner, handle, role FROM ( \
    SELECT o.handle AS owner, p.handle AS handle, 'owner' AS role \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.owner_id = $1 AND p.deleted_at IS NULL \
    UNION ALL \
    SELECT o.handle, p.handle, s.role \
    FROM project_shares AS s \
    JOIN projects AS p ON p.project_id = s.project_id AND p.owner_id <> s.user_id \
        AND p.deleted_at IS NULL \
    JOIN users AS o ON o.user_id = p.owner_id \
    WHERE s.user_id = $1) AS m \
    ORDER BY substr(owner, 1, 1) = '_', owner, substr(handle, 1, 1) = '_', handle";

const INSTANCES: &str = "\
    SELECT owner, handle, role FROM ( \
    SELECT o.handle AS owner, i.handle AS handle, 'owner' AS role \
    FROM instances AS i JOIN users AS o ON o.user_id = i.owner_id \
    WHERE i.owner_id = $1 AND i.deleted_at IS NULL \
    UNION ALL \
    SELECT o.handle, i.handle, s.role \
    FROM instance_shares AS s \
    JOIN instances AS i ON i.instance_id = s.instance_id AND i.owner_id <> s.user_id \
    JOIN users AS o ON o.user_id = i.owner_id \
    WHERE s.user_id = $1) AS m \
    ORDER BY substr(owner, 1, 1) = '_', owner, substr(handle, 1, 1) = '_', handle";

const EMAIL_OF_OTHER: &str =
    "SELECT EXISTS (SELECT 1 FROM users WHERE email = $1 AND handle <> $2)";

const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE handle = $1)";

const INSERT: &str = "\
    INSERT INTO users (handle, name, email, state, created_at, updated_at) \
    VALUES ($1, $2, $3, 'active', $4, $4) RETURNING user_id";

const UPDATE: &str = "UPDATE users SET name = $2, email = $3, updated_at = $4 WHERE handle = $1";

const INSERT_KEY: &str =
    "INSERT INTO user_keys (key_digest, user_id, created_at) VALUES ($1, $2, $3)";

const END_KEYS: &str = "\
    UPDATE user_keys SET expires_at = $2 \
    WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2)";

const PURGE_ENDED_KEYS: &str = "DELETE FROM user_keys WHERE user_id = $1 AND expires_at <= $2";

const SET_STATE: &str =
    "UPDATE users SET state = $2, updated_at = $3 WHERE user_id = $1 AND state <> $2";

const USED_BY_OTHERS: &str = "\
    SELECT o.handle, p.handle \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.owner_id <> $1 AND p.deleted_at IS NULL AND p.project_id IN ( \
        SELECT u.project_id FROM instances AS i \
        JOIN projects AS u ON u.instance_id = i.instance_id WHERE i.owner_id = $1 \
        UNION \
        SELECT e.project_id FROM instances AS i \
        JOIN embeddings AS e ON e.instance_id = i.instance_id WHERE i.owner_id = $1) \
    ORDER BY o.handle, p.handle LIMIT 5";

/// Instances that other people's projects use: those projects are deleted by then.
const NEEDED_INSTANCES: &str = "\
    SELECT i.instance_id FROM instances AS i WHERE i.owner_id = $1 AND ( \
        EXISTS (SELECT 1 FROM projects AS p WHERE p.instance_id = i.instance_id) \
        OR EXISTS (SELECT 1 FROM embeddings AS e WHERE e.instance_id = i.instance_id)) \
    ORDER BY i.instance_id";

const DELETE_PROJECTS: &str = "DELETE FROM projects WHERE owner_id = $1";
const DELETE_INSTANCES: &str = "DELETE FROM instances WHERE owner_id = $1";
const DELETE_USER: &str = "DELETE FROM users WHERE user_id = $1";

#[async_trait]
impl UserStore for Engine {
    async fn key_owner(&self, digest: &KeyDigest, now: Timestamp) -> StoreResult<Option<KeyOwner>> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(KEY_OWNER)
            .bind(&digest.0)
            .bind(now.as_millisecond())
            .fetch_optional(&mut *reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(id) = row.try_get::<Option<i64>, _>(0)? else {
            return Ok(Some(KeyOwner::Admin));
        };
        Ok(Some(KeyOwner::User {
            id: UserId(id),
            handle: rows::handle(&row, 1)?,
            state: state(&row, 2)?,
        }))
    }

    async fn count_admin_keys(&self, now: Timestamp) -> StoreResult<u64> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(COUNT_ADMIN_KEYS)
            .bind(now.as_millisecond())
            .fetch_one(&mut *reader)
            .await?;
        rows::count(&row, 0)
    }

    async fn add_admin_key(&self, digest: &KeyDigest, now: Timestamp) -> StoreResult<()> {
        let mut write = self.write().await?;
        sqlx::query(ADD_ADMIN_KEY)
            .bind(&digest.0)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        write.finish_unrecorded().await
    }

    async fn list_users(&self, page: Page) -> StoreResult<Vec<UserSummary>> {
        let mut reader = self.reader().await?;
        sqlx::query(LIST)
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(summary)
            .collect()
    }

    async fn user(&self, handle: &Handle, now: Timestamp) -> StoreResult<Option<User>> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.snapshot().await?;
        let row = sqlx::query(ONE)
            .bind(handle.as_str())
            .fetch_optional(&mut *snapshot)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let id: i64 = row.try_get(0)?;
        let keys = sqlx::query(KEYS)
            .bind(id)
            .bind(now.as_millisecond())
            .fetch_all(&mut *snapshot)
            .await?;
        let projects = sqlx::query(PROJECTS)
            .bind(id)
            .fetch_all(&mut *snapshot)
            .await?;
        let instances = sqlx::query(INSTANCES)
            .bind(id)
            .fetch_all(&mut *snapshot)
            .await?;
        Ok(Some(User {
            id: UserId(id),
            handle: rows::handle(&row, 1)?,
            name: row.try_get(2)?,
            email: row.try_get(3)?,
            state: state(&row, 4)?,
            created_at: rows::time(&row, 5)?,
            keys: keys.iter().map(user_key).collect::<StoreResult<_>>()?,
            projects: projects
                .iter()
                .map(membership)
                .collect::<StoreResult<_>>()?,
            instances: instances
                .iter()
                .map(membership)
                .collect::<StoreResult<_>>()?,
        }))
    }

    async fn put_user(
        &self,
        spec: &UserSpec,
        new_key: &KeyDigest,
        mode: PutMode,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Put> {
        let mut write = self.write().await?;
        let (put, change) = put(write.connection(), spec, new_key, mode, now).await?;
        write.finish(witness, Some(change)).await?;
        Ok(put)
    }

    async fn replace_user_key(
        &self,
        handle: &Handle,
        new_key: &KeyDigest,
        old_keys_end: Timestamp,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let id = person_id(write.connection(), handle).await?.0;
        sqlx::query(END_KEYS)
            .bind(id)
            .bind(old_keys_end.as_millisecond())
            .execute(write.connection())
            .await?;
        sqlx::query(PURGE_ENDED_KEYS)
            .bind(id)
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?;
        insert_key(write.connection(), new_key, id, now).await?;
        let change = change(
            Action::UserRotateKey,
            None,
            [
                ("user_handle", handle.as_str().into()),
                ("old_keys_end", old_keys_end.to_string().into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn set_user_state(
        &self,
        handle: &Handle,
        state: UserState,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<bool> {
        let mut write = self.write().await?;
        let id = person_id(write.connection(), handle).await?.0;
        let changed = sqlx::query(SET_STATE)
            .bind(id)
            .bind(state.as_str())
            .bind(now.as_millisecond())
            .execute(write.connection())
            .await?
            .rows_affected()
            > 0;
        let action = match state {
            UserState::Active => Action::UserEnable,
            UserState::Disabled => Action::UserDisable,
        };
        let change =
            changed.then(|| change(action, None, [("user_handle", handle.as_str().into())]));
        write.finish(witness, change).await?;
        Ok(changed)
    }

    async fn delete_user(
        &self,
        handle: &Handle,
        now: Timestamp,
        destroy_after: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let change = delete(write.connection(), handle, now, destroy_after).await?;
        write.finish(witness, Some(change)).await
    }
}

async fn put(
    connection: &mut Connection,
    spec: &UserSpec,
    new_key: &KeyDigest,
    mode: PutMode,
    now: Timestamp,
) -> StoreResult<(Put, Change)> {
    let handle = spec.handle.as_str();
    let exists: bool = sqlx::query_scalar(EXISTS)
        .bind(handle)
        .fetch_one(&mut *connection)
        .await?;
    if exists && (mode == PutMode::CreateOnly || handle == SYSTEM_HANDLE) {
        return Err(Conflict::UserExists(spec.handle.clone()).into());
    }
    let email_taken: bool = sqlx::query_scalar(EMAIL_OF_OTHER)
        .bind(&spec.email)
        .bind(handle)
        .fetch_one(&mut *connection)
        .await?;
    if email_taken {
        return Err(Conflict::EmailTaken.into());
    }
    let (put, action) = if exists {
        (Put::Updated, Action::UserUpdate)
    } else {
        (Put::Created, Action::UserCreate)
    };
    let statement = sqlx::query(if exists { UPDATE } else { INSERT })
        .bind(handle)
        .bind(spec.name.as_deref().filter(|name| !name.is_empty()))
        .bind(&spec.email)
        .bind(now.as_millisecond());
    let row = statement.fetch_optional(&mut *connection).await?;
    if let Some(row) = row {
        insert_key(connection, new_key, row.try_get(0)?, now).await?;
    }
    Ok((put, change(action, None, [("user_handle", handle.into())])))
}

async fn insert_key(
    connection: &mut Connection,
    key: &KeyDigest,
    user_id: i64,
    now: Timestamp,
) -> StoreResult<()> {
    sqlx::query(INSERT_KEY)
        .bind(&key.0)
        .bind(user_id)
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Projects go before instances, since a project in use of an instance would hold it. The keys of
/// the projects are left to be destroyed.
async fn delete(
    connection: &mut Connection,
    handle: &Handle,
    now: Timestamp,
    destroy_after: Timestamp,
) -> StoreResult<Change> {
    let id = person_id(connection, handle).await?.0;
    let used = sqlx::query(USED_BY_OTHERS)
        .bind(id)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| Ok(rows::path(row, 0)?.to_string()))
        .collect::<StoreResult<Vec<_>>>()?;
    if !used.is_empty() {
        return Err(Conflict::InUse(used.join(", ")).into());
    }
    deletion::doom_keys_of_owner(connection, id, destroy_after).await?;
    let projects = sqlx::query(DELETE_PROJECTS)
        .bind(id)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let needed: Vec<i64> = sqlx::query_scalar(NEEDED_INSTANCES)
        .bind(id)
        .fetch_all(&mut *connection)
        .await?;
    for instance in &needed {
        deletion::bury_instance(connection, InstanceId(*instance), now).await?;
    }
    let instances = sqlx::query(DELETE_INSTANCES)
        .bind(id)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    sqlx::query(DELETE_USER)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    deletion::drop_needless_instances(connection).await?;
    let instances = instances + u64::try_from(needed.len()).unwrap_or(u64::MAX);
    Ok(change(
        Action::UserDelete,
        None,
        [
            ("user_handle", handle.as_str().into()),
            ("projects", projects.into()),
            ("instances", instances.into()),
        ],
    ))
}

fn state(row: &Row, column: usize) -> StoreResult<UserState> {
    match row.try_get(column)? {
        "active" => Ok(UserState::Active),
        "disabled" => Ok(UserState::Disabled),
        _ => Err(Malformed("state of a user").into()),
    }
}

fn summary(row: &Row) -> StoreResult<UserSummary> {
    Ok(UserSummary {
        handle: rows::handle(row, 0)?,
        name: row.try_get(1)?,
        email: row.try_get(2)?,
        state: state(row, 3)?,
        created_at: rows::time(row, 4)?,
        number_of_projects: rows::count(row, 5)?,
        number_of_definitions: rows::count(row, 6)?,
        number_of_instances: rows::count(row, 7)?,
    })
}

fn user_key(row: &Row) -> StoreResult<UserKey> {
    Ok(UserKey {
        created_at: rows::time(row, 0)?,
        expires_at: rows::optional_time(row, 1)?,
    })
}

fn membership(row: &Row) -> StoreResult<Membership> {
    Ok(Membership {
        owner: rows::handle(row, 0)?,
        handle: rows::handle(row, 1)?,
        role: rows::role(row, 2)?,
    })
}
