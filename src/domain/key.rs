//! What is known of keys without holding one: ids, states, purposes.

use std::fmt;

/// Names a key by what it is: the first ten bytes of a hash over it, as 16 characters of
/// lower-case base32. A ciphertext carries it, so a wrong key is known before decryption.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Made, not yet proven.
    Pending,
    /// Used for everything new.
    Active,
    /// Opens what it sealed before.
    DecryptOnly,
    /// Kept, used for nothing new.
    Retired,
}

impl KeyState {
    /// The word in the keyring, in the database and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::DecryptOnly => "decrypt-only",
            Self::Retired => "retired",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Active,
            Self::DecryptOnly,
            Self::Retired,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

/// What a data key may seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Provider keys of the whole deployment.
    System,
    /// Text and metadata of one project.
    Project(super::ids::ProjectId),
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Project(id) => write!(f, "project:{id}"),
        }
    }
}

/// A data key as the database holds it: sealed by a master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedDataKey {
    /// Id of the data key itself.
    pub id: KeyId,
    /// What it may seal.
    pub scope: KeyScope,
    /// The sealed key: base64url without padding of nonce, ciphertext and tag.
    pub wrapped: String,
    /// Id of the master key that sealed it.
    pub master_id: KeyId,
    /// Where it stands.
    pub state: KeyState,
}

/// A sealed field and the data key that sealed it, for the count of messages per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedField {
    /// `enc:v2:…`.
    pub text: String,
    /// The data key.
    pub key_id: KeyId,
}
