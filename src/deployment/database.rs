//! The engine of a deployment: the only place that chooses between them.

use super::open::{OpenError, Purpose};
use super::{lock_path, refuse_foreign_owner};
use crate::config::Environment;
use crate::config::database::{DatabaseConfig, Location, Synchronous};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::postgres::{self, PostgresOptions, PostgresStore};
use crate::store::sqlite::{self, SqliteOptions, SqliteStore};
use crate::store::{Store, StoreError};
use crate::sys::lock::LockFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a migration of the schema did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; 0 for an empty database.
    pub from: i64,
    /// The version now.
    pub to: i64,
    /// The copy of the file as it was before; none of an empty file, none on a server.
    pub copy: Option<PathBuf>,
}

/// An open database.
pub(super) enum Database {
    Sqlite {
        store: Arc<SqliteStore>,
        _lock: Option<LockFile>,
    },
    Postgres(PostgresStore),
}

impl Database {
    /// What the use-cases see.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite { store, .. } => Arc::clone(store) as Arc<dyn Store>,
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { store, .. } => store.close().await,
            Self::Postgres(store) => {
                store.close().await;
                Ok(())
            }
        }
    }
}

/// What may be used of a database before its keys are known to be there: the place, ours alone if
/// that is needed.
pub(super) enum Reserved {
    Sqlite(PathBuf, Option<LockFile>),
    Postgres(PostgresUrl),
}

impl Reserved {
    /// Finds the place and takes the lock of a file that is to be served. A server is served by as
    /// many processes as there are.
    pub(super) fn take(
        config: &DatabaseConfig,
        environment: &Environment,
        purpose: Purpose,
        uid: u32,
    ) -> Result<Self, OpenError> {
        match &config.location {
            Location::Sqlite(path) => {
                refuse_foreign_database(path, uid)?;
                Ok(Self::Sqlite(path.clone(), lock(path, purpose)?))
            }
            Location::Postgres(_) => Ok(Self::Postgres(server_url(config, environment)?)),
        }
    }

    /// Opens it, with a schema brought up to date where that is this purpose's part.
    pub(super) async fn open(
        self,
        config: &DatabaseConfig,
        purpose: Purpose,
    ) -> Result<(Database, Option<Migrated>), OpenError> {
        match self {
            Self::Sqlite(path, lock) => open_file(&path, lock, config, purpose).await,
            Self::Postgres(url) => open_server(&url, config, purpose).await,
        }
    }
}

async fn open_file(
    path: &Path,
    lock: Option<LockFile>,
    config: &DatabaseConfig,
    purpose: Purpose,
) -> Result<(Database, Option<Migrated>), OpenError> {
    let migrated = match purpose {
        Purpose::Serve => sqlite::schema::migrate(path).await?,
        Purpose::Command => None,
    };
    let options = SqliteOptions {
        synchronous: match config.synchronous {
            Synchronous::Full => sqlite::Synchronous::Full,
            Synchronous::Normal => sqlite::Synchronous::Normal,
        },
        readers: config.pool_size,
        create: false,
    };
    let database = Database::Sqlite {
        store: Arc::new(SqliteStore::open(path, options).await?),
        _lock: lock,
    };
    Ok((database, migrated.map(Migrated::from)))
}

async fn open_server(
    url: &PostgresUrl,
    config: &DatabaseConfig,
    purpose: Purpose,
) -> Result<(Database, Option<Migrated>), OpenError> {
    let options = postgres_options(config);
    let newest = postgres::schema::newest();
    let mut migrated = None;
    if purpose == Purpose::Serve && config.auto_migrate {
        let from = postgres::schema::migrate(url, options.connect_timeout, None).await?;
        migrated = (from < newest).then_some(Migrated {
            from,
            to: newest,
            copy: None,
        });
    }
    let store = PostgresStore::open(url, &options).await?;
    Ok((Database::Postgres(store), migrated))
}

/// The URL of the server that the settings name.
pub(super) fn server_url(
    config: &DatabaseConfig,
    environment: &Environment,
) -> Result<PostgresUrl, OpenError> {
    config
        .location
        .postgres_url(environment)
        .map_err(OpenError::DatabaseUrl)?
        .ok_or(OpenError::DatabaseUrl(crate::config::Fault::NotAServer))
}

/// The settings of the connections.
pub(super) const fn postgres_options(config: &DatabaseConfig) -> PostgresOptions {
    PostgresOptions {
        pool_size: config.pool_size,
        max_idle: config.max_idle_connections,
        idle_timeout: config.idle_timeout,
        max_lifetime: config.max_lifetime,
        connect_timeout: config.connect_timeout,
        statement_timeout: config.statement_timeout,
    }
}

impl From<sqlite::schema::Migrated> for Migrated {
    fn from(migrated: sqlite::schema::Migrated) -> Self {
        Self {
            from: migrated.from,
            to: migrated.to,
            copy: migrated.copy,
        }
    }
}

pub(super) fn refuse_foreign_database(database: &Path, uid: u32) -> Result<(), OpenError> {
    let folder = match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match refuse_foreign_owner(folder, uid) {
        Err(OpenError::File(error)) if error.is_not_found() => {
            Err(sqlite::OpenError::NoSuchDatabase(database.to_owned()).into())
        }
        other => other,
    }
}

/// The lock of a file that is to be used alone.
pub(super) fn lock(database: &Path, purpose: Purpose) -> Result<Option<LockFile>, OpenError> {
    if purpose == Purpose::Command {
        return Ok(None);
    }
    let path = lock_path(database);
    match LockFile::try_exclusive(&path)? {
        Some(lock) => Ok(Some(lock)),
        None => Err(OpenError::Locked {
            database: database.to_owned(),
            holder: LockFile::last_holder(&path),
        }),
    }
}
