//! Keys that are destroyed for good, and the rows that go after them.

use super::deletion::{KEEP, add_key, buried, deleted, docs_and_live, undelete};
use super::world::{LATER, World, at, path, row};
use crate::domain::access::Scope;
use crate::domain::audit::Action;
use crate::domain::key::{KeyId, KeyScope, KeyState};
use crate::store::{Doom, Missing, Remains, Store, StoreError};

pub(crate) async fn the_keys_of_a_project_are_destroyed_and_remembered(store: &dyn Store) {
    let world = World::new(store);
    let (_, _, docs) = docs_and_live(&world).await;
    let live = world.context("alice/live").await.id;
    add_key(store, "old", docs, KeyState::DecryptOnly).await;
    add_key(store, "new", docs, KeyState::Active).await;
    add_key(store, "live-key", live, KeyState::Active).await;
    world.delete_project("alice/docs").await.unwrap();
    world.witness.take();
    let due = Doom::Due { keep: KEEP };
    // Not before its time, and never a live one.
    for (id, now) in [(docs, LATER - 1), (live, 10 * LATER)] {
        let spared = store
            .destroy_project(id, due, at(now), &world.witness)
            .await;
        assert_eq!(spared.unwrap(), None);
    }
    assert!(world.witness.take().is_empty());
    let destroyed = store
        .destroy_project(docs, due, at(LATER), &world.witness)
        .await
        .unwrap()
        .unwrap();
    let mut ids: Vec<_> = destroyed.key_ids.iter().map(|id| id.0.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(
        (ids, destroyed.number_of_embeddings),
        (vec!["new", "old"], 2)
    );
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::DataKeyDestroy, Some(docs))
    );
    let left = store.data_keys(None).await.unwrap();
    let left: Vec<_> = left.iter().map(|record| record.key.id.0.as_str()).collect();
    assert_eq!(left, ["live-key"]);
    for key in store.destroyed_keys().await.unwrap() {
        assert_eq!(key.scope, KeyScope::Project(docs));
        assert_eq!(key.project, Some(path("alice/docs")));
        assert_eq!(key.destroyed_at, at(LATER));
    }
    assert_eq!(store.destroyed_keys().await.unwrap().len(), 2);
    assert_eq!(store.count_destroyed_keys().await.unwrap(), 2);
    // Nothing brings it back, and nothing is destroyed twice.
    let back = undelete(&world, docs, "docs").await;
    assert!(
        matches!(back, Err(StoreError::Missing(Missing::ProjectId(_)))),
        "{back:?}"
    );
    let again = store
        .destroy_project(docs, Doom::Now, at(LATER), &world.witness)
        .await;
    assert_eq!(again.unwrap(), None);
    assert_eq!(deleted(store).await[0].former_handle, None);
}

pub(crate) async fn a_live_project_is_out_of_service_with_its_key(store: &dyn Store) {
    let world = World::new(store);
    let (_, bob, docs) = docs_and_live(&world).await;
    add_key(store, "key", docs, KeyState::Active).await;
    let destroyed = store
        .destroy_project(docs, Doom::Now, at(1), &world.witness)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(destroyed.key_ids, [KeyId("key".to_owned())]);
    for scope in [Scope::Admin, Scope::User(bob)] {
        let found = store.project(&path("alice/docs"), scope).await.unwrap();
        assert!(found.is_none());
    }
    let remembered = store.destroyed_keys().await.unwrap();
    assert_eq!(remembered[0].project, Some(path("alice/docs")));
    assert!(world.project("alice/docs", "alice/mini").await > docs);
}

pub(crate) async fn the_rows_of_a_destroyed_project_go_in_batches(store: &dyn Store) {
    let world = World::new(store);
    let (docs, mini) = buried(&world).await;
    world.instance("alice/mini").await;
    let live = world.project("alice/live", "alice/mini").await;
    world.upload("alice/live", &[row("a", 1.0)]).await;
    // Only what was destroyed is removed, whatever is asked for.
    for id in [docs, live] {
        assert_eq!(store.remove_destroyed(id, 10).await.unwrap(), 0);
    }
    assert_eq!(world.text_ids("alice/live").await, ["a"]);
    assert_eq!(deleted(store).await[0].number_of_embeddings, 2);

    let destroyed = store
        .destroy_project(docs, Doom::Now, at(2), &world.witness)
        .await;
    assert!(destroyed.unwrap().is_some());
    world.witness.take();
    for left in [1, 0] {
        assert_eq!(store.remove_destroyed(docs, 1).await.unwrap(), 1);
        assert_eq!(deleted(store).await[0].number_of_embeddings, left);
    }
    assert_eq!(store.remove_destroyed(docs, 1).await.unwrap(), 0);
    assert!(deleted(store).await.is_empty());
    assert_eq!(store.remove_destroyed(docs, 1).await.unwrap(), 0);
    assert!(world.witness.take().is_empty());
    // The instances that it alone needed are gone with it: their ids name nothing any more.
    assert_eq!(store.sealed_provider_key(mini).await.unwrap(), None);
    world.delete_user("alice").await.unwrap();
    assert_eq!(world.witness.one().details.get("instances").unwrap(), 1);
}

pub(crate) async fn keys_of_projects_that_are_gone_are_destroyed_at_their_time(store: &dyn Store) {
    let world = World::new(store);
    let (_, docs) = world.docs().await;
    world.user("bob").await;
    world.instance("bob/mini").await;
    let cats = world.project("bob/cats", "bob/mini").await;
    add_key(store, "docs-key", docs, KeyState::Active).await;
    add_key(store, "cats-key", cats, KeyState::Active).await;
    world.delete_user("alice").await.unwrap();
    world.witness.take();
    let early = store
        .destroy_orphaned_keys(at(LATER - 1), &world.witness)
        .await;
    assert!(early.unwrap().is_empty());
    assert!(world.witness.take().is_empty());
    let ids = [KeyId("docs-key".to_owned())];
    assert_eq!(store.orphaned_keys(at(LATER)).await.unwrap(), ids);
    let gone = store.destroy_orphaned_keys(at(LATER), &world.witness).await;
    assert_eq!(gone.unwrap(), ids);
    assert_eq!(world.witness.action(), Action::DataKeyDestroy);
    let remembered = store.destroyed_keys().await.unwrap();
    assert_eq!(
        (&remembered[0].id, &remembered[0].project),
        (&ids[0], &None)
    );
    assert!(store.orphaned_keys(at(LATER)).await.unwrap().is_empty());
    // A reset dooms the keys of every project, and those of the system stay.
    world.reset().await.unwrap();
    let keys = store.data_keys(None).await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].destroy_after, Some(at(LATER)));
}

pub(crate) async fn a_refused_event_destroys_nothing(store: &dyn Store) {
    let world = World::new(store);
    let (_, _, docs) = docs_and_live(&world).await;
    add_key(store, "key", docs, KeyState::Active).await;
    world.witness.refuse(true);
    let doomed = store
        .destroy_project(docs, Doom::Now, at(1), &world.witness)
        .await;
    assert!(matches!(doomed, Err(StoreError::Audit(_))), "{doomed:?}");
    let gone = world.delete_project("alice/docs").await;
    assert!(matches!(gone, Err(StoreError::Audit(_))), "{gone:?}");
    assert_eq!(world.text_ids("alice/docs").await, ["a", "b"]);
    assert_eq!(store.data_keys(None).await.unwrap().len(), 1);
    assert!(store.destroyed_keys().await.unwrap().is_empty());
    world.witness.refuse(false);
    world.delete_project("alice/docs").await.unwrap();
    world.witness.refuse(true);
    let back = undelete(&world, docs, "docs").await;
    assert!(matches!(back, Err(StoreError::Audit(_))), "{back:?}");
    assert_eq!(deleted(store).await.len(), 1);
}

pub(crate) async fn an_undeletion_beside_its_destruction_is_before_or_after_it(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    world.instance("alice/mini").await;
    for round in 0..8 {
        let id = world.project("alice/docs", "alice/mini").await;
        add_key(store, &format!("key {round}"), id, KeyState::Active).await;
        world.delete_project("alice/docs").await.unwrap();
        let due = Doom::Due { keep: KEEP };
        let (back, destroyed) = tokio::join!(
            undelete(&world, id, "docs"),
            store.destroy_project(id, due, at(LATER), &world.witness)
        );
        let keys = store.data_keys(Some(KeyScope::Project(id))).await.unwrap();
        match (back, destroyed.unwrap()) {
            (Ok(_), None) => {
                assert_eq!(keys.len(), 1);
                world.delete_project("alice/docs").await.unwrap();
            }
            (Err(StoreError::Missing(Missing::ProjectId(_))), Some(_)) => {
                assert!(keys.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn deleted_bytes_are_scrubbed_as_far_as_the_engine_can(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let remains = store.scrub_deleted().await.unwrap();
    assert_ne!(remains, Remains::InTheLog);
    world.upload("alice/docs", &[row("a", 1.0)]).await;
}
