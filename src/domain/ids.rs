//! Identifiers: row ids, handles, request ids.

use super::limits::{HANDLE_MAX_CHARS, HANDLE_MIN_CHARS};
use std::fmt;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// The row id of a user; never shown to clients, who know users by handle.
    UserId
);
row_id!(
    /// The id of a project; what a project's data is keyed by, whoever owns it.
    ProjectId
);
row_id!(
    /// The id of an LLM service definition (a template without a secret).
    DefinitionId
);
row_id!(
    /// The id of an LLM service instance (an owned copy with endpoint, model and provider key).
    InstanceId
);
row_id!(
    /// The row id of one embedding.
    EmbeddingId
);

/// Why a text is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// Fewer than [`HANDLE_MIN_CHARS`] characters.
    #[error("a handle has at least {HANDLE_MIN_CHARS} characters")]
    TooShort,
    /// More than [`HANDLE_MAX_CHARS`] characters.
    #[error("a handle has at most {HANDLE_MAX_CHARS} characters")]
    TooLong,
    /// A name that the system uses for one of its own identities.
    #[error("this handle is reserved")]
    Reserved,
    /// U+0000, which not every database can hold.
    #[error("a handle holds no U+0000 character")]
    ZeroCharacter,
    /// A character that would make the handle ambiguous in paths or logs.
    #[error("a user's handle holds no `/`, no `*` and no control characters")]
    BadCharacter,
}

/// The name by which clients know a user, project, definition, instance or API standard.
///
/// Length is counted in characters, as upstream counts it. Handles are compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(String);

/// The handle of the account that owns the definitions that every deployment starts with.
pub const SYSTEM_HANDLE: &str = "_system";

/// Identities that exist beside the users: nobody may register under one of these names.
const RESERVED_HANDLES: [&str; 5] = ["admin", "public", "system", "anonymous", SYSTEM_HANDLE];

impl Handle {
    /// Takes a handle of any kind, checking its length and that a database can hold it.
    ///
    /// # Errors
    ///
    /// [`HandleError::TooShort`], [`HandleError::TooLong`] or [`HandleError::ZeroCharacter`].
    pub fn parse(text: &str) -> Result<Self, HandleError> {
        match text.chars().count() {
            0..HANDLE_MIN_CHARS => Err(HandleError::TooShort),
            HANDLE_MIN_CHARS..=HANDLE_MAX_CHARS if text.contains('\0') => {
                Err(HandleError::ZeroCharacter)
            }
            HANDLE_MIN_CHARS..=HANDLE_MAX_CHARS => Ok(Self(text.to_owned())),
            _ => Err(HandleError::TooLong),
        }
    }

    /// Takes a handle for a new user: no reserved identity and nothing that reads as another
    /// path or pattern. Existing users may carry older handles, so look-ups use [`Self::parse`].
    ///
    /// # Errors
    ///
    /// Any [`HandleError`].
    pub fn parse_for_new_user(text: &str) -> Result<Self, HandleError> {
        let handle = Self::parse(text)?;
        let bare = text.trim();
        if RESERVED_HANDLES
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(bare))
        {
            return Err(HandleError::Reserved);
        }
        if text.chars().any(|c| c == '/' || c == '*' || c.is_control()) {
            return Err(HandleError::BadCharacter);
        }
        Ok(handle)
    }

    /// The text of the handle.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Handle {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The id of one request or one command: a version 7 UUID (RFC 9562 section 5.7), made by embsec
/// and never taken from a client, so that ids sort by time and cannot be forged into the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub String);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handle_length_is_counted_in_characters() {
        assert_eq!(Handle::parse("ab"), Err(HandleError::TooShort));
        assert!(Handle::parse("äöü").is_ok());
        assert!(Handle::parse(&"ü".repeat(20)).is_ok());
        assert_eq!(Handle::parse(&"a".repeat(21)), Err(HandleError::TooLong));
        assert_eq!(Handle::parse("a\0b"), Err(HandleError::ZeroCharacter));
    }

    #[test]
    fn magic_identities_cannot_be_taken_by_a_new_user() {
        for taken in [
            "admin",
            "Admin",
            " admin ",
            "public",
            "_system",
            "system",
            "anonymous",
        ] {
            assert_eq!(
                Handle::parse_for_new_user(taken),
                Err(HandleError::Reserved),
                "{taken}"
            );
        }
        for bad in ["a/b", "***", "ab*", "a\nbc"] {
            assert_eq!(
                Handle::parse_for_new_user(bad),
                Err(HandleError::BadCharacter),
                "{bad:?}"
            );
        }
        assert!(Handle::parse_for_new_user("alice").is_ok());
    }
}
