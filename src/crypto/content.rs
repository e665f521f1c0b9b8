//! Text and metadata of embeddings as the database holds them: fields sealed under a data key of
//! their project, bound to project, instance and text id, or values in clear.
//!
//! Which key seals, and which columns a project wants sealed, is decided by the use-cases; here is
//! the one rule of how a stored value is told from a value in clear.

use super::aead::SealError;
use super::field::{self, FieldContext, FieldOpenError, FieldParseError, SealedValue};
use super::secret::DataKey;
use crate::domain::embedding::{ContentColumn, ContentRow};
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use secrecy::ExposeSecret as _;
use std::borrow::Cow;

/// The table that sealed content is bound to.
pub const TABLE: &str = "embeddings";

/// Why a stored value does not open. Holds no key material and nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It looks sealed, and is not in the form of a sealed field.
    #[error(transparent)]
    Parse(#[from] FieldParseError),
    /// No key at hand opens it, or it is damaged, or it was moved here from elsewhere.
    #[error(transparent)]
    Open(#[from] FieldOpenError),
}

impl ContentError {
    /// The key that would open the value, when that is what is missing.
    #[must_use]
    pub const fn unknown_key(&self) -> Option<&KeyId> {
        match self {
            Self::Open(FieldOpenError::UnknownKey { id }) => Some(id),
            _ => None,
        }
    }
}

/// Whether a stored value is sealed. Values in clear never look so: see [`must_be_sealed`].
#[must_use]
pub fn is_sealed(stored: &str) -> bool {
    stored.starts_with(field::PREFIX)
}

/// Whether a value is sealed whatever its project wants, because in clear it would be taken for a
/// sealed one, by this version or by another.
#[must_use]
pub fn must_be_sealed(value: &str) -> bool {
    value.starts_with(field::ANY_VERSION_PREFIX)
}

/// Seals a value for its place. The empty text stays as it is.
///
/// # Errors
///
/// Any [`SealError`]; nothing may be stored then.
pub fn seal(
    value: &str,
    row: ContentRow<'_>,
    column: ContentColumn,
    key: &DataKey,
    rng: &dyn Rng,
) -> Result<String, SealError> {
    at_place(row, column, |context| field::seal(value, key, context, rng))
}

/// Opens a stored value with the key that `find` has for it. A value in clear is returned as it
/// is.
///
/// # Errors
///
/// Any [`ContentError`].
pub fn open<'v, 'k>(
    stored: &'v str,
    row: ContentRow<'_>,
    column: ContentColumn,
    find: impl FnOnce(&KeyId) -> Option<&'k DataKey>,
) -> Result<Cow<'v, str>, ContentError> {
    if !is_sealed(stored) {
        return Ok(Cow::Borrowed(stored));
    }
    let Some(sealed) = SealedValue::parse(stored)? else {
        return Ok(Cow::Borrowed(stored));
    };
    let key = find(sealed.key_id()).ok_or_else(|| FieldOpenError::UnknownKey {
        id: sealed.key_id().clone(),
    })?;
    let opened = at_place(row, column, |context| sealed.open(key, context))?;
    Ok(Cow::Owned(opened.expose_secret().to_owned()))
}

fn at_place<T>(
    row: ContentRow<'_>,
    column: ContentColumn,
    run: impl FnOnce(&FieldContext<'_>) -> T,
) -> T {
    let (project, instance) = (row.project.to_string(), row.instance.to_string());
    run(&FieldContext {
        table: TABLE,
        column: column.as_str(),
        row_key: &[&project, &instance, row.text_id],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::key_bytes;
    use crate::crypto::testing::{CountingRng, assert_documented};
    use crate::domain::ids::{InstanceId, ProjectId};
    use crate::sys::rng::SeededRng;

    const ROW: ContentRow<'_> = ContentRow {
        project: ProjectId(12),
        instance: InstanceId(7),
        text_id: "passage/1",
    };

    fn counting_key() -> DataKey {
        let bytes: Vec<u8> = (0..32).collect();
        DataKey::from_bytes(key_bytes(&bytes).unwrap())
    }

    fn opened(
        stored: &str,
        row: ContentRow<'_>,
        column: ContentColumn,
    ) -> Result<String, ContentError> {
        let key = counting_key();
        open(stored, row, column, |id| (id == key.id()).then_some(&key)).map(Cow::into_owned)
    }

    #[test]
    fn the_documented_vectors_are_made_and_opened() {
        for (column, value, vector) in [
            (
                ContentColumn::Text,
                "Straße",
                "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrtWwOTIZUZxn159y88JbR-4-vbIlSwaw",
            ),
            (
                ContentColumn::Metadata,
                r#"{"year":1869}"#,
                "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrnToFSCS5IIVTXbHqeln1RjZTTF-4xC-d18ZDgiw",
            ),
        ] {
            let rng = CountingRng::from(0xa0);
            let sealed = seal(value, ROW, column, &counting_key(), &rng).unwrap();
            assert_eq!(sealed, vector);
            assert_documented(vector);
            assert_eq!(opened(vector, ROW, column).unwrap(), value);
        }
    }

    #[test]
    fn a_value_opens_in_its_own_row_and_column_only() {
        let rng = SeededRng::new(1);
        let (key, column) = (counting_key(), ContentColumn::Text);
        let sealed = seal("text", ROW, column, &key, &rng).unwrap();
        assert_eq!(opened(&sealed, ROW, column).unwrap(), "text");
        let project = ProjectId(1);
        let instance = InstanceId(1);
        let text_id = "passage/2";
        for row in [
            ContentRow { project, ..ROW },
            ContentRow { instance, ..ROW },
            ContentRow { text_id, ..ROW },
            // The same digits, cut elsewhere.
            ContentRow {
                project: ProjectId(1),
                instance: InstanceId(27),
                ..ROW
            },
        ] {
            let error = opened(&sealed, row, column).unwrap_err();
            assert_eq!(error, FieldOpenError::Damaged.into(), "{row:?}");
            assert_eq!(error.unknown_key(), None);
        }
        let error = opened(&sealed, ROW, ContentColumn::Metadata).unwrap_err();
        assert_eq!(error, FieldOpenError::Damaged.into());
    }

    #[test]
    fn values_in_clear_are_returned_as_they_are_and_never_look_sealed() {
        for value in ["", "text", "{}", "enc:v1:AAAA", "ENC:V2:", "en"] {
            assert!(!is_sealed(value), "{value}");
            assert_eq!(opened(value, ROW, ContentColumn::Text).unwrap(), value);
        }
        for (value, sealed) in [
            ("enc:", true),
            ("enc:v1:AAAA", true),
            ("enc:v2:AAAA", true),
            ("Enc:", false),
            (" enc:", false),
            ("", false),
        ] {
            assert_eq!(must_be_sealed(value), sealed, "{value}");
        }
        let error = opened("enc:v2:AAAA", ROW, ContentColumn::Text).unwrap_err();
        assert_eq!(error, FieldParseError::BadKeyId.into());
    }

    #[test]
    fn a_key_that_is_not_at_hand_is_named() {
        let sealed = seal(
            "text",
            ROW,
            ContentColumn::Text,
            &counting_key(),
            &SeededRng::new(1),
        );
        let error = open(&sealed.unwrap(), ROW, ContentColumn::Text, |_| None).unwrap_err();
        assert_eq!(error.unknown_key(), Some(counting_key().id()));
    }
}
