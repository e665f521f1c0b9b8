//! Writes rows of embsec's into embapi's tables.
//!
//! A user and their key are one row there, whose key says what embsec knows otherwise: that the
//! user has none, or is disabled. Such a key is no digest, so nobody can log in with it.

mod embeddings;
mod objects;
mod people;
mod shares;

use super::error::failed;
use crate::crypto::embapi_blob::EmbapiKey;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::transfer::{Edit, TransferResult};
use crate::sys::rng::Rng;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use std::sync::Arc;

/// A timestamp without time zone, from milliseconds since 1970 UTC.
macro_rules! moment {
    ($parameter:literal) => {
        concat!(
            "(timestamp 'epoch' + ",
            $parameter,
            " * interval '1 millisecond')"
        )
    };
}
pub(super) use moment;

/// What it takes to write rows.
pub(super) struct Sealer {
    /// Seals provider keys.
    pub(super) key: Arc<EmbapiKey>,
    /// Makes nonces.
    pub(super) rng: Arc<dyn Rng>,
}

/// The table and the column from which embapi gives ids.
pub(super) const fn sequence_of(table: Table) -> Option<(&'static str, &'static str)> {
    match table {
        Table::Definitions => Some(("definitions", "definition_id")),
        Table::Instances => Some(("instances", "instance_id")),
        Table::Projects => Some(("projects", "project_id")),
        Table::Embeddings => Some(("embeddings", "embeddings_id")),
        Table::Users
        | Table::UserKeys
        | Table::AdminKeys
        | Table::ApiStandards
        | Table::DefinitionShares
        | Table::InstanceShares
        | Table::ProjectShares => None,
    }
}

/// As [`crate::store::transfer::RecordWriter::apply`].
pub(super) async fn apply(
    connection: &mut PgConnection,
    sealer: &Sealer,
    table: Table,
    edits: Vec<Edit>,
) -> TransferResult<()> {
    let mut transaction = connection.begin().await.map_err(failed)?;
    // Rows of the one table that is large go together; everything else is written one by one.
    let mut embeddings = Vec::new();
    for edit in edits {
        match edit {
            Edit::Insert(Record::Embedding(row)) | Edit::Update(Record::Embedding(row)) => {
                embeddings.push(row);
            }
            Edit::Insert(record) | Edit::Update(record) => {
                put(&mut transaction, sealer, record).await?;
            }
            Edit::Delete(key) => {
                embeddings::put(&mut transaction, std::mem::take(&mut embeddings)).await?;
                delete(&mut transaction, table, &key)
                    .await
                    .map_err(failed)?;
            }
        }
    }
    embeddings::put(&mut transaction, embeddings).await?;
    transaction.commit().await.map_err(failed)
}

async fn put(connection: &mut PgConnection, sealer: &Sealer, record: Record) -> TransferResult<()> {
    let done = match record {
        Record::User(row) => people::put_user(connection, &row).await,
        Record::UserKey(row) => people::put_key(connection, &row).await,
        // Upstream's administrator has the key that its service is started with.
        Record::AdminKey(_) => Ok(()),
        Record::ApiStandard(row) => objects::put_api_standard(connection, &row).await,
        Record::Definition(row) => objects::put_definition(connection, &row).await,
        Record::Instance(row) => {
            let sealed = objects::sealed_key(sealer, &row)?;
            objects::put_instance(connection, &row, sealed).await
        }
        Record::Project(row) => objects::put_project(connection, &row).await,
        Record::DefinitionShare(row) => shares::put_definition_share(connection, &row).await,
        Record::InstanceShare(row) => shares::put_instance_share(connection, &row).await,
        Record::ProjectShare(row) => shares::put_project_share(connection, &row).await,
        Record::Embedding(row) => return embeddings::put(connection, vec![row]).await,
    };
    done.map_err(failed)
}

async fn delete(
    connection: &mut PgConnection,
    table: Table,
    key: &RecordKey,
) -> Result<(), sqlx::Error> {
    let text = match table {
        Table::Users => "DELETE FROM users WHERE user_handle = $1",
        Table::UserKeys => people::TAKE_KEY,
        Table::AdminKeys => return Ok(()),
        Table::ApiStandards => "DELETE FROM api_standards WHERE api_standard_handle = $1",
        Table::Definitions => "DELETE FROM definitions WHERE definition_id = $1",
        Table::DefinitionShares => {
            "DELETE FROM definitions_shared_with WHERE definition_id = $1 AND user_handle = $2"
        }
        Table::Instances => "DELETE FROM instances WHERE instance_id = $1",
        Table::InstanceShares => {
            "DELETE FROM instances_shared_with WHERE instance_id = $1 AND user_handle = $2"
        }
        Table::Projects => "DELETE FROM projects WHERE project_id = $1",
        Table::ProjectShares => shares::DELETE_PROJECT_SHARE,
        Table::Embeddings => "DELETE FROM embeddings WHERE embeddings_id = $1",
    };
    let query = sqlx::query(text);
    let query = match key {
        RecordKey::Name(name) => query.bind(name),
        RecordKey::Id(id) => query.bind(id),
        RecordKey::Share(id, name) => query.bind(id).bind(name),
    };
    query.execute(connection).await.map(drop)
}
