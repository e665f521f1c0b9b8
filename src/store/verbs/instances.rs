//! Instances, their sealed provider keys and their shares.

use super::engine::{Connection, Database, Engine, Row};
use super::people::{person_id, require_api_standard, user_id};
use super::scope::{bind_scope, instance_readable};
use super::{definitions, deletion, messages, rows};
use crate::domain::access::{ObjectPath, Role, Scope, Share};
use crate::domain::audit::Action;
use crate::domain::ids::{DefinitionId, Handle, InstanceId, UserId};
use crate::domain::llm::{Instance, InstanceBrief, InstanceSpec};
use crate::domain::page::Page;
use crate::store::bound;
use crate::store::change::change;
use crate::store::{
    Conflict, InstanceStore, Missing, StoreError, StoreResult, StoredKeyChange, Witness,
};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

const LIST: &str = "\
    SELECT i.instance_id, o.handle, i.handle, m.role, \
        (SELECT count(*) FROM projects AS p \
            WHERE p.instance_id = i.instance_id AND p.deleted_at IS NULL), \
        (SELECT count(*) FROM instance_shares AS s WHERE s.instance_id = i.instance_id) \
    FROM ( \
        SELECT i.instance_id, 'owner' AS role \
        FROM users AS u JOIN instances AS i ON i.owner_id = u.user_id WHERE u.handle = $1 \
        UNION ALL \
        SELECT s.instance_id, s.role \
        FROM users AS u JOIN instance_shares AS s ON s.user_id = u.user_id WHERE u.handle = $1 \
    ) AS m \
    JOIN instances AS i ON i.instance_id = m.instance_id AND i.deleted_at IS NULL \
    JOIN users AS o ON o.user_id = i.owner_id \
    ORDER BY substr(o.handle, 1, 1) = '_', o.handle, substr(i.handle, 1, 1) = '_', i.handle \
    LIMIT $2 OFFSET $3";

const ONE: &str = concat!(
    "SELECT i.instance_id, o.handle, i.handle, \
         CASE WHEN i.owner_id = $4 THEN 'owner' ELSE (SELECT m.role FROM instance_shares AS m \
             WHERE m.instance_id = i.instance_id AND m.user_id = $4) END, \
         d.definition_id, u.handle, d.handle, i.endpoint, i.description, i.api_standard, \
         i.model, i.dimensions, i.context_limit, i.api_key IS NOT NULL \
     FROM users AS o JOIN instances AS i ON i.owner_id = o.user_id AND i.handle = $2 \
     LEFT JOIN definitions AS d ON d.definition_id = i.definition_id \
     LEFT JOIN users AS u ON u.user_id = d.owner_id \
     WHERE o.handle = $1 AND ",
    instance_readable!()
);

const ROLE: &str = "\
    SELECT CASE WHEN i.owner_id = $3 THEN 'owner' ELSE (SELECT s.role FROM instance_shares AS s \
        WHERE s.instance_id = i.instance_id AND s.user_id = $3) END \
    FROM users AS o JOIN instances AS i ON i.owner_id = o.user_id AND i.handle = $2 \
    WHERE o.handle = $1";

const ID: &str = "\
    SELECT i.instance_id, i.owner_id \
    FROM users AS o JOIN instances AS i ON i.owner_id = o.user_id AND i.handle = $2 \
    WHERE o.handle = $1";

const STORED: &str = "\
    SELECT instance_id, dimensions, api_key IS NOT NULL FROM instances \
    WHERE owner_id = $1 AND handle = $2";

const UPDATE: &str = "\
    UPDATE instances SET definition_id = $3, endpoint = $4, description = $5, api_standard = $6, \
        model = $7, dimensions = $8, context_limit = $9, updated_at = $10 \
    WHERE owner_id = $1 AND handle = $2 RETURNING instance_id";

const INSERT: &str = "\
    INSERT INTO instances (owner_id, handle, definition_id, endpoint, description, api_standard, \
        model, dimensions, context_limit, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING instance_id";

/// A batch that was checked against other dimensions must not be written.
const SETTINGS_CHANGED: &str =
    "UPDATE projects SET settings_revision = settings_revision + 1 WHERE instance_id = $1";

const SET_KEY: &str = "UPDATE instances SET api_key = $2 WHERE instance_id = $1";

const SEALED_KEY: &str = "SELECT api_key FROM instances WHERE instance_id = $1";

const USED_BY: &str = "\
    SELECT o.handle, p.handle \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.deleted_at IS NULL AND p.project_id IN ( \
        SELECT project_id FROM projects WHERE instance_id = $1 \
        UNION \
        SELECT project_id FROM embeddings WHERE instance_id = $1) \
    ORDER BY o.handle, p.handle LIMIT 1";

/// Whether any project uses it, deleted ones included.
const IS_NEEDED: &str = "\
    SELECT EXISTS (SELECT 1 FROM projects WHERE instance_id = $1) \
        OR EXISTS (SELECT 1 FROM embeddings WHERE instance_id = $1)";

const DELETE: &str = "DELETE FROM instances WHERE instance_id = $1";

const SHARE: &str = "\
    INSERT INTO instance_shares (instance_id, user_id, role, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $4) \
    ON CONFLICT (instance_id, user_id) DO UPDATE \
        SET role = excluded.role, updated_at = excluded.updated_at \
        WHERE instance_shares.role <> excluded.role";

const UNSHARE: &str = "\
    DELETE FROM instance_shares WHERE instance_id = $1 \
        AND user_id = (SELECT user_id FROM users WHERE handle = $2)";

const SHARES: &str = "\
    SELECT u.handle, s.role FROM instance_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.instance_id = $1 \
    ORDER BY substr(u.handle, 1, 1) = '_', u.handle LIMIT $2 OFFSET $3";

#[async_trait]
impl InstanceStore for Engine {
    async fn list_instances(&self, owner: &Handle, page: Page) -> StoreResult<Vec<InstanceBrief>> {
        let mut reader = self.reader().await?;
        sqlx::query(LIST)
            .bind(owner.as_str())
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(brief)
            .collect()
    }

    async fn instance(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Instance>> {
        let mut reader = self.reader().await?;
        bind_scope(sqlx::query(ONE), path, scope)
            .fetch_optional(&mut *reader)
            .await?
            .as_ref()
            .map(instance)
            .transpose()
    }

    async fn instance_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(ROLE)
            .bind(path.owner.as_str())
            .bind(path.handle.as_str())
            .bind(user.0)
            .fetch_optional(&mut *reader)
            .await?;
        row.map_or(Ok(None), |row| rows::optional_role(&row, 0))
    }

    async fn put_instance(
        &self,
        spec: &InstanceSpec,
        key: StoredKeyChange<'_>,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<InstanceId> {
        let mut write = self.write().await?;
        let put = put(write.connection(), spec, now).await?;
        let provider_key = change_key(write.connection(), &put, key).await?;
        let action = if put.created {
            Action::InstanceCreate
        } else {
            Action::InstanceUpdate
        };
        let change = change(
            action,
            None,
            [
                ("owner", spec.path.owner.as_str().into()),
                ("instance_handle", spec.path.handle.as_str().into()),
                ("provider_key", provider_key.into()),
            ],
        );
        write.finish(witness, Some(change)).await?;
        Ok(put.id)
    }

    async fn sealed_provider_key(&self, id: InstanceId) -> StoreResult<Option<String>> {
        let mut reader = self.reader().await?;
        let key: Option<Option<String>> = sqlx::query_scalar(SEALED_KEY)
            .bind(id.0)
            .fetch_optional(&mut *reader)
            .await?;
        Ok(key.flatten())
    }

    async fn delete_instance(
        &self,
        path: &ObjectPath,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let (id, _) = id_of(write.connection(), path).await?;
        let used = sqlx::query(USED_BY)
            .bind(id.0)
            .fetch_optional(write.connection())
            .await?;
        if let Some(row) = used {
            return Err(Conflict::InUse(rows::path(&row, 0)?.to_string()).into());
        }
        let is_needed: bool = sqlx::query_scalar(IS_NEEDED)
            .bind(id.0)
            .fetch_one(write.connection())
            .await?;
        if is_needed {
            deletion::bury_instance(write.connection(), id, now).await?;
        } else {
            sqlx::query(DELETE)
                .bind(id.0)
                .execute(write.connection())
                .await?;
        }
        let change = change(
            Action::InstanceDelete,
            None,
            [
                ("owner", path.owner.as_str().into()),
                ("instance_handle", path.handle.as_str().into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn share_instance(
        &self,
        path: &ObjectPath,
        share: &Share,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let (id, owner) = id_of(write.connection(), path).await?;
        let user = person_id(write.connection(), &share.user_handle).await?;
        let mut changed = false;
        // What one owns needs no share, and would appear twice in lists with one.
        if user != owner {
            let shared = sqlx::query(SHARE)
                .bind(id.0)
                .bind(user.0)
                .bind(share.role.as_str())
                .bind(now.as_millisecond())
                .execute(write.connection())
                .await?;
            changed = shared.rows_affected() > 0;
        }
        let change = changed.then(|| {
            change(
                Action::InstanceShare,
                None,
                [
                    ("owner", path.owner.as_str().into()),
                    ("instance_handle", path.handle.as_str().into()),
                    ("with", share.user_handle.as_str().into()),
                    ("role", share.role.as_str().into()),
                ],
            )
        });
        write.finish(witness, change).await
    }

    async fn unshare_instance(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let (id, _) = id_of(write.connection(), path).await?;
        let removed = sqlx::query(UNSHARE)
            .bind(id.0)
            .bind(with.as_str())
            .execute(write.connection())
            .await?;
        if removed.rows_affected() == 0 {
            return Err(Missing::Share(with.clone()).into());
        }
        let change = change(
            Action::InstanceUnshare,
            None,
            [
                ("owner", path.owner.as_str().into()),
                ("instance_handle", path.handle.as_str().into()),
                ("with", with.as_str().into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn instance_shares(&self, path: &ObjectPath, page: Page) -> StoreResult<Vec<Share>> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.snapshot().await?;
        let (id, _) = id_of(&mut snapshot, path).await?;
        sqlx::query(SHARES)
            .bind(id.0)
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *snapshot)
            .await?
            .iter()
            .map(rows::share)
            .collect()
    }
}

/// The row as [`put`] left it.
struct PutRow {
    id: InstanceId,
    created: bool,
    had_key: bool,
}

async fn put(
    connection: &mut Connection,
    spec: &InstanceSpec,
    now: Timestamp,
) -> StoreResult<PutRow> {
    let owner = user_id(connection, &spec.path.owner).await?;
    let settings = bound::normalised(&spec.settings);
    require_api_standard(connection, settings.api_standard.as_deref()).await?;
    let definition = match &spec.definition {
        Some(path) => Some(definitions::id_of(connection, path).await?.0.0),
        None => None,
    };
    let stored = sqlx::query(STORED)
        .bind(owner.0)
        .bind(spec.path.handle.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let dimensions = rows::integer(settings.dimensions)?;
    let context_limit = rows::integer(settings.context_limit)?;
    let sql = if stored.is_some() { UPDATE } else { INSERT };
    let id: i64 = sqlx::query_scalar::<Database, i64>(sql)
        .bind(owner.0)
        .bind(spec.path.handle.as_str())
        .bind(definition)
        .bind(settings.endpoint.as_deref())
        .bind(settings.description.as_deref())
        .bind(settings.api_standard.as_deref())
        .bind(settings.model.as_deref())
        .bind(dimensions)
        .bind(context_limit)
        .bind(now.as_millisecond())
        .fetch_one(&mut *connection)
        .await?;
    let Some(row) = stored else {
        return Ok(PutRow {
            id: InstanceId(id),
            created: true,
            had_key: false,
        });
    };
    if rows::optional_number(&row, 1)? != settings.dimensions {
        sqlx::query(SETTINGS_CHANGED)
            .bind(id)
            .execute(connection)
            .await?;
    }
    Ok(PutRow {
        id: InstanceId(id),
        created: false,
        had_key: row.try_get(2)?,
    })
}

/// Changes the stored provider key and says what became of it, in the word of the audit log.
async fn change_key(
    connection: &mut Connection,
    put: &PutRow,
    key: StoredKeyChange<'_>,
) -> StoreResult<&'static str> {
    let sealed = match key {
        StoredKeyChange::Keep if put.had_key => return Ok("kept"),
        StoredKeyChange::Keep => return Ok("none"),
        StoredKeyChange::Remove if !put.had_key => return Ok("none"),
        StoredKeyChange::Remove => None,
        StoredKeyChange::Set(sealer) => Some(sealer.seal(put.id).map_err(StoreError::Seal)?),
    };
    sqlx::query(SET_KEY)
        .bind(put.id.0)
        .bind(sealed.as_ref().map(|field| field.text.as_str()))
        .execute(&mut *connection)
        .await?;
    let Some(sealed) = sealed else {
        return Ok("removed");
    };
    messages::count(connection, &sealed.key_id, 1).await?;
    Ok("set")
}

/// The instance and its owner.
pub(super) async fn id_of(
    connection: &mut Connection,
    path: &ObjectPath,
) -> StoreResult<(InstanceId, UserId)> {
    let row = sqlx::query(ID)
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| Missing::Instance(path.clone()))?;
    Ok((InstanceId(row.try_get(0)?), UserId(row.try_get(1)?)))
}

fn brief(row: &Row) -> StoreResult<InstanceBrief> {
    Ok(InstanceBrief {
        id: InstanceId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        access_role: rows::optional_role(row, 3)?,
        number_of_projects: rows::count(row, 4)?,
        number_of_shared_users: rows::count(row, 5)?,
    })
}

fn instance(row: &Row) -> StoreResult<Instance> {
    Ok(Instance {
        id: InstanceId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        access_role: rows::optional_role(row, 3)?,
        definition_id: row.try_get::<Option<i64>, _>(4)?.map(DefinitionId),
        definition: rows::optional_path(row, 5)?,
        settings: rows::settings(row, 7)?,
        has_provider_key: row.try_get(13)?,
    })
}
