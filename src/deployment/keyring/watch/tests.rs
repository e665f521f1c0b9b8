//! A server takes a changed keyring into use, and never a bad one.

use super::*;
use crate::audit::{AuditError, AuditLog};
use crate::config::Environment;
use crate::config::keyring::KeyringConfig;
use crate::config::secret::SecretRef;
use crate::crypto::secret::DataKey;
use crate::crypto::wrap;
use crate::domain::audit::{AuditEvent, AuditMark};
use crate::domain::key::{KeyPurpose, KeyScope, KeyState};
use crate::store::KeyStore as _;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::sys::clock::ManualClock;
use crate::sys::rng::SeededRng;
use async_trait::async_trait;
use std::path::PathBuf;

struct Deaf;

#[async_trait]
impl AuditLog for Deaf {
    async fn append(&self, _event: AuditEvent) -> Result<AuditMark, AuditError> {
        Ok(AuditMark {
            stream: "none".to_owned(),
            seq: 1,
        })
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

struct World {
    folder: tempfile::TempDir,
    source: KeyringSource,
    keys: Arc<KeyCustody>,
    watch: KeyringWatch,
}

fn clock() -> ManualClock {
    ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap())
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rng = Arc::new(SeededRng::new(3));
        let keyring = Keyring::generate(rng.as_ref(), &clock()).ok().unwrap();
        let path = folder.path().join("keyring.toml");
        keyring.create(&path).unwrap();
        let options = SqliteOptions {
            create: true,
            ..SqliteOptions::default()
        };
        let store = SqliteStore::open(&folder.path().join("embsec.db"), options).await;
        let store = Arc::new(store.unwrap());
        let key = DataKey::generate(rng.as_ref()).ok().unwrap();
        let (scope, state) = (KeyScope::System, KeyState::Active);
        let wrapped = wrap::wrap(&key, scope, state, keyring.active_master(), rng.as_ref());
        let now = jiff::Timestamp::UNIX_EPOCH;
        store.insert_data_key(&wrapped.unwrap(), now).await.unwrap();
        let config = KeyringConfig {
            source: SecretRef::File(path),
            passphrase: None,
            identity: None,
        };
        let source = KeyringSource::new(&config, &Environment::default(), None);
        let keys = Arc::new(KeyCustody::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(Deaf),
            Arc::new(clock()),
            rng,
            keyring,
        ));
        let watch = KeyringWatch::new(source.clone(), Arc::clone(&keys), store);
        Self {
            folder,
            source,
            keys,
            watch,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keyring.toml")
    }

    fn add_pending(&self) {
        let rng = SeededRng::new(9);
        let add = |now: &Keyring| now.with_pending(&KeyPurpose::Master, &rng, &clock());
        assert!(self.source.update(None, add).is_ok());
    }
}

#[tokio::test]
async fn a_changed_keyring_is_used_at_the_next_look() {
    let world = World::new().await;
    assert!(world.watch.look().await);
    assert!(world.keys.keyring().pending_master().is_none());
    world.add_pending();
    assert!(world.watch.look().await);
    assert!(world.keys.keyring().pending_master().is_some());
    assert_eq!(world.keys.keyring().generation(), 2);
}

#[tokio::test]
async fn a_damaged_or_missing_keyring_is_told_of_and_the_one_before_stays_in_use() {
    let world = World::new().await;
    let whole = std::fs::read(world.path()).unwrap();
    let used = world.keys.keyring();
    std::fs::write(world.path(), &whole[1..]).unwrap();
    assert!(!world.watch.look().await);
    std::fs::remove_file(world.path()).unwrap();
    assert!(!world.watch.look().await);
    assert_eq!(world.keys.keyring().render(), used.render());
    crate::sys::fs::write_secret_file_new(&world.path(), &whole).unwrap();
    assert!(world.watch.look().await);
}

#[tokio::test]
async fn a_keyring_without_the_master_key_that_the_database_needs_is_not_used() {
    let world = World::new().await;
    let other = Keyring::generate(&SeededRng::new(4), &clock())
        .ok()
        .unwrap();
    let used = world.keys.keyring();
    crate::sys::fs::replace_secret_file(&world.path(), other.render().as_bytes()).unwrap();
    assert!(!world.watch.look().await);
    assert!(!world.watch.read_again().await);
    assert_eq!(world.keys.keyring().render(), used.render());
}

#[tokio::test]
async fn a_source_whose_changes_cannot_be_seen_is_read_when_asked_for() {
    let world = World::new().await;
    let config = KeyringConfig {
        source: SecretRef::Command(vec!["cat".to_owned(), world.path().display().to_string()]),
        passphrase: None,
        identity: None,
    };
    let source = KeyringSource::new(&config, &Environment::default(), None);
    let store = Arc::clone(&world.watch.store);
    let watch = KeyringWatch::new(source, Arc::clone(&world.keys), store);
    world.add_pending();
    assert!(watch.look().await);
    assert_eq!(world.keys.keyring().generation(), 1);
    assert!(watch.read_again().await);
    assert_eq!(world.keys.keyring().generation(), 2);
}
