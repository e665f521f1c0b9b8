//! Taking projects out of service, bringing them back, and destroying them for good.
//!
//! A deleted project keeps its rows, its shares and its instance. Its handle becomes one that no
//! client can name, so that the former one is free at once. An instance that only deleted projects
//! need is buried likewise: it belongs to the account of the system, without its provider key.

use super::{StoreResult, Witness};
use crate::domain::access::ObjectPath;
use crate::domain::deletion::{DeletedProject, DestroyedKey, DestroyedProject, RestoredProject};
use crate::domain::ids::{Handle, ProjectId};
use crate::domain::key::KeyId;
use crate::domain::limits::HANDLE_MAX_CHARS;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// Which project [`DeletionStore::destroy_project`] may destroy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doom {
    /// The project whatever its state, live ones included.
    Now,
    /// The project if it is deleted and its time is over.
    Due {
        /// How long a project without data keys is kept after its deletion.
        keep: SignedDuration,
    },
}

/// What became of the bytes of deleted rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// They are overwritten in the files of the database.
    Gone,
    /// A process that reads still needs an older state, so the write-ahead log holds them. Trying
    /// again can help.
    InTheLog,
    /// The server keeps them until it reuses the space, and in its write-ahead log.
    WithTheServer,
}

/// Projects out of service, and the destruction of their keys.
#[async_trait]
pub trait DeletionStore: Send + Sync {
    /// Takes a project out of service: from now on no other verb finds it, and its handle is free.
    /// Its data keys are to be destroyed after `destroy_after`. Returns its id.
    async fn delete_project(
        &self,
        path: &ObjectPath,
        now: Timestamp,
        destroy_after: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId>;

    /// Every deleted project, in order of owner and time of deletion. One without data keys can be
    /// brought back for `keep` after its deletion.
    async fn deleted_projects(&self, keep: SignedDuration) -> StoreResult<Vec<DeletedProject>>;

    /// Brings a deleted project back under this handle, with its shares, and the instances that
    /// were buried because of it: as its owner's, under their former handles or similar ones.
    /// [`super::Missing::ProjectId`] when no project of this id is deleted and can be brought
    /// back; [`super::Conflict::PathTaken`].
    async fn undelete_project(
        &self,
        id: ProjectId,
        handle: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<RestoredProject>;

    /// Destroys the data keys of a project and records that for good; a live project goes out of
    /// service in the same moment. Its rows are left to [`Self::remove_destroyed`]. `None`: its
    /// time is not over, or there is no such project any more.
    async fn destroy_project(
        &self,
        id: ProjectId,
        doom: Doom,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Option<DestroyedProject>>;

    /// Removes at most `limit` embeddings of a project whose keys are destroyed, and returns how
    /// many; 0 when none was left and the project itself was removed.
    async fn remove_destroyed(&self, id: ProjectId, limit: u32) -> StoreResult<u64>;

    /// Data keys of projects that are gone, whose time is over at `now`.
    async fn orphaned_keys(&self, now: Timestamp) -> StoreResult<Vec<KeyId>>;

    /// Destroys [`Self::orphaned_keys`] and records that for good. Returns which.
    async fn destroy_orphaned_keys(
        &self,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Vec<KeyId>>;

    /// Every data key that was destroyed, oldest first.
    async fn destroyed_keys(&self) -> StoreResult<Vec<DestroyedKey>>;

    /// How many data keys were destroyed: a process that sees the number grow forgets what it has
    /// open.
    async fn count_destroyed_keys(&self) -> StoreResult<u64>;

    /// Sees to it that the files of the database no longer hold what was deleted from it, as far
    /// as the engine can.
    async fn scrub_deleted(&self) -> StoreResult<Remains>;
}

/// The handle of a deleted project or of a buried instance. No client can name it, because it has
/// more characters than a handle.
#[must_use]
pub fn hidden_handle(id: i64) -> String {
    format!("~{id:0>HANDLE_MAX_CHARS$}")
}

/// Handles under which something of this id may come back, the best first. Each is a handle.
pub(super) fn similar_handles(former: &str, id: i64) -> impl Iterator<Item = String> {
    let with = move |suffix: String| {
        let room = HANDLE_MAX_CHARS.saturating_sub(suffix.chars().count());
        let start: String = former.chars().take(room).collect();
        start + &suffix
    };
    std::iter::once(former.to_owned())
        .chain(std::iter::once(with(format!("_{id}"))))
        .chain((2_u32..).map(move |number| with(format!("_{id}_{number}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nobody_can_name_what_is_hidden(id in 0..=i64::MAX) {
            let hidden = hidden_handle(id);
            prop_assert!(Handle::parse(&hidden).is_err(), "{hidden}");
            prop_assert_eq!(hidden.trim_start_matches(['~', '0']).parse().unwrap_or(0), id);
        }

        #[test]
        fn what_comes_back_has_a_handle(former in "[a-zäöü_]{3,20}", id in 1..10_000_000_i64) {
            let handles: Vec<String> = similar_handles(&former, id).take(12).collect();
            prop_assert_eq!(&handles[0], &former);
            for handle in &handles {
                prop_assert!(Handle::parse(handle).is_ok(), "{handle}");
            }
            let distinct: std::collections::HashSet<_> = handles.iter().skip(1).collect();
            prop_assert_eq!(distinct.len(), handles.len() - 1);
        }
    }
}
