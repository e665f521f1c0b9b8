//! What the source of a keyring promises: whatever it is, a change is whole or did not happen,
//! and what was sealed stays sealed.

use super::*;
use crate::crypto::keyring::ChangeError;
use crate::crypto::sealed_file::OpenFileError;
use crate::domain::key::{KeyPurpose, KeyState};
use crate::sys::clock::ManualClock;
use crate::sys::rng::{SeededRng, SystemRng};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

/// The identities of the 32 bytes 00 01 … 1f and 20 21 … 3f.
const IDENTITIES: [&str; 2] = [
    "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG",
    "AGE-SECRET-KEY-1YQSJYGEYY5NZW2PF9G4JCTFW9UCRZV3NXS6NVDEC8YARK0PA8CLSWXGG7Q",
];
const PASSPHRASE: &str = "canary horse battery staple";

fn clock() -> ManualClock {
    ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap())
}

fn keyring() -> Keyring {
    Keyring::generate(&SeededRng::new(7), &clock()).unwrap_or_else(|e| panic!("{e}"))
}

fn pending(now: &Keyring) -> Result<Keyring, ChangeError> {
    now.with_pending(&KeyPurpose::Master, &SeededRng::new(8), &clock())
}

fn given(text: &str) -> Option<SecretRef> {
    Some(SecretRef::Given(text.into()))
}

fn source_of(source: SecretRef) -> KeyringSource {
    let config = KeyringConfig {
        source,
        passphrase: None,
        identity: None,
    };
    KeyringSource::new(&config, &Environment::default(), None)
}

/// A keyring file with this content.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn with(bytes: &[u8]) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write_secret_file_new(&place.path(), bytes).unwrap();
        place
    }

    fn plain() -> Self {
        Self::with(keyring().render().as_bytes())
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keyring.toml")
    }

    fn previous(&self) -> PathBuf {
        self.folder.path().join("keyring.toml.previous")
    }

    fn source(&self) -> KeyringSource {
        source_of(SecretRef::File(self.path()))
    }
}

fn recipients(identities: &str) -> Vec<Recipient> {
    Identities::read(identities.as_bytes())
        .unwrap()
        .recipients()
}

#[test]
fn a_change_is_durable_and_keeps_the_generation_before() {
    let place = Place::plain();
    let updated = place.source().update(None, pending).ok().unwrap();
    assert_eq!(updated.keyring.generation(), 2);
    let loaded = place.source().load().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(loaded.render(), updated.keyring.render());
    assert!(loaded.pending_master().is_some());
    let before = std::fs::read(place.previous()).unwrap();
    assert_eq!(before, keyring().render().as_bytes());
    for path in [place.path(), place.previous()] {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_refused_change_leaves_every_byte() {
    let place = Place::plain();
    let source = place.source();
    let active = keyring().active_master().id().clone();
    let refused = source.update(None, |now| now.without(&active)).err();
    assert!(
        matches!(
            refused,
            Some(KeyringUpdateError::Change(ChangeError::WrongState { .. }))
        ),
        "{refused:?}"
    );
    // A change that forgets to be the next generation would hide another one.
    let same = |now: &Keyring| Keyring::parse(now.render().as_bytes());
    let refused = source.update(None, same).err();
    assert!(
        matches!(
            refused,
            Some(KeyringUpdateError::NotNext { now: 1, next: 1 })
        ),
        "{refused:?}"
    );
    let bytes = std::fs::read(place.path()).unwrap();
    assert_eq!(bytes, keyring().render().as_bytes());
    assert!(!place.previous().exists());
}

#[test]
fn with_out_the_change_goes_elsewhere_and_the_keyring_stays() {
    let place = Place::plain();
    let out = place.folder.path().join("next.toml");
    let updated = place.source().update(Some(&out), pending).ok().unwrap();
    assert_eq!(updated.path, out);
    assert_eq!(place.source().load().ok().unwrap().generation(), 1);
    let next = source_of(SecretRef::File(out.clone())).load().ok().unwrap();
    assert_eq!(next.generation(), 2);
    let again = place.source().update(Some(&out), pending).err();
    assert!(
        matches!(&again, Some(KeyringUpdateError::File(KeyringFileError::File(e))) if e.already_exists()),
        "{again:?}"
    );
}

#[test]
fn what_embsec_cannot_write_is_named_and_a_copy_can_be_written() {
    let text = keyring().render();
    let environment: Environment = [
        ("RING", text.trim_end()),
        ("CREDENTIALS_DIRECTORY", "/nonexistent"),
    ]
    .into_iter()
    .collect();
    let config = KeyringConfig {
        source: SecretRef::Variable("RING".to_owned()),
        passphrase: None,
        identity: None,
    };
    let source = KeyringSource::new(&config, &environment, None);
    assert_eq!(source.load().ok().unwrap().generation(), 1);
    let error = source.update(None, pending).err().unwrap();
    assert!(
        matches!(&error, KeyringUpdateError::ReadOnly { reference } if reference == "env:RING"),
        "{error:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("next.toml");
    assert!(source.update(Some(&out), pending).is_ok());
    assert!(source_of(SecretRef::File(out)).load().is_ok());
    assert!(
        !source
            .previous_holds(keyring().active_master().id())
            .unwrap()
    );
    assert!(source.forget_previous().is_ok());
}

#[test]
fn a_program_and_a_credential_yield_a_keyring_with_or_without_its_last_line_end() {
    let text = keyring().render();
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("whole", text.as_str()), ("trimmed", text.trim_end())] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let words = vec!["cat".to_owned(), path.display().to_string()];
        assert!(
            source_of(SecretRef::Command(words)).load().is_ok(),
            "{name}"
        );
        let environment: Environment = [("CREDENTIALS_DIRECTORY", folder.path())]
            .into_iter()
            .collect();
        let config = KeyringConfig {
            source: SecretRef::Credential(name.to_owned()),
            passphrase: None,
            identity: None,
        };
        let source = KeyringSource::new(&config, &environment, None);
        assert!(source.load().is_ok(), "{name}");
    }
    // A file that lost it is damaged.
    let place = Place::with(text.trim_end().as_bytes());
    assert!(matches!(
        place.source().load(),
        Err(KeyringSourceError::Text(_))
    ));
}

#[test]
fn a_keyring_sealed_by_a_passphrase_opens_with_it_and_is_written_back_under_it() {
    let passphrase = SecretString::from(PASSPHRASE);
    let sealed =
        sealed_file::seal_with_passphrase(&passphrase, keyring().render().as_bytes()).unwrap();
    let place = Place::with(&sealed);
    let missing = place.source().load().err();
    assert!(
        matches!(missing, Some(KeyringSourceError::NoPassphrase)),
        "{missing:?}"
    );
    let wrong = KeyringSource {
        passphrase: given("another"),
        ..place.source()
    };
    let error = wrong.load().err();
    assert!(
        matches!(
            error,
            Some(KeyringSourceError::Sealed(OpenFileError::WrongPassphrase))
        ),
        "{error:?}"
    );
    let source = KeyringSource {
        passphrase: given(PASSPHRASE),
        ..place.source()
    };
    assert!(source.update(None, pending).is_ok());
    let bytes = std::fs::read(place.path()).unwrap();
    assert!(sealed_file::is_sealed(&bytes));
    let text = sealed_file::open_with_passphrase(&passphrase, &bytes).unwrap();
    assert_eq!(Keyring::parse(&text).ok().unwrap().generation(), 2);
    // The generation before is as sealed as it was.
    assert_eq!(std::fs::read(place.previous()).unwrap(), sealed);
}

#[test]
fn a_passphrase_that_no_setting_gives_is_asked_for_once() {
    let passphrase = SecretString::from(PASSPHRASE);
    let sealed =
        sealed_file::seal_with_passphrase(&passphrase, keyring().render().as_bytes()).unwrap();
    let place = Place::with(&sealed);
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let source = KeyringSource {
        ask: Some(Arc::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok(SecretString::from(PASSPHRASE))
        })),
        ..place.source()
    };
    let copy = source.clone();
    assert!(source.load().is_ok());
    assert!(copy.load().is_ok());
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn a_keyring_sealed_to_recipients_is_written_back_to_all_of_them_or_not_at_all() {
    let [one, two] = IDENTITIES;
    let both = format!("{one}\n# the second\n{two}\n");
    let text = keyring().render();
    let sealed = sealed_file::seal(&recipients(&both), text.as_bytes()).unwrap();
    let place = Place::with(&sealed);
    let missing = place.source().load().err();
    assert!(
        matches!(missing, Some(KeyringSourceError::NoIdentity)),
        "{missing:?}"
    );

    // One identity opens it, and would lock the other out.
    let opener = |identity: &str| KeyringSource {
        identity: given(identity),
        ..place.source()
    };
    assert!(opener(one).load().is_ok());
    let error = opener(one).update(None, pending).err();
    assert!(
        matches!(
            error,
            Some(KeyringUpdateError::UnknownRecipients { count: 2, known: 1 })
        ),
        "{error:?}"
    );
    assert_eq!(std::fs::read(place.path()).unwrap(), sealed);

    assert!(opener(&both).update(None, pending).is_ok());
    for identity in IDENTITIES {
        assert_eq!(opener(identity).load().ok().unwrap().generation(), 2);
    }

    // An identity more than there are recipients does not become one.
    let alone = Place::with(&sealed_file::seal(&recipients(one), text.as_bytes()).unwrap());
    let opener = |identity: &str| KeyringSource {
        identity: given(identity),
        ..alone.source()
    };
    assert!(opener(&both).update(None, pending).is_ok());
    assert!(opener(one).load().is_ok());
    assert!(opener(two).load().is_err());
}

#[test]
fn any_single_changed_byte_of_a_sealed_keyring_is_an_error() {
    let [one, _] = IDENTITIES;
    let text = keyring().render();
    let sealed = sealed_file::seal(&recipients(one), text.as_bytes()).unwrap();
    let place = Place::with(b"");
    let source = KeyringSource {
        identity: given(one),
        ..place.source()
    };
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert!(source.open(&changed).is_err(), "byte {position}");
    }
    assert!(source.open(&sealed).is_ok());
}

#[test]
fn a_destroyed_key_is_in_neither_file() {
    let place = Place::plain();
    let source = place.source();
    let pending = source.update(None, pending).ok().unwrap().keyring;
    let id = pending.pending_master().unwrap().id().clone();
    assert!(!source.previous_holds(&id).unwrap());
    assert!(source.update(None, |now| now.without(&id)).is_ok());
    // A kill here leaves it in the generation before, and it can be seen there.
    assert!(source.previous_holds(&id).unwrap());
    source.forget_previous().unwrap();
    assert!(!source.previous_holds(&id).unwrap());
    for path in [place.path(), place.previous()] {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains(&id.0));
    }
}

#[test]
fn no_error_tells_a_secret() {
    let text = keyring().render();
    let material = text
        .lines()
        .last()
        .unwrap()
        .split('"')
        .nth(1)
        .unwrap()
        .to_owned();
    let place = Place::with(text.replace("embsec-keyring/1", "other").as_bytes());
    let source = KeyringSource {
        passphrase: given(PASSPHRASE),
        identity: given(PASSPHRASE),
        ..place.source()
    };
    let sealed = Place::with(&sealed_file::seal(&recipients(IDENTITIES[0]), b"x").unwrap());
    let not_an_identity = KeyringSource {
        identity: given(PASSPHRASE),
        ..sealed.source()
    };
    for error in [source.load().err(), not_an_identity.load().err()] {
        let told = format!("{:?}", anyhow::Error::new(error.unwrap()));
        assert!(
            !told.contains(&material) && !told.contains(PASSPHRASE),
            "{told}"
        );
    }
}

/// What the tests below let another process do, when it finds a keyring named in its environment.
const CHILD_KEYRING: &str = "EMBSEC_TEST_KEYRING_OF_CHILD";
/// How many changes it makes.
const CHILD_CHANGES: &str = "EMBSEC_TEST_CHANGES_OF_CHILD";

/// A key comes and is activated: two changes.
fn one_round(source: &KeyringSource, purpose: &KeyPurpose) {
    let wait = |result: Result<Updated, KeyringUpdateError>| {
        result.unwrap_or_else(|error| panic!("{error}")).keyring
    };
    let add = |now: &Keyring| now.with_pending(purpose, &SystemRng, &clock());
    let next = wait(source.update(None, add));
    let id = next.pending(purpose).unwrap().clone();
    wait(source.update(None, |now| now.with_activated(&id, &clock())));
}

/// Not a test of its own: changes the keyring that it is told of, for the tests below.
#[test]
fn another_process_changes_the_keyring() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a test talks to its own child"
    )]
    let (path, changes) = (std::env::var(CHILD_KEYRING), std::env::var(CHILD_CHANGES));
    let (Ok(path), Ok(changes)) = (path, changes) else {
        return;
    };
    let source = source_of(SecretRef::File(PathBuf::from(path)));
    let name = format!("target:p{}", std::process::id());
    let purpose = KeyPurpose::parse(&name).unwrap();
    for _ in 0..changes.parse::<u32>().unwrap() {
        one_round(&source, &purpose);
    }
}

fn child(path: &Path, changes: u32) -> std::process::Child {
    let this = std::env::current_exe().unwrap();
    Command::new(this)
        .args([
            "--exact",
            "deployment::keyring::tests::another_process_changes_the_keyring",
        ])
        .env(CHILD_KEYRING, path)
        .env(CHILD_CHANGES, changes.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_that_change_it_at_once_lose_nothing() {
    let place = Place::plain();
    let children = [child(&place.path(), 10), child(&place.path(), 10)];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let keyring = place.source().load().ok().unwrap();
    assert_eq!(keyring.generation(), 1 + 2 * 2 * 10);
    assert_eq!(keyring.entries().count(), 1 + 2 * 10);
}

#[test]
fn a_kill_at_any_moment_leaves_a_keyring_that_opens_and_has_lost_no_key() {
    let place = Place::plain();
    let source = place.source();
    let rng = SystemRng;
    let mut known: Vec<KeyId> = Vec::new();
    for round in 0..25_u64 {
        let mut child = child(&place.path(), 10_000);
        let mut random = [0; 1];
        crate::sys::rng::Rng::fill(&rng, &mut random).unwrap();
        // Until it works, and then some time between nothing and a few changes.
        let begun = std::fs::read(place.path()).unwrap();
        while std::fs::read(place.path()).unwrap() == begun {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(random[0]) * 200));
        child.kill().unwrap();
        child.wait().unwrap();

        let now = source
            .load()
            .unwrap_or_else(|e| panic!("round {round}: {e}"));
        let ids: Vec<KeyId> = now.entries().map(|entry| entry.id).collect();
        for id in &known {
            assert!(ids.contains(id), "round {round}: {id} is gone");
        }
        known = ids;
        // What was left in the middle is taken up by the next change.
        for entry in now
            .entries()
            .filter(|entry| entry.state == KeyState::Pending)
        {
            let activate = |now: &Keyring| now.with_activated(&entry.id, &clock());
            assert!(source.update(None, activate).is_ok(), "round {round}");
        }
    }
    let left = std::fs::read_dir(place.folder.path()).unwrap().count();
    assert!(left <= 3 + 1, "{left} files");
}
