//! Why work on backups was not begun.

use crate::app::backup::BackupError;
use crate::audit;
use crate::blob::BlobError;
use crate::config::secret::SecretError;
use crate::crypto::signing::VerifyingKeyError;
use crate::deployment::{KeyringSourceError, OpenError, TargetError};
use crate::domain::backup::Engine;
use crate::sys::fs::FsError;
use crate::target::dump::DumpError;
use crate::target::load::LoadError;
use crate::target::load::sqlite::SwapError;

/// Why work on backups was not begun. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum BackupOpenError {
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringSourceError),
    /// The destination.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A secret of the settings.
    #[error("a secret of `backup` in the settings cannot be fetched")]
    Secret(#[from] SecretError),
    /// An S3 store, and nobody to ask as.
    #[error("an S3 destination needs `backup.s3_access_key_id` and `backup.s3_secret_access_key`")]
    NoCredentials,
    /// A key in `backup.verify_keys`.
    #[error("`backup.verify_keys` holds what is no key")]
    VerifyKey(#[source] VerifyingKeyError),
    /// The deployment's own database.
    #[error(transparent)]
    Deployment(#[from] OpenError),
    /// Whose tables a database holds.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The database cannot be read.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// A folder.
    #[error(transparent)]
    File(#[from] FsError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] audit::OpenError),
    /// The place is of another engine than the backup.
    #[error("the backup is of a {} database, and the place is none", .0.as_str())]
    OtherEngine(Engine),
    /// The place cannot be restored into.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was restored is not where it can take the place of the database.
    #[error("{0} is not beside the database of this deployment")]
    NotBeside(String),
    /// A file was not put in place.
    #[error(transparent)]
    Swap(#[from] SwapError),
    /// It was asked to stop.
    #[error("interrupted before anything was restored")]
    Interrupted,
    /// A thread ended by itself.
    #[error("the copy of the file was not made: its thread ended by itself")]
    Ended,
    /// The work itself.
    #[error(transparent)]
    Work(#[from] BackupError),
}
