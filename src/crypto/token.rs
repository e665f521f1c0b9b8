//! API keys: how they are made, recognised, stored as digests, and judged when an administrator
//! chooses one.
//!
//! A key is stored as a plain SHA-256, without salt or stretching, because it is 256 random bits:
//! there is nothing to guess. Passwords of people are another matter and do not belong here.
//! Whose key it is, and until when, is the store's business.

use crate::domain::user::KeyDigest;
use crate::sys::rng::{Rng, RngError};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What every key that embsec makes begins with, so that scanners of code recognise it.
const PREFIX: &str = "emb_";
/// Random bytes of a key.
const RANDOM_BYTES: usize = 32;
/// Digits that hold them: 62^43 is just over 2^256.
const BODY_DIGITS: usize = 43;
/// Digits that hold their CRC-32.
const CHECK_DIGITS: usize = 6;
/// Length of a key of the upstream form, in hexadecimal digits.
const HEX_DIGITS: usize = 64;
/// The digits of base 62, in the order of ASCII.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters that an administrator's key has at least.
const ADMIN_KEY_MIN_CHARS: usize = 32;
/// Different characters that an administrator's key has at least.
const ADMIN_KEY_MIN_DISTINCT: usize = 10;
/// Values that stand in public documents and examples, in lower case.
const SAMPLE_VALUES: [&str; 16] = [
    "ch4ngem3!",
    "changethistoasecurerandomkey123456789012",
    "test-encryption-key-12345",
    "test-encryption-key-32-bytes-long-1234567890",
    "12345678901234567890123456789012",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "abcdefghijklmnopqrstuvwxyz012345",
    "abcdefghijklmnopqrstuvwxyz123456",
    "your-api-key-here",
    "secure_password",
    "changeme",
    // The vectors of docs/formats.md.
    "emb_003aultjc7tjlctqj2unu3mfagcxg9lrkrcwgkbidlf1yo7hp",
    "emb_00000000000000000000000000000000000000000002czclj",
    "emb_yhjskwda6oz1al1ymhwzwm8llg7hjnuca2j5row8xp13srzl1",
];

/// A new API key, to be shown once.
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Makes a key of embsec's own form: `emb_`, the 32 random bytes as one big-endian number in
    /// 43 base62 digits, and the CRC-32 (IEEE 802.3) of those digits in 6 more.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
        let body = random_digits(rng)?;
        let body = body.expose_secret();
        let check = check_digits(body.as_bytes());
        let text = [PREFIX, body, &check].concat();
        Ok(Self(SecretString::from(text)))
    }

    /// Makes a key of the upstream form, for clients that insist on 64 characters: the 32 random
    /// bytes in lower-case hexadecimal. It has no check digits.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate_hex(rng: &dyn Rng) -> Result<Self, RngError> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        rng.fill(random.as_mut_slice())?;
        Ok(Self(SecretString::from(HEXLOWER.encode(random.as_slice()))))
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> KeyDigest {
        digest(self.0.expose_secret())
    }

    /// The key itself, for the one time that it is shown or written to its owner's file.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a client presented as its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedKey {
    /// A well-formed key of embsec's own form.
    Embsec(KeyDigest),
    /// A key of the upstream form.
    Hex(KeyDigest),
    /// Any other text. It may be a key that somebody chose, so it is looked up like the others.
    Other(KeyDigest),
    /// It begins as a key of embsec's form and is none: refused without a look-up.
    Mistyped,
}

impl PresentedKey {
    /// Recognises a key by its form.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(digits) = text.strip_prefix(PREFIX) {
            return if is_well_formed(digits.as_bytes()) {
                Self::Embsec(digest(text))
            } else {
                Self::Mistyped
            };
        }
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == HEX_DIGITS && text.bytes().all(is_hex) {
            Self::Hex(digest(text))
        } else {
            Self::Other(digest(text))
        }
    }

    /// What to look up; `None` when there is nothing to.
    #[must_use]
    pub const fn digest(&self) -> Option<&KeyDigest> {
        match self {
            Self::Embsec(digest) | Self::Hex(digest) | Self::Other(digest) => Some(digest),
            Self::Mistyped => None,
        }
    }
}

/// 32 random bytes as one big-endian number in 43 base62 digits.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn random_digits(rng: &dyn Rng) -> Result<SecretString, RngError> {
    let mut random = Zeroizing::new([0; RANDOM_BYTES]);
    rng.fill(random.as_mut_slice())?;
    Ok(base62_of_bytes(&mut random).into())
}

/// What is stored of a key: the lower-case hexadecimal SHA-256 (FIPS 180-4) of its whole text.
#[must_use]
pub fn digest(key: &str) -> KeyDigest {
    KeyDigest(HEXLOWER.encode(&Sha256::digest(key)))
}

/// Compares two digests in a time that does not tell where they differ.
#[must_use]
pub fn digests_equal(one: &KeyDigest, other: &KeyDigest) -> bool {
    one.0.as_bytes().ct_eq(other.0.as_bytes()).into()
}

/// Why a text is not accepted as the administrator's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    /// Too short to be beyond guessing.
    #[error("it has under {ADMIN_KEY_MIN_CHARS} characters")]
    TooShort,
    /// Too regular to be random.
    #[error("it has under {ADMIN_KEY_MIN_DISTINCT} different characters")]
    TooRegular,
    /// A value that stands in public documents.
    #[error("it is a sample value from public documents")]
    Sample,
    /// It begins with `emb_` and its check digits are wrong, so no request with it would pass.
    #[error("it begins with `{PREFIX}` and is mistyped")]
    Mistyped,
}

/// Judges a key that an administrator chose.
///
/// # Errors
///
/// The first [`WeakKey`] that applies.
pub fn check_admin_key_strength(key: &str) -> Result<(), WeakKey> {
    if SAMPLE_VALUES.contains(&key.to_lowercase().as_str()) {
        return Err(WeakKey::Sample);
    }
    if key.chars().count() < ADMIN_KEY_MIN_CHARS {
        return Err(WeakKey::TooShort);
    }
    if key.chars().collect::<BTreeSet<_>>().len() < ADMIN_KEY_MIN_DISTINCT {
        return Err(WeakKey::TooRegular);
    }
    match PresentedKey::parse(key) {
        PresentedKey::Mistyped => Err(WeakKey::Mistyped),
        PresentedKey::Embsec(_) | PresentedKey::Hex(_) | PresentedKey::Other(_) => Ok(()),
    }
}

/// Writes a big-endian number in base 62, padded with zeros; the bytes are zero afterwards.
fn base62_of_bytes(number: &mut [u8; RANDOM_BYTES]) -> String {
    let mut digits = Zeroizing::new([0; BODY_DIGITS]);
    for digit in digits.iter_mut().rev() {
        // Long division of the number by 62; the remainder is the next digit from the right.
        let mut remainder = 0_u16;
        for byte in number.iter_mut() {
            let dividend = (remainder << 8) | u16::from(*byte);
            *byte = low_byte(dividend / 62);
            remainder = dividend % 62;
        }
        *digit = base62_digit(remainder.into());
    }
    digits.iter().copied().map(char::from).collect()
}

/// The check digits of a key's body.
fn check_digits(body: &[u8]) -> String {
    let mut digits = [b'0'; CHECK_DIGITS];
    let mut number = crc32fast::hash(body);
    for digit in digits.iter_mut().rev() {
        *digit = base62_digit(number % 62);
        number /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// The digit of a value below 62.
fn base62_digit(value: u32) -> u8 {
    usize::try_from(value)
        .ok()
        .and_then(|index| BASE62.get(index))
        .copied()
        .unwrap_or(b'0')
}

/// The quotient of a long division fits a byte, because the remainder before it is below 62.
fn low_byte(quotient: u16) -> u8 {
    let [_, low] = quotient.to_be_bytes();
    low
}

/// Whether what follows the prefix is a body and its check digits.
fn is_well_formed(digits: &[u8]) -> bool {
    let Some((body, check)) = digits.split_at_checked(BODY_DIGITS) else {
        return false;
    };
    body.iter().all(u8::is_ascii_alphanumeric) && check_digits(body).as_bytes() == check
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{BrokenRng, CountingRng, assert_documented};
    use crate::sys::rng::SeededRng;
    use proptest::prelude::*;

    const COUNTING: &str = "emb_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP";
    const ALL_ZERO: &str = "emb_00000000000000000000000000000000000000000002CZclj";
    const ALL_ONES: &str = "emb_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp13sRzl1";

    fn key_of(bytes: &mut [u8; 32]) -> String {
        let body = base62_of_bytes(bytes);
        let check = check_digits(body.as_bytes());
        format!("{PREFIX}{body}{check}")
    }

    #[test]
    fn the_documented_vectors_are_made_recognised_and_digested() {
        let made = ApiKey::generate(&CountingRng::from(0)).ok().unwrap();
        assert_eq!(made.reveal(), COUNTING);
        assert_eq!(key_of(&mut [0; 32]), ALL_ZERO);
        assert_eq!(key_of(&mut [0xff; 32]), ALL_ONES);
        for (key, sha256) in [
            (
                COUNTING,
                "8cefbf94332ab39a0ffc02744f11909bd8cc21121f085c5e26f789b85fa4784c",
            ),
            (
                ALL_ZERO,
                "2f0bec229b7f90c171e54687cd4049d2a9cfd538dbcb2956f82beadddbeafac5",
            ),
            (
                ALL_ONES,
                "3c3c509025304deed83e99dc477f8b0c9c3d3015cd7233f0d54c19a8177c7df9",
            ),
        ] {
            let expected = PresentedKey::Embsec(KeyDigest(sha256.to_owned()));
            assert_eq!(PresentedKey::parse(key), expected);
            assert_documented(key);
            assert_documented(sha256);
        }
    }

    #[test]
    fn a_hex_key_is_the_upstream_form_and_digested_alike() {
        let key = ApiKey::generate_hex(&CountingRng::from(0)).ok().unwrap();
        let text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let sha256 = "6c86c6aac5fb24bcf5d9939cb7d7d5645ce39418f449e03b262dd4fa14b4b92b";
        assert_eq!(key.reveal(), text);
        assert_eq!(key.digest(), KeyDigest(sha256.to_owned()));
        assert_eq!(PresentedKey::parse(text), PresentedKey::Hex(key.digest()));
        assert_documented(sha256);
    }

    #[test]
    fn any_other_text_is_digested_as_upstream_does() {
        let text = "12345678901234567890123456789012";
        let sha256 = "e1b85b27d6bcb05846c18e6a48f118e89f0c0587140de9fb3359f8370d0dba08";
        let expected = PresentedKey::Other(KeyDigest(sha256.to_owned()));
        assert_eq!(PresentedKey::parse(text), expected);
        assert_documented(sha256);
        for text in [
            "",
            "EMB_x",
            "emb",
            "\u{e9}",
            &"A".repeat(64),
            &"a".repeat(63),
        ] {
            let expected = PresentedKey::Other(digest(text));
            assert_eq!(PresentedKey::parse(text), expected);
        }
    }

    #[test]
    fn a_key_of_wrong_length_or_characters_is_mistyped() {
        let mut inner_umlaut = COUNTING.to_owned();
        inner_umlaut.replace_range(10..12, "\u{e9}");
        for text in [
            "emb_",
            &COUNTING[..COUNTING.len() - 1],
            &format!("{COUNTING}0"),
            &format!("{COUNTING} "),
            &COUNTING.replace('3', "-"),
            &inner_umlaut,
        ] {
            assert_eq!(PresentedKey::parse(text), PresentedKey::Mistyped, "{text}");
            assert_eq!(PresentedKey::parse(text).digest(), None);
        }
    }

    /// CRC-32 is linear: whether a pair of changes goes unseen depends only on what is flipped,
    /// not on the key, so all pairs within the body can be tried.
    #[test]
    fn any_two_changed_characters_of_the_body_are_refused() {
        let plain = crc32fast::hash(&[0; BODY_DIGITS]);
        for distance in 1..BODY_DIGITS {
            for first in 1..=127 {
                for second in 1..=127 {
                    let mut flips = [0; BODY_DIGITS];
                    flips[BODY_DIGITS - 1 - distance] = first;
                    flips[BODY_DIGITS - 1] = second;
                    assert_ne!(
                        crc32fast::hash(&flips),
                        plain,
                        "{distance} {first} {second}"
                    );
                }
            }
        }
    }

    #[test]
    fn digests_are_equal_only_when_they_are() {
        assert!(digests_equal(&digest("a"), &digest("a")));
        assert!(!digests_equal(&digest("a"), &digest("b")));
        assert!(!digests_equal(&digest("a"), &KeyDigest(String::new())));
    }

    #[test]
    fn weak_administrator_keys_are_refused_with_the_reason() {
        for (key, weak) in [
            ("", WeakKey::TooShort),
            ("kX8#vQ2!mZ5@wR9$tY3%uP7^nB4&jL", WeakKey::TooShort),
            ("Ch4ngeM3!", WeakKey::Sample),
            ("ChangeThisToASecureRandomKey123456789012", WeakKey::Sample),
            (
                "test-encryption-key-32-bytes-long-1234567890",
                WeakKey::Sample,
            ),
            ("12345678901234567890123456789012", WeakKey::Sample),
            (COUNTING, WeakKey::Sample),
            (ALL_ZERO, WeakKey::Sample),
            (&"0".repeat(64), WeakKey::TooRegular),
            (&"changeme".repeat(8), WeakKey::TooRegular),
            (&"äöüß".repeat(8), WeakKey::TooRegular),
            ("emb_kX8vQ2mZ5wR9tY3uP7nB4jLkX8vQ2mZ5w", WeakKey::Mistyped),
        ] {
            assert_eq!(check_admin_key_strength(key), Err(weak), "{key}");
        }
    }

    #[test]
    fn sample_values_are_listed_as_they_are_compared() {
        for sample in SAMPLE_VALUES {
            assert_eq!(sample, sample.to_lowercase());
        }
    }

    #[test]
    fn keys_that_embsec_makes_are_strong_enough_for_an_administrator() {
        let rng = SeededRng::new(1);
        for _ in 0..50 {
            let key = ApiKey::generate(&rng).ok().unwrap();
            assert_eq!(check_admin_key_strength(key.reveal()), Ok(()));
            let key = ApiKey::generate_hex(&rng).ok().unwrap();
            assert_eq!(check_admin_key_strength(key.reveal()), Ok(()));
        }
        let chosen = "correct horse battery staple, said Bob";
        assert_eq!(check_admin_key_strength(chosen), Ok(()));
    }

    #[test]
    fn no_key_is_made_without_randomness() {
        assert!(ApiKey::generate(&BrokenRng).is_err());
        assert!(ApiKey::generate_hex(&BrokenRng).is_err());
    }

    proptest! {
        #[test]
        fn every_key_is_well_formed_and_says_its_bytes(bytes in any::<[u8; 32]>()) {
            let key = key_of(&mut bytes.clone());
            prop_assert_eq!(key.len(), 53);
            prop_assert_eq!(PresentedKey::parse(&key), PresentedKey::Embsec(digest(&key)));
            let mut number = [0_u8; 32];
            for digit in key[4..47].bytes() {
                let value = BASE62.iter().position(|d| *d == digit).unwrap();
                let mut carry = u32::try_from(value).unwrap();
                for byte in number.iter_mut().rev() {
                    let product = u32::from(*byte) * 62 + carry;
                    *byte = product.to_le_bytes()[0];
                    carry = product >> 8;
                }
                prop_assert_eq!(carry, 0);
            }
            prop_assert_eq!(number, bytes);
        }

        #[test]
        fn any_single_changed_character_is_refused(
            bytes in any::<[u8; 32]>(),
            place in 4..53_usize,
            put in any::<char>(),
        ) {
            let mut key: Vec<char> = key_of(&mut bytes.clone()).chars().collect();
            prop_assume!(key[place] != put);
            key[place] = put;
            let key: String = key.into_iter().collect();
            prop_assert_eq!(PresentedKey::parse(&key), PresentedKey::Mistyped);
        }

        #[test]
        fn parsing_never_panics(text in any::<String>(), digits in "\\PC{0,60}") {
            for text in [text, format!("{PREFIX}{digits}")] {
                let parsed = PresentedKey::parse(&text);
                prop_assert_eq!(parsed.digest().is_none(), parsed == PresentedKey::Mistyped);
            }
        }
    }
}
