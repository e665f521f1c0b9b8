//! Rotations: data keys rewrapped, stored values changed, how far it came.

use super::processes::process;
use super::world::{World, at, digest, instance_spec, object, row};
use crate::domain::audit::Action;
use crate::domain::ids::{InstanceId, ProjectId};
use crate::domain::key::{KeyId, KeyScope, KeyState, SealedField, WrappedDataKey};
use crate::domain::rotation::{RowChange, RowPlace, SealedColumn, StoredRow, ValueChange};
use crate::domain::user::KeyOwner;
use crate::store::rotation::{Resealing, Rewrap, Rewrapped};
use crate::store::{Conflict, HookError, InstanceSealer, Store, StoreError, StoredKeyChange};
use serde_json::json;

fn id(text: &str) -> KeyId {
    KeyId(text.to_owned())
}

fn key(name: &str, scope: KeyScope, state: KeyState) -> WrappedDataKey {
    WrappedDataKey {
        id: id(name),
        scope,
        wrapped: format!("wrapped {name}"),
        master_id: id("m1"),
        state,
    }
}

fn rewrap(old: &WrappedDataKey) -> Rewrap {
    Rewrap {
        old: old.clone(),
        new: WrappedDataKey {
            wrapped: format!("{} anew", old.wrapped),
            master_id: id("m2"),
            ..old.clone()
        },
    }
}

pub(crate) async fn data_keys_are_rewrapped_at_once(store: &dyn Store) {
    let world = World::new(store);
    let mut rewraps = Vec::new();
    for number in 0..1_100_i64 {
        let scope = KeyScope::Project(ProjectId(number));
        let key = key(&format!("key {number:04}"), scope, KeyState::Active);
        store.insert_data_key(&key, at(1)).await.unwrap();
        rewraps.push(rewrap(&key));
    }
    // One that changed meanwhile is left as it is.
    rewraps[7].old.wrapped = "something else".to_owned();
    let done = store
        .rewrap_data_keys(&id("m2"), &rewraps, at(0), &world.witness)
        .await
        .unwrap();
    assert_eq!(done, Rewrapped::Done(1_099));
    let change = world.witness.one();
    assert_eq!(change.action, Action::MasterKeyRewrap);
    assert_eq!(change.details["count"], 1_099);
    let stored = store.data_keys(None).await.unwrap();
    for (rewrap, stored) in rewraps.iter().zip(&stored) {
        let changed = stored.key == rewrap.new;
        assert_eq!(changed, rewrap.old.wrapped != "something else");
    }
    assert_eq!(
        store.master_key_uses().await.unwrap(),
        [(id("m1"), 1), (id("m2"), 1_099)]
    );
    // Again, there is nothing to do and nothing to record.
    let again = store
        .rewrap_data_keys(&id("m2"), &rewraps, at(0), &world.witness)
        .await
        .unwrap();
    assert_eq!(again, Rewrapped::Done(0));
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn a_server_without_the_new_master_key_blocks_the_rewrap(store: &dyn Store) {
    let world = World::new(store);
    let key = key("k", KeyScope::System, KeyState::Active);
    store.insert_data_key(&key, at(1)).await.unwrap();
    let (behind, gone) = (process("behind", 50, &["m1"]), process("gone", 10, &["m1"]));
    for process in [&behind, &gone, &process("ready", 50, &["m1", "m2"])] {
        store.beat(process).await.unwrap();
    }
    let rewraps = [rewrap(&key)];
    let asked = async |since| {
        store
            .rewrap_data_keys(&id("m2"), &rewraps, at(since), &world.witness)
            .await
            .unwrap()
    };
    assert_eq!(asked(40).await, Rewrapped::Blocked(vec![behind]));
    let stored = store.data_key(KeyScope::System).await.unwrap();
    assert_eq!(stored, Some(key));
    assert_eq!(asked(51).await, Rewrapped::Done(1));
}

pub(crate) async fn a_scope_has_one_rotation_under_way(store: &dyn Store) {
    let scope = KeyScope::Project(ProjectId(7));
    assert_eq!(store.open_rotation(scope).await.unwrap(), None);
    let new = key("new", scope, KeyState::Pending);
    let begun = store.begin_rotation(&new, at(5)).await.unwrap();
    assert_eq!(
        store.open_rotation(scope).await.unwrap(),
        Some(begun.clone())
    );
    let stored = store.data_key_of_id(&new.id).await.unwrap().unwrap();
    assert_eq!(stored.key, new);

    let second = key("second", scope, KeyState::Pending);
    let refused = store.begin_rotation(&second, at(5)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(Conflict::InUse(_)))),
        "{refused:?}"
    );
    assert_eq!(store.data_key_of_id(&second.id).await.unwrap(), None);
    // Another scope is no hindrance.
    let system = key("system", KeyScope::System, KeyState::Pending);
    store.begin_rotation(&system, at(5)).await.unwrap();

    store
        .retarget_rotation(begun.id, &id("third"))
        .await
        .unwrap();
    let open = store.open_rotation(scope).await.unwrap().unwrap();
    assert_eq!((open.to_key, open.after_row), (id("third"), 0));
    store.finish_rotation(begun.id, at(9)).await.unwrap();
    assert_eq!(store.open_rotation(scope).await.unwrap(), None);
    store.begin_rotation(&second, at(10)).await.unwrap();
}

pub(crate) async fn the_new_key_of_a_deleted_project_is_destroyed_with_the_old_one(
    store: &dyn Store,
) {
    let world = World::new(store);
    let (project, _) = sealed_project(&world).await;
    let scope = KeyScope::Project(project);
    let docs = super::world::path("alice/docs");
    store
        .delete_project(&docs, at(5), at(500), &world.witness)
        .await
        .unwrap();
    let new = key("new", scope, KeyState::Pending);
    store.begin_rotation(&new, at(6)).await.unwrap();
    let stored = store.data_key_of_id(&new.id).await.unwrap().unwrap();
    assert_eq!(stored.destroy_after, Some(at(500)));
    let told = store.project_sealings().await.unwrap();
    assert!(told[0].is_deleted && told[0].name == "alice/docs");
    assert_eq!(store.stored_rows(scope, 0, 10).await.unwrap().len(), 3);
}

/// A project with sealed texts `a` to `c` and its key, which is active.
async fn sealed_project(world: &World<'_>) -> (ProjectId, InstanceId) {
    let (_, project) = world.docs().await;
    let instance = world.target("alice/docs").await.instance_id;
    let mut rows = Vec::new();
    for text_id in ["a", "b", "c"] {
        let mut row = row(text_id, 1.0);
        row.text = Some(format!("text of {text_id}"));
        row.metadata = Some(object(json!({"id": text_id})));
        rows.push(row);
    }
    world.upload("alice/docs", &rows).await;
    let active = key("k", KeyScope::Project(project), KeyState::Active);
    world.store.insert_data_key(&active, at(1)).await.unwrap();
    world.witness.take();
    (project, instance)
}

fn change_of(row: &StoredRow, new: &str) -> RowChange {
    let change = |(column, old): &(SealedColumn, String)| ValueChange {
        column: *column,
        old: old.clone(),
        new: format!("{new} {}", column.column()),
    };
    RowChange {
        row_id: row.row_id,
        values: row.values.iter().map(change).collect(),
    }
}

fn resealing<'a>(scope: KeyScope, key: &'a KeyId, rows: &'a [RowChange]) -> Resealing<'a> {
    Resealing {
        scope,
        sealed: Some((key, 2)),
        settings_revision: None,
        rows,
        progress: None,
    }
}

pub(crate) async fn stored_rows_are_read_in_order_and_changed_if_they_are_as_they_were(
    store: &dyn Store,
) {
    let world = World::new(store);
    let (project, instance) = sealed_project(&world).await;
    let scope = KeyScope::Project(project);
    let rows = store.stored_rows(scope, 0, 2).await.unwrap();
    assert_eq!(rows.len(), 2);
    let place = RowPlace::Embedding {
        project,
        instance,
        text_id: "a".to_owned(),
    };
    assert_eq!(rows[0].place, place);
    let values = [
        (SealedColumn::Text, "text of a".to_owned()),
        (SealedColumn::Metadata, r#"{"id":"a"}"#.to_owned()),
    ];
    assert_eq!(rows[0].values, values);
    let rest = store.stored_rows(scope, rows[1].row_id, 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(store.last_row(scope).await.unwrap(), rest[0].row_id);
    let nowhere = KeyScope::Project(ProjectId(project.0 + 1));
    assert_eq!(store.last_row(nowhere).await.unwrap(), 0);

    let before = world.context("alice/docs").await;
    let updated_at = world.embedding("alice/docs", "a").await;
    let mut changes = [
        change_of(&rows[0], "{\"new\":1}"),
        change_of(&rows[1], "new"),
    ];
    // The second is not what it was: it is left, with both of its values.
    changes[1].values[1].old.push('x');
    // Of the first only the text changes.
    changes[0].values.truncate(1);
    let active = id("k");
    let begun = store
        .begin_rotation(&key("next", scope, KeyState::Pending), at(2))
        .await
        .unwrap();
    let asked = Resealing {
        settings_revision: Some(before.settings_revision),
        progress: Some((begun.id, rows[1].row_id)),
        ..resealing(scope, &active, &changes)
    };
    assert_eq!(store.reseal(&asked).await.unwrap(), 1);
    let after = store.stored_rows(scope, 0, 10).await.unwrap();
    assert_eq!(after[0].values[0].1, "{\"new\":1} text");
    assert_eq!(after[0].values[1], rows[0].values[1]);
    assert_eq!(after[1..], [rows[1].clone(), rest[0].clone()]);
    let open = store.open_rotation(scope).await.unwrap().unwrap();
    assert_eq!(open.after_row, rows[1].row_id);
    let record = store.data_key_of_id(&active).await.unwrap().unwrap();
    assert_eq!(record.messages, 2);
    // Nobody who reads is told that anything changed.
    let unchanged = world.context("alice/docs").await;
    assert_eq!(unchanged.data_revision, before.data_revision);
    assert_eq!(unchanged.settings_revision, before.settings_revision);
    assert!(updated_at.is_some());
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn nothing_is_resealed_under_another_key_or_policy(store: &dyn Store) {
    let world = World::new(store);
    let (project, _) = sealed_project(&world).await;
    let scope = KeyScope::Project(project);
    let rows = store.stored_rows(scope, 0, 10).await.unwrap();
    let changes = [change_of(&rows[0], "new")];
    let (active, unknown) = (id("k"), id("unknown"));
    let pending = key("pending", scope, KeyState::Pending);
    store.insert_data_key(&pending, at(1)).await.unwrap();
    let elsewhere = key("elsewhere", KeyScope::System, KeyState::Active);
    store.insert_data_key(&elsewhere, at(1)).await.unwrap();
    for wrong in [&unknown, &pending.id, &elsewhere.id] {
        let refused = store.reseal(&resealing(scope, wrong, &changes)).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(Conflict::KeyChanged))),
            "{refused:?}"
        );
    }
    let revision = world.context("alice/docs").await.settings_revision;
    let asked = Resealing {
        settings_revision: Some(revision + 1),
        ..resealing(scope, &active, &changes)
    };
    let refused = store.reseal(&asked).await;
    assert!(
        matches!(
            refused,
            Err(StoreError::Conflict(Conflict::SettingsChanged))
        ),
        "{refused:?}"
    );
    assert_eq!(store.stored_rows(scope, 0, 10).await.unwrap(), rows);
    let record = store.data_key_of_id(&active).await.unwrap().unwrap();
    assert_eq!(record.messages, 0);
    // A row of another project is not reached.
    let other = Resealing {
        sealed: None,
        ..resealing(
            KeyScope::Project(ProjectId(project.0 + 1)),
            &active,
            &changes,
        )
    };
    assert_eq!(store.reseal(&other).await.unwrap(), 0);
    assert_eq!(store.stored_rows(scope, 0, 10).await.unwrap(), rows);
}

struct Sealer;

impl InstanceSealer for Sealer {
    fn seal(&self, id: InstanceId) -> Result<SealedField, HookError> {
        Ok(SealedField {
            text: format!("enc:v2:aaaaaaaaaaaaaaaa:{id}"),
            key_id: KeyId("aaaaaaaaaaaaaaaa".to_owned()),
        })
    }
}

pub(crate) async fn provider_keys_are_the_rows_of_the_system(store: &dyn Store) {
    let world = World::new(store);
    world.user("alice").await;
    let active = key("aaaaaaaaaaaaaaaa", KeyScope::System, KeyState::Active);
    store.insert_data_key(&active, at(1)).await.unwrap();
    let other = key("bbbbbbbbbbbbbbbb", KeyScope::System, KeyState::DecryptOnly);
    store.insert_data_key(&other, at(1)).await.unwrap();
    let bare = world.instance("alice/bare").await;
    let sealed = store
        .put_instance(
            &instance_spec("alice/mini"),
            StoredKeyChange::Set(&Sealer),
            at(1),
            &world.witness,
        )
        .await
        .unwrap();
    let rows = store.stored_rows(KeyScope::System, 0, 10).await.unwrap();
    assert_eq!(
        rows,
        [
            StoredRow {
                row_id: bare.0,
                place: RowPlace::Instance(bare),
                values: Vec::new(),
            },
            StoredRow {
                row_id: sealed.0,
                place: RowPlace::Instance(sealed),
                values: vec![(
                    SealedColumn::ApiKey,
                    format!("enc:v2:aaaaaaaaaaaaaaaa:{sealed}")
                )],
            }
        ]
    );
    let uses = store.data_key_uses().await.unwrap();
    assert_eq!(uses, [(active.id.clone(), 1)]);
    let changes = [change_of(&rows[1], "enc:v2:bbbbbbbbbbbbbbbb:")];
    let asked = resealing(KeyScope::System, &active.id, &changes);
    assert_eq!(store.reseal(&asked).await.unwrap(), 1);
    // What it was is gone, so the same change does nothing more.
    let asked = resealing(KeyScope::System, &active.id, &changes);
    assert_eq!(store.reseal(&asked).await.unwrap(), 0);
    let uses = store.data_key_uses().await.unwrap();
    assert_eq!(uses, [(other.id, 1)]);
}

pub(crate) async fn sealings_of_projects_are_told_in_order(store: &dyn Store) {
    let world = World::new(store);
    let (_, docs) = world.docs().await;
    let cats = world.project("alice/cats", "alice/mini").await;
    world
        .upload("alice/cats", &[row("a", 1.0), row("b", 1.0)])
        .await;
    let told = store.project_sealings().await.unwrap();
    assert_eq!(told.iter().map(|told| told.embeddings).sum::<u64>(), 2);
    let told: Vec<_> = told
        .iter()
        .map(|told| (told.project, told.name.as_str(), told.text, told.metadata))
        .collect();
    assert_eq!(
        told,
        [
            (docs, "alice/docs", true, false),
            (cats, "alice/cats", true, false)
        ]
    );
}

pub(crate) async fn an_old_administrators_key_ends_with_its_grace(store: &dyn Store) {
    let world = World::new(store);
    store.add_admin_key(&digest("old"), at(0)).await.unwrap();
    let is_admin = async |key: &str, now: i64| {
        store.key_owner(&digest(key), at(now)).await.unwrap() == Some(KeyOwner::Admin)
    };
    let replace = async |new: &str, end: i64, now: i64| {
        store
            .replace_admin_key(&digest(new), at(end), at(now), &world.witness)
            .await
            .unwrap();
    };
    replace("new", 60, 10).await;
    assert_eq!(world.witness.action(), Action::AdminRotateKey);
    assert!(is_admin("old", 59).await && is_admin("new", 59).await);
    assert!(!is_admin("old", 60).await && is_admin("new", 1_000).await);
    // A later rotation gives no older key more time than it had.
    replace("third", 100, 20).await;
    assert!(is_admin("old", 59).await && !is_admin("old", 60).await);
    assert!(is_admin("new", 99).await && !is_admin("new", 100).await);
    replace("fourth", 30, 30).await;
    assert!(!is_admin("third", 30).await && is_admin("fourth", 1_000).await);
    world.witness.refuse(true);
    let refused = store
        .replace_admin_key(&digest("fifth"), at(40), at(40), &world.witness)
        .await;
    assert!(matches!(refused, Err(StoreError::Audit(_))), "{refused:?}");
    assert!(is_admin("fourth", 50).await && !is_admin("fifth", 50).await);
}
