//! Content that is sealed: what is stored, what is read, and what is told of what cannot be read.

use crate::desk::{Desk, admin, item, notes, notes_spec, path, tag};
use embsec::app::content::UnreadableReason;
use embsec::app::embeddings::UploadItem;
use embsec::app::error::AppError;
use embsec::app::job::{Stop, Unheard};
use embsec::app::key_ends::{EndError, Ending, NoBackups};
use embsec::app::recorder::Recorder;
use embsec::app::rotation::{DataRotation, RotationError};
use embsec::app::sealing::Sealing;
use embsec::app::search::{MetadataFilter, SearchQuery};
use embsec::crypto::content::{self, ContentError};
use embsec::domain::access::{Need, Scope};
use embsec::domain::embedding::{
    ContentColumn, ContentRow, NewEmbedding, StoredEmbedding, UploadTarget,
};
use embsec::domain::key::{KeyId, KeyScope, KeyState};
use embsec::domain::llm::{InstanceSpec, LlmSettings, ProviderKeyChange};
use embsec::domain::page::Page;
use embsec::domain::project::ContentPolicy;
use embsec::store::{ContentSealer, HookError, UploadBatch};
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::HashMap;

const SEALS_ALL: ContentPolicy = ContentPolicy {
    encrypt_text: true,
    encrypt_metadata: true,
};
const SEALS_NOTHING: ContentPolicy = ContentPolicy {
    encrypt_text: false,
    encrypt_metadata: false,
};

/// An item with a text.
fn with_text(text_id: &str, text: &str) -> UploadItem {
    UploadItem {
        text: Some(text.to_owned()),
        ..item(text_id, &[1.0, 0.5], tag("x"))
    }
}

impl Desk {
    async fn set_policy(&self, policy: ContentPolicy) {
        let log = Recorder::new(self.log.clone(), admin().origin);
        let now = Timestamp::UNIX_EPOCH;
        let set = self
            .store()
            .set_project_policy(&notes(), policy, now, &log)
            .await;
        assert!(set.unwrap());
    }

    async fn upload(&self, items: &[UploadItem]) {
        self.app
            .upload_embeddings(&admin(), &notes(), items)
            .await
            .unwrap();
    }

    /// The rows as they are stored, by text id.
    async fn stored(&self) -> HashMap<String, StoredEmbedding> {
        let page = Page::ALL;
        let list = self
            .store()
            .list_embeddings(&notes(), Scope::Admin, page)
            .await;
        list.unwrap()
            .into_iter()
            .map(|row| (row.text_id.clone(), row))
            .collect()
    }

    async fn text(&self, text_id: &str) -> Option<String> {
        let read = self
            .app
            .embedding(&admin(), &notes(), &[text_id.to_owned()])
            .await;
        read.unwrap().text
    }

    async fn scope(&self) -> KeyScope {
        let context = self
            .store()
            .project_context(&notes(), Scope::Admin, Need::Write)
            .await;
        KeyScope::Project(context.unwrap().unwrap().id)
    }

    /// Stores values as they are given, whatever they are.
    async fn plant(&self, text_id: &str, text: Option<&str>, metadata: Option<&str>) {
        let context = self
            .store()
            .project_context(&notes(), Scope::Admin, Need::Write)
            .await;
        let context = context.unwrap().unwrap();
        let target = UploadTarget {
            project_id: context.id,
            instance_id: context.instance.unwrap().id,
            settings_revision: context.settings_revision,
            metadata_required: false,
        };
        let row = NewEmbedding {
            text_id: text_id.to_owned(),
            text: text.map(|_| "replaced".to_owned()),
            vector_half: vec![0, 0x3c, 0, 0],
            vector_dim: 2,
            metadata: metadata.map(|_| embsec::domain::embedding::Metadata::new()),
        };
        let planted = Planted { text, metadata };
        let batch = UploadBatch {
            rows: &[row],
            content: &planted,
        };
        let log = Recorder::new(self.log.clone(), admin().origin);
        let now = Timestamp::UNIX_EPOCH;
        self.store()
            .upload_embeddings(&notes(), Scope::Admin, target, batch, now, &log)
            .await
            .unwrap();
    }
}

/// "Seals" to what it was told.
struct Planted<'a> {
    text: Option<&'a str>,
    metadata: Option<&'a str>,
}

impl ContentSealer for Planted<'_> {
    fn open(&self, _: ContentRow<'_>, _: ContentColumn, _: &str) -> Result<String, ContentError> {
        Ok("{}".to_owned())
    }

    fn seal(
        &self,
        _: ContentRow<'_>,
        column: ContentColumn,
        _: &str,
    ) -> Result<Option<String>, HookError> {
        let planted = match column {
            ContentColumn::Text => self.text,
            ContentColumn::Metadata => self.metadata,
        };
        Ok(planted.map(str::to_owned))
    }

    fn key_id(&self) -> Option<&KeyId> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_sealed_by_default_and_metadata_are_not() {
    let desk = Desk::with_notes(2).await;
    assert!(
        desk.store()
            .data_key(desk.scope().await)
            .await
            .unwrap()
            .is_none()
    );
    desk.upload(&[with_text("a", "a text"), item("bare", &[1.0, 0.0], None)])
        .await;
    let stored = desk.stored().await;
    assert!(content::is_sealed(stored["a"].text.as_deref().unwrap()));
    assert_eq!(stored["a"].metadata.as_deref(), Some(r#"{"tag":"x"}"#));
    assert_eq!(stored["bare"].text, None);
    assert_eq!(desk.text("a").await.as_deref(), Some("a text"));
    let keys = desk
        .store()
        .data_keys(Some(desk.scope().await))
        .await
        .unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| (key.key.state, key.messages))
        .collect();
    assert_eq!(keys, [(KeyState::Active, 1)]);
    // The same from another process.
    let beside = desk.beside(0);
    let read = beside
        .list_embeddings(&admin(), &notes(), Page::ALL)
        .await
        .unwrap();
    assert_eq!(read[0].text.as_deref(), Some("a text"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_a_text_needs_no_key() {
    let desk = Desk::with_notes(2).await;
    desk.upload(&[item("bare", &[1.0, 0.0], tag("x"))]).await;
    let keys = desk
        .store()
        .data_keys(Some(desk.scope().await))
        .await
        .unwrap();
    assert_eq!(keys, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_holds_for_what_is_written_from_now_on() {
    let desk = Desk::with_notes(2).await;
    desk.upload(&[with_text("first", "one")]).await;
    desk.set_policy(SEALS_NOTHING).await;
    desk.upload(&[
        with_text("second", "two"),
        with_text("looks", "enc:v2:AAAA"),
    ])
    .await;
    desk.set_policy(SEALS_ALL).await;
    desk.upload(&[with_text("third", "three")]).await;
    let stored = desk.stored().await;
    let seals = |id: &str| {
        let is_sealed = |value: &Option<String>| content::is_sealed(value.as_deref().unwrap());
        (is_sealed(&stored[id].text), is_sealed(&stored[id].metadata))
    };
    assert_eq!(seals("first"), (true, false));
    assert_eq!(seals("second"), (false, false));
    assert_eq!(stored["second"].text.as_deref(), Some("two"));
    // In clear it would be taken for a sealed one.
    assert_eq!(seals("looks"), (true, false));
    assert_eq!(seals("third"), (true, true));
    for (id, text) in [
        ("first", "one"),
        ("second", "two"),
        ("looks", "enc:v2:AAAA"),
        ("third", "three"),
    ] {
        assert_eq!(desk.text(id).await.as_deref(), Some(text), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_merges_see_through_the_seal_of_metadata() {
    let desk = Desk::with_notes(2).await;
    desk.set_policy(SEALS_ALL).await;
    desk.upload(&[
        item("a", &[1.0, 0.0], tag("out")),
        item("b", &[1.0, 0.1], tag("in")),
        item("c", &[1.0, 0.2], None),
    ])
    .await;
    let query = SearchQuery {
        limit: 10,
        offset: 0,
        threshold: -1.0,
        without: Some(MetadataFilter {
            key: "tag".to_owned(),
            value: "out".to_owned(),
        }),
    };
    let found = async || {
        let found = desk
            .app
            .similar_to_vector(&admin(), &notes(), &[1.0, 0.0], &query)
            .await;
        let found = found.unwrap().into_iter().map(|similar| similar.text_id);
        found.collect::<Vec<_>>()
    };
    assert_eq!(found().await, ["b", "c"]);
    desk.upload(&[item("b", &[1.0, 0.1], tag("out"))]).await;
    assert_eq!(found().await, ["c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_prepared_under_a_former_key_is_sealed_under_the_new_one() {
    let desk = Desk::with_notes(2).await;
    desk.set_policy(SEALS_ALL).await;
    desk.upload(&[with_text("a", "one")]).await;
    let scope = desk.scope().await;
    let former = desk.store().data_key(scope).await.unwrap().unwrap().id;
    // Another process makes another key the active one.
    let beside = desk.beside(0);
    let next = beside.keys().store_pending(scope).await.unwrap();
    let log = Recorder::new(desk.log.clone(), admin().origin);
    desk.store()
        .activate_data_key(&next, Some(&former), &log)
        .await
        .unwrap();

    desk.upload(&[with_text("b", "two"), item("a", &[1.0, 0.0], tag("y"))])
        .await;
    let stored = desk.stored().await;
    let sealed_by = |value: &Option<String>, key: &KeyId| {
        let prefix = format!("enc:v2:{key}:");
        value.as_deref().unwrap().starts_with(&prefix)
    };
    assert!(sealed_by(&stored["b"].text, &next));
    assert!(
        sealed_by(&stored["a"].text, &former),
        "a kept text stays as it is"
    );
    assert!(sealed_by(&stored["a"].metadata, &next));
    assert_eq!(desk.text("a").await.as_deref(), Some("one"));
    assert_eq!(desk.text("b").await.as_deref(), Some("two"));
    // Who opened the project's keys before the new one was made, asks for it.
    let read = beside
        .embedding(&admin(), &notes(), &["b".to_owned()])
        .await
        .unwrap();
    assert_eq!(read.text.as_deref(), Some("two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_was_moved_or_damaged_is_named_and_nothing_of_it_told() {
    let desk = Desk::with_notes(2).await;
    desk.upload(&[with_text("a", "a secret text"), with_text("z", "fine")])
        .await;
    let sealed = desk.stored().await["a"].text.clone().unwrap();
    desk.plant("moved", Some(&sealed), None).await;
    desk.plant("cut", Some(&sealed[..40]), None).await;
    for id in ["moved", "cut"] {
        let read = desk
            .app
            .embedding(&admin(), &notes(), &[id.to_owned()])
            .await;
        let Err(AppError::Unreadable(unreadable)) = read else {
            panic!("{id}: {read:?}")
        };
        assert_eq!((unreadable.text_id.as_str(), unreadable.others), (id, 0));
        assert_eq!(unreadable.column, ContentColumn::Text);
        assert_eq!(unreadable.reason, UnreadableReason::Damaged);
    }
    // A page tells of all that it cannot give, and other pages are given.
    let page = |offset, limit| Page { offset, limit };
    let list = desk
        .app
        .list_embeddings(&admin(), &notes(), Page::ALL)
        .await;
    let told = list.unwrap_err().to_string();
    assert_eq!(
        told,
        "the stored text of embedding 'cut' cannot be read: it is damaged, or it was moved here \
         from another row; 1 more of the embeddings asked for cannot be read"
    );
    let list = desk
        .app
        .list_embeddings(&admin(), &notes(), page(3, 10))
        .await;
    assert_eq!(list.unwrap()[0].text.as_deref(), Some("fine"));
    // A new text repairs the one, and deletion gets rid of the other.
    desk.upload(&[with_text("moved", "new")]).await;
    assert_eq!(desk.text("moved").await.as_deref(), Some("new"));
    let cut = ["cut".to_owned()];
    desk.app
        .delete_embedding(&admin(), &notes(), &cut)
        .await
        .unwrap();
    let list = desk
        .app
        .list_embeddings(&admin(), &notes(), Page::ALL)
        .await;
    assert_eq!(list.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_gone_is_named() {
    let desk = Desk::with_notes(2).await;
    let gone = format!("enc:v2:aaaaaaaaaaaaaaaa:{}", "A".repeat(40));
    desk.plant("gone", Some(&gone), Some(&gone)).await;
    let read = desk
        .app
        .embedding(&admin(), &notes(), &["gone".to_owned()])
        .await;
    let Err(AppError::Unreadable(unreadable)) = read else {
        panic!("{read:?}")
    };
    let key = KeyId("aaaaaaaaaaaaaaaa".to_owned());
    assert_eq!(unreadable.reason, UnreadableReason::MissingKey(key.clone()));
    // New metadata cannot be merged with those; a new text needs no look at the one before.
    let merged = desk
        .app
        .upload_embeddings(&admin(), &notes(), &[with_text("gone", "x")])
        .await;
    let Err(AppError::Unreadable(unreadable)) = merged else {
        panic!("{merged:?}")
    };
    assert_eq!(unreadable.reason, UnreadableReason::MissingKey(key));
    assert_eq!(unreadable.column, ContentColumn::Metadata);
    let mut text_only = with_text("gone", "x");
    text_only.metadata = None;
    desk.upload(&[text_only]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_destroyed_is_told_with_its_time() {
    let desk = Desk::with_notes(2).await;
    desk.upload(&[with_text("old", "x")]).await;
    let project = desk.app.project(&admin(), &notes()).await.unwrap().id;
    let scope = KeyScope::Project(project);
    let key = desk.store().data_key(scope).await.unwrap().unwrap().id;
    let stop = Stop::default();
    let shredded = desk.app.shred_now(&admin(), project, &Unheard, &stop).await;
    assert_eq!(shredded.unwrap().key_ids, std::slice::from_ref(&key));
    desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
    desk.upload(&[with_text("new", "y")]).await;
    let sealed = format!("enc:v2:{key}:{}", "A".repeat(40));
    desk.plant("copied", Some(&sealed), None).await;
    let told = format!("its data key {key} was destroyed at 2026-03-04T05:06:07Z");
    let read = desk
        .app
        .embedding(&admin(), &notes(), &["copied".to_owned()])
        .await;
    let Err(AppError::Unreadable(unreadable)) = read else {
        panic!("{read:?}")
    };
    assert_eq!(unreadable.reason.to_string(), told);
    let (call, progress) = (admin(), Unheard);
    let sealing = Sealing {
        app: &desk.app,
        call: &call,
        progress: &progress,
        stop: &stop,
    };
    let status = sealing.status().await.unwrap();
    assert_eq!(status.unopened_count(), 1);
    let fault = status.unopened[0].to_string();
    assert!(
        fault.ends_with("was destroyed at 2026-03-04T05:06:07Z"),
        "{fault}"
    );
    let rotation = DataRotation {
        app: &desk.app,
        call: &call,
        scope: None,
        progress: &progress,
        stop: &stop,
    };
    let refused = rotation.run().await.unwrap_err();
    let RotationError::Unopened(unopened) = &refused else {
        panic!("{refused}");
    };
    assert!(
        unopened.to_string().contains("was destroyed at"),
        "{unopened}"
    );
    let ended = desk
        .app
        .check_key_end(&key, Ending::Destroy, None, &NoBackups)
        .await;
    assert!(
        matches!(ended, Err(EndError::Destroyed { .. })),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_key_is_sealed_under_a_key_that_another_process_made_the_active_one() {
    let desk = Desk::with_notes(2).await;
    let beside = desk.beside(0);
    let put = async |app: &embsec::app::App, key: &str| {
        let spec = InstanceSpec {
            path: path("alice", "keyed"),
            definition: None,
            settings: LlmSettings::default(),
        };
        let key = ProviderKeyChange::Set(SecretString::from(key.to_owned()));
        app.put_instance(&admin(), &spec, key).await.unwrap()
    };
    let id = put(&desk.app, "sk-1").await;
    let former = desk.store().data_key(KeyScope::System).await.unwrap();
    let former = former.unwrap().id;
    let next = beside.keys().store_pending(KeyScope::System).await.unwrap();
    let log = Recorder::new(desk.log.clone(), admin().origin);
    let activated = desk
        .store()
        .activate_data_key(&next, Some(&former), &log)
        .await;
    activated.unwrap();
    put(&desk.app, "sk-2").await;
    let sealed = desk.store().sealed_provider_key(id).await.unwrap().unwrap();
    assert!(sealed.starts_with(&format!("enc:v2:{next}:")), "{sealed}");
    let keys = desk
        .store()
        .data_keys(Some(KeyScope::System))
        .await
        .unwrap();
    let keys: Vec<u64> = keys.iter().map(|key| key.messages).collect();
    assert_eq!(keys, [1, 1]);
}
