//! Projects. Who they are shared with and given to is in `project_shares`.

use super::engine::{Connection, Database, Engine, Row, hold_project};
use super::people::user_id;
use super::scope::{bind_scope, project_readable, project_writable};
use super::{instances, overview, policy, project_shares, rows};
use crate::domain::access::{Need, ObjectPath, Role, Scope, Share};
use crate::domain::audit::{Action, Change};
use crate::domain::ids::{Handle, InstanceId, ProjectId, UserId};
use crate::domain::llm::InstanceBrief;
use crate::domain::page::Page;
use crate::domain::project::{
    ContentPolicy, Project, ProjectBrief, ProjectContext, ProjectHealth, ProjectInstance,
    ProjectOverview, ProjectSpec, UnlikePolicy,
};
use crate::store::bound;
use crate::store::change::change;
use crate::store::{Missing, ProjectStore, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::Row as _;

/// The page is cut before embeddings are counted, so that only its rows are.
const LIST: &str = "\
    SELECT m.project_id, m.owner, m.handle, m.public_read, m.role, \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = m.project_id) \
    FROM ( \
        SELECT p.project_id, o.handle AS owner, p.handle, p.public_read, r.role \
        FROM ( \
            SELECT p.project_id, 'owner' AS role \
            FROM users AS u JOIN projects AS p ON p.owner_id = u.user_id WHERE u.handle = $1 \
            UNION ALL \
            SELECT s.project_id, s.role \
            FROM users AS u JOIN project_shares AS s ON s.user_id = u.user_id \
            WHERE u.handle = $1 \
        ) AS r \
        JOIN projects AS p ON p.project_id = r.project_id AND p.deleted_at IS NULL \
        JOIN users AS o ON o.user_id = p.owner_id \
        ORDER BY substr(o.handle, 1, 1) = '_', o.handle, substr(p.handle, 1, 1) = '_', p.handle \
        LIMIT $2 OFFSET $3 \
    ) AS m \
    ORDER BY substr(m.owner, 1, 1) = '_', m.owner, substr(m.handle, 1, 1) = '_', m.handle";

const ONE: &str = concat!(
    "SELECT p.project_id, o.handle, p.handle, p.description, p.metadata_scheme, p.public_read, \
         CASE WHEN p.owner_id = $4 THEN 'owner' ELSE (SELECT m.role FROM project_shares AS m \
             WHERE m.project_id = p.project_id AND m.user_id = $4) END, \
         (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id), \
         i.instance_id, u.handle, i.handle, \
         CASE WHEN i.owner_id = $4 THEN 'owner' ELSE (SELECT m.role FROM instance_shares AS m \
             WHERE m.instance_id = i.instance_id AND m.user_id = $4) END, \
         (SELECT count(*) FROM projects AS n \
             WHERE n.instance_id = i.instance_id AND n.deleted_at IS NULL), \
         (SELECT count(*) FROM instance_shares AS n WHERE n.instance_id = i.instance_id) \
     FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
     LEFT JOIN instances AS i ON i.instance_id = p.instance_id \
     LEFT JOIN users AS u ON u.user_id = i.owner_id \
     WHERE o.handle = $1 AND ",
    project_readable!()
);

pub(super) const ROLE: &str = "\
    SELECT CASE WHEN p.owner_id = $3 THEN 'owner' ELSE (SELECT s.role FROM project_shares AS s \
        WHERE s.project_id = p.project_id AND s.user_id = $3) END \
    FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
    WHERE o.handle = $1";

const IS_PUBLIC: &str = "\
    SELECT EXISTS (SELECT 1 \
        FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
        WHERE o.handle = $1 AND p.public_read)";

/// The columns that [`context`] reads, from `p`, its owner `o` and its instance `i`.
macro_rules! context_columns {
    () => {
        "SELECT p.project_id, o.handle, p.handle, p.metadata_scheme, p.settings_revision, \
             p.data_revision, p.removal_revision, p.encrypt_text, p.encrypt_metadata, \
             i.instance_id, i.handle, i.dimensions \
         FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
         LEFT JOIN instances AS i ON i.instance_id = p.instance_id \
         WHERE o.handle = $1 AND "
    };
}

pub(super) const CONTEXT_TO_READ: &str = concat!(context_columns!(), project_readable!());
pub(super) const CONTEXT_TO_WRITE: &str = concat!(context_columns!(), project_writable!());

/// Waits for other changes of the project's embeddings, and then sees what they left.
pub(super) const CONTEXT_TO_CHANGE: &str =
    concat!(context_columns!(), project_writable!(), hold_project!());

const ID: &str = "\
    SELECT p.project_id, p.owner_id \
    FROM users AS o JOIN projects AS p ON p.owner_id = o.user_id AND p.handle = $2 \
    WHERE o.handle = $1";

/// Whether the owner of a project may use an instance: it is theirs, shared with them, or the
/// one that the project has already (a project that was given away keeps its instance).
const MAY_USE: &str = "\
    SELECT EXISTS (SELECT 1 FROM instances AS i WHERE i.instance_id = $2 AND ( \
        i.owner_id = $1 \
        OR EXISTS (SELECT 1 FROM instance_shares AS s \
            WHERE s.instance_id = i.instance_id AND s.user_id = $1) \
        OR EXISTS (SELECT 1 FROM projects AS p \
            WHERE p.owner_id = $1 AND p.handle = $3 AND p.instance_id = i.instance_id)))";

const UPDATE: &str = "\
    UPDATE projects SET description = $3, metadata_scheme = $4, public_read = $5, \
        instance_id = $6, settings_revision = settings_revision + 1, updated_at = $7 \
    WHERE owner_id = $1 AND handle = $2 RETURNING project_id";

const INSERT: &str = "\
    INSERT INTO projects (owner_id, handle, description, metadata_scheme, public_read, \
        instance_id, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING project_id";

const COUNT_EMBEDDINGS: &str = "SELECT count(*) FROM embeddings WHERE project_id = $1";

const HEALTH: &str = "\
    SELECT p.project_id, o.handle, p.handle, p.metadata_scheme, \
        i.instance_id, i.handle, i.dimensions, \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id), \
        CASE WHEN i.dimensions IS NULL THEN 0 ELSE ( \
            SELECT count(*) FROM embeddings AS e \
            WHERE e.project_id = p.project_id AND e.vector_dim <> i.dimensions) END \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    LEFT JOIN instances AS i ON i.instance_id = p.instance_id \
    WHERE p.deleted_at IS NULL ORDER BY p.project_id";

#[async_trait]
impl ProjectStore for Engine {
    async fn list_projects(&self, owner: &Handle, page: Page) -> StoreResult<Vec<ProjectBrief>> {
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

    async fn project(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Project>> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.snapshot().await?;
        let row = bind_scope(sqlx::query(ONE), path, scope)
            .fetch_optional(&mut *snapshot)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let shares = project_shares::list(&mut snapshot, ProjectId(row.try_get(0)?)).await?;
        project(&row, shares).map(Some)
    }

    async fn project_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(ROLE)
            .bind(path.owner.as_str())
            .bind(path.handle.as_str())
            .bind(user.0)
            .fetch_optional(&mut *reader)
            .await?;
        row.map_or(Ok(None), |row| rows::optional_role(&row, 0))
    }

    async fn project_is_public(&self, path: &ObjectPath) -> StoreResult<bool> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar(IS_PUBLIC)
            .bind(path.owner.as_str())
            .bind(path.handle.as_str())
            .fetch_one(&mut *reader)
            .await?)
    }

    async fn project_context(
        &self,
        path: &ObjectPath,
        scope: Scope,
        need: Need,
    ) -> StoreResult<Option<ProjectContext>> {
        let mut reader = self.reader().await?;
        let sql = match need {
            Need::Read => CONTEXT_TO_READ,
            Need::Write => CONTEXT_TO_WRITE,
        };
        context(&mut reader, sql, path, scope).await
    }

    async fn put_project(
        &self,
        spec: &ProjectSpec,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectBrief> {
        let mut write = self.write().await?;
        let (brief, change) = put(write.connection(), spec, now).await?;
        write.finish(witness, Some(change)).await?;
        Ok(brief)
    }

    async fn share_project(
        &self,
        path: &ObjectPath,
        share: &Share,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId> {
        let mut write = self.write().await?;
        let (id, change) = project_shares::share(write.connection(), path, share, now).await?;
        write.finish(witness, change).await?;
        Ok(id)
    }

    async fn unshare_project(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<()> {
        let mut write = self.write().await?;
        let change = project_shares::unshare(write.connection(), path, with).await?;
        write.finish(witness, Some(change)).await
    }

    async fn transfer_project(
        &self,
        path: &ObjectPath,
        new_owner: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId> {
        let mut write = self.write().await?;
        let (id, change) =
            project_shares::transfer(write.connection(), path, new_owner, now).await?;
        write.finish(witness, Some(change)).await?;
        Ok(id)
    }

    async fn project_policy(
        &self,
        path: &ObjectPath,
        scope: Scope,
    ) -> StoreResult<Option<ContentPolicy>> {
        let mut reader = self.reader().await?;
        policy::of_project(&mut reader, path, scope).await
    }

    async fn set_project_policy(
        &self,
        path: &ObjectPath,
        policy: ContentPolicy,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<bool> {
        let mut write = self.write().await?;
        let change = policy::set(write.connection(), path, policy, now).await?;
        let changed = change.is_some();
        write.finish(witness, change).await?;
        Ok(changed)
    }

    async fn unlike_policy(
        &self,
        id: ProjectId,
        policy: ContentPolicy,
    ) -> StoreResult<UnlikePolicy> {
        let mut reader = self.reader().await?;
        overview::unlike_policy(&mut reader, id, policy).await
    }

    async fn all_projects(&self) -> StoreResult<Vec<ProjectOverview>> {
        let mut reader = self.reader().await?;
        overview::all(&mut reader).await
    }

    async fn project_health(&self) -> StoreResult<Vec<ProjectHealth>> {
        let mut reader = self.reader().await?;
        sqlx::query(HEALTH)
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(health)
            .collect()
    }
}

async fn put(
    connection: &mut Connection,
    spec: &ProjectSpec,
    now: Timestamp,
) -> StoreResult<(ProjectBrief, Change)> {
    let owner = user_id(connection, &spec.path.owner).await?;
    let instance = match &spec.instance {
        Some(instance) => Some(usable_instance(connection, owner, spec, instance).await?.0),
        None => None,
    };
    let bound = |sql: &'static str| {
        sqlx::query_scalar::<Database, i64>(sql)
            .bind(owner.0)
            .bind(spec.path.handle.as_str())
            .bind(spec.description.as_deref())
            .bind(spec.metadata_scheme.as_deref())
            .bind(spec.public_read)
            .bind(instance)
            .bind(now.as_millisecond())
    };
    let updated = bound(UPDATE).fetch_optional(&mut *connection).await?;
    let (id, action) = match updated {
        Some(id) => (id, Action::ProjectUpdate),
        None => (
            bound(INSERT).fetch_one(&mut *connection).await?,
            Action::ProjectCreate,
        ),
    };
    let id = ProjectId(id);
    for share in &spec.shared_with {
        project_shares::add(connection, id, owner, share, now).await?;
    }
    let brief = ProjectBrief {
        id,
        path: spec.path.clone(),
        public_read: spec.public_read,
        role: Some(Role::Owner),
        number_of_embeddings: count_embeddings(connection, id).await?,
    };
    Ok((brief, put_change(action, id, spec)))
}

fn put_change(action: Action, id: ProjectId, spec: &ProjectSpec) -> Change {
    let mut change = change(
        action,
        Some(id),
        [
            ("owner", spec.path.owner.as_str().into()),
            ("project_handle", spec.path.handle.as_str().into()),
            ("public_read", spec.public_read.into()),
        ],
    );
    if let Some(instance) = &spec.instance {
        let details = &mut change.details;
        details.insert("instance".to_owned(), instance.to_string().into());
    }
    if !spec.shared_with.is_empty() {
        let shares = spec.shared_with.iter();
        let shares = shares.map(|share| format!("{}:{}", share.user_handle, share.role));
        let shares = shares.map(Value::from).collect();
        change.details.insert("shared_with".to_owned(), shares);
    }
    change
}

async fn usable_instance(
    connection: &mut Connection,
    owner: UserId,
    spec: &ProjectSpec,
    instance: &ObjectPath,
) -> StoreResult<InstanceId> {
    let (id, _) = instances::id_of(connection, instance).await?;
    let may_use: bool = sqlx::query_scalar(MAY_USE)
        .bind(owner.0)
        .bind(id.0)
        .bind(spec.path.handle.as_str())
        .fetch_one(connection)
        .await?;
    if may_use {
        Ok(id)
    } else {
        Err(Missing::Instance(instance.clone()).into())
    }
}

/// The project and its owner.
pub(super) async fn id_of(
    connection: &mut Connection,
    path: &ObjectPath,
) -> StoreResult<(ProjectId, UserId)> {
    let row = sqlx::query(ID)
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| Missing::Project(path.clone()))?;
    Ok((ProjectId(row.try_get(0)?), UserId(row.try_get(1)?)))
}

/// The project, if the scope allows to change its embeddings. Nobody else changes them until the
/// transaction ends.
pub(super) async fn context_to_change(
    connection: &mut Connection,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<Option<ProjectContext>> {
    context(connection, CONTEXT_TO_CHANGE, path, scope).await
}

async fn context(
    connection: &mut Connection,
    sql: &'static str,
    path: &ObjectPath,
    scope: Scope,
) -> StoreResult<Option<ProjectContext>> {
    let row = bind_scope(sqlx::query(sql), path, scope)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ProjectContext {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(&row, 1)?,
        metadata_scheme: row.try_get(3)?,
        settings_revision: row.try_get(4)?,
        data_revision: row.try_get(5)?,
        removal_revision: row.try_get(6)?,
        policy: policy::policy(&row, 7)?,
        instance: instance(&row, 9)?,
    }))
}

pub(super) async fn count_embeddings(
    connection: &mut Connection,
    id: ProjectId,
) -> StoreResult<u64> {
    let row = sqlx::query(COUNT_EMBEDDINGS)
        .bind(id.0)
        .fetch_one(connection)
        .await?;
    rows::count(&row, 0)
}

fn brief(row: &Row) -> StoreResult<ProjectBrief> {
    Ok(ProjectBrief {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        public_read: row.try_get(3)?,
        role: rows::optional_role(row, 4)?,
        number_of_embeddings: rows::count(row, 5)?,
    })
}

fn project(row: &Row, shared_with: Vec<Share>) -> StoreResult<Project> {
    let instance = match row.try_get::<Option<i64>, _>(8)? {
        Some(id) => Some(InstanceBrief {
            id: InstanceId(id),
            path: rows::path(row, 9)?,
            access_role: rows::optional_role(row, 11)?,
            number_of_projects: rows::count(row, 12)?,
            number_of_shared_users: rows::count(row, 13)?,
        }),
        None => None,
    };
    Ok(Project {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        description: row.try_get(3)?,
        metadata_scheme: row.try_get(4)?,
        public_read: row.try_get(5)?,
        instance,
        shared_with,
        role: rows::optional_role(row, 6)?,
        number_of_embeddings: rows::count(row, 7)?,
    })
}

/// Three columns: id, handle, dimensions; all NULL without an instance.
fn instance(row: &Row, column: usize) -> StoreResult<Option<ProjectInstance>> {
    let Some(id) = row.try_get::<Option<i64>, _>(column)? else {
        return Ok(None);
    };
    Ok(Some(ProjectInstance {
        id: InstanceId(id),
        handle: rows::handle(row, column + 1)?,
        dimensions: rows::optional_number(row, column + 2)?,
    }))
}

fn health(row: &Row) -> StoreResult<ProjectHealth> {
    Ok(ProjectHealth {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        metadata_scheme: row.try_get(3)?,
        instance: instance(row, 4)?,
        number_of_embeddings: rows::count(row, 7)?,
        wrong_dimension: rows::count(row, 8)?,
    })
}
