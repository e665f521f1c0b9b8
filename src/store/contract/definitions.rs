//! Definitions.

use super::world::{World, at, handle, instance_spec, page, path};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::Action;
use crate::domain::ids::{Handle, UserId};
use crate::domain::llm::{Definition, DefinitionSpec, LlmSettings};
use crate::domain::page::Page;
use crate::store::{Conflict, Missing, Store, StoreError, StoredKeyChange};

fn spec(at_path: &str) -> DefinitionSpec {
    DefinitionSpec {
        path: path(at_path),
        settings: LlmSettings {
            endpoint: Some("https://llm.example.org/v1".to_owned()),
            description: Some("Ours".to_owned()),
            api_standard: Some("openai".to_owned()),
            model: Some("mini".to_owned()),
            dimensions: Some(384),
            context_limit: Some(512),
        },
        is_public: false,
    }
}

async fn put(world: &World<'_>, spec: &DefinitionSpec) -> Definition {
    let definition = world
        .store
        .put_definition(spec, at(1), &world.witness)
        .await;
    definition.unwrap()
}

async fn listed(store: &dyn Store, owner: &str) -> Vec<String> {
    let all = store
        .list_definitions(&handle(owner), Page::ALL)
        .await
        .unwrap();
    all.iter().map(|d| d.path.to_string()).collect()
}

const SEEDS: [&str; 4] = [
    "_system/cohere-v4",
    "_system/gemini-embedding-001",
    "_system/openai-large",
    "_system/openai-small",
];

pub(crate) async fn the_seeded_definitions_are_there(store: &dyn Store) {
    assert_eq!(listed(store, "_system").await, SEEDS);
    let sizes = [
        (
            "openai-large",
            "openai",
            "text-embedding-3-large",
            3072,
            8192,
        ),
        (
            "openai-small",
            "openai",
            "text-embedding-3-small",
            1536,
            8191,
        ),
        ("cohere-v4", "cohere", "embed-v4.0", 1536, 128_000),
        (
            "gemini-embedding-001",
            "gemini",
            "gemini-embedding-001",
            3072,
            2048,
        ),
    ];
    for (name, standard, model, dimensions, context_limit) in sizes {
        let at_path = path(&format!("_system/{name}"));
        let found = store
            .definition(&at_path, Scope::Public)
            .await
            .unwrap()
            .unwrap();
        assert!(found.is_public);
        assert_eq!(found.settings.api_standard.as_deref(), Some(standard));
        assert_eq!(found.settings.model.as_deref(), Some(model));
        assert_eq!(found.settings.dimensions, Some(dimensions));
        assert_eq!(found.settings.context_limit, Some(context_limit));
        assert!(found.settings.endpoint.unwrap().starts_with("https://"));
    }
}

pub(crate) async fn a_definition_is_created_and_replaced(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let mut wanted = spec("alice/ours");
    let created = put(&world, &wanted).await;
    assert_eq!(world.witness.action(), Action::DefinitionCreate);
    assert_eq!(created.settings, wanted.settings);
    wanted.settings.model = None;
    wanted.is_public = true;
    let updated = put(&world, &wanted).await;
    assert_eq!(world.witness.action(), Action::DefinitionUpdate);
    assert_eq!((updated.id, updated.is_public), (created.id, true));
    assert_eq!(updated.settings, wanted.settings);
    let found = store.definition(&wanted.path, Scope::Admin).await.unwrap();
    assert_eq!(found, Some(updated));
}

pub(crate) async fn empty_settings_are_not_set(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let mut wanted = spec("alice/bare");
    wanted.settings = LlmSettings {
        endpoint: Some(String::new()),
        description: Some(String::new()),
        api_standard: Some(String::new()),
        model: Some(String::new()),
        dimensions: Some(0),
        context_limit: Some(0),
    };
    assert_eq!(put(&world, &wanted).await.settings, LlmSettings::default());
}

pub(crate) async fn a_definition_needs_its_owner_and_its_standard(store: &dyn Store) {
    let world = World::new(store);
    let result = store
        .put_definition(&spec("alice/ours"), at(1), &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    world.user("alice").await;
    let mut wanted = spec("alice/ours");
    wanted.settings.api_standard = Some("none".to_owned());
    let result = store.put_definition(&wanted, at(1), &world.witness).await;
    match result {
        Err(StoreError::Conflict(Conflict::UnknownApiStandard(name))) => assert_eq!(name, "none"),
        other => panic!("{other:?}"),
    }
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn a_list_holds_owned_shared_and_system_definitions_once(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "bob", "carol"]).await;
    for name in [
        "bob/_late",
        "bob/early",
        "alice/shared",
        "alice/private",
        "carol/x-public",
    ] {
        let mut wanted = spec(name);
        wanted.is_public = name == "carol/x-public";
        put(&world, &wanted).await;
    }
    for with in ["bob", "carol"] {
        let shared = path("alice/shared");
        store
            .share_definition(&shared, &handle(with), at(1), &world.witness)
            .await
            .unwrap();
    }
    let mut expected = vec!["alice/shared", "bob/early", "bob/_late"];
    expected.extend(SEEDS);
    assert_eq!(listed(store, "bob").await, expected);
    let second = store
        .list_definitions(&handle("bob"), page(2, 1))
        .await
        .unwrap();
    let second: Vec<_> = second.iter().map(|d| d.path.to_string()).collect();
    assert_eq!(second, expected[1..3]);
}

pub(crate) async fn a_definition_is_found_within_the_scope(store: &dyn Store) {
    let world = World::new(store);
    let [alice, bob, carol] = world.users(["alice", "bob", "carol"]).await;
    put(&world, &spec("alice/private")).await;
    let mut public = spec("alice/public");
    public.is_public = true;
    put(&world, &public).await;
    let private = path("alice/private");
    store
        .share_definition(&private, &handle("bob"), at(1), &world.witness)
        .await
        .unwrap();
    let sees = async |name: &str, scope| {
        let found = store.definition(&path(name), scope).await.unwrap();
        found.is_some()
    };
    for (scope, expected) in [
        (Scope::Admin, true),
        (Scope::User(alice), true),
        (Scope::User(bob), true),
        (Scope::User(carol), false),
        (Scope::Public, false),
    ] {
        assert_eq!(sees("alice/private", scope).await, expected, "{scope:?}");
        assert!(sees("alice/public", scope).await, "{scope:?}");
    }
    let role = async |user: UserId| store.definition_role(&private, user).await.unwrap();
    assert_eq!(role(alice).await, Some(Role::Owner));
    assert_eq!(role(bob).await, Some(Role::Reader));
    assert_eq!(role(carol).await, None);
}

pub(crate) async fn sharing_again_is_no_event(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "_bob", "carol"]).await;
    put(&world, &spec("alice/ours")).await;
    world.witness.take();
    let ours = path("alice/ours");
    let share = async |with: &str| {
        store
            .share_definition(&ours, &handle(with), at(1), &world.witness)
            .await
    };
    assert_eq!(share("_bob").await.unwrap(), [handle("_bob")]);
    assert_eq!(
        share("carol").await.unwrap(),
        [handle("carol"), handle("_bob")]
    );
    assert_eq!(world.witness.take().len(), 2);
    assert_eq!(share("carol").await.unwrap().len(), 2);
    assert_eq!(share("alice").await.unwrap().len(), 2);
    assert!(matches!(
        share("nobody").await,
        Err(StoreError::Missing(Missing::User(_)))
    ));
    assert!(world.witness.take().is_empty());
    let shares: Vec<Handle> = store.definition_shares(&ours, page(1, 1)).await.unwrap();
    assert_eq!(shares, [handle("_bob")]);

    let unshare = async |with: &str| {
        store
            .unshare_definition(&ours, &handle(with), &world.witness)
            .await
            .unwrap()
    };
    assert!(unshare("_bob").await);
    assert_eq!(world.witness.action(), Action::DefinitionUnshare);
    assert!(!unshare("_bob").await);
    assert!(world.witness.take().is_empty());
    let none = path("alice/none");
    let result = store.definition_shares(&none, Page::ALL).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Definition(_)))),
        "{result:?}"
    );
}

pub(crate) async fn deleting_a_definition_unlinks_instances(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let definition = put(&world, &spec("alice/ours")).await;
    let mut instance = instance_spec("alice/mini");
    instance.definition = Some(path("alice/ours"));
    let keep = StoredKeyChange::Keep;
    store
        .put_instance(&instance, keep, at(1), &world.witness)
        .await
        .unwrap();
    let found = store
        .instance(&instance.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.definition_id, Some(definition.id));
    assert_eq!(found.definition, Some(path("alice/ours")));
    let counted = store
        .definition(&path("alice/ours"), Scope::Admin)
        .await
        .unwrap();
    assert_eq!(counted.unwrap().number_of_instances, 1);
    world.witness.take();

    store
        .delete_definition(&path("alice/ours"), &world.witness)
        .await
        .unwrap();
    assert_eq!(world.witness.action(), Action::DefinitionDelete);
    let found = store
        .instance(&instance.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.definition_id, found.definition), (None, None));
    let result = store
        .delete_definition(&path("alice/ours"), &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Definition(_)))),
        "{result:?}"
    );
}
