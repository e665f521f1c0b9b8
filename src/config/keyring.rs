//! Where the master key is.

use super::read::{Reader, Rejected};
use super::secret::SecretRef;
use super::settings::{KEYRING_IDENTITY, KEYRING_PASSPHRASE, KEYRING_SOURCE};

/// The settings of `[keyring]`.
#[derive(Clone, Debug)]
pub struct KeyringConfig {
    /// Where the keyring is read. Never [`SecretRef::Given`].
    pub source: SecretRef,
    /// The passphrase that opens it, where it is sealed by one.
    pub passphrase: Option<SecretRef>,
    /// The age identities that open it, where it is sealed to recipients.
    pub identity: Option<SecretRef>,
}

impl KeyringConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        Ok(Self {
            source: reader.reference(
                &KEYRING_SOURCE,
                "file:PATH, env:NAME, credential:NAME or cmd:PROGRAM ARGUMENTS",
            )?,
            passphrase: reader.secret(&KEYRING_PASSPHRASE)?,
            identity: reader.secret(&KEYRING_IDENTITY)?,
        })
    }
}
