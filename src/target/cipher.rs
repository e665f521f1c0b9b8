//! What a protected value is, and how one is made and opened: the same questions for every form.
//!
//! The forms themselves are in `crypto`; which one a column has is said by its
//! [`super::table::Form`].

mod forms;

pub use forms::Keys;

use crate::crypto::SealError;
use crate::domain::key::KeyId;
use std::fmt;
use zeroize::Zeroizing;

/// A value of a column as the database keeps it, wiped when it is dropped: it may be a secret in
/// clear. NULL is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    kind: ValueKind,
    bytes: Zeroizing<Vec<u8>>,
}

/// What the database keeps a value as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Bytes,
    /// What no form can be made of, such as a number or text that is not UTF-8.
    Other,
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self {
            kind: ValueKind::Text,
            bytes: Zeroizing::new(text.into_bytes()),
        }
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self {
            kind: ValueKind::Bytes,
            bytes: Zeroizing::new(bytes),
        }
    }

    /// What is neither.
    #[must_use]
    pub fn other() -> Self {
        Self {
            kind: ValueKind::Other,
            bytes: Zeroizing::default(),
        }
    }

    /// What the database keeps it as.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        self.kind
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.kind {
            ValueKind::Text => std::str::from_utf8(&self.bytes).ok(),
            ValueKind::Bytes | ValueKind::Other => None,
        }
    }

    /// Whether it is a text or bytes, and none of either.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kind != ValueKind::Other && self.bytes.is_empty()
    }

    /// Its bytes, or those of its text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Value {
    /// Tells its kind and length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// What a value looks like before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing to protect.
    Empty,
    /// In clear.
    Plain,
    /// Sealed, by this key where the value names one. It may also be a value in clear that only
    /// begins like a sealed one: only opening tells.
    Sealed(Option<KeyId>),
    /// Hashed. It may also be a value in clear that looks like a hash: nothing can tell.
    Hashed,
}

/// Where a value is.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table, as [`super::table::Table`] is written.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The text form of the row's key.
    pub row_key: &'a str,
}

/// A sealed value that opened.
pub struct Opened {
    /// What was sealed.
    pub plaintext: Value,
    /// The key that opened it.
    pub key_id: KeyId,
}

/// Why a value did not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotOpen {
    /// No key is at hand.
    #[error("there is no key to open it with")]
    NoKey,
    /// It names a key that is not at hand.
    #[error("it was sealed by the key {0}, which is not at hand")]
    UnknownKey(KeyId),
    /// No key at hand opens it: another key, another place, changed bytes, or it never was sealed.
    #[error("it opens under no key at hand")]
    Undecryptable,
    /// A hash cannot be opened.
    #[error("it is a hash, which cannot be brought back")]
    OneWay,
}

/// Seals, hashes and opens the values of a column, with the keys at hand.
pub trait Cipher: Send + Sync {
    /// Whether there is a key, where one is needed to tell what opens.
    fn has_key(&self) -> bool;

    /// What a value looks like. Nothing is opened.
    fn classify(&self, value: &Value) -> Class;

    /// Opens a value.
    ///
    /// # Errors
    ///
    /// Any [`CannotOpen`].
    fn open(&self, place: &Place<'_>, value: &Value) -> Result<Opened, CannotOpen>;

    /// Seals or hashes a value in clear; `None` where there is no key, or the value is of a kind
    /// that the form cannot be made of.
    ///
    /// # Errors
    ///
    /// Any [`SealError`]; nothing may be stored then.
    fn protect(&self, place: &Place<'_>, plaintext: &Value) -> Result<Option<Value>, SealError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_shown() {
        let value = Value::text("sk-secret".to_owned());
        assert_eq!(format!("{value:?}"), "Value(Text, 9 bytes)");
        assert_eq!(value.as_text(), Some("sk-secret"));
        assert_eq!(Value::bytes(vec![65]).as_text(), None);
    }
}
