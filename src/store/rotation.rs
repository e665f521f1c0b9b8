//! Verbs of rotating keys: servers that tell of themselves, leases, rewrapped data keys, and rows
//! whose values are sealed anew. Which key is made, opened and proven is decided elsewhere.

use super::{StoreResult, Witness};
use crate::domain::key::{KeyId, KeyScope, WrappedDataKey};
use crate::domain::rotation::{
    LeaseHolder, ProjectSealing, Rotation, RowChange, ServerProcess, StoredRow,
};
use crate::domain::user::KeyDigest;
use async_trait::async_trait;
use jiff::Timestamp;

/// A lease that somebody wants or has.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRequest<'a> {
    /// What it is for.
    pub name: &'a str,
    /// Who wants it: a name that no other process has.
    pub holder: &'a str,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
}

/// A data key that another master key seals from now on.
#[derive(Clone, Debug)]
pub struct Rewrap {
    /// What is stored now.
    pub old: WrappedDataKey,
    /// What is to be stored, with the id of its master key.
    pub new: WrappedDataKey,
}

/// What became of [`RotationStore::rewrap_data_keys`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewrapped {
    /// So many data keys were rewrapped; others had changed meanwhile.
    Done(u64),
    /// Nothing was done, since these servers could not open them.
    Blocked(Vec<ServerProcess>),
}

/// Values of one scope that are to change in one transaction.
pub struct Resealing<'a> {
    /// The scope.
    pub scope: KeyScope,
    /// The data key that sealed the new values, which must be the active one, and how many they
    /// are; nothing when they are plaintext.
    pub sealed: Option<(&'a KeyId, u64)>,
    /// The settings revision of the project that must still be in force, if that matters.
    pub settings_revision: Option<i64>,
    /// The rows.
    pub rows: &'a [RowChange],
    /// The rotation that this is a part of, and the row up to which it is done then.
    pub progress: Option<(i64, i64)>,
}

/// Servers and leases.
#[async_trait]
pub trait ProcessStore: Send + Sync {
    /// Notes that a server lives, whether it is new or known. A read-only database takes this too.
    async fn beat(&self, process: &ServerProcess) -> StoreResult<()>;

    /// Servers that told of themselves at this time or later, by host and process.
    async fn processes(&self, seen_since: Timestamp) -> StoreResult<Vec<ServerProcess>>;

    /// Forgets a server that stopped, and those not seen since this time.
    async fn forget_process(&self, id: &str, seen_before: Timestamp) -> StoreResult<()>;

    /// Takes or renews a lease. `None`: it is the asker's. Else somebody else has it.
    async fn take_lease(
        &self,
        lease: &LeaseRequest<'_>,
        now: Timestamp,
    ) -> StoreResult<Option<LeaseHolder>>;

    /// Takes a lease from a holder who is known to be gone. `false`: it is not theirs any more.
    async fn take_over_lease(&self, lease: &LeaseRequest<'_>, from: &str) -> StoreResult<bool>;

    /// Gives a lease back; one that another has is left.
    async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()>;
}

/// Rotations.
#[async_trait]
pub trait RotationStore: Send + Sync {
    /// Every project, in order of id; deleted ones too.
    async fn project_sealings(&self) -> StoreResult<Vec<ProjectSealing>>;

    /// How many data keys each master key seals.
    async fn master_key_uses(&self) -> StoreResult<Vec<(KeyId, u64)>>;

    /// How many values each data key seals. Reads every row.
    async fn data_key_uses(&self) -> StoreResult<Vec<(KeyId, u64)>>;

    /// Stores data keys rewrapped by a master key, unless a server seen at `live_since` or later
    /// cannot open them. One that is not stored as `old` any more is passed over.
    async fn rewrap_data_keys(
        &self,
        master: &KeyId,
        rewraps: &[Rewrap],
        live_since: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Rewrapped>;

    /// The rotation of a scope that is not finished.
    async fn open_rotation(&self, scope: KeyScope) -> StoreResult<Option<Rotation>>;

    /// Begins a rotation: stores the new data key, which is pending, and the rotation to it.
    /// The key of a deleted project is to be destroyed when those before it are.
    /// [`super::Conflict::InUse`] while another of the scope is not finished.
    async fn begin_rotation(&self, key: &WrappedDataKey, now: Timestamp) -> StoreResult<Rotation>;

    /// Lets a rotation begin anew, to another key, which became the active one meanwhile.
    async fn retarget_rotation(&self, rotation: i64, to_key: &KeyId) -> StoreResult<()>;

    /// Closes a rotation.
    async fn finish_rotation(&self, rotation: i64, now: Timestamp) -> StoreResult<()>;

    /// Rows of a scope with a number above `after`, in order, at most `limit`; of the system every
    /// instance, of a project every embedding, deleted or not.
    async fn stored_rows(
        &self,
        scope: KeyScope,
        after: i64,
        limit: u32,
    ) -> StoreResult<Vec<StoredRow>>;

    /// The highest number that a row of a scope has; 0 when there is none.
    async fn last_row(&self, scope: KeyScope) -> StoreResult<i64>;

    /// Changes stored values and nothing else: neither revisions nor times. A row that is not as
    /// it was is left. Returns how many rows were changed.
    /// [`super::Conflict::KeyChanged`] when the key is not the active one,
    /// [`super::Conflict::SettingsChanged`].
    async fn reseal(&self, change: &Resealing<'_>) -> StoreResult<u64>;

    /// Adds an administrator's key; the ones before end at `old_keys_end` at the latest.
    async fn replace_admin_key(
        &self,
        new_key: &KeyDigest,
        old_keys_end: Timestamp,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;
}
