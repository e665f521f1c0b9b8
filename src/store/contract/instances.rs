//! Instances and their provider keys.

use super::world::{World, at, handle, instance_spec, page, path, row, share};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::Action;
use crate::domain::ids::InstanceId;
use crate::domain::key::{KeyId, KeyScope, KeyState, SealedField, WrappedDataKey};
use crate::domain::llm::InstanceSpec;
use crate::domain::page::Page;
use crate::store::{
    Conflict, HookError, InstanceSealer, Missing, Store, StoreError, StoreResult, StoredKeyChange,
};
use std::sync::Mutex;

/// Seals by naming the row.
struct Sealer {
    key: &'static str,
    seen: Mutex<Vec<InstanceId>>,
}

impl Sealer {
    fn with(key: &'static str) -> Self {
        Self {
            key,
            seen: Mutex::default(),
        }
    }
}

impl InstanceSealer for Sealer {
    fn seal(&self, id: InstanceId) -> Result<SealedField, HookError> {
        self.seen.lock().unwrap().push(id);
        if self.key == "broken" {
            return Err(HookError("no key at hand".into()));
        }
        Ok(SealedField {
            text: format!("enc:v2:{}:{id}", self.key),
            key_id: KeyId(self.key.to_owned()),
        })
    }
}

async fn data_key(store: &dyn Store, id: &str) {
    let key = WrappedDataKey {
        id: KeyId(id.to_owned()),
        scope: KeyScope::System,
        wrapped: "wrapped".to_owned(),
        master_id: KeyId("master".to_owned()),
        state: KeyState::Active,
    };
    store.insert_data_key(&key, at(0)).await.unwrap();
}

async fn put(
    world: &World<'_>,
    spec: &InstanceSpec,
    key: StoredKeyChange<'_>,
) -> StoreResult<InstanceId> {
    world
        .store
        .put_instance(spec, key, at(1), &world.witness)
        .await
}

pub(crate) async fn an_instance_is_created_and_replaced(store: &dyn Store) {
    let world = World::new(store);
    let alice = world.user("alice").await;
    let mut spec = instance_spec("alice/mini");
    spec.definition = Some(path("_system/openai-small"));
    spec.settings.model = Some("mini".to_owned());
    spec.settings.api_standard = Some("openai".to_owned());
    let id = put(&world, &spec, StoredKeyChange::Keep).await.unwrap();
    assert_eq!(world.witness.action(), Action::InstanceCreate);
    let found = store
        .instance(&spec.path, Scope::User(alice))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.access_role), (id, Some(Role::Owner)));
    assert_eq!(found.settings, spec.settings);
    assert_eq!(found.definition, spec.definition);
    assert!(!found.has_provider_key);

    spec.definition = None;
    spec.settings.model = None;
    assert_eq!(put(&world, &spec, StoredKeyChange::Keep).await.unwrap(), id);
    assert_eq!(world.witness.action(), Action::InstanceUpdate);
    let found = store
        .instance(&spec.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.definition, found.access_role), (None, None));
    assert_eq!(found.settings, spec.settings);
}

pub(crate) async fn an_instance_needs_owner_definition_and_standard(store: &dyn Store) {
    let world = World::new(store);
    let mut spec = instance_spec("alice/mini");
    let result = put(&world, &spec, StoredKeyChange::Keep).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    world.user("alice").await;
    spec.definition = Some(path("alice/none"));
    let result = put(&world, &spec, StoredKeyChange::Keep).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Definition(_)))),
        "{result:?}"
    );
    spec.definition = None;
    spec.settings.api_standard = Some("none".to_owned());
    let result = put(&world, &spec, StoredKeyChange::Keep).await;
    match result {
        Err(StoreError::Conflict(Conflict::UnknownApiStandard(name))) => assert_eq!(name, "none"),
        other => panic!("{other:?}"),
    }
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn a_provider_key_is_kept_replaced_and_removed(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    data_key(store, "dk1").await;
    let spec = instance_spec("alice/mini");
    let sealer = Sealer::with("dk1");
    let told = || {
        let change = world.witness.one();
        change
            .details
            .get("provider_key")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let id = put(&world, &spec, StoredKeyChange::Keep).await.unwrap();
    assert_eq!(told(), "none");
    put(&world, &spec, StoredKeyChange::Remove).await.unwrap();
    assert_eq!(told(), "none");
    put(&world, &spec, StoredKeyChange::Set(&sealer))
        .await
        .unwrap();
    assert_eq!(told(), "set");
    put(&world, &spec, StoredKeyChange::Keep).await.unwrap();
    assert_eq!(told(), "kept");
    let stored = store.sealed_provider_key(id).await.unwrap();
    assert_eq!(stored, Some(format!("enc:v2:dk1:{id}")));
    let shown = store
        .instance(&spec.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    assert!(shown.has_provider_key);
    put(&world, &spec, StoredKeyChange::Remove).await.unwrap();
    assert_eq!(told(), "removed");
    assert_eq!(store.sealed_provider_key(id).await.unwrap(), None);
    assert_eq!(
        store
            .sealed_provider_key(InstanceId(id.0 + 1))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn a_provider_key_is_sealed_for_the_id_of_its_row(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    data_key(store, "dk1").await;
    let sealer = Sealer::with("dk1");
    let spec = instance_spec("alice/mini");
    let id = put(&world, &spec, StoredKeyChange::Set(&sealer))
        .await
        .unwrap();
    let again = put(&world, &spec, StoredKeyChange::Set(&sealer))
        .await
        .unwrap();
    assert_eq!(*sealer.seen.lock().unwrap(), [id, again]);
    assert_eq!(again, id);
    let events = format!("{:?}", world.witness.take());
    assert!(!events.contains("enc:v2"), "{events}");
}

pub(crate) async fn a_sealer_that_fails_or_names_no_active_key_changes_nothing(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let spec = instance_spec("alice/mini");
    let former = WrappedDataKey {
        id: KeyId("former".to_owned()),
        scope: KeyScope::System,
        wrapped: "wrapped".to_owned(),
        master_id: KeyId("master".to_owned()),
        state: KeyState::DecryptOnly,
    };
    store.insert_data_key(&former, at(0)).await.unwrap();
    for key in ["broken", "unknown", "former"] {
        let sealer = Sealer::with(key);
        let result = put(&world, &spec, StoredKeyChange::Set(&sealer)).await;
        let is_refused = match key {
            "broken" => matches!(result, Err(StoreError::Seal(_))),
            _ => matches!(result, Err(StoreError::Conflict(Conflict::KeyChanged))),
        };
        assert!(is_refused, "{key}: {result:?}");
        assert!(
            store
                .instance(&spec.path, Scope::Admin)
                .await
                .unwrap()
                .is_none()
        );
    }
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn an_instance_is_found_within_the_scope(store: &dyn Store) {
    let world = World::new(store);
    let [alice, bob, carol] = world.users(["alice", "bob", "carol"]).await;
    world.instance("alice/mini").await;
    let mini = path("alice/mini");
    let grant = share("bob", Role::Editor);
    store
        .share_instance(&mini, &grant, at(1), &world.witness)
        .await
        .unwrap();
    for (scope, expected) in [
        (Scope::Admin, Some(None)),
        (Scope::User(alice), Some(Some(Role::Owner))),
        (Scope::User(bob), Some(Some(Role::Editor))),
        (Scope::User(carol), None),
        (Scope::Public, None),
    ] {
        let found = store.instance(&mini, scope).await.unwrap();
        assert_eq!(found.map(|found| found.access_role), expected, "{scope:?}");
    }
    assert_eq!(
        store.instance_role(&mini, alice).await.unwrap(),
        Some(Role::Owner)
    );
    assert_eq!(
        store.instance_role(&mini, bob).await.unwrap(),
        Some(Role::Editor)
    );
    assert_eq!(store.instance_role(&mini, carol).await.unwrap(), None);
    assert_eq!(
        store.instance_role(&path("bob/mini"), bob).await.unwrap(),
        None
    );
}

pub(crate) async fn a_list_holds_owned_and_shared_instances_once(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "bob", "carol"]).await;
    for name in [
        "bob/_late",
        "bob/early",
        "alice/shared",
        "alice/private",
        "carol/other",
    ] {
        world.instance(name).await;
    }
    for with in ["bob", "carol"] {
        let grant = share(with, Role::Reader);
        let shared = path("alice/shared");
        store
            .share_instance(&shared, &grant, at(1), &world.witness)
            .await
            .unwrap();
    }
    world.project("alice/docs", "alice/shared").await;
    let listed = store
        .list_instances(&handle("bob"), Page::ALL)
        .await
        .unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|i| (i.path.to_string(), i.access_role))
        .collect();
    let expected = [
        ("alice/shared".to_owned(), Some(Role::Reader)),
        ("bob/early".to_owned(), Some(Role::Owner)),
        ("bob/_late".to_owned(), Some(Role::Owner)),
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        (
            listed[0].number_of_projects,
            listed[0].number_of_shared_users
        ),
        (1, 2)
    );
    let second = store
        .list_instances(&handle("bob"), page(1, 1))
        .await
        .unwrap();
    assert_eq!(second, listed[1..2]);
}

pub(crate) async fn an_instance_in_use_cannot_be_deleted(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.instance("alice/other").await;
    let delete = async |name: &str| world.delete_instance(name).await;
    world.witness.take();
    for turn in ["by the project", "by an embedding"] {
        match delete("alice/mini").await {
            Err(StoreError::Conflict(Conflict::InUse(by))) => assert_eq!(by, "alice/docs"),
            other => panic!("{turn}: {other:?}"),
        }
        // From here on only the embedding refers to it.
        world.project("alice/docs", "alice/other").await;
    }
    assert!(world.witness.take().is_empty());
    let docs = path("alice/docs");
    store
        .delete_embeddings(&docs, Scope::Admin, &world.witness)
        .await
        .unwrap();
    world.witness.take();
    delete("alice/mini").await.unwrap();
    assert_eq!(world.witness.action(), Action::InstanceDelete);
    let result = delete("alice/mini").await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Instance(_)))),
        "{result:?}"
    );
}

pub(crate) async fn an_id_is_never_used_again(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let first = world.instance("alice/mini").await;
    world.delete_instance("alice/mini").await.unwrap();
    let second = world.instance("alice/mini").await;
    assert!(second > first, "{second} after {first}");
}

pub(crate) async fn instance_shares_are_added_changed_and_taken_back(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "_bob", "carol"]).await;
    world.instance("alice/mini").await;
    let mini = path("alice/mini");
    let give = async |with: &str, role| {
        store
            .share_instance(&mini, &share(with, role), at(1), &world.witness)
            .await
    };
    give("_bob", Role::Reader).await.unwrap();
    give("carol", Role::Reader).await.unwrap();
    give("carol", Role::Editor).await.unwrap();
    assert_eq!(world.witness.take().len(), 3);
    give("carol", Role::Editor).await.unwrap();
    give("alice", Role::Reader).await.unwrap();
    assert!(world.witness.take().is_empty());
    let result = give("nobody", Role::Reader).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    let shares = store.instance_shares(&mini, Page::ALL).await.unwrap();
    assert_eq!(
        shares,
        [share("carol", Role::Editor), share("_bob", Role::Reader)]
    );
    assert_eq!(
        store.instance_shares(&mini, page(1, 1)).await.unwrap(),
        shares[1..]
    );

    store
        .unshare_instance(&mini, &handle("carol"), &world.witness)
        .await
        .unwrap();
    assert_eq!(world.witness.action(), Action::InstanceUnshare);
    let result = store
        .unshare_instance(&mini, &handle("carol"), &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Share(_)))),
        "{result:?}"
    );
}
