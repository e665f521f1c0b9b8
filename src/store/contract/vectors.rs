//! What a search reads: vectors in order of row id, what changed since, metadata by row id.

use super::world::{World, object, path, row};
use crate::domain::access::Scope;
use crate::domain::embedding::{StoredMetadata, VectorRow};
use crate::domain::ids::EmbeddingId;
use crate::store::Store;
use serde_json::json;

pub(crate) async fn vectors_are_scanned_in_order_of_row_id(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    world.project("alice/other", "alice/mini").await;
    for text_id in ["c", "a", "b", "d"] {
        world.upload("alice/docs", &[row(text_id, 1.0)]).await;
        world.upload("alice/other", &[row(text_id, 9.0)]).await;
    }
    world.upload("alice/docs", &[row("a", 2.0)]).await;
    let mut after = EmbeddingId(0);
    let mut seen = Vec::new();
    loop {
        let some = store.scan_vectors(id, after, 3).await.unwrap();
        let Some(last) = some.last() else { break };
        after = last.id;
        seen.extend(some);
    }
    assert!(seen.is_sorted_by(|one, next| one.id < next.id));
    let ids: Vec<_> = seen
        .iter()
        .map(|v| (v.text_id.as_str(), v.data_revision))
        .collect();
    assert_eq!(ids, [("c", 1), ("a", 5), ("b", 3), ("d", 4)]);
    assert_eq!(seen[1].vector_half, row("a", 2.0).vector_half);
    assert_eq!(seen[1].vector_dim, 3);
}

pub(crate) async fn vectors_written_after_a_revision_are_found(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 1.0)])
        .await;
    world.upload("alice/docs", &[row("c", 1.0)]).await;
    world.upload("alice/docs", &[row("a", 2.0)]).await;
    let since = async |revision, limit| {
        let vectors = store.vectors_since(id, revision, limit).await.unwrap();
        vectors
            .into_iter()
            .map(|vector| vector.text_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(since(0, 10).await, ["a", "b", "c"]);
    assert_eq!(since(1, 10).await, ["a", "c"]);
    assert_eq!(since(1, 1).await, ["a"]);
    assert_eq!(since(2, 10).await, ["a"]);
    assert!(since(3, 10).await.is_empty());
}

pub(crate) async fn metadata_are_read_by_row_id(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    let other = world.project("alice/other", "alice/mini").await;
    let mut with = row("with", 1.0);
    let metadata = object(json!({"author": "A"}));
    with.metadata = Some(metadata.clone());
    world
        .upload("alice/docs", &[with, row("without", 1.0)])
        .await;
    let rows = store.scan_vectors(id, EmbeddingId(0), 10).await.unwrap();
    let ids = [rows[1].id, EmbeddingId(rows[1].id.0 + 50), rows[0].id];
    let found = store.metadata_of(id, &ids).await.unwrap();
    let instance_id = world.target("alice/docs").await.instance_id;
    let stored = |row: &VectorRow, metadata| StoredMetadata {
        id: row.id,
        instance_id,
        text_id: row.text_id.clone(),
        metadata,
    };
    let kept = serde_json::to_string(&metadata).ok();
    assert_eq!(found, [stored(&rows[1], None), stored(&rows[0], kept)]);
    assert!(store.metadata_of(other, &ids).await.unwrap().is_empty());
    assert!(store.metadata_of(id, &[]).await.unwrap().is_empty());
}

pub(crate) async fn revisions_grow_with_data_and_removals(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let docs = path("alice/docs");
    let revisions = async || {
        let context = world.context("alice/docs").await;
        (context.data_revision, context.removal_revision)
    };
    assert_eq!(revisions().await, (0, 0));
    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 1.0)])
        .await;
    world.upload("alice/docs", &[row("a", 2.0)]).await;
    assert_eq!(revisions().await, (2, 0));
    let ids = ["a".to_owned()];
    store
        .delete_embedding(&docs, Scope::Admin, &ids, &world.witness)
        .await
        .unwrap();
    assert_eq!(revisions().await, (3, 3));
    world.upload("alice/docs", &[row("c", 2.0)]).await;
    assert_eq!(revisions().await, (4, 3));
    store
        .delete_embeddings(&docs, Scope::Admin, &world.witness)
        .await
        .unwrap();
    assert_eq!(revisions().await, (5, 5));
    store
        .delete_embeddings(&docs, Scope::Admin, &world.witness)
        .await
        .unwrap();
    assert_eq!(revisions().await, (5, 5));
}

pub(crate) async fn a_project_is_told_to_have_more_rows_or_not(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let docs = world.context("alice/docs").await.id;
    assert!(!store.has_more_embeddings_than(docs, 0).await.unwrap());
    let rows = ["a", "b", "c"].map(|id| row(id, 1.0));
    world.upload("alice/docs", &rows).await;
    assert!(store.has_more_embeddings_than(docs, 2).await.unwrap());
    assert!(!store.has_more_embeddings_than(docs, 3).await.unwrap());
    let nowhere = crate::domain::ids::ProjectId(docs.0 + 1);
    assert!(!store.has_more_embeddings_than(nowhere, 0).await.unwrap());
}
