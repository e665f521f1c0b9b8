//! What a move opens with at its source, and what it opens and seals with at its destination.
//!
//! Where the keys come from is known to the deployment alone.

use crate::crypto::content;
use crate::crypto::provider_key;
use crate::crypto::secret::DataKey;
use crate::domain::embedding::{ContentColumn, ContentRow};
use crate::domain::ids::InstanceId;
use crate::domain::key::{KeyId, KeyScope, KeyState, SealedField, WrappedDataKey};
use crate::domain::project::ContentPolicy;
use crate::domain::record::EmbeddingRecord;
use crate::store::driver::{Malformed, UnknownDataKey};
use crate::store::{HookError, StoreError, StoreResult, Unreadable};
use crate::sys::rng::Rng;
use secrecy::SecretString;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The data keys of a database, opened.
#[derive(Default)]
pub struct OpenKeys(HashMap<KeyId, DataKey>);

impl OpenKeys {
    /// These keys.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = DataKey>) -> Self {
        let keys = keys.into_iter();
        Self(keys.map(|key| (key.id().clone(), key)).collect())
    }

    /// The key of this id.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&DataKey> {
        self.0.get(id)
    }

    /// Opens text and metadata of a row as it is stored.
    pub(in crate::store) fn open_content(&self, row: &mut EmbeddingRecord) -> StoreResult<()> {
        let columns = [ContentColumn::Text, ContentColumn::Metadata];
        let opened = columns.map(|column| {
            let place = content_row(row);
            let stored = match column {
                ContentColumn::Text => row.text.as_deref(),
                ContentColumn::Metadata => row.metadata.as_deref(),
            };
            let stored = stored.filter(|stored| content::is_sealed(stored));
            let opened =
                stored.map(|stored| content::open(stored, place, column, |id| self.get(id)));
            opened.transpose().map_err(|source| Unreadable {
                text_id: row.text_id.clone(),
                column,
                source,
            })
        });
        let [text, metadata] = opened;
        let (text, metadata) = (text?.map(Cow::into_owned), metadata?.map(Cow::into_owned));
        row.text = text.or_else(|| row.text.take());
        row.metadata = metadata.or_else(|| row.metadata.take());
        Ok(())
    }
}

/// Makes data keys for a destination that lacks them.
pub trait KeyMaker: Send + Sync {
    /// A new active data key of this scope, and how it is stored, which was proven to open.
    ///
    /// # Errors
    ///
    /// When there is no randomness, or what was made does not open.
    fn make(&self, scope: KeyScope) -> Result<(DataKey, WrappedDataKey), HookError>;
}

/// What a destination opens and seals with.
pub struct Sealing {
    keys: OpenKeys,
    active: HashMap<KeyScope, KeyId>,
    fresh: Vec<WrappedDataKey>,
    maker: Arc<dyn KeyMaker>,
    rng: Arc<dyn Rng>,
}

/// The content of an embedding as it is to be stored.
pub(in crate::store) struct SealedRow<'r> {
    /// The text.
    pub(in crate::store) text: Option<Cow<'r, str>>,
    /// The metadata.
    pub(in crate::store) metadata: Option<Cow<'r, str>>,
}

/// How many values each key has sealed.
pub(in crate::store) type Messages = BTreeMap<KeyId, u64>;

impl Sealing {
    /// Opens with all of the keys of the destination, and seals with the active one of each scope.
    /// A scope that has none gets one when it is first needed.
    #[must_use]
    pub fn new(
        keys: Vec<(WrappedDataKey, DataKey)>,
        maker: Arc<dyn KeyMaker>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let active = keys
            .iter()
            .filter(|(stored, _)| stored.state == KeyState::Active)
            .map(|(stored, _)| (stored.scope, stored.id.clone()))
            .collect();
        Self {
            keys: OpenKeys::new(keys.into_iter().map(|(_, key)| key)),
            active,
            fresh: Vec::new(),
            maker,
            rng,
        }
    }

    /// Keys to store in the transaction that stores what they sealed.
    pub(in crate::store) fn fresh(&self) -> &[WrappedDataKey] {
        &self.fresh
    }

    pub(in crate::store) const fn keys(&self) -> &OpenKeys {
        &self.keys
    }

    /// The fresh keys are committed now.
    pub(in crate::store) fn stored(&mut self) {
        self.fresh.clear();
    }

    /// Makes a key for a scope that has none.
    pub(in crate::store) fn provide(&mut self, scope: KeyScope) -> StoreResult<()> {
        if !self.active.contains_key(&scope) {
            let (key, wrapped) = self.maker.make(scope).map_err(StoreError::Seal)?;
            self.active.insert(scope, key.id().clone());
            self.keys.0.insert(key.id().clone(), key);
            self.fresh.push(wrapped);
        }
        Ok(())
    }

    fn active(&self, scope: KeyScope) -> StoreResult<&DataKey> {
        let id = self.active.get(&scope).ok_or(UnknownDataKey)?;
        Ok(self.keys.get(id).ok_or(UnknownDataKey)?)
    }

    /// Seals the provider key of an instance.
    pub(in crate::store) fn seal(
        &self,
        provider_key: &SecretString,
        instance: InstanceId,
    ) -> StoreResult<SealedField> {
        let key = self.active(KeyScope::System)?;
        provider_key::seal(provider_key, instance, key, self.rng.as_ref())
            .map_err(|error| StoreError::Seal(HookError(Box::new(error))))
    }

    /// Seals the content of embeddings as their projects want it, in the order of the rows.
    pub(in crate::store) fn seal_content<'r>(
        &mut self,
        rows: &[&'r EmbeddingRecord],
        policies: &HashMap<i64, ContentPolicy>,
    ) -> StoreResult<(Vec<SealedRow<'r>>, Messages)> {
        let mut messages = Messages::new();
        let mut sealed = Vec::with_capacity(rows.len());
        for row in rows {
            let policy = policies.get(&row.project.0);
            let policy = policy.ok_or(Malformed("project of an embedding"))?;
            let text = row.text.as_deref();
            let metadata = row.metadata.as_deref();
            let (seals_text, seals_metadata) = (policy.encrypt_text, policy.encrypt_metadata);
            let mut seal = |value: Option<&'r str>, column, wanted: bool| match value {
                Some(value) => self
                    .sealed(value, row, column, wanted, &mut messages)
                    .map(Some),
                None => Ok(None),
            };
            sealed.push(SealedRow {
                text: seal(text, ContentColumn::Text, seals_text)?,
                metadata: seal(metadata, ContentColumn::Metadata, seals_metadata)?,
            });
        }
        Ok((sealed, messages))
    }

    fn sealed<'r>(
        &mut self,
        value: &'r str,
        row: &EmbeddingRecord,
        column: ContentColumn,
        wanted: bool,
        messages: &mut Messages,
    ) -> StoreResult<Cow<'r, str>> {
        if value.is_empty() || !(wanted || content::must_be_sealed(value)) {
            return Ok(Cow::Borrowed(value));
        }
        let scope = KeyScope::Project(row.project);
        self.provide(scope)?;
        let key = self.active(scope)?;
        let sealed = content::seal(value, content_row(row), column, key, self.rng.as_ref())
            .map_err(|error| StoreError::Seal(HookError(Box::new(error))))?;
        match messages.get_mut(key.id()) {
            Some(count) => *count += 1,
            None => drop(messages.insert(key.id().clone(), 1)),
        }
        Ok(Cow::Owned(sealed))
    }
}

fn content_row(row: &EmbeddingRecord) -> ContentRow<'_> {
    ContentRow {
        project: row.project,
        instance: row.instance,
        text_id: &row.text_id,
    }
}
