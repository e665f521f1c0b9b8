//! Data keys in use: opened with the keyring, kept in memory, made when a scope needs its first.
//!
//! Changing the keyring, rotating and destroying keys are use-cases of their own; here is only
//! what sealing and opening need. How often a key has sealed is counted by the store, within the
//! transaction that stores what was sealed, and only while the key is the active one.

use super::new_request_id;
use super::recorder::Recorder;
use crate::audit::AuditLog;
use crate::crypto::SealError;
use crate::crypto::keyring::Keyring;
use crate::crypto::secret::DataKey;
use crate::crypto::wrap::{self, UnwrapError};
use crate::domain::audit::{Details, Origin};
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState, MAX_MESSAGES, WrappedDataKey};
use crate::store::{Conflict, Store, StoreError};
use crate::sys::clock::Clock;
use crate::sys::rng::{Rng, RngError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How many scopes are kept open. Beyond it all are forgotten and opened again when needed.
const SCOPES_KEPT: usize = 4096;

/// How often the making of a key is tried again when another process was faster.
const ATTEMPTS: usize = 3;

/// Why a data key is not at hand.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The keyring does not hold the master key that opens it.
    #[error("the keyring has no master key {master_id}, which opens the data key {id}")]
    UnknownMaster {
        /// The data key.
        id: KeyId,
        /// The master key.
        master_id: KeyId,
    },
    /// It does not open, although the master key is the right one.
    #[error("a data key cannot be opened")]
    Damaged(#[source] UnwrapError),
    /// The scope has no key that seals.
    #[error("there is no active data key of scope {0}")]
    None(KeyScope),
    /// A new key could not be made.
    #[error("a new data key cannot be made")]
    Make(#[source] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SealError> for KeyError {
    fn from(error: SealError) -> Self {
        Self::Make(error)
    }
}

impl From<RngError> for KeyError {
    fn from(error: RngError) -> Self {
        Self::Make(SealError::Rng(error))
    }
}

/// The opened keys of one scope.
#[derive(Default)]
pub struct ScopeKeys {
    active: Option<Arc<DataKey>>,
    by_id: HashMap<KeyId, Arc<DataKey>>,
}

impl ScopeKeys {
    /// Those of these keys that a keyring opens. One that does not open is left out, and logged.
    pub(super) fn open(records: &[DataKeyRecord], keyring: &Keyring) -> Self {
        Self::of(records, |wrapped| {
            unwrap_with(keyring, wrapped).map(Arc::new)
        })
    }

    fn of(
        records: &[DataKeyRecord],
        open: impl Fn(&WrappedDataKey) -> Result<Arc<DataKey>, KeyError>,
    ) -> Self {
        let mut keys = Self::default();
        for record in records {
            let (id, state) = (&record.key.id, record.key.state);
            if state == KeyState::Pending {
                continue;
            }
            let key = match open(&record.key) {
                Ok(key) => key,
                Err(error) => {
                    tracing::error!(%error, key_id = %id, "a data key cannot be opened");
                    continue;
                }
            };
            if state == KeyState::Active {
                keys.active = Some(Arc::clone(&key));
            }
            keys.by_id.insert(id.clone(), key);
        }
        keys
    }

    /// The key that seals; none when the scope never needed one.
    #[must_use]
    pub const fn active(&self) -> Option<&Arc<DataKey>> {
        self.active.as_ref()
    }

    /// The key of this id, to open what it sealed.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&DataKey> {
        self.by_id.get(id).map(AsRef::as_ref)
    }
}

/// Opens data keys and keeps them.
pub struct KeyCustody {
    store: Arc<dyn Store>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    keyring: RwLock<Arc<Keyring>>,
    scopes: Mutex<HashMap<KeyScope, Arc<ScopeKeys>>>,
    max_messages: u64,
}

impl KeyCustody {
    /// Opens what this keyring opens.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        keyring: Keyring,
    ) -> Self {
        Self {
            store,
            audit,
            clock,
            rng,
            keyring: RwLock::new(Arc::new(keyring)),
            scopes: Mutex::default(),
            max_messages: MAX_MESSAGES,
        }
    }

    /// The keyring in use.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        let keyring = self.keyring.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keyring)
    }

    /// Uses another keyring from now on. Keys that are open stay so; what is opened next, is opened
    /// with this one.
    pub fn replace_keyring(&self, keyring: Keyring) {
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
    }

    /// The key that seals in a scope. The first key of a project is made when it is asked for, and
    /// one that has sealed often enough gives way to a new one.
    ///
    /// # Errors
    ///
    /// Any [`KeyError`].
    pub async fn active(&self, scope: KeyScope) -> Result<Arc<DataKey>, KeyError> {
        let keys = self.for_sealing(scope).await?;
        keys.active.clone().ok_or(KeyError::None(scope))
    }

    /// As [`Self::of_scope`], with a key that seals.
    ///
    /// # Errors
    ///
    /// Any [`KeyError`].
    pub async fn for_sealing(&self, scope: KeyScope) -> Result<Arc<ScopeKeys>, KeyError> {
        if let Some(kept) = self.kept(scope).filter(|kept| kept.active.is_some()) {
            return Ok(kept);
        }
        for _ in 0..ATTEMPTS {
            let records = self.store.data_keys(Some(scope)).await?;
            let active = records
                .iter()
                .find(|record| record.key.state == KeyState::Active);
            match active {
                Some(active) if active.messages < self.max_messages => {
                    self.unwrap(&active.key)?;
                    return Ok(self.keep(scope, &records));
                }
                None if scope == KeyScope::System => return Err(KeyError::None(scope)),
                Some(active) => self.make(scope, &records, Some(&active.key.id)).await?,
                None => self.make(scope, &records, None).await?,
            }
        }
        Err(KeyError::Store(Conflict::KeyChanged.into()))
    }

    /// Every key of a scope that opens; those that were opened before are not opened again.
    ///
    /// # Errors
    ///
    /// [`KeyError::Store`]. A key that does not open is left out, and logged.
    pub async fn of_scope(&self, scope: KeyScope) -> Result<Arc<ScopeKeys>, KeyError> {
        match self.kept(scope) {
            Some(kept) => Ok(kept),
            None => self.refresh(scope).await,
        }
    }

    /// As [`Self::of_scope`], asking the database: a value names a key that is not known here.
    ///
    /// # Errors
    ///
    /// As [`Self::of_scope`].
    pub async fn refresh(&self, scope: KeyScope) -> Result<Arc<ScopeKeys>, KeyError> {
        let records = self.store.data_keys(Some(scope)).await?;
        Ok(self.keep(scope, &records))
    }

    /// Forgets the keys of a scope: another key seals in it now, or they were destroyed.
    pub fn forget(&self, scope: KeyScope) {
        self.scopes().remove(&scope);
    }

    /// Opens a data key with the keyring in use.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnknownMaster`], [`KeyError::Damaged`].
    pub fn unwrap(&self, wrapped: &WrappedDataKey) -> Result<DataKey, KeyError> {
        unwrap_with(&self.keyring(), wrapped)
    }

    /// Makes a key the active one of its scope: stored while it is pending, read back, opened, and
    /// only then used. One that a killed process left pending is used instead of another.
    async fn make(
        &self,
        scope: KeyScope,
        records: &[DataKeyRecord],
        former: Option<&KeyId>,
    ) -> Result<(), KeyError> {
        let left = records.iter().find(|record| {
            record.key.state == KeyState::Pending && self.unwrap(&record.key).is_ok()
        });
        let id = match left {
            Some(left) => left.key.id.clone(),
            None => self.store_pending(scope).await?,
        };
        let recorder = Recorder::new(Arc::clone(&self.audit), self.origin());
        let activated = self.store.activate_data_key(&id, former, &recorder).await;
        match activated {
            // Another process was faster: its key is used, and this one was never needed.
            Err(StoreError::Conflict(Conflict::KeyChanged)) => {
                self.store.discard_pending_data_key(&id).await?;
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Makes a key that is stored, read back and opened, but not used yet.
    ///
    /// # Errors
    ///
    /// Any [`KeyError`].
    pub async fn store_pending(&self, scope: KeyScope) -> Result<KeyId, KeyError> {
        let key = DataKey::generate(self.rng.as_ref())?;
        let keyring = self.keyring();
        let master = keyring.active_master();
        let wrapped = wrap::wrap(&key, scope, KeyState::Pending, master, self.rng.as_ref())?;
        self.store
            .insert_data_key(&wrapped, self.clock.now())
            .await?;
        let stored = self.store.data_key_of_id(key.id()).await?;
        let stored = stored.ok_or(KeyError::None(scope))?;
        self.unwrap(&stored.key)?;
        Ok(stored.key.id)
    }

    fn origin(&self) -> Origin {
        Origin {
            actor: "system".to_owned(),
            request_id: new_request_id(self.clock.as_ref(), self.rng.as_ref()),
            client_ip: None,
            details: Details::new(),
        }
    }

    fn kept(&self, scope: KeyScope) -> Option<Arc<ScopeKeys>> {
        self.scopes().get(&scope).cloned()
    }

    fn keep(&self, scope: KeyScope, records: &[DataKeyRecord]) -> Arc<ScopeKeys> {
        let before = self.kept(scope);
        let keys = ScopeKeys::of(records, |wrapped| {
            let known = before.as_ref();
            match known.and_then(|before| before.by_id.get(&wrapped.id)) {
                Some(known) => Ok(Arc::clone(known)),
                None => self.unwrap(wrapped).map(Arc::new),
            }
        });
        let keys = Arc::new(keys);
        let mut scopes = self.scopes();
        if scopes.len() >= SCOPES_KEPT {
            scopes.clear();
        }
        scopes.insert(scope, Arc::clone(&keys));
        keys
    }

    fn scopes(&self) -> std::sync::MutexGuard<'_, HashMap<KeyScope, Arc<ScopeKeys>>> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a data key with the master key that sealed it.
fn unwrap_with(keyring: &Keyring, wrapped: &WrappedDataKey) -> Result<DataKey, KeyError> {
    let master = keyring
        .master(&wrapped.master_id)
        .ok_or_else(|| KeyError::UnknownMaster {
            id: wrapped.id.clone(),
            master_id: wrapped.master_id.clone(),
        })?;
    wrap::unwrap(wrapped, master).map_err(KeyError::Damaged)
}

#[cfg(test)]
mod tests;
