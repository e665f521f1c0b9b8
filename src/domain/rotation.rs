//! What rotating keys must remember and know: servers that run, rotations that are under way, and
//! stored values as they are, sealed or not. No key and no plaintext of one here.

use super::ids::{InstanceId, ProjectId};
use super::key::{KeyId, KeyScope};
use jiff::Timestamp;

/// A server of a database, as it tells of itself every few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerProcess {
    /// Its own, made at its start.
    pub id: String,
    /// The machine.
    pub host: String,
    /// The process on that machine.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last told of itself.
    pub seen_at: Timestamp,
    /// The generation of the keyring that it uses.
    pub keyring_generation: u64,
    /// The master keys that it can open with; the first is the one that it seals new data keys
    /// with.
    pub master_ids: Vec<KeyId>,
}

impl ServerProcess {
    /// Whether it can use data keys that this master key sealed.
    #[must_use]
    pub fn can_open(&self, master: &KeyId) -> bool {
        self.master_ids.contains(master)
    }

    /// Whether this is the master key that it seals new data keys with.
    #[must_use]
    pub fn seals_with(&self, master: &KeyId) -> bool {
        self.master_ids.first() == Some(master)
    }
}

/// Who holds a lease, and until when unless it is renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The holder's own name, as it gave it.
    pub holder: String,
    /// When the lease is free again.
    pub expires_at: Timestamp,
}

/// A rotation of the data key of one scope that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its number.
    pub id: i64,
    /// Whose data key.
    pub scope: KeyScope,
    /// The key that everything is sealed under afterwards.
    pub to_key: KeyId,
    /// Rows up to this one are done.
    pub after_row: i64,
    /// When it began.
    pub started_at: Timestamp,
}

/// Columns that hold sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SealedColumn {
    /// `instances.api_key`.
    ApiKey,
    /// `embeddings.text`.
    Text,
    /// `embeddings.metadata`.
    Metadata,
}

impl SealedColumn {
    /// Every such column.
    pub const ALL: [Self; 3] = [Self::ApiKey, Self::Text, Self::Metadata];

    /// The table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::ApiKey => "instances",
            Self::Text | Self::Metadata => "embeddings",
        }
    }

    /// The column.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Text => "text",
            Self::Metadata => "metadata",
        }
    }
}

/// The place of a row that holds values of a scope: what sealed values are bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPlace {
    /// An instance, with its provider key.
    Instance(InstanceId),
    /// An embedding, with its text and metadata.
    Embedding {
        /// The project.
        project: ProjectId,
        /// The instance.
        instance: InstanceId,
        /// The id that its client gave it.
        text_id: String,
    },
}

/// A row of a scope with its values as they are stored; what is NULL is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// The number that rows are read in the order of.
    pub row_id: i64,
    /// What its values are bound to.
    pub place: RowPlace,
    /// The values.
    pub values: Vec<(SealedColumn, String)>,
}

/// A value that is to become another one, if it is still what it was.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The column.
    pub column: SealedColumn,
    /// What was stored.
    pub old: String,
    /// What is to be stored.
    pub new: String,
}

/// The values of one row that are to change, all of them or none.
#[derive(Clone, PartialEq, Eq)]
pub struct RowChange {
    /// The row.
    pub row_id: i64,
    /// Its values.
    pub values: Vec<ValueChange>,
}

impl RowChange {
    /// The old and the new value of a column, if it changes.
    #[must_use]
    pub fn of(&self, column: SealedColumn) -> Option<(&str, &str)> {
        self.values
            .iter()
            .find(|value| value.column == column)
            .map(|value| (value.old.as_str(), value.new.as_str()))
    }
}

/// A project as those see it who seal, open and rotate what it holds; deleted ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSealing {
    /// The project.
    pub project: ProjectId,
    /// `OWNER/HANDLE`, of a deleted one as it was before.
    pub name: String,
    /// Whether texts are sealed.
    pub text: bool,
    /// Whether metadata are sealed.
    pub metadata: bool,
    /// Grows with every change of its settings.
    pub settings_revision: i64,
    /// Whether it is out of service.
    pub is_deleted: bool,
    /// How many embeddings it has.
    pub embeddings: u64,
}
