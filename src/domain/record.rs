//! Rows as they travel between databases: opened, and of one form whatever the engine.
//!
//! How a row is read or written belongs to the engines; the bytes that are compared are made in
//! `crypto::row_hash`, since a row may hold a provider's key.

use super::access::{ObjectPath, Role};
use super::ids::{DefinitionId, EmbeddingId, Handle, InstanceId, ProjectId, UserId};
use super::llm::{KeyMethod, LlmSettings};
use super::project::ContentPolicy;
use super::user::UserState;
use secrecy::SecretString;
use std::fmt;

/// A kind of row that travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// People, and the account of the system.
    Users,
    /// Digests of users' keys.
    UserKeys,
    /// Digests of administrators' keys.
    AdminKeys,
    /// API standards.
    ApiStandards,
    /// Definitions.
    Definitions,
    /// Who a definition is shared with.
    DefinitionShares,
    /// Instances.
    Instances,
    /// Who an instance is shared with.
    InstanceShares,
    /// Projects.
    Projects,
    /// Who a project is shared with.
    ProjectShares,
    /// Embeddings.
    Embeddings,
}

impl Table {
    /// Every table, each behind those that its rows refer to.
    pub const ALL: [Self; 11] = [
        Self::Users,
        Self::UserKeys,
        Self::AdminKeys,
        Self::ApiStandards,
        Self::Definitions,
        Self::DefinitionShares,
        Self::Instances,
        Self::InstanceShares,
        Self::Projects,
        Self::ProjectShares,
        Self::Embeddings,
    ];

    /// The name in the database of embsec, in reports and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::UserKeys => "user_keys",
            Self::AdminKeys => "admin_keys",
            Self::ApiStandards => "api_standards",
            Self::Definitions => "definitions",
            Self::DefinitionShares => "definition_shares",
            Self::Instances => "instances",
            Self::InstanceShares => "instance_shares",
            Self::Projects => "projects",
            Self::ProjectShares => "project_shares",
            Self::Embeddings => "embeddings",
        }
    }

    /// Whether rows of other tables refer to rows of this one: such a row must not be deleted
    /// before everything that refers to it points elsewhere.
    #[must_use]
    pub const fn is_referred_to(self) -> bool {
        matches!(
            self,
            Self::Users | Self::ApiStandards | Self::Definitions | Self::Instances | Self::Projects
        )
    }

    /// The column of the ids, for a table that has them.
    #[must_use]
    pub const fn id_column(self) -> Option<&'static str> {
        match self {
            Self::Users => Some("user_id"),
            Self::Definitions => Some("definition_id"),
            Self::Instances => Some("instance_id"),
            Self::Projects => Some("project_id"),
            Self::Embeddings => Some("embedding_id"),
            _ => None,
        }
    }

    /// Whether the database gives the rows their ids, so that a new row must get one above every
    /// id that was ever given. The ids of users are given too, but nobody outside knows them.
    #[must_use]
    pub const fn has_ids(self) -> bool {
        matches!(
            self,
            Self::Users | Self::Definitions | Self::Instances | Self::Projects | Self::Embeddings
        )
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a row is known by in both databases. Within a table all keys are of one kind; they are
/// ordered as their parts are, texts byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKey {
    /// A user's or an API standard's handle, or the digest of a key.
    Name(String),
    /// The id of a definition, an instance, a project or an embedding.
    Id(i64),
    /// The id of what is shared, and the handle of who it is shared with.
    Share(i64, String),
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Id(id) => id.fmt(f),
            Self::Share(id, handle) => write!(f, "{id} with {handle}"),
        }
    }
}

/// A user. Key: the handle.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// The row id in the source, where it has one. It only proposes the id of a new row: it is no
    /// part of what is compared, because nobody outside a database knows it.
    pub id: Option<UserId>,
    /// Handle.
    pub handle: Handle,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address; no two users share one.
    pub email: String,
    /// Whether the keys are honoured.
    pub state: UserState,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A key of a user. Key: the digest.
#[derive(Clone, Debug)]
pub struct UserKeyRecord {
    /// Lower-case hex SHA-256 of the key.
    pub digest: String,
    /// Whose.
    pub user: Handle,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it stops working, in milliseconds since 1970 UTC; `None`: not by itself.
    pub expires_at: Option<i64>,
}

/// A key of an administrator. Key: the digest.
#[derive(Clone, Debug)]
pub struct AdminKeyRecord {
    /// Lower-case hex SHA-256 of the key.
    pub digest: String,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it stops working, in milliseconds since 1970 UTC; `None`: not by itself.
    pub expires_at: Option<i64>,
}

/// An API standard. Key: the handle.
#[derive(Clone, Debug)]
pub struct ApiStandardRecord {
    /// Handle.
    pub handle: Handle,
    /// Free text.
    pub description: String,
    /// How the provider wants its key.
    pub key_method: KeyMethod,
    /// The name of the header, field or parameter.
    pub key_field: String,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A definition. Key: the id.
#[derive(Clone, Debug)]
pub struct DefinitionRecord {
    /// Id.
    pub id: DefinitionId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Its settings. "Not set" is `None`, never an empty text or zero.
    pub settings: LlmSettings,
    /// Whether everybody may make instances from it.
    pub is_public: bool,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A share of a definition. Key: definition and user.
#[derive(Clone, Debug)]
pub struct DefinitionShareRecord {
    /// What is shared.
    pub definition: DefinitionId,
    /// With whom.
    pub user: Handle,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
}

/// An instance with its provider key, opened. Key: the id.
#[derive(Clone, Debug)]
pub struct InstanceRecord {
    /// Id.
    pub id: InstanceId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// The definition that it is made from.
    pub definition: Option<DefinitionId>,
    /// Its settings. "Not set" is `None`, never an empty text or zero.
    pub settings: LlmSettings,
    /// The provider's key, in clear.
    pub provider_key: Option<SecretString>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A share of an instance. Key: instance and user.
#[derive(Clone, Debug)]
pub struct InstanceShareRecord {
    /// What is shared.
    pub instance: InstanceId,
    /// With whom.
    pub user: Handle,
    /// As what.
    pub role: Role,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A project. Key: the id. Revisions do not travel: they count the changes of one database.
#[derive(Clone, Debug)]
pub struct ProjectRecord {
    /// Id.
    pub id: ProjectId,
    /// Owner and handle.
    pub path: ObjectPath,
    /// Free text.
    pub description: Option<String>,
    /// A JSON Schema, as text.
    pub metadata_scheme: Option<String>,
    /// Whether anybody may read.
    pub public_read: bool,
    /// The instance whose embeddings it holds.
    pub instance: Option<InstanceId>,
    /// What of it is sealed.
    pub policy: ContentPolicy,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A share of a project. Key: project and user.
#[derive(Clone, Debug)]
pub struct ProjectShareRecord {
    /// What is shared.
    pub project: ProjectId,
    /// With whom.
    pub user: Handle,
    /// As what.
    pub role: Role,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// An embedding. Key: the id. It belongs to its project, whoever owns that.
#[derive(Clone, Debug)]
pub struct EmbeddingRecord {
    /// Id.
    pub id: EmbeddingId,
    /// Its project.
    pub project: ProjectId,
    /// The instance that made it.
    pub instance: InstanceId,
    /// The client's name of the text; unique within project and instance.
    pub text_id: String,
    /// Components of the vector.
    pub vector_dim: u32,
    /// IEEE 754 binary16, little endian, `2 * vector_dim` bytes.
    pub vector_half: Vec<u8>,
    /// The text.
    pub text: Option<String>,
    /// A JSON object, as text. Two texts of one object count as the same.
    pub metadata: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A row of any table.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each variant is the row of the table of its name"
)]
pub enum Record {
    User(UserRecord),
    UserKey(UserKeyRecord),
    AdminKey(AdminKeyRecord),
    ApiStandard(ApiStandardRecord),
    Definition(DefinitionRecord),
    DefinitionShare(DefinitionShareRecord),
    Instance(InstanceRecord),
    InstanceShare(InstanceShareRecord),
    Project(ProjectRecord),
    ProjectShare(ProjectShareRecord),
    Embedding(EmbeddingRecord),
}

impl Record {
    /// The table that it is a row of.
    #[must_use]
    pub const fn table(&self) -> Table {
        match self {
            Self::User(_) => Table::Users,
            Self::UserKey(_) => Table::UserKeys,
            Self::AdminKey(_) => Table::AdminKeys,
            Self::ApiStandard(_) => Table::ApiStandards,
            Self::Definition(_) => Table::Definitions,
            Self::DefinitionShare(_) => Table::DefinitionShares,
            Self::Instance(_) => Table::Instances,
            Self::InstanceShare(_) => Table::InstanceShares,
            Self::Project(_) => Table::Projects,
            Self::ProjectShare(_) => Table::ProjectShares,
            Self::Embedding(_) => Table::Embeddings,
        }
    }

    /// What it is known by.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        let share = |id: i64, user: &Handle| RecordKey::Share(id, user.as_str().to_owned());
        match self {
            Self::User(row) => RecordKey::Name(row.handle.as_str().to_owned()),
            Self::UserKey(row) => RecordKey::Name(row.digest.clone()),
            Self::AdminKey(row) => RecordKey::Name(row.digest.clone()),
            Self::ApiStandard(row) => RecordKey::Name(row.handle.as_str().to_owned()),
            Self::Definition(row) => RecordKey::Id(row.id.0),
            Self::DefinitionShare(row) => share(row.definition.0, &row.user),
            Self::Instance(row) => RecordKey::Id(row.id.0),
            Self::InstanceShare(row) => share(row.instance.0, &row.user),
            Self::Project(row) => RecordKey::Id(row.id.0),
            Self::ProjectShare(row) => share(row.project.0, &row.user),
            Self::Embedding(row) => RecordKey::Id(row.id.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_part_by_part_and_texts_byte_by_byte() {
        let share = |id, handle: &str| RecordKey::Share(id, handle.to_owned());
        assert!(share(2, "zoe") < share(10, "ann"));
        assert!(share(2, "Zoe") < share(2, "ann"));
        assert!(RecordKey::Name("_x".to_owned()) < RecordKey::Name("a".to_owned()));
        assert!(RecordKey::Name("z".to_owned()) < RecordKey::Name("ä".to_owned()));
        assert!(RecordKey::Id(-1) < RecordKey::Id(2));
    }

    #[test]
    fn every_table_stands_behind_those_that_it_refers_to() {
        let place = |table| Table::ALL.iter().position(|each| *each == table);
        for (table, refers_to) in [
            (Table::UserKeys, Table::Users),
            (Table::Definitions, Table::Users),
            (Table::Definitions, Table::ApiStandards),
            (Table::Instances, Table::Definitions),
            (Table::Projects, Table::Instances),
            (Table::ProjectShares, Table::Projects),
            (Table::Embeddings, Table::Projects),
        ] {
            assert!(place(table) > place(refers_to), "{table} {refers_to}");
            assert!(refers_to.is_referred_to());
        }
    }
}
