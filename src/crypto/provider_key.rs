//! The provider key of an instance as the database holds it: a field sealed under the data key of
//! the scope `system`, bound to the instance.

use super::aead::SealError;
use super::field::{self, FieldContext, FieldOpenError, FieldParseError, SealedValue};
use super::secret::DataKey;
use crate::domain::ids::InstanceId;
use crate::domain::key::{KeyId, SealedField};
use crate::sys::rng::Rng;
use secrecy::{ExposeSecret as _, SecretString};

/// The table that a sealed provider key is bound to.
pub const TABLE: &str = "instances";
/// See [`TABLE`].
pub const COLUMN: &str = "api_key";

/// Why a stored provider key does not open. Holds no key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderKeyError {
    /// It is no sealed field.
    #[error(transparent)]
    Parse(#[from] FieldParseError),
    /// No key at hand opens it.
    #[error(transparent)]
    Open(#[from] FieldOpenError),
}

/// Seals the provider key of an instance.
///
/// # Errors
///
/// Any [`SealError`].
pub fn seal(
    provider_key: &SecretString,
    instance: InstanceId,
    key: &DataKey,
    rng: &dyn Rng,
) -> Result<SealedField, SealError> {
    let row_key = instance.to_string();
    let text = field::seal(
        provider_key.expose_secret(),
        key,
        &context(&[&row_key]),
        rng,
    )?;
    Ok(SealedField {
        text,
        key_id: key.id().clone(),
    })
}

/// Opens what [`seal`] made, with the key that `find` has for it. `None` for the empty text, which
/// is never sealed.
///
/// # Errors
///
/// Any [`ProviderKeyError`].
pub fn open<'k>(
    stored: &str,
    instance: InstanceId,
    find: impl FnOnce(&KeyId) -> Option<&'k DataKey>,
) -> Result<Option<SecretString>, ProviderKeyError> {
    let Some(sealed) = SealedValue::parse(stored)? else {
        return Ok(None);
    };
    let unknown = || FieldOpenError::UnknownKey {
        id: sealed.key_id().clone(),
    };
    let key = find(sealed.key_id()).ok_or_else(unknown)?;
    let row_key = instance.to_string();
    Ok(Some(sealed.open(key, &context(&[&row_key]))?))
}

const fn context<'a>(row_key: &'a [&'a str]) -> FieldContext<'a> {
    FieldContext {
        table: TABLE,
        column: COLUMN,
        row_key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::rng::SeededRng;

    #[test]
    fn a_provider_key_opens_for_its_instance_with_the_key_that_sealed_it() {
        let rng = SeededRng::new(1);
        let keys = [1, 2].map(|seed| DataKey::generate(&SeededRng::new(seed)).ok().unwrap());
        let secret = SecretString::from("sk-1".to_owned());
        let sealed = seal(&secret, InstanceId(7), &keys[1], &rng).unwrap();
        assert_eq!(&sealed.key_id, keys[1].id());
        let open = |stored: &str, instance, keys: &[DataKey]| {
            open(stored, instance, |id| {
                keys.iter().find(|key| key.id() == id)
            })
        };
        let opened = open(&sealed.text, InstanceId(7), &keys).unwrap().unwrap();
        assert_eq!(opened.expose_secret(), "sk-1");
        assert_eq!(
            open(&sealed.text, InstanceId(8), &keys).err(),
            Some(FieldOpenError::Damaged.into())
        );
        let id = keys[1].id().clone();
        assert_eq!(
            open(&sealed.text, InstanceId(7), &keys[..1]).err(),
            Some(FieldOpenError::UnknownKey { id }.into())
        );
        assert!(open("", InstanceId(7), &keys).unwrap().is_none());
        assert!(open("sk-1", InstanceId(7), &keys).is_err());
    }
}
