//! Sequences of uploads and deletions leave the store as they would leave a map.

use super::content::{SEALS_ALL, TestContent};
use super::world::{World, object, path, row};
use crate::domain::access::Scope;
use crate::domain::embedding::{Metadata, NewEmbedding};
use crate::domain::ids::{EmbeddingId, ProjectId};
use crate::domain::page::Page;
use crate::store::Store;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::collections::BTreeMap;

const SEQUENCES: usize = 24;

#[derive(Clone, Debug)]
enum Step {
    Upload(Vec<NewEmbedding>),
    Delete(String),
    DeleteAll,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    text: Option<String>,
    metadata: Option<Metadata>,
    vector_half: Vec<u8>,
}

fn text_id() -> impl Strategy<Value = String> {
    prop_oneof!["[a-f]", "[%'_]", "[äöü☃]"]
}

fn new_embedding() -> impl Strategy<Value = NewEmbedding> {
    let text = prop_oneof![
        Just(None),
        Just(Some(String::new())),
        "[a-z]{1,3}".prop_map(Some)
    ];
    let value = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("x"))];
    let metadata = proptest::option::of(vec(("[klm]", value), 0..3));
    (text_id(), text, metadata, -100_i8..100).prop_map(|(id, text, metadata, number)| {
        let mut new = row(&id, f32::from(number));
        new.text = text;
        new.metadata = metadata.map(|pairs| object(pairs.into_iter().collect()));
        new
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => vec(new_embedding(), 0..8).prop_map(Step::Upload),
        3 => text_id().prop_map(Step::Delete),
        1 => Just(Step::DeleteAll),
    ]
}

/// What the rules say, written as plainly as possible.
fn apply(model: &mut BTreeMap<String, Row>, step: &Step) {
    match step {
        Step::Upload(rows) => {
            for new in rows {
                let row = model.entry(new.text_id.clone()).or_default();
                row.vector_half.clone_from(&new.vector_half);
                if new.text.as_deref().is_some_and(|text| !text.is_empty()) {
                    row.text.clone_from(&new.text);
                }
                if let Some(given) = &new.metadata {
                    let mut merged = row.metadata.take().unwrap_or_default();
                    merged.extend(given.clone());
                    merged.retain(|_, value| !value.is_null());
                    row.metadata = Some(merged);
                }
            }
        }
        Step::Delete(text_id) => {
            model.remove(text_id);
        }
        Step::DeleteAll => model.clear(),
    }
}

pub(crate) async fn sequences_of_changes_equal_a_map(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    equal_a_map(&world, id).await;
}

pub(crate) async fn sequences_of_sealed_changes_equal_a_map(store: &dyn Store) {
    let mut world = World::new(store);
    let (_, id) = world.docs().await;
    world.content = TestContent::of_project(store, id, SEALS_ALL).await;
    equal_a_map(&world, id).await;
}

async fn equal_a_map(world: &World<'_>, id: ProjectId) {
    let store = world.store;
    let docs = path("alice/docs");
    let mut runner = TestRunner::deterministic();
    let mut model = BTreeMap::new();
    for _ in 0..SEQUENCES {
        let steps = vec(step(), 1..6).new_tree(&mut runner).unwrap().current();
        for step in &steps {
            match step {
                Step::Upload(rows) => world.upload("alice/docs", rows).await,
                Step::Delete(text_id) => {
                    let ids = std::slice::from_ref(text_id);
                    let scope = Scope::Admin;
                    let done = store
                        .delete_embedding(&docs, scope, ids, &world.witness)
                        .await;
                    assert_eq!(done.is_ok(), model.contains_key(text_id), "{done:?}");
                }
                Step::DeleteAll => {
                    let scope = Scope::Admin;
                    let count = store.delete_embeddings(&docs, scope, &world.witness).await;
                    assert_eq!(count.unwrap(), model.len() as u64);
                }
            }
            apply(&mut model, step);
        }
        let stored = store
            .list_embeddings(&docs, Scope::Admin, Page::ALL)
            .await
            .unwrap();
        let vectors = store
            .scan_vectors(id, EmbeddingId(0), u32::MAX)
            .await
            .unwrap();
        let by_id: BTreeMap<_, _> = vectors
            .into_iter()
            .map(|vector| (vector.text_id, vector.vector_half))
            .collect();
        let stored: Vec<(String, Row)> = stored
            .into_iter()
            .map(|stored| {
                assert_eq!(by_id.get(&stored.text_id), Some(&stored.vector_half));
                let opened = world.content.opened(stored);
                let row = Row {
                    text: opened.text,
                    metadata: opened.metadata,
                    vector_half: opened.stored.vector_half,
                };
                (opened.stored.text_id, row)
            })
            .collect();
        let expected: Vec<(String, Row)> = model.clone().into_iter().collect();
        assert_eq!(stored, expected, "after {steps:?}");
        assert_eq!(by_id.len(), expected.len());
    }
}
