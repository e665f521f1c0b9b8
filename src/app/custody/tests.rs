//! Copies of a keyring: made, damaged, mixed up, put back, drilled.

mod world;

use super::*;

use crate::crypto::sealed_file::{self, Identities};
use crate::crypto::secret::DataKey;
use crate::crypto::wrap;
use crate::domain::audit::{Action, Outcome};
use crate::domain::drill::DrillKind;
use crate::domain::key::{KeyPurpose, KeyScope, KeyState, TargetName};

use crate::store::KeyStore as _;
use crate::sys::rng::SeededRng;
use jiff::Timestamp;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use world::{DAY_MILLIS, NOBODY, World, bad_shares, call, flip, holders, open_shares};

#[tokio::test]
async fn every_large_enough_group_of_shares_gives_the_keyring_back() {
    let world = World::new().await;
    let files = world.split(4, 3, Vec::new()).await;
    for file in &files {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }
    let keyring = world.app.keys().keyring();
    for without in 0..4 {
        let mut chosen: Vec<&PathBuf> = files.iter().rev().collect();
        chosen.remove(without);
        let copy = open_shares(&chosen).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(copy.text.as_slice(), keyring.render().as_bytes());
        chosen.pop();
        let error = open_shares(&chosen).err().unwrap();
        assert!(
            matches!(error, CustodyError::Missing { have: 2, needed: 3 }),
            "{error}"
        );
    }
    assert_eq!(world.events(), [(Action::KeyringSplit, Outcome::Success)]);
}

#[tokio::test]
async fn a_sealed_share_opens_for_its_holder_only() {
    let world = World::new().await;
    let (first, second) = (Identities::generate(), Identities::generate());
    let files = world.split(2, 2, holders(&[&first, &second])).await;
    let copy = KeptCopy::Shares(files.clone());
    let error = copy.open(&NOBODY).err().unwrap();
    assert!(
        matches!(&error, CustodyError::NoIdentity(path) if *path == files[0]),
        "{error}"
    );
    let one = Opener(Some(Identities::generate().and(second)));
    match copy.open(&one).err().unwrap() {
        CustodyError::BadShares { bad, .. } => assert_eq!(bad[0].path, files[0]),
        other => panic!("{other}"),
    }
    let Opener(Some(second)) = one else { panic!() };
    assert!(copy.open(&Opener(Some(first.and(second)))).is_ok());
}

#[tokio::test]
async fn what_is_there_is_not_overwritten_and_a_split_that_fails_leaves_nothing() {
    let world = World::new().await;
    let dir = world.path("shares");
    let missing = SplitPlan::new(3, 2, Vec::new(), &dir).unwrap_err();
    assert!(matches!(missing, CustodyError::NoFolder(_)), "{missing}");
    std::fs::create_dir(&dir).unwrap();
    let plan = SplitPlan::new(3, 2, Vec::new(), &dir).unwrap();
    let third = &plan.shares()[2].file;
    std::fs::write(third, "precious").unwrap();
    let error = world.app.split_keyring(&call(), &plan).await.unwrap_err();
    assert!(
        matches!(error, CustodyError::File(FsError::AlreadyExists { .. })),
        "{error}"
    );
    assert_eq!(std::fs::read(third).unwrap(), b"precious");
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
    let split = Action::KeyringSplit;
    assert_eq!(
        world.events(),
        [(split, Outcome::Success), (split, Outcome::Error)]
    );
    // Seen before anything is done, where it is there already.
    assert!(SplitPlan::new(3, 2, Vec::new(), &dir).is_err());
    assert!(SplitPlan::new(2, 2, Vec::new(), &dir).is_ok());
}

#[test]
fn recipients_are_judged_before_anything_is_done() {
    let recipient = Identities::generate().recipients()[0].to_string();
    let typo = recipient.replace("age1", "age1q");
    let error = Holder::parse_all(&[recipient.clone(), typo]).unwrap_err();
    assert!(
        matches!(error, CustodyError::Recipient { number: 2, .. }),
        "{error}"
    );
    let twice = Holder::parse_all(&[recipient.clone(), recipient.clone()]).unwrap_err();
    assert!(
        matches!(twice, CustodyError::SameHolder { number: 2 }),
        "{twice}"
    );
    let one = Holder::parse_all(&[recipient]).unwrap();
    let error = SplitPlan::new(3, 2, one, Path::new("/")).unwrap_err();
    assert!(
        matches!(
            error,
            CustodyError::HolderCount {
                shares: 3,
                recipients: 1
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn every_bad_share_is_named() {
    let world = World::new().await;
    let files = world.split(5, 2, Vec::new()).await;
    let others = world.split(5, 2, Vec::new()).await;
    let bad = bad_shares(&[&files[0], &others[1], &files[2]]);
    assert_eq!(bad.len(), 1);
    assert_eq!((&bad[0].path, bad[0].index), (&others[1], Some(2)));
    let error = open_shares(&[&files[0], &others[1]]).err().unwrap();
    assert!(
        matches!(&error, CustodyError::SeveralSets(all) if all.len() == 2),
        "{error}"
    );
    flip(&files[1], 300);
    std::fs::write(&files[3], "some text\n").unwrap();
    let bad = bad_shares(&[&files[0], &files[1], &files[2], &files[3]]);
    let named: Vec<&PathBuf> = bad.iter().map(|bad| &bad.path).collect();
    assert_eq!(named, [&files[1], &files[3]]);
    assert!(bad[0].problem.contains("damaged"), "{}", bad[0]);
}

#[tokio::test]
async fn an_escrow_copy_puts_the_keyring_back_and_never_over_another() {
    let world = World::new().await;
    let (path, opener) = world.escrow("escrow.age").await;
    let copy = KeptCopy::Escrow(path.clone());
    let copy = copy.open(&opener).unwrap_or_else(|error| panic!("{error}"));
    let target = world.path("keyring.toml");
    assert!(would_recover(&copy, &Place::plain(&target)).unwrap());
    assert!(recover(&copy, &Place::plain(&target)).unwrap());
    let mode = std::fs::metadata(&target).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let written = std::fs::read(&target).unwrap();
    assert_eq!(written, world.app.keys().keyring().render().as_bytes());
    assert!(
        !recover(&copy, &Place::plain(&target)).unwrap(),
        "the same one is left"
    );
    world.rotate(&KeyPurpose::Master);
    let (other, opener) = world.escrow("other.age").await;
    let other = KeptCopy::Escrow(other).open(&opener);
    let other = other.unwrap_or_else(|error| panic!("{error}"));
    for refused in [
        recover(&other, &Place::plain(&target)),
        recover(&copy, &Place::plain(&path)),
    ] {
        assert!(
            matches!(refused, Err(CustodyError::Differs(_))),
            "{refused:?}"
        );
    }
    assert_eq!(std::fs::read(&target).unwrap(), written);
    let again = world
        .app
        .escrow_keyring(&call(), &[], &path)
        .await
        .unwrap_err();
    assert!(
        matches!(again, CustodyError::File(FsError::AlreadyExists { .. })),
        "{again}"
    );
}

#[tokio::test]
async fn a_damaged_or_foreign_escrow_copy_is_no_keyring() {
    let world = World::new().await;
    let (path, opener) = world.escrow("escrow.age").await;
    let copy = KeptCopy::Escrow(path.clone());
    let stranger = Opener(Some(Identities::generate()));
    assert!(matches!(
        copy.open(&stranger),
        Err(CustodyError::Sealed { .. })
    ));
    assert!(matches!(
        copy.open(&NOBODY),
        Err(CustodyError::NoIdentity(_))
    ));
    let length = std::fs::read(&path).unwrap().len();
    for place in (0..length).step_by(7) {
        flip(&path, place);
        let error = copy.open(&opener).err().unwrap();
        assert!(
            matches!(error, CustodyError::Sealed { .. }),
            "byte {place}: {error}"
        );
        flip(&path, place);
    }
    assert!(copy.open(&opener).is_ok());
    let Opener(Some(identity)) = &opener else {
        panic!()
    };
    let sealed = sealed_file::seal(&identity.recipients(), b"not a keyring").unwrap();
    std::fs::write(&path, sealed).unwrap();
    assert!(matches!(
        copy.open(&opener),
        Err(CustodyError::NotAKeyring(_))
    ));
}

#[test]
fn identity_files_are_private_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("identity");
    let files = [path.clone()];
    crate::sys::fs::write_secret_file_new(&path, Identities::generate().line().as_bytes()).unwrap();
    assert!(Opener::read(&files).is_ok());
    std::fs::write(&path, "AGE-SECRET-KEY-1CANARY\n").unwrap();
    let error = Opener::read(&files).err().unwrap();
    assert!(matches!(error, CustodyError::Identity { .. }), "{error}");
    assert!(!error.to_string().contains("CANARY"), "{error}");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&path, open).unwrap();
    let error = Opener::read(&files).err().unwrap();
    assert!(
        matches!(error, CustodyError::File(FsError::OpenToOthers { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn a_drill_passes_while_the_copy_has_every_key() {
    let world = World::new().await;
    let (path, opener) = world.escrow("escrow.age").await;
    let copy = KeptCopy::Escrow(path);
    // A pending key is used for nothing yet.
    let keyring = world.app.keys().keyring();
    let pending = keyring.with_pending(&KeyPurpose::Master, world.rng.as_ref(), &world.clock);
    world
        .app
        .keys()
        .replace_keyring(pending.unwrap_or_else(|error| panic!("{error}")));
    world.events();
    let report = world
        .app
        .drill(&call(), copy.kind(), copy.open(&opener))
        .await
        .unwrap();
    assert!(report.passed());
    assert_eq!((report.kind, report.opened), (DrillKind::Escrow, 1));
    assert_eq!(world.events(), [(Action::KeyringDrill, Outcome::Success)]);
    let last = world.app.drill_age().await.unwrap().last;
    assert_eq!(last, Some(world.app.now()));
}

#[tokio::test]
async fn a_drill_names_what_an_old_copy_lacks() {
    let world = World::new().await;
    let (path, opener) = world.escrow("escrow.age").await;
    let copy = KeptCopy::Escrow(path);
    let target = KeyPurpose::Target(TargetName::parse("crm").unwrap());
    world.rotate(&target);
    world.rotate(&KeyPurpose::Master);
    world.add_data_key(KeyState::DecryptOnly).await;
    let report = world
        .app
        .drill(&call(), copy.kind(), copy.open(&opener))
        .await
        .unwrap();
    assert!(!report.passed());
    assert_eq!(report.opened, 1);
    let missing: Vec<_> = report
        .missing
        .iter()
        .map(|key| (&key.purpose, key.data_keys))
        .collect();
    assert_eq!(missing, [(&target, 0), (&KeyPurpose::Master, 1)]);
    let active = world.app.keyring_facts().master_id;
    assert_eq!(report.missing[1].id, active);
    assert_eq!(world.app.drill_age().await.unwrap().last, None);
}

#[tokio::test]
async fn a_drill_tells_a_damaged_database_from_an_old_copy() {
    let world = World::new().await;
    let (path, opener) = world.escrow("escrow.age").await;
    let foreign = Keyring::generate(&SeededRng::new(99), &world.clock).unwrap();
    let key = DataKey::generate(world.rng.as_ref()).unwrap_or_else(|_| panic!("no randomness"));
    let (scope, state) = (KeyScope::System, KeyState::DecryptOnly);
    let master = foreign.active_master();
    let mut wrapped = wrap::wrap(&key, scope, state, master, world.rng.as_ref()).unwrap();
    wrapped.master_id = world.app.keyring_facts().master_id;
    world
        .store
        .insert_data_key(&wrapped, world.app.now())
        .await
        .unwrap();
    let copy = KeptCopy::Escrow(path).open(&opener);
    let copy = copy.unwrap_or_else(|error| panic!("{error}"));
    let report = world.app.try_copy(DrillKind::Escrow, &copy).await.unwrap();
    assert!(!report.passed());
    assert_eq!(report.damaged, [wrapped.id]);
    assert!(report.missing.is_empty());
}

#[tokio::test]
async fn a_copy_that_does_not_open_is_a_drill_that_failed() {
    let world = World::new().await;
    let files = world.split(3, 2, Vec::new()).await;
    world.events();
    flip(&files[0], 40);
    let copy = KeptCopy::Shares(files[..2].to_vec());
    let failed = world
        .app
        .drill(&call(), copy.kind(), copy.open(&NOBODY))
        .await;
    assert!(matches!(failed, Err(CustodyError::BadShares { .. })));
    let details = world.log.0.lock().unwrap()[0].details.clone();
    assert_eq!(details["passed"], false);
    world.events();
    // Too few shares prove nothing either way.
    let copy = KeptCopy::Shares(files[1..2].to_vec());
    let unproven = world
        .app
        .drill(&call(), copy.kind(), copy.open(&NOBODY))
        .await;
    assert!(matches!(unproven, Err(CustodyError::Missing { .. })));
    assert_eq!(world.events(), []);
}

#[tokio::test]
async fn a_drill_is_due_half_a_year_after_the_last_that_passed_or_after_the_beginning() {
    let world = World::new().await;
    let files = world.split(2, 2, Vec::new()).await;
    world.clock.advance_millis((DRILL_DAYS - 1) * DAY_MILLIS);
    let age = world.app.drill_age().await.unwrap();
    assert_eq!(
        (age.last, age.days, age.is_due()),
        (None, DRILL_DAYS - 1, false)
    );
    world.clock.advance_millis(DAY_MILLIS);
    let age = world.app.drill_age().await.unwrap();
    assert!(age.is_due());
    assert!(age.reminder().unwrap().contains("no drill has passed yet"));
    let copy = KeptCopy::Shares(files);
    let at: Timestamp = world.app.now();
    let report = world
        .app
        .drill(&call(), copy.kind(), copy.open(&NOBODY))
        .await
        .unwrap();
    assert!(report.passed());
    let age = world.app.drill_age().await.unwrap();
    assert_eq!((age.last, age.days, age.is_due()), (Some(at), 0, false));
    assert_eq!(age.reminder(), None);
    world.clock.advance_millis(DRILL_DAYS * DAY_MILLIS);
    assert!(world.app.drill_age().await.unwrap().is_due());
}
