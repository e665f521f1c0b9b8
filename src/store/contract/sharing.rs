//! Shares of projects, and giving one away.

use super::world::{World, at, handle, path, project_spec, row, share};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::Action;
use crate::domain::page::Page;
use crate::store::{Conflict, Missing, Store, StoreError};

pub(crate) async fn project_shares_are_added_changed_and_taken_back(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    world.users(["_bob", "carol"]).await;
    let docs = path("alice/docs");
    let give = async |with: &str, role| {
        store
            .share_project(&docs, &share(with, role), at(1), &world.witness)
            .await
    };
    assert_eq!(give("_bob", Role::Reader).await.unwrap(), id);
    give("carol", Role::Reader).await.unwrap();
    world.witness.take();
    give("carol", Role::Editor).await.unwrap();
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectShare, Some(id))
    );
    assert_eq!(change.details.get("with").unwrap(), "carol");
    assert_eq!(change.details.get("role").unwrap(), "editor");
    assert_eq!(give("carol", Role::Editor).await.unwrap(), id);
    assert!(world.witness.take().is_empty());
    let result = give("nobody", Role::Reader).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    let none = path("alice/none");
    let grant = share("carol", Role::Reader);
    let result = store
        .share_project(&none, &grant, at(1), &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
    let found = store.project(&docs, Scope::Admin).await.unwrap().unwrap();
    let expected = [share("carol", Role::Editor), share("_bob", Role::Reader)];
    assert_eq!(found.shared_with, expected);

    store
        .unshare_project(&docs, &handle("carol"), &world.witness)
        .await
        .unwrap();
    assert_eq!(world.witness.action(), Action::ProjectUnshare);
    for nobody in ["carol", "nobody", "alice"] {
        let result = store
            .unshare_project(&docs, &handle(nobody), &world.witness)
            .await;
        assert!(
            matches!(result, Err(StoreError::Missing(Missing::Share(_)))),
            "{result:?}"
        );
    }
}

pub(crate) async fn a_thousand_shares_are_listed_in_order(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let mut spec = project_spec("alice/docs");
    for number in 0..1000 {
        // An order of arrival that is not the order of the list.
        let name = format!("user-{:04}", (number * 7919) % 1000);
        world.user(&name).await;
        spec.shared_with.push(share(&name, Role::Reader));
    }
    world.put_project(&spec).await.unwrap();
    let found = store
        .project(&spec.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    spec.shared_with
        .sort_by(|a, b| a.user_handle.cmp(&b.user_handle));
    assert_eq!(found.shared_with, spec.shared_with);
    let last = store
        .key_owner(&super::world::digest("user-0999"), at(1))
        .await
        .unwrap();
    let Some(crate::domain::user::KeyOwner::User { id, .. }) = last else {
        panic!("{last:?}");
    };
    let role = store.project_role(&spec.path, id).await.unwrap();
    assert_eq!(role, Some(Role::Reader));
}

pub(crate) async fn a_share_with_the_owner_is_nothing(store: &dyn Store) {
    let world = World::new(store);
    let (alice, id) = world.docs().await;
    let docs = path("alice/docs");
    let grant = share("alice", Role::Reader);
    let shared = store
        .share_project(&docs, &grant, at(1), &world.witness)
        .await;
    assert_eq!(shared.unwrap(), id);
    assert!(world.witness.take().is_empty());
    assert_eq!(
        store.project_role(&docs, alice).await.unwrap(),
        Some(Role::Owner)
    );
    let listed = store
        .list_projects(&handle("alice"), Page::ALL)
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
}

pub(crate) async fn a_transfer_moves_the_data(store: &dyn Store) {
    let world = World::new(store);
    let (alice, id) = world.docs().await;
    let [bob, carol] = world.users(["bob", "carol"]).await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    for grant in [share("bob", Role::Reader), share("carol", Role::Editor)] {
        let docs = path("alice/docs");
        store
            .share_project(&docs, &grant, at(1), &world.witness)
            .await
            .unwrap();
    }
    world.witness.take();
    let moved = store
        .transfer_project(&path("alice/docs"), &handle("bob"), at(1), &world.witness)
        .await
        .unwrap();
    assert_eq!(moved, id);
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectTransfer, Some(id))
    );
    assert_eq!(change.details.get("new_owner").unwrap(), "bob");

    let docs = path("bob/docs");
    assert_eq!(
        world.stored("bob/docs", "a").await.unwrap().owner,
        handle("bob")
    );
    assert_eq!(
        store.project_role(&docs, bob).await.unwrap(),
        Some(Role::Owner)
    );
    assert_eq!(
        store.project_role(&docs, carol).await.unwrap(),
        Some(Role::Editor)
    );
    assert_eq!(store.project_role(&docs, alice).await.unwrap(), None);
    let found = store
        .project(&docs, Scope::User(bob))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.shared_with, [share("carol", Role::Editor)]);

    // A new project of the old path does not reach the data of the one that went.
    world.project("alice/docs", "alice/mini").await;
    assert!(world.text_ids("alice/docs").await.is_empty());
    let old = path("alice/docs");
    let removed = store
        .delete_embeddings(&old, Scope::User(alice), &world.witness)
        .await;
    assert_eq!(removed.unwrap(), 0);
    assert_eq!(world.text_ids("bob/docs").await, ["a"]);
}

pub(crate) async fn a_transfer_to_an_owner_of_that_handle_is_a_conflict(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    world.put_project(&project_spec("bob/docs")).await.unwrap();
    world.witness.take();
    let transfer = async |from: &str, to: &str| {
        store
            .transfer_project(&path(from), &handle(to), at(1), &world.witness)
            .await
    };
    match transfer("alice/docs", "bob").await {
        Err(StoreError::Conflict(Conflict::PathTaken(taken))) => {
            assert_eq!(taken, path("bob/docs"));
        }
        other => panic!("{other:?}"),
    }
    let result = transfer("alice/docs", "nobody").await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    let result = transfer("alice/none", "bob").await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn the_new_owner_keeps_the_instance(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let bob = world.user("bob").await;
    let docs = path("alice/docs");
    store
        .transfer_project(&docs, &handle("bob"), at(1), &world.witness)
        .await
        .unwrap();
    let found = store
        .project(&path("bob/docs"), Scope::User(bob))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.instance.unwrap().path, path("alice/mini"));
    world.upload("bob/docs", &[row("a", 1.0)]).await;
    let mut spec = project_spec("bob/docs");
    spec.instance = Some(path("alice/mini"));
    world.put_project(&spec).await.unwrap();
    let result = world.delete_user("alice").await;
    match result {
        Err(StoreError::Conflict(Conflict::InUse(by))) => assert_eq!(by, "bob/docs"),
        other => panic!("{other:?}"),
    }
}
