//! What can be wrong with a backup, and whether that is damage or only out of reach.

use super::manifest::CONTAINER_VERSION;
use super::opened::SegmentFault;
use super::signature::SignatureError;
use crate::blob::BlobError;
use crate::crypto::sealed_file::OpenFileError;
use crate::domain::backup::BackupId;

/// Why a backup, or a part of it, is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such backup.
    #[error("there is no backup {0}")]
    NotFound(BackupId),
    /// It was never finished, or its signature is gone.
    #[error("the backup {0} has no signature: it was not finished, or a part of it was removed")]
    Unsigned(BackupId),
    /// A file of it is gone.
    #[error("the file {file} of the backup {id} is missing")]
    Missing {
        /// The backup.
        id: BackupId,
        /// The file.
        file: String,
    },
    /// A file has another size or content than the manifest says.
    #[error("the file {file} of the backup {id} is not as it was made: its {what} differs")]
    Differs {
        /// The backup.
        id: BackupId,
        /// The file.
        file: String,
        /// What differs.
        what: &'static str,
    },
    /// A signature is not believed.
    #[error("the file {file} of the backup {id} is not to be believed")]
    Signature {
        /// The backup.
        id: BackupId,
        /// The file that is signed.
        file: &'static str,
        /// Why.
        #[source]
        source: SignatureError,
    },
    /// A file is well signed and says something that no backup of embsec's says.
    #[error("the file {file} of the backup {id} is malformed")]
    Malformed {
        /// The backup.
        id: BackupId,
        /// The file.
        file: &'static str,
    },
    /// The files of another backup lie in its place.
    #[error("in the place of the backup {id} lies the backup {found}")]
    Swapped {
        /// The backup that was asked for.
        id: BackupId,
        /// The one that lies there.
        found: BackupId,
    },
    /// An older state of a file was put back.
    #[error(
        "an old state of the file {file} of the backup {id} was put back: it is the {found}. \
         state, and the {known}. was seen"
    )]
    PutBack {
        /// The backup.
        id: BackupId,
        /// The file.
        file: &'static str,
        /// The state that lies there.
        found: u64,
        /// The newest one that was seen.
        known: u64,
    },
    /// It was removed, and is there again.
    #[error("the backup {0} was removed by retention, and lies there again")]
    Revived(BackupId),
    /// A newer embsec made it.
    #[error("the backup {id} has the format {found}, and this embsec reads {CONTAINER_VERSION}")]
    Newer {
        /// The backup.
        id: BackupId,
        /// Its format.
        found: u32,
    },
    /// The identity does not open it.
    #[error("the identity does not open the backup {id}")]
    Identity {
        /// The backup.
        id: BackupId,
        /// Why.
        #[source]
        source: OpenFileError,
    },
    /// A segment.
    #[error("the backup {id} is damaged")]
    Segment {
        /// The backup.
        id: BackupId,
        /// What is wrong.
        #[source]
        source: SegmentFault,
    },
    /// The destination.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Fault {
    /// The fault with its causes, in one line: what is wrong with which file.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            let told = cause.to_string();
            if !text.contains(&told) {
                text.push_str(": ");
                text.push_str(&told);
            }
            next = cause.source();
        }
        text
    }

    /// Whether the backup is not as it was made, rather than out of reach.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Unsigned(_)
            | Self::Missing { .. }
            | Self::Differs { .. }
            | Self::Signature { .. }
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::PutBack { .. }
            | Self::Revived(_) => true,
            Self::Segment { source, .. } => source.is_damage(),
            Self::NotFound(_)
            | Self::Newer { .. }
            | Self::Identity { .. }
            | Self::Blob(_)
            | Self::Interrupted => false,
        }
    }
}
