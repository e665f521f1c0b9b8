//! Sealed fields: `enc:v2:<key id>:<payload>`, bound to the table, column and row that they are
//! in, so that a value moved elsewhere does not open.
//!
//! Which columns are sealed, under which key, and how often a key has been used are no business
//! of this module.

use super::aead::{self, SealError};
use super::key_id;
use super::secret::DataKey;
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use secrecy::{ExposeSecret as _, SecretString};

/// What every sealed field begins with, whatever the version.
pub(super) const ANY_VERSION_PREFIX: &str = "enc:";
/// What this version begins with.
pub(super) const PREFIX: &str = "enc:v2:";
/// Sets this use of a data key apart from every other.
const FIELD_LABEL: &str = "embsec/field/v2";

/// The place of a value. Its row key holds only what never changes and is known before the
/// insert.
#[derive(Clone, Copy, Debug)]
pub struct FieldContext<'a> {
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// The parts of the row's key, as text: integers in decimal.
    pub row_key: &'a [&'a str],
}

impl FieldContext<'_> {
    fn associated_data(&self) -> Option<Vec<u8>> {
        aead::length_prefixed(&[&[FIELD_LABEL, self.table, self.column], self.row_key].concat())
    }
}

/// Why a text is not a sealed field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldParseError {
    /// It does not begin with `enc:`, so it was stored in clear.
    #[error("the value is not sealed")]
    NotSealed,
    /// It is sealed in a form that this module does not read.
    #[error("the value is not sealed as `enc:v2`")]
    OtherVersion,
    /// What stands in the place of the key id is none.
    #[error("the sealed value names no key")]
    BadKeyId,
    /// The payload is cut off or holds characters that no payload has.
    #[error("the sealed value is malformed")]
    BadPayload,
}

/// Why a sealed field does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldOpenError {
    /// It was sealed by another key than the one at hand.
    #[error("the value was sealed by the key {id}, which is not at hand")]
    UnknownKey {
        /// The key that opens it.
        id: KeyId,
    },
    /// The key is right and the bytes are not what was sealed for this place: they were changed
    /// or moved.
    #[error("the sealed value is damaged or belongs elsewhere")]
    Damaged,
    /// It opened, and what came out is not UTF-8 text; embsec seals text only.
    #[error("the sealed value holds no text")]
    NotText,
}

/// Seals a text for its place. The empty text stays as it is.
///
/// # Errors
///
/// Any [`SealError`]; nothing may be stored then.
pub fn seal(
    plaintext: &str,
    key: &DataKey,
    context: &FieldContext<'_>,
    rng: &dyn Rng,
) -> Result<String, SealError> {
    if plaintext.is_empty() {
        return Ok(String::new());
    }
    let associated = context.associated_data().ok_or(SealError::TooLong)?;
    let payload = aead::seal(key.expose(), &associated, plaintext.as_bytes(), rng)?;
    Ok(format!("{PREFIX}{}:{payload}", key.id()))
}

/// A sealed field, taken apart but not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    key_id: KeyId,
    bytes: Vec<u8>,
}

impl SealedValue {
    /// Takes a stored text apart; `None` for the empty text, which is never sealed.
    ///
    /// # Errors
    ///
    /// Any [`FieldParseError`].
    pub fn parse(text: &str) -> Result<Option<Self>, FieldParseError> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some(rest) = text.strip_prefix(PREFIX) else {
            return Err(if text.starts_with(ANY_VERSION_PREFIX) {
                FieldParseError::OtherVersion
            } else {
                FieldParseError::NotSealed
            });
        };
        let (id, payload) = rest.split_once(':').ok_or(FieldParseError::BadKeyId)?;
        Ok(Some(Self {
            key_id: key_id::parse(id).ok_or(FieldParseError::BadKeyId)?,
            bytes: aead::decode(payload).ok_or(FieldParseError::BadPayload)?,
        }))
    }

    /// The key that opens it.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Opens it with the key that [`Self::key_id`] names.
    ///
    /// # Errors
    ///
    /// Any [`FieldOpenError`].
    pub fn open(
        &self,
        key: &DataKey,
        context: &FieldContext<'_>,
    ) -> Result<SecretString, FieldOpenError> {
        if key.id() != &self.key_id {
            return Err(FieldOpenError::UnknownKey {
                id: self.key_id.clone(),
            });
        }
        // A place too long to be written down was never sealed for.
        let plaintext = context
            .associated_data()
            .and_then(|associated| aead::open(key.expose(), &associated, &self.bytes))
            .ok_or(FieldOpenError::Damaged)?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| FieldOpenError::NotText)?;
        Ok(SecretString::from(text))
    }
}

/// Whether a key that was read back is the one that was stored: what the one seals, the other
/// opens.
///
/// # Errors
///
/// Any [`SealError`].
pub fn is_same_key(
    stored: &DataKey,
    read_back: &DataKey,
    rng: &dyn Rng,
) -> Result<bool, SealError> {
    const CHALLENGE: &str = "embsec opens what it seals";
    let context = FieldContext {
        table: "data_keys",
        column: "challenge",
        row_key: &[&stored.id().0],
    };
    let sealed = seal(CHALLENGE, stored, &context, rng)?;
    let opened = SealedValue::parse(&sealed)
        .ok()
        .flatten()
        .and_then(|sealed| sealed.open(read_back, &context).ok());
    Ok(opened.is_some_and(|opened| opened.expose_secret() == CHALLENGE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::key_bytes;
    use crate::crypto::testing::{BrokenRng, CountingRng, assert_documented};
    use crate::sys::rng::SeededRng;
    use proptest::prelude::*;

    const PLACE: FieldContext<'_> = FieldContext {
        table: "instances",
        column: "provider_key",
        row_key: &["7"],
    };

    fn counting_key() -> DataKey {
        let bytes: Vec<u8> = (0..32).collect();
        DataKey::from_bytes(key_bytes(&bytes).unwrap())
    }

    fn open(text: &str, key: &DataKey, context: &FieldContext<'_>) -> Result<String, String> {
        let sealed = SealedValue::parse(text).map_err(|error| error.to_string())?;
        let Some(sealed) = sealed else {
            return Ok(String::new());
        };
        sealed
            .open(key, context)
            .map(|text| text.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_documented_vectors_are_made_and_opened() {
        let passage = FieldContext {
            table: "embeddings",
            column: "text",
            row_key: &["12", "7", "passage/1"],
        };
        for (plaintext, context, vector) in [
            (
                "sk-proj-0123456789abcdef",
                PLACE,
                "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrlXNRXTekaJJSVLXgM0_26UiVOHLx0ycK_xOLRMdhEGvRPBZjxobsWQ",
            ),
            (
                "Straße",
                passage,
                "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrtWwOTIZUZxn159y88JbR-4-vbIlSwaw",
            ),
        ] {
            let sealed = seal(
                plaintext,
                &counting_key(),
                &context,
                &CountingRng::from(0xa0),
            );
            assert_eq!(sealed.unwrap(), vector);
            assert_eq!(open(vector, &counting_key(), &context).unwrap(), plaintext);
            assert_documented(vector);
        }
    }

    #[test]
    fn the_empty_text_stays_empty() {
        assert_eq!(seal("", &counting_key(), &PLACE, &BrokenRng).unwrap(), "");
        assert_eq!(SealedValue::parse("").unwrap(), None);
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        let rng = SeededRng::new(1);
        let first = seal("text", &counting_key(), &PLACE, &rng).unwrap();
        let second = seal("text", &counting_key(), &PLACE, &rng).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn a_value_that_looks_sealed_is_sealed_like_any_other() {
        let rng = SeededRng::new(1);
        let once = seal("text", &counting_key(), &PLACE, &rng).unwrap();
        let twice = seal(&once, &counting_key(), &PLACE, &rng).unwrap();
        assert_eq!(open(&twice, &counting_key(), &PLACE).unwrap(), once);
    }

    #[test]
    fn another_key_is_known_before_decryption() {
        let rng = SeededRng::new(1);
        let sealed = seal("text", &counting_key(), &PLACE, &rng).unwrap();
        let Ok(other) = DataKey::generate(&rng) else {
            panic!("no randomness");
        };
        let sealed = SealedValue::parse(&sealed).unwrap().unwrap();
        let error = sealed.open(&other, &PLACE).err();
        let id = counting_key().id().clone();
        assert_eq!(error, Some(FieldOpenError::UnknownKey { id }));
    }

    #[test]
    fn a_value_moved_to_another_place_does_not_open() {
        let sealed = seal("text", &counting_key(), &PLACE, &SeededRng::new(1)).unwrap();
        let sealed = SealedValue::parse(&sealed).unwrap().unwrap();
        let elsewhere = [
            FieldContext {
                table: "definitions",
                ..PLACE
            },
            FieldContext {
                column: "endpoint",
                ..PLACE
            },
            FieldContext {
                row_key: &["8"],
                ..PLACE
            },
            FieldContext {
                row_key: &["7", ""],
                ..PLACE
            },
            FieldContext {
                row_key: &[],
                ..PLACE
            },
            FieldContext {
                table: "instance",
                column: "sprovider_key",
                ..PLACE
            },
        ];
        for place in elsewhere {
            let error = sealed.open(&counting_key(), &place).err();
            assert_eq!(error, Some(FieldOpenError::Damaged), "{place:?}");
        }
    }

    #[test]
    fn what_is_no_sealed_field_is_told_apart() {
        let sealed = seal("text", &counting_key(), &PLACE, &SeededRng::new(1)).unwrap();
        let (head, payload) = sealed.rsplit_once(':').unwrap();
        let short = &payload[..36];
        for (text, error) in [
            ("plain text", FieldParseError::NotSealed),
            ("ENC:v2:", FieldParseError::NotSealed),
            ("enc:v1:AAAA", FieldParseError::OtherVersion),
            ("enc:v2:", FieldParseError::BadKeyId),
            ("enc:v2:short:AAAA", FieldParseError::BadKeyId),
            (&format!("{head}:"), FieldParseError::BadPayload),
            (&format!("{head}:{short}"), FieldParseError::BadPayload),
            (&format!("{sealed}="), FieldParseError::BadPayload),
            (&format!("{sealed}\n"), FieldParseError::BadPayload),
            (
                &format!("{head}:{}", payload.replace(|c: char| c != 'A', "+")),
                FieldParseError::BadPayload,
            ),
        ] {
            assert_eq!(SealedValue::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn any_flipped_byte_fails() {
        let sealed = seal("text", &counting_key(), &PLACE, &SeededRng::new(1)).unwrap();
        for place in 0..sealed.len() {
            for flip in 1..=127_u8 {
                let mut bytes = sealed.clone().into_bytes();
                bytes[place] ^= flip;
                let text = String::from_utf8(bytes).unwrap();
                let opened = open(&text, &counting_key(), &PLACE);
                assert!(opened.is_err(), "byte {place} flipped by {flip:#x}: {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(
            plaintext in any::<String>(),
            table in any::<String>(),
            column in any::<String>(),
            row_key in prop::collection::vec(any::<String>(), 0..4),
            seed in any::<u64>(),
        ) {
            let parts: Vec<&str> = row_key.iter().map(String::as_str).collect();
            let context = FieldContext { table: &table, column: &column, row_key: &parts };
            let sealed = seal(&plaintext, &counting_key(), &context, &SeededRng::new(seed)).unwrap();
            prop_assert_eq!(open(&sealed, &counting_key(), &context).unwrap(), plaintext);
        }

        #[test]
        fn two_places_open_each_others_values_only_when_they_are_one(
            one in prop::collection::vec("[a-c]{0,2}", 2..5),
            other in prop::collection::vec("[a-c]{0,2}", 2..5),
        ) {
            let place = |parts: &[String], check: &mut dyn FnMut(&FieldContext<'_>)| {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                check(&FieldContext { table: parts[0], column: parts[1], row_key: &parts[2..] });
            };
            let mut sealed = String::new();
            place(&one, &mut |context| {
                sealed = seal("x", &counting_key(), context, &SeededRng::new(1)).unwrap();
            });
            place(&other, &mut |context| {
                assert_eq!(open(&sealed, &counting_key(), context).is_ok(), one == other);
            });
        }

        #[test]
        fn parsing_never_panics_and_takes_only_what_it_would_write(
            text in "(enc:(v2:)?)?([a-z2-7]{16}:)?\\PC{0,60}",
        ) {
            if let Ok(Some(sealed)) = SealedValue::parse(&text) {
                prop_assert!(text.contains(&sealed.key_id().0));
                prop_assert!(sealed.open(&counting_key(), &PLACE).is_err());
            }
        }
    }

    #[test]
    fn only_the_same_key_passes_the_challenge() {
        let rng = SeededRng::new(7);
        let (one, other) = (
            DataKey::generate(&rng).unwrap(),
            DataKey::generate(&rng).unwrap(),
        );
        assert!(is_same_key(&one, &one, &rng).unwrap());
        assert!(!is_same_key(&one, &other, &rng).unwrap());
    }
}
