//! Embeddings.

use super::world::{World, at, handle, instance_spec, object, page, path, project_spec, row};
use crate::domain::access::Scope;
use crate::domain::audit::Action;
use crate::domain::embedding::NewEmbedding;
use crate::domain::ids::InstanceId;
use crate::domain::page::Page;
use crate::store::{Conflict, Missing, Store, StoreError, StoredKeyChange};
use serde_json::json;

pub(crate) async fn an_upload_is_read_back(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    let mut sent = row("https%3A%2F%2Fexample.org", 0.5);
    sent.text = Some("Zoë's 100 % text\u{1}with a control".to_owned());
    sent.metadata = Some(object(
        json!({"author": "Ångström", "year": 1868, "tags": ["a", null]}),
    ));
    world
        .upload("alice/docs", &[sent.clone(), row("bare", 1.0)])
        .await;
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::EmbeddingsUpload, Some(id))
    );
    for (fact, number) in [("count", 2), ("inserted", 2), ("updated", 0)] {
        assert_eq!(change.details.get(fact).unwrap(), number, "{fact}");
    }
    let stored = world.embedding("alice/docs", &sent.text_id).await.unwrap();
    assert_eq!(stored.text_id, sent.text_id);
    assert_eq!(
        (&stored.text, &stored.metadata),
        (&sent.text, &sent.metadata)
    );
    let (stored, target) = (stored.stored, world.target("alice/docs").await);
    assert_eq!(
        (stored.owner, stored.project_handle),
        (handle("alice"), handle("docs"))
    );
    assert_eq!(
        (stored.project_id, stored.instance_handle),
        (id, handle("mini"))
    );
    assert_eq!(stored.instance_id, target.instance_id);
    assert_eq!(
        (stored.vector_half, stored.vector_dim),
        (sent.vector_half, 3)
    );
    let bare = world.embedding("alice/docs", "bare").await.unwrap();
    assert_eq!((bare.text, bare.metadata), (None, None));
    assert!(world.embedding("alice/docs", "none").await.is_none());
    world.upload("alice/docs", &[]).await;
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn an_update_merges_text_and_metadata(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let mut sent = row("a", 1.0);
    sent.text = Some("first".to_owned());
    sent.metadata = Some(object(
        json!({"keep": 1, "change": {"deep": 1, "er": 2}, "drop": 3}),
    ));
    world
        .upload("alice/docs", std::slice::from_ref(&sent))
        .await;
    world.witness.take();
    for kept in [None, Some(String::new())] {
        sent.text = kept;
        sent.metadata = None;
        sent.vector_half = row("a", 2.0).vector_half;
        world
            .upload("alice/docs", std::slice::from_ref(&sent))
            .await;
        let change = world.witness.one();
        assert_eq!(change.details.get("updated").unwrap(), 1);
        assert_eq!(change.details.get("inserted").unwrap(), 0);
        let stored = world.embedding("alice/docs", "a").await.unwrap();
        assert_eq!(stored.text.as_deref(), Some("first"));
        assert_eq!(stored.metadata.as_ref().unwrap().len(), 3);
        assert_eq!(stored.vector_half, sent.vector_half);
    }
    sent.text = Some("second".to_owned());
    sent.metadata = Some(object(
        json!({"change": {"deep": 9}, "drop": null, "none": null}),
    ));
    world
        .upload("alice/docs", std::slice::from_ref(&sent))
        .await;
    let stored = world.embedding("alice/docs", "a").await.unwrap();
    assert_eq!(stored.text.as_deref(), Some("second"));
    let expected = object(json!({"keep": 1, "change": {"deep": 9}}));
    assert_eq!(stored.metadata, Some(expected));
}

pub(crate) async fn the_later_of_two_rows_of_one_id_wins(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let mut first = row("a", 1.0);
    first.text = Some("first".to_owned());
    first.metadata = Some(object(json!({"one": 1, "both": 1})));
    let mut second = row("a", 2.0);
    second.metadata = Some(object(json!({"both": 2})));
    world
        .upload("alice/docs", &[first, row("b", 5.0), second.clone()])
        .await;
    let change = world.witness.one();
    assert_eq!(change.details.get("count").unwrap(), 2);
    assert_eq!(world.text_ids("alice/docs").await, ["a", "b"]);
    let stored = world.embedding("alice/docs", "a").await.unwrap();
    assert_eq!(stored.vector_half, second.vector_half);
    assert_eq!(stored.text.as_deref(), Some("first"));
    assert_eq!(stored.metadata, Some(object(json!({"one": 1, "both": 2}))));
}

pub(crate) async fn a_batch_is_stored_whole_or_not_at_all(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.upload("alice/docs", &[row("old", 1.0)]).await;
    let before = world.context("alice/docs").await;
    world.witness.take();
    let mut batch: Vec<NewEmbedding> = (0..100).map(|n| row(&format!("n{n}"), 1.0)).collect();
    batch.push(row("old", 2.0));
    // The last row's bytes are not those of its dimension, which no engine may store.
    batch.push(row("bad", 1.0));
    batch.last_mut().unwrap().vector_half.pop();
    let result = world.try_upload("alice/docs", Scope::Admin, &batch).await;
    assert!(matches!(result, Err(StoreError::Fault(_))), "{result:?}");
    assert!(world.witness.take().is_empty());
    assert_eq!(world.text_ids("alice/docs").await, ["old"]);
    let old = world.embedding("alice/docs", "old").await.unwrap();
    assert_eq!(old.vector_half, row("old", 1.0).vector_half);
    assert_eq!(world.context("alice/docs").await, before);
}

pub(crate) async fn a_batch_prepared_under_other_settings_is_refused(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.instance("alice/other").await;
    let docs = path("alice/docs");
    let target = world.target("alice/docs").await;
    let try_with = async |target| {
        let rows = [row("a", 1.0)];
        let scope = Scope::Admin;
        store
            .upload_embeddings(
                &docs,
                scope,
                target,
                world.batch(&rows),
                at(1),
                &world.witness,
            )
            .await
    };
    let mut wrong = [target; 3];
    wrong[0].settings_revision -= 1;
    wrong[1].instance_id = InstanceId(target.instance_id.0 + 1);
    wrong[2].project_id.0 += 1;
    for target in wrong {
        let result = try_with(target).await;
        let changed = matches!(result, Err(StoreError::Conflict(Conflict::SettingsChanged)));
        assert!(changed, "{target:?}: {result:?}");
    }
    try_with(target).await.unwrap();
    world
        .put_project(&project_spec("alice/docs"))
        .await
        .unwrap();
    let result = try_with(target).await;
    assert!(
        matches!(result, Err(StoreError::Conflict(Conflict::SettingsChanged))),
        "{result:?}"
    );
}

pub(crate) async fn a_change_of_dimensions_refuses_older_batches(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let target = world.target("alice/docs").await;
    let mut mini = instance_spec("alice/mini");
    mini.settings.dimensions = Some(4);
    let keep = StoredKeyChange::Keep;
    store
        .put_instance(&mini, keep, at(1), &world.witness)
        .await
        .unwrap();
    let rows = [row("a", 1.0)];
    let docs = path("alice/docs");
    let result = store
        .upload_embeddings(
            &docs,
            Scope::Admin,
            target,
            world.batch(&rows),
            at(1),
            &world.witness,
        )
        .await;
    assert!(
        matches!(result, Err(StoreError::Conflict(Conflict::SettingsChanged))),
        "{result:?}"
    );
}

pub(crate) async fn required_metadata_may_be_stored_already(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let mut with = row("with", 1.0);
    with.metadata = Some(object(json!({"author": "A"})));
    world
        .upload("alice/docs", &[with, row("without", 1.0)])
        .await;
    let mut target = world.target("alice/docs").await;
    target.metadata_required = true;
    let docs = path("alice/docs");
    let upload = async |rows: &[NewEmbedding]| {
        let scope = Scope::Admin;
        store
            .upload_embeddings(
                &docs,
                scope,
                target,
                world.batch(rows),
                at(1),
                &world.witness,
            )
            .await
    };
    upload(&[row("with", 2.0)]).await.unwrap();
    for bare in ["without", "new"] {
        match upload(&[row("with", 3.0), row(bare, 3.0)]).await {
            Err(StoreError::Conflict(Conflict::MetadataRequired(id))) => assert_eq!(id, bare),
            other => panic!("{other:?}"),
        }
    }
    let kept = world.embedding("alice/docs", "with").await.unwrap();
    assert_eq!(kept.vector_half, row("with", 2.0).vector_half);
}

pub(crate) async fn odd_text_ids_are_kept_as_sent(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let odd = [
        "it's",
        "100%",
        "a\"b",
        "a\\b",
        "%2f",
        "%2F",
        "snow☃man",
        "e\u{301}",
        "é",
        "a b",
        "a+b",
        "$1",
        "?",
        "null",
        "%",
        "_",
        "A",
        "a",
        "",
    ];
    let rows: Vec<NewEmbedding> = odd.iter().map(|id| row(id, 1.0)).collect();
    world.upload("alice/docs", &rows).await;
    for id in odd {
        let stored = world.embedding("alice/docs", id).await;
        assert_eq!(stored.unwrap().text_id, id);
    }
    let mut sorted = odd.map(str::to_owned);
    sorted.sort();
    assert_eq!(world.text_ids("alice/docs").await, sorted);
    // The same ids again are the same rows.
    world.upload("alice/docs", &rows).await;
    assert_eq!(world.text_ids("alice/docs").await.len(), odd.len());
    let docs = path("alice/docs");
    let ids = ["%".to_owned()];
    store
        .delete_embedding(&docs, Scope::Admin, &ids, &world.witness)
        .await
        .unwrap();
    assert_eq!(world.text_ids("alice/docs").await.len(), odd.len() - 1);
}

pub(crate) async fn a_list_is_in_byte_order_and_cut_into_pages(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let rows = ["b", "_c", "a", "B", "ä"].map(|id| row(id, 1.0));
    world.upload("alice/docs", &rows).await;
    assert_eq!(
        world.text_ids("alice/docs").await,
        ["B", "_c", "a", "b", "ä"]
    );
    let docs = path("alice/docs");
    let list = async |page| {
        store
            .list_embeddings(&docs, Scope::Admin, page)
            .await
            .unwrap()
    };
    let ids: Vec<_> = list(page(2, 1))
        .await
        .into_iter()
        .map(|e| e.text_id)
        .collect();
    assert_eq!(ids, ["_c", "a"]);
    assert!(list(page(2, 5)).await.is_empty());
}

pub(crate) async fn the_first_text_id_that_exists_is_taken(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world
        .upload("alice/docs", &[row("a%20b", 1.0), row("a b", 2.0)])
        .await;
    let docs = path("alice/docs");
    let found = async |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        let one = store.embedding(&docs, Scope::Admin, &ids).await.unwrap();
        let vector = store
            .embedding_vector(&docs, Scope::Admin, &ids)
            .await
            .unwrap();
        assert_eq!(
            one.as_ref().map(|e| &e.text_id),
            vector.as_ref().map(|v| &v.text_id)
        );
        one.map(|embedding| embedding.text_id)
    };
    assert_eq!(
        found(&["a+b", "a b", "a%20b"]).await.as_deref(),
        Some("a b")
    );
    assert_eq!(found(&["a%20b", "a b"]).await.as_deref(), Some("a%20b"));
    assert_eq!(found(&["a+b", "a+b"]).await, None);
    // No text with U+0000 is ever stored, and asking for one is no fault.
    assert_eq!(found(&["a\0b"]).await, None);
    assert_eq!(found(&["a\0b", "a b"]).await.as_deref(), Some("a b"));
    assert_eq!(found(&[]).await, None);
    let ids = ["a+b", "a b", "a%20b"].map(str::to_owned);
    let delete = async || {
        store
            .delete_embedding(&docs, Scope::Admin, &ids, &world.witness)
            .await
    };
    delete().await.unwrap();
    assert_eq!(world.text_ids("alice/docs").await, ["a%20b"]);
    delete().await.unwrap();
    let result = delete().await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Embedding(_)))),
        "{result:?}"
    );
    let impossible = ["a\0b".to_owned()];
    let result = store
        .delete_embedding(&docs, Scope::Admin, &impossible, &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Embedding(_)))),
        "{result:?}"
    );
}

pub(crate) async fn the_present_instance_goes_before_others(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.instance("alice/other").await;
    let made_by = async || {
        let stored = world.embedding("alice/docs", "a").await.unwrap();
        stored.instance_handle.to_string()
    };
    world.project("alice/docs", "alice/other").await;
    assert_eq!(made_by().await, "mini");
    world.upload("alice/docs", &[row("a", 2.0)]).await;
    assert_eq!(made_by().await, "other");
    world.project("alice/docs", "alice/mini").await;
    assert_eq!(made_by().await, "mini");
    world
        .put_project(&project_spec("alice/docs"))
        .await
        .unwrap();
    assert_eq!(made_by().await, "other");
    let docs = path("alice/docs");
    let listed = store
        .list_embeddings(&docs, Scope::Admin, Page::ALL)
        .await
        .unwrap();
    let listed: Vec<_> = listed.iter().map(|e| e.instance_handle.as_str()).collect();
    assert_eq!(listed, ["mini", "other"]);
}

pub(crate) async fn deletion_takes_every_row_of_an_id(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 1.0)])
        .await;
    world.instance("alice/other").await;
    world.project("alice/docs", "alice/other").await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.witness.take();
    let docs = path("alice/docs");
    let ids = ["a".to_owned()];
    store
        .delete_embedding(&docs, Scope::Admin, &ids, &world.witness)
        .await
        .unwrap();
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::EmbeddingsDelete, Some(id))
    );
    assert_eq!(change.details.get("count").unwrap(), 2);
    assert_eq!(world.text_ids("alice/docs").await, ["b"]);
    let none = path("alice/none");
    let result = store
        .delete_embedding(&none, Scope::Admin, &ids, &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
}

pub(crate) async fn all_embeddings_are_deleted_at_once(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.project("alice/other", "alice/mini").await;
    for project in ["alice/docs", "alice/other"] {
        world.upload(project, &[row("a", 1.0), row("b", 1.0)]).await;
    }
    world.witness.take();
    let docs = path("alice/docs");
    let delete = async || {
        store
            .delete_embeddings(&docs, Scope::Admin, &world.witness)
            .await
    };
    assert_eq!(delete().await.unwrap(), 2);
    assert_eq!(world.witness.one().details.get("count").unwrap(), 2);
    assert_eq!(delete().await.unwrap(), 0);
    assert!(world.witness.take().is_empty());
    assert_eq!(world.text_ids("alice/other").await.len(), 2);
    let none = path("alice/none");
    let result = store
        .delete_embeddings(&none, Scope::Admin, &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
}

pub(crate) async fn a_batch_of_every_size_is_stored(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let mut expected = 0;
    for size in [1, 2, 3, 63, 64, 65, 100, 127, 200] {
        let rows: Vec<_> = (0..size)
            .map(|n| row(&format!("{size}-{n}"), 1.0))
            .collect();
        world.upload("alice/docs", &rows).await;
        expected += size;
        assert_eq!(world.text_ids("alice/docs").await.len(), expected);
    }
}
