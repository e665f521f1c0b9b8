//! Content that is sealed: what is stored of it, and what is counted.

use super::world::{Opened, World, at, object, path, row};
use crate::crypto::content::{self, ContentError};
use crate::crypto::secret::DataKey;
use crate::domain::access::Scope;
use crate::domain::embedding::{ContentColumn, ContentRow, StoredEmbedding};
use crate::domain::ids::ProjectId;
use crate::domain::key::{KeyId, KeyScope, KeyState, MAX_MESSAGES, WrappedDataKey};
use crate::domain::project::ContentPolicy;
use crate::store::{Conflict, ContentSealer, HookError, Store, StoreError, Unreadable};
use crate::sys::rng::SeededRng;
use serde_json::json;
use std::sync::Arc;

pub(super) const SEALS_ALL: ContentPolicy = ContentPolicy {
    encrypt_text: true,
    encrypt_metadata: true,
};

/// Opens with every key it has and seals with the last; without a key it seals nothing.
#[derive(Default)]
pub(super) struct TestContent {
    keys: Vec<Arc<DataKey>>,
    policy: ContentPolicy,
    rng: Option<SeededRng>,
}

impl TestContent {
    /// Seals under a new active key of the project.
    pub(super) async fn of_project(
        store: &dyn Store,
        project: ProjectId,
        policy: ContentPolicy,
    ) -> Self {
        let rng = SeededRng::new(7);
        let key = DataKey::generate(&rng).ok().unwrap();
        store_key(store, key.id(), project, KeyState::Active).await;
        Self {
            keys: vec![Arc::new(key)],
            policy,
            rng: Some(rng),
        }
    }

    pub(super) fn opened(&self, stored: StoredEmbedding) -> Opened {
        let open = |column, value: &Option<String>| {
            let value = value.as_deref();
            value.map(|value| self.open(stored.content_row(), column, value).unwrap())
        };
        let metadata = open(ContentColumn::Metadata, &stored.metadata);
        Opened {
            text: open(ContentColumn::Text, &stored.text),
            metadata: metadata.map(|text| serde_json::from_str(&text).unwrap()),
            stored,
        }
    }
}

impl ContentSealer for TestContent {
    fn open(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        stored: &str,
    ) -> Result<String, ContentError> {
        let find = |id: &KeyId| {
            self.keys
                .iter()
                .find(|key| key.id() == id)
                .map(AsRef::as_ref)
        };
        content::open(stored, row, column, find).map(Into::into)
    }

    fn seal(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        value: &str,
    ) -> Result<Option<String>, HookError> {
        let (Some(key), Some(rng)) = (self.keys.last(), &self.rng) else {
            return Ok(None);
        };
        let wanted = match column {
            ContentColumn::Text => self.policy.encrypt_text,
            ContentColumn::Metadata => self.policy.encrypt_metadata,
        };
        Ok(wanted.then(|| content::seal(value, row, column, key, rng).unwrap()))
    }

    fn key_id(&self) -> Option<&KeyId> {
        self.keys.last().map(|key| key.id())
    }
}

async fn store_key(store: &dyn Store, id: &KeyId, project: ProjectId, state: KeyState) {
    let key = WrappedDataKey {
        id: id.clone(),
        scope: KeyScope::Project(project),
        wrapped: "wrapped".to_owned(),
        master_id: KeyId("master".to_owned()),
        state,
    };
    store.insert_data_key(&key, at(0)).await.unwrap();
}

/// How many messages the key has sealed.
async fn messages(store: &dyn Store, key: &KeyId) -> u64 {
    let record = store.data_key_of_id(key).await.unwrap();
    record.unwrap().messages
}

/// `alice/docs`, sealed by this policy.
async fn sealed_docs(store: &dyn Store, policy: ContentPolicy) -> World<'_> {
    let mut world = World::new(store);
    let (_, id) = world.docs().await;
    world.content = TestContent::of_project(store, id, policy).await;
    world
}

pub(crate) async fn what_is_sealed_is_stored_sealed_and_counted(store: &dyn Store) {
    let world = sealed_docs(store, SEALS_ALL).await;
    let mut sent = [row("a", 1.0), row("b", 1.0), row("c", 1.0)];
    sent[0].text = Some("a text".to_owned());
    sent[0].metadata = Some(object(json!({"author": "A"})));
    sent[1].text = Some("another".to_owned());
    world.upload("alice/docs", &sent).await;
    for new in &sent {
        let stored = world.stored("alice/docs", &new.text_id).await.unwrap();
        for value in [&stored.text, &stored.metadata].into_iter().flatten() {
            assert!(content::is_sealed(value), "{value}");
        }
        let opened = world.content.opened(stored);
        assert_eq!((&opened.text, &opened.metadata), (&new.text, &new.metadata));
    }
    let key = world.content.key_id().unwrap();
    assert_eq!(messages(store, key).await, 3);
    // What a list and a search read is as it is stored, too.
    let docs = path("alice/docs");
    let list = store
        .list_embeddings(&docs, Scope::Admin, crate::domain::page::Page::ALL)
        .await
        .unwrap();
    assert!(list[0].text.as_deref().is_some_and(content::is_sealed));
}

pub(crate) async fn metadata_are_merged_under_their_seal(store: &dyn Store) {
    let world = sealed_docs(store, SEALS_ALL).await;
    let mut sent = row("a", 1.0);
    for (given, expected) in [
        (json!({"one": 1, "two": 2}), json!({"one": 1, "two": 2})),
        (
            json!({"two": null, "three": 3}),
            json!({"one": 1, "three": 3}),
        ),
    ] {
        sent.metadata = Some(object(given));
        world
            .upload("alice/docs", std::slice::from_ref(&sent))
            .await;
        let opened = world.embedding("alice/docs", "a").await.unwrap();
        assert_eq!(opened.metadata, Some(object(expected)));
        assert!(content::is_sealed(
            opened.stored.metadata.as_deref().unwrap()
        ));
    }
    // Once the project wants metadata in clear, the merged ones are.
    let mut world = world;
    world.content.policy.encrypt_metadata = false;
    sent.metadata = Some(object(json!({"four": 4})));
    world.upload("alice/docs", &[sent]).await;
    let stored = world.stored("alice/docs", "a").await.unwrap();
    assert_eq!(
        stored.metadata.as_deref(),
        Some(r#"{"four":4,"one":1,"three":3}"#)
    );
}

pub(crate) async fn a_kept_value_is_not_sealed_again(store: &dyn Store) {
    let world = sealed_docs(store, SEALS_ALL).await;
    let mut sent = row("a", 1.0);
    sent.text = Some("a text".to_owned());
    sent.metadata = Some(object(json!({"author": "A"})));
    world.upload("alice/docs", &[sent]).await;
    let before = world.stored("alice/docs", "a").await.unwrap();
    world.upload("alice/docs", &[row("a", 2.0)]).await;
    let after = world.stored("alice/docs", "a").await.unwrap();
    assert_ne!(after.vector_half, before.vector_half);
    assert_eq!((after.text, after.metadata), (before.text, before.metadata));
    assert_eq!(messages(store, world.content.key_id().unwrap()).await, 2);
}

fn is_key_changed<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(Conflict::KeyChanged)))
}

pub(crate) async fn a_key_that_is_not_active_is_refused_and_nothing_is_stored(store: &dyn Store) {
    let mut world = sealed_docs(store, SEALS_ALL).await;
    let id = world.context("alice/docs").await.id;
    let rng = SeededRng::new(8);
    let mut sent = row("a", 1.0);
    sent.text = Some("a text".to_owned());
    for state in [None, Some(KeyState::DecryptOnly), Some(KeyState::Pending)] {
        let key = DataKey::generate(&rng).ok().unwrap();
        if let Some(state) = state {
            store_key(store, key.id(), id, state).await;
        }
        world.content.keys.push(Arc::new(key));
        let sent = std::slice::from_ref(&sent);
        let refused = world.try_upload("alice/docs", Scope::Admin, sent).await;
        assert!(is_key_changed(&refused), "{state:?}: {refused:?}");
        assert!(world.text_ids("alice/docs").await.is_empty());
        assert!(world.witness.take().is_empty());
        world.content.keys.pop();
    }
    // A batch that seals nothing needs no key.
    world
        .content
        .keys
        .push(Arc::new(DataKey::generate(&rng).ok().unwrap()));
    world.upload("alice/docs", &[row("b", 1.0)]).await;
}

pub(crate) async fn metadata_that_do_not_open_refuse_a_merge_and_nothing_else(store: &dyn Store) {
    let mut world = sealed_docs(store, SEALS_ALL).await;
    let mut sent = row("a", 1.0);
    sent.text = Some("a text".to_owned());
    sent.metadata = Some(object(json!({"author": "A"})));
    world
        .upload("alice/docs", std::slice::from_ref(&sent))
        .await;
    // Another key seals from now on, and the one before is not at hand.
    let rng = SeededRng::new(9);
    let key = DataKey::generate(&rng).ok().unwrap();
    let former = world.content.key_id().unwrap().clone();
    let id = world.context("alice/docs").await.id;
    store_key(store, key.id(), id, KeyState::Pending).await;
    store
        .activate_data_key(key.id(), Some(&former), &world.witness)
        .await
        .unwrap();
    let kept = std::mem::replace(&mut world.content.keys, vec![Arc::new(key)]);
    let refused = world
        .try_upload("alice/docs", Scope::Admin, std::slice::from_ref(&sent))
        .await;
    match refused {
        Err(StoreError::Unreadable(Unreadable {
            text_id,
            column: ContentColumn::Metadata,
            source,
        })) => {
            assert_eq!(text_id, "a");
            assert_eq!(source.unknown_key(), Some(&former));
        }
        other => panic!("{other:?}"),
    }
    // A text is replaced without a look at the one before.
    sent.metadata = None;
    sent.text = Some("another".to_owned());
    world.upload("alice/docs", &[sent]).await;
    world.content.keys.splice(0..0, kept);
    let opened = world.embedding("alice/docs", "a").await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("another"));
    assert_eq!(opened.metadata, Some(object(json!({"author": "A"}))));
}

/// No verb counts without sealing, so an engine sets the count itself.
pub(crate) async fn a_key_that_has_sealed_enough_is_refused(
    store: &dyn Store,
    run: impl AsyncFnOnce(String),
) {
    let world = sealed_docs(store, SEALS_ALL).await;
    let key = world.content.key_id().unwrap();
    let almost = MAX_MESSAGES - 1;
    run(format!("UPDATE data_keys SET messages = {almost}")).await;
    let mut sent = row("a", 1.0);
    sent.text = Some("a text".to_owned());
    let upload = async || {
        let sent = std::slice::from_ref(&sent);
        world.try_upload("alice/docs", Scope::Admin, sent).await
    };
    upload().await.unwrap();
    assert_eq!(messages(store, key).await, MAX_MESSAGES);
    let refused = upload().await;
    assert!(is_key_changed(&refused), "{refused:?}");
    assert_eq!(messages(store, key).await, MAX_MESSAGES);
}
