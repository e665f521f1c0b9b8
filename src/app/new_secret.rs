//! New secrets for people and programs. Nothing here takes one into use or keeps it.

use crate::crypto::keyring::Keyring;
use crate::crypto::sealed_file::Identities;
use crate::crypto::token::{self, ApiKey};
use crate::domain::key::KeyId;
use crate::sys::clock::Clock;
use crate::sys::rng::{Rng, RngError};
use secrecy::SecretString;

/// An administrator's key, of embsec's own form.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn admin_key(rng: &dyn Rng) -> Result<SecretString, RngError> {
    Ok(ApiKey::generate(rng)?.reveal().into())
}

/// A password for a program: 43 base62 digits that hold 256 random bits.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn password(rng: &dyn Rng) -> Result<SecretString, RngError> {
    token::random_digits(rng)
}

/// The text of a new keyring, with one master key and one key that signs backups, and the id of the
/// master key.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn keyring(rng: &dyn Rng, clock: &dyn Clock) -> Result<(KeyId, SecretString), RngError> {
    let keyring = Keyring::generate_whole(rng, clock)?;
    let id = keyring.active_master().id().clone();
    Ok((id, keyring.render().as_str().into()))
}

/// An identity of age that nobody has had before.
pub struct BackupIdentity {
    /// Who it is, `age1…`, to be given to those who seal backups for it.
    pub recipient: String,
    /// The text of its file, as `age-keygen` writes it.
    pub file: SecretString,
}

/// An identity that is to open backups. The system's randomness is drawn by the library of age.
#[must_use]
pub fn backup_identity(clock: &dyn Clock) -> BackupIdentity {
    let identities = Identities::generate();
    BackupIdentity {
        recipient: recipient(&identities),
        file: identities.file(clock.now()),
    }
}

/// Whether these bytes are a file of this recipient's identity, and of no other.
#[must_use]
pub fn is_identity_of(file: &[u8], of: &str) -> bool {
    Identities::read(file).is_ok_and(|identities| recipient(&identities) == of)
}

/// The recipients of identities, in words.
fn recipient(identities: &Identities) -> String {
    let recipients = identities.recipients();
    let texts: Vec<String> = recipients.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::clock::ManualClock;
    use crate::sys::rng::SeededRng;
    use secrecy::ExposeSecret as _;

    #[test]
    fn an_administrators_key_is_strong_enough_for_the_setting() {
        let key = admin_key(&SeededRng::new(1)).unwrap();
        assert_eq!(token::check_admin_key_strength(key.expose_secret()), Ok(()));
        let again = admin_key(&SeededRng::new(2)).unwrap();
        assert_ne!(key.expose_secret(), again.expose_secret());
    }

    #[test]
    fn a_password_is_letters_and_digits_alone_and_never_the_same() {
        let rng = SeededRng::new(1);
        let one = password(&rng).unwrap();
        let other = password(&rng).unwrap();
        assert_eq!(one.expose_secret().len(), 43);
        assert!(
            one.expose_secret()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric())
        );
        assert_ne!(one.expose_secret(), other.expose_secret());
    }

    #[test]
    fn an_identity_file_is_one_that_age_writes() {
        let clock = ManualClock::at("2026-03-01T12:00:00.5Z".parse().unwrap());
        let new = backup_identity(&clock);
        let lines: Vec<&str> = new.file.expose_secret().lines().collect();
        assert_eq!(lines[0], "# created: 2026-03-01T12:00:00Z");
        assert_eq!(lines[1], format!("# public key: {}", new.recipient));
        assert!(lines[2].starts_with("AGE-SECRET-KEY-1"));
        assert_eq!(lines.len(), 3);
        assert!(is_identity_of(
            new.file.expose_secret().as_bytes(),
            &new.recipient
        ));
        let other = backup_identity(&clock);
        assert_ne!(other.recipient, new.recipient);
        assert!(!is_identity_of(
            other.file.expose_secret().as_bytes(),
            &new.recipient
        ));
        assert!(!is_identity_of(b"", &new.recipient));
    }

    #[test]
    fn a_new_keyring_reads_back_with_its_key() {
        let clock = ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        let (id, text) = keyring(&SeededRng::new(1), &clock).unwrap();
        let read = Keyring::parse(text.expose_secret().as_bytes())
            .ok()
            .unwrap();
        assert_eq!(read.active_master().id(), &id);
        assert!(read.signing_key().is_some());
    }
}
