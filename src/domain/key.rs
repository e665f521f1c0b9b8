//! What is known of keys without holding one: ids, states, purposes.

use jiff::Timestamp;
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
    /// Opens what it sealed before; one that signs verifies what it signed before.
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

/// How many characters the name of a target has at most.
const TARGET_NAME_MAX_CHARS: usize = 64;
/// How the purpose of a target's key begins.
const TARGET_PREFIX: &str = "target:";

/// The name that an operator gave to a database of another program: 1 to 64 characters of
/// `a-z 0-9 . _ -`, the first a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetName(String);

impl TargetName {
    /// The name that a text is, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_name = text.len() <= TARGET_NAME_MAX_CHARS
            && text.bytes().next().is_some_and(is_first)
            && text
                .bytes()
                .all(|byte| is_first(byte) || matches!(byte, b'.' | b'_' | b'-'));
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key of the keyring is for. A key serves one purpose, and each purpose has its own
/// pending and active key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPurpose {
    /// Seals the data keys of the deployment's own database.
    Master,
    /// Seals values in a database of another program.
    Target(TargetName),
    /// Signs backups.
    BackupSigning,
}

impl KeyPurpose {
    /// The purpose of these words in a keyring; `None` for one that this version does not know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(TARGET_PREFIX) {
            Some(name) => TargetName::parse(name).map(Self::Target),
            None => [Self::Master, Self::BackupSigning]
                .into_iter()
                .find(|purpose| purpose.to_string() == text),
        }
    }
}

impl fmt::Display for KeyPurpose {
    /// Writes the words in the keyring and in output: `master`, `target:<name>`,
    /// `backup-signing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Master => f.write_str("master"),
            Self::Target(name) => write!(f, "{TARGET_PREFIX}{name}"),
            Self::BackupSigning => f.write_str("backup-signing"),
        }
    }
}

/// What the keyring says of one of its keys; everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Where it stands.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it gave way to the next active key of its purpose.
    pub rotated_at: Option<Timestamp>,
}

/// What a data key may seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Provider keys of the whole deployment.
    System,
    /// Text and metadata of one project.
    Project(super::ids::ProjectId),
}

impl KeyScope {
    /// The scope of this text, as [`fmt::Display`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "system" {
            return Some(Self::System);
        }
        let id: i64 = text.strip_prefix("project:")?.parse().ok()?;
        let scope = Self::Project(super::ids::ProjectId(id));
        // One spelling only: a scope is compared as text elsewhere.
        (scope.to_string() == text).then_some(scope)
    }
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

/// How many messages one data key seals at most. It gives way to a new one then, long before the
/// 2^32 messages with random nonces that NIST SP 800-38D section 8.3 allows.
pub const MAX_MESSAGES: u64 = 1 << 31;

/// A data key with what the database knows of its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKeyRecord {
    /// The key, sealed.
    pub key: WrappedDataKey,
    /// How many messages it has sealed.
    pub messages: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is to be destroyed, if it is.
    pub destroy_after: Option<Timestamp>,
}

/// A sealed field and the data key that sealed it, for the count of messages per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedField {
    /// `enc:v2:…`.
    pub text: String,
    /// The data key.
    pub key_id: KeyId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ProjectId;

    #[test]
    fn a_purpose_is_written_as_it_is_read() {
        for text in ["master", "backup-signing", "target:proxy", "target:0.a_b-c"] {
            let purpose = KeyPurpose::parse(text).unwrap();
            assert_eq!(purpose.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_purpose_is_refused() {
        let long = format!("target:{}", "a".repeat(65));
        for text in [
            "",
            "Master",
            "audit",
            "backup-signing:a",
            "Backup-signing",
            "target",
            "target:",
            "target:-a",
            "target:A",
            "target:a b",
            "target:a\"",
            "target:\u{e9}",
            &long,
        ] {
            assert_eq!(KeyPurpose::parse(text), None, "{text:?}");
        }
        assert!(KeyPurpose::parse(&long[..long.len() - 1]).is_some());
    }

    #[test]
    fn a_scope_reads_back_in_its_one_spelling() {
        for scope in [KeyScope::System, KeyScope::Project(ProjectId(12))] {
            assert_eq!(KeyScope::parse(&scope.to_string()), Some(scope));
        }
        for bad in [
            "",
            "System",
            "project:",
            "project:x",
            "project:+12",
            "project:012",
        ] {
            assert_eq!(KeyScope::parse(bad), None, "{bad:?}");
        }
    }
}
