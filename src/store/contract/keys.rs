//! Data keys: which of a scope seals, and how another takes its place.

use super::world::{World, at};
use crate::domain::audit::Action;
use crate::domain::ids::ProjectId;
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::store::{Conflict, Store, StoreError};

pub(super) fn key(id: &str, scope: KeyScope, state: KeyState) -> WrappedDataKey {
    WrappedDataKey {
        id: KeyId(id.to_owned()),
        scope,
        wrapped: format!("wrapped {id}"),
        master_id: KeyId("master".to_owned()),
        state,
    }
}

pub(crate) async fn a_scope_has_one_active_data_key(store: &dyn Store) {
    let project = KeyScope::Project(ProjectId(7));
    assert_eq!(store.data_key(KeyScope::System).await.unwrap(), None);
    let old = key("old", KeyScope::System, KeyState::DecryptOnly);
    let first = key("first", KeyScope::System, KeyState::Active);
    let other = key("other", project, KeyState::Active);
    for key in [&old, &first, &other] {
        store.insert_data_key(key, at(1)).await.unwrap();
    }
    let second = key("second", KeyScope::System, KeyState::Active);
    let result = store.insert_data_key(&second, at(1)).await;
    assert!(
        matches!(result, Err(StoreError::Conflict(Conflict::InUse(_)))),
        "{result:?}"
    );
    assert_eq!(store.data_key(KeyScope::System).await.unwrap(), Some(first));
    assert_eq!(store.data_key(project).await.unwrap(), Some(other));
}

fn is_key_changed<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(Conflict::KeyChanged)))
}

pub(crate) async fn a_pending_key_takes_the_place_of_the_active_one(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let context = world.context("alice/docs").await;
    let scope = KeyScope::Project(context.id);
    let ids = |text: &str| KeyId(text.to_owned());
    for name in ["first", "second"] {
        let pending = key(name, scope, KeyState::Pending);
        store.insert_data_key(&pending, at(1)).await.unwrap();
    }
    let (first, second) = (ids("first"), ids("second"));
    store
        .activate_data_key(&first, None, &world.witness)
        .await
        .unwrap();
    // Whoever expects another active key than there is, is told so, and nothing changes.
    for wrong in [None, Some(&second)] {
        let refused = store
            .activate_data_key(&second, wrong, &world.witness)
            .await;
        assert!(is_key_changed(&refused), "{refused:?}");
    }
    let before = world.context("alice/docs").await;
    store
        .activate_data_key(&second, Some(&first), &world.witness)
        .await
        .unwrap();
    let states = store.data_keys(Some(scope)).await.unwrap();
    let states: Vec<_> = states
        .into_iter()
        .map(|record| (record.key.id.0, record.key.state, record.messages))
        .collect();
    assert_eq!(
        states,
        [
            ("first".to_owned(), KeyState::DecryptOnly, 0),
            ("second".to_owned(), KeyState::Active, 0)
        ]
    );
    assert_eq!(store.data_key(scope).await.unwrap().unwrap().id, second);
    let after = world.context("alice/docs").await;
    assert_eq!(after.settings_revision, before.settings_revision + 1);
    // A key that is not pending cannot become active again.
    let again = store
        .activate_data_key(&first, Some(&second), &world.witness)
        .await;
    assert!(is_key_changed(&again), "{again:?}");
    let change = world.witness.take().pop().unwrap();
    assert_eq!(change.action, Action::DataKeyActivate);
    assert_eq!(change.project_id, Some(context.id));
    assert_eq!(change.details["former_key_id"], "first");
}

pub(crate) async fn data_keys_are_found_by_scope_and_by_id(store: &dyn Store) {
    let project = KeyScope::Project(ProjectId(7));
    let younger = key("younger", project, KeyState::DecryptOnly);
    let older = key("older", KeyScope::System, KeyState::Retired);
    store.insert_data_key(&younger, at(2)).await.unwrap();
    store.insert_data_key(&older, at(1)).await.unwrap();
    let all = store.data_keys(None).await.unwrap();
    let all: Vec<_> = all.into_iter().map(|record| record.key).collect();
    assert_eq!(all, [older, younger.clone()]);
    let found = store.data_key_of_id(&younger.id).await.unwrap().unwrap();
    assert_eq!((found.key, found.created_at), (younger, at(2)));
    assert_eq!((found.messages, found.destroy_after), (0, None));
    let unknown = KeyId("unknown".to_owned());
    assert_eq!(store.data_key_of_id(&unknown).await.unwrap(), None);
}

pub(crate) async fn a_data_key_is_retired_before_it_is_removed(store: &dyn Store) {
    let witness = World::new(store).witness;
    for state in [
        KeyState::Pending,
        KeyState::Active,
        KeyState::DecryptOnly,
        KeyState::Retired,
    ] {
        let key = key(state.as_str(), KeyScope::System, state);
        store.insert_data_key(&key, at(1)).await.unwrap();
        let removed = store.remove_retired_data_key(&key.id, &witness).await;
        assert_eq!(removed.is_ok(), state == KeyState::Retired, "{state:?}");
        let retired = store.retire_data_key(&key.id, &witness).await;
        assert_eq!(retired.is_ok(), state == KeyState::DecryptOnly, "{state:?}");
        if state == KeyState::DecryptOnly {
            let found = store.data_key_of_id(&key.id).await.unwrap().unwrap();
            assert_eq!(found.key.state, KeyState::Retired);
        } else if state == KeyState::Retired {
            assert_eq!(store.data_key_of_id(&key.id).await.unwrap(), None);
            assert!(is_key_changed(&retired), "{retired:?}");
        } else {
            assert!(is_key_changed(&removed) && is_key_changed(&retired));
        }
    }
    let actions: Vec<_> = witness
        .take()
        .into_iter()
        .map(|change| change.action)
        .collect();
    assert_eq!(actions, [Action::DataKeyRetire, Action::DataKeyDestroy]);
}

pub(crate) async fn only_a_pending_key_is_discarded(store: &dyn Store) {
    for state in [KeyState::Pending, KeyState::Active, KeyState::DecryptOnly] {
        let key = key(state.as_str(), KeyScope::System, state);
        store.insert_data_key(&key, at(1)).await.unwrap();
        let discarded = store.discard_pending_data_key(&key.id).await.unwrap();
        assert_eq!(discarded, state == KeyState::Pending);
        let left = store.data_key_of_id(&key.id).await.unwrap();
        assert_eq!(left.is_none(), discarded);
    }
}
