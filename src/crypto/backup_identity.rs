//! The identity of a backup that is being written, as its journal holds it: sealed by a master key
//! and bound to the backup's id, so that a run that was killed can be gone on with.
//!
//! How an identity is made and where the journal is kept is decided elsewhere.

use super::aead::{self, SealError};
use super::secret::MasterKey;
use crate::domain::backup::BackupId;
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use secrecy::{ExposeSecret as _, SecretString};

/// Sets this use of a master key apart from every other.
const LABEL: &str = "embsec/backup-identity/v1";

/// An identity, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedIdentity {
    /// Base64url without padding of nonce, ciphertext and tag.
    pub sealed: String,
    /// Id of the master key that sealed it.
    pub master_id: KeyId,
}

/// Why a sealed identity does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdentityError {
    /// Another master key sealed it.
    #[error("the identity was sealed by the master key {master_id}, which is not at hand")]
    UnknownMaster {
        /// The master key that opens it.
        master_id: KeyId,
    },
    /// The master key is right and the bytes are not what it sealed for this backup.
    #[error("the identity is damaged or belongs to another backup")]
    Damaged,
}

/// Seals the line of an identity (`AGE-SECRET-KEY-1…`) for this backup.
///
/// # Errors
///
/// Any [`SealError`].
pub fn seal(
    line: &SecretString,
    backup: &BackupId,
    master: &MasterKey,
    rng: &dyn Rng,
) -> Result<SealedIdentity, SealError> {
    let associated = associated_data(backup).ok_or(SealError::TooLong)?;
    let line = line.expose_secret().as_bytes();
    Ok(SealedIdentity {
        sealed: aead::seal(master.expose(), &associated, line, rng)?,
        master_id: master.id().clone(),
    })
}

/// Opens an identity with the master key that it names.
///
/// # Errors
///
/// Any [`OpenIdentityError`].
pub fn open(
    identity: &SealedIdentity,
    backup: &BackupId,
    master: &MasterKey,
) -> Result<SecretString, OpenIdentityError> {
    if master.id() != &identity.master_id {
        return Err(OpenIdentityError::UnknownMaster {
            master_id: identity.master_id.clone(),
        });
    }
    let open = || {
        let sealed = aead::decode(&identity.sealed)?;
        let line = aead::open(master.expose(), &associated_data(backup)?, &sealed)?;
        let line = std::str::from_utf8(&line).ok()?;
        Some(SecretString::from(line))
    };
    open().ok_or(OpenIdentityError::Damaged)
}

fn associated_data(backup: &BackupId) -> Option<Vec<u8>> {
    aead::length_prefixed(&[LABEL, backup.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{BrokenRng, CountingRng, assert_documented};
    use crate::sys::rng::SeededRng;

    const LINE: &str = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG";
    const VECTOR: &str = "wMHCw8TFxsfIycrLHgN14ynffrkx7Ql97vqP_M6kDwKHf21RrYZhPX8gKwDUcWrUsvRR67plNUIRZBd9N9d6BldFYgvl6jshojCwEF3v7wbHBi9k904uDx3RgjWWVUzMYjGdfHiV";

    fn master() -> MasterKey {
        MasterKey::generate(&CountingRng::from(0x40)).ok().unwrap()
    }

    fn backup(text: &str) -> BackupId {
        BackupId::parse(text).unwrap()
    }

    fn sealed() -> (SealedIdentity, BackupId) {
        let backup = backup("20261128T182417Z-az27a7");
        let rng = CountingRng::from(0xc0);
        let identity = seal(&LINE.into(), &backup, &master(), &rng).unwrap();
        (identity, backup)
    }

    #[test]
    fn the_documented_identity_is_sealed_and_opened() {
        let (identity, backup) = sealed();
        assert_eq!(identity.sealed, VECTOR);
        assert_eq!(&identity.master_id, master().id());
        let line = open(&identity, &backup, &master()).unwrap();
        assert_eq!(line.expose_secret(), LINE);
        assert_documented(VECTOR);
    }

    #[test]
    fn another_backup_and_another_master_key_do_not_open_it() {
        let (identity, own) = sealed();
        let other = backup("20261128T182417Z-az27a6");
        let error = open(&identity, &other, &master()).err();
        assert_eq!(error, Some(OpenIdentityError::Damaged));
        let stranger = MasterKey::generate(&SeededRng::new(1)).ok().unwrap();
        let error = open(&identity, &own, &stranger).err();
        let master_id = master().id().clone();
        assert_eq!(error, Some(OpenIdentityError::UnknownMaster { master_id }));
    }

    #[test]
    fn any_changed_character_fails() {
        let (identity, backup) = sealed();
        for place in 0..identity.sealed.len() {
            let mut bytes = identity.sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = SealedIdentity {
                sealed: String::from_utf8(bytes).unwrap(),
                ..identity.clone()
            };
            let error = open(&changed, &backup, &master()).err();
            assert_eq!(error, Some(OpenIdentityError::Damaged), "{place}");
        }
    }

    #[test]
    fn nothing_is_sealed_without_randomness() {
        let (_, backup) = sealed();
        let result = seal(&LINE.into(), &backup, &master(), &BrokenRng);
        assert!(matches!(result, Err(SealError::Rng(_))));
    }
}
