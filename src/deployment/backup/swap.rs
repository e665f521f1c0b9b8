//! Puts a restored database in the place of the deployment's own.

use super::BackupOpenError;
use crate::config::database::Location;
use crate::config::{Config, Environment};
use crate::deployment::database::server_url;
use crate::domain::backup::BackupId;
use crate::domain::postgres_url::PostgresUrl;
use crate::target::load::LoadError;
use crate::target::load::postgres;
use crate::target::load::sqlite::{self as file, Swapped};
use std::path::{Path, PathBuf};

/// What would be put where.
pub enum SwapPlan {
    /// A file in the place of another.
    File {
        /// The database of the deployment.
        live: PathBuf,
        /// What was restored.
        restored: PathBuf,
        /// The backup.
        id: BackupId,
    },
    /// A database in the place of another on the same server.
    Server {
        /// The database of the deployment.
        url: PostgresUrl,
        /// What was restored, by name.
        restored: String,
        /// The name of the live one.
        live: String,
        /// The backup.
        id: BackupId,
    },
}

/// Finds out what would be put where. `place` is what was restored into, as `embsec restore` noted
/// it.
///
/// # Errors
///
/// [`BackupOpenError::NotBeside`] when the two are not of one kind or in one place.
pub fn plan(
    config: &Config,
    environment: &Environment,
    id: &BackupId,
    place: &str,
) -> Result<SwapPlan, BackupOpenError> {
    let not_beside = || BackupOpenError::NotBeside(place.to_owned());
    match &config.database.location {
        Location::Sqlite(live) => {
            let restored = place.strip_prefix("sqlite:").ok_or_else(not_beside)?;
            let restored = PathBuf::from(restored);
            if folder(&restored) != folder(live) {
                return Err(not_beside());
            }
            Ok(SwapPlan::File {
                live: live.clone(),
                restored,
                id: id.clone(),
            })
        }
        Location::Postgres(_) => {
            let url = server_url(&config.database, environment)?;
            let own = url.place();
            let (server, live) = own.rsplit_once('/').ok_or_else(not_beside)?;
            let restored = place
                .strip_prefix(server)
                .and_then(|rest| rest.strip_prefix('/'))
                .ok_or_else(not_beside)?;
            Ok(SwapPlan::Server {
                restored: restored.to_owned(),
                live: live.to_owned(),
                url,
                id: id.clone(),
            })
        }
    }
}

/// The folder of a file, however it is written.
fn folder(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).canonicalize().ok()
}

impl SwapPlan {
    /// The database of the deployment, in words.
    #[must_use]
    pub fn live(&self) -> String {
        match self {
            Self::File { live, .. } => live.display().to_string(),
            Self::Server { url, .. } => url.place(),
        }
    }

    /// What was restored, in words.
    #[must_use]
    pub fn restored(&self) -> String {
        match self {
            Self::File { restored, .. } => restored.display().to_string(),
            Self::Server { restored, .. } => restored.clone(),
        }
    }

    /// Puts it in place. Says under which name the former one is kept.
    ///
    /// # Errors
    ///
    /// [`BackupOpenError::Swap`], [`BackupOpenError::Load`]; what was in place is in place.
    pub async fn carry_out(&self) -> Result<Option<String>, BackupOpenError> {
        match self {
            Self::File { live, restored, id } => {
                let done = tokio::task::block_in_place(|| file::swap(live, restored, id))?;
                Ok(match done {
                    Swapped::Done { before } => before.map(|path| path.display().to_string()),
                    Swapped::Already { before } => Some(before.display().to_string()),
                })
            }
            Self::Server {
                url,
                restored,
                live,
                id,
            } => {
                let done = postgres::swap(url, restored, live, id).await;
                Ok(done.map_err(LoadError::from)?.former)
            }
        }
    }
}
