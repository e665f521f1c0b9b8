//! What a server tells of itself in the database, so that a rotation knows who must be able to
//! open with a new master key.

use super::App;
use crate::crypto::keyring::Keyring;
use crate::domain::key::{KeyId, KeyPurpose};
use crate::domain::rotation::ServerProcess;
use crate::store::{Store, StoreError};
use crate::sys::owner;
use jiff::{SignedDuration, Timestamp};

/// How long after its last word a server that did not say good-bye is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// A server as the database knows it.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    process: ServerProcess,
}

impl Heartbeat {
    /// This process, before its first word. `id` is its own.
    #[must_use]
    pub fn new(id: String, keyring: &Keyring, now: Timestamp) -> Self {
        Self {
            process: ServerProcess {
                id,
                host: owner::host_name(),
                pid: std::process::id(),
                started_at: now,
                seen_at: now,
                keyring_generation: keyring.generation(),
                master_ids: master_ids(keyring),
            },
        }
    }

    /// Whether the keyring is another one than the database was told of.
    #[must_use]
    pub fn is_behind(&self, keyring: &Keyring) -> bool {
        self.process.keyring_generation != keyring.generation()
            || self.process.master_ids != master_ids(keyring)
    }

    /// Tells that the server lives and which master keys it has.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn beat(
        &mut self,
        store: &dyn Store,
        keyring: &Keyring,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let next = ServerProcess {
            seen_at: now,
            keyring_generation: keyring.generation(),
            master_ids: master_ids(keyring),
            ..self.process.clone()
        };
        store.beat(&next).await?;
        self.process = next;
        Ok(())
    }

    /// Says good-bye.
    ///
    /// # Errors
    ///
    /// When the database fails; the server is taken to live for a little longer then.
    pub async fn end(&self, store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
        let before = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        store.forget_process(&self.process.id, before).await
    }
}

impl App {
    /// As [`Heartbeat::beat`], with the keyring in use.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn beat(&self, heartbeat: &mut Heartbeat) -> Result<(), StoreError> {
        let keyring = self.keys.keyring();
        heartbeat
            .beat(self.store.as_ref(), &keyring, self.clock.now())
            .await
    }

    /// As [`Heartbeat::end`].
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn end_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), StoreError> {
        heartbeat.end(self.store.as_ref(), self.clock.now()).await
    }
}

/// The master keys of a keyring, the one that seals first.
fn master_ids(keyring: &Keyring) -> Vec<KeyId> {
    let active = keyring.active_master().id().clone();
    let others = keyring
        .entries()
        .filter(|entry| entry.purpose == KeyPurpose::Master && entry.id != active)
        .map(|entry| entry.id);
    std::iter::once(active.clone()).chain(others).collect()
}
