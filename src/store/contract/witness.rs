//! The event of a change is durable before the change, and tells the truth.

use super::world::{STREAM, World, at, digest, handle, path, project_spec, row, share, user_spec};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::{Action, AuditMark};
use crate::domain::user::UserState;
use crate::store::{PutMode, Store, StoreError};
use std::time::Duration;

pub(crate) async fn a_refused_event_undoes_the_change(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    let before = world.context("alice/docs").await;
    let seq = store.committed_events(STREAM).await.unwrap().last();
    world.witness.refuse(true);
    let docs = path("alice/docs");
    let witness = &world.witness;
    let spec = user_spec("bob");
    let results = [
        world
            .try_upload("alice/docs", Scope::Admin, &[row("b", 1.0)])
            .await,
        store
            .delete_embeddings(&docs, Scope::Admin, witness)
            .await
            .map(drop),
        world.delete_project("alice/docs").await.map(drop),
        world
            .put_project(&project_spec("alice/docs"))
            .await
            .map(drop),
        store
            .put_user(&spec, &digest("bob"), PutMode::CreateOnly, at(1), witness)
            .await
            .map(drop),
        world.reset().await,
    ];
    for result in results {
        assert!(matches!(result, Err(StoreError::Audit(_))), "{result:?}");
    }
    assert!(witness.take_undone().is_empty());
    assert_eq!(world.text_ids("alice/docs").await, ["a"]);
    assert_eq!(world.context("alice/docs").await, before);
    assert!(store.user(&handle("bob"), at(1)).await.unwrap().is_none());
    assert_eq!(store.committed_events(STREAM).await.unwrap().last(), seq);
    witness.refuse(false);
    world.upload("alice/docs", &[row("b", 1.0)]).await;
}

pub(crate) async fn the_mark_of_a_change_is_committed_with_it(store: &dyn Store) {
    let world = World::new(store);
    assert_eq!(store.committed_events(STREAM).await.unwrap().last(), 0);
    world.user("alice").await;
    assert_eq!(store.committed_events(STREAM).await.unwrap().last(), 1);
    world.witness.set_next_seq(41);
    world.user("bob").await;
    assert_eq!(store.committed_events(STREAM).await.unwrap().last(), 41);
    assert_eq!(store.committed_events("other-0").await.unwrap().last(), 0);
    assert!(world.witness.take_undone().is_empty());
}

pub(crate) async fn a_commit_that_fails_is_told_to_the_witness(store: &dyn Store) {
    let world = World::new(store);
    // No database keeps a sequence number above 2^63, so the commit of this one must fail.
    world.witness.set_next_seq(u64::MAX);
    let spec = user_spec("alice");
    let result = store
        .put_user(
            &spec,
            &digest("alice"),
            PutMode::CreateOnly,
            at(1),
            &world.witness,
        )
        .await;
    assert!(matches!(result, Err(StoreError::Fault(_))), "{result:?}");
    let mark = AuditMark {
        stream: STREAM.to_owned(),
        seq: u64::MAX,
    };
    assert_eq!(world.witness.take_undone(), [mark]);
    assert!(store.user(&handle("alice"), at(1)).await.unwrap().is_none());
    world.witness.take();
    world.witness.set_next_seq(7);
    world.user("alice").await;
}

pub(crate) async fn a_caller_who_goes_away_after_the_event_does_not_stop_the_commit(
    store: &dyn Store,
) {
    let world = World::new(store);
    world.docs().await;
    world.witness.record_begins().await;
    world.witness.record_begins().await;
    world.witness.record_begins().await;
    world.witness.close_gate();
    let rows = [row("a", 1.0)];
    tokio::select! {
        biased;
        result = world.try_upload("alice/docs", Scope::Admin, &rows) => panic!("{result:?}"),
        () = world.witness.record_begins() => {}
    }
    // The caller is gone, the event is about to be durable.
    world.witness.open_gate();
    // The next write waits for its turn, which comes after the commit.
    let state = UserState::Disabled;
    let changed = store
        .set_user_state(&handle("alice"), state, at(1), &world.witness)
        .await;
    assert!(changed.unwrap());
    assert_eq!(world.text_ids("alice/docs").await, ["a"]);
    let actions: Vec<_> = world.witness.take().iter().map(|c| c.action).collect();
    assert_eq!(actions, [Action::EmbeddingsUpload, Action::UserDisable]);
    assert!(world.witness.take_undone().is_empty());
}

pub(crate) async fn a_caller_who_goes_away_while_waiting_leaves_nothing(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    for millis in [0, 1, 2, 3, 5, 8] {
        let rows: Vec<_> = (0..100)
            .map(|n| row(&format!("{millis}-{n}"), 1.0))
            .collect();
        let upload = world.try_upload("alice/docs", Scope::Admin, &rows);
        drop(tokio::time::timeout(Duration::from_millis(millis), upload).await);
        // Whenever it stopped, the next write is not kept waiting and sees all or nothing.
        world.upload("alice/docs", &[row("after", 1.0)]).await;
        let stored = world.text_ids("alice/docs").await.len();
        assert_eq!(stored % 100, 1, "{stored}");
    }
    let events = world.witness.take();
    let committed = store.committed_events(STREAM).await.unwrap().last();
    assert_eq!(events.len() as u64 + 3, committed);
}

pub(crate) async fn every_change_is_one_event(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    let docs = path("alice/docs");
    let witness = &world.witness;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    assert_eq!(witness.action(), Action::EmbeddingsUpload);
    let grant = share("bob", Role::Reader);
    store
        .share_project(&docs, &grant, at(1), witness)
        .await
        .unwrap();
    assert_eq!(witness.action(), Action::ProjectShare);
    store
        .unshare_project(&docs, &handle("bob"), witness)
        .await
        .unwrap();
    assert_eq!(witness.action(), Action::ProjectUnshare);
    store
        .delete_embeddings(&docs, Scope::Admin, witness)
        .await
        .unwrap();
    assert_eq!(witness.action(), Action::EmbeddingsDelete);
    world.delete_project("alice/docs").await.unwrap();
    assert_eq!(witness.action(), Action::ProjectDelete);
    world.delete_instance("alice/mini").await.unwrap();
    assert_eq!(witness.action(), Action::InstanceDelete);
    world.delete_user("alice").await.unwrap();
    assert_eq!(witness.action(), Action::UserDelete);
    world.reset().await.unwrap();
    assert_eq!(witness.action(), Action::AdminReset);
}
