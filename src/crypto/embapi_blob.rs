//! Provider keys as upstream embapi seals them: the raw bytes of its column `api_key_encrypted`.
//!
//! AES-256-GCM (NIST SP 800-38D) under SHA-256 of the text of `ENCRYPTION_KEY`; nonce 12,
//! ciphertext, tag 16; no associated data, no version, no key id, so a value opens wherever it
//! stands. For databases of that program only: embsec's own fields are in `field`.

use super::aead::{self, NONCE_BYTES, SealError, TAG_BYTES};
use super::key_id;
use super::secret::KeyBytes;
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Upstream binds nothing to a value.
const NO_ASSOCIATED_DATA: &[u8] = &[];

/// The key that an embapi service seals with.
pub struct EmbapiKey(KeyBytes);

impl EmbapiKey {
    /// Derives it from the text that the service has in `ENCRYPTION_KEY`, exactly as it stands
    /// there: hexadecimal digits are text too, and nothing is trimmed.
    #[must_use]
    pub fn from_text(text: &SecretString) -> Self {
        let digest = Sha256::digest(text.expose_secret().as_bytes());
        Self(KeyBytes::init_with_mut(|bytes| {
            bytes.copy_from_slice(&digest);
        }))
    }

    /// The name of this key, which may be shown. No value of embapi's carries it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        key_id::of(self.0.expose_secret())
    }
}

/// Why a value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobOpenError {
    /// It has fewer bytes than a nonce and a tag.
    #[error("the value is too short to be a sealed provider key")]
    TooShort,
    /// It was sealed by another key, or its bytes were changed. The format cannot tell which.
    #[error("the value was sealed by another key or is damaged")]
    WrongKeyOrDamaged,
    /// It opened, and what came out is not UTF-8 text.
    #[error("the sealed value holds no text")]
    NotText,
}

/// Seals a provider key. `None` for the empty text, which upstream keeps as NULL.
///
/// # Errors
///
/// Any [`SealError`]; nothing may be stored then.
pub fn seal(
    plaintext: &SecretString,
    key: &EmbapiKey,
    rng: &dyn Rng,
) -> Result<Option<Vec<u8>>, SealError> {
    let plaintext = plaintext.expose_secret().as_bytes();
    if plaintext.is_empty() {
        return Ok(None);
    }
    aead::seal_bytes(key.0.expose_secret(), NO_ASSOCIATED_DATA, plaintext, rng).map(Some)
}

/// Opens a provider key.
///
/// # Errors
///
/// Any [`BlobOpenError`].
pub fn open(blob: &[u8], key: &EmbapiKey) -> Result<SecretString, BlobOpenError> {
    let plaintext = open_bytes(blob, key)?;
    let text = std::str::from_utf8(&plaintext).map_err(|_| BlobOpenError::NotText)?;
    Ok(SecretString::from(text))
}

/// Why a value could not be sealed anew under another key.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The old key does not open it.
    #[error(transparent)]
    Open(#[from] BlobOpenError),
    /// The new key did not seal it.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Opens a value under one key and seals what came out, whatever it is, under another.
///
/// # Errors
///
/// Any [`ResealError`].
pub fn reseal(
    blob: &[u8],
    old: &EmbapiKey,
    new: &EmbapiKey,
    rng: &dyn Rng,
) -> Result<Vec<u8>, ResealError> {
    let plaintext = open_bytes(blob, old)?;
    let sealed = aead::seal_bytes(new.0.expose_secret(), NO_ASSOCIATED_DATA, &plaintext, rng)?;
    Ok(sealed)
}

/// Whether the key opens a value, whatever is in it.
#[must_use]
pub fn opens(blob: &[u8], key: &EmbapiKey) -> bool {
    open_bytes(blob, key).is_ok()
}

/// Whether two values, each under its own key, open to the same.
#[must_use]
pub fn hold_the_same(one: (&[u8], &EmbapiKey), other: (&[u8], &EmbapiKey)) -> bool {
    match (open_bytes(one.0, one.1), open_bytes(other.0, other.1)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn open_bytes(blob: &[u8], key: &EmbapiKey) -> Result<Zeroizing<Vec<u8>>, BlobOpenError> {
    if blob.len() < NONCE_BYTES + TAG_BYTES {
        return Err(BlobOpenError::TooShort);
    }
    aead::open(key.0.expose_secret(), NO_ASSOCIATED_DATA, blob)
        .ok_or(BlobOpenError::WrongKeyOrDamaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{BrokenRng, assert_documented};
    use crate::sys::rng::{Rng, RngError, SeededRng};
    use data_encoding::HEXLOWER;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, prop_assume, proptest};

    /// Key text, AES key, nonce, plaintext, sealed.
    const VECTORS: [(&str, &str, &str, &str, &str); 3] = [
        (
            "test-encryption-key-12345",
            "60f4d30ccbe8d219ed9f33d824290daf8a93fdf959271901f1b007c38e99a868",
            "000102030405060708090a0b",
            "my-api-key-12345",
            "000102030405060708090a0bcd2ea121cd5f7ad23dfe60fc6de7dcc103bea077ee619b93a86563a218db66f5",
        ),
        (
            "test-encryption-key-32-bytes-long-1234567890",
            "b6d696beb0fda53b9eea661d9a8fcdf1d2449f3dcacaa581bb936193f16b8919",
            "ffeeddccbbaa998877665544",
            "sk-proj-0123456789abcdef",
            "ffeeddccbbaa998877665544e5e53f9252647c10798dcf6613e5c821629cf2c0380a520717dd1fd3eda40b4216f1c588f5229764",
        ),
        (
            "ChangeThisToASecureRandomKey123456789012",
            "f70c44227f1c86aa1d79bc367f803d022e72fd015593bae7ceb3074719c977d8",
            "000000000000000000000001",
            "schlüssel-ü",
            "000000000000000000000001816b73f36bf86f08b36e28da06e6b5c744d486012465178f7def0d502b",
        ),
    ];

    /// Gives the bytes of one nonce.
    struct FixedNonce(Vec<u8>);

    impl Rng for FixedNonce {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
            buffer.copy_from_slice(&self.0);
            Ok(())
        }
    }

    fn key(text: &str) -> EmbapiKey {
        EmbapiKey::from_text(&SecretString::from(text))
    }

    fn sealed(plaintext: &str, key: &EmbapiKey, rng: &dyn Rng) -> Option<Vec<u8>> {
        seal(&SecretString::from(plaintext), key, rng).unwrap()
    }

    fn opened(blob: &[u8], key: &EmbapiKey) -> Result<String, BlobOpenError> {
        open(blob, key).map(|text| text.expose_secret().to_owned())
    }

    #[test]
    fn the_vectors_of_upstream_are_made_and_opened() {
        for (key_text, key_hex, nonce, plaintext, blob) in VECTORS {
            let key = key(key_text);
            assert_eq!(HEXLOWER.encode(key.0.expose_secret()), key_hex);
            let nonce = FixedNonce(HEXLOWER.decode(nonce.as_bytes()).unwrap());
            let made = sealed(plaintext, &key, &nonce).unwrap();
            assert_eq!(HEXLOWER.encode(&made), blob);
            assert_eq!(opened(&made, &key).unwrap(), plaintext);
            assert_documented(blob);
        }
    }

    #[test]
    fn the_empty_text_is_null() {
        assert_eq!(sealed("", &key("any"), &BrokenRng), None);
    }

    #[test]
    fn another_key_does_not_open() {
        let blob = sealed("sk-1", &key("one"), &SeededRng::new(1)).unwrap();
        for other in ["One", "one ", "", "two"] {
            let error = opened(&blob, &key(other)).unwrap_err();
            assert_eq!(error, BlobOpenError::WrongKeyOrDamaged, "{other:?}");
        }
    }

    #[test]
    fn any_flipped_bit_and_any_cut_fails() {
        let key = key("one");
        let blob = sealed("sk-1", &key, &SeededRng::new(1)).unwrap();
        for place in 0..blob.len() * 8 {
            let mut changed = blob.clone();
            changed[place / 8] ^= 1 << (place % 8);
            assert!(opened(&changed, &key).is_err(), "bit {place}");
        }
        for length in 0..blob.len() {
            assert!(opened(&blob[..length], &key).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_text_is_told_apart_from_a_wrong_key() {
        let key = key("one");
        let rng = SeededRng::new(1);
        let blob = aead::seal_bytes(key.0.expose_secret(), &[], &[0xff], &rng).unwrap();
        assert_eq!(opened(&blob, &key), Err(BlobOpenError::NotText));
        assert_eq!(opened(&blob[..27], &key), Err(BlobOpenError::TooShort));
    }

    #[test]
    fn a_value_is_sealed_anew_with_what_was_in_it_text_or_not() {
        let (old, new, rng) = (key("one"), key("two"), SeededRng::new(1));
        for plaintext in [&b"sk-1"[..], &[0xff], &[]] {
            let blob = aead::seal_bytes(old.0.expose_secret(), &[], plaintext, &rng).unwrap();
            let anew = reseal(&blob, &old, &new, &rng).unwrap();
            assert_eq!(*open_bytes(&anew, &new).unwrap(), plaintext);
            assert!(hold_the_same((&blob, &old), (&anew, &new)));
            assert!(!hold_the_same((&blob, &old), (&anew, &old)));
            assert!(opens(&anew, &new) && !opens(&anew, &old));
            let again = reseal(&anew, &old, &new, &rng);
            let wrong = BlobOpenError::WrongKeyOrDamaged;
            assert!(matches!(again, Err(ResealError::Open(error)) if error == wrong));
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(
            key_text in any::<String>(),
            plaintext in any::<String>(),
            seed in any::<u64>(),
        ) {
            prop_assume!(!plaintext.is_empty());
            let blob = sealed(&plaintext, &key(&key_text), &SeededRng::new(seed)).unwrap();
            prop_assert_eq!(blob.len(), 28 + plaintext.len());
            prop_assert_eq!(opened(&blob, &key(&key_text)).unwrap(), plaintext);
        }

        #[test]
        fn opening_never_panics(blob in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(opened(&blob, &key("one")).is_err());
        }
    }
}
