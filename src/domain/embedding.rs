//! Embeddings: a text, its vector and its metadata, within a project.

use super::ids::{EmbeddingId, Handle, InstanceId, ProjectId};
use serde_json::{Map, Value};

/// The metadata of an embedding: a JSON object. Keys are kept sorted.
pub type Metadata = Map<String, Value>;

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

/// One stored embedding.
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
