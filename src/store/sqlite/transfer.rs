//! Reads and writes the rows of a whole file, for a move from or to another database.

#[path = "../verbs/transfer/edit.rs"]
mod edit;
mod embeddings;
#[path = "../verbs/transfer/hidden.rs"]
mod hidden;
#[path = "../verbs/transfer/read.rs"]
mod read;
mod unusable;

use super::error::OpenError;
use super::schema;
use super::{connect, keys};
use crate::domain::findings::Findings;
use crate::domain::ids::{EmbeddingId, ProjectId, SYSTEM_HANDLE};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::driver::Malformed;
use crate::store::transfer::{
    Destination, Edit, Neighbour, OpenKeys, READ_ONLY_REASON, RecordReader, RecordWriter, Sealing,
    Similarity, TransferResult,
};
use crate::store::{Conflict, StoreError, StoreResult};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use hidden::Hidden;
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::collections::BTreeSet;
use std::path::Path;

/// The version of the schema that knows of transfers, and of what projects want sealed.
const NEEDED: i64 = 4;

/// What is pending in a project has sealed nothing yet.
const DATA_KEYS: &str = "\
    SELECT key_id, scope, wrapped, master_id, state FROM data_keys \
    WHERE scope = 'system' OR state <> 'pending' ORDER BY key_id";

const HIGHEST_ID: &str = "SELECT seq FROM sqlite_sequence WHERE name = $1";

const RAISE_IDS: &str = "UPDATE sqlite_sequence SET seq = max(seq, $2) WHERE name = $1";

const BEGIN_IDS: &str = "\
    INSERT INTO sqlite_sequence (name, seq) SELECT $1, $2 \
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)";

/// Without the rows that are left out, whose ids are a JSON array.
const VECTORS: &str = "\
    SELECT embedding_id, vector FROM embeddings \
    WHERE project_id = $1 AND length(vector) = $2 \
        AND embedding_id NOT IN (SELECT value FROM json_each($3))";

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

/// A transaction that writes takes the lock of the file at once.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// What both sides share: one connection and what opens provider keys.
struct Rows {
    connection: SqliteConnection,
    similarity: Similarity,
}

impl Rows {
    async fn data_keys(&mut self) -> StoreResult<Vec<WrappedDataKey>> {
        let rows = sqlx::query(DATA_KEYS)
            .fetch_all(&mut self.connection)
            .await?;
        let key = |row: &sqlx::sqlite::SqliteRow| {
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
        let highest: Option<i64> = sqlx::query_scalar(HIGHEST_ID)
            .bind(table.name())
            .fetch_optional(&mut self.connection)
            .await?;
        Ok(highest.unwrap_or(0))
    }

    /// Looks at every vector of the project.
    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
        left_out: &BTreeSet<i64>,
    ) -> StoreResult<Vec<Neighbour>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let bytes = i64::try_from(vector_half.len()).map_err(|_| Malformed("vector"))?;
        let mut rows = sqlx::query(VECTORS)
            .bind(project.0)
            .bind(bytes)
            .bind(embeddings::json(left_out))
            .fetch(&mut self.connection);
        let mut found: Vec<Neighbour> = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let Some(similarity) = (self.similarity)(vector_half, row.try_get(1)?) else {
                continue;
            };
            let place = found.partition_point(|better| better.similarity >= similarity);
            if place < limit {
                found.truncate(limit - 1);
                let id = EmbeddingId(row.try_get(0)?);
                found.insert(place, Neighbour { id, similarity });
            }
        }
        Ok(found)
    }
}

/// Which of its rows a file is to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceRules {
    /// Whether the destination cannot hold texts with U+0000.
    pub refuse_zero_bytes: bool,
    /// Whether embeddings with such texts are left out.
    pub skip_unusable: bool,
}

/// Reads one state of a file.
pub struct SqliteReader {
    rows: Rows,
    keys: OpenKeys,
    rules: SourceRules,
    hidden: Hidden,
    /// Ids of embeddings that are not given; known once [`RecordReader::survey`] has looked.
    left_out: BTreeSet<i64>,
}

impl SqliteReader {
    /// Opens a file and keeps its present state. Nothing that is sealed opens yet.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`] but [`OpenError::Pending`]: every version of the schema reads alike.
    pub async fn open(
        path: &Path,
        similarity: Similarity,
        rules: SourceRules,
    ) -> Result<Self, OpenError> {
        const SNAPSHOT: &str = "BEGIN";
        const FIRST_READ: &str = "SELECT version FROM embsec_schema";
        let driver = |error| OpenError::from_driver(error, path);
        if let Some(pending) = schema::pending(path).await?
            && pending.from == 0
        {
            return Err(OpenError::Foreign(path.to_owned()));
        }
        let mut connection = connect::connect_reader(path, connect::Sharing::Anybody).await?;
        for sql in [SNAPSHOT, FIRST_READ] {
            sqlx::query(sql)
                .execute(&mut connection)
                .await
                .map_err(driver)?;
        }
        let hidden = Hidden::read(&mut connection).await;
        Ok(Self {
            rows: Rows {
                connection,
                similarity,
            },
            keys: OpenKeys::default(),
            rules,
            hidden: hidden.map_err(|error| OpenError::Fault(Box::new(error)))?,
            left_out: BTreeSet::new(),
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
impl RecordReader for SqliteReader {
    async fn survey(&mut self) -> TransferResult<Findings> {
        if !self.rules.refuse_zero_bytes {
            return Ok(Findings::default());
        }
        let (connection, keys) = (&mut self.rows.connection, &self.keys);
        let found = unusable::survey(connection, self.rules, &self.hidden, keys).await?;
        self.left_out = found.left_out;
        Ok(found.findings)
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let connection = &mut self.rows.connection;
        let mut page =
            read::page(connection, table, after, limit, &self.keys, &self.hidden).await?;
        if !self.rules.refuse_zero_bytes {
            return Ok(page);
        }
        // An empty page would end the table, so rows are left out until there is one, or the end.
        while let Some(last) = page.last().map(Record::key) {
            page.retain(|record| !holds_zero_byte(record));
            if !page.is_empty() {
                break;
            }
            page = read::page(
                connection,
                table,
                Some(&last),
                limit,
                &self.keys,
                &self.hidden,
            )
            .await?;
        }
        Ok(page)
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
        let left_out = &self.left_out;
        let found = self.rows.nearest(project, vector_half, limit, left_out);
        Ok(found.await?)
    }
}

fn holds_zero_byte(record: &Record) -> bool {
    let Record::Embedding(row) = record else {
        return false;
    };
    row.text_id.contains('\0') || row.text.as_ref().is_some_and(|text| text.contains('\0'))
}

/// Writes a file. Whoever opens it holds its lock.
pub struct SqliteWriter {
    rows: Rows,
    sealing: Sealing,
    /// When this run began.
    begun_at: Timestamp,
}

impl SqliteWriter {
    /// Opens a file of a schema that knows of transfers.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`]; [`OpenError::Pending`] asks for a migration first.
    pub async fn open(
        path: &Path,
        similarity: Similarity,
        sealing: Sealing,
    ) -> Result<Self, OpenError> {
        if let Some(pending) = schema::pending(path).await?
            && pending.from < NEEDED
        {
            return Err(OpenError::Pending {
                from: pending.from,
                to: pending.to,
            });
        }
        Ok(Self {
            rows: Rows {
                connection: connect::connect_writer(path).await?,
                similarity,
            },
            sealing,
            begun_at: Timestamp::UNIX_EPOCH,
        })
    }
}

async fn state(connection: &mut SqliteConnection) -> StoreResult<Destination> {
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
impl RecordReader for SqliteWriter {
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
        let left_out = BTreeSet::new();
        let found = self.rows.nearest(project, vector_half, limit, &left_out);
        Ok(found.await?)
    }
}

#[async_trait]
impl RecordWriter for SqliteWriter {
    async fn state(&mut self) -> TransferResult<Destination> {
        Ok(state(&mut self.rows.connection).await?)
    }

    async fn begin(&mut self, source: &str, now: Timestamp) -> TransferResult<()> {
        let mut write = self.rows.connection.begin_with(BEGIN).await?;
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
        let mut write = self.rows.connection.begin_with(BEGIN).await?;
        edit::apply(&mut write, table, &edits, &self.sealing).await?;
        Ok(write.commit().await?)
    }

    async fn settle(&mut self, highest_ids: &[(Table, i64)]) -> TransferResult<()> {
        let mut write = self.rows.connection.begin_with(BEGIN).await?;
        for (table, id) in highest_ids {
            for sql in [RAISE_IDS, BEGIN_IDS] {
                sqlx::query(sql)
                    .bind(table.name())
                    .bind(id)
                    .execute(&mut *write)
                    .await?;
            }
        }
        Ok(write.commit().await?)
    }

    async fn finish(&mut self, now: Timestamp) -> TransferResult<()> {
        let mut write = self.rows.connection.begin_with(BEGIN).await?;
        sqlx::query(FINISH)
            .bind(now.as_millisecond())
            .execute(&mut *write)
            .await?;
        sqlx::query(SET_READ_ONLY)
            .bind(None::<&str>)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }
}
