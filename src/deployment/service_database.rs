//! Opens the database of another program to give it another key: its rows, the lease that keeps
//! other operators away, and a log where there is no deployment.

use super::transfer::OtherSide;
use crate::audit::{AuditWriter, OpenError as AuditOpenError};
use crate::sys::clock::Clock;
use crate::sys::owner;
use crate::target::embapi;
use crate::target::error::OpenError;
use crate::target::lease::postgres::PostgresLease;
use crate::target::lease::sqlite::SqliteLease;
use crate::target::lease::{Lease, LeaseError};
use crate::target::postgres::PostgresRows;
use crate::target::rows::Rows;
use crate::target::service::Service;
use crate::target::sqlite::SqliteRows;
use crate::target::table::Table;
use std::path::Path;
use std::sync::Arc;

/// Why a database was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceOpenError {
    /// It is not there, or not what it should be.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another process works on it.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// embapi keeps its data on PostgreSQL only.
    #[error("an embapi database is on PostgreSQL, and this is a file")]
    EmbapiInAFile,
}

/// The database of a service, open and leased.
pub struct ServiceDatabase {
    /// Its rows.
    pub rows: Box<dyn Rows>,
    /// Held until this is dropped.
    pub lease: Box<dyn Lease>,
    /// Where the values under the key are.
    pub table: Table,
    /// Whose it is.
    pub service: Service,
    /// It in words, without a password.
    pub name: String,
}

impl ServiceDatabase {
    /// Opens it. Whose it is is found out where that is not said.
    ///
    /// # Errors
    ///
    /// Any [`ServiceOpenError`].
    pub async fn open(place: &OtherSide, named: Option<Service>) -> Result<Self, ServiceOpenError> {
        let service = match (named, place) {
            (Some(service), _) => service,
            (None, OtherSide::Sqlite(_)) => Service::LlmProxy,
            (None, OtherSide::Postgres(url)) => {
                let found = embapi::is_embapi(url).await;
                if found.map_err(OpenError::from)? {
                    Service::Embapi
                } else {
                    Service::LlmProxy
                }
            }
        };
        let table = service.keyed_table();
        let tables = std::slice::from_ref(&table);
        let (rows, lease): (Box<dyn Rows>, Box<dyn Lease>) = match place {
            OtherSide::Sqlite(_) if service == Service::Embapi => {
                return Err(ServiceOpenError::EmbapiInAFile);
            }
            OtherSide::Sqlite(path) => {
                let mut rows = SqliteRows::open_to_write(path)?;
                rows.require(tables, false)?;
                (Box::new(rows), Box::new(SqliteLease::take(path)?))
            }
            OtherSide::Postgres(url) => {
                let mut rows = PostgresRows::open_to_write(url).await?;
                rows.require(tables).await?;
                let connection = embapi::connect(url).await.map_err(OpenError::from)?;
                let lease = PostgresLease::take(connection).await?;
                (Box::new(rows), Box::new(lease))
            }
        };
        Ok(Self {
            rows,
            lease,
            table,
            service,
            name: place.name(),
        })
    }
}

/// Opens the log of work on another program's database, where there is no deployment to ask what
/// it saw committed. The folder is made, for its owner alone, where it is missing.
///
/// # Errors
///
/// When it cannot be written; nothing may be done then.
pub fn open_target_audit(
    dir: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Arc<AuditWriter>, AuditOpenError> {
    let (log, _opened) = AuditWriter::open(dir, &owner::host_name(), clock)?;
    Ok(Arc::new(log))
}
