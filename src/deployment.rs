//! The composition root: makes a deployment, and opens one with its concrete parts.
//!
//! The only place that knows which store, which audit log and which keyring stand behind the
//! traits. No rule of the API and no words for people here.

pub mod backup;
mod database;
mod encryption;
pub mod healthcheck;
mod init;
mod inspect;
mod keyring;
mod migrate;
mod open;
mod serve;
mod service_database;
mod transfer;

pub use crate::audit::{OpenError as AuditOpenError, whole_lines};
pub use crate::crypto::keyring::file::KeyringFileError;
pub use crate::http::metrics::install as install_metrics;
pub use crate::http::server::Stopped;
pub use crate::store::postgres::OpenError as ServerError;
pub use crate::store::sqlite::OpenError as DatabaseError;
pub use crate::target::embapi::OpenError as EmbapiError;
pub use crate::target::error::OpenError as TargetOpenError;
pub use crate::target::lease::LeaseError;
pub use crate::target::rows::RowsError;
pub use crate::target::scrub::ScrubNeeds;
pub use database::Migrated;
pub use encryption::{
    KeyUses, OwnFiles, Recognised, Residue, Run, Scrubbing, Target, TargetError, TargetProfile,
    TargetRequest, recognise,
};
pub use init::{InitError, Server, check_target, initialise};
pub use inspect::{Look, LookError, Looked};
pub use keyring::{
    AskPassphrase, KeyringSource, KeyringSourceError, KeyringUpdateError, KeyringWatch, NewSeal,
    Updated, seal_new,
};
pub use migrate::{SchemaRequest, SchemaState};
pub use open::{Deployment, OpenError, Purpose, Request, refuse_foreign_owner};
pub use serve::Listeners;
pub use service_database::{ServiceDatabase, ServiceOpenError, open_target_audit};
pub use transfer::{ImportOptions, OtherSide, Profile, Transfer, TransferOpenError};

use std::path::{Path, PathBuf};

/// The names of the files of a deployment.
#[derive(Clone, Debug)]
pub struct Layout(PathBuf);

impl Layout {
    /// The deployment in this folder.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join(crate::config::FILE_NAME)
    }

    /// The administrator's key, one line.
    #[must_use]
    pub fn admin_key(&self) -> PathBuf {
        self.0.join("admin.key")
    }

    /// The master key.
    #[must_use]
    pub fn keyring(&self) -> PathBuf {
        self.0.join("keyring.toml")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("embsec.db")
    }

    /// The folder of the audit log.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }

    /// Keeps everything out of version control.
    #[must_use]
    pub fn gitignore(&self) -> PathBuf {
        self.0.join(".gitignore")
    }
}

/// The lock of a database: whoever serves it holds this file.
#[must_use]
pub fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    database.with_file_name(name)
}
