//! What a keyring promises: its file, and how one becomes the next.

use super::*;
use crate::crypto::testing::BrokenRng;
use crate::sys::clock::ManualClock;
use crate::sys::rng::SeededRng;
use std::os::unix::fs::PermissionsExt as _;

fn keyring() -> Keyring {
    let clock = ManualClock::at("2026-03-01T12:00:00.123Z".parse().unwrap());
    Keyring::generate(&SeededRng::new(7), &clock).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_keyring_loads_as_it_was_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    keyring().create(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let loaded = Keyring::load(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.generation(), 1);
    assert_eq!(loaded.render(), keyring().render());
    let active = keyring().active_master().id().clone();
    assert_eq!(loaded.active_master().id(), &active);
    assert!(loaded.master(&active).is_some());
    assert!(
        loaded
            .master(&KeyId("aaaaaaaaaaaaaaaa".to_owned()))
            .is_none()
    );
}

#[test]
fn a_keyring_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    std::fs::write(&path, "precious").unwrap();
    let error = keyring().create(&path).unwrap_err();
    assert!(
        matches!(error, KeyringError::File(FsError::AlreadyExists { .. })),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn a_keyring_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    keyring().create(&path).unwrap();
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&path, open).unwrap();
    let error = Keyring::load(&path).err();
    assert!(
        matches!(
            error,
            Some(KeyringError::File(FsError::OpenToOthers { .. }))
        ),
        "{error:?}"
    );
}

#[test]
fn a_wrong_content_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    fs::write_secret_file_new(&path, b"not a keyring").unwrap();
    let error = Keyring::load(&path).err().unwrap();
    assert!(matches!(error, KeyringError::Text { .. }), "{error:?}");
    assert!(error.to_string().contains("keyring.toml"), "{error}");
}

#[test]
fn no_keyring_is_made_without_randomness() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    assert!(Keyring::generate(&BrokenRng, &clock).is_err());
}

fn clock() -> ManualClock {
    ManualClock::at("2026-06-01T00:00:00.900Z".parse().unwrap())
}

fn target() -> KeyPurpose {
    KeyPurpose::parse("target:proxy").unwrap()
}

/// A keyring with one key of this purpose in each of the states, and the ids in that order.
fn with_every_state(purpose: &KeyPurpose) -> (Keyring, [KeyId; 4]) {
    let (rng, clock) = (SeededRng::new(8), clock());
    let mut keyring = keyring();
    let mut ids = Vec::new();
    for _ in 0..4 {
        keyring = keyring
            .with_pending(purpose, &rng, &clock)
            .unwrap_or_else(|e| panic!("{e}"));
        let id = keyring.pending(purpose).unwrap().clone();
        ids.push(id.clone());
        if ids.len() < 4 {
            keyring = keyring
                .with_activated(&id, &clock)
                .unwrap_or_else(|e| panic!("{e}"));
        }
    }
    let keyring = keyring
        .with_retired(&ids[0])
        .unwrap_or_else(|e| panic!("{e}"));
    let ids = ids.try_into().unwrap();
    (keyring, ids)
}

fn states(keyring: &Keyring, ids: &[KeyId]) -> Vec<KeyState> {
    ids.iter()
        .map(|id| keyring.entry(id).unwrap().state)
        .collect()
}

#[test]
fn a_new_key_is_pending_and_seals_nothing_until_it_is_activated() {
    let (rng, clock) = (SeededRng::new(8), clock());
    let before = keyring();
    let pending = before
        .with_pending(&KeyPurpose::Master, &rng, &clock)
        .ok()
        .unwrap();
    let id = pending.pending_master().unwrap().id().clone();
    assert_eq!(pending.pending(&KeyPurpose::Master), Some(&id));
    assert_eq!(pending.active_master().id(), before.active_master().id());
    assert_eq!((before.generation(), pending.generation()), (1, 2));
    let active = pending.with_activated(&id, &clock).ok().unwrap();
    assert_eq!(active.active_master().id(), &id);
    assert!(active.pending_master().is_none());
    let old = active.entry(before.active_master().id()).unwrap();
    assert_eq!(old.state, KeyState::DecryptOnly);
    assert_eq!(
        old.rotated_at,
        Some("2026-06-01T00:00:00Z".parse().unwrap())
    );
    assert!(active.master(&old.id).is_some());
    // The keyrings before are as they were.
    assert!(before.pending_master().is_none());
    assert_eq!(pending.entry(&id).unwrap().state, KeyState::Pending);
    let read = Keyring::parse(active.render().as_bytes()).ok().unwrap();
    assert_eq!(read.render(), active.render());
}

#[test]
fn the_keys_of_targets_have_a_life_of_their_own() {
    let (rng, clock) = (SeededRng::new(8), clock());
    let purpose = target();
    let keyring = keyring().with_pending(&purpose, &rng, &clock).ok().unwrap();
    assert!(keyring.active(&purpose).is_none());
    let id = keyring.pending(&purpose).unwrap().clone();
    let keyring = keyring.with_activated(&id, &clock).ok().unwrap();
    assert_eq!(keyring.active(&purpose), Some(&id));
    assert!(keyring.master(&id).is_none());
    let master = keyring.active_master().id().clone();
    assert_eq!(keyring.entry(&master).unwrap().state, KeyState::Active);
    let other = TargetName::parse("other").unwrap();
    assert!(keyring.active(&KeyPurpose::Target(other)).is_none());
}

#[test]
fn a_key_goes_from_state_to_state_only_as_the_table_says() {
    use KeyState::{Active, DecryptOnly, Pending, Retired};
    for purpose in [KeyPurpose::Master, KeyPurpose::BackupSigning, target()] {
        let (keyring, ids) = with_every_state(&purpose);
        assert_eq!(
            states(&keyring, &ids),
            [Retired, DecryptOnly, Active, Pending]
        );
        let is_target = purpose == target();
        for (id, state) in ids.iter().zip(states(&keyring, &ids)) {
            let activated = keyring.with_activated(id, &clock());
            assert_eq!(activated.is_ok(), state == Pending, "activate {state:?}");
            let retired = keyring.with_retired(id);
            let may_retire = state == DecryptOnly || (is_target && state == Active);
            assert_eq!(retired.is_ok(), may_retire, "retire {state:?} of {purpose}");
            let destroyed = keyring.without(id);
            let may_go = matches!(state, Pending | Retired);
            assert_eq!(destroyed.is_ok(), may_go, "destroy {state:?}");
            for changed in [activated, retired, destroyed] {
                match changed {
                    Ok(changed) => assert_eq!(changed.generation(), keyring.generation() + 1),
                    Err(error) => assert!(
                        matches!(&error, ChangeError::WrongState { id: named, .. } if named == id),
                        "{error}"
                    ),
                }
            }
        }
        let gone = keyring.without(&ids[0]).ok().unwrap();
        assert!(gone.entry(&ids[0]).is_none());
        assert!(!gone.render().contains(&ids[0].0));
    }
}

#[test]
fn what_the_keyring_does_not_hold_is_named() {
    let id = KeyId("aaaaaaaaaaaaaaaa".to_owned());
    let keyring = keyring();
    for error in [
        keyring.with_activated(&id, &clock()).err(),
        keyring.with_retired(&id).err(),
        keyring.without(&id).err(),
    ] {
        assert!(
            matches!(&error, Some(ChangeError::Unknown(named)) if *named == id),
            "{error:?}"
        );
    }
}

#[test]
fn a_second_pending_key_of_a_purpose_is_refused() {
    let (rng, clock) = (SeededRng::new(8), clock());
    let pending = keyring()
        .with_pending(&target(), &rng, &clock)
        .ok()
        .unwrap();
    let id = pending.pending(&target()).unwrap().clone();
    let error = pending.with_pending(&target(), &rng, &clock).err();
    assert!(
        matches!(&error, Some(ChangeError::AlreadyPending { id: named, .. }) if *named == id),
        "{error:?}"
    );
    assert!(
        pending
            .with_pending(&KeyPurpose::Master, &rng, &clock)
            .is_ok()
    );
}

#[test]
fn a_generation_that_a_file_cannot_hold_is_refused() {
    let keyring = Keyring {
        generation: i64::MAX.cast_unsigned(),
        ..keyring()
    };
    let error = keyring
        .with_pending(&target(), &SeededRng::new(8), &clock())
        .err();
    assert!(matches!(error, Some(ChangeError::Generations)), "{error:?}");
}

#[test]
fn a_target_gets_a_first_key_only_while_it_has_none() {
    let (clock, rng) = (
        ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap()),
        SeededRng::new(9),
    );
    let name = TargetName::parse("billing").unwrap();
    let purpose = KeyPurpose::Target(name.clone());
    let key = |seed| Arc::new(DataKey::generate(&SeededRng::new(seed)).ok().unwrap());
    let pending = keyring()
        .with_first_of_target(&name, key(1), &clock)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pending.generation(), 2);
    assert_eq!(pending.pending_target(&name).unwrap().id(), key(1).id());
    // It seals nothing yet, so it opens nothing either.
    assert!(pending.target_keys(&name).is_empty());
    let error = pending.with_first_of_target(&name, key(2), &clock).err();
    assert!(matches!(error, Some(ChangeError::AlreadyPending { .. })));
    let active = pending.with_activated(key(1).id(), &clock).ok().unwrap();
    let error = active.with_first_of_target(&name, key(2), &clock).err();
    assert!(matches!(error, Some(ChangeError::AlreadyActive { .. })));
    let states = |keyring: &Keyring| {
        let keys = keyring.target_keys(&name).into_iter();
        keys.map(|(state, key)| (state, key.id().clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&active), [(KeyState::Active, key(1).id().clone())]);
    let other = TargetName::parse("other").unwrap();
    assert!(active.target_keys(&other).is_empty());
    let next = active.with_pending(&purpose, &rng, &clock).ok().unwrap();
    assert_eq!(states(&next), states(&active));
    let retired = active.with_retired(key(1).id()).ok().unwrap();
    assert_eq!(states(&retired), [(KeyState::Retired, key(1).id().clone())]);
    assert!(retired.with_first_of_target(&name, key(2), &clock).is_ok());
}

#[test]
fn the_active_key_signs_and_all_but_the_pending_one_verify() {
    let purpose = KeyPurpose::BackupSigning;
    let (keyring, ids) = with_every_state(&purpose);
    let [retired, decrypt_only, active, pending] = &ids;
    let signing = keyring.signing_key().unwrap();
    assert_eq!(signing.id(), active);
    assert_eq!(keyring.pending_signing_key().unwrap().id(), pending);
    let verifying: Vec<&KeyId> = keyring.verifying_keys().map(|(id, _)| id).collect();
    assert_eq!(verifying, [retired, decrypt_only, active]);
    for (id, key) in keyring.verifying_keys() {
        assert_eq!(keyring.verifying_key(id), Some(key));
        assert_eq!(keyring.public_key(id), Some(key));
    }
    assert_eq!(keyring.verifying_key(pending), None);
    assert!(keyring.public_key(pending).is_some());
    let master = keyring.active_master().id();
    assert!(keyring.verifying_key(master).is_none() && keyring.public_key(master).is_none());
    let signature = signing.sign("label", &[b"part"]).unwrap();
    let fits = |id| {
        let key = keyring.verifying_key(id).unwrap();
        key.verify("label", &[b"part"], &signature).is_ok()
    };
    assert_eq!(
        [fits(retired), fits(decrypt_only), fits(active)],
        [false, false, true]
    );
}

#[test]
fn a_whole_keyring_signs_and_one_of_an_older_version_does_not() {
    let whole = Keyring::generate_whole(&SeededRng::new(7), &clock())
        .ok()
        .unwrap();
    assert_eq!(whole.generation(), 1);
    let signing = whole.signing_key().unwrap();
    assert_eq!(whole.active(&KeyPurpose::BackupSigning), Some(signing.id()));
    let read = Keyring::parse(whole.render().as_bytes()).ok().unwrap();
    assert_eq!(read.render(), whole.render());
    assert!(keyring().signing_key().is_none());
    assert_eq!(keyring().verifying_keys().count(), 0);
    assert!(Keyring::generate_whole(&BrokenRng, &clock()).is_err());
}
