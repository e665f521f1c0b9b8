//! The deployment as a whole.

use super::keys::key;
use super::world::{World, at, digest, handle, path, row, share};
use crate::domain::access::{Role, Scope};
use crate::domain::ids::SYSTEM_HANDLE;
use crate::domain::key::{KeyScope, KeyState};
use crate::domain::page::Page;
use crate::domain::user::KeyOwner;
use crate::store::{Conflict, Store, StoreError};

pub(crate) async fn the_database_answers(store: &dyn Store) {
    store.ping().await.unwrap();
}

pub(crate) async fn a_claim_is_replaced_until_it_is_completed(store: &dyn Store) {
    let claim = |id: &str| key(id, KeyScope::System, KeyState::Pending);
    assert_eq!(store.claimed_key().await.unwrap(), None);
    let (first, second) = (claim("first"), claim("second"));
    store.claim(&first, &digest("old"), at(1)).await.unwrap();
    store.claim(&second, &digest("new"), at(1)).await.unwrap();
    assert_eq!(store.claimed_key().await.unwrap(), Some(second.clone()));
    assert_eq!(store.data_key(KeyScope::System).await.unwrap(), None);
    // The claim that was replaced cannot be completed, and its key is nobody's.
    assert!(!store.complete_claim(&first.id).await.unwrap());
    let owner = async |name| store.key_owner(&digest(name), at(2)).await.unwrap();
    assert_eq!(owner("old").await, None);
    assert_eq!(owner("new").await, Some(KeyOwner::Admin));
    assert!(store.complete_claim(&second.id).await.unwrap());
    assert!(!store.complete_claim(&second.id).await.unwrap());
    let active = store.data_key(KeyScope::System).await.unwrap().unwrap();
    assert_eq!((active.id, active.state), (second.id, KeyState::Active));
    assert_eq!(store.claimed_key().await.unwrap(), None);
    let late = store.claim(&first, &digest("late"), at(3)).await;
    assert!(
        matches!(late, Err(StoreError::Conflict(Conflict::InUse(_)))),
        "{late:?}"
    );
    assert_eq!(owner("new").await, Some(KeyOwner::Admin));
}

pub(crate) async fn a_reset_leaves_the_seeds_and_the_keys(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    let grant = share("bob", Role::Editor);
    let mini = path("alice/mini");
    store
        .share_instance(&mini, &grant, at(1), &world.witness)
        .await
        .unwrap();
    world.project("bob/cats", "alice/mini").await;
    world.upload("bob/cats", &[row("a", 1.0)]).await;
    let seed = path("_system/cohere-v4");
    store
        .share_definition(&seed, &handle("bob"), at(1), &world.witness)
        .await
        .unwrap();
    store.add_admin_key(&digest("admin"), at(1)).await.unwrap();
    let data_key = key("dk", KeyScope::System, KeyState::Active);
    store.insert_data_key(&data_key, at(1)).await.unwrap();
    let standards = store.list_api_standards(Page::ALL).await.unwrap();
    let definitions = store
        .list_definitions(&handle(SYSTEM_HANDLE), Page::ALL)
        .await
        .unwrap();
    world.witness.take();

    world.reset().await.unwrap();
    let details = world.witness.one().details;
    for (fact, number) in [("users", 2), ("projects", 2), ("embeddings", 1)] {
        assert_eq!(details.get(fact).unwrap(), number, "{fact}");
    }
    let users = store.list_users(Page::ALL).await.unwrap();
    let users: Vec<_> = users.iter().map(|user| user.handle.as_str()).collect();
    assert_eq!(users, [SYSTEM_HANDLE]);
    assert!(store.project_health().await.unwrap().is_empty());
    assert!(store.instance(&mini, Scope::Admin).await.unwrap().is_none());
    assert!(
        store
            .key_owner(&digest("bob"), at(1))
            .await
            .unwrap()
            .is_none()
    );
    let admin = store.key_owner(&digest("admin"), at(1)).await.unwrap();
    assert_eq!(admin, Some(KeyOwner::Admin));
    assert_eq!(
        store.data_key(KeyScope::System).await.unwrap(),
        Some(data_key)
    );
    assert_eq!(
        store.list_api_standards(Page::ALL).await.unwrap(),
        standards
    );
    let left = store
        .list_definitions(&handle(SYSTEM_HANDLE), Page::ALL)
        .await
        .unwrap();
    assert_eq!(left, definitions);
    assert!(
        store
            .definition_shares(&seed, Page::ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .committed_events(super::world::STREAM)
            .await
            .unwrap()
            .last()
            > 0
    );
}

pub(crate) async fn a_read_only_database_takes_no_changes(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.witness.take();
    store
        .set_read_only(Some("it is being moved"))
        .await
        .unwrap();
    let bob = world
        .try_upload("alice/docs", Scope::Admin, &[row("b", 1.0)])
        .await;
    let gone = world.delete_project("alice/docs").await.map(drop);
    for refused in [bob, gone] {
        assert!(
            matches!(&refused, Err(StoreError::ReadOnly(why)) if why == "it is being moved"),
            "{refused:?}"
        );
    }
    assert!(world.witness.take().is_empty());
    assert_eq!(world.text_ids("alice/docs").await, ["a"]);
    store.set_read_only(None).await.unwrap();
    world.upload("alice/docs", &[row("b", 1.0)]).await;
    assert_eq!(world.text_ids("alice/docs").await, ["a", "b"]);
}
