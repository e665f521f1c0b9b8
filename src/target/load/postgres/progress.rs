//! Everything behind the rows, one durable step after the other. What is still to be done stands
//! in the database itself, so that a restore that was killed goes on where it was.

use super::error::LoadError;
use super::statements::what;
use crate::domain::backup::BackupId;
use crate::target::dump::postgres::ServerError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

/// How far everything behind the rows is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many steps are done.
    pub done: u64,
    /// How many there are in all that were left when this run began.
    pub total: u64,
    /// What is made next.
    pub what: &'static str,
}

/// Hears of each step before it begins.
pub trait StepProgress: Send {
    /// A step begins.
    fn step(&mut self, step: Step);
}

/// Whether everything was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// Everything: indexes are ready.
    All,
    /// It was asked to stop; the same restore goes on there.
    Stopped,
}

/// More memory and workers than everyday work gets. Who has the database to restore into has no
/// other load on it.
const RESOURCES: &str = "\
    SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 4; \
    SET synchronous_commit = on; SET check_function_bodies = off";
/// An index of nearest vectors is built several times faster as long as it fits into memory.
const VECTOR_MEMORY: &str = "SET maintenance_work_mem = '1GB'";
const USUAL_MEMORY: &str = "SET maintenance_work_mem = '256MB'";
/// Workers share memory that a container may have too little of.
const ONE_WORKER: &str = "SET max_parallel_maintenance_workers = 0";

/// The backup whose rows are in the database and whose restore is not finished.
pub(super) async fn begun(connection: &mut PgConnection) -> Result<Option<String>, ServerError> {
    const EXISTS: &str = "SELECT to_regclass('embsec_restore.progress') IS NOT NULL";
    const ID: &str = "SELECT backup_id FROM embsec_restore.progress LIMIT 1";
    let exists: bool = sqlx::query_scalar(EXISTS)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(None);
    }
    Ok(sqlx::query_scalar(ID).fetch_optional(connection).await?)
}

/// Writes down what is to be done behind the rows, in the transaction that brings them.
pub(super) async fn plan(
    connection: &mut PgConnection,
    backup: &BackupId,
    statements: &[String],
) -> Result<(), LoadError> {
    const CREATE: &str = "\
        CREATE SCHEMA embsec_restore; \
        CREATE TABLE embsec_restore.progress \
            (backup_id text NOT NULL, step bigint NOT NULL, statement text NOT NULL)";
    const INSERT: &str = "\
        INSERT INTO embsec_restore.progress (backup_id, step, statement) \
        SELECT $1, s.step, s.statement \
        FROM unnest($2::text[]) WITH ORDINALITY AS s (statement, step)";
    connection.execute(CREATE).await?;
    sqlx::query(INSERT)
        .bind(backup.as_str())
        .bind(statements)
        .execute(connection)
        .await?;
    Ok(())
}

/// Does what is left to be done. `stop` is asked between two steps.
pub(super) async fn carry_out(
    connection: &mut PgConnection,
    progress: &mut dyn StepProgress,
    stop: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Finished, LoadError> {
    const LEFT: &str = "SELECT step, statement FROM embsec_restore.progress ORDER BY step";
    if begun(connection).await?.is_none() {
        return Err(LoadError::NotBegun);
    }
    connection.execute(RESOURCES).await?;
    let left: Vec<(i64, String)> = sqlx::query_as(LEFT).fetch_all(&mut *connection).await?;
    let total = u64::try_from(left.len()).unwrap_or(u64::MAX);
    for (done, (step, statement)) in (0..).zip(&left) {
        if stop() {
            return Ok(Finished::Stopped);
        }
        let what = what(statement);
        progress.step(Step { done, total, what });
        let is_last = done + 1 == total;
        let failed = |source| LoadError::Step { what, source };
        match take(connection, *step, statement, is_last).await {
            Err(ServerError::DiskFull(_) | ServerError::Unavailable(_))
                if is_of_vectors(statement) =>
            {
                connection.execute(ONE_WORKER).await?;
                let again = take(connection, *step, statement, is_last).await;
                again.map_err(failed)?;
            }
            taken => taken.map_err(failed)?,
        }
    }
    Ok(Finished::All)
}

fn is_of_vectors(statement: &str) -> bool {
    statement.contains(" USING hnsw ") || statement.contains(" USING ivfflat ")
}

/// One step, and that it is done, together. The last takes the list itself away.
async fn take(
    connection: &mut PgConnection,
    step: i64,
    statement: &str,
    is_last: bool,
) -> Result<(), ServerError> {
    let memory = if is_of_vectors(statement) {
        VECTOR_MEMORY
    } else {
        USUAL_MEMORY
    };
    connection.execute(memory).await?;
    connection.execute("BEGIN").await?;
    let taken = take_within(connection, step, statement, is_last).await;
    match taken {
        Ok(()) => {
            connection.execute("COMMIT").await?;
            Ok(())
        }
        Err(error) => {
            // A connection that is lost has undone it already.
            drop(connection.execute("ROLLBACK").await);
            Err(error)
        }
    }
}

async fn take_within(
    connection: &mut PgConnection,
    step: i64,
    statement: &str,
    is_last: bool,
) -> Result<(), ServerError> {
    const DONE: &str = "DELETE FROM embsec_restore.progress WHERE step = $1";
    const END: &str = "DROP SCHEMA embsec_restore CASCADE";
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut *connection)
        .await?;
    if is_last {
        connection.execute(END).await?;
    } else {
        sqlx::query(DONE).bind(step).execute(connection).await?;
    }
    Ok(())
}
