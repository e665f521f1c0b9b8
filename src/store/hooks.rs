//! What a verb asks of its caller while its transaction is open: to make its event durable, and to
//! seal what only the transaction knows the place of.

use super::error::HookError;
use crate::crypto::content::ContentError;
use crate::domain::audit::{AuditMark, Change};
use crate::domain::embedding::{ContentColumn, ContentRow, NewEmbedding};
use crate::domain::ids::InstanceId;
use crate::domain::key::{KeyId, SealedField};
use async_trait::async_trait;
use std::sync::Arc;

/// Makes the event of a change durable inside its transaction, before the commit.
#[async_trait]
pub trait Witness: Send + Sync {
    /// Called once, after the changes and before the commit; an error rolls back.
    ///
    /// # Errors
    ///
    /// When the event is not durable.
    async fn record(&self, change: Change) -> Result<AuditMark, HookError>;

    /// Called when the commit failed after [`Self::record`] succeeded.
    async fn undone(&self, mark: AuditMark);

    /// The same witness, owned. From the record to the commit a store works in a task of its own,
    /// so that a caller who goes away in between leaves neither an open transaction nor an event
    /// whose fate nobody knows. [`Self::record`] and [`Self::undone`] are called on what this
    /// returns.
    fn detach(&self) -> Arc<dyn Witness>;
}

/// Seals a provider key for an instance whose id is known only inside the transaction.
pub trait InstanceSealer: Send + Sync {
    /// Returns what is to be stored.
    ///
    /// # Errors
    ///
    /// When no data key is at hand.
    fn seal(&self, id: InstanceId) -> Result<SealedField, HookError>;
}

/// What a [`InstanceStore::put_instance`] does with the stored provider key.
pub enum StoredKeyChange<'a> {
    /// Leaves it.
    Keep,
    /// Removes it.
    Remove,
    /// Replaces it.
    Set(&'a dyn InstanceSealer),
}

/// Opens what a batch of embeddings is merged with, and seals what it stores: a merge knows what it
/// writes only inside the transaction. Prepared for one project.
pub trait ContentSealer: Send + Sync {
    /// Opens a stored value; one in clear is returned as it is.
    ///
    /// # Errors
    ///
    /// Any [`ContentError`].
    fn open(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        stored: &str,
    ) -> Result<String, ContentError>;

    /// Seals a value. `None`: the project wants it in clear, and it is stored as it is.
    ///
    /// # Errors
    ///
    /// When it must be sealed and cannot be.
    fn seal(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        value: &str,
    ) -> Result<Option<String>, HookError>;

    /// The data key that [`Self::seal`] uses. The transaction counts what it sealed, and is refused
    /// with [`super::Conflict::KeyChanged`] when the key is not the active one of its scope, or has
    /// sealed enough.
    fn key_id(&self) -> Option<&KeyId>;
}

/// Rows to upload, and what seals them.
#[derive(Clone, Copy)]
pub struct UploadBatch<'a> {
    /// The rows.
    pub rows: &'a [NewEmbedding],
    /// Prepared for the project that they go to.
    pub content: &'a dyn ContentSealer,
}
