//! What became of data keys that are not at hand: whether they were destroyed, and when.

use super::App;
use super::error::AppResult;
use super::rotation::{ValueError, ValueFault};
use crate::crypto::field::FieldOpenError;
use crate::domain::deletion::DestroyedKey;
use crate::domain::key::KeyId;
use crate::store::{Store, StoreResult};

impl App {
    /// What is remembered of a data key that was destroyed; `None`: no such key was.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn destroyed_key(&self, id: &KeyId) -> AppResult<Option<DestroyedKey>> {
        let destroyed = self.store.destroyed_keys().await?;
        Ok(destroyed.into_iter().find(|key| key.id == *id))
    }
}

/// Says of values whose key is not at hand that it was destroyed, where it was.
pub(super) async fn tell(store: &dyn Store, faults: &mut [ValueFault]) -> StoreResult<()> {
    if !faults.iter().any(|fault| unknown(&fault.error).is_some()) {
        return Ok(());
    }
    let destroyed = store.destroyed_keys().await?;
    for fault in faults {
        let found = unknown(&fault.error).and_then(|id| destroyed.iter().find(|key| key.id == *id));
        if let Some(key) = found {
            fault.error = ValueError::Destroyed {
                id: key.id.clone(),
                at: key.destroyed_at,
            };
        }
    }
    Ok(())
}

const fn unknown(error: &ValueError) -> Option<&KeyId> {
    match error {
        ValueError::Open(FieldOpenError::UnknownKey { id }) => Some(id),
        _ => None,
    }
}
