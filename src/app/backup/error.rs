//! Why work on backups did not do what was asked.

use crate::audit::AuditError;
use crate::backup::container::Fault;
use crate::backup::known::KnownError;
use crate::backup::spool::SpoolError;
use crate::backup::writer::WriteError;
use crate::blob::BlobError;
use crate::crypto::SealError;
use crate::crypto::sealed_file::SealFileError;
use crate::crypto::signing::TooLongToSign;
use crate::crypto::wrap::UnwrapError;
use crate::domain::backup::BackupId;
use crate::domain::key::KeyId;
use crate::store::StoreError;
use crate::sys::fs::FsError;
use crate::sys::rng::RngError;
use crate::target::dump::DumpError;

/// Why work on backups did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nobody who could open a backup.
    #[error("there is no recipient: nobody could open the backup")]
    NoRecipient,
    /// There is no key to sign with.
    #[error("the keyring has no key to sign backups with")]
    NoSigningKey,
    /// There is no keyring, and the work needs one.
    #[error("there is no keyring here, and this needs one")]
    NoKeyring,
    /// The database cannot be read.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// A segment could not be made.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What was written does not read back as it was.
    #[error("the new backup does not read back from the disk as it was written")]
    ReadBack(#[source] Fault),
    /// A backup is not what it should be, or does not open.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The destination.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The folder in which backups are made.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A file.
    #[error(transparent)]
    File(#[from] FsError),
    /// The disk has too little room.
    #[error("\"{folder}\" has {free_bytes} bytes left, and the backup may need {needed_bytes}")]
    NoRoom {
        /// Where.
        folder: String,
        /// What is free.
        free_bytes: u64,
        /// What is needed.
        needed_bytes: u64,
    },
    /// What this host remembers of backups.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// A small file cannot be sealed.
    #[error(transparent)]
    SealFile(#[from] SealFileError),
    /// A master key that seals data keys of a backup is not at hand.
    #[error("the keyring has no master key {0}, which seals data keys of the backup")]
    NoMaster(KeyId),
    /// A data key of a backup does not open.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The identity cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Something cannot be signed.
    #[error(transparent)]
    Sign(#[from] TooLongToSign),
    /// The system has no randomness to give.
    #[error(transparent)]
    Rng(#[from] RngError),
    /// The database of the deployment.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit log takes no events.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// There is no backup of this name.
    #[error("there is no backup {0:?}")]
    NoSuchBackup(String),
    /// The newest one was asked for, and none counts.
    #[error("{}", nothing(.place, *.listed))]
    NoNewest {
        /// The destination.
        place: String,
        /// How many backups it has that are not known to hold.
        listed: usize,
    },
    /// A backup was not restored from this host.
    #[error("this host has not restored the backup {0}")]
    NotRestored(BackupId),
    /// A name fits several.
    #[error("several backups begin with {0:?}")]
    Ambiguous(String),
    /// A part of a backup was named that it does not have.
    #[error("the backup {id} has no {part}")]
    NoSuchPart {
        /// The backup.
        id: BackupId,
        /// What was named.
        part: String,
    },
    /// What was decoded could not be written.
    #[error("cannot write what was decoded")]
    Output(#[source] std::io::Error),
    /// It was asked to stop.
    #[error("interrupted {0}")]
    Interrupted(&'static str),
}

fn nothing(place: &str, listed: usize) -> String {
    match listed {
        0 => format!("there is no backup in {place}"),
        1 => format!("the only backup in {place} is not known to hold"),
        _ => format!("none of the {listed} backups in {place} is known to hold"),
    }
}
