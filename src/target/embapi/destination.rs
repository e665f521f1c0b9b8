//! A database that becomes one of embapi's: made in its newest form, and not to be started on
//! before everything is there.

use super::connect::{KeyColumn, connect};
use super::decode::{Decoder, Judgement};
use super::error::{OpenError, failed};
use super::handles::ShortHandles;
use super::rows::Rows;
use super::write::{self, Sealer, moment, sequence_of};
use crate::crypto::embapi_blob::EmbapiKey;
use crate::domain::findings::{Findings, Repairs};
use crate::domain::ids::ProjectId;
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::transfer::{
    Destination, Edit, Neighbour, RecordReader, RecordWriter, TransferResult,
};
use crate::sys::rng::Rng;
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The tables, without the indexes on vectors.
const SCHEMA: &str = include_str!("schema.sql");
/// The indexes on vectors.
const INDEXES: &str = include_str!("indexes.sql");

/// Held by the session of the one writer; the number is arbitrary.
const LOCK: &str = "SELECT pg_try_advisory_lock(7237126119263817031)";

/// How often the lock is asked for. The server notices late that a writer was killed: only when its
/// statement is done.
const LOCK_TRIES: u32 = 20;
/// How long it is waited in between.
const LOCK_INTERVAL: Duration = Duration::from_millis(250);

const HAS_HALF_VECTORS: &str = "SELECT to_regtype('halfvec') IS NOT NULL";

/// Relations that belong to no extension and are not the server's own.
const RELATIONS: &str = "\
    SELECT n.nspname::text, c.relname::text FROM pg_class AS c \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' \
      AND n.nspname <> 'information_schema' \
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid \
                      AND d.classid = 'pg_class'::regclass AND d.deptype = 'e') \
    ORDER BY c.relkind <> 'r', 1, 2 LIMIT 100";

const NOTE_RUN: &str = concat!(
    "INSERT INTO embsec_export (only_row, source, started_at, last_run_at) VALUES (1, $1, ",
    moment!("$2"),
    ", ",
    moment!("$2"),
    ") ON CONFLICT (only_row) DO UPDATE SET last_run_at = excluded.last_run_at"
);

/// A database that becomes one of embapi's.
pub struct EmbapiDestination {
    rows: Rows,
    sealer: Sealer,
}

impl EmbapiDestination {
    /// Opens it. `key` is the one that the service will have as `ENCRYPTION_KEY`.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`]; [`OpenError::Busy`] when another process has it open.
    pub async fn open(
        url: &PostgresUrl,
        key: EmbapiKey,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, OpenError> {
        let mut connection = connect(url).await?;
        let has_half_vectors: bool = sqlx::query_scalar(HAS_HALF_VECTORS)
            .fetch_one(&mut connection)
            .await?;
        if !has_half_vectors {
            return Err(OpenError::NoVectorExtension);
        }
        lock(&mut connection).await?;
        let key = Arc::new(key);
        Ok(Self {
            rows: Rows {
                connection,
                column: KeyColumn::Vdb,
                decoder: Decoder {
                    judgement: Judgement::Destination,
                    renames: BTreeMap::new(),
                    key: Some(Arc::clone(&key)),
                },
                repairs: Repairs::default(),
                short: ShortHandles::default(),
                has_old_owners: false,
            },
            sealer: Sealer { key, rng },
        })
    }

    async fn relations(&mut self) -> TransferResult<Vec<(String, String)>> {
        let query = sqlx::query_as(RELATIONS);
        let connection = &mut self.rows.connection;
        query.fetch_all(connection).await.map_err(failed)
    }
}

/// Takes the lock of the one writer.
async fn lock(connection: &mut PgConnection) -> Result<(), OpenError> {
    for _ in 0..LOCK_TRIES {
        let query = sqlx::query_scalar(LOCK);
        if query.fetch_one(&mut *connection).await? {
            return Ok(());
        }
        tokio::time::sleep(LOCK_INTERVAL).await;
    }
    Err(OpenError::Busy)
}

#[async_trait]
impl RecordReader for EmbapiDestination {
    /// Nothing: what is here was written by embsec.
    async fn survey(&mut self) -> TransferResult<Findings> {
        Ok(Findings::default())
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        if self.relations().await?.is_empty() {
            return Ok(Vec::new());
        }
        self.rows.page(table, after, limit).await
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        if self.relations().await?.is_empty() {
            return Ok(0);
        }
        self.rows.count(table).await
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        if self.relations().await?.is_empty() {
            return Ok(0);
        }
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

#[async_trait]
impl RecordWriter for EmbapiDestination {
    async fn state(&mut self) -> TransferResult<Destination> {
        let relations = self.relations().await?;
        if relations.iter().any(|(_, name)| name == "embsec_export") {
            let source: Option<String> = sqlx::query_scalar("SELECT source FROM embsec_export")
                .fetch_optional(&mut self.rows.connection)
                .await
                .map_err(failed)?;
            return Ok(Destination::Unfinished {
                source: source.unwrap_or_default(),
            });
        }
        let what = match relations.as_slice() {
            [] => return Ok(Destination::Empty),
            all if all.iter().any(|(_, name)| name == "users_projects") => {
                "an embapi database".to_owned()
            }
            all if all.iter().any(|(schema, _)| schema == "embsec") => {
                "an embsec database".to_owned()
            }
            [(schema, name), ..] => format!("tables of another program, `{schema}.{name}` first"),
        };
        Ok(Destination::Occupied(what))
    }

    async fn begin(&mut self, source: &str, now: Timestamp) -> TransferResult<()> {
        let is_empty = self.relations().await?.is_empty();
        let connection = &mut self.rows.connection;
        let mut transaction = connection.begin().await.map_err(failed)?;
        if is_empty {
            transaction.execute(SCHEMA).await.map_err(failed)?;
        }
        sqlx::query(NOTE_RUN)
            .bind(source)
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn apply(&mut self, table: Table, edits: Vec<Edit>) -> TransferResult<()> {
        write::apply(&mut self.rows.connection, &self.sealer, table, edits).await
    }

    async fn settle(&mut self, highest_ids: &[(Table, i64)]) -> TransferResult<()> {
        for (table, highest) in highest_ids {
            let Some((name, column)) = sequence_of(*table) else {
                continue;
            };
            let last = self.rows.highest_id(*table).await?.max(*highest);
            // A sequence cannot stand at 0, where a new one begins.
            if last > 0 {
                let text = format!("SELECT setval(pg_get_serial_sequence('{name}', $1), $2)");
                sqlx::query(AssertSqlSafe(text))
                    .bind(column)
                    .bind(last)
                    .execute(&mut self.rows.connection)
                    .await
                    .map_err(failed)?;
            }
        }
        let connection = &mut self.rows.connection;
        connection.execute(INDEXES).await.map_err(failed)?;
        Ok(())
    }

    async fn finish(&mut self, _now: Timestamp) -> TransferResult<()> {
        let connection = &mut self.rows.connection;
        let mut transaction = connection.begin().await.map_err(failed)?;
        for text in [
            "INSERT INTO db_version SELECT 5 WHERE NOT EXISTS (SELECT 1 FROM db_version)",
            "DROP TABLE embsec_export",
        ] {
            transaction.execute(text).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }
}
