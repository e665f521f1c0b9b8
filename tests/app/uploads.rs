//! Uploads: all or nothing, also when the project changes in between.

use crate::desk::{Desk, admin, item, notes, notes_spec, tag};
use embsec::app::App;
use embsec::app::error::AppError;
use embsec::domain::page::Page;
use embsec::domain::project::ProjectSpec;
use embsec::store::{Conflict, Missing};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

async fn ids(app: &App) -> Vec<String> {
    match app.list_embeddings(&admin(), &notes(), Page::ALL).await {
        Ok(found) => found.into_iter().map(|found| found.text_id).collect(),
        Err(AppError::Empty(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

/// Lets somebody put the project between the check of an upload and its writing, the first
/// `times` times that an upload comes that far; returns how often one did.
fn put_in_between(
    desk: &Desk,
    times: usize,
    spec: impl Fn(usize) -> ProjectSpec + Send + 'static,
) -> Arc<AtomicUsize> {
    let reached = Arc::new(AtomicUsize::new(0));
    let (other, counter) = (desk.beside(0), Arc::clone(&reached));
    desk.clock.when_read(move || {
        let time = counter.fetch_add(1, Ordering::SeqCst);
        if time < times {
            let put = async { other.put_project(&admin(), &spec(time)).await.unwrap() };
            block_in_place(|| Handle::current().block_on(put));
        }
    });
    reached
}

fn described(time: usize) -> ProjectSpec {
    ProjectSpec {
        description: Some(format!("changed {time}")),
        ..notes_spec()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_prepared_again_when_the_settings_change_under_it() {
    let desk = Desk::with_notes(2).await;
    let reached = put_in_between(&desk, 2, described);
    let items = [item("one", &[1.0, 0.0], None)];
    desk.app
        .upload_embeddings(&admin(), &notes(), &items)
        .await
        .unwrap();
    assert_eq!(reached.load(Ordering::SeqCst), 3);
    assert_eq!(ids(&desk.app).await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_under_which_the_settings_never_rest_is_a_conflict() {
    let desk = Desk::with_notes(2).await;
    put_in_between(&desk, usize::MAX, described);
    let items = [item("one", &[1.0, 0.0], None)];
    let refused = desk.app.upload_embeddings(&admin(), &notes(), &items).await;
    assert!(matches!(
        refused,
        Err(AppError::Conflict(Conflict::SettingsChanged))
    ));
    assert!(ids(&desk.app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_set_under_an_upload_holds_for_it() {
    let desk = Desk::with_notes(2).await;
    put_in_between(&desk, 1, |_| ProjectSpec {
        metadata_scheme: Some(r#"{"properties":{"tag":{"type":"integer"}}}"#.to_owned()),
        ..notes_spec()
    });
    let items = [item("one", &[1.0, 0.0], tag("text"))];
    let refused = desk.app.upload_embeddings(&admin(), &notes(), &items).await;
    assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
    assert!(ids(&desk.app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dimension_that_changes_under_an_upload_holds_for_it() {
    let desk = Arc::new(Desk::with_notes(2).await);
    let first = Arc::new(AtomicUsize::new(0));
    let changing = Arc::clone(&desk);
    desk.clock.when_read(move || {
        if first.fetch_add(1, Ordering::SeqCst) == 0 {
            block_in_place(|| Handle::current().block_on(changing.mini(3)));
        }
    });
    let items = [item("one", &[1.0, 0.0], None)];
    let refused = desk.app.upload_embeddings(&admin(), &notes(), &items).await;
    assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
    assert!(ids(&desk.app).await.is_empty());
}

#[tokio::test]
async fn one_bad_item_anywhere_leaves_nothing_of_the_batch() {
    let desk = Desk::with_notes(2).await;
    let good = |number: usize| item(&format!("good-{number}"), &[1.0, 0.0], None);
    let bad = [
        item("bad", &[1.0], None),
        item("bad", &[0.0, 0.0], None),
        item("bad", &[f32::NAN, 0.0], None),
        item("bad", &[f32::INFINITY, 0.0], None),
        item("", &[1.0, 0.0], None),
        item(&"x".repeat(301), &[1.0, 0.0], None),
    ];
    for bad in bad {
        for place in [0, 50, 100] {
            let mut items: Vec<_> = (0..100).map(good).collect();
            items.insert(place, bad.clone());
            let refused = desk.app.upload_embeddings(&admin(), &notes(), &items).await;
            let expected = matches!(refused, Err(AppError::Invalid(_) | AppError::Fields(_)));
            assert!(expected, "{refused:?}");
            assert!(ids(&desk.app).await.is_empty());
        }
    }
}

#[tokio::test]
async fn with_a_schema_metadata_must_be_there_and_satisfy_it() {
    let desk = Desk::with_notes(2).await;
    let upload = async |metadata| {
        let items = [item("one", &[1.0, 0.0], metadata)];
        desk.app.upload_embeddings(&admin(), &notes(), &items).await
    };
    upload(None).await.unwrap();
    let strict = ProjectSpec {
        metadata_scheme: Some(r#"{"required":["tag"]}"#.to_owned()),
        ..notes_spec()
    };
    desk.app.put_project(&admin(), &strict).await.unwrap();
    let missing = upload(None).await;
    assert!(matches!(missing, Err(AppError::Invalid(text)) if text.contains("is required")));
    let wrong = upload(Some(serde_json::Map::new())).await;
    assert!(matches!(wrong, Err(AppError::Invalid(text)) if text.contains("tag is required")));
    upload(tag(1)).await.unwrap();
    // What is stored satisfies the schema, so it may be left out.
    upload(None).await.unwrap();
}

#[tokio::test]
async fn an_id_is_looked_up_in_the_order_of_its_spellings() {
    let desk = Desk::with_notes(2).await;
    let items = [
        item("a%2Fb", &[1.0, 0.0], None),
        item("a/b", &[0.0, 1.0], None),
    ];
    desk.app
        .upload_embeddings(&admin(), &notes(), &items)
        .await
        .unwrap();
    let spellings = ["a%2Fb".to_owned(), "a/b".to_owned()];
    for expected in ["a%2Fb", "a/b"] {
        let found = desk
            .app
            .embedding(&admin(), &notes(), &spellings)
            .await
            .unwrap();
        assert_eq!(found.text_id, expected);
        desk.app
            .delete_embedding(&admin(), &notes(), &spellings)
            .await
            .unwrap();
    }
    let gone = desk.app.embedding(&admin(), &notes(), &spellings).await;
    assert!(matches!(
        gone,
        Err(AppError::Missing(Missing::Embedding(_)))
    ));
}
