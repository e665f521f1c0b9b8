//! What every test of the suite builds on: a witness that remembers, people, things they own.

use super::content::TestContent;
use crate::domain::access::{Need, ObjectPath, Role, Scope, Share};
use crate::domain::audit::{Action, AuditMark, Change};
use crate::domain::embedding::{Metadata, NewEmbedding, StoredEmbedding, UploadTarget};
use crate::domain::ids::{Handle, InstanceId, ProjectId, UserId};
use crate::domain::llm::{InstanceSpec, LlmSettings};
use crate::domain::page::Page;
use crate::domain::project::{ProjectBrief, ProjectContext, ProjectSpec};
use crate::domain::user::{KeyDigest, KeyOwner, UserSpec};
use crate::store::{HookError, PutMode, Store, StoreResult, StoredKeyChange, UploadBatch, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// When what the tests delete may be destroyed, as [`at`] takes it.
pub(super) const LATER: i64 = 1_000;

pub(super) const STREAM: &str = "test-0";

/// Remembers what it is told; can be told to refuse, to wait, or to give marks that no database
/// can keep.
#[derive(Clone)]
pub(super) struct TestWitness(Arc<WitnessState>);

struct WitnessState {
    recorded: Mutex<Vec<Change>>,
    undone: Mutex<Vec<AuditMark>>,
    refuse: Mutex<bool>,
    next_seq: AtomicU64,
    gate: Semaphore,
    waiting: Semaphore,
}

impl TestWitness {
    fn new() -> Self {
        Self(Arc::new(WitnessState {
            recorded: Mutex::default(),
            undone: Mutex::default(),
            refuse: Mutex::default(),
            next_seq: AtomicU64::new(1),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            waiting: Semaphore::new(0),
        }))
    }

    pub(super) fn refuse(&self, refuse: bool) {
        *self.0.refuse.lock().unwrap() = refuse;
    }

    pub(super) fn set_next_seq(&self, seq: u64) {
        self.0.next_seq.store(seq, Ordering::SeqCst);
    }

    /// From now on a record waits until [`Self::open_gate`].
    pub(super) fn close_gate(&self) {
        self.0.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(super) fn open_gate(&self) {
        self.0.gate.add_permits(1);
    }

    /// Returns when a record has begun.
    pub(super) async fn record_begins(&self) {
        self.0.waiting.acquire().await.unwrap().forget();
    }

    /// What was recorded since the last call.
    pub(super) fn take(&self) -> Vec<Change> {
        std::mem::take(&mut self.0.recorded.lock().unwrap())
    }

    pub(super) fn take_undone(&self) -> Vec<AuditMark> {
        std::mem::take(&mut self.0.undone.lock().unwrap())
    }

    /// The one action recorded since the last call.
    pub(super) fn action(&self) -> Action {
        self.one().action
    }

    /// The one change recorded since the last call.
    pub(super) fn one(&self) -> Change {
        let mut changes = self.take();
        assert_eq!(changes.len(), 1, "{changes:?}");
        changes.remove(0)
    }
}

#[async_trait]
impl Witness for TestWitness {
    async fn record(&self, change: Change) -> Result<AuditMark, HookError> {
        self.0.waiting.add_permits(1);
        let _permit = self.0.gate.acquire().await.unwrap();
        if *self.0.refuse.lock().unwrap() {
            return Err(HookError("the disk is full".into()));
        }
        self.0.recorded.lock().unwrap().push(change);
        Ok(AuditMark {
            stream: STREAM.to_owned(),
            seq: self.0.next_seq.fetch_add(1, Ordering::SeqCst),
        })
    }

    async fn undone(&self, mark: AuditMark) {
        self.0.undone.lock().unwrap().push(mark);
    }

    fn detach(&self) -> Arc<dyn Witness> {
        Arc::new(self.clone())
    }
}

/// A store and its witness.
pub(super) struct World<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) witness: TestWitness,
    /// What uploads seal with: nothing, unless a test says so.
    pub(super) content: TestContent,
}

/// What an embedding holds, opened.
pub(super) struct Opened {
    pub(super) stored: StoredEmbedding,
    pub(super) text: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

impl std::ops::Deref for Opened {
    type Target = StoredEmbedding;

    fn deref(&self) -> &StoredEmbedding {
        &self.stored
    }
}

pub(super) fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

/// `owner/handle`.
pub(super) fn path(text: &str) -> ObjectPath {
    let (owner, name) = text.split_once('/').unwrap();
    ObjectPath {
        owner: handle(owner),
        handle: handle(name),
    }
}

/// So many seconds into the test's time.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn digest(text: &str) -> KeyDigest {
    KeyDigest(format!("digest of {text}"))
}

pub(super) fn share(user: &str, role: Role) -> Share {
    Share {
        user_handle: handle(user),
        role,
    }
}

pub(super) fn page(limit: u32, offset: u64) -> Page {
    Page { limit, offset }
}

/// The members of a JSON object, as metadata.
pub(super) fn object(json: serde_json::Value) -> Metadata {
    match json {
        serde_json::Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// A row of three components, each `value`.
pub(super) fn row(text_id: &str, value: f32) -> NewEmbedding {
    let half = half::f16::from_f32(value).to_le_bytes();
    NewEmbedding {
        text_id: text_id.to_owned(),
        text: None,
        vector_half: half.repeat(3),
        vector_dim: 3,
        metadata: None,
    }
}

pub(super) fn user_spec(name: &str) -> UserSpec {
    UserSpec {
        handle: handle(name),
        name: None,
        email: format!("{name}@example.org"),
    }
}

pub(super) fn instance_spec(at: &str) -> InstanceSpec {
    InstanceSpec {
        path: path(at),
        definition: None,
        settings: LlmSettings {
            dimensions: Some(3),
            ..LlmSettings::default()
        },
    }
}

pub(super) fn project_spec(at: &str) -> ProjectSpec {
    ProjectSpec {
        path: path(at),
        description: None,
        metadata_scheme: None,
        public_read: false,
        instance: None,
        shared_with: Vec::new(),
    }
}

impl<'s> World<'s> {
    pub(super) fn new(store: &'s dyn Store) -> Self {
        Self {
            store,
            witness: TestWitness::new(),
            content: TestContent::default(),
        }
    }

    /// A new user, whose key is `digest(name)`.
    pub(super) async fn user(&self, name: &str) -> UserId {
        self.store
            .put_user(
                &user_spec(name),
                &digest(name),
                PutMode::CreateOnly,
                at(0),
                &self.witness,
            )
            .await
            .unwrap();
        self.witness.take();
        match self.store.key_owner(&digest(name), at(0)).await.unwrap() {
            Some(KeyOwner::User { id, .. }) => id,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn users<const N: usize>(&self, names: [&str; N]) -> [UserId; N] {
        let mut ids = [UserId(0); N];
        for (id, name) in ids.iter_mut().zip(names) {
            *id = self.user(name).await;
        }
        ids
    }

    /// An instance of dimension 3.
    pub(super) async fn instance(&self, at_path: &str) -> InstanceId {
        let id = self
            .store
            .put_instance(
                &instance_spec(at_path),
                StoredKeyChange::Keep,
                at(0),
                &self.witness,
            )
            .await
            .unwrap();
        self.witness.take();
        id
    }

    pub(super) async fn put_project(&self, spec: &ProjectSpec) -> StoreResult<ProjectBrief> {
        self.store.put_project(spec, at(0), &self.witness).await
    }

    /// A project with this instance.
    pub(super) async fn project(&self, at_path: &str, instance: &str) -> ProjectId {
        let mut spec = project_spec(at_path);
        spec.instance = Some(path(instance));
        let id = self.put_project(&spec).await.unwrap().id;
        self.witness.take();
        id
    }

    /// `alice`, her instance `alice/mini`, her project `alice/docs`.
    pub(super) async fn docs(&self) -> (UserId, ProjectId) {
        let alice = self.user("alice").await;
        self.instance("alice/mini").await;
        (alice, self.project("alice/docs", "alice/mini").await)
    }

    pub(super) async fn delete_project(&self, at_path: &str) -> StoreResult<ProjectId> {
        self.store
            .delete_project(&path(at_path), at(1), at(LATER), &self.witness)
            .await
    }

    pub(super) async fn delete_instance(&self, at_path: &str) -> StoreResult<()> {
        self.store
            .delete_instance(&path(at_path), at(1), &self.witness)
            .await
    }

    pub(super) async fn delete_user(&self, name: &str) -> StoreResult<()> {
        self.store
            .delete_user(&handle(name), at(1), at(LATER), &self.witness)
            .await
    }

    pub(super) async fn reset(&self) -> StoreResult<()> {
        self.store.reset(at(LATER), &self.witness).await
    }

    pub(super) async fn context(&self, at_path: &str) -> ProjectContext {
        self.store
            .project_context(&path(at_path), Scope::Admin, Need::Write)
            .await
            .unwrap()
            .unwrap()
    }

    pub(super) async fn target(&self, at_path: &str) -> UploadTarget {
        let context = self.context(at_path).await;
        UploadTarget {
            project_id: context.id,
            instance_id: context.instance.unwrap().id,
            settings_revision: context.settings_revision,
            metadata_required: false,
        }
    }

    /// These rows, with what the test seals them with.
    pub(super) fn batch<'b>(&'b self, rows: &'b [NewEmbedding]) -> UploadBatch<'b> {
        UploadBatch {
            rows,
            content: &self.content,
        }
    }

    pub(super) async fn try_upload(
        &self,
        at_path: &str,
        scope: Scope,
        rows: &[NewEmbedding],
    ) -> StoreResult<()> {
        let target = self.target(at_path).await;
        self.store
            .upload_embeddings(
                &path(at_path),
                scope,
                target,
                self.batch(rows),
                at(0),
                &self.witness,
            )
            .await
    }

    pub(super) async fn upload(&self, at_path: &str, rows: &[NewEmbedding]) {
        self.try_upload(at_path, Scope::Admin, rows).await.unwrap();
    }

    /// An embedding as it is stored.
    pub(super) async fn stored(&self, at_path: &str, text_id: &str) -> Option<StoredEmbedding> {
        self.store
            .embedding(&path(at_path), Scope::Admin, &[text_id.to_owned()])
            .await
            .unwrap()
    }

    pub(super) async fn embedding(&self, at_path: &str, text_id: &str) -> Option<Opened> {
        let stored = self.stored(at_path, text_id).await?;
        Some(self.content.opened(stored))
    }

    /// Text ids of a project, in the order of its list.
    pub(super) async fn text_ids(&self, at_path: &str) -> Vec<String> {
        self.store
            .list_embeddings(&path(at_path), Scope::Admin, Page::ALL)
            .await
            .unwrap()
            .into_iter()
            .map(|embedding| embedding.text_id)
            .collect()
    }
}
