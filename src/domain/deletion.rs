//! Projects that are out of service, and keys that are gone for good.

use super::access::ObjectPath;
use super::ids::{Handle, ProjectId};
use super::key::{KeyId, KeyScope};
use jiff::Timestamp;

/// A project that was deleted and whose rows are still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedProject {
    /// Id.
    pub id: ProjectId,
    /// Whose it is.
    pub owner: Handle,
    /// The handle that it had. `None` once its keys are destroyed: nothing brings it back then, and
    /// its rows are being removed.
    pub former_handle: Option<Handle>,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Until when it can be brought back: afterwards its keys and rows may be destroyed.
    pub destroy_after: Timestamp,
    /// How many embeddings it holds.
    pub number_of_embeddings: u64,
    /// How many data keys of it are left.
    pub number_of_keys: u64,
}

impl DeletedProject {
    /// Its path until it was deleted; `None` once its keys are destroyed.
    #[must_use]
    pub fn former_path(&self) -> Option<ObjectPath> {
        let handle = self.former_handle.clone()?;
        Some(ObjectPath {
            owner: self.owner.clone(),
            handle,
        })
    }

    /// Whether its keys and rows are to be destroyed at `now`.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.former_handle.is_none() || self.destroy_after <= now
    }
}

/// A project that was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredProject {
    /// Id.
    pub id: ProjectId,
    /// Its path now.
    pub path: ObjectPath,
    /// Instances that were brought back with it, under their paths now. They have no provider key.
    pub instances: Vec<ObjectPath>,
}

/// A project whose keys were destroyed just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestroyedProject {
    /// The ids of its data keys; none, when nothing of it was ever sealed.
    pub key_ids: Vec<KeyId>,
    /// How many embeddings are left to be removed.
    pub number_of_embeddings: u64,
}

/// A data key that is gone for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestroyedKey {
    /// Id.
    pub id: KeyId,
    /// What it sealed.
    pub scope: KeyScope,
    /// Owner and handle of the project, as long as they were known.
    pub project: Option<ObjectPath>,
    /// When.
    pub destroyed_at: Timestamp,
}
