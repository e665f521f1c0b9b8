//! Data keys as the database holds them: sealed by a master key, bound to their id and scope.
//!
//! When a data key is made or rolled is decided elsewhere.

use super::aead::{self, SealError};
use super::secret::{DataKey, MasterKey, key_bytes};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::sys::rng::Rng;

/// Sets this use of a master key apart from every other.
const WRAP_LABEL: &str = "embsec/data-key/v1";

/// Why a wrapped data key does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// Another master key sealed it.
    #[error("the data key {id} was sealed by the master key {master_id}, which is not at hand")]
    UnknownMaster {
        /// The data key.
        id: KeyId,
        /// The master key that opens it.
        master_id: KeyId,
    },
    /// The master key is right and the bytes are not what it sealed for this id and scope.
    #[error("the data key {id} is damaged or belongs to another scope")]
    Damaged {
        /// The data key.
        id: KeyId,
    },
}

/// Seals a data key with a master key.
///
/// # Errors
///
/// Any [`SealError`].
pub fn wrap(
    key: &DataKey,
    scope: KeyScope,
    state: KeyState,
    master: &MasterKey,
    rng: &dyn Rng,
) -> Result<WrappedDataKey, SealError> {
    let associated = associated_data(key.id(), scope).ok_or(SealError::TooLong)?;
    Ok(WrappedDataKey {
        id: key.id().clone(),
        scope,
        wrapped: aead::seal(master.expose(), &associated, key.expose(), rng)?,
        master_id: master.id().clone(),
        state,
    })
}

/// Opens a data key with the master key that it names. Whatever its state: what may be done with
/// the key is the caller's rule.
///
/// # Errors
///
/// Any [`UnwrapError`].
pub fn unwrap(wrapped: &WrappedDataKey, master: &MasterKey) -> Result<DataKey, UnwrapError> {
    if master.id() != &wrapped.master_id {
        return Err(UnwrapError::UnknownMaster {
            id: wrapped.id.clone(),
            master_id: wrapped.master_id.clone(),
        });
    }
    let open = || {
        let associated = associated_data(&wrapped.id, wrapped.scope)?;
        let sealed = aead::decode(&wrapped.wrapped)?;
        let bytes = aead::open(master.expose(), &associated, &sealed)?;
        key_bytes(&bytes)
            .map(DataKey::from_bytes)
            .filter(|key| key.id() == &wrapped.id)
    };
    open().ok_or_else(|| UnwrapError::Damaged {
        id: wrapped.id.clone(),
    })
}

fn associated_data(id: &KeyId, scope: KeyScope) -> Option<Vec<u8>> {
    aead::length_prefixed(&[WRAP_LABEL, &id.0, &scope.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{BrokenRng, CountingRng, assert_documented};
    use crate::domain::ids::ProjectId;
    use crate::sys::rng::SeededRng;

    fn master() -> MasterKey {
        let bytes: Vec<u8> = (0x40..0x60).collect();
        MasterKey::from_bytes(key_bytes(&bytes).unwrap())
    }

    fn data_key() -> DataKey {
        let bytes: Vec<u8> = (0..32).collect();
        DataKey::from_bytes(key_bytes(&bytes).unwrap())
    }

    fn wrapped(scope: KeyScope) -> WrappedDataKey {
        let rng = CountingRng::from(0xb0);
        wrap(&data_key(), scope, KeyState::Active, &master(), &rng).unwrap()
    }

    #[test]
    fn the_documented_vectors_are_made_and_opened() {
        for (scope, vector) in [
            (
                KeyScope::System,
                "sLGys7S1tre4ubq7AwGChsVP7Z4z5y3z4ftCxK4ZljtQAMCI6996IJWt7I8ceFkx53KISnMMzlyMAqp8",
            ),
            (
                KeyScope::Project(ProjectId(12)),
                "sLGys7S1tre4ubq7AwGChsVP7Z4z5y3z4ftCxK4ZljtQAMCI6996IJWt7I8ZIbuf7Q6sFCMONmtSHZ1J",
            ),
        ] {
            let wrapped = wrapped(scope);
            assert_eq!(wrapped.wrapped, vector);
            assert_eq!(&wrapped.id, data_key().id());
            assert_eq!(&wrapped.master_id, master().id());
            let opened = unwrap(&wrapped, &master()).ok().unwrap();
            assert_eq!(opened.expose(), data_key().expose());
            assert_documented(vector);
            assert_documented(&wrapped.master_id.0);
        }
    }

    #[test]
    fn another_master_key_is_known_before_decryption() {
        let wrapped = wrapped(KeyScope::System);
        let other = MasterKey::generate(&SeededRng::new(1)).ok().unwrap();
        let error = unwrap(&wrapped, &other).err();
        assert_eq!(
            error,
            Some(UnwrapError::UnknownMaster {
                id: wrapped.id,
                master_id: wrapped.master_id,
            })
        );
    }

    #[test]
    fn a_data_key_given_another_scope_or_id_does_not_open() {
        let original = wrapped(KeyScope::Project(ProjectId(12)));
        let damaged = |id: &KeyId| Some(UnwrapError::Damaged { id: id.clone() });
        for scope in [KeyScope::System, KeyScope::Project(ProjectId(1))] {
            let moved = WrappedDataKey {
                scope,
                ..original.clone()
            };
            assert_eq!(unwrap(&moved, &master()).err(), damaged(&moved.id));
        }
        let renamed = WrappedDataKey {
            id: master().id().clone(),
            ..original
        };
        assert_eq!(unwrap(&renamed, &master()).err(), damaged(&renamed.id));
    }

    #[test]
    fn a_key_wrapped_under_another_keys_id_is_refused() {
        let other = DataKey::generate(&SeededRng::new(1)).ok().unwrap();
        let associated = associated_data(other.id(), KeyScope::System).unwrap();
        let rng = SeededRng::new(2);
        let forged = WrappedDataKey {
            id: other.id().clone(),
            wrapped: aead::seal(master().expose(), &associated, data_key().expose(), &rng).unwrap(),
            ..wrapped(KeyScope::System)
        };
        let error = unwrap(&forged, &master()).err();
        assert_eq!(error, Some(UnwrapError::Damaged { id: forged.id }));
    }

    #[test]
    fn any_flipped_byte_fails() {
        let original = wrapped(KeyScope::System);
        for place in 0..original.wrapped.len() {
            for flip in 1..=127_u8 {
                let mut bytes = original.wrapped.clone().into_bytes();
                bytes[place] ^= flip;
                let flipped = WrappedDataKey {
                    wrapped: String::from_utf8(bytes).unwrap(),
                    ..original.clone()
                };
                assert!(
                    unwrap(&flipped, &master()).is_err(),
                    "byte {place} by {flip:#x}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_wrapped_without_randomness() {
        let result = wrap(
            &data_key(),
            KeyScope::System,
            KeyState::Active,
            &master(),
            &BrokenRng,
        );
        assert!(matches!(result, Err(SealError::Rng(_))));
    }
}
