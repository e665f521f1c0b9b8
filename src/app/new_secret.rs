//! New secrets for people and programs. Nothing here takes one into use or keeps it.

use crate::crypto::keyring::Keyring;
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

/// The text of a keyring with one new master key, and that key's id.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn keyring(rng: &dyn Rng, clock: &dyn Clock) -> Result<(KeyId, SecretString), RngError> {
    let keyring = Keyring::generate(rng, clock)?;
    let id = keyring.active_master().id().clone();
    Ok((id, keyring.render().as_str().into()))
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
    fn a_new_keyring_reads_back_with_its_key() {
        let clock = ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        let (id, text) = keyring(&SeededRng::new(1), &clock).unwrap();
        let read = Keyring::parse(text.expose_secret().as_bytes())
            .ok()
            .unwrap();
        assert_eq!(read.active_master().id(), &id);
    }
}
