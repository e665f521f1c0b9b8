//! A new key of the keyring, whatever it is for: made while it is pending, and the active one at the
//! end. What is proven of it between the two is known to each rotation.

use super::{KeyringHolder, RotationError, record_phase};
use crate::app::{App, Call};
use crate::crypto::keyring::Keyring;
use crate::domain::audit::{Action, Outcome};
use crate::domain::key::{KeyId, KeyPurpose};

/// Makes and activates one, and records each step.
pub(super) struct NewKey<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
    pub(super) holder: &'a dyn KeyringHolder,
    pub(super) action: Action,
    pub(super) purpose: KeyPurpose,
}

impl NewKey<'_> {
    /// The next keyring, with a new key that is pending.
    pub(super) async fn make(&self) -> Result<Keyring, RotationError> {
        let (rng, clock) = (self.app.rng.as_ref(), self.app.clock.as_ref());
        self.record("begun", None, Outcome::Success).await?;
        let made = self
            .holder
            .change(&|keyring| keyring.with_pending(&self.purpose, rng, clock));
        match made {
            Ok(next) => {
                let id = next.pending(&self.purpose).cloned();
                let id = id.ok_or_else(|| RotationError::Unsettled("the keyring".to_owned()))?;
                self.record("made", Some(&id), Outcome::Success).await?;
                Ok(next)
            }
            Err(error) => {
                self.record("begun", None, Outcome::Error).await?;
                Err(error.into())
            }
        }
    }

    /// Has the key take the place of the active one, in the keyring and in this process.
    pub(super) async fn activate(&self, key: &KeyId) -> Result<(), RotationError> {
        self.record("activated", Some(key), Outcome::Success)
            .await?;
        let clock = self.app.clock.as_ref();
        let activated = self
            .holder
            .change(&|keyring| keyring.with_activated(key, clock));
        match activated {
            Ok(next) => {
                self.app.keys.replace_keyring(next);
                Ok(())
            }
            Err(error) => {
                self.record("activated", Some(key), Outcome::Error).await?;
                Err(error.into())
            }
        }
    }

    async fn record(
        &self,
        phase: &str,
        key: Option<&KeyId>,
        outcome: Outcome,
    ) -> Result<(), RotationError> {
        record_phase(self.app, self.call, self.action, phase, key, outcome).await
    }
}
