//! Counts what the database of a deployment holds, without changing or making anything: no log is
//! opened, no file is made beside the database, and a session on a server cannot write.

use super::database::{postgres_options, server_url};
use super::keyring::{KeyringSource, KeyringSourceError};
use super::open::{OpenError, unwrap_key};
use crate::app::job::{Progress, Stop};
use crate::app::rotation::RotationError;
use crate::app::sealing::{Inspection, SealingStatus};
use crate::config::database::{DatabaseConfig, Location};
use crate::config::{Config, Environment};
use crate::crypto::keyring::Keyring;
use crate::domain::key::KeyScope;
use crate::store::Store;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::{self, Sharing, SqliteStore};
use crate::target::error::OpenError as FileError;
use crate::target::sqlite::{Reading, reading};
use std::path::Path;

/// What to look at, and with what.
pub struct Look<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// Where the keyring is, and what opens it.
    pub keyring: &'a KeyringSource,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: &'a Stop,
}

/// Why a database was not looked at. Nothing was changed, and nothing was created.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The deployment.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The counting itself.
    #[error(transparent)]
    Run(#[from] RotationError),
}

/// What was seen.
pub struct Looked {
    /// The counts.
    pub status: SealingStatus,
    /// Why there was no keyring to open anything with, where there was none.
    pub no_keyring: Option<KeyringSourceError>,
}

impl Look<'_> {
    /// Looks.
    ///
    /// # Errors
    ///
    /// Any [`LookError`].
    pub async fn run(&self) -> Result<Looked, LookError> {
        let (keyring, no_keyring) = match self.keyring.load() {
            Ok(keyring) => (Some(keyring), None),
            Err(error) if error.is_missing() => (None, Some(error)),
            Err(error) => return Err(OpenError::from(error).into()),
        };
        let database = &self.config.database;
        let status = match &database.location {
            Location::Sqlite(path) => self.file(path, keyring.as_ref()).await?,
            Location::Postgres(_) => self.server(database, keyring.as_ref()).await?,
        };
        Ok(Looked { status, no_keyring })
    }

    async fn server(
        &self,
        config: &DatabaseConfig,
        keyring: Option<&Keyring>,
    ) -> Result<SealingStatus, LookError> {
        let url = server_url(config, self.environment)?;
        let store = PostgresStore::open_to_read(&url, &postgres_options(config))
            .await
            .map_err(OpenError::from)?;
        let status = self.count(&store, keyring).await;
        store.close().await;
        status
    }

    async fn file(
        &self,
        path: &Path,
        keyring: Option<&Keyring>,
    ) -> Result<SealingStatus, LookError> {
        let open = async |sharing| {
            let opened = SqliteStore::open_to_read(path, sharing).await;
            opened.map_err(OpenError::from)
        };
        match reading(path).map_err(|error| of_file(error, path))? {
            Reading::Trace => return Err(FileError::NotClosed(path.to_owned()).into()),
            Reading::Shared => {}
            Reading::Alone(quiet) => {
                let status = match open(Sharing::Nobody).await {
                    Ok(store) => self.count(&store, keyring).await,
                    Err(error) => Err(error.into()),
                };
                // Where somebody opened it meanwhile, what was read may be torn: it is thrown away,
                // and read once more in the way of all who share a file.
                if quiet.holds(path) {
                    return status;
                }
            }
        }
        self.count(&open(Sharing::Anybody).await?, keyring).await
    }

    async fn count(
        &self,
        store: &dyn Store,
        keyring: Option<&Keyring>,
    ) -> Result<SealingStatus, LookError> {
        if let Some(keyring) = keyring {
            require_keyring(store, keyring).await?;
        }
        let inspection = Inspection {
            store,
            keyring,
            progress: self.progress,
            stop: self.stop,
        };
        Ok(inspection.run().await?)
    }
}

/// Refuses a keyring of another database.
async fn require_keyring(store: &dyn Store, keyring: &Keyring) -> Result<(), OpenError> {
    let key = match store.data_key(KeyScope::System).await? {
        Some(key) => Some(key),
        // `init` was killed right before its end.
        None => store.claimed_key().await?,
    };
    unwrap_key(&key.ok_or(OpenError::DataKey(None))?, keyring).map(drop)
}

/// A file that is not there is told as every command tells it.
fn of_file(error: FileError, path: &Path) -> LookError {
    match error {
        FileError::NoSuchDatabase(_) => {
            OpenError::from(sqlite::OpenError::NoSuchDatabase(path.to_owned())).into()
        }
        error => error.into(),
    }
}
