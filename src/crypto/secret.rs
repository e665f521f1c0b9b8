//! Keys as types that do not print, copy or serialise themselves, and are wiped when dropped.

use super::key_id;
use crate::domain::key::KeyId;
use crate::sys::rng::{Rng, RngError};
use secrecy::{ExposeSecret as _, SecretBox};

/// The bytes of an AES-256 key.
pub(super) type KeyBytes = SecretBox<[u8; KEY_BYTES]>;

/// Length of every key, in bytes.
pub(super) const KEY_BYTES: usize = 32;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name {
            id: KeyId,
            bytes: KeyBytes,
        }

        impl $name {
            /// Makes a key that nobody has had before.
            ///
            /// # Errors
            ///
            /// [`RngError`] when the system has no randomness to give.
            pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
                // Filled where it stays: no copy is left on the stack.
                let mut outcome = Ok(());
                let bytes = KeyBytes::init_with_mut(|bytes| outcome = rng.fill(bytes));
                outcome.map(|()| Self::from_bytes(bytes))
            }

            /// Takes bytes that were made before.
            pub(super) fn from_bytes(bytes: KeyBytes) -> Self {
                Self {
                    id: key_id::of(bytes.expose_secret()),
                    bytes,
                }
            }

            /// The name of this key, which may be shown.
            #[must_use]
            pub fn id(&self) -> &KeyId {
                &self.id
            }

            /// The key itself, for the primitives of this layer.
            pub(super) fn expose(&self) -> &[u8; KEY_BYTES] {
                self.bytes.expose_secret()
            }
        }
    };
}

key!(
    /// Seals data keys, and nothing else. Lives in the keyring, never in the database.
    MasterKey
);
key!(
    /// Seals values of one scope. Lives in the database, sealed by a master key.
    DataKey
);
key!(
    /// Signs backups: the 32 bytes from which RFC 8032 section 5.1.5 makes a secret key. Lives in the
    /// keyring, never in the database.
    SigningKey
);

/// Copies a key out of a buffer that is wiped elsewhere; `None` when it has another length.
pub(super) fn key_bytes(slice: &[u8]) -> Option<KeyBytes> {
    let source: &[u8; KEY_BYTES] = slice.try_into().ok()?;
    Some(KeyBytes::init_with_mut(|bytes| {
        bytes.copy_from_slice(source);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::embapi_blob::EmbapiKey;
    use crate::crypto::llm_proxy::LlmProxyKey;
    use crate::crypto::sealed_file::BackupIdentity;
    use crate::crypto::testing::BrokenRng;
    use crate::crypto::token::ApiKey;
    use crate::sys::rng::SeededRng;
    use std::fmt;

    /// Does not compile when the type has the trait: the call would be ambiguous then.
    macro_rules! assert_lacks {
        ($type:ty, $($lacked:path),+) => {$({
            trait Ambiguous<A> {
                fn call() {}
            }
            struct HasIt;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $lacked> Ambiguous<HasIt> for T {}
            <$type as Ambiguous<_>>::call();
        })+};
    }

    #[test]
    fn secrets_cannot_be_printed_copied_or_serialised() {
        assert_lacks!(MasterKey, fmt::Debug, fmt::Display, Clone, serde::Serialize);
        assert_lacks!(DataKey, fmt::Debug, fmt::Display, Clone, serde::Serialize);
        assert_lacks!(
            SigningKey,
            fmt::Debug,
            fmt::Display,
            Clone,
            serde::Serialize
        );
        assert_lacks!(
            BackupIdentity,
            fmt::Debug,
            fmt::Display,
            Clone,
            serde::Serialize
        );
        assert_lacks!(ApiKey, fmt::Debug, fmt::Display, Clone, serde::Serialize);
        assert_lacks!(EmbapiKey, fmt::Debug, fmt::Display, Clone, serde::Serialize);
        assert_lacks!(
            LlmProxyKey,
            fmt::Debug,
            fmt::Display,
            Clone,
            serde::Serialize
        );
    }

    #[test]
    fn every_key_is_another_and_has_another_id() {
        let rng = SeededRng::new(1);
        let first = DataKey::generate(&rng).unwrap_or_else(|_| panic!("no randomness"));
        let second = DataKey::generate(&rng).unwrap_or_else(|_| panic!("no randomness"));
        assert_ne!(first.expose(), second.expose());
        assert_ne!(first.id(), second.id());
    }

    #[test]
    fn no_key_is_made_without_randomness() {
        assert!(MasterKey::generate(&BrokenRng).is_err());
        assert!(DataKey::generate(&BrokenRng).is_err());
        assert!(SigningKey::generate(&BrokenRng).is_err());
    }
}
