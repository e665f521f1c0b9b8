//! The key that signs backups: the first one, the next one, and what a killed run leaves.

use super::Memory;
use crate::desk::{Desk, admin};
use embsec::app::rotation::{NewSigningKey, RotationError, SigningState, SigningStep};
use embsec::crypto::keyring::Keyring;
use embsec::domain::audit::{Action, Outcome};
use embsec::domain::key::{KeyPurpose, KeyState};

async fn make(
    desk: &Desk,
    holder: &Memory,
    step: SigningStep,
) -> Result<NewSigningKey, RotationError> {
    desk.app.make_signing_key(&admin(), holder, step).await
}

fn phases(desk: &Desk) -> Vec<(String, Outcome)> {
    let events = desk.log.events.lock().unwrap();
    let own = events
        .iter()
        .filter(|event| event.action == Action::SigningKeyRotate);
    own.map(|event| {
        let phase = event.details["phase"].as_str().unwrap();
        (phase.to_owned(), event.outcome)
    })
    .collect()
}

fn signatures_hold(keyring: &Keyring, new: &NewSigningKey) {
    let signing = keyring.signing_key().unwrap();
    assert_eq!(signing.id(), &new.key_id);
    let signature = signing.sign("label", &[b"part"]).unwrap();
    let public = keyring.verifying_key(&new.key_id).unwrap();
    assert_eq!(public, new.public_key);
    assert!(public.verify("label", &[b"part"], &signature).is_ok());
}

#[tokio::test]
async fn the_first_key_signs_and_the_next_one_leaves_it_to_verify() {
    let desk = Desk::open().await;
    let holder = Memory::new(&desk, false);
    let refused = make(&desk, &holder, SigningStep::Next).await;
    assert!(matches!(refused, Err(RotationError::NothingSigns)));
    let first = make(&desk, &holder, SigningStep::First).await.unwrap();
    assert_eq!((first.former.as_ref(), first.resumed), (None, false));
    assert_eq!(first.state, SigningState::Active);
    signatures_hold(&holder.keyring(), &first);
    let signed = holder.keyring();
    let signature = signed.signing_key().unwrap().sign("label", &[b"old"]);

    let refused = make(&desk, &holder, SigningStep::First).await;
    assert!(
        matches!(&refused, Err(RotationError::AlreadySigns(id)) if *id == first.key_id),
        "{refused:?}"
    );
    let next = make(&desk, &holder, SigningStep::Next).await.unwrap();
    assert_eq!(next.former.as_ref(), Some(&first.key_id));
    let keyring = holder.keyring();
    signatures_hold(&keyring, &next);
    let former = keyring.entry(&first.key_id).unwrap();
    assert_eq!(former.state, KeyState::DecryptOnly);
    let public = keyring.verifying_key(&first.key_id).unwrap();
    let old = public.verify("label", &[b"old"], &signature.unwrap());
    assert!(old.is_ok());
    let phase = |word: &str| (word.to_owned(), Outcome::Success);
    let once = ["begun", "made", "activated"].map(phase);
    assert_eq!(phases(&desk), [once.clone(), once].concat());
    // The use-cases have it at once.
    assert_eq!(desk.app.keyring_facts().generation, keyring.generation());
}

#[tokio::test]
async fn a_key_that_a_killed_run_left_is_the_one_that_becomes_active() {
    let desk = Desk::open().await;
    for step in [SigningStep::First, SigningStep::Next] {
        let holder = Memory::new(&desk, false);
        if step == SigningStep::Next {
            make(&desk, &holder, SigningStep::First).await.unwrap();
        }
        let purpose = KeyPurpose::BackupSigning;
        let pending = holder.leave_pending(&desk, &purpose);
        let plan = desk.app.plan_signing_key(&holder, step).unwrap();
        assert_eq!(plan.pending.as_ref(), Some(&pending));
        assert!(holder.keyring().verifying_key(&pending).is_none());
        let new = make(&desk, &holder, step).await.unwrap();
        assert_eq!((new.key_id, new.resumed), (pending, true));
        assert!(holder.keyring().pending(&purpose).is_none());
    }
}

#[tokio::test]
async fn a_keyring_kept_by_something_else_gets_its_signing_key_in_two_steps() {
    let desk = Desk::open().await;
    let holder = Memory::new(&desk, true);
    let first = make(&desk, &holder, SigningStep::First).await.unwrap();
    assert_eq!(first.state, SigningState::HandedOverPending);
    assert!(holder.keyring().pending_signing_key().is_none());
    holder.deliver();
    assert!(holder.keyring().signing_key().is_none());
    let second = make(&desk, &holder, SigningStep::First).await.unwrap();
    assert_eq!(second.state, SigningState::HandedOverActive);
    assert_eq!((&second.key_id, second.resumed), (&first.key_id, true));
    holder.deliver();
    signatures_hold(&holder.keyring(), &second);
}

#[tokio::test]
async fn nothing_is_made_that_the_log_does_not_take() {
    let desk = Desk::open().await;
    let holder = Memory::new(&desk, false);
    desk.log.refuse(true);
    let refused = make(&desk, &holder, SigningStep::First).await;
    assert!(
        matches!(refused, Err(RotationError::Audit(_))),
        "{refused:?}"
    );
    assert_eq!(holder.keyring().render().as_str(), desk.keyring_text());
}
