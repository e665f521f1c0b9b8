//! Why a keyring is not at hand, or was not changed.

use crate::config::secret::SecretError;
use crate::crypto::keyring::ChangeError;
use crate::crypto::keyring::file::KeyringFileError;
use crate::crypto::keyring::text::KeyringTextError;
use crate::crypto::sealed_file::{IdentityError, OpenFileError, RecipientError, SealFileError};
use crate::domain::count::counted;
use std::io;
use std::path::PathBuf;

/// Why a keyring could not be fetched, opened or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyringSourceError {
    /// It could not be fetched.
    #[error("the keyring cannot be read")]
    Source(#[source] SecretError),
    /// It is damaged, or none.
    #[error("the keyring cannot be used")]
    Text(#[source] KeyringTextError),
    /// It is sealed and does not open.
    #[error("the keyring cannot be opened")]
    Sealed(#[source] OpenFileError),
    /// It is sealed by a passphrase that nobody gave.
    #[error("the keyring is sealed by a passphrase, and none is given")]
    NoPassphrase,
    /// It is sealed to recipients, and no identity is given.
    #[error("the keyring is sealed to recipients, and no identity is given")]
    NoIdentity,
    /// The passphrase could not be fetched.
    #[error("the passphrase of the keyring cannot be read")]
    Passphrase(#[source] SecretError),
    /// The identity could not be fetched.
    #[error("the identity that opens the keyring cannot be read")]
    Identity(#[source] SecretError),
    /// What was fetched is no identity.
    #[error("the identity that opens the keyring cannot be used")]
    IdentityText(#[source] IdentityError),
    /// The passphrase could not be asked for.
    #[error("the passphrase of the keyring cannot be asked for")]
    Ask(#[source] io::Error),
}

impl KeyringSourceError {
    /// Whether there is no keyring, or nothing was given to open it with. Anything else is wrong
    /// with one that is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Source(SecretError::File(error)) => error.is_not_found(),
            Self::NoPassphrase | Self::NoIdentity => true,
            _ => false,
        }
    }
}

/// Why a keyring was not changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyringUpdateError<E = ChangeError> {
    /// It is not at hand.
    #[error(transparent)]
    Source(#[from] KeyringSourceError),
    /// It is kept by something else, which embsec does not write.
    #[error("the keyring is read from {reference}, which embsec cannot write")]
    ReadOnly {
        /// The setting's value.
        reference: String,
    },
    /// The change itself was refused.
    #[error(transparent)]
    Change(E),
    /// The file was not written.
    #[error(transparent)]
    File(#[from] KeyringFileError),
    /// The copy that was asked for does not read back as it was written.
    #[error("\"{}\" does not read back as it was written", path.display())]
    OutNotAsWritten {
        /// The copy.
        path: PathBuf,
    },
    /// It cannot be sealed again.
    #[error("the keyring cannot be sealed")]
    Seal(#[from] SealFileError),
    /// Whoever is to open it is not named rightly.
    #[error("recipient {number} cannot be used")]
    Recipient {
        /// Its place among those given, counted from 1.
        number: usize,
        /// Why.
        #[source]
        source: RecipientError,
    },
    /// Sealing it again to the recipients known here would lock others out.
    #[error(
        "the keyring is sealed to {}, and the identities given are those of {known}",
        counted(*.count, "recipient", "recipients")
    )]
    UnknownRecipients {
        /// How many there are.
        count: usize,
        /// How many are known here.
        known: usize,
    },
    /// A change made another generation than the next; a bug.
    #[error("a change of the keyring went from generation {now} to {next}")]
    NotNext {
        /// The generation before.
        now: u64,
        /// The generation made.
        next: u64,
    },
}
