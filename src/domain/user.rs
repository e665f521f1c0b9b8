//! Users and what is known of their keys.

use super::access::Role;
use super::ids::{Handle, UserId};
use jiff::Timestamp;

/// Whether a user's keys are honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// They are.
    Active,
    /// They are not; the data stays.
    Disabled,
}

impl UserState {
    /// The word in the database and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// The lower-case hex SHA-256 of a whole API key: all that is stored of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub String);

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// The administrator's.
    Admin,
    /// A user's.
    User {
        /// Row id.
        id: UserId,
        /// Handle.
        handle: Handle,
        /// Whether it is honoured.
        state: UserState,
    },
}

/// What a client says of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSpec {
    /// Handle; never changes.
    pub handle: Handle,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address; no two users share one.
    pub email: String,
}

/// A user with everything that they can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: UserId,
    /// Handle.
    pub handle: Handle,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Whether the keys are honoured.
    pub state: UserState,
    /// When the user was created.
    pub created_at: Timestamp,
    /// Keys that are good now: one, or two during a grace window.
    pub keys: Vec<UserKey>,
    /// Projects owned or shared, in list order.
    pub projects: Vec<Membership>,
    /// Instances owned or shared, in list order.
    pub instances: Vec<Membership>,
}

/// One key of a user. The key itself is not known to embsec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserKey {
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None`: not by itself.
    pub expires_at: Option<Timestamp>,
}

/// An object that a user owns or that is shared with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The object's handle.
    pub handle: Handle,
    /// Its owner.
    pub owner: Handle,
    /// The user's role on it.
    pub role: Role,
}

/// One row of the list of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSummary {
    /// Handle.
    pub handle: Handle,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Whether the keys are honoured.
    pub state: UserState,
    /// When the user was created.
    pub created_at: Timestamp,
    /// Projects owned.
    pub number_of_projects: u64,
    /// Definitions owned.
    pub number_of_definitions: u64,
    /// Instances owned.
    pub number_of_instances: u64,
}
