//! Definitions and their shares.

use super::engine::{Connection, Database, Engine, Row};
use super::people::{person_id, require_api_standard, user_id};
use super::rows;
use super::scope::{bind_scope, definition_readable};
use crate::domain::access::{ObjectPath, Role, Scope};
use crate::domain::audit::{Action, Change};
use crate::domain::ids::{DefinitionId, Handle, SYSTEM_HANDLE, UserId};
use crate::domain::llm::{Definition, DefinitionSpec};
use crate::domain::page::Page;
use crate::store::bound;
use crate::store::change::change;
use crate::store::{DefinitionStore, Missing, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

/// The columns that [`definition`] reads, from `d` and its owner `o`.
macro_rules! columns {
    () => {
        "d.definition_id, o.handle, d.handle, d.endpoint, d.description, d.api_standard, d.model, \
         d.dimensions, d.context_limit, d.is_public, \
         (SELECT count(*) FROM instances AS i \
             WHERE i.definition_id = d.definition_id AND i.deleted_at IS NULL)"
    };
}

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM definitions AS d JOIN users AS o ON o.user_id = d.owner_id \
     WHERE d.definition_id IN ( \
         SELECT m.definition_id FROM definitions AS m JOIN users AS u ON u.user_id = m.owner_id \
         WHERE u.handle IN ($1, $2) \
         UNION \
         SELECT s.definition_id FROM definition_shares AS s \
         JOIN users AS u ON u.user_id = s.user_id WHERE u.handle = $1) \
     ORDER BY substr(o.handle, 1, 1) = '_', o.handle, substr(d.handle, 1, 1) = '_', d.handle \
     LIMIT $3 OFFSET $4"
);

const ONE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM definitions AS d JOIN users AS o ON o.user_id = d.owner_id \
     WHERE o.handle = $1 AND d.handle = $2 AND ",
    definition_readable!()
);

const ROLE: &str = "\
    SELECT CASE WHEN d.owner_id = $3 THEN 'owner' ELSE 'reader' END \
    FROM users AS o JOIN definitions AS d ON d.owner_id = o.user_id AND d.handle = $2 \
    WHERE o.handle = $1 AND (d.owner_id = $3 OR EXISTS ( \
        SELECT 1 FROM definition_shares AS s \
        WHERE s.definition_id = d.definition_id AND s.user_id = $3))";

const ID: &str = "\
    SELECT d.definition_id, d.owner_id \
    FROM users AS o JOIN definitions AS d ON d.owner_id = o.user_id AND d.handle = $2 \
    WHERE o.handle = $1";

const UPDATE: &str = "\
    UPDATE definitions SET endpoint = $3, description = $4, api_standard = $5, model = $6, \
        dimensions = $7, context_limit = $8, is_public = $9, updated_at = $10 \
    WHERE owner_id = $1 AND handle = $2";

const INSERT: &str = "\
    INSERT INTO definitions (owner_id, handle, endpoint, description, api_standard, model, \
        dimensions, context_limit, is_public, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";

const DELETE: &str = "DELETE FROM definitions WHERE definition_id = $1";

const SHARE: &str = "\
    INSERT INTO definition_shares (definition_id, user_id, created_at) VALUES ($1, $2, $3) \
    ON CONFLICT (definition_id, user_id) DO NOTHING";

const UNSHARE: &str = "\
    DELETE FROM definition_shares WHERE definition_id = $1 \
        AND user_id = (SELECT user_id FROM users WHERE handle = $2)";

const SHARES: &str = "\
    SELECT u.handle FROM definition_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.definition_id = $1 \
    ORDER BY substr(u.handle, 1, 1) = '_', u.handle LIMIT $2 OFFSET $3";

#[async_trait]
impl DefinitionStore for Engine {
    async fn list_definitions(&self, owner: &Handle, page: Page) -> StoreResult<Vec<Definition>> {
        let mut reader = self.reader().await?;
        sqlx::query(LIST)
            .bind(owner.as_str())
            .bind(SYSTEM_HANDLE)
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(definition)
            .collect()
    }

    async fn definition(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Definition>> {
        let mut reader = self.reader().await?;
        one(&mut reader, path, scope).await
    }

    async fn definition_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>> {
        let mut reader = self.reader().await?;
        sqlx::query(ROLE)
            .bind(path.owner.as_str())
            .bind(path.handle.as_str())
            .bind(user.0)
            .fetch_optional(&mut *reader)
            .await?
            .map(|row| rows::role(&row, 0))
            .transpose()
    }

    async fn put_definition(
        &self,
        spec: &DefinitionSpec,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Definition> {
        let mut write = self.write().await?;
        let action = put(write.connection(), spec, now).await?;
        let stored = one(write.connection(), &spec.path, Scope::Admin)
            .await?
            .ok_or_else(|| Missing::Definition(spec.path.clone()))?;
        let change = change(
            action,
            None,
            [
                ("owner", spec.path.owner.as_str().into()),
                ("definition_handle", spec.path.handle.as_str().into()),
                ("is_public", spec.is_public.into()),
            ],
        );
        write.finish(witness, Some(change)).await?;
        Ok(stored)
    }

    async fn delete_definition(&self, path: &ObjectPath, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        let (id, _) = id_of(write.connection(), path).await?;
        sqlx::query(DELETE)
            .bind(id.0)
            .execute(write.connection())
            .await?;
        let change = change(
            Action::DefinitionDelete,
            None,
            [
                ("owner", path.owner.as_str().into()),
                ("definition_handle", path.handle.as_str().into()),
            ],
        );
        write.finish(witness, Some(change)).await
    }

    async fn share_definition(
        &self,
        path: &ObjectPath,
        with: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Vec<Handle>> {
        let mut write = self.write().await?;
        let (id, owner) = id_of(write.connection(), path).await?;
        let user = person_id(write.connection(), with).await?;
        let mut added = false;
        // What one owns needs no share, and would appear twice in lists with one.
        if user != owner {
            let shared = sqlx::query(SHARE)
                .bind(id.0)
                .bind(user.0)
                .bind(now.as_millisecond())
                .execute(write.connection())
                .await?;
            added = shared.rows_affected() > 0;
        }
        let shares = shares_of(write.connection(), id, Page::ALL).await?;
        let change = added.then(|| sharing(Action::DefinitionShare, path, with));
        write.finish(witness, change).await?;
        Ok(shares)
    }

    async fn unshare_definition(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<bool> {
        let mut write = self.write().await?;
        let (id, _) = id_of(write.connection(), path).await?;
        let removed = sqlx::query(UNSHARE)
            .bind(id.0)
            .bind(with.as_str())
            .execute(write.connection())
            .await?
            .rows_affected()
            > 0;
        let change = removed.then(|| sharing(Action::DefinitionUnshare, path, with));
        write.finish(witness, change).await?;
        Ok(removed)
    }

    async fn definition_shares(&self, path: &ObjectPath, page: Page) -> StoreResult<Vec<Handle>> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.snapshot().await?;
        let (id, _) = id_of(&mut snapshot, path).await?;
        shares_of(&mut snapshot, id, page).await
    }
}

async fn put(
    connection: &mut Connection,
    spec: &DefinitionSpec,
    now: Timestamp,
) -> StoreResult<Action> {
    let owner = user_id(connection, &spec.path.owner).await?;
    let settings = bound::normalised(&spec.settings);
    require_api_standard(connection, settings.api_standard.as_deref()).await?;
    let dimensions = rows::integer(settings.dimensions)?;
    let context_limit = rows::integer(settings.context_limit)?;
    let bound = |sql: &'static str| {
        sqlx::query::<Database>(sql)
            .bind(owner.0)
            .bind(spec.path.handle.as_str())
            .bind(settings.endpoint.as_deref())
            .bind(settings.description.as_deref())
            .bind(settings.api_standard.as_deref())
            .bind(settings.model.as_deref())
            .bind(dimensions)
            .bind(context_limit)
            .bind(spec.is_public)
            .bind(now.as_millisecond())
    };
    let updated = bound(UPDATE).execute(&mut *connection).await?;
    if updated.rows_affected() > 0 {
        return Ok(Action::DefinitionUpdate);
    }
    bound(INSERT).execute(connection).await?;
    Ok(Action::DefinitionCreate)
}

async fn one(
    connection: &mut Connection,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<Option<Definition>> {
    bind_scope(sqlx::query(ONE), path, scope)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(definition)
        .transpose()
}

/// The definition and its owner.
pub(super) async fn id_of(
    connection: &mut Connection,
    path: &ObjectPath,
) -> StoreResult<(DefinitionId, UserId)> {
    let row = sqlx::query(ID)
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| Missing::Definition(path.clone()))?;
    Ok((DefinitionId(row.try_get(0)?), UserId(row.try_get(1)?)))
}

async fn shares_of(
    connection: &mut Connection,
    id: DefinitionId,
    page: Page,
) -> StoreResult<Vec<Handle>> {
    sqlx::query(SHARES)
        .bind(id.0)
        .bind(bound::limit(page))
        .bind(bound::offset(page))
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| rows::handle(row, 0))
        .collect()
}

fn sharing(action: Action, path: &ObjectPath, with: &Handle) -> Change {
    change(
        action,
        None,
        [
            ("owner", path.owner.as_str().into()),
            ("definition_handle", path.handle.as_str().into()),
            ("with", with.as_str().into()),
        ],
    )
}

fn definition(row: &Row) -> StoreResult<Definition> {
    Ok(Definition {
        id: DefinitionId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        settings: rows::settings(row, 3)?,
        is_public: row.try_get(9)?,
        number_of_instances: rows::count(row, 10)?,
    })
}
