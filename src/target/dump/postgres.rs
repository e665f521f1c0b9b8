//! Reads a whole PostgreSQL database under one snapshot.
//!
//! One connection holds the snapshot, reads the catalog and copies the tables; for databases that
//! are not embsec's own, `pg_dump` writes the statements around the rows under the same snapshot.

mod catalog;
mod copy;
mod error;
mod names;
mod own;
mod program;
mod search;
mod session;
mod types;

#[cfg(test)]
pub(in crate::target) mod tests;

pub use error::{DumpError, ReadError, ServerError};
pub use program::{PgDump, PgDumpPlaces};

pub(in crate::target) use copy::{BINARY_HEADER, BINARY_TRAILER, copy_out};
pub(in crate::target) use names::{copied, qualified, quoted};
pub(in crate::target) use own::{FULL_NAMES, SHORT_NAMES, project};
pub(in crate::target) use search::nearest;
pub(in crate::target) use session::connect;

use super::BlockSink;
use crate::domain::backup::{PostgresFacts, TableShape};
use crate::domain::key::DataKeyRecord;
use crate::domain::postgres_url::PostgresUrl;
use catalog::{Found, Wanted};
use program::Section;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

/// How the server names this connection in its list of sessions.
const APPLICATION_NAME: &str = "embsec backup";
/// The first server that embsec is written for.
const OLDEST_SERVER: i32 = 140_000;
/// All schemas but those of the server.
const ALL: Wanted = Wanted {
    schema: None,
    without: &[],
};

/// What of a database is read.
#[derive(Clone, Copy, Debug)]
pub enum DumpScope<'a> {
    /// The tables of embsec. Its migrations make the schema, so that no `pg_dump` is needed.
    Own,
    /// Everything, with a `pg_dump` that is somewhere there.
    Whole(&'a PgDumpPlaces),
}

/// What was known of the server itself.
pub(in crate::target) struct ServerFacts {
    pub(in crate::target) version: String,
    pub(in crate::target) version_num: i32,
    pub(in crate::target) encoding: String,
    pub(in crate::target) collation: String,
}

/// A database that is being read, under one snapshot from its opening to its end. Once a copy was
/// ended early, by its sink or by an error, nothing more can be read.
pub struct PostgresDump {
    connection: PgConnection,
    facts: PostgresFacts,
    tables: Vec<TableShape>,
    bytes: Vec<u64>,
}

impl PostgresDump {
    /// Connects, and takes the snapshot; looks at everything but the rows.
    ///
    /// # Errors
    ///
    /// Any [`DumpError`]. Nothing was written anywhere.
    pub async fn open(url: &PostgresUrl, scope: DumpScope<'_>) -> Result<Self, DumpError> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        const EXPORT: &str = "SELECT pg_export_snapshot()";
        let mut connection = connect(url, APPLICATION_NAME, None).await?;
        connection.execute(BEGIN).await?;
        let snapshot: String = sqlx::query_scalar(EXPORT)
            .fetch_one(&mut connection)
            .await?;
        let server = server_facts(&mut connection).await?;
        if server.version_num < OLDEST_SERVER {
            return Err(DumpError::OldServer(server.version));
        }
        let program = match scope {
            DumpScope::Own => None,
            DumpScope::Whole(places) => {
                catalog::refuse_large_objects(&mut connection).await?;
                Some(PgDump::find(places, major(server.version_num))?)
            }
        };
        let (wanted, version) = match scope {
            DumpScope::Own => (own::TABLES, Some(own::version(&mut connection).await?)),
            DumpScope::Whole(_) => (ALL, None),
        };
        let found = catalog::tables(&mut connection, wanted).await?;
        let (pre_data, post_data) = match (program, version) {
            (Some(program), _) => (
                program.schema(url, &snapshot, Section::PreData).await?,
                program.schema(url, &snapshot, Section::PostData).await?,
            ),
            (None, version) => {
                let version = version.unwrap_or_default();
                let others = own::other_indexes(&mut connection, version).await?;
                (String::new(), others)
            }
        };
        let only = version.map(|_| "vector");
        let facts = PostgresFacts {
            server_version: server.version,
            server_version_num: server.version_num,
            encoding: server.encoding,
            collation: server.collation,
            extensions: catalog::extensions(&mut connection, only).await?,
            embsec_schema: version,
            pre_data,
            post_data,
            sequences: catalog::sequences(&mut connection, wanted).await?,
            materialized_views: catalog::materialized_views(&mut connection, wanted).await?,
            searches: search::record(&mut connection, &found).await?,
        };
        let bytes = found.iter().map(|table| table.bytes).collect();
        let tables = found.into_iter().map(|Found { shape, .. }| shape).collect();
        Ok(Self {
            connection,
            facts,
            tables,
            bytes,
        })
    }

    /// What is known of the database.
    #[must_use]
    pub const fn facts(&self) -> &PostgresFacts {
        &self.facts
    }

    /// Its tables, in order of schema and name.
    #[must_use]
    pub fn tables(&self) -> &[TableShape] {
        &self.tables
    }

    /// About how many bytes each of the tables has on the server, for a bar.
    #[must_use]
    pub fn table_bytes(&self) -> &[u64] {
        &self.bytes
    }

    /// Sends the rows of a table to a sink, and returns how many there are.
    ///
    /// # Errors
    ///
    /// When the server fails or the sink is closed. Nothing more can be read then.
    pub async fn copy(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, DumpError> {
        Ok(copy_out(&mut self.connection, table, sink).await?)
    }

    /// The data keys of a database of embsec's own, sealed as they are; they are in no table that
    /// is copied.
    ///
    /// # Errors
    ///
    /// When the server fails, or a row is none that embsec wrote.
    pub async fn data_keys(&mut self) -> Result<Vec<DataKeyRecord>, DumpError> {
        own::data_keys(&mut self.connection).await
    }

    /// Ends the snapshot. Dropping it does the same, with a line in the server's log.
    pub async fn close(self) {
        // Whether it ends politely or not makes no difference any more.
        drop(self.connection.close().await);
    }
}

/// The major version of a server's number.
pub(in crate::target) fn major(version_num: i32) -> u32 {
    u32::try_from(version_num / 10_000).unwrap_or_default()
}

pub(in crate::target) async fn server_facts(
    connection: &mut PgConnection,
) -> Result<ServerFacts, ServerError> {
    const SERVER: &str = "\
        SELECT current_setting('server_version'), current_setting('server_version_num')::int, \
            current_setting('server_encoding'), datcollate::text \
        FROM pg_database WHERE datname = current_database()";
    let (version, version_num, encoding, collation) =
        sqlx::query_as(SERVER).fetch_one(connection).await?;
    Ok(ServerFacts {
        version,
        version_num,
        encoding,
        collation,
    })
}
