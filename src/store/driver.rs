//! What both engines have to say about errors of the driver and rows that make no sense. What only
//! one of them knows, its codes and the files or servers behind them, is in its own `error`.

use super::{HookError, StoreError, postgres, sqlite};
use crate::domain::postgres_url::PostgresUrl;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgSslMode};
use sqlx::sqlite::SqliteError;
use std::str::FromStr as _;

/// What the driver makes of the URL of any server. One elsewhere is spoken to over TLS with its
/// name checked, unless the URL says otherwise. Statements are not logged, since a slow one would
/// put texts into the log.
///
/// # Errors
///
/// What the driver does not understand, or a file of the URL that it cannot read.
pub fn connect_options(url: &PostgresUrl) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.reveal())?;
    let options = if url.sets_ssl_mode() || url.is_local() {
        options
    } else {
        options.ssl_mode(PgSslMode::VerifyFull)
    };
    // Every server since 12 writes floats so that they come back exactly, and pgbouncer refuses to
    // hear of it.
    Ok(options.extra_float_digits(None).disable_statement_logging())
}

/// Whether the same statement may succeed later without anybody repairing the database.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        // A connection that breaks in the middle of a message is told as one that makes no sense.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            error
                .try_downcast_ref::<PgDatabaseError>()
                .is_some_and(postgres::is_passing)
                || error
                    .try_downcast_ref::<SqliteError>()
                    .is_some_and(sqlite::is_passing)
        }
        _ => false,
    }
}

/// Whether an error is that of a database whose own files are damaged, which no repetition mends.
#[must_use]
pub fn is_damage(error: &(dyn std::error::Error + 'static)) -> bool {
    if sqlite::is_direct_damage(error) {
        return true;
    }
    let driver = error.downcast_ref::<sqlx::Error>();
    let Some(error) = driver.and_then(sqlx::Error::as_database_error) else {
        return false;
    };
    error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(postgres::is_damage)
        || error
            .try_downcast_ref::<SqliteError>()
            .is_some_and(sqlite::is_damage)
}

/// Whether a row was refused because another holds a value that no two may share.
pub(super) fn is_unique_violation(error: &StoreError) -> bool {
    let StoreError::Fault(source) = error else {
        return false;
    };
    source
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error)
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

impl From<sqlx::Error> for super::transfer::TransferError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Fault(Box::new(error))
        }
    }
}

/// A row holds what embsec never wrote.
#[derive(Debug, thiserror::Error)]
#[error("the stored {0} is malformed")]
pub(super) struct Malformed(pub(super) &'static str);

impl From<Malformed> for StoreError {
    fn from(error: Malformed) -> Self {
        Self::Fault(Box::new(error))
    }
}

/// The sealer named a data key that the database does not hold.
#[derive(Debug, thiserror::Error)]
#[error("the data key of a sealed value is not in the database")]
pub(super) struct UnknownDataKey;

impl From<UnknownDataKey> for StoreError {
    fn from(error: UnknownDataKey) -> Self {
        Self::Seal(HookError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_pool_and_the_worker_are_passing() {
        assert!(matches!(
            StoreError::from(sqlx::Error::PoolTimedOut),
            StoreError::Unavailable(_)
        ));
        assert!(matches!(
            StoreError::from(sqlx::Error::WorkerCrashed),
            StoreError::Unavailable(_)
        ));
        assert!(matches!(
            StoreError::from(sqlx::Error::RowNotFound),
            StoreError::Fault(_)
        ));
    }
}
