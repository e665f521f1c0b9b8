//! Keys in use, over a real store.

use super::*;
use crate::audit::AuditError;
use crate::domain::audit::{Action, AuditEvent, AuditMark};
use crate::domain::ids::ProjectId;
use crate::store::KeyStore as _;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::sys::clock::ManualClock;
use crate::sys::rng::SeededRng;
use async_trait::async_trait;
use jiff::Timestamp;
use tempfile::TempDir;

const PROJECT: KeyScope = KeyScope::Project(ProjectId(7));

#[derive(Default)]
struct Log(Mutex<Vec<AuditEvent>>);

#[async_trait]
impl AuditLog for Log {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        let mut events = self.0.lock().unwrap();
        events.push(event);
        Ok(AuditMark {
            stream: "test-0".to_owned(),
            seq: u64::try_from(events.len()).unwrap(),
        })
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

struct World {
    store: Arc<SqliteStore>,
    log: Arc<Log>,
    keyring: String,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            create: true,
            ..SqliteOptions::default()
        };
        let path = folder.path().join("embsec.db");
        let store = SqliteStore::open(&path, options).await.unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let keyring = Keyring::generate(&SeededRng::new(1), &clock).unwrap();
        Self {
            store: Arc::new(store),
            log: Arc::default(),
            keyring: keyring.render().to_string(),
            _folder: folder,
        }
    }

    fn keyring(&self) -> Keyring {
        Keyring::parse(self.keyring.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What another process would have.
    fn custody(&self, seed: u64, keyring: Keyring) -> KeyCustody {
        KeyCustody::new(
            Arc::clone(&self.store) as Arc<dyn Store>,
            Arc::clone(&self.log) as Arc<dyn AuditLog>,
            Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
            Arc::new(SeededRng::new(seed)),
            keyring,
        )
    }

    async fn states(&self) -> Vec<KeyState> {
        let records = self.store.data_keys(Some(PROJECT)).await.unwrap();
        records.into_iter().map(|record| record.key.state).collect()
    }
}

fn foreign_keyring() -> Keyring {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    Keyring::generate(&SeededRng::new(99), &clock).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn the_first_key_of_a_project_is_made_when_it_is_needed() {
    let world = World::new().await;
    let custody = world.custody(1, world.keyring());
    assert!(custody.of_scope(PROJECT).await.unwrap().active().is_none());
    let made = custody.active(PROJECT).await.unwrap();
    assert_eq!(world.states().await, [KeyState::Active]);
    let again = custody.active(PROJECT).await.unwrap();
    assert_eq!(made.id(), again.id());
    // Another process finds it, and opens it by itself.
    let other = world.custody(2, world.keyring());
    let keys = other.of_scope(PROJECT).await.unwrap();
    assert_eq!(keys.active().unwrap().id(), made.id());
    assert!(keys.key(made.id()).is_some());
    let actions: Vec<Action> = world
        .log
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|e| e.action)
        .collect();
    assert_eq!(actions, [Action::DataKeyActivate]);
}

#[tokio::test]
async fn of_two_processes_that_make_a_key_at_once_both_use_one() {
    let world = World::new().await;
    let (one, two) = (
        world.custody(1, world.keyring()),
        world.custody(2, world.keyring()),
    );
    let (first, second) = tokio::join!(one.active(PROJECT), two.active(PROJECT));
    assert_eq!(first.unwrap().id(), second.unwrap().id());
    assert_eq!(world.states().await, [KeyState::Active]);
}

#[tokio::test]
async fn a_key_that_a_killed_process_left_pending_is_used() {
    let world = World::new().await;
    let left = world
        .custody(1, world.keyring())
        .store_pending(PROJECT)
        .await;
    let used = world.custody(2, world.keyring()).active(PROJECT).await;
    assert_eq!(used.unwrap().id(), &left.unwrap());
    assert_eq!(world.states().await, [KeyState::Active]);
}

#[tokio::test]
async fn a_key_that_has_sealed_often_enough_gives_way_and_still_opens() {
    let world = World::new().await;
    let worn = world
        .custody(1, world.keyring())
        .active(PROJECT)
        .await
        .unwrap();
    let custody = KeyCustody {
        max_messages: 0,
        ..world.custody(2, world.keyring())
    };
    // With a limit of none every new key is worn as well, so that asking ends, with an error.
    let error = custody.active(PROJECT).await.err();
    assert!(
        matches!(
            error,
            Some(KeyError::Store(StoreError::Conflict(Conflict::KeyChanged)))
        ),
        "{error:?}"
    );
    let keys = world
        .custody(3, world.keyring())
        .of_scope(PROJECT)
        .await
        .unwrap();
    assert_ne!(keys.active().unwrap().id(), worn.id());
    assert!(keys.key(worn.id()).is_some());
}

#[tokio::test]
async fn a_project_without_the_master_key_gets_no_other_key() {
    let world = World::new().await;
    let made = world
        .custody(1, world.keyring())
        .active(PROJECT)
        .await
        .unwrap();
    let foreign = world.custody(2, foreign_keyring());
    let error = foreign.active(PROJECT).await.err();
    let (id, master_id) = (
        made.id().clone(),
        world.keyring().active_master().id().clone(),
    );
    assert!(
        matches!(&error, Some(KeyError::UnknownMaster { id: i, master_id: m })
            if *i == id && *m == master_id),
        "{error:?}"
    );
    assert_eq!(world.states().await, [KeyState::Active]);
    // With the keyring of the deployment it works again, without a restart.
    foreign.replace_keyring(world.keyring());
    assert_eq!(foreign.active(PROJECT).await.unwrap().id(), &id);
}

#[tokio::test]
async fn the_system_gets_no_key_but_the_one_of_its_beginning() {
    let world = World::new().await;
    let error = world
        .custody(1, world.keyring())
        .active(KeyScope::System)
        .await
        .err();
    assert!(
        matches!(error, Some(KeyError::None(KeyScope::System))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_key_is_found_again_after_it_was_forgotten_or_rolled_elsewhere() {
    let world = World::new().await;
    let custody = world.custody(1, world.keyring());
    let first = custody.active(PROJECT).await.unwrap();
    let other = world.custody(2, world.keyring());
    let second = other.store_pending(PROJECT).await.unwrap();
    let recorder = Recorder::new(Arc::clone(&other.audit), other.origin());
    world
        .store
        .activate_data_key(&second, Some(first.id()), &recorder)
        .await
        .unwrap();
    assert_eq!(custody.active(PROJECT).await.unwrap().id(), first.id());
    custody.forget(PROJECT);
    assert_eq!(custody.active(PROJECT).await.unwrap().id(), &second);
    let keys = custody.refresh(PROJECT).await.unwrap();
    assert!(keys.key(first.id()).is_some());
}
