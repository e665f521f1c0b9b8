//! Embeddings and similars.

use super::{handle, nested, unless_empty, wire};
use crate::domain::embedding::{Embedding as DomainEmbedding, Metadata};
use crate::http::schema::{array, double, float, integer, long, map, text};
use half::f16;
use serde::{Deserialize, Serialize};

/// One embedding as a client sends it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EmbeddingsInput {
    /// The client's name of the text, taken as it is.
    pub text_id: String,
    /// Handle of a user; the project in the path decides.
    pub user_handle: String,
    /// Handle of a project; the project in the path decides.
    pub project_handle: String,
    /// Handle of the instance that made it; must be the project's.
    pub instance_handle: String,
    /// The text.
    pub text: Option<String>,
    /// The vector, every component finite.
    pub vector: Vec<f32>,
    /// How many components the client says that the vector has.
    pub vector_dim: i32,
    /// Metadata.
    pub metadata: Option<Metadata>,
}

wire!(EmbeddingsInput, "EmbeddingsInput", |object| object
    .required("text_id", text())
    .required("user_handle", handle())
    .required("project_handle", handle())
    .optional("project_id", long().about("Accepted and not used."))
    .optional("instance_owner", text().about("Accepted and not used."))
    .required("instance_handle", text())
    .optional("text", text())
    .required("vector", array(float()))
    .required("vector_dim", integer())
    .optional("metadata", map()));

/// A batch of embeddings; read by `http::upload`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UploadInput {
    /// The items.
    pub embeddings: Vec<EmbeddingsInput>,
}

wire!(UploadInput, "UploadProjEmbeddingsInputBody", |object| {
    object.required("embeddings", array(nested::<EmbeddingsInput>()))
});

/// The answer to an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadResponse {
    /// Text ids, in the order of the upload.
    pub ids: Vec<String>,
}

wire!(
    UploadResponse,
    "UploadProjEmbeddingsResponseBody",
    |object| object.required("ids", array(text()))
);

/// One embedding as a client gets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Embeddings {
    /// The client's name of the text.
    pub text_id: String,
    /// Handle of the owner of the project.
    pub user_handle: String,
    /// Handle of the project.
    pub project_handle: String,
    /// Id of the project.
    pub project_id: i64,
    /// Handle of the instance that made it.
    pub instance_handle: String,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The vector, as it was rounded to half precision.
    pub vector: Vec<f32>,
    /// Components of the vector.
    pub vector_dim: u32,
    /// Metadata, keys sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

wire!(Embeddings, "Embeddings", |object| object
    .required("text_id", text())
    .required("user_handle", text())
    .required("project_handle", text())
    .optional("project_id", long())
    .required("instance_handle", text())
    .optional("text", text())
    .required("vector", array(float()))
    .required("vector_dim", integer())
    .optional("metadata", map()));

impl From<DomainEmbedding> for Embeddings {
    fn from(embedding: DomainEmbedding) -> Self {
        Self {
            text_id: embedding.text_id,
            user_handle: embedding.owner.as_str().to_owned(),
            project_handle: embedding.project_handle.as_str().to_owned(),
            project_id: embedding.project_id.0,
            instance_handle: embedding.instance_handle.as_str().to_owned(),
            text: unless_empty(&embedding.text),
            vector: decode_half(&embedding.vector_half),
            vector_dim: embedding.vector_dim,
            metadata: embedding.metadata.filter(|metadata| !metadata.is_empty()),
        }
    }
}

/// Little-endian binary16 to binary32, which holds every one of them exactly.
fn decode_half(bytes: &[u8]) -> Vec<f32> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| f16::from_le_bytes(*pair).to_f32())
        .collect()
}

/// A list of embeddings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EmbeddingList {
    /// The rows.
    pub embeddings: Vec<Embeddings>,
}

wire!(EmbeddingList, "GetProjEmbeddingsResponseBody", |object| {
    object.required("embeddings", array(nested::<Embeddings>()))
});

/// A vector to find similars of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SimilarInput {
    /// The vector, every component finite.
    pub vector: Vec<f32>,
}

wire!(SimilarInput, "SimilarInputBody", |object| object
    .required("vector", array(float())));

/// One similar text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimilarItem {
    /// Its text id.
    pub id: String,
    /// Cosine similarity, -1 to 1.
    pub similarity: f64,
}

wire!(SimilarItem, "SimilarResultItem", |object| object
    .required("id", text())
    .required(
        "similarity",
        double().about("Cosine similarity; 1 for equal vectors.")
    ));

/// Similar texts, best first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimilarResponse {
    /// Handle of the owner of the project.
    pub user_handle: String,
    /// Handle of the project.
    pub project_handle: String,
    /// The similars.
    pub results: Vec<SimilarItem>,
}

wire!(SimilarResponse, "SimilarResponseBody", |object| object
    .required("user_handle", text())
    .required("project_handle", text())
    .required("results", array(nested::<SimilarItem>())));
