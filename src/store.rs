//! What is kept, as verbs of the domain, whatever the database.
//!
//! Each verb is one transaction. SQL lives in the engines below this module and nowhere else; no
//! rule about who may do what lives here beyond the [`Scope`] that the queries carry. Every
//! engine passes the one behavioural suite of `store::contract`.
//!
//! `store/verbs` has the verbs whose SQL is the same on both engines. Each engine compiles these
//! files as modules of its own, with its own types in its `engine` module.

#![expect(
    clippy::duplicate_mod,
    reason = "a file of store/verbs is compiled once for each engine"
)]

mod batch;
mod bound;
mod change;
#[cfg(test)]
mod contract;
mod deletion;
pub mod drills;
mod driver;
mod error;
mod hooks;
pub mod postgres;
mod projects;
pub mod rotation;
pub mod sqlite;
#[cfg(test)]
#[path = "../tests/support/postgres.rs"]
pub(crate) mod testing;
pub mod transfer;

pub(crate) use deletion::hidden_handle;
pub use deletion::{DeletionStore, Doom, Remains};
pub use driver::{connect_options, is_damage};
pub use error::{Conflict, HookError, Missing, StoreError, StoreResult, Unreadable};
pub use hooks::{ContentSealer, InstanceSealer, StoredKeyChange, UploadBatch, Witness};
pub use postgres::schema::scripts as schema_scripts;
pub use projects::ProjectStore;

use crate::domain::access::{ObjectPath, Role, Scope, Share};
use crate::domain::audit::CommittedEvents;
use crate::domain::embedding::{StoredEmbedding, StoredMetadata, UploadTarget, VectorRow};
use crate::domain::ids::{EmbeddingId, Handle, InstanceId, ProjectId, UserId};
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, WrappedDataKey};
use crate::domain::llm::{
    ApiStandard, Definition, DefinitionSpec, Instance, InstanceBrief, InstanceSpec,
};
use crate::domain::page::Page;
use crate::domain::user::{KeyDigest, KeyOwner, User, UserSpec, UserState, UserSummary};
use async_trait::async_trait;
use drills::DrillStore;
use jiff::Timestamp;
use rotation::{ProcessStore, RotationStore};

/// A step from one version of a schema to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaStep {
    /// The version after it.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
}

/// Whether a put made something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It did.
    Created,
    /// It replaced what was there.
    Updated,
}

/// Whether [`UserStore::put_user`] may change an existing user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// An existing user is a [`Conflict::UserExists`].
    CreateOnly,
    /// An existing user is updated and keeps their keys.
    CreateOrUpdate,
}

/// Users and API keys.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Whose key has this digest and is good at `now`; disabled users are returned as such.
    async fn key_owner(&self, digest: &KeyDigest, now: Timestamp) -> StoreResult<Option<KeyOwner>>;

    /// How many administrator keys are good at `now`.
    async fn count_admin_keys(&self, now: Timestamp) -> StoreResult<u64>;

    /// Adds an administrator key.
    async fn add_admin_key(&self, digest: &KeyDigest, now: Timestamp) -> StoreResult<()>;

    /// Users in list order.
    async fn list_users(&self, page: Page) -> StoreResult<Vec<UserSummary>>;

    /// One user with keys good at `now`, projects and instances.
    async fn user(&self, handle: &Handle, now: Timestamp) -> StoreResult<Option<User>>;

    /// Creates a user with this key, or changes name and e-mail address and leaves the keys.
    async fn put_user(
        &self,
        spec: &UserSpec,
        new_key: &KeyDigest,
        mode: PutMode,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Put>;

    /// Adds a new key; the ones before end at `old_keys_end` (`now` for at once).
    async fn replace_user_key(
        &self,
        handle: &Handle,
        new_key: &KeyDigest,
        old_keys_end: Timestamp,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Disables or enables. `false`: was so already, nothing is recorded.
    async fn set_user_state(
        &self,
        handle: &Handle,
        state: UserState,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<bool>;

    /// Deletes a user with everything they own; the data keys of their projects are to be
    /// destroyed after `destroy_after`. [`Conflict::InUse`] names other people's projects that use
    /// one of the user's instances. An instance that only deleted projects use is buried.
    async fn delete_user(
        &self,
        handle: &Handle,
        now: Timestamp,
        destroy_after: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;
}

/// API standards.
#[async_trait]
pub trait ApiStandardStore: Send + Sync {
    /// Standards in list order.
    async fn list_api_standards(&self, page: Page) -> StoreResult<Vec<ApiStandard>>;

    /// One standard.
    async fn api_standard(&self, handle: &Handle) -> StoreResult<Option<ApiStandard>>;

    /// Creates or replaces.
    async fn put_api_standard(
        &self,
        standard: &ApiStandard,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Put>;

    /// Deletes; [`Conflict::InUse`] while a definition or instance names it.
    async fn delete_api_standard(&self, handle: &Handle, witness: &dyn Witness) -> StoreResult<()>;
}

/// Definitions.
#[async_trait]
pub trait DefinitionStore: Send + Sync {
    /// What `owner` owns, what is shared with them, and every definition of `_system`, in order
    /// of owner and handle.
    async fn list_definitions(&self, owner: &Handle, page: Page) -> StoreResult<Vec<Definition>>;

    /// One definition, within the scope: owned by or shared with the user; public ones too.
    async fn definition(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Definition>>;

    /// The user's role on a definition: owner, or reader when it is shared with them.
    async fn definition_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>>;

    /// Creates or replaces. [`Missing::User`] without the owner,
    /// [`Conflict::UnknownApiStandard`].
    async fn put_definition(
        &self,
        spec: &DefinitionSpec,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Definition>;

    /// Deletes; instances made from it stay and lose the link.
    async fn delete_definition(&self, path: &ObjectPath, witness: &dyn Witness) -> StoreResult<()>;

    /// Shares with a user; again is no error. Returns everyone it is shared with.
    async fn share_definition(
        &self,
        path: &ObjectPath,
        with: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Vec<Handle>>;

    /// Takes a share back. `false`: it was not shared, nothing is recorded.
    async fn unshare_definition(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<bool>;

    /// Everyone it is shared with, in list order.
    async fn definition_shares(&self, path: &ObjectPath, page: Page) -> StoreResult<Vec<Handle>>;
}

/// Instances and their sealed provider keys.
#[async_trait]
pub trait InstanceStore: Send + Sync {
    /// What `owner` owns and what is shared with them, in order of owner and handle.
    async fn list_instances(&self, owner: &Handle, page: Page) -> StoreResult<Vec<InstanceBrief>>;

    /// One instance, within the scope.
    async fn instance(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Instance>>;

    /// The user's role on an instance.
    async fn instance_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>>;

    /// Creates or replaces. [`Missing::User`] without the owner, [`Missing::Definition`] without
    /// the definition, [`Conflict::UnknownApiStandard`].
    async fn put_instance(
        &self,
        spec: &InstanceSpec,
        key: StoredKeyChange<'_>,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<InstanceId>;

    /// The sealed provider key, for those who may open it (rotation, tests, export).
    async fn sealed_provider_key(&self, id: InstanceId) -> StoreResult<Option<String>>;

    /// Deletes; [`Conflict::InUse`] while a project or an embedding uses it. One that only deleted
    /// projects use is buried.
    async fn delete_instance(
        &self,
        path: &ObjectPath,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Shares with a user, or changes the role.
    async fn share_instance(
        &self,
        path: &ObjectPath,
        share: &Share,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Takes a share back; [`Missing::Share`] when it was not shared.
    async fn unshare_instance(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Everyone it is shared with, in list order.
    async fn instance_shares(&self, path: &ObjectPath, page: Page) -> StoreResult<Vec<Share>>;
}

/// Embeddings.
#[async_trait]
pub trait EmbeddingStore: Send + Sync {
    /// Inserts or replaces a whole batch, or nothing. Text ids in a batch may repeat; the later
    /// one wins. What is written is sealed as the batch says; what is kept stays as it is.
    /// [`Conflict::SettingsChanged`], [`Conflict::KeyChanged`], [`Conflict::MetadataRequired`],
    /// [`StoreError::Unreadable`], [`Missing::Project`] when the scope no longer allows it.
    async fn upload_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        target: UploadTarget,
        batch: UploadBatch<'_>,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Embeddings of a project within the scope, by text id in byte order.
    async fn list_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        page: Page,
    ) -> StoreResult<Vec<StoredEmbedding>>;

    /// The first of these text ids that the project holds, within the scope; the row of the
    /// project's present instance before others.
    async fn embedding(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<StoredEmbedding>>;

    /// The same row as [`Self::embedding`], as a search reads it.
    async fn embedding_vector(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
    ) -> StoreResult<Option<VectorRow>>;

    /// Deletes the first of these text ids that the project holds (all its rows of that id).
    /// [`Missing::Project`], [`Missing::Embedding`].
    async fn delete_embedding(
        &self,
        path: &ObjectPath,
        scope: Scope,
        text_ids: &[String],
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Deletes all embeddings of a project; returns how many. [`Missing::Project`].
    async fn delete_embeddings(
        &self,
        path: &ObjectPath,
        scope: Scope,
        witness: &dyn Witness,
    ) -> StoreResult<u64>;

    /// Vectors of a project with a row id above `after`, in order of row id, at most `limit`.
    async fn scan_vectors(
        &self,
        project: ProjectId,
        after: EmbeddingId,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>>;

    /// Vectors of a project written after a data revision, in order of row id, at most `limit`.
    async fn vectors_since(
        &self,
        project: ProjectId,
        revision: i64,
        limit: u32,
    ) -> StoreResult<Vec<VectorRow>>;

    /// Rows whose vectors are near this one, found by an index of the engine: at most `limit`, in
    /// no promised order, and perhaps not the nearest of all. `None` when there is no index for
    /// this number of components; then only looking at every row helps.
    async fn nearest_by_index(
        &self,
        project: ProjectId,
        vector_dim: u32,
        vector_half: &[u8],
        limit: u32,
    ) -> StoreResult<Option<Vec<VectorRow>>>;

    /// Whether a project has more embeddings than this many. Takes no longer for larger projects.
    async fn has_more_embeddings_than(&self, project: ProjectId, rows: u32) -> StoreResult<bool>;

    /// The metadata of these rows; rows that are gone are left out.
    async fn metadata_of(
        &self,
        project: ProjectId,
        ids: &[EmbeddingId],
    ) -> StoreResult<Vec<StoredMetadata>>;
}

/// Data keys, as the database holds them: sealed by a master key.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The active data key of a scope.
    async fn data_key(&self, scope: KeyScope) -> StoreResult<Option<WrappedDataKey>>;

    /// The data keys of one scope, or all of them, oldest first.
    async fn data_keys(&self, scope: Option<KeyScope>) -> StoreResult<Vec<DataKeyRecord>>;

    /// The data key of this id.
    async fn data_key_of_id(&self, id: &KeyId) -> StoreResult<Option<DataKeyRecord>>;

    /// Stores a new data key; refuses a second active one of the same scope.
    async fn insert_data_key(&self, key: &WrappedDataKey, now: Timestamp) -> StoreResult<()>;

    /// Makes a pending data key the active one of its scope. The one before, which must be
    /// `former`, opens only from now on. A project's settings revision grows, so that what was
    /// prepared under the former key is prepared again. [`Conflict::KeyChanged`] when the key is
    /// not pending or another one than `former` is active.
    async fn activate_data_key(
        &self,
        key: &KeyId,
        former: Option<&KeyId>,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Keeps a data key that only opens, for nothing new. [`Conflict::KeyChanged`] when it is in
    /// any other state.
    async fn retire_data_key(&self, key: &KeyId, witness: &dyn Witness) -> StoreResult<()>;

    /// Removes a data key that is retired, for good. [`Conflict::KeyChanged`] when it is in any
    /// other state.
    async fn remove_retired_data_key(&self, key: &KeyId, witness: &dyn Witness) -> StoreResult<()>;

    /// Removes a data key that is pending: nothing was ever sealed with it. `false`: there is none.
    async fn discard_pending_data_key(&self, key: &KeyId) -> StoreResult<bool>;
}

/// The deployment as a whole.
#[async_trait]
pub trait DeploymentStore: Send + Sync {
    /// Answers at once if the database does.
    async fn ping(&self) -> StoreResult<()>;

    /// Gives a database that nobody uses its first key of the system, still pending, and its
    /// administrator's key. What a claim that was not completed left there is replaced.
    /// [`Conflict::InUse`] when it has an active key already.
    async fn claim(
        &self,
        key: &WrappedDataKey,
        admin_key: &KeyDigest,
        now: Timestamp,
    ) -> StoreResult<()>;

    /// The key of the system that a claim left pending.
    async fn claimed_key(&self) -> StoreResult<Option<WrappedDataKey>>;

    /// Completes a claim: its key is the active one from now on. `false`: there is no such claim
    /// any more, because another took its place or it is complete.
    async fn complete_claim(&self, key: &KeyId) -> StoreResult<bool>;

    /// Wipes everything but API standards, the `_system` user and its definitions, keys and the
    /// schema. The data keys of projects are to be destroyed after `destroy_after`.
    async fn reset(&self, destroy_after: Timestamp, witness: &dyn Witness) -> StoreResult<()>;

    /// The events of this stream whose transactions committed.
    async fn committed_events(&self, stream: &str) -> StoreResult<CommittedEvents>;

    /// Makes the database read-only, for this reason, or writable again. Waits for the writes that
    /// are under way; from then on every other verb that changes something fails with
    /// [`StoreError::ReadOnly`].
    async fn set_read_only(&self, reason: Option<&str>) -> StoreResult<()>;
}

/// A database.
pub trait Store:
    UserStore
    + ApiStandardStore
    + DefinitionStore
    + InstanceStore
    + ProjectStore
    + EmbeddingStore
    + KeyStore
    + ProcessStore
    + RotationStore
    + DeletionStore
    + DrillStore
    + DeploymentStore
{
}

impl<T> Store for T where
    T: UserStore
        + ApiStandardStore
        + DefinitionStore
        + InstanceStore
        + ProjectStore
        + EmbeddingStore
        + KeyStore
        + ProcessStore
        + RotationStore
        + DeletionStore
        + DrillStore
        + DeploymentStore
{
}
