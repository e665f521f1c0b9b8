//! Why a backup was not restored.

use crate::app::backup::BackupError;
use crate::backup::container::Fault;
use crate::target::load::LoadError;

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup, its destination, or what this host needs for it.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The place that it is restored into.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was restored is not what the backup says. Nothing of it was kept.
    #[error("the restored {0} is not what the backup says of it")]
    Differs(String),
    /// It was asked to stop.
    #[error("the restore was interrupted")]
    Interrupted,
}

impl From<Fault> for RestoreError {
    fn from(fault: Fault) -> Self {
        Self::Backup(fault.into())
    }
}
