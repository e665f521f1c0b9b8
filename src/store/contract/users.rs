//! Users and their keys.

use super::world::{World, at, digest, handle, page, path, project_spec, share, user_spec};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::Action;
use crate::domain::ids::SYSTEM_HANDLE;
use crate::domain::page::Page;
use crate::domain::user::{KeyOwner, UserState};
use crate::store::{Conflict, Missing, Put, PutMode, Store, StoreError};

pub(crate) async fn a_new_user_is_listed_and_shown(store: &dyn Store) {
    let world = World::new(store);
    let mut spec = user_spec("Zoë");
    spec.name = Some("Zoë Ångström".to_owned());
    let put = store
        .put_user(
            &spec,
            &digest("k"),
            PutMode::CreateOrUpdate,
            at(5),
            &world.witness,
        )
        .await
        .unwrap();
    assert_eq!(put, Put::Created);
    let change = world.witness.one();
    assert_eq!(change.action, Action::UserCreate);
    assert_eq!(change.details.get("user_handle").unwrap(), "Zoë");

    let user = store.user(&handle("Zoë"), at(6)).await.unwrap().unwrap();
    assert_eq!(user.name.as_deref(), Some("Zoë Ångström"));
    assert_eq!(user.email, "Zoë@example.org");
    assert_eq!(user.state, UserState::Active);
    assert_eq!(user.created_at, at(5));
    assert_eq!(user.keys.len(), 1);
    assert_eq!(
        (user.keys[0].created_at, user.keys[0].expires_at),
        (at(5), None)
    );
    assert_eq!((user.projects, user.instances), (vec![], vec![]));

    let listed = store.list_users(page(10, 0)).await.unwrap();
    assert_eq!(listed[0].handle, handle("Zoë"));
    assert_eq!(listed[0].email, "Zoë@example.org");
    assert!(store.user(&handle("zoë"), at(6)).await.unwrap().is_none());
}

pub(crate) async fn an_update_keeps_the_keys(store: &dyn Store) {
    let world = World::new(store);
    let alice = world.user("alice").await;
    let mut spec = user_spec("alice");
    spec.email = "new@example.org".to_owned();
    let put = store
        .put_user(
            &spec,
            &digest("other"),
            PutMode::CreateOrUpdate,
            at(9),
            &world.witness,
        )
        .await
        .unwrap();
    assert_eq!(put, Put::Updated);
    assert_eq!(world.witness.action(), Action::UserUpdate);
    let user = store.user(&handle("alice"), at(9)).await.unwrap().unwrap();
    assert_eq!(
        (user.id, user.email.as_str(), user.created_at),
        (alice, "new@example.org", at(0))
    );
    assert!(
        store
            .key_owner(&digest("alice"), at(9))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .key_owner(&digest("other"), at(9))
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn creation_of_an_existing_user_is_a_conflict(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let error = store
        .put_user(
            &user_spec("alice"),
            &digest("other"),
            PutMode::CreateOnly,
            at(1),
            &world.witness,
        )
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict(Conflict::UserExists(ref h)) if *h == handle("alice")),
        "{error:?}"
    );
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn an_address_belongs_to_one_user(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    world.user("bob").await;
    for name in ["bob", "carol"] {
        let mut spec = user_spec(name);
        spec.email = user_spec("alice").email;
        let error = store
            .put_user(
                &spec,
                &digest("x"),
                PutMode::CreateOrUpdate,
                at(1),
                &world.witness,
            )
            .await
            .unwrap_err();
        assert!(
            matches!(error, StoreError::Conflict(Conflict::EmailTaken)),
            "{error:?}"
        );
    }
    assert!(store.user(&handle("carol"), at(1)).await.unwrap().is_none());
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn keys_are_found_by_digest_until_they_expire(store: &dyn Store) {
    let world = World::new(store);
    let alice = world.user("alice").await;
    let owner = store.key_owner(&digest("alice"), at(1)).await.unwrap();
    let expected = KeyOwner::User {
        id: alice,
        handle: handle("alice"),
        state: UserState::Active,
    };
    assert_eq!(owner, Some(expected));
    assert_eq!(
        store.key_owner(&digest("nobody"), at(1)).await.unwrap(),
        None
    );
    store
        .replace_user_key(
            &handle("alice"),
            &digest("new"),
            at(10),
            at(1),
            &world.witness,
        )
        .await
        .unwrap();
    assert!(
        store
            .key_owner(&digest("alice"), at(9))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .key_owner(&digest("alice"), at(10))
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn rotation_with_grace_keeps_the_old_key_for_a_while(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    for (key, second) in [("second", 10), ("third", 20)] {
        store
            .replace_user_key(
                &handle("alice"),
                &digest(key),
                at(30),
                at(second),
                &world.witness,
            )
            .await
            .unwrap();
        assert_eq!(world.witness.action(), Action::UserRotateKey);
    }
    let keys = store
        .user(&handle("alice"), at(29))
        .await
        .unwrap()
        .unwrap()
        .keys;
    let ends: Vec<_> = keys.iter().map(|key| key.expires_at).collect();
    assert_eq!(ends, [Some(at(30)), Some(at(30)), None]);
    let keys = store
        .user(&handle("alice"), at(30))
        .await
        .unwrap()
        .unwrap()
        .keys;
    assert_eq!(keys.len(), 1);
    assert!(
        store
            .key_owner(&digest("third"), at(40))
            .await
            .unwrap()
            .is_some()
    );
    // A later grace window does not bring a key back that ends earlier.
    store
        .replace_user_key(
            &handle("alice"),
            &digest("fourth"),
            at(99),
            at(25),
            &world.witness,
        )
        .await
        .unwrap();
    assert!(
        store
            .key_owner(&digest("second"), at(31))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .key_owner(&digest("third"), at(98))
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn rotation_without_grace_ends_the_old_key_at_once(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    store
        .replace_user_key(
            &handle("alice"),
            &digest("new"),
            at(7),
            at(7),
            &world.witness,
        )
        .await
        .unwrap();
    assert!(
        store
            .key_owner(&digest("alice"), at(7))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .key_owner(&digest("new"), at(7))
            .await
            .unwrap()
            .is_some()
    );
    let error = store
        .replace_user_key(
            &handle("nobody"),
            &digest("n"),
            at(7),
            at(7),
            &world.witness,
        )
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Missing(Missing::User(_))),
        "{error:?}"
    );
}

pub(crate) async fn a_disabled_user_is_known_as_such(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let set = async |state| {
        store
            .set_user_state(&handle("alice"), state, at(1), &world.witness)
            .await
            .unwrap()
    };
    assert!(!set(UserState::Active).await);
    assert!(world.witness.take().is_empty());
    assert!(set(UserState::Disabled).await);
    assert_eq!(world.witness.action(), Action::UserDisable);
    assert!(!set(UserState::Disabled).await);
    assert!(world.witness.take().is_empty());
    match store.key_owner(&digest("alice"), at(2)).await.unwrap() {
        Some(KeyOwner::User { state, .. }) => assert_eq!(state, UserState::Disabled),
        other => panic!("{other:?}"),
    }
    assert!(set(UserState::Active).await);
    assert_eq!(world.witness.action(), Action::UserEnable);
}

pub(crate) async fn users_are_listed_in_byte_order_with_underscores_last(store: &dyn Store) {
    let world = World::new(store);
    world
        .users(["bob", "Bob", "_ann", "ångström", "alice", "zoë"])
        .await;
    let handles = async |page| {
        let users = store.list_users(page).await.unwrap();
        let handles = users.into_iter().map(|user| user.handle.to_string());
        handles.collect::<Vec<_>>()
    };
    let expected = [
        "Bob",
        "alice",
        "bob",
        "zoë",
        "ångström",
        "_ann",
        SYSTEM_HANDLE,
    ];
    assert_eq!(handles(Page::ALL).await, expected);
    assert_eq!(handles(page(2, 3)).await, ["zoë", "ångström"]);
    assert!(handles(page(2, 7)).await.is_empty());
    assert!(handles(page(2, u64::MAX)).await.is_empty());
}

pub(crate) async fn a_user_shows_what_they_own_and_what_is_shared_with_them(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    world.project("alice/notes", "alice/mini").await;
    world.instance("bob/large").await;
    world.project("bob/cats", "bob/large").await;
    let grant = share("bob", Role::Editor);
    store
        .share_project(&path("alice/docs"), &grant, at(1), &world.witness)
        .await
        .unwrap();
    let grant = share("bob", Role::Reader);
    store
        .share_instance(&path("alice/mini"), &grant, at(1), &world.witness)
        .await
        .unwrap();

    let bob = store.user(&handle("bob"), at(1)).await.unwrap().unwrap();
    let seen = |list: &[crate::domain::user::Membership]| {
        list.iter()
            .map(|m| format!("{}/{} {}", m.owner, m.handle, m.role))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(&bob.projects), ["alice/docs editor", "bob/cats owner"]);
    assert_eq!(
        seen(&bob.instances),
        ["alice/mini reader", "bob/large owner"]
    );
    let alice = &store.list_users(page(1, 0)).await.unwrap()[0];
    let counts = (
        alice.number_of_projects,
        alice.number_of_definitions,
        alice.number_of_instances,
    );
    assert_eq!(counts, (2, 0, 1));
}

pub(crate) async fn deleting_a_user_deletes_what_they_own(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    world
        .upload("alice/docs", &[super::world::row("a", 1.0)])
        .await;
    world.witness.take();
    world.delete_user("alice").await.unwrap();
    assert_eq!(world.witness.action(), Action::UserDelete);
    assert!(store.user(&handle("alice"), at(1)).await.unwrap().is_none());
    assert!(
        store
            .key_owner(&digest("alice"), at(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.project_health().await.unwrap().is_empty());
    let instance = store
        .instance(&path("alice/mini"), Scope::Admin)
        .await
        .unwrap();
    assert!(instance.is_none());
    let error = world.delete_user("alice").await.unwrap_err();
    assert!(
        matches!(error, StoreError::Missing(Missing::User(_))),
        "{error:?}"
    );
    assert!(store.user(&handle("bob"), at(1)).await.unwrap().is_some());
}

pub(crate) async fn a_user_whose_instance_others_use_cannot_be_deleted(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.users(["bob", "carol"]).await;
    for name in ["bob", "carol"] {
        let grant = share(name, Role::Reader);
        store
            .share_instance(&path("alice/mini"), &grant, at(1), &world.witness)
            .await
            .unwrap();
    }
    world.project("bob/cats", "alice/mini").await;
    world.project("carol/dogs", "alice/mini").await;
    // Carol's project uses the instance no more, but holds what it made.
    world
        .upload("carol/dogs", &[super::world::row("a", 1.0)])
        .await;
    world
        .put_project(&project_spec("carol/dogs"))
        .await
        .unwrap();
    world.witness.take();
    let error = world.delete_user("alice").await.unwrap_err();
    match error {
        StoreError::Conflict(Conflict::InUse(by)) => assert_eq!(by, "bob/cats, carol/dogs"),
        other => panic!("{other:?}"),
    }
    assert!(world.witness.take().is_empty());
    assert!(store.user(&handle("alice"), at(1)).await.unwrap().is_some());
    assert_eq!(world.context("alice/docs").await.path, path("alice/docs"));
}

pub(crate) async fn the_system_account_cannot_be_changed(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let system = handle(SYSTEM_HANDLE);
    let shown = store.user(&system, at(1)).await.unwrap().unwrap();
    assert!(shown.keys.is_empty());
    let witness = &world.witness;
    let spec = user_spec(SYSTEM_HANDLE);
    let key = digest("system");
    let put = store
        .put_user(&spec, &key, PutMode::CreateOrUpdate, at(1), witness)
        .await;
    assert!(
        matches!(put, Err(StoreError::Conflict(Conflict::UserExists(_)))),
        "{put:?}"
    );
    let results = [
        store
            .replace_user_key(&system, &key, at(1), at(1), witness)
            .await,
        store
            .set_user_state(&system, UserState::Disabled, at(1), witness)
            .await
            .map(drop),
        world.delete_user(SYSTEM_HANDLE).await,
        store
            .share_project(
                &path("alice/docs"),
                &share(SYSTEM_HANDLE, Role::Reader),
                at(1),
                witness,
            )
            .await
            .map(drop),
        store
            .transfer_project(&path("alice/docs"), &system, at(1), witness)
            .await
            .map(drop),
    ];
    for result in results {
        assert!(
            matches!(result, Err(StoreError::Missing(Missing::User(_)))),
            "{result:?}"
        );
    }
    assert!(witness.take().is_empty());
    assert_eq!(store.user(&system, at(1)).await.unwrap().unwrap(), shown);
}

pub(crate) async fn administrator_keys_are_counted_while_good(store: &dyn Store) {
    assert_eq!(store.count_admin_keys(at(0)).await.unwrap(), 0);
    for key in ["one", "one", "two"] {
        store.add_admin_key(&digest(key), at(0)).await.unwrap();
    }
    assert_eq!(store.count_admin_keys(at(1)).await.unwrap(), 2);
    let owner = store.key_owner(&digest("one"), at(1)).await.unwrap();
    assert_eq!(owner, Some(KeyOwner::Admin));
}
