//! What happens at once happens as if one after the other: nothing is lost, nothing hangs, and
//! whoever comes second is told in the words of the domain.

use super::world::{World, at, digest, handle, object, path, project_spec, row, share, user_spec};
use crate::domain::access::{Role, Scope};
use crate::domain::audit::Action;
use crate::domain::embedding::{NewEmbedding, UploadTarget};
use crate::domain::ids::{EmbeddingId, Handle};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::user::{KeyDigest, UserSpec};
use crate::store::{Conflict, Missing, Put, PutMode, Store, StoreError, StoreResult};
use serde_json::json;
use std::time::Duration;

/// Enough that each of two that race is sometimes the first.
const ROUNDS: u32 = 12;

/// Runs two at once; by the number of the round, the one or the other has a small lead.
async fn race<A, B>(
    round: u32,
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> (A, B) {
    let lead = Duration::from_micros(u64::from(round / 2) * 400);
    let (first, second) = if round.is_multiple_of(2) {
        (lead, Duration::ZERO)
    } else {
        (Duration::ZERO, lead)
    };
    let both = async {
        tokio::join!(
            async {
                tokio::time::sleep(first).await;
                one.await
            },
            async {
                tokio::time::sleep(second).await;
                other.await
            }
        )
    };
    tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .expect("neither waits for the other for ever")
}

async fn upload(
    world: &World<'_>,
    scope: Scope,
    target: UploadTarget,
    rows: &[NewEmbedding],
) -> StoreResult<()> {
    let docs = path("alice/docs");
    world
        .store
        .upload_embeddings(
            &docs,
            scope,
            target,
            world.batch(rows),
            at(0),
            &world.witness,
        )
        .await
}

pub(crate) async fn uploads_to_one_project_at_once_lose_nothing(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    let target = world.target("alice/docs").await;
    for round in 0..ROUNDS {
        let batch = |who: &str| {
            let mut rows = [row("both", 1.0), row("all", 1.0), row(who, 1.0)];
            let key = format!("{who}-{round}");
            rows[0].metadata = Some(object(json!({key: 1})));
            rows.to_vec()
        };
        let (left, mut right) = (batch("left"), batch("right"));
        // Whoever locks rows in the order of the batch meets the other coming the other way.
        right.reverse();
        let (one, other) = race(
            round,
            upload(&world, Scope::Admin, target, &left),
            upload(&world, Scope::Admin, target, &right),
        )
        .await;
        one.unwrap();
        other.unwrap();
        let context = world.context("alice/docs").await;
        assert_eq!(context.data_revision, i64::from(round + 1) * 2);
        let rows = store.scan_vectors(id, EmbeddingId(0), 10).await.unwrap();
        let revision = |id: &str| rows.iter().find(|r| r.text_id == id).unwrap().data_revision;
        let mut revisions = [revision("left"), revision("right")];
        revisions.sort_unstable();
        assert_eq!(
            revisions,
            [context.data_revision - 1, context.data_revision]
        );
        assert_eq!(revision("both"), context.data_revision);
    }
    let both = world.embedding("alice/docs", "both").await.unwrap();
    let keys = both.metadata.unwrap().len();
    assert_eq!(keys, usize::try_from(ROUNDS * 2).unwrap());
    assert_eq!(world.text_ids("alice/docs").await.len(), 4);
}

pub(crate) async fn an_upload_beside_a_change_of_the_settings_is_before_or_after_it(
    store: &dyn Store,
) {
    let world = World::new(store);
    world.docs().await;
    let mut spec = project_spec("alice/docs");
    spec.instance = Some(path("alice/mini"));
    for round in 0..ROUNDS {
        let target = world.target("alice/docs").await;
        let text_id = format!("r{round}");
        let rows = [row(&text_id, 1.0)];
        let (sent, put) = race(
            round,
            upload(&world, Scope::Admin, target, &rows),
            world.put_project(&spec),
        )
        .await;
        put.unwrap();
        let actions: Vec<_> = world.witness.take().iter().map(|c| c.action).collect();
        let is_stored = world.embedding("alice/docs", &text_id).await.is_some();
        match sent {
            Ok(()) => {
                assert!(is_stored);
                assert_eq!(actions, [Action::EmbeddingsUpload, Action::ProjectUpdate]);
            }
            Err(StoreError::Conflict(Conflict::SettingsChanged)) => {
                assert!(!is_stored);
                assert_eq!(actions, [Action::ProjectUpdate]);
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn an_upload_beside_the_deletion_of_its_project_leaves_nothing(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let docs = path("alice/docs");
    for round in 0..ROUNDS {
        let target = world.target("alice/docs").await;
        let rows = [row("a", 1.0), row("b", 1.0)];
        let (sent, deleted) = race(
            round,
            upload(&world, Scope::Admin, target, &rows),
            world.delete_project("alice/docs"),
        )
        .await;
        deleted.unwrap();
        let actions: Vec<_> = world.witness.take().iter().map(|c| c.action).collect();
        match sent {
            Ok(()) => assert_eq!(actions, [Action::EmbeddingsUpload, Action::ProjectDelete]),
            Err(StoreError::Missing(Missing::Project(gone))) => {
                assert_eq!(gone, docs);
                assert_eq!(actions, [Action::ProjectDelete]);
            }
            other => panic!("{other:?}"),
        }
        assert!(store.project_health().await.unwrap().is_empty());
        assert!(world.text_ids("alice/docs").await.is_empty());
        world.project("alice/docs", "alice/mini").await;
    }
}

pub(crate) async fn an_upload_beside_the_end_of_its_share_is_before_or_after_it(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let bob = world.user("bob").await;
    let docs = path("alice/docs");
    for round in 0..ROUNDS {
        let grant = share("bob", Role::Editor);
        store
            .share_project(&docs, &grant, at(1), &world.witness)
            .await
            .unwrap();
        world.witness.take();
        let target = world.target("alice/docs").await;
        let text_id = format!("r{round}");
        let rows = [row(&text_id, 1.0)];
        let (sent, unshared) = race(
            round,
            upload(&world, Scope::User(bob), target, &rows),
            store.unshare_project(&docs, &Handle::parse("bob").unwrap(), &world.witness),
        )
        .await;
        unshared.unwrap();
        let actions: Vec<_> = world.witness.take().iter().map(|c| c.action).collect();
        let is_stored = world.embedding("alice/docs", &text_id).await.is_some();
        match sent {
            Ok(()) => {
                assert!(is_stored);
                assert_eq!(actions, [Action::EmbeddingsUpload, Action::ProjectUnshare]);
            }
            Err(StoreError::Missing(Missing::Project(_))) => {
                assert!(!is_stored);
                assert_eq!(actions, [Action::ProjectUnshare]);
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn deletions_beside_uploads_count_what_they_removed(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let docs = path("alice/docs");
    for round in 0..ROUNDS {
        let target = world.target("alice/docs").await;
        let rows: Vec<_> = (0..20).map(|n| row(&format!("n{n}"), 1.0)).collect();
        let before = world.context("alice/docs").await.data_revision;
        let (sent, removed) = race(
            round,
            upload(&world, Scope::Admin, target, &rows),
            store.delete_embeddings(&docs, Scope::Admin, &world.witness),
        )
        .await;
        sent.unwrap();
        let left = world.text_ids("alice/docs").await.len();
        let after = world.context("alice/docs").await;
        match removed.unwrap() {
            0 => assert_eq!((left, after.data_revision), (20, before + 1)),
            20 if left == 0 => assert_eq!(after.removal_revision, before + 2),
            20 => assert_eq!((left, after.removal_revision), (20, before + 1)),
            other => panic!("{other} of 20 rows were removed"),
        }
    }
}

async fn create(world: &World<'_>, spec: &UserSpec, key: &KeyDigest) -> StoreResult<Put> {
    let mode = PutMode::CreateOnly;
    world
        .store
        .put_user(spec, key, mode, at(1), &world.witness)
        .await
}

pub(crate) async fn of_two_creations_of_one_user_one_wins(store: &dyn Store) {
    let world = World::new(store);
    for round in 0..ROUNDS {
        let name = format!("user-{round}");
        let spec = user_spec(&name);
        let keys = ["one", "other"].map(|key| digest(&format!("{key} of {name}")));
        let (one, other) = race(
            round,
            create(&world, &spec, &keys[0]),
            create(&world, &spec, &keys[1]),
        )
        .await;
        let (winner, refused) = match (one, other) {
            (Ok(Put::Created), Err(refused)) => (0, refused),
            (Err(refused), Ok(Put::Created)) => (1, refused),
            other => panic!("{other:?}"),
        };
        assert!(
            matches!(&refused, StoreError::Conflict(Conflict::UserExists(h)) if *h == handle(&name)),
            "{refused:?}"
        );
        assert_eq!(world.witness.action(), Action::UserCreate);
        for (number, key) in keys.iter().enumerate() {
            let owner = store.key_owner(key, at(2)).await.unwrap();
            assert_eq!(owner.is_some(), number == winner);
        }
    }
}

pub(crate) async fn of_two_users_with_one_address_one_wins(store: &dyn Store) {
    let world = World::new(store);
    for round in 0..ROUNDS {
        let [one, other] = ["ann", "bea"].map(|name| {
            let mut spec = user_spec(&format!("{name}-{round}"));
            spec.email = format!("shared-{round}@example.org");
            spec
        });
        let keys = [&one, &other].map(|spec| digest(spec.handle.as_str()));
        let results: [_; 2] = race(
            round,
            create(&world, &one, &keys[0]),
            create(&world, &other, &keys[1]),
        )
        .await
        .into();
        let created = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(created, 1, "{results:?}");
        let refused = results.into_iter().find_map(Result::err);
        assert!(
            matches!(refused, Some(StoreError::Conflict(Conflict::EmailTaken))),
            "{refused:?}"
        );
        world.witness.one();
    }
}

pub(crate) async fn of_two_active_data_keys_of_one_scope_one_is_kept(store: &dyn Store) {
    let project = |round: u32| KeyScope::Project(crate::domain::ids::ProjectId(i64::from(round)));
    for round in 0..ROUNDS {
        let [one, other] = ["one", "other"].map(|name| WrappedDataKey {
            id: KeyId(format!("{name}-{round}")),
            scope: project(round),
            wrapped: "wrapped".to_owned(),
            master_id: KeyId("master".to_owned()),
            state: KeyState::Active,
        });
        let results: [_; 2] = race(
            round,
            store.insert_data_key(&one, at(1)),
            store.insert_data_key(&other, at(1)),
        )
        .await
        .into();
        let kept = store.data_key(project(round)).await.unwrap().unwrap();
        assert_eq!(kept == one, results[0].is_ok());
        assert_eq!(kept == other, results[1].is_ok());
        let refused = results.into_iter().find_map(Result::err);
        assert!(
            matches!(refused, Some(StoreError::Conflict(Conflict::InUse(_)))),
            "{refused:?}"
        );
    }
}

pub(crate) async fn nothing_is_written_after_the_database_became_read_only(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    let target = world.target("alice/docs").await;
    let mut expected = Vec::new();
    for round in 0..ROUNDS {
        let text_id = format!("r{round:02}");
        let rows = [row(&text_id, 1.0)];
        let (sent, frozen) = race(round, upload(&world, Scope::Admin, target, &rows), async {
            store.set_read_only(Some("a move")).await.unwrap();
            // What is stored now is all that there will be.
            world.text_ids("alice/docs").await
        })
        .await;
        match sent {
            Ok(()) => expected.push(text_id),
            Err(StoreError::ReadOnly(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
        assert_eq!(frozen, expected);
        store.set_read_only(None).await.unwrap();
    }
}
