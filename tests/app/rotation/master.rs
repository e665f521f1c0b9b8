//! The master key: every data key under the new one, and the servers that stand in the way.

use super::Memory;
use crate::desk::{Desk, admin};
use embsec::app::rotation::{KeyringHolder as _, MasterOptions, MasterOutcome, RotationError};
use embsec::crypto::keyring::Keyring;
use embsec::crypto::secret::DataKey;
use embsec::crypto::wrap;
use embsec::domain::audit::Action;
use embsec::domain::key::{KeyId, KeyPurpose, KeyScope, KeyState};
use embsec::domain::rotation::ServerProcess;
use embsec::sys::clock::Clock as _;
use embsec::sys::rng::SeededRng;
use std::time::Duration;

const OPTIONS: MasterOptions = MasterOptions {
    patience: Duration::from_millis(120),
    finish: false,
};

async fn rotate_master(
    desk: &Desk,
    holder: &Memory,
    options: MasterOptions,
) -> Result<MasterOutcome, RotationError> {
    desk.app.rotate_master(&admin(), holder, options).await
}

/// A server that has just told of itself.
fn server(desk: &Desk, host: &str, keyring: &Keyring, ids: &[&KeyId]) -> ServerProcess {
    ServerProcess {
        id: host.to_owned(),
        host: host.to_owned(),
        pid: 4321,
        started_at: desk.clock.now(),
        seen_at: desk.clock.now(),
        keyring_generation: keyring.generation(),
        master_ids: ids.iter().map(|id| (*id).clone()).collect(),
    }
}

#[tokio::test]
async fn a_rotated_master_key_seals_every_data_key_and_nothing_else_changes() {
    let desk = Desk::with_texts(3).await;
    let holder = Memory::new(&desk, false);
    let former = holder.keyring().active_master().id().clone();
    let project = desk.project().await;
    let (key, rows) = (
        desk.active(project).await,
        desk.store().stored_rows(project, 0, 10).await.unwrap(),
    );
    let MasterOutcome::Rotated(rotation) = rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not rotated");
    };
    assert_eq!(rotation.former.as_ref(), Some(&former));
    assert_eq!((rotation.rewrapped, rotation.resumed), (2, false));
    let keyring = holder.keyring();
    assert_eq!(keyring.active_master().id(), &rotation.key_id);
    assert_eq!(keyring.entry(&former).unwrap().state, KeyState::DecryptOnly);
    let uses = desk.store().master_key_uses().await.unwrap();
    assert_eq!(uses, [(rotation.key_id.clone(), 2)]);
    assert_eq!(desk.active(project).await, key);
    assert_eq!(
        desk.store().stored_rows(project, 0, 10).await.unwrap(),
        rows
    );
    desk.assert_texts(&desk.app, 3).await;
    let phases: Vec<_> = {
        let events = desk.log.events.lock().unwrap();
        let of_master = events.iter().filter(|event| {
            matches!(
                event.action,
                Action::MasterKeyRotate | Action::MasterKeyRewrap
            )
        });
        of_master
            .map(|event| event.details.get("phase").cloned().unwrap_or_default())
            .collect()
    };
    assert_eq!(
        phases,
        [
            "begun".into(),
            "made".into(),
            serde_json::Value::Null,
            "activated".into()
        ]
    );
}

#[tokio::test]
async fn a_server_that_cannot_open_blocks_the_rewrap_and_is_named() {
    let desk = Desk::with_texts(3).await;
    let holder = Memory::new(&desk, false);
    let old = holder.keyring();
    let old_id = old.active_master().id();
    let store = desk.store();
    store
        .beat(&server(&desk, "behind.example", &old, &[old_id]))
        .await
        .unwrap();

    let blocked = rotate_master(&desk, &holder, OPTIONS).await.unwrap_err();
    assert!(
        blocked
            .to_string()
            .starts_with("process 4321 on behind.example cannot open"),
        "{blocked}"
    );
    let pending = holder.keyring().pending_master().unwrap().id().clone();
    // Nothing is broken: the data keys are as they were, and what was is read and written.
    assert_eq!(
        store.master_key_uses().await.unwrap(),
        [(old_id.clone(), 2)]
    );
    assert_eq!(holder.keyring().active_master().id(), old_id);
    desk.assert_texts(&desk.beside(usize::MAX), 3).await;

    // Again, with the same key; and when the server has the key, the rotation comes to its end.
    assert!(rotate_master(&desk, &holder, OPTIONS).await.is_err());
    let ready = server(
        &desk,
        "behind.example",
        &holder.keyring(),
        &[old_id, &pending],
    );
    store.beat(&ready).await.unwrap();
    let MasterOutcome::Rotated(rotation) = rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not rotated");
    };
    assert!(rotation.resumed);
    assert_eq!(rotation.key_id, pending);
    // It does not seal with the new key yet, which is told.
    assert_eq!(rotation.behind, [ready]);
    // Killed and not heard of for long, a server blocks nothing.
    desk.clock.time.advance_millis(16_000);
    let MasterOutcome::Rotated(rotation) = rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not rotated");
    };
    assert!(!rotation.resumed && rotation.behind.is_empty());
}

#[tokio::test]
async fn a_master_rotation_killed_between_any_two_steps_goes_on_with_the_same_key() {
    // Killed after the key was made; after the data keys were rewrapped.
    for rewrapped in [false, true] {
        let desk = Desk::with_texts(3).await;
        let holder = Memory::new(&desk, false);
        let rng = SeededRng::new(77);
        let clock = desk.clock.clone();
        let next = holder
            .change(&|keyring| keyring.with_pending(&KeyPurpose::Master, &rng, &clock))
            .unwrap();
        let pending = next.pending_master().unwrap().id().clone();
        if rewrapped {
            // Handing over stops right before the activation.
            let killed = Memory {
                hands_over: true,
                ..Memory::new(&desk, true)
            };
            *killed.now.lock().unwrap() = holder.now.lock().unwrap().clone();
            let outcome = rotate_master(&desk, &killed, OPTIONS).await.unwrap();
            assert!(matches!(outcome, MasterOutcome::HandedOverActive(_)));
            let uses = desk.store().master_key_uses().await.unwrap();
            assert_eq!(uses, [(pending.clone(), 2)]);
        }
        let MasterOutcome::Rotated(rotation) =
            rotate_master(&desk, &holder, OPTIONS).await.unwrap()
        else {
            panic!("not rotated");
        };
        assert!(rotation.resumed);
        assert_eq!(rotation.key_id, pending);
        assert_eq!(holder.keyring().active_master().id(), &pending);
        assert_eq!(
            desk.store().master_key_uses().await.unwrap(),
            [(pending, 2)]
        );
        desk.assert_texts(&desk.app, 3).await;
    }
}

#[tokio::test]
async fn a_keyring_kept_by_something_else_is_handed_over_twice() {
    let desk = Desk::with_texts(3).await;
    let holder = Memory::new(&desk, true);
    let old = holder.keyring().active_master().id().clone();
    let MasterOutcome::HandedOverPending(key) =
        rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not handed over");
    };
    assert_eq!(
        desk.store().master_key_uses().await.unwrap(),
        [(old.clone(), 2)]
    );
    holder.deliver();
    assert_eq!(holder.keyring().pending_master().unwrap().id(), &key);
    let MasterOutcome::HandedOverActive(rotation) =
        rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not handed over");
    };
    assert_eq!((&rotation.key_id, rotation.rewrapped), (&key, 2));
    // Before the operator delivers it, everything opens.
    desk.assert_texts(&desk.app, 3).await;
    holder.deliver();
    assert_eq!(holder.keyring().active_master().id(), &key);
    assert_eq!(desk.store().master_key_uses().await.unwrap(), [(key, 2)]);
}

#[tokio::test]
async fn what_an_older_master_key_sealed_meanwhile_is_swept_up() {
    let desk = Desk::with_texts(3).await;
    // A server that did not read the new keyring yet.
    let late = desk.beside(usize::MAX);
    let holder = Memory::new(&desk, false);
    let old = holder.keyring().active_master().id().clone();
    rotate_master(&desk, &holder, OPTIONS).await.unwrap();
    let new = holder.keyring().active_master().id().clone();
    let scope = KeyScope::Project(embsec::domain::ids::ProjectId(4_000));
    late.keys().active(scope).await.unwrap();
    let uses = desk.store().master_key_uses().await.unwrap();
    let mut expected = [(old, 1), (new.clone(), 2)];
    expected.sort();
    assert_eq!(uses, expected);
    let finish = MasterOptions {
        finish: true,
        ..OPTIONS
    };
    let MasterOutcome::Rotated(rotation) = rotate_master(&desk, &holder, finish).await.unwrap()
    else {
        panic!("not rotated");
    };
    assert_eq!((&rotation.key_id, rotation.rewrapped), (&new, 1));
    assert_eq!(desk.store().master_key_uses().await.unwrap(), [(new, 3)]);
}

#[tokio::test]
async fn a_thousand_data_keys_are_rewrapped_in_the_time_of_a_breath() {
    let desk = Desk::open().await;
    let keyring = desk.app.keys().keyring();
    let rng = SeededRng::new(5);
    for number in 1..1_000 {
        let scope = KeyScope::Project(embsec::domain::ids::ProjectId(number));
        let key = DataKey::generate(&rng).unwrap();
        let master = keyring.active_master();
        let wrapped = wrap::wrap(&key, scope, KeyState::Active, master, &rng).unwrap();
        let now = desk.clock.now();
        desk.store().insert_data_key(&wrapped, now).await.unwrap();
    }
    let holder = Memory::new(&desk, false);
    let began = std::time::Instant::now();
    let MasterOutcome::Rotated(rotation) = rotate_master(&desk, &holder, OPTIONS).await.unwrap()
    else {
        panic!("not rotated");
    };
    assert_eq!(rotation.rewrapped, 1_000);
    // What is measured is in the benchmarks; this is a debug build on a busy machine.
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}
