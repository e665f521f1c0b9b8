//! Embeddings: a text, its vector and its metadata, within a project.

use super::ids::{EmbeddingId, Handle, InstanceId, ProjectId};
use serde_json::{Map, Value};

/// The metadata of an embedding: a JSON object. Keys are kept sorted.
pub type Metadata = Map<String, Value>;

/// A column of an embedding that may be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentColumn {
    /// The text.
    Text,
    /// The metadata, as the text of a JSON object.
    Metadata,
}

impl ContentColumn {
    /// The name of the column, in the database and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Metadata => "metadata",
        }
    }
}

/// What a sealed column of an embedding is bound to: it never changes, and is known before the
/// row is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRow<'a> {
    /// Project.
    pub project: ProjectId,
    /// The instance that made the vector.
    pub instance: InstanceId,
    /// The client's name of the text.
    pub text_id: &'a str,
}

/// One row to insert or to replace, already checked against its project.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEmbedding {
    /// The client's name of the text, as sent.
    pub text_id: String,
    /// The text; `None` or empty keeps a stored one.
    pub text: Option<String>,
    /// IEEE 754 binary16, little endian, `2 * vector_dim` bytes.
    pub vector_half: Vec<u8>,
    /// Components of the vector.
    pub vector_dim: u32,
    /// `None` keeps the stored metadata; keys given are added or replaced, `null` removes one.
    pub metadata: Option<Metadata>,
}

/// One embedding as it is stored: what is sealed of it is still sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEmbedding {
    /// The client's name of the text.
    pub text_id: String,
    /// The owner of its project.
    pub owner: Handle,
    /// Its project.
    pub project_handle: Handle,
    /// Its project's id.
    pub project_id: ProjectId,
    /// The instance that made it.
    pub instance_handle: Handle,
    /// That instance's id.
    pub instance_id: InstanceId,
    /// The text, sealed or in clear.
    pub text: Option<String>,
    /// IEEE 754 binary16, little endian.
    pub vector_half: Vec<u8>,
    /// Components of the vector.
    pub vector_dim: u32,
    /// The metadata, sealed or the text of a JSON object.
    pub metadata: Option<String>,
}

impl StoredEmbedding {
    /// What its sealed columns are bound to.
    #[must_use]
    pub fn content_row(&self) -> ContentRow<'_> {
        ContentRow {
            project: self.project_id,
            instance: self.instance_id,
            text_id: &self.text_id,
        }
    }
}

/// The metadata of one row as they are stored, with what they are bound to beside the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMetadata {
    /// Row id.
    pub id: EmbeddingId,
    /// The instance that made the row.
    pub instance_id: InstanceId,
    /// The client's name of the text.
    pub text_id: String,
    /// The metadata, sealed or the text of a JSON object.
    pub metadata: Option<String>,
}

/// One embedding, opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// The client's name of the text.
    pub text_id: String,
    /// The owner of its project.
    pub owner: Handle,
    /// Its project.
    pub project_handle: Handle,
    /// Its project's id.
    pub project_id: ProjectId,
    /// The instance that made it.
    pub instance_handle: Handle,
    /// The text.
    pub text: Option<String>,
    /// IEEE 754 binary16, little endian.
    pub vector_half: Vec<u8>,
    /// Components of the vector.
    pub vector_dim: u32,
    /// Metadata.
    pub metadata: Option<Metadata>,
}

/// What a batch was prepared against. The write is refused when it no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadTarget {
    /// Project.
    pub project_id: ProjectId,
    /// Instance of the project.
    pub instance_id: InstanceId,
    /// Settings under which the batch was checked.
    pub settings_revision: i64,
    /// Whether every row must have metadata, its own or stored before.
    pub metadata_required: bool,
}

/// One vector as a search reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorRow {
    /// Row id.
    pub id: EmbeddingId,
    /// The client's name of the text.
    pub text_id: String,
    /// Components of the vector.
    pub vector_dim: u32,
    /// IEEE 754 binary16, little endian.
    pub vector_half: Vec<u8>,
    /// The data revision of the project when the row was written.
    pub data_revision: i64,
}
