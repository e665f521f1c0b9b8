//! An embapi database that is moved out of: one snapshot, only read.

use super::connect::{connect, detect};
use super::decode::{Decoder, Judgement};
use super::error::OpenError;
use super::handles::ShortHandles;
use super::rows::Rows;
use super::sql;
use crate::crypto::embapi_blob::EmbapiKey;
use crate::domain::findings::{Findings, Repairs};
use crate::domain::ids::ProjectId;
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::transfer::{Neighbour, RecordReader, TransferResult};
use async_trait::async_trait;
use sqlx::Executor as _;
use std::sync::Arc;

/// The rows of an embapi database as they were when it was opened.
pub struct EmbapiSource {
    pub(super) rows: Rows,
}

impl EmbapiSource {
    /// Opens it, for one run. `key` is the one that the service has as `ENCRYPTION_KEY`.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`].
    pub async fn open(
        url: &PostgresUrl,
        key: Option<EmbapiKey>,
        repairs: Repairs,
    ) -> Result<Self, OpenError> {
        let mut connection = connect(url).await?;
        connection
            .execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let column = detect(&mut connection).await?;
        let sealed: i64 = sqlx::query_scalar(sql::SEALED_KEYS)
            .fetch_one(&mut connection)
            .await?;
        if sealed > 0 && key.is_none() {
            return Err(OpenError::KeyNeeded(sealed));
        }
        let has_old_owners = sqlx::query_scalar(sql::HAS_OLD_OWNERS)
            .fetch_one(&mut connection)
            .await?;
        let short = ShortHandles::read(&mut connection).await?;
        Ok(Self {
            rows: Rows {
                connection,
                column,
                decoder: Decoder {
                    judgement: Judgement::Source,
                    renames: repairs.renames.clone(),
                    key: key.map(Arc::new),
                },
                repairs,
                short,
                has_old_owners,
            },
        })
    }
}

#[async_trait]
impl RecordReader for EmbapiSource {
    async fn survey(&mut self) -> TransferResult<Findings> {
        self.rows.survey().await
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        self.rows.page(table, after, limit).await
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        self.rows.count(table).await
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        self.rows.highest_id(table).await
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        self.rows.nearest(project, vector_half, limit).await
    }
}
