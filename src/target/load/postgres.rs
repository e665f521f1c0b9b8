//! Restores a whole PostgreSQL database.
//!
//! Everything up to the last row is one transaction: until it is committed, nothing is there for
//! anybody, and whatever ends it leaves nothing. What follows, constraints and indexes, is done step
//! by step, and goes on after a kill.

mod check;
mod error;
mod own;
mod progress;
mod proof;
mod statements;
mod swap;

#[cfg(test)]
mod tests;

pub use check::Standing;
pub use error::{LackingExtension, LoadError, Refusal};
pub use progress::{Finished, Step, StepProgress};
pub use proof::ForeignKeys;
pub use swap::{Holder, Swapped, swap};

use super::{BlockSource, SourceError};
use crate::domain::backup::{
    BackupId, PostgresFacts, RecordedSearch, RowFormat, SequenceState, TableShape,
};
use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::DataKeyRecord;
use crate::domain::postgres_url::PostgresUrl;
use crate::target::dump::BlockSink;
use crate::target::dump::postgres::{
    BINARY_HEADER, BINARY_TRAILER, FULL_NAMES, SHORT_NAMES, connect, copied, copy_out, nearest,
    qualified,
};
use sqlx::postgres::{PgConnection, PgCopyIn};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use statements::statements;

/// How the server names this connection in its list of sessions.
const APPLICATION_NAME: &str = "embsec restore";

/// What is committed is on the disk, and functions may name what comes later.
const SETTINGS: &str = "SET synchronous_commit = on; SET check_function_bodies = off";

/// A database that is being restored into. Dropped before [`Self::finish_data`] has come to its
/// end, it leaves nothing.
pub struct PostgresLoad {
    connection: PgConnection,
    /// Statements that were put off until the rows are there.
    put_off: Vec<String>,
}

impl PostgresLoad {
    /// Connects.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses.
    pub async fn open(url: &PostgresUrl) -> Result<Self, LoadError> {
        let mut connection = connect(url, APPLICATION_NAME, None).await?;
        connection.execute(SETTINGS).await?;
        Ok(Self {
            connection,
            put_off: Vec::new(),
        })
    }

    /// Whether the database is one to restore this backup into. Reads only.
    ///
    /// # Errors
    ///
    /// [`LoadError::Refused`], or when the server fails.
    pub async fn check(
        &mut self,
        facts: &PostgresFacts,
        tables: &[TableShape],
        backup: &BackupId,
    ) -> Result<Standing, LoadError> {
        check::check(&mut self.connection, facts, tables, backup).await
    }

    /// Begins the transaction, and makes everything that must be there before the rows.
    ///
    /// # Errors
    ///
    /// When the server fails or refuses a statement.
    pub async fn begin(&mut self, facts: &PostgresFacts) -> Result<(), LoadError> {
        self.connection.execute("BEGIN").await?;
        if let Some(version) = facts.embsec_schema {
            self.put_off = own::create(&mut self.connection, version).await?;
            return Ok(());
        }
        for (number, sql) in (1..).zip(statements(&facts.pre_data)) {
            let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
            let made = statement.execute(&mut self.connection).await;
            made.map_err(|error| LoadError::Schema {
                number,
                source: error.into(),
            })?;
        }
        Ok(())
    }

    /// Fills a table with what the source gives, and returns how many rows there were. When the
    /// source fails, everything since [`Self::begin`] is undone.
    ///
    /// # Errors
    ///
    /// When the source or the server fails, or the server does not take the rows.
    pub async fn load(
        &mut self,
        table: &TableShape,
        source: &mut dyn BlockSource,
    ) -> Result<u64, LoadError> {
        let loaded = fill(&mut self.connection, table, source).await;
        if loaded.is_err() {
            // A connection that is lost has undone it already.
            drop(self.connection.execute("ROLLBACK").await);
        }
        loaded
    }

    /// Copies a table out of the database as it is now, to be compared with what the backup says
    /// of it. Can be used before the rows are committed, and afterwards.
    ///
    /// # Errors
    ///
    /// When the server fails or the sink is closed.
    pub async fn read_back(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, LoadError> {
        Ok(copy_out(&mut self.connection, table, sink).await?)
    }

    /// Sets the sequences, puts the data keys of embsec's own database in and destroys again those
    /// that were destroyed since the backup, writes down what is still to be done, and commits:
    /// from then on the data are readable. Returns the projects whose text is gone for good.
    ///
    /// # Errors
    ///
    /// When the server fails. An answer to the commit that does not arrive leaves open whether it
    /// was done; [`Self::check`] tells.
    pub async fn finish_data(
        &mut self,
        backup: &BackupId,
        facts: &PostgresFacts,
        data_keys: &[DataKeyRecord],
        destroyed: &[DestroyedKey],
    ) -> Result<Vec<ProjectId>, LoadError> {
        set_sequences(&mut self.connection, &facts.sequences).await?;
        let given_up = if facts.embsec_schema.is_some() {
            own::keys(&mut self.connection, data_keys, destroyed).await?
        } else {
            Vec::new()
        };
        let mut steps = std::mem::take(&mut self.put_off);
        steps.extend(steps_behind(facts));
        progress::plan(&mut self.connection, backup, &steps).await?;
        self.connection.execute("COMMIT").await?;
        Ok(given_up)
    }

    /// Makes everything behind the rows that is not made yet: keys, constraints, indexes, triggers,
    /// materialized views, statistics. `stop` is asked between two steps.
    ///
    /// # Errors
    ///
    /// [`LoadError::NotBegun`]; [`LoadError::Step`], after which the same restore can go on.
    pub async fn finish_indexes(
        &mut self,
        facts: &PostgresFacts,
        progress: &mut dyn StepProgress,
        stop: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Finished, LoadError> {
        let names = match facts.embsec_schema {
            Some(_) => SHORT_NAMES,
            None => FULL_NAMES,
        };
        self.connection.execute(names).await?;
        progress::carry_out(&mut self.connection, progress, stop).await
    }

    /// Repeats a search, by comparing, and returns the keys of the nearest rows.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn run_search(&mut self, search: &RecordedSearch) -> Result<Vec<String>, LoadError> {
        let (_, keys) = nearest(&mut self.connection, search).await?;
        Ok(keys)
    }

    /// Checks every foreign key against all rows.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn foreign_keys(&mut self) -> Result<ForeignKeys, LoadError> {
        proof::foreign_keys(&mut self.connection).await
    }

    /// The bytes that the database has on the disk of the server.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn database_bytes(&mut self) -> Result<u64, LoadError> {
        const SIZE: &str = "SELECT pg_database_size(current_database())";
        let bytes: i64 = sqlx::query_scalar(SIZE)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// The sessions of others on this database.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn holders(&mut self) -> Result<Vec<Holder>, LoadError> {
        const NAME: &str = "SELECT current_database()::text";
        let name: String = sqlx::query_scalar(NAME)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(swap::holders(&mut self.connection, &[&name]).await?)
    }

    /// Ends the connection. Dropping it does the same, with a line in the server's log.
    pub async fn close(self) {
        // Whether it ends politely or not makes no difference any more.
        drop(self.connection.close().await);
    }
}

async fn fill(
    connection: &mut PgConnection,
    table: &TableShape,
    source: &mut dyn BlockSource,
) -> Result<u64, LoadError> {
    let format = match table.format {
        RowFormat::Binary => "binary",
        RowFormat::Text => "text",
    };
    let sql = format!(
        "COPY {} FROM STDIN (FORMAT {format}, FREEZE)",
        copied(table)
    );
    let refused = |error: sqlx::Error| LoadError::Rows {
        table: table.to_string(),
        source: error.into(),
    };
    let mut copy = connection.copy_in_raw(&sql).await.map_err(refused)?;
    let given = match send(&mut copy, table.format, source).await {
        Ok(given) => given,
        Err(SendError::Source(error)) => {
            // What the server says to that is no news.
            drop(copy.abort("the backup cannot be read").await);
            return Err(error.into());
        }
        Err(SendError::Server(error)) => return Err(refused(error)),
    };
    let taken = copy.finish().await.map_err(refused)?;
    if taken != given {
        return Err(LoadError::RowCount {
            table: table.to_string(),
            given,
            taken,
        });
    }
    Ok(taken)
}

/// Why not everything was sent.
enum SendError {
    Source(SourceError),
    Server(sqlx::Error),
}

async fn send(
    copy: &mut PgCopyIn<&mut PgConnection>,
    format: RowFormat,
    source: &mut dyn BlockSource,
) -> Result<u64, SendError> {
    let is_binary = format == RowFormat::Binary;
    if is_binary {
        let sent = copy.send(BINARY_HEADER.as_slice()).await;
        sent.map_err(SendError::Server)?;
    }
    let mut rows = 0;
    while let Some(block) = source.next().await.map_err(SendError::Source)? {
        rows += block.rows;
        copy.send(block.bytes).await.map_err(SendError::Server)?;
    }
    if is_binary {
        let sent = copy.send(BINARY_TRAILER.as_slice()).await;
        sent.map_err(SendError::Server)?;
    }
    Ok(rows)
}

async fn set_sequences(
    connection: &mut PgConnection,
    sequences: &[SequenceState],
) -> Result<(), LoadError> {
    const SET: &str = "SELECT setval($1::text::regclass, $2, $3)";
    for sequence in sequences {
        sqlx::query(SET)
            .bind(qualified(&sequence.schema, &sequence.name))
            .bind(sequence.last_value)
            .bind(sequence.is_called)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The steps behind the rows that the backup itself names. Event triggers come last, so that they
/// do not hear of the restore.
fn steps_behind(facts: &PostgresFacts) -> Vec<String> {
    let of_events = |sql: &&str| {
        sql.starts_with("CREATE EVENT TRIGGER") || sql.starts_with("ALTER EVENT TRIGGER")
    };
    let all = statements(&facts.post_data);
    let (last, mut steps): (Vec<&str>, Vec<&str>) = all.into_iter().partition(of_events);
    // The session has names and settings of its own for each step.
    steps.retain(|sql| {
        !sql.starts_with("SELECT pg_catalog.set_config(") && !sql.starts_with("SET ")
    });
    let refresh = |view: &String| format!("REFRESH MATERIALIZED VIEW {view}");
    steps
        .into_iter()
        .map(str::to_owned)
        .chain(facts.materialized_views.iter().map(refresh))
        .chain(["ANALYZE".to_owned()])
        .chain(last.into_iter().map(str::to_owned))
        .collect()
}
