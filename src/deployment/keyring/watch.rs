//! Reads the keyring again when it changed, and lets the server use the new one. One that cannot
//! be used is told of, and the keyring in use stays in use.

use super::{KeyringSource, KeyringSourceError};
use crate::app::keys::KeyCustody;
use crate::crypto::keyring::Keyring;
use crate::domain::key::KeyId;
use crate::store::Store;
use crate::sys::fs::Fingerprint;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long after a reading that failed the keyring is read again although nothing can be seen to
/// have changed: what stood in the way may be gone.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Why a keyring that was read again is not used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Source(#[from] KeyringSourceError),
    #[error("the keyring has no master key {0}, which the database needs")]
    LacksMaster(KeyId),
}

/// What is known of the keyring outside of memory.
struct Seen {
    fingerprint: Option<Option<Fingerprint>>,
    works: bool,
    read_at: Instant,
}

impl Seen {
    fn is_settled(&self, fingerprint: Option<Fingerprint>) -> bool {
        self.fingerprint == Some(fingerprint)
            && (self.works || self.read_at.elapsed() < RETRY_AFTER)
    }
}

/// Watches the keyring of a server.
pub struct KeyringWatch {
    source: KeyringSource,
    keys: Arc<KeyCustody>,
    store: Arc<dyn Store>,
    seen: Mutex<Seen>,
    /// One reading at a time, so that an older keyring never follows a newer one.
    reading: tokio::sync::Mutex<()>,
}

impl KeyringWatch {
    /// Watches from here on; `keys` use what was read from `source` right before.
    #[must_use]
    pub fn new(source: KeyringSource, keys: Arc<KeyCustody>, store: Arc<dyn Store>) -> Self {
        // Not known: the first look reads it again, so that no change in between is missed.
        let seen = Seen {
            fingerprint: None,
            works: true,
            read_at: Instant::now(),
        };
        Self {
            source,
            keys,
            store,
            seen: Mutex::new(seen),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// Reads the keyring again if it can be seen to have changed, and says whether it works.
    pub async fn look(&self) -> bool {
        let Some(fingerprint) = self.source.fingerprint() else {
            return self.seen().works;
        };
        let settled = {
            let seen = self.seen();
            seen.is_settled(fingerprint).then_some(seen.works)
        };
        match settled {
            Some(works) => works,
            None => self.read_again().await,
        }
    }

    /// Reads the keyring again, whatever its source, and says whether it works.
    pub async fn read_again(&self) -> bool {
        let _one = self.reading.lock().await;
        // Before the reading: what changes during it is seen at the next look.
        let fingerprint = self.source.fingerprint();
        let read = self.read().await;
        let works = match read {
            Ok(Some(generation)) => {
                tracing::info!(generation, "the keyring was read again and is in use");
                true
            }
            Ok(None) => true,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(
                    %error,
                    cause,
                    "the keyring was read again and cannot be used; the one before stays in use"
                );
                false
            }
        };
        *self.seen() = Seen {
            fingerprint,
            works,
            read_at: Instant::now(),
        };
        works
    }

    /// Takes a keyring into use that differs; its generation then.
    async fn read(&self) -> Result<Option<u64>, Unusable> {
        let source = self.source.clone();
        let read = tokio::task::spawn_blocking(move || source.load()).await;
        // A reading that panicked is a bug that its own message told of.
        let keyring = match read {
            Ok(read) => read?,
            Err(_) => return Ok(None),
        };
        let used = self.keys.keyring();
        if used.render() == keyring.render() {
            return Ok(None);
        }
        self.check(&keyring, &used).await?;
        let generation = keyring.generation();
        self.keys.replace_keyring(keyring);
        Ok(Some(generation))
    }

    /// Whether a keyring opens every data key of the database. While the database does not
    /// answer, it must hold at least the master key that seals now.
    async fn check(&self, keyring: &Keyring, used: &Keyring) -> Result<(), Unusable> {
        let needed = match self.store.master_key_uses().await {
            Ok(uses) => uses.into_iter().map(|(id, _)| id).collect(),
            Err(_) => vec![used.active_master().id().clone()],
        };
        match needed.into_iter().find(|id| keyring.master(id).is_none()) {
            None => Ok(()),
            Some(missing) => Err(Unusable::LacksMaster(missing)),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
