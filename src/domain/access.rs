//! Who is asking, and what of an object they may see or change.
//!
//! The HTTP layer decides who the caller is; the store puts the [`Scope`] into its queries, so
//! that a row that the caller has no right to is not found rather than fetched and hidden.

use super::ids::{Handle, UserId};
use std::fmt;
use std::str::FromStr;

/// A known user, as far as rights are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRef {
    /// Row id.
    pub id: UserId,
    /// Handle.
    pub handle: Handle,
}

/// Who a request comes from, as far as its key tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The administrator's key.
    Admin,
    /// An enabled user's key.
    User(UserRef),
    /// A disabled user's key: known, but good for nothing.
    Disabled(UserRef),
    /// No key at all.
    Anonymous,
    /// A key that belongs to nobody, or that is no key.
    Unknown,
}

/// What a query may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Admin,
    /// What this user owns, what is shared with them, and what is public.
    User(UserId),
    /// What is public.
    Public,
}

/// What a query is going to do with what it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Read.
    Read,
    /// Add or remove embeddings: owner or editor.
    Write,
}

/// The role of a user on a shared object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads, adds and removes embeddings.
    Editor,
    /// Everything.
    Owner,
}

/// A text that names no [`Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of owner, editor, reader")]
pub struct RoleError;

impl Role {
    /// The word for the role on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Reader => "reader",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        match text {
            "owner" => Ok(Self::Owner),
            "editor" => Ok(Self::Editor),
            "reader" => Ok(Self::Reader),
            _ => Err(RoleError),
        }
    }
}

/// One person that an object is shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// With whom.
    pub user_handle: Handle,
    /// As what.
    pub role: Role,
}

/// The owner's handle and the object's own handle: how clients name a project, definition or
/// instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectPath {
    /// The owner's handle.
    pub owner: Handle,
    /// The object's handle.
    pub handle: Handle,
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.handle)
    }
}
