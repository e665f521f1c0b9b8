//! Why a copy was not made, or gives no keyring. No error holds a part of a secret.

use crate::app::error::AppError;
use crate::audit::AuditError;
use crate::crypto::keyring::text::KeyringTextError;
use crate::crypto::sealed_file::{IdentityError, OpenFileError, RecipientError, SealFileError};
use crate::crypto::shares::{SplitError, ThresholdError};
use crate::domain::count::counted;
use crate::store::StoreError;
use crate::sys::fs::FsError;
use std::fmt;
use std::path::PathBuf;

/// A share that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadShare {
    /// Its file.
    pub path: PathBuf,
    /// Which share of its set it is, where that can be trusted.
    pub index: Option<u8>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for BadShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.path.display())?;
        if let Some(index) = self.index {
            write!(f, " (share {index})")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// Why something about copies of the keyring was not done.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// A file could not be read or written, or is there already.
    #[error(transparent)]
    File(#[from] FsError),
    /// The folder for the shares is none.
    #[error("\"{}\" is no folder", .0.display())]
    NoFolder(PathBuf),
    /// The audit log takes no event: nothing is done unrecorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A recipient is none.
    #[error("recipient {number} cannot be used: {source}")]
    Recipient {
        /// Counted from 1.
        number: usize,
        /// Why.
        source: RecipientError,
    },
    /// Somebody would hold two copies.
    #[error("recipient {number} stands there twice")]
    SameHolder {
        /// The second place, counted from 1.
        number: usize,
    },
    /// Not one recipient for each share.
    #[error(
        "{shares} shares were asked for, and {} given",
        counted(*.recipients, "recipient was", "recipients were")
    )]
    HolderCount {
        /// How many shares.
        shares: u8,
        /// How many recipients.
        recipients: usize,
    },
    /// Numbers that protect nothing, or lose the keyring.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// The keyring could not be split.
    #[error("the keyring cannot be split")]
    Split(#[from] SplitError),
    /// A copy could not be sealed.
    #[error("the copy cannot be sealed")]
    Seal(#[from] SealFileError),
    /// What was written does not read back.
    #[error("\"{}\" does not read back as it was written", .0.display())]
    NotAsWritten(PathBuf),
    /// The shares that were made do not give the keyring back; nothing of them is left.
    #[error("the shares do not give the keyring back")]
    NotAsSplit,
    /// A file of identities cannot be used.
    #[error("the identity file \"{}\" cannot be used: {source}", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IdentityError,
    },
    /// A copy is sealed, and no identity was given.
    #[error("\"{}\" is sealed for somebody", .0.display())]
    NoIdentity(PathBuf),
    /// A sealed copy does not open.
    #[error("the escrow copy \"{}\" does not open: {source}", path.display())]
    Sealed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: OpenFileError,
    },
    /// Shares that cannot be used; the others may be enough.
    #[error("{} of {} cannot be used", bad.len(), counted(*total, "share", "shares"))]
    BadShares {
        /// Which, and why.
        bad: Vec<BadShare>,
        /// How many were given.
        total: usize,
    },
    /// The shares are of several sets, and of none more than of another.
    #[error("the shares belong to several sets, and no set has most of them")]
    SeveralSets(Vec<BadShare>),
    /// Too few shares.
    #[error(
        "of the {needed} shares that are needed {} there and {} missing",
        counted(*.have, "is", "are"),
        counted(usize::from(*.needed).saturating_sub(*.have), "is", "are")
    )]
    Missing {
        /// How many different shares there are.
        have: usize,
        /// How many are needed.
        needed: u8,
    },
    /// Shares that give something else than what was split.
    #[error("the shares fit together, and what they give is not what was split")]
    NotTheSecret,
    /// A copy that opened and is no keyring.
    #[error("the copy opens, and what is in it cannot be used as a keyring")]
    NotAKeyring(#[source] KeyringTextError),
    /// There is something that is not the recovered keyring, or a keyring that is sealed.
    #[error("\"{}\" exists, and is not this keyring in plain text", .0.display())]
    Differs(PathBuf),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event could not be recorded.
    #[error(transparent)]
    App(#[from] AppError),
}

impl CustodyError {
    /// Whether a copy is damaged, forged or not the right one.
    #[must_use]
    pub const fn is_of_the_copy(&self) -> bool {
        matches!(
            self,
            Self::Sealed { .. }
                | Self::BadShares { .. }
                | Self::SeveralSets(_)
                | Self::NotTheSecret
                | Self::NotAKeyring(_)
        )
    }
}
