//! With whom something is shared: parts that projects, definitions and instances have in common.

use super::{handle, wire};
use crate::domain::access::{Role, Share};
use crate::http::schema::{enumeration, text};
use serde::{Deserialize, Serialize};

/// One person that an object is shared with, in answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedUser {
    /// Handle, or `*` for everybody.
    pub user_handle: String,
    /// Role.
    pub role: &'static str,
}

wire!(SharedUser, "SharedUser", |object| object
    .required(
        "user_handle",
        text().about("Handle of the user; `*` stands for everybody.")
    )
    .required("role", enumeration(&["owner", "editor", "reader"])));

impl From<&Share> for SharedUser {
    fn from(share: &Share) -> Self {
        Self {
            user_handle: share.user_handle.as_str().to_owned(),
            role: share.role.as_str(),
        }
    }
}

impl SharedUser {
    /// What stands for everybody in the list of a public project.
    #[must_use]
    pub fn everybody() -> Self {
        Self {
            user_handle: "*".to_owned(),
            role: Role::Reader.as_str(),
        }
    }
}

/// One person to share a project with, inside a project that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SharedUserInput {
    /// Handle.
    pub user_handle: String,
    /// `owner`, `editor` or `reader`; whoever reads it refuses `owner`.
    pub role: String,
}

wire!(SharedUserInput, "SharedUserInput", |object| object
    .required("user_handle", handle())
    .required("role", enumeration(&["owner", "editor", "reader"])));

/// With whom to share a project or an instance, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ShareInput {
    /// With whom.
    pub share_with_handle: String,
    /// As what.
    pub role: String,
}

wire!(ShareInput, "ShareInputBody", |object| object
    .required("share_with_handle", handle())
    .required("role", enumeration(&["reader", "editor"])));

/// With whom to share a definition; there is only one way to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ShareDefinitionInput {
    /// With whom.
    pub share_with_handle: String,
}

wire!(ShareDefinitionInput, "ShareDefinitionInputBody", |object| {
    object.required("share_with_handle", handle())
});
