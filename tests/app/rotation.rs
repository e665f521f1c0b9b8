//! Rotations of data keys, of the master key, of the key that signs backups and of the
//! administrator's key: what is stored afterwards, what a killed run leaves, and who stands in the
//! way.

mod admin;
mod data;
mod master;
mod signing;

use crate::desk::Desk;
use embsec::app::rotation::{HolderError, KeyringChange, KeyringHolder};
use embsec::crypto::keyring::Keyring;
use embsec::domain::key::{KeyId, KeyPurpose};
use embsec::sys::rng::SeededRng;
use std::sync::Mutex;

/// A keyring in memory: kept here, or handed over to where this is told to put it.
pub(crate) struct Memory {
    now: Mutex<String>,
    handed_over: Mutex<Option<String>>,
    hands_over: bool,
}

impl Memory {
    pub(crate) fn new(desk: &Desk, hands_over: bool) -> Self {
        Self {
            now: Mutex::new(desk.keyring_text()),
            handed_over: Mutex::default(),
            hands_over,
        }
    }

    pub(crate) fn keyring(&self) -> Keyring {
        Keyring::parse(self.now.lock().unwrap().as_bytes()).unwrap()
    }

    /// What a run leaves that was killed before it activated its key; returns the key.
    pub(crate) fn leave_pending(&self, desk: &Desk, purpose: &KeyPurpose) -> KeyId {
        let rng = SeededRng::new(self.keyring().generation());
        let next = self.keyring().with_pending(purpose, &rng, &desk.clock);
        let next = next.unwrap_or_else(|error| panic!("{error}"));
        *self.now.lock().unwrap() = next.render().to_string();
        next.pending(purpose).unwrap().clone()
    }

    /// What an operator does with what was handed over.
    pub(crate) fn deliver(&self) {
        let next = self.handed_over.lock().unwrap().take().unwrap();
        *self.now.lock().unwrap() = next;
    }
}

impl KeyringHolder for Memory {
    fn read(&self) -> Result<Keyring, HolderError> {
        Ok(self.keyring())
    }

    fn hands_over(&self) -> bool {
        self.hands_over
    }

    fn change(&self, change: KeyringChange<'_>) -> Result<Keyring, HolderError> {
        let next = change(&self.keyring()).map_err(|error| HolderError(Box::new(error)))?;
        let text = next.render().to_string();
        if self.hands_over {
            *self.handed_over.lock().unwrap() = Some(text);
        } else {
            *self.now.lock().unwrap() = text;
        }
        Ok(next)
    }
}
