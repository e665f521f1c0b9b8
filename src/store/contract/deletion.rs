//! Projects out of service: what they leave behind, how they come back, how they are destroyed.

use super::world::{LATER, World, at, handle, instance_spec, path, project_spec, row, share};
use crate::domain::access::{Need, Role, Scope};
use crate::domain::audit::Action;
use crate::domain::deletion::DeletedProject;
use crate::domain::ids::{InstanceId, ProjectId, SYSTEM_HANDLE, UserId};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::llm::ApiStandard;
use crate::domain::page::Page;
use crate::store::{Conflict, Missing, Store, StoreError, StoreResult, StoredKeyChange};
use jiff::SignedDuration;

/// As long after a deletion by `World` as `LATER`.
pub(super) const KEEP: SignedDuration = SignedDuration::from_secs(LATER - 1);

pub(super) async fn add_key(store: &dyn Store, id: &str, project: ProjectId, state: KeyState) {
    let key = WrappedDataKey {
        id: KeyId(id.to_owned()),
        scope: KeyScope::Project(project),
        wrapped: format!("wrapped {id}"),
        master_id: KeyId("master".to_owned()),
        state,
    };
    store.insert_data_key(&key, at(0)).await.unwrap();
}

pub(super) async fn deleted(store: &dyn Store) -> Vec<DeletedProject> {
    store.deleted_projects(KEEP).await.unwrap()
}

pub(super) async fn undelete(world: &World<'_>, id: ProjectId, name: &str) -> StoreResult<String> {
    let handle = handle(name);
    let restored = world
        .store
        .undelete_project(id, &handle, at(2), &world.witness);
    restored.await.map(|restored| restored.path.to_string())
}

/// `alice/docs` with two rows, shared with `bob`, beside `alice/live`, which uses the same instance.
pub(super) async fn docs_and_live(world: &World<'_>) -> (UserId, UserId, ProjectId) {
    let (alice, docs) = world.docs().await;
    let bob = world.user("bob").await;
    world.project("alice/live", "alice/mini").await;
    let grant = share("bob", Role::Editor);
    world
        .store
        .share_project(&path("alice/docs"), &grant, at(0), &world.witness)
        .await
        .unwrap();
    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 2.0)])
        .await;
    world.witness.take();
    (alice, bob, docs)
}

pub(crate) async fn a_deleted_project_is_in_no_list_and_in_no_count(store: &dyn Store) {
    let world = World::new(store);
    let (alice, bob, id) = docs_and_live(&world).await;
    let docs = path("alice/docs");
    let mut open = project_spec("alice/docs");
    open.instance = Some(path("alice/mini"));
    open.public_read = true;
    world.put_project(&open).await.unwrap();
    assert_eq!(world.delete_project("alice/docs").await.unwrap(), id);

    for owner in ["alice", "bob"] {
        let listed = store
            .list_projects(&handle(owner), Page::ALL)
            .await
            .unwrap();
        let seen: Vec<_> = listed.iter().map(|p| p.path.to_string()).collect();
        let expected: &[&str] = if owner == "alice" {
            &["alice/live"]
        } else {
            &[]
        };
        assert_eq!(seen, expected);
        let user = store.user(&handle(owner), at(1)).await.unwrap().unwrap();
        assert_eq!(user.projects.len(), expected.len(), "{owner}");
    }
    let users = store.list_users(Page::ALL).await.unwrap();
    let alice_in_list = users.iter().find(|user| user.handle == handle("alice"));
    assert_eq!(alice_in_list.unwrap().number_of_projects, 1);
    let instances = store
        .list_instances(&handle("alice"), Page::ALL)
        .await
        .unwrap();
    assert_eq!(instances[0].number_of_projects, 1);
    let live = store
        .project(&path("alice/live"), Scope::Admin)
        .await
        .unwrap();
    assert_eq!(live.unwrap().instance.unwrap().number_of_projects, 1);
    let health = store.project_health().await.unwrap();
    let health: Vec<_> = health.iter().map(|h| h.path.to_string()).collect();
    assert_eq!(health, ["alice/live"]);

    for scope in [
        Scope::Admin,
        Scope::User(alice),
        Scope::User(bob),
        Scope::Public,
    ] {
        assert!(store.project(&docs, scope).await.unwrap().is_none());
        for need in [Need::Read, Need::Write] {
            let context = store.project_context(&docs, scope, need).await.unwrap();
            assert!(context.is_none(), "{scope:?}");
        }
        let embedding = store.embedding(&docs, scope, &["a".to_owned()]).await;
        assert!(embedding.unwrap().is_none());
        let vector = store
            .embedding_vector(&docs, scope, &["a".to_owned()])
            .await;
        assert!(vector.unwrap().is_none());
        let rows = store
            .list_embeddings(&docs, scope, Page::ALL)
            .await
            .unwrap();
        assert!(rows.is_empty());
        let gone = store.delete_embeddings(&docs, scope, &world.witness).await;
        assert!(
            matches!(gone, Err(StoreError::Missing(Missing::Project(_)))),
            "{gone:?}"
        );
    }
    for user in [alice, bob] {
        assert_eq!(store.project_role(&docs, user).await.unwrap(), None);
    }
    assert!(!store.project_is_public(&docs).await.unwrap());
    let policy = store.project_policy(&docs, Scope::Admin).await.unwrap();
    assert_eq!(policy, None);
}

pub(crate) async fn a_deleted_project_takes_no_changes(store: &dyn Store) {
    let world = World::new(store);
    docs_and_live(&world).await;
    let target = world.target("alice/docs").await;
    world.delete_project("alice/docs").await.unwrap();
    world.witness.take();
    let (docs, witness) = (path("alice/docs"), &world.witness);
    let grant = share("bob", Role::Reader);
    let scope = Scope::Admin;
    let results = [
        store
            .upload_embeddings(
                &docs,
                scope,
                target,
                world.batch(&[row("c", 1.0)]),
                at(2),
                witness,
            )
            .await,
        store
            .share_project(&docs, &grant, at(2), witness)
            .await
            .map(drop),
        store.unshare_project(&docs, &handle("bob"), witness).await,
        store
            .transfer_project(&docs, &handle("bob"), at(2), witness)
            .await
            .map(drop),
        world.delete_project("alice/docs").await.map(drop),
    ];
    for result in results {
        assert!(
            matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
            "{result:?}"
        );
    }
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn the_handle_of_a_deleted_project_is_free(store: &dyn Store) {
    let world = World::new(store);
    let (_, _, first) = docs_and_live(&world).await;
    let before = world.context("alice/docs").await;
    world.delete_project("alice/docs").await.unwrap();
    let second = world.project("alice/docs", "alice/mini").await;
    assert!(second > first);
    assert!(world.text_ids("alice/docs").await.is_empty());
    // A batch that was prepared for the former project is not for this one.
    let mut target = world.target("alice/docs").await;
    target.project_id = before.id;
    let rows = [row("c", 1.0)];
    let late = store
        .upload_embeddings(
            &path("alice/docs"),
            Scope::Admin,
            target,
            world.batch(&rows),
            at(2),
            &world.witness,
        )
        .await;
    assert!(
        matches!(late, Err(StoreError::Conflict(Conflict::SettingsChanged))),
        "{late:?}"
    );
    world.delete_project("alice/docs").await.unwrap();
    let ids: Vec<_> = deleted(store).await.iter().map(|p| p.id).collect();
    assert_eq!(ids, [first, second]);
}

pub(crate) async fn a_deleted_project_waits_for_its_destruction(store: &dyn Store) {
    let world = World::new(store);
    let (_, _, docs) = docs_and_live(&world).await;
    let live = world.context("alice/live").await.id;
    add_key(store, "docs-key", docs, KeyState::Active).await;
    add_key(store, "live-key", live, KeyState::Active).await;
    world.delete_project("alice/docs").await.unwrap();
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectDelete, Some(docs))
    );
    assert_eq!(change.details.get("embeddings").unwrap(), 2);
    let mut expected = DeletedProject {
        id: docs,
        owner: handle("alice"),
        former_handle: Some(handle("docs")),
        deleted_at: at(1),
        destroy_after: at(LATER),
        number_of_embeddings: 2,
        number_of_keys: 1,
    };
    assert_eq!(deleted(store).await, [expected.clone()]);
    for (id, destroy_after) in [("docs-key", Some(at(LATER))), ("live-key", None)] {
        let key = store.data_key_of_id(&KeyId(id.to_owned())).await.unwrap();
        assert_eq!(key.unwrap().destroy_after, destroy_after, "{id}");
    }
    // Without a key, its time is that of its deletion and of the settings.
    world.delete_project("alice/live").await.unwrap();
    let without_key = store
        .project_context(&path("alice/live"), Scope::Admin, Need::Read)
        .await;
    assert!(without_key.unwrap().is_none());
    world.project("alice/bare", "alice/mini").await;
    let bare = world.delete_project("alice/bare").await.unwrap();
    expected.id = bare;
    let listed = store
        .deleted_projects(SignedDuration::from_secs(9))
        .await
        .unwrap();
    let bare = listed.iter().find(|project| project.id == bare).unwrap();
    assert_eq!((bare.destroy_after, bare.number_of_keys), (at(10), 0));
}

pub(crate) async fn a_project_comes_back_as_it_was(store: &dyn Store) {
    let world = World::new(store);
    let (_, bob, id) = docs_and_live(&world).await;
    add_key(store, "old", id, KeyState::DecryptOnly).await;
    add_key(store, "new", id, KeyState::Active).await;
    let docs = path("alice/docs");
    let before = store.project(&docs, Scope::User(bob)).await.unwrap();
    let revision = world.context("alice/docs").await.settings_revision;
    world.delete_project("alice/docs").await.unwrap();
    world.witness.take();
    assert_eq!(undelete(&world, id, "docs").await.unwrap(), "alice/docs");
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectUndelete, Some(id))
    );
    assert_eq!(
        store.project(&docs, Scope::User(bob)).await.unwrap(),
        before
    );
    assert_eq!(world.text_ids("alice/docs").await, ["a", "b"]);
    assert!(world.context("alice/docs").await.settings_revision > revision);
    assert!(deleted(store).await.is_empty());
    for key in store.data_keys(Some(KeyScope::Project(id))).await.unwrap() {
        assert_eq!(key.destroy_after, None);
    }
    let again = undelete(&world, id, "docs").await;
    assert!(
        matches!(again, Err(StoreError::Missing(Missing::ProjectId(which))) if which == id),
        "{again:?}"
    );
}

pub(crate) async fn a_project_comes_back_under_another_handle_when_its_own_is_taken(
    store: &dyn Store,
) {
    let world = World::new(store);
    let (_, _, id) = docs_and_live(&world).await;
    world.delete_project("alice/docs").await.unwrap();
    let other = world.project("alice/docs", "alice/mini").await;
    match undelete(&world, id, "docs").await {
        Err(StoreError::Conflict(Conflict::PathTaken(taken))) => {
            assert_eq!(taken, path("alice/docs"));
        }
        result => panic!("{result:?}"),
    }
    assert_eq!(deleted(store).await.len(), 1);
    assert_eq!(undelete(&world, id, "older").await.unwrap(), "alice/older");
    assert_eq!(world.context("alice/docs").await.id, other);
    assert_eq!(world.context("alice/older").await.id, id);
    assert_eq!(world.text_ids("alice/older").await, ["a", "b"]);
}

/// `alice/docs` is deleted with rows of two instances, and both instances are deleted after it.
pub(super) async fn buried(world: &World<'_>) -> (ProjectId, InstanceId) {
    let store = world.store;
    let (_, docs) = world.docs().await;
    world.user("bob").await;
    let mini = store.instance(&path("alice/mini"), Scope::Admin).await;
    let mini = mini.unwrap().unwrap().id;
    let grant = share("bob", Role::Reader);
    store
        .share_instance(&path("alice/mini"), &grant, at(0), &world.witness)
        .await
        .unwrap();
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.instance("alice/next").await;
    world.project("alice/docs", "alice/next").await;
    world.upload("alice/docs", &[row("b", 1.0)]).await;
    world.delete_project("alice/docs").await.unwrap();
    for instance in ["alice/mini", "alice/next"] {
        world.delete_instance(instance).await.unwrap();
    }
    world.witness.take();
    (docs, mini)
}

pub(crate) async fn an_instance_that_only_deleted_projects_use_can_be_deleted(store: &dyn Store) {
    let world = World::new(store);
    let (_, mini) = buried(&world).await;
    let found = store.instance(&path("alice/mini"), Scope::Admin).await;
    assert!(found.unwrap().is_none());
    assert_eq!(store.sealed_provider_key(mini).await.unwrap(), None);
    for owner in ["alice", "bob", SYSTEM_HANDLE] {
        let listed = store.list_instances(&handle(owner), Page::ALL).await;
        assert!(listed.unwrap().is_empty(), "{owner}");
        let user = store.user(&handle(owner), at(1)).await.unwrap().unwrap();
        assert!(user.instances.is_empty(), "{owner}");
    }
    for user in store.list_users(Page::ALL).await.unwrap() {
        assert_eq!(user.number_of_instances, 0, "{}", user.handle);
    }
    // Its handle is free, and another instance.
    assert!(world.instance("alice/mini").await > mini);
}

pub(crate) async fn a_buried_instance_comes_back_with_its_project(store: &dyn Store) {
    let world = World::new(store);
    let (docs, mini) = buried(&world).await;
    world.instance("alice/next").await;
    let restored = store
        .undelete_project(docs, &handle("docs"), at(2), &world.witness)
        .await
        .unwrap();
    let names: Vec<_> = restored.instances.iter().map(ToString::to_string).collect();
    let next = names.last().unwrap().clone();
    assert_eq!(names, ["alice/mini".to_owned(), next.clone()]);
    assert!(next.starts_with("alice/next_"), "{next}");
    let found = store.instance(&path("alice/mini"), Scope::Admin).await;
    let found = found.unwrap().unwrap();
    assert_eq!((found.id, found.has_provider_key), (mini, false));
    let shares = store.instance_shares(&found.path, Page::ALL).await.unwrap();
    assert!(shares.is_empty());
    let context = world.context("alice/docs").await;
    assert_eq!(context.instance.unwrap().handle, path(&next).handle);
    assert_eq!(world.text_ids("alice/docs").await, ["a", "b"]);
    world.upload("alice/docs", &[row("c", 1.0)]).await;
    // What a live project uses is held again.
    let held = world.delete_instance("alice/mini").await;
    assert!(
        matches!(&held, Err(StoreError::Conflict(Conflict::InUse(by))) if by == "alice/docs"),
        "{held:?}"
    );
}

pub(crate) async fn a_buried_instance_holds_neither_standard_nor_definition(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let standard = ApiStandard {
        handle: handle("ours"),
        ..store
            .api_standard(&handle("openai"))
            .await
            .unwrap()
            .unwrap()
    };
    store
        .put_api_standard(&standard, at(0), &world.witness)
        .await
        .unwrap();
    let mut spec = instance_spec("alice/mini");
    spec.settings.api_standard = Some("ours".to_owned());
    spec.definition = Some(path("_system/openai-small"));
    store
        .put_instance(&spec, StoredKeyChange::Keep, at(0), &world.witness)
        .await
        .unwrap();
    let docs = world.project("alice/docs", "alice/mini").await;
    world.delete_project("alice/docs").await.unwrap();
    world.delete_instance("alice/mini").await.unwrap();
    let definition = store
        .definition(&path("_system/openai-small"), Scope::Admin)
        .await;
    assert_eq!(definition.unwrap().unwrap().number_of_instances, 0);
    store
        .delete_api_standard(&handle("ours"), &world.witness)
        .await
        .unwrap();
    undelete(&world, docs, "docs").await.unwrap();
    let mini = store.instance(&path("alice/mini"), Scope::Admin).await;
    assert_eq!(mini.unwrap().unwrap().settings.api_standard, None);
}

pub(crate) async fn a_user_goes_although_deleted_projects_use_their_instance(store: &dyn Store) {
    let world = World::new(store);
    let (_, alices) = world.docs().await;
    world.user("bob").await;
    let grant = share("bob", Role::Editor);
    store
        .share_instance(&path("alice/mini"), &grant, at(0), &world.witness)
        .await
        .unwrap();
    let cats = world.project("bob/cats", "alice/mini").await;
    world.upload("bob/cats", &[row("a", 1.0)]).await;
    add_key(store, "docs-key", alices, KeyState::Active).await;
    add_key(store, "cats-key", cats, KeyState::Active).await;
    let refused = world.delete_user("alice").await;
    assert!(
        matches!(&refused, Err(StoreError::Conflict(Conflict::InUse(by))) if by == "bob/cats"),
        "{refused:?}"
    );
    world.delete_project("bob/cats").await.unwrap();
    world.witness.take();
    world.delete_user("alice").await.unwrap();
    let details = world.witness.one().details;
    assert_eq!(details.get("instances").unwrap(), 1);
    // Hers is gone for good, and its key waits to be destroyed; his can come back.
    assert_eq!(
        deleted(store)
            .await
            .iter()
            .map(|p| p.id)
            .collect::<Vec<_>>(),
        [cats]
    );
    let key = store.data_key_of_id(&KeyId("docs-key".to_owned())).await;
    assert_eq!(key.unwrap().unwrap().destroy_after, Some(at(LATER)));
    undelete(&world, cats, "cats").await.unwrap();
    assert_eq!(world.text_ids("bob/cats").await, ["a"]);
    let mini = store
        .instance(&path("bob/mini"), Scope::Admin)
        .await
        .unwrap();
    assert!(mini.is_some());
}
