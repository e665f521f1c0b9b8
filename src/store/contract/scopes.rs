//! What each kind of caller reaches. An object beyond the scope is not found, by every verb.

use super::world::{World, at, page, path, project_spec, row, share};
use crate::domain::access::{Need, Role, Scope};
use crate::domain::ids::UserId;
use crate::store::{Missing, Store, StoreError};

/// One of every kind of caller, and what they may do with a project.
struct Cast {
    scopes: [(&'static str, Scope, bool, bool); 6],
}

/// `alice/docs` with one embedding `a`, shared with an editor and a reader. `reads` and `writes`
/// of each caller are those of a private project.
async fn cast(world: &World<'_>) -> Cast {
    let (alice, _) = world.docs().await;
    let [editor, reader, stranger] = world.users(["editor", "reader", "stranger"]).await;
    for grant in [share("editor", Role::Editor), share("reader", Role::Reader)] {
        let docs = path("alice/docs");
        let shared = world
            .store
            .share_project(&docs, &grant, at(1), &world.witness)
            .await;
        shared.unwrap();
    }
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    Cast {
        scopes: [
            ("admin", Scope::Admin, true, true),
            ("owner", Scope::User(alice), true, true),
            ("editor", Scope::User(editor), true, true),
            ("reader", Scope::User(reader), true, false),
            ("stranger", Scope::User(stranger), false, false),
            ("public", Scope::Public, false, false),
        ],
    }
}

async fn assert_reads(store: &dyn Store, who: &str, scope: Scope, expected: bool) {
    let docs = path("alice/docs");
    let ids = ["a".to_owned()];
    let read = [
        store.project(&docs, scope).await.unwrap().is_some(),
        store
            .project_context(&docs, scope, Need::Read)
            .await
            .unwrap()
            .is_some(),
        store.embedding(&docs, scope, &ids).await.unwrap().is_some(),
        store
            .embedding_vector(&docs, scope, &ids)
            .await
            .unwrap()
            .is_some(),
        !store
            .list_embeddings(&docs, scope, page(10, 0))
            .await
            .unwrap()
            .is_empty(),
    ];
    assert_eq!(read, [expected; 5], "{who}");
}

pub(crate) async fn a_private_project_is_read_by_those_it_is_shared_with(store: &dyn Store) {
    let world = World::new(store);
    for (who, scope, reads, _) in cast(&world).await.scopes {
        assert_reads(store, who, scope, reads).await;
    }
    assert!(!store.project_is_public(&path("alice/docs")).await.unwrap());
    assert!(!store.project_is_public(&path("alice/none")).await.unwrap());
}

pub(crate) async fn a_public_project_is_read_by_everybody(store: &dyn Store) {
    let world = World::new(store);
    let cast = cast(&world).await;
    let mut spec = project_spec("alice/docs");
    spec.instance = Some(path("alice/mini"));
    spec.public_read = true;
    world.put_project(&spec).await.unwrap();
    for (who, scope, ..) in cast.scopes {
        assert_reads(store, who, scope, true).await;
    }
    let found = store
        .project(&spec.path, Scope::Public)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.role, None);
    assert!(store.project_is_public(&spec.path).await.unwrap());
}

pub(crate) async fn embeddings_are_changed_by_owner_editor_and_admin(store: &dyn Store) {
    let world = World::new(store);
    let docs = path("alice/docs");
    let cast = cast(&world).await;
    let mut spec = project_spec("alice/docs");
    spec.instance = Some(path("alice/mini"));
    for public_read in [false, true] {
        spec.public_read = public_read;
        world.put_project(&spec).await.unwrap();
        for (who, scope, _, writes) in cast.scopes {
            let context = store
                .project_context(&docs, scope, Need::Write)
                .await
                .unwrap();
            assert_eq!(context.is_some(), writes, "{who}");
            world.witness.take();
            let id = "mine".to_owned();
            let ids = std::slice::from_ref(&id);
            let results = [
                world
                    .try_upload("alice/docs", scope, &[row(&id, 1.0)])
                    .await,
                store
                    .delete_embedding(&docs, scope, ids, &world.witness)
                    .await,
                world
                    .try_upload("alice/docs", scope, &[row(&id, 1.0)])
                    .await,
                store
                    .delete_embeddings(&docs, scope, &world.witness)
                    .await
                    .map(drop),
            ];
            for result in results {
                let refused = matches!(&result, Err(StoreError::Missing(Missing::Project(_))));
                assert_eq!(
                    (result.is_ok(), refused),
                    (writes, !writes),
                    "{who}: {result:?}"
                );
            }
            assert_eq!(
                world.witness.take().len(),
                if writes { 4 } else { 0 },
                "{who}"
            );
        }
    }
}

pub(crate) async fn roles_are_those_given(store: &dyn Store) {
    let world = World::new(store);
    let docs = path("alice/docs");
    let expected = [
        Some(Role::Owner),
        Some(Role::Editor),
        Some(Role::Reader),
        None,
    ];
    let cast = cast(&world).await;
    let users = cast
        .scopes
        .iter()
        .filter_map(|(.., scope, _, _)| match scope {
            Scope::User(id) => Some(*id),
            Scope::Admin | Scope::Public => None,
        });
    for (user, expected) in users.zip(expected) {
        assert_eq!(store.project_role(&docs, user).await.unwrap(), expected);
        let seen = store.project(&docs, Scope::User(user)).await.unwrap();
        assert_eq!(seen.and_then(|project| project.role), expected);
    }
    assert_eq!(store.project_role(&docs, UserId(999)).await.unwrap(), None);
    world.delete_user("editor").await.unwrap();
    let left = store.project(&docs, Scope::Admin).await.unwrap().unwrap();
    assert_eq!(left.shared_with, [share("reader", Role::Reader)]);
}
