//! The master key: a new one in the keyring, every data key sealed by it, and only then the one
//! that seals what is new. What rows hold is not touched, so it costs the same however many.

use super::{NewKey, RotationError};
use crate::app::{App, Call};
use crate::crypto::keyring::{ChangeError, Keyring};
use crate::crypto::secret::DataKey;
use crate::crypto::wrap;
use crate::domain::audit::Action;
use crate::domain::key::{KeyId, KeyPurpose, KeyScope, KeyState};
use crate::domain::rotation::ServerProcess;
use crate::store::rotation::{Rewrap, Rewrapped};
use std::time::Duration;
use tokio::time::Instant;

/// What only one process does at a time.
pub(in crate::app) const MASTER_ROTATION: &str = "a rotation of the master key";
/// How often servers are asked for.
const LOOK: Duration = Duration::from_millis(50);
/// How long servers have to seal with the new key, before those that do not are named.
const SETTLING: Duration = Duration::from_secs(3);
/// How often data keys that appear meanwhile are rewrapped too.
const ATTEMPTS: usize = 5;

/// Why a keyring was not read or not changed: what the place where it is kept has to say.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HolderError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A change of a keyring: from the one that was read to the next.
pub type KeyringChange<'a> = &'a dyn Fn(&Keyring) -> Result<Keyring, ChangeError>;

/// Where a deployment's keyring is kept.
pub trait KeyringHolder: Send + Sync {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no keyring.
    fn read(&self) -> Result<Keyring, HolderError>;

    /// Whether a change does not take the keyring's place, but is handed over to whoever can put
    /// it there.
    fn hands_over(&self) -> bool;

    /// Reads it, changes it, makes the change durable, and reads that back, while nobody else
    /// changes it.
    ///
    /// # Errors
    ///
    /// When the change is none, or is not durable; the keyring is as it was, or as it was to
    /// become.
    fn change(&self, change: KeyringChange<'_>) -> Result<Keyring, HolderError>;
}

/// How the master key is to be rotated.
#[derive(Clone, Copy, Debug)]
pub struct MasterOptions {
    /// How long servers that run have to read the new keyring.
    pub patience: Duration,
    /// Only what an earlier rotation left: data keys that older master keys seal.
    pub finish: bool,
}

/// A rotation of the master key that is done, but for what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterRotation {
    /// The key before.
    pub former: Option<KeyId>,
    /// The new key.
    pub key_id: KeyId,
    /// Data keys that it seals since this run.
    pub rewrapped: u64,
    /// Whether an earlier run had made the key.
    pub resumed: bool,
    /// Servers that still seal new data keys with an older master key.
    pub behind: Vec<ServerProcess>,
}

/// What became of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterOutcome {
    /// It is done.
    Rotated(MasterRotation),
    /// The next keyring was handed over, with a new key that is pending. When it is in its place,
    /// the rotation goes on.
    HandedOverPending(KeyId),
    /// Everything is done, and the next keyring was handed over, in which the new key is the
    /// active one.
    HandedOverActive(MasterRotation),
}

/// What a rotation would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterPlan {
    /// The key that seals now.
    pub active: KeyId,
    /// The key that an earlier run made, if one did.
    pub pending: Option<KeyId>,
    /// Data keys to be rewrapped.
    pub data_keys: u64,
    /// Servers that run.
    pub servers: Vec<ServerProcess>,
}

impl App {
    /// What [`Self::rotate_master`] would do.
    ///
    /// # Errors
    ///
    /// When the keyring or the database fails.
    pub async fn plan_master_rotation(
        &self,
        holder: &dyn KeyringHolder,
    ) -> Result<MasterPlan, RotationError> {
        let keyring = holder.read()?;
        let uses = self.store.master_key_uses().await?;
        let pending = keyring.pending_master().map(|key| key.id().clone());
        let others = uses.iter().filter(|(id, _)| Some(id) != pending.as_ref());
        Ok(MasterPlan {
            active: keyring.active_master().id().clone(),
            data_keys: others.map(|(_, count)| count).sum(),
            pending,
            servers: self.store.processes(self.live_since()).await?,
        })
    }

    /// Rotates the master key, or goes on with a rotation that was begun.
    ///
    /// # Errors
    ///
    /// [`RotationError::Behind`] when a server that runs cannot open with the new key: nothing is
    /// broken, and a further run goes on. Any other [`RotationError`].
    pub async fn rotate_master(
        &self,
        call: &Call,
        holder: &dyn KeyringHolder,
        options: MasterOptions,
    ) -> Result<MasterOutcome, RotationError> {
        let lease = self.take_lease(MASTER_ROTATION).await?;
        let rotation = MasterRun {
            key: NewKey {
                app: self,
                call,
                holder,
                action: Action::MasterKeyRotate,
                purpose: KeyPurpose::Master,
            },
            options,
        };
        let done = if options.finish {
            rotation.finish().await.map(MasterOutcome::Rotated)
        } else {
            rotation.run().await
        };
        let released = lease.release().await;
        let done = done?;
        released?;
        Ok(done)
    }
}

struct MasterRun<'a> {
    key: NewKey<'a>,
    options: MasterOptions,
}

impl MasterRun<'_> {
    async fn run(&self) -> Result<MasterOutcome, RotationError> {
        let before = self.key.holder.read()?;
        let (keyring, key_id, resumed) = match before.pending_master() {
            Some(pending) => {
                let id = pending.id().clone();
                (before, id, true)
            }
            None => {
                let next = self.key.make().await?;
                let id = pending_id(&next)?;
                if self.key.holder.hands_over() {
                    return Ok(MasterOutcome::HandedOverPending(id));
                }
                (next, id, false)
            }
        };
        self.prove(&keyring, &key_id)?;
        let former = keyring.active_master().id().clone();
        self.key.app.keys.replace_keyring(keyring);
        self.wait_for_servers(&key_id).await?;
        let mut rotation = MasterRotation {
            former: Some(former),
            rewrapped: self.rewrap(&key_id).await?,
            key_id,
            resumed,
            behind: Vec::new(),
        };
        self.key.activate(&rotation.key_id).await?;
        if self.key.holder.hands_over() {
            return Ok(MasterOutcome::HandedOverActive(rotation));
        }
        self.settle(&mut rotation).await?;
        Ok(MasterOutcome::Rotated(rotation))
    }

    /// What is left of an earlier rotation.
    async fn finish(&self) -> Result<MasterRotation, RotationError> {
        let keyring = self.key.holder.read()?;
        let key_id = keyring.active_master().id().clone();
        self.key.app.keys.replace_keyring(keyring);
        self.wait_for_servers(&key_id).await?;
        let mut rotation = MasterRotation {
            former: None,
            key_id,
            rewrapped: 0,
            resumed: true,
            behind: Vec::new(),
        };
        self.settle(&mut rotation).await?;
        Ok(rotation)
    }

    /// A key that is read from where the keyring is kept opens what the key in hand sealed.
    fn prove(&self, keyring: &Keyring, id: &KeyId) -> Result<(), RotationError> {
        let rng = self.key.app.rng.as_ref();
        let failed = || RotationError::Challenge(id.clone());
        let challenge = DataKey::generate(rng)?;
        let master = keyring.master(id).ok_or_else(failed)?;
        let sealed = wrap::wrap(&challenge, KeyScope::System, KeyState::Pending, master, rng)?;
        let read = self.key.holder.read()?;
        let opened = read
            .master(id)
            .and_then(|master| wrap::unwrap(&sealed, master).ok())
            .ok_or_else(failed)?;
        if opened.id() == challenge.id() {
            Ok(())
        } else {
            Err(failed())
        }
    }

    /// Servers read a changed keyring by themselves; those that were killed are no longer waited
    /// for after a while.
    async fn wait_for_servers(&self, key: &KeyId) -> Result<(), RotationError> {
        let began = Instant::now();
        loop {
            let mut servers = self
                .key
                .app
                .store
                .processes(self.key.app.live_since())
                .await?;
            servers.retain(|server| !server.can_open(key));
            if servers.is_empty() {
                return Ok(());
            }
            if began.elapsed() >= self.options.patience {
                return Err(RotationError::Behind {
                    key: key.clone(),
                    servers,
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Seals with this master key every data key that another one seals, in one transaction; those
    /// that were made meanwhile in another.
    async fn rewrap(&self, key: &KeyId) -> Result<u64, RotationError> {
        let mut rewrapped = 0;
        for _ in 0..ATTEMPTS {
            let rewraps = self.rewraps(key).await?;
            if rewraps.is_empty() {
                return Ok(rewrapped);
            }
            let recorder = self.key.app.recorder(self.key.call);
            let since = self.key.app.live_since();
            let done = self
                .key
                .app
                .store
                .rewrap_data_keys(key, &rewraps, since, &recorder)
                .await?;
            match done {
                Rewrapped::Done(count) => rewrapped += count,
                Rewrapped::Blocked(servers) => {
                    let key = key.clone();
                    return Err(RotationError::Behind { key, servers });
                }
            }
        }
        Err(RotationError::Unsettled("the system".to_owned()))
    }

    /// The data keys that other master keys seal, each sealed by this one and opened again. Those
    /// that this one seals already are opened too.
    async fn rewraps(&self, key: &KeyId) -> Result<Vec<Rewrap>, RotationError> {
        let rng = self.key.app.rng.as_ref();
        let keyring = self.key.app.keys.keyring();
        let missing = || RotationError::Challenge(key.clone());
        let master = keyring.master(key).ok_or_else(missing)?;
        let mut rewraps = Vec::new();
        for record in self.key.app.store.data_keys(None).await? {
            let old = record.key;
            let opened = self.key.app.keys.unwrap(&old)?;
            if old.master_id == *key {
                continue;
            }
            let new = wrap::wrap(&opened, old.scope, old.state, master, rng)?;
            let again = wrap::unwrap(&new, master).map_err(|_| missing())?;
            if again.id() != opened.id() {
                return Err(missing());
            }
            rewraps.push(Rewrap { old, new });
        }
        Ok(rewraps)
    }

    /// Waits a little until servers seal with the new key, and rewraps what they sealed with an
    /// older one until then.
    async fn settle(&self, rotation: &mut MasterRotation) -> Result<(), RotationError> {
        let began = Instant::now();
        loop {
            rotation.behind = self
                .key
                .app
                .store
                .processes(self.key.app.live_since())
                .await?;
            rotation
                .behind
                .retain(|server| !server.seals_with(&rotation.key_id));
            if rotation.behind.is_empty() || began.elapsed() >= SETTLING {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        rotation.rewrapped += self.rewrap(&rotation.key_id).await?;
        Ok(())
    }
}

fn pending_id(keyring: &Keyring) -> Result<KeyId, RotationError> {
    let pending = keyring.pending_master().map(|key| key.id().clone());
    pending.ok_or_else(|| RotationError::Unsettled("the keyring".to_owned()))
}
