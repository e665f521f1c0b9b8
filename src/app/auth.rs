//! Whose key it is.
//!
//! What a caller may do is decided by the operation's access rule at the HTTP edge and by the
//! scope inside every query; here a presented key becomes a [`Caller`].

use super::error::AppResult;
use crate::crypto::token::{self, PresentedKey};
use crate::domain::access::{Caller, UserRef};
use crate::domain::user::{KeyDigest, KeyOwner, UserState};
use crate::store::Store;
use crate::sys::clock::Clock;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How long a looked-up key is believed without asking the database again. Revoking or disabling
/// a key anywhere therefore takes effect everywhere well within one second.
const BELIEVED_MILLIS: i64 = 400;

/// Keys remembered at most; beyond it the memory is emptied rather than searched for the oldest.
const REMEMBERED_KEYS: usize = 10_000;

/// Looks keys up and remembers the answer for a moment.
pub struct Authenticator {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    environment_admin_key: Option<KeyDigest>,
    remembered: KeyMemory,
}

impl Authenticator {
    /// `environment_admin_key` is the digest of an administrator key that the configuration gives,
    /// beside those in the database.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        environment_admin_key: Option<KeyDigest>,
    ) -> Self {
        Self {
            store,
            clock,
            environment_admin_key,
            remembered: KeyMemory::default(),
        }
    }

    /// Tells who presents this `Authorization` value. A leading `Bearer ` is removed, as upstream
    /// does; a bare key works too. Disabled users and unknown keys are callers of their own kind,
    /// not errors, because public projects read the same for everybody.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn caller(&self, authorization: Option<&str>) -> AppResult<Caller> {
        let Some(value) = authorization else {
            return Ok(Caller::Anonymous);
        };
        let key = value.strip_prefix("Bearer ").unwrap_or(value);
        if key.is_empty() {
            return Ok(Caller::Anonymous);
        }
        let digest = match PresentedKey::parse(key) {
            PresentedKey::Mistyped => return Ok(Caller::Unknown),
            PresentedKey::Embsec(digest)
            | PresentedKey::Hex(digest)
            | PresentedKey::Other(digest) => digest,
        };
        if let Some(admin) = &self.environment_admin_key
            && token::digests_equal(admin, &digest)
        {
            return Ok(Caller::Admin);
        }
        let now = self.clock.now();
        if let Some(caller) = self.remembered.get(&digest, now.as_millisecond()) {
            return Ok(caller);
        }
        let caller = match self.store.key_owner(&digest, now).await? {
            None => return Ok(Caller::Unknown),
            Some(KeyOwner::Admin) => Caller::Admin,
            Some(KeyOwner::User {
                id,
                handle,
                state: UserState::Active,
            }) => Caller::User(UserRef { id, handle }),
            Some(KeyOwner::User {
                id,
                handle,
                state: UserState::Disabled,
            }) => Caller::Disabled(UserRef { id, handle }),
        };
        self.remembered
            .put(digest, caller.clone(), now.as_millisecond());
        Ok(caller)
    }

    /// Forgets every key, after a change of users or keys by this process.
    pub(crate) fn forget(&self) {
        self.remembered.clear();
    }
}

/// Whose keys were looked up of late.
#[derive(Default)]
struct KeyMemory(RwLock<HashMap<KeyDigest, Remembered>>);

struct Remembered {
    caller: Caller,
    looked_up_millis: i64,
}

impl KeyMemory {
    fn get(&self, digest: &KeyDigest, now_millis: i64) -> Option<Caller> {
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = remembered.get(digest)?;
        // A clock that was set back must not keep an entry alive.
        let age = now_millis - entry.looked_up_millis;
        (0..BELIEVED_MILLIS)
            .contains(&age)
            .then(|| entry.caller.clone())
    }

    fn put(&self, digest: KeyDigest, caller: Caller, now_millis: i64) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED_KEYS {
            remembered.clear();
        }
        remembered.insert(
            digest,
            Remembered {
                caller,
                looked_up_millis: now_millis,
            },
        );
    }

    fn clear(&self) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> KeyDigest {
        token::digest(&number.to_string())
    }

    #[test]
    fn an_answer_is_believed_for_a_moment_and_not_after_the_clock_was_set_back() {
        let memory = KeyMemory::default();
        memory.put(digest(1), Caller::Admin, 1_000);
        assert_eq!(memory.get(&digest(1), 1_000), Some(Caller::Admin));
        let last = 1_000 + BELIEVED_MILLIS - 1;
        assert_eq!(memory.get(&digest(1), last), Some(Caller::Admin));
        assert_eq!(memory.get(&digest(1), last + 1), None);
        assert_eq!(memory.get(&digest(1), 999), None);
        assert_eq!(memory.get(&digest(2), 1_000), None);
        memory.clear();
        assert_eq!(memory.get(&digest(1), 1_000), None);
    }

    #[test]
    fn no_more_keys_are_remembered_than_allowed() {
        let memory = KeyMemory::default();
        for number in 0..REMEMBERED_KEYS * 2 + 1 {
            memory.put(digest(number), Caller::Admin, 0);
            assert!(memory.0.read().unwrap().len() <= REMEMBERED_KEYS);
        }
        // The newest is always among them.
        assert!(memory.get(&digest(REMEMBERED_KEYS * 2), 0).is_some());
    }
}
