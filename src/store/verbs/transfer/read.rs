//! Reads the rows that travel, a page at a time, in the order of their keys.

use super::super::engine::{Connection, Row, none_of};
use super::super::{policy, rows};
use super::hidden::Hidden;
use crate::crypto::provider_key;
use crate::domain::ids::{DefinitionId, EmbeddingId, InstanceId, ProjectId, UserId};
use crate::domain::llm::KeyMethod;
use crate::domain::record::{
    AdminKeyRecord, ApiStandardRecord, DefinitionRecord, DefinitionShareRecord, EmbeddingRecord,
    InstanceRecord, InstanceShareRecord, ProjectRecord, ProjectShareRecord, Record, RecordKey,
    Table, UserKeyRecord, UserRecord,
};
use crate::domain::user::UserState;
use crate::store::driver::Malformed;
use crate::store::transfer::{OpenKeys, PAGE_BYTES, TransferError, TransferResult};
use crate::store::{StoreError, StoreResult};
use futures_util::TryStreamExt as _;
use sqlx::Row as _;
use std::str::FromStr as _;

const USERS: &str = "\
    SELECT user_id, handle, name, email, state, created_at, updated_at FROM users \
    WHERE handle > $1 ORDER BY handle LIMIT $2";

const USER_KEYS: &str = "\
    SELECT k.key_digest, u.handle, k.created_at, k.expires_at \
    FROM user_keys AS k JOIN users AS u ON u.user_id = k.user_id \
    WHERE k.key_digest > $1 ORDER BY k.key_digest LIMIT $2";

const ADMIN_KEYS: &str = "\
    SELECT key_digest, created_at, expires_at FROM admin_keys \
    WHERE key_digest > $1 ORDER BY key_digest LIMIT $2";

const API_STANDARDS: &str = "\
    SELECT handle, description, key_method, key_field, created_at, updated_at FROM api_standards \
    WHERE handle > $1 ORDER BY handle LIMIT $2";

const DEFINITIONS: &str = "\
    SELECT d.definition_id, u.handle, d.handle, d.endpoint, d.description, d.api_standard, \
        d.model, d.dimensions, d.context_limit, d.is_public, d.created_at, d.updated_at \
    FROM definitions AS d JOIN users AS u ON u.user_id = d.owner_id \
    WHERE d.definition_id > $1 ORDER BY d.definition_id LIMIT $2";

const DEFINITION_SHARES: &str = "\
    SELECT s.definition_id, u.handle, s.created_at \
    FROM definition_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.definition_id >= $1 AND (s.definition_id, u.handle) > ($1, $2) \
    ORDER BY s.definition_id, u.handle LIMIT $3";

const INSTANCES: &str = concat!(
    "SELECT i.instance_id, u.handle, i.handle, i.endpoint, i.description, i.api_standard, \
        i.model, i.dimensions, i.context_limit, i.definition_id, i.api_key, \
        i.created_at, i.updated_at \
    FROM instances AS i JOIN users AS u ON u.user_id = i.owner_id \
    WHERE i.instance_id > $1 AND ",
    none_of!("i.instance_id", "$3"),
    " ORDER BY i.instance_id LIMIT $2"
);

const INSTANCE_SHARES: &str = "\
    SELECT s.instance_id, u.handle, s.role, s.created_at, s.updated_at \
    FROM instance_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.instance_id >= $1 AND (s.instance_id, u.handle) > ($1, $2) \
    ORDER BY s.instance_id, u.handle LIMIT $3";

macro_rules! projects {
    ($policy:literal) => {
        concat!(
            "SELECT p.project_id, u.handle, p.handle, p.description, p.metadata_scheme, \
                p.public_read, p.instance_id, p.created_at, p.updated_at, ",
            $policy,
            " FROM projects AS p JOIN users AS u ON u.user_id = p.owner_id \
    WHERE p.project_id > $1 AND ",
            none_of!("p.project_id", "$3"),
            " ORDER BY p.project_id LIMIT $2"
        )
    };
}

const PROJECTS: &str = projects!("p.encrypt_text, p.encrypt_metadata");

/// Before projects said what of them is sealed; this is what they got then.
const PROJECTS_WITHOUT_POLICY: &str = projects!("TRUE, FALSE");

const PROJECT_SHARES: &str = concat!(
    "SELECT s.project_id, u.handle, s.role, s.created_at, s.updated_at \
    FROM project_shares AS s JOIN users AS u ON u.user_id = s.user_id \
    WHERE s.project_id >= $1 AND (s.project_id, u.handle) > ($1, $2) AND ",
    none_of!("s.project_id", "$4"),
    " ORDER BY s.project_id, u.handle LIMIT $3"
);

const EMBEDDINGS: &str = concat!(
    "SELECT embedding_id, project_id, instance_id, text_id, vector_dim, vector, text, metadata, \
        created_at, updated_at \
    FROM embeddings WHERE embedding_id > $1 AND ",
    none_of!("project_id", "$3"),
    " ORDER BY embedding_id LIMIT $2"
);

/// The rows of a table behind a key, without those that are hidden. What is sealed is opened
/// with `keys`.
pub(super) async fn page(
    connection: &mut Connection,
    table: Table,
    after: Option<&RecordKey>,
    limit: u32,
    keys: &OpenKeys,
    hidden: &Hidden,
) -> TransferResult<Vec<Record>> {
    let sql = match table {
        Table::Projects if !hidden.knows_policies() => PROJECTS_WITHOUT_POLICY,
        _ => sql(table),
    };
    let query = match table {
        Table::Users | Table::UserKeys | Table::AdminKeys | Table::ApiStandards => {
            sqlx::query(sql).bind(name_of(after)?)
        }
        Table::Definitions | Table::Instances | Table::Projects | Table::Embeddings => {
            sqlx::query(sql).bind(id_of(after)?)
        }
        Table::DefinitionShares | Table::InstanceShares | Table::ProjectShares => {
            let (id, handle) = share_of(after)?;
            sqlx::query(sql).bind(id).bind(handle)
        }
    };
    let mut query = query.bind(i64::from(limit));
    if let Some(ids) = hidden.of(table) {
        query = query.bind(ids);
    }
    let mut rows = query.fetch(connection);
    let mut page = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
        let record = record(table, &row, keys)?;
        bytes += size(&record);
        page.push(record);
        if bytes > PAGE_BYTES {
            break;
        }
    }
    Ok(page)
}

const fn sql(table: Table) -> &'static str {
    match table {
        Table::Users => USERS,
        Table::UserKeys => USER_KEYS,
        Table::AdminKeys => ADMIN_KEYS,
        Table::ApiStandards => API_STANDARDS,
        Table::Definitions => DEFINITIONS,
        Table::DefinitionShares => DEFINITION_SHARES,
        Table::Instances => INSTANCES,
        Table::InstanceShares => INSTANCE_SHARES,
        Table::Projects => PROJECTS,
        Table::ProjectShares => PROJECT_SHARES,
        Table::Embeddings => EMBEDDINGS,
    }
}

/// No name is empty, so that everything is behind the empty one.
fn name_of(key: Option<&RecordKey>) -> StoreResult<&str> {
    match key {
        None => Ok(""),
        Some(RecordKey::Name(name)) => Ok(name),
        Some(_) => Err(Malformed("key of a page").into()),
    }
}

fn id_of(key: Option<&RecordKey>) -> StoreResult<i64> {
    match key {
        None => Ok(i64::MIN),
        Some(RecordKey::Id(id)) => Ok(*id),
        Some(_) => Err(Malformed("key of a page").into()),
    }
}

fn share_of(key: Option<&RecordKey>) -> StoreResult<(i64, &str)> {
    match key {
        None => Ok((i64::MIN, "")),
        Some(RecordKey::Share(id, handle)) => Ok((*id, handle)),
        Some(_) => Err(Malformed("key of a page").into()),
    }
}

/// About how much memory a row takes: only embeddings are large.
fn size(record: &Record) -> usize {
    let Record::Embedding(row) = record else {
        return 0;
    };
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    row.vector_half.len() + text(&row.text) + text(&row.metadata)
}

fn record(table: Table, row: &Row, keys: &OpenKeys) -> TransferResult<Record> {
    Ok(match table {
        Table::Users => user(row)?,
        Table::UserKeys => user_key(row)?,
        Table::AdminKeys => admin_key(row)?,
        Table::ApiStandards => api_standard(row)?,
        Table::Definitions => definition(row)?,
        Table::DefinitionShares => definition_share(row)?,
        Table::Instances => instance(row, keys)?,
        Table::InstanceShares => instance_share(row)?,
        Table::Projects => project(row)?,
        Table::ProjectShares => project_share(row)?,
        Table::Embeddings => embedding(row, keys)?,
    })
}

fn user(row: &Row) -> StoreResult<Record> {
    let state = UserState::from_word(row.try_get(4)?);
    Ok(Record::User(UserRecord {
        id: Some(UserId(row.try_get(0)?)),
        handle: rows::handle(row, 1)?,
        name: row.try_get(2)?,
        email: row.try_get(3)?,
        state: state.ok_or(Malformed("state of a user"))?,
        created_at: row.try_get(5)?,
        updated_at: row.try_get(6)?,
    }))
}

fn user_key(row: &Row) -> StoreResult<Record> {
    Ok(Record::UserKey(UserKeyRecord {
        digest: row.try_get(0)?,
        user: rows::handle(row, 1)?,
        created_at: row.try_get(2)?,
        expires_at: row.try_get(3)?,
    }))
}

fn admin_key(row: &Row) -> StoreResult<Record> {
    Ok(Record::AdminKey(AdminKeyRecord {
        digest: row.try_get(0)?,
        created_at: row.try_get(1)?,
        expires_at: row.try_get(2)?,
    }))
}

fn api_standard(row: &Row) -> StoreResult<Record> {
    let key_method = KeyMethod::from_str(row.try_get(2)?);
    Ok(Record::ApiStandard(ApiStandardRecord {
        handle: rows::handle(row, 0)?,
        description: row.try_get(1)?,
        key_method: key_method.map_err(|_| Malformed("key method"))?,
        key_field: row.try_get(3)?,
        created_at: row.try_get(4)?,
        updated_at: row.try_get(5)?,
    }))
}

fn definition(row: &Row) -> StoreResult<Record> {
    Ok(Record::Definition(DefinitionRecord {
        id: DefinitionId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        settings: rows::settings(row, 3)?,
        is_public: row.try_get(9)?,
        created_at: row.try_get(10)?,
        updated_at: row.try_get(11)?,
    }))
}

fn definition_share(row: &Row) -> StoreResult<Record> {
    Ok(Record::DefinitionShare(DefinitionShareRecord {
        definition: DefinitionId(row.try_get(0)?),
        user: rows::handle(row, 1)?,
        created_at: row.try_get(2)?,
    }))
}

fn instance(row: &Row, keys: &OpenKeys) -> TransferResult<Record> {
    let instance = instance_as_stored(row)?;
    let sealed: Option<&str> = row.try_get(10).map_err(StoreError::from)?;
    let opened = sealed.map(|sealed| provider_key::open(sealed, instance.id, |id| keys.get(id)));
    let provider_key = opened
        .transpose()
        .map_err(|source| TransferError::ProviderKey {
            instance: instance.id,
            source: Box::new(source),
        })?;
    Ok(Record::Instance(InstanceRecord {
        provider_key: provider_key.flatten(),
        ..instance
    }))
}

/// All but the provider key.
fn instance_as_stored(row: &Row) -> StoreResult<InstanceRecord> {
    Ok(InstanceRecord {
        id: InstanceId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        definition: row.try_get::<Option<i64>, _>(9)?.map(DefinitionId),
        settings: rows::settings(row, 3)?,
        provider_key: None,
        created_at: row.try_get(11)?,
        updated_at: row.try_get(12)?,
    })
}

fn instance_share(row: &Row) -> StoreResult<Record> {
    Ok(Record::InstanceShare(InstanceShareRecord {
        instance: InstanceId(row.try_get(0)?),
        user: rows::handle(row, 1)?,
        role: rows::role(row, 2)?,
        created_at: row.try_get(3)?,
        updated_at: row.try_get(4)?,
    }))
}

fn project(row: &Row) -> StoreResult<Record> {
    Ok(Record::Project(ProjectRecord {
        id: ProjectId(row.try_get(0)?),
        path: rows::path(row, 1)?,
        description: row.try_get(3)?,
        metadata_scheme: row.try_get(4)?,
        public_read: row.try_get(5)?,
        instance: row.try_get::<Option<i64>, _>(6)?.map(InstanceId),
        created_at: row.try_get(7)?,
        updated_at: row.try_get(8)?,
        policy: policy::policy(row, 9)?,
    }))
}

fn project_share(row: &Row) -> StoreResult<Record> {
    Ok(Record::ProjectShare(ProjectShareRecord {
        project: ProjectId(row.try_get(0)?),
        user: rows::handle(row, 1)?,
        role: rows::role(row, 2)?,
        created_at: row.try_get(3)?,
        updated_at: row.try_get(4)?,
    }))
}

fn embedding(row: &Row, keys: &OpenKeys) -> StoreResult<Record> {
    let mut embedding = EmbeddingRecord {
        id: EmbeddingId(row.try_get(0)?),
        project: ProjectId(row.try_get(1)?),
        instance: InstanceId(row.try_get(2)?),
        text_id: row.try_get(3)?,
        vector_dim: rows::number(row, 4)?,
        vector_half: rows::vector_half(row, 5)?,
        text: row.try_get(6)?,
        metadata: row.try_get(7)?,
        created_at: row.try_get(8)?,
        updated_at: row.try_get(9)?,
    };
    keys.open_content(&mut embedding)?;
    Ok(Record::Embedding(embedding))
}
