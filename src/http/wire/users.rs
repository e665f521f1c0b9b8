//! Users.

use super::{Profile, Wire as _, handle, nested, wire};
use crate::domain::limits::{EMAIL_MAX_CHARS, EMAIL_MIN_CHARS, NAME_MAX_CHARS};
use crate::domain::user::{Membership, User as DomainUser, UserSummary};
use crate::http::schema::{Schema, any, array, enumeration, long, object, secret, text, text_of};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use std::sync::LazyLock;

/// Characters of the keys that upstream makes.
const KEY_CHARS: usize = 64;

/// A user as a client sends one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserInput {
    /// Handle.
    pub user_handle: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: String,
}

/// A user as a client gets one; never with a key or its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Handle.
    pub user_handle: String,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Projects owned or shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<UserProject>,
    /// Instances owned or shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<UserInstance>,
}

/// A project of a [`User`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserProject {
    /// Handle.
    pub project_handle: String,
    /// Handle of its owner.
    pub owner: String,
    /// The user's role.
    pub role: &'static str,
}

/// An instance of a [`User`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserInstance {
    /// Handle.
    pub instance_handle: String,
    /// Handle of its owner.
    pub owner: String,
    /// The user's role.
    pub role: &'static str,
}

const ROLES: &[&str] = &["owner", "editor", "reader"];

wire!(UserProject, "UserProject", |object| object
    .required("project_handle", text())
    .required("owner", text())
    .required("role", enumeration(ROLES)));

wire!(UserInstance, "UserInstance", |object| object
    .required("instance_handle", text())
    .required("owner", text())
    .required("role", enumeration(ROLES)));

fn user_schema(key_name: &'static str) -> Schema {
    object("User")
        .required("user_handle", handle())
        .optional("name", text_of(0, NAME_MAX_CHARS))
        .required("email", text_of(EMAIL_MIN_CHARS, EMAIL_MAX_CHARS))
        .read_only(
            key_name,
            secret(Some(KEY_CHARS), Some(KEY_CHARS))
                .about("Accepted for old clients and ignored; never given out again."),
        )
        .read_only("projects", array(nested::<UserProject>()))
        .read_only("definitions", array(any()))
        .read_only("instances", array(nested::<UserInstance>()))
}

impl User {
    /// What a user looks like in a dialect, sent or received.
    #[must_use]
    pub fn schema(profile: Profile) -> &'static Schema {
        static EMBAPI: LazyLock<Schema> = LazyLock::new(|| user_schema("embapi_key"));
        static VDB: LazyLock<Schema> = LazyLock::new(|| user_schema("vdb_key"));
        match profile {
            Profile::Embapi => &EMBAPI,
            Profile::Vdb => &VDB,
        }
    }
}

impl From<DomainUser> for User {
    fn from(user: DomainUser) -> Self {
        Self {
            user_handle: user.handle.as_str().to_owned(),
            name: super::unless_empty(&user.name),
            email: user.email,
            projects: user.projects.iter().map(UserProject::from).collect(),
            instances: user.instances.iter().map(UserInstance::from).collect(),
        }
    }
}

impl From<&Membership> for UserProject {
    fn from(membership: &Membership) -> Self {
        Self {
            project_handle: membership.handle.as_str().to_owned(),
            owner: membership.owner.as_str().to_owned(),
            role: membership.role.as_str(),
        }
    }
}

impl From<&Membership> for UserInstance {
    fn from(membership: &Membership) -> Self {
        Self {
            instance_handle: membership.handle.as_str().to_owned(),
            owner: membership.owner.as_str().to_owned(),
            role: membership.role.as_str(),
        }
    }
}

/// What the key field of an answer says.
pub enum KeyField {
    /// A fresh key, shown this once.
    Fresh(SecretString),
    /// The user kept their keys.
    NotChanged,
}

impl Serialize for KeyField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // The one place where a key goes over the wire: to whoever had it made.
            Self::Fresh(key) => serializer.serialize_str(key.expose_secret()),
            Self::NotChanged => serializer.serialize_str("not changed"),
        }
    }
}

/// The answer to creating or changing a user.
#[derive(Serialize)]
#[serde(untagged)]
pub enum UserResponse {
    /// With `embapi_key`.
    Embapi {
        /// Handle.
        user_handle: String,
        /// Key.
        embapi_key: KeyField,
    },
    /// With `vdb_key`.
    Vdb {
        /// Handle.
        user_handle: String,
        /// Key.
        vdb_key: KeyField,
    },
}

impl UserResponse {
    /// The name under which both dialects document it.
    pub const NAME: &str = "UserResponse";

    /// Says it in a dialect.
    #[must_use]
    pub fn new(profile: Profile, user_handle: String, key: KeyField) -> Self {
        match profile {
            Profile::Embapi => Self::Embapi {
                user_handle,
                embapi_key: key,
            },
            Profile::Vdb => Self::Vdb {
                user_handle,
                vdb_key: key,
            },
        }
    }

    /// What it looks like in a dialect.
    #[must_use]
    pub fn schema(profile: Profile) -> &'static Schema {
        static EMBAPI: LazyLock<Schema> = LazyLock::new(|| user_response_schema("embapi_key"));
        static VDB: LazyLock<Schema> = LazyLock::new(|| user_response_schema("vdb_key"));
        match profile {
            Profile::Embapi => &EMBAPI,
            Profile::Vdb => &VDB,
        }
    }
}

fn user_response_schema(key_name: &'static str) -> Schema {
    object(UserResponse::NAME)
        .required("user_handle", text())
        .required(
            key_name,
            text().about("A fresh key, shown this once, or the words `not changed`."),
        )
}

/// One row of the list of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserListEntry {
    /// Handle.
    pub user_handle: String,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Projects owned.
    pub number_of_projects: u64,
    /// Definitions owned.
    pub number_of_definitions: u64,
    /// Instances owned.
    pub number_of_instances: u64,
}

wire!(UserListEntry, "UserListEntry", |object| object
    .required("user_handle", text())
    .optional("name", text())
    .required("number_of_projects", long())
    .required("number_of_definitions", long())
    .required("number_of_instances", long()));

impl From<UserSummary> for UserListEntry {
    fn from(user: UserSummary) -> Self {
        Self {
            user_handle: user.handle.as_str().to_owned(),
            name: super::unless_empty(&user.name),
            number_of_projects: user.number_of_projects,
            number_of_definitions: user.number_of_definitions,
            number_of_instances: user.number_of_instances,
        }
    }
}

/// The list of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum UserList {
    /// As objects.
    Embapi(Vec<UserListEntry>),
    /// As handles.
    Vdb(Vec<String>),
}

impl UserList {
    /// Says it in a dialect.
    #[must_use]
    pub fn new(profile: Profile, users: Vec<UserSummary>) -> Self {
        match profile {
            Profile::Embapi => Self::Embapi(users.into_iter().map(Into::into).collect()),
            Profile::Vdb => Self::Vdb(
                users
                    .into_iter()
                    .map(|user| user.handle.as_str().to_owned())
                    .collect(),
            ),
        }
    }

    /// What one row looks like in a dialect.
    #[must_use]
    pub fn row_schema(profile: Profile) -> &'static Schema {
        static HANDLE: LazyLock<Schema> = LazyLock::new(text);
        match profile {
            Profile::Embapi => UserListEntry::schema(),
            Profile::Vdb => &HANDLE,
        }
    }
}
