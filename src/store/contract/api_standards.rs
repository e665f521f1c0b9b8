//! API standards.

use super::world::{World, at, handle, instance_spec, page, path};
use crate::domain::audit::Action;
use crate::domain::llm::{ApiStandard, DefinitionSpec, KeyMethod, LlmSettings};
use crate::domain::page::Page;
use crate::store::{Conflict, Missing, Put, Store, StoreError, StoredKeyChange};

fn standard(name: &str) -> ApiStandard {
    ApiStandard {
        handle: handle(name),
        description: "Ours".to_owned(),
        key_method: KeyMethod::CustomHeader,
        key_field: "X-Key".to_owned(),
    }
}

pub(crate) async fn the_seeded_standards_are_there(store: &dyn Store) {
    let standards = store.list_api_standards(Page::ALL).await.unwrap();
    let seen: Vec<_> = standards
        .iter()
        .map(|s| (s.handle.as_str(), s.key_method, s.key_field.as_str()))
        .collect();
    let bearer = KeyMethod::AuthBearer;
    let expected = [
        ("cohere", bearer, "Authorization"),
        ("gemini", bearer, "x-goog-api-key"),
        ("openai", bearer, "Authorization"),
    ];
    assert_eq!(seen, expected);
    let second = store.list_api_standards(page(1, 1)).await.unwrap();
    assert_eq!(second, standards[1..2]);
}

pub(crate) async fn a_standard_is_created_and_replaced(store: &dyn Store) {
    let world = World::new(store);
    let mut ours = standard("_ours");
    let put = store
        .put_api_standard(&ours, at(1), &world.witness)
        .await
        .unwrap();
    assert_eq!(
        (put, world.witness.action()),
        (Put::Created, Action::ApiStandardCreate)
    );
    ours.description = "It's 100 % ours".to_owned();
    ours.key_method = KeyMethod::BodyForm;
    let put = store
        .put_api_standard(&ours, at(2), &world.witness)
        .await
        .unwrap();
    assert_eq!(
        (put, world.witness.action()),
        (Put::Updated, Action::ApiStandardUpdate)
    );
    assert_eq!(
        store.api_standard(&handle("_ours")).await.unwrap(),
        Some(ours.clone())
    );
    let all = store.list_api_standards(Page::ALL).await.unwrap();
    assert_eq!(all.last(), Some(&ours));
}

pub(crate) async fn a_standard_in_use_cannot_be_deleted(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    for name in ["for-definition", "for-instance", "free"] {
        store
            .put_api_standard(&standard(name), at(1), &world.witness)
            .await
            .unwrap();
    }
    let definition = DefinitionSpec {
        path: path("alice/def"),
        settings: LlmSettings {
            api_standard: Some("for-definition".to_owned()),
            ..LlmSettings::default()
        },
        is_public: false,
    };
    store
        .put_definition(&definition, at(1), &world.witness)
        .await
        .unwrap();
    let mut instance = instance_spec("alice/ins");
    instance.settings.api_standard = Some("for-instance".to_owned());
    let keep = StoredKeyChange::Keep;
    store
        .put_instance(&instance, keep, at(1), &world.witness)
        .await
        .unwrap();
    world.witness.take();
    for (name, user) in [
        ("for-definition", "definition alice/def"),
        ("for-instance", "instance alice/ins"),
    ] {
        let error = store
            .delete_api_standard(&handle(name), &world.witness)
            .await
            .unwrap_err();
        match error {
            StoreError::Conflict(Conflict::InUse(by)) => assert_eq!(by, user),
            other => panic!("{other:?}"),
        }
    }
    assert!(world.witness.take().is_empty());
    store
        .delete_api_standard(&handle("free"), &world.witness)
        .await
        .unwrap();
    assert_eq!(world.witness.action(), Action::ApiStandardDelete);
    assert_eq!(store.api_standard(&handle("free")).await.unwrap(), None);
}

pub(crate) async fn an_unknown_standard_is_missing(store: &dyn Store) {
    let world = World::new(store);
    assert_eq!(store.api_standard(&handle("none")).await.unwrap(), None);
    let error = store
        .delete_api_standard(&handle("none"), &world.witness)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Missing(Missing::ApiStandard(_))),
        "{error:?}"
    );
}
