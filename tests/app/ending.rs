//! The end of keys of which backups are kept, and of keys that sign them.

use crate::desk::{Desk, admin};
use async_trait::async_trait;
use embsec::app::key_ends::{
    BackupNeeds, BackupNeedsError, EndError, Ending, EndingKey, Need, NoBackups,
};
use embsec::crypto::keyring::Keyring;
use embsec::domain::backup::BackupId;
use embsec::domain::key::{KeyId, KeyPurpose, KeyState};
use embsec::sys::rng::SeededRng;

/// A catalogue in which every key is needed by the same backups, or that cannot be read.
struct Catalogue(Option<Vec<BackupId>>);

#[async_trait]
impl BackupNeeds for Catalogue {
    async fn needs(&self, _key: &KeyId) -> Result<Vec<BackupId>, BackupNeedsError> {
        self.0
            .clone()
            .ok_or_else(|| BackupNeedsError("the folder is away".into()))
    }
}

fn backups(days: std::ops::RangeInclusive<u32>) -> Vec<BackupId> {
    days.map(|day| BackupId::parse(&format!("202611{day:02}T182417Z-az27a7")).unwrap())
        .collect()
}

/// Gives the keyring in use another active key of a purpose; returns it.
fn rotate(desk: &Desk, purpose: &KeyPurpose) -> KeyId {
    let now = desk.app.keys().keyring();
    let rng = SeededRng::new(now.generation());
    let pending = now.with_pending(purpose, &rng, &desk.clock).ok().unwrap();
    let id = pending.pending(purpose).unwrap().clone();
    let next = pending.with_activated(&id, &desk.clock).ok().unwrap();
    desk.app.keys().replace_keyring(next);
    id
}

fn in_state(keyring: &Keyring, purpose: &KeyPurpose, state: KeyState) -> KeyId {
    let mut keys = keyring.entries();
    keys.find(|key| key.purpose == *purpose && key.state == state)
        .unwrap()
        .id
}

async fn needs(desk: &Desk, id: &KeyId, ending: Ending, backups: &dyn BackupNeeds) -> Vec<Need> {
    match desk.app.check_key_end(id, ending, None, backups).await {
        Err(EndError::Needed { id: named, needs }) => {
            assert_eq!(named, *id);
            needs
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_key_that_signs_backups_ends_only_once_it_verifies_only() {
    let desk = Desk::open().await;
    let purpose = KeyPurpose::BackupSigning;
    let old = rotate(&desk, &purpose);
    let held = needs(&desk, &old, Ending::Retire, &NoBackups).await;
    assert_eq!(held, [Need::NewBackups]);
    let new = rotate(&desk, &purpose);
    for ending in [Ending::Retire, Ending::Destroy] {
        let held = needs(&desk, &new, ending, &NoBackups).await;
        assert_eq!(held, [Need::NewBackups]);
    }
    let ended = desk
        .app
        .check_key_end(&old, Ending::Retire, None, &NoBackups)
        .await;
    let id = old.clone();
    assert_eq!(ended.unwrap(), EndingKey::Keyring { id, purpose });
    let refused = desk
        .app
        .check_key_end(&old, Ending::Destroy, None, &NoBackups)
        .await;
    assert!(matches!(refused, Err(EndError::State(_))), "{refused:?}");
}

#[tokio::test]
async fn no_key_of_any_kind_ends_while_a_backup_needs_it_and_the_newest_are_named() {
    let desk = Desk::with_texts(1).await;
    for purpose in [KeyPurpose::Master, KeyPurpose::BackupSigning] {
        rotate(&desk, &purpose);
        let second = rotate(&desk, &purpose);
        rotate(&desk, &purpose);
        for (count, named) in [(1, 1), (5, 5), (9, 5)] {
            let all = backups(1..=count);
            let mut newest: Vec<BackupId> = all.iter().rev().cloned().collect();
            newest.truncate(named);
            let kept = Catalogue(Some(all));
            for ending in [Ending::Retire, Ending::Destroy] {
                let held = needs(&desk, &second, ending, &kept).await;
                let count = count.into();
                let newest = newest.clone();
                assert_eq!(held, [Need::Backups { count, newest }]);
            }
        }
        let away = desk
            .app
            .check_key_end(&second, Ending::Retire, None, &Catalogue(None))
            .await;
        assert!(matches!(away, Err(EndError::Backups(_))), "{away:?}");
        let none = Catalogue(Some(Vec::new()));
        let ended = desk
            .app
            .check_key_end(&second, Ending::Retire, None, &none)
            .await;
        assert!(ended.is_ok(), "{ended:?}");
    }
    // A data key too, beside what else needs it.
    let key = desk.active(desk.project().await).await;
    let kept = Catalogue(Some(backups(1..=1)));
    let held = needs(&desk, &key, Ending::Retire, &kept).await;
    let last = held.last().unwrap().to_string();
    assert_eq!(last, "1 backup needs it: 20261101T182417Z-az27a7");
    let many = Need::Backups {
        count: 9,
        newest: backups(1..=2),
    };
    assert_eq!(
        many.to_string(),
        "9 backups need it: the newest are 20261101T182417Z-az27a7, 20261102T182417Z-az27a7"
    );
}

#[tokio::test]
async fn it_is_asked_once_more_for_backups_before_a_key_really_ends() {
    let desk = Desk::open().await;
    let purpose = KeyPurpose::BackupSigning;
    rotate(&desk, &purpose);
    rotate(&desk, &purpose);
    let old = in_state(&desk.app.keys().keyring(), &purpose, KeyState::DecryptOnly);
    let kept = Catalogue(Some(backups(1..=1)));
    let ended = desk
        .app
        .end_keyring_key(&admin(), &old, Ending::Retire, None, &kept, || {
            panic!("it was written")
        })
        .await;
    let ended: Result<(), EndError> = ended;
    assert!(matches!(ended, Err(EndError::Needed { .. })), "{ended:?}");
}
