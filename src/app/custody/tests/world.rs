//! A deployment with a keyring and copies of it, in memory and in a folder.

use super::super::*;
use crate::app::keys::KeyCustody;
use crate::app::{App, AppSettings, Call, KeyFormat, SearchMode};
use crate::audit::{AuditError, AuditLog};
use crate::crypto::sealed_file::Identities;
use crate::crypto::secret::{DataKey, MasterKey};
use crate::crypto::wrap;
use crate::domain::access::Caller;
use crate::domain::audit::{Action, AuditEvent, AuditMark, Details, Origin, Outcome};
use crate::domain::ids::RequestId;
use crate::domain::key::{KeyPurpose, KeyScope, KeyState};
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::store::{KeyStore as _, Store};
use crate::sys::clock::ManualClock;
use crate::sys::rng::SeededRng;
use async_trait::async_trait;
use jiff::SignedDuration;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

pub(super) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Default)]
pub(super) struct Log(pub(super) Mutex<Vec<AuditEvent>>);

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

pub(super) struct World {
    pub(super) app: App,
    pub(super) store: Arc<SqliteStore>,
    pub(super) log: Arc<Log>,
    pub(super) clock: ManualClock,
    pub(super) rng: Arc<SeededRng>,
    pub(super) folder: TempDir,
}

impl World {
    /// A deployment with one master key and one data key.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            create: true,
            ..SqliteOptions::default()
        };
        let path = folder.path().join("embsec.db");
        let store = Arc::new(SqliteStore::open(&path, options).await.unwrap());
        let log: Arc<Log> = Arc::default();
        let clock = ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        let rng = Arc::new(SeededRng::new(7));
        let keyring = Keyring::generate(rng.as_ref(), &clock).unwrap();
        let keys = KeyCustody::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&log) as Arc<dyn AuditLog>,
            Arc::new(clock.clone()),
            Arc::clone(&rng) as _,
            keyring,
        );
        let app = App::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&log) as Arc<dyn AuditLog>,
            Arc::new(clock.clone()),
            Arc::clone(&rng) as _,
            Arc::new(keys),
            None,
            AppSettings {
                key_format: KeyFormat::Embsec,
                search_mode: SearchMode::Auto,
                search_memory_bytes: 0,
                shred_after: SignedDuration::from_hours(1),
            },
        );
        let world = Self {
            app,
            store,
            log,
            clock,
            rng,
            folder,
        };
        world.add_data_key(KeyState::Active).await;
        world
    }

    pub(super) async fn add_data_key(&self, state: KeyState) {
        let key = DataKey::generate(self.rng.as_ref()).unwrap_or_else(|_| panic!("no randomness"));
        let keyring = self.app.keys().keyring();
        self.insert(&key, state, keyring.active_master()).await;
    }

    pub(super) async fn insert(&self, key: &DataKey, state: KeyState, master: &MasterKey) {
        let scope = KeyScope::System;
        let wrapped = wrap::wrap(key, scope, state, master, self.rng.as_ref()).unwrap();
        let now = self.app.now();
        self.store.insert_data_key(&wrapped, now).await.unwrap();
    }

    /// Gives the keyring another active key of a purpose.
    pub(super) fn rotate(&self, purpose: &KeyPurpose) {
        let keyring = self.app.keys().keyring();
        let pending = keyring
            .with_pending(purpose, self.rng.as_ref(), &self.clock)
            .unwrap_or_else(|error| panic!("{error}"));
        let id = pending.pending(purpose).unwrap().clone();
        let next = pending.with_activated(&id, &self.clock);
        let next = next.unwrap_or_else(|error| panic!("{error}"));
        self.app.keys().replace_keyring(next);
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) async fn split(&self, total: u8, needed: u8, holders: Vec<Holder>) -> Vec<PathBuf> {
        let dir = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let plan = SplitPlan::new(total, needed, holders, &dir).unwrap();
        self.app.split_keyring(&call(), &plan).await.unwrap();
        plan.shares()
            .iter()
            .map(|share| share.file.clone())
            .collect()
    }

    pub(super) async fn escrow(&self, name: &str) -> (PathBuf, Opener) {
        let identity = Identities::generate();
        let path = self.path(name);
        let holders = holders(&[&identity]);
        let made = self.app.escrow_keyring(&call(), &holders, &path).await;
        assert_eq!(made.unwrap().keyring, self.app.keyring_facts());
        (path, Opener(Some(identity)))
    }

    pub(super) fn events(&self) -> Vec<(Action, Outcome)> {
        let mut events = self.log.0.lock().unwrap();
        events
            .drain(..)
            .map(|event| (event.action, event.outcome))
            .collect()
    }
}

pub(super) fn call() -> Call {
    Call {
        caller: Caller::Admin,
        origin: Origin {
            actor: "admin".to_owned(),
            request_id: RequestId("request-1".to_owned()),
            client_ip: None,
            details: Details::new(),
        },
    }
}

pub(super) fn holders(identities: &[&Identities]) -> Vec<Holder> {
    let texts: Vec<String> = identities
        .iter()
        .map(|identity| identity.recipients()[0].to_string())
        .collect();
    Holder::parse_all(&texts).unwrap()
}

pub(super) const NOBODY: Opener = Opener(None);

pub(super) fn open_shares(paths: &[&PathBuf]) -> Result<OpenCopy, CustodyError> {
    KeptCopy::Shares(paths.iter().copied().cloned().collect()).open(&NOBODY)
}

#[track_caller]
pub(super) fn bad_shares(paths: &[&PathBuf]) -> Vec<BadShare> {
    match open_shares(paths).err().unwrap() {
        CustodyError::BadShares { bad, total } => {
            assert_eq!(total, paths.len());
            bad
        }
        other => panic!("{other}"),
    }
}

pub(super) fn flip(path: &PathBuf, place: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[place] ^= 0x01;
    std::fs::write(path, bytes).unwrap();
}
