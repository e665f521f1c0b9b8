//! Reads and writes the rows of a whole database, for a move from or to another one.
//!
//! Each side has one connection of its own, which may be busy for hours; nothing here comes from
//! the pool.

#[path = "../verbs/transfer/edit.rs"]
mod edit;
mod embeddings;
#[path = "../verbs/transfer/hidden.rs"]
mod hidden;
mod indexes;
#[path = "../verbs/transfer/read.rs"]
mod read;

use super::error::OpenError;
use super::schema;
use super::vectors;
use super::{connect, keys};
use crate::domain::findings::Findings;
use crate::domain::ids::{EmbeddingId, ProjectId, SYSTEM_HANDLE};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::driver::Malformed;
use crate::store::transfer::{
    Destination, Edit, Neighbour, OpenKeys, READ_ONLY_REASON, RecordReader, RecordWriter, Sealing,
    TransferResult,
};
use crate::store::{Conflict, StoreError, StoreResult};
use async_trait::async_trait;
use hidden::Hidden;
use jiff::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::time::Duration;

/// The version of the schema that knows of transfers, and of what projects want sealed.
const NEEDED: i64 = 4;

/// What is pending in a project has sealed nothing yet.
const DATA_KEYS: &str = "\
    SELECT key_id, scope, wrapped, master_id, state FROM data_keys \
    WHERE scope = 'system' OR state <> 'pending' ORDER BY key_id";

const HIGHEST_ID: &str = "\
    SELECT coalesce(pg_sequence_last_value(\
        pg_get_serial_sequence('embsec.' || $1, $2)::regclass), 0)";

/// Sequences only grow here: a run may read its source after rows were given higher ids.
const RAISE_IDS: &str = "\
    SELECT setval(pg_get_serial_sequence('embsec.' || $1, $2), greatest($3, \
        coalesce(pg_sequence_last_value(\
            pg_get_serial_sequence('embsec.' || $1, $2)::regclass), 0), 1), \
        greatest($3, coalesce(pg_sequence_last_value(\
            pg_get_serial_sequence('embsec.' || $1, $2)::regclass), 0)) > 0)";

/// Neither casts the column nor tests it by a constant, as the indexes want it: every row is
/// looked at.
const NEAREST: &str = "\
    SELECT embedding_id, 1 - (vector <=> $3) FROM embeddings \
    WHERE project_id = $1 AND vector_dim = $2 \
    ORDER BY vector <=> $3, embedding_id LIMIT $4";

const STATE: &str = "\
    SELECT (SELECT source FROM imports WHERE finished_at IS NULL), \
        EXISTS (SELECT 1 FROM users WHERE handle <> $1), \
        EXISTS (SELECT 1 FROM projects), \
        EXISTS (SELECT 1 FROM instances)";

const NOTE_RUN: &str = "UPDATE imports SET last_run_at = $1 WHERE finished_at IS NULL";

const NOTE_IMPORT: &str = "\
    INSERT INTO imports (source, started_at, last_run_at) VALUES ($1, $2, $2)";

const FINISH: &str = "UPDATE imports SET finished_at = $1 WHERE finished_at IS NULL";

const SET_READ_ONLY: &str = "UPDATE embsec_state SET read_only = $1";

/// Waits for every other writer, so that the next one sees that the database is read-only. The
/// numbers are those of `write`.
const BEGIN_ALONE: &str = "BEGIN; SELECT pg_advisory_xact_lock(1701667443, 1)";

/// Held by the session of a writer: the third of the locks of embsec.
const LOCK: &str = "SELECT pg_try_advisory_lock(1701667443, 3)";

/// A batch that a crash of the server takes back is applied again by the next run, so only what
/// ends a run waits for the disk.
const LAZY_COMMITS: &str = "SET synchronous_commit = off";
const DURABLE_COMMIT: &str = "SET LOCAL synchronous_commit = on";

/// How often the lock is asked for, and how long in between: the session of a run that was killed
/// a moment ago may still hold it.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(500);

/// A long statement of a run that was killed ends soon, and gives the lock back. Not every system
/// that a server runs on can tell.
const NOTICE_KILLS: &str = "SET client_connection_check_interval = '1s'";

/// The snapshot of a source lasts as long as the run, however long the destination takes.
const NO_LIMITS: &str = "\
    SELECT set_config('statement_timeout', '0', false), \
        set_config('idle_in_transaction_session_timeout', '0', false)";

/// What both sides share.
struct Rows {
    connection: PgConnection,
}

impl Rows {
    async fn data_keys(&mut self) -> StoreResult<Vec<WrappedDataKey>> {
        let rows = sqlx::query(DATA_KEYS)
            .fetch_all(&mut self.connection)
            .await?;
        let key = |row: &sqlx::postgres::PgRow| {
            let scope = KeyScope::parse(row.try_get(1)?);
            let state = KeyState::from_word(row.try_get(4)?);
            Ok(WrappedDataKey {
                id: KeyId(row.try_get(0)?),
                scope: scope.ok_or(Malformed("scope of a data key"))?,
                wrapped: row.try_get(2)?,
                master_id: KeyId(row.try_get(3)?),
                state: state.ok_or(Malformed("state of a data key"))?,
            })
        };
        rows.iter().map(key).collect()
    }

    async fn count(&mut self, table: Table) -> StoreResult<u64> {
        // The name is one of our own.
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: i64 = sqlx::query_scalar(sql)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(u64::try_from(count).map_err(|_| Malformed("count"))?)
    }

    async fn highest_id(&mut self, table: Table) -> StoreResult<i64> {
        let Some(column) = table.id_column() else {
            return Ok(0);
        };
        Ok(sqlx::query_scalar(HIGHEST_ID)
            .bind(table.name())
            .bind(column)
            .fetch_one(&mut self.connection)
            .await?)
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> StoreResult<Vec<Neighbour>> {
        let dim = u32::try_from(vector_half.len() / 2).map_err(|_| Malformed("vector"))?;
        let found = sqlx::query(NEAREST)
            .bind(project.0)
            .bind(i32::try_from(dim).map_err(|_| Malformed("vector"))?)
            .bind(vectors::half_vector(dim, vector_half)?)
            .bind(i64::from(limit))
            .fetch_all(&mut self.connection)
            .await?;
        let neighbour = |row: &sqlx::postgres::PgRow| {
            Ok(Neighbour {
                id: EmbeddingId(row.try_get(0)?),
                similarity: row.try_get(1)?,
            })
        };
        found.iter().map(neighbour).collect()
    }
}

/// A connection without limits of time. The database must have a schema of at least this version.
async fn open(
    url: &PostgresUrl,
    timeout: Duration,
    needed: i64,
) -> Result<PgConnection, OpenError> {
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let mut connection = connect::connect(url, timeout).await?;
    let found = schema::look(&mut connection, url).await?;
    schema::require(found, url)?;
    if let schema::Found::Schema { version, .. } = found
        && version < needed
    {
        return Err(OpenError::Pending {
            from: version,
            needed,
        });
    }
    let features = connect::features(&mut connection, url).await?;
    connect::prepare(&mut connection, &features, None)
        .await
        .map_err(driver)?;
    sqlx::query(NO_LIMITS)
        .execute(&mut connection)
        .await
        .map_err(driver)?;
    Ok(connection)
}

/// Reads one state of a database.
pub struct PostgresReader {
    rows: Rows,
    keys: OpenKeys,
    hidden: Hidden,
}

impl PostgresReader {
    /// Connects to a database and keeps its present state. Nothing that is sealed opens yet.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`].
    pub async fn open(url: &PostgresUrl, timeout: Duration) -> Result<Self, OpenError> {
        const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        const FIRST_READ: &str = "SELECT version FROM embsec_schema";
        let mut connection = open(url, timeout, 0).await?;
        for sql in [SNAPSHOT, FIRST_READ] {
            sqlx::query(sql)
                .execute(&mut connection)
                .await
                .map_err(|error| OpenError::from_driver(error, &url.to_string()))?;
        }
        let hidden = Hidden::read(&mut connection).await;
        Ok(Self {
            rows: Rows { connection },
            keys: OpenKeys::default(),
            hidden: hidden.map_err(|error| OpenError::Fault(Box::new(error)))?,
        })
    }

    /// The data keys that open what is sealed here.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn data_keys(&mut self) -> StoreResult<Vec<WrappedDataKey>> {
        self.rows.data_keys().await
    }

    /// Opens what is sealed with these.
    #[must_use]
    pub fn with_keys(self, keys: OpenKeys) -> Self {
        Self { keys, ..self }
    }
}

#[async_trait]
impl RecordReader for PostgresReader {
    async fn survey(&mut self) -> TransferResult<Findings> {
        Ok(Findings::default())
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let connection = &mut self.rows.connection;
        read::page(connection, table, after, limit, &self.keys, &self.hidden).await
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        Ok(self.rows.count(table).await?)
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        Ok(self.rows.highest_id(table).await?)
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        Ok(self.rows.nearest(project, vector_half, limit).await?)
    }
}

/// Writes a database. It is the only one that does, as long as its connection lasts.
pub struct PostgresWriter {
    rows: Rows,
    sealing: Sealing,
    /// When this run began.
    begun_at: Timestamp,
}

impl PostgresWriter {
    /// Connects to a database of a schema that knows of transfers, and takes its lock.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`]; [`OpenError::Busy`] while another process moves a database in.
    pub async fn open(
        url: &PostgresUrl,
        timeout: Duration,
        sealing: Sealing,
    ) -> Result<Self, OpenError> {
        let driver = |error| OpenError::from_driver(error, &url.to_string());
        let mut connection = open(url, timeout, NEEDED).await?;
        drop(sqlx::query(NOTICE_KILLS).execute(&mut connection).await);
        if !lock(&mut connection).await.map_err(driver)? {
            return Err(OpenError::MovingIn(url.to_string()));
        }
        sqlx::query(LAZY_COMMITS)
            .execute(&mut connection)
            .await
            .map_err(driver)?;
        Ok(Self {
            rows: Rows { connection },
            sealing,
            begun_at: Timestamp::UNIX_EPOCH,
        })
    }
}

async fn lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    for _ in 0..LOCK_ATTEMPTS {
        if sqlx::query_scalar(LOCK).fetch_one(&mut *connection).await? {
            return Ok(true);
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
    Ok(false)
}

/// Rows are written with their ids, which the sequence does not see.
async fn highest_row(
    connection: &mut PgConnection,
    table: Table,
    column: &str,
) -> StoreResult<i64> {
    // The names are our own.
    let sql = AssertSqlSafe(format!("SELECT coalesce(max({column}), 0) FROM {table}"));
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

async fn state(connection: &mut PgConnection) -> StoreResult<Destination> {
    let row = sqlx::query(STATE)
        .bind(SYSTEM_HANDLE)
        .fetch_one(connection)
        .await?;
    if let Some(source) = row.try_get(0)? {
        return Ok(Destination::Unfinished { source });
    }
    for (column, what) in [(1, "users"), (2, "projects"), (3, "instances")] {
        if row.try_get(column)? {
            return Ok(Destination::Occupied(format!("it holds {what}")));
        }
    }
    Ok(Destination::Empty)
}

#[async_trait]
impl RecordReader for PostgresWriter {
    async fn survey(&mut self) -> TransferResult<Findings> {
        Ok(Findings::default())
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let connection = &mut self.rows.connection;
        let keys = self.sealing.keys();
        read::page(connection, table, after, limit, keys, &Hidden::nothing()).await
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        Ok(self.rows.count(table).await?)
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        Ok(self.rows.highest_id(table).await?)
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        Ok(self.rows.nearest(project, vector_half, limit).await?)
    }
}

#[async_trait]
impl RecordWriter for PostgresWriter {
    async fn state(&mut self) -> TransferResult<Destination> {
        Ok(state(&mut self.rows.connection).await?)
    }

    async fn begin(&mut self, source: &str, now: Timestamp) -> TransferResult<()> {
        let mut write = self.rows.connection.begin_with(BEGIN_ALONE).await?;
        // It was looked at before, without the lock.
        match state(&mut write).await? {
            Destination::Occupied(what) => {
                return Err(StoreError::from(Conflict::InUse(what)).into());
            }
            Destination::Unfinished { .. } => {
                sqlx::query(NOTE_RUN)
                    .bind(now.as_millisecond())
                    .execute(&mut *write)
                    .await?;
            }
            Destination::Empty => {
                sqlx::query(NOTE_IMPORT)
                    .bind(source)
                    .bind(now.as_millisecond())
                    .execute(&mut *write)
                    .await?;
            }
        }
        self.sealing.provide(KeyScope::System)?;
        for key in self.sealing.fresh() {
            keys::insert(&mut write, key, now).await?;
        }
        sqlx::query(SET_READ_ONLY)
            .bind(READ_ONLY_REASON)
            .execute(&mut *write)
            .await?;
        indexes::drop_if_empty(&mut write).await?;
        sqlx::query(DURABLE_COMMIT).execute(&mut *write).await?;
        write.commit().await?;
        self.sealing.stored();
        self.begun_at = now;
        Ok(())
    }

    async fn apply(&mut self, table: Table, edits: Vec<Edit>) -> TransferResult<()> {
        if table == Table::Embeddings {
            let connection = &mut self.rows.connection;
            let (sealing, now) = (&mut self.sealing, self.begun_at);
            embeddings::apply(connection, &edits, sealing, now).await?;
            return Ok(());
        }
        let mut write = self.rows.connection.begin().await?;
        edit::apply(&mut write, table, &edits, &self.sealing).await?;
        Ok(write.commit().await?)
    }

    async fn settle(&mut self, highest_ids: &[(Table, i64)]) -> TransferResult<()> {
        indexes::provide(&mut self.rows.connection).await?;
        let mut write = self.rows.connection.begin().await?;
        for (table, id) in highest_ids {
            let column = table.id_column().unwrap_or_default();
            let highest: i64 = highest_row(&mut write, *table, column).await?.max(*id);
            sqlx::query(RAISE_IDS)
                .bind(table.name())
                .bind(column)
                .bind(highest)
                .execute(&mut *write)
                .await?;
        }
        sqlx::query(DURABLE_COMMIT).execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    async fn finish(&mut self, now: Timestamp) -> TransferResult<()> {
        let mut write = self.rows.connection.begin().await?;
        sqlx::query(FINISH)
            .bind(now.as_millisecond())
            .execute(&mut *write)
            .await?;
        sqlx::query(SET_READ_ONLY)
            .bind(None::<&str>)
            .execute(&mut *write)
            .await?;
        sqlx::query(DURABLE_COMMIT).execute(&mut *write).await?;
        Ok(write.commit().await?)
    }
}
