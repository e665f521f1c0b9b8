//! The key that signs backups: the first one of a deployment, and the next in its place. What was
//! signed stays as it is, and the keys before go on verifying it.

use super::{KeyringHolder, RotationError, record_phase};
use crate::app::{App, Call};
use crate::crypto::keyring::Keyring;
use crate::crypto::signing::{SigningKey, VerifyingKey};
use crate::domain::audit::{Action, Outcome};
use crate::domain::key::{KeyId, KeyPurpose};

/// What only one process does at a time.
const SIGNING_ROTATION: &str = "a change of the key that signs backups";
/// Sets what a new key is tried with apart from everything that it will sign.
const CHALLENGE_LABEL: &str = "embsec/signing-challenge/v1";
/// How much of it there is, in bytes.
const CHALLENGE_BYTES: usize = 32;

/// Which key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningStep {
    /// The first one of a deployment that has none that signs.
    First,
    /// One in the place of the one that signs.
    Next,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningPlan {
    /// The key that signs now.
    pub active: Option<KeyId>,
    /// The key that an earlier run made, if one did.
    pub pending: Option<KeyId>,
}

/// A new key, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSigningKey {
    /// The key before, which only verifies now.
    pub former: Option<KeyId>,
    /// The new key.
    pub key_id: KeyId,
    /// Its public half.
    pub public_key: VerifyingKey,
    /// Whether an earlier run had made the key.
    pub resumed: bool,
    /// How far it has come.
    pub state: SigningState,
}

/// How far a new key has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningState {
    /// It signs.
    Active,
    /// The next keyring was handed over, in which it is pending. When that is in its place, a
    /// further run goes on.
    HandedOverPending,
    /// Everything is done, and the next keyring was handed over, in which it signs.
    HandedOverActive,
}

impl App {
    /// What [`Self::make_signing_key`] would do.
    ///
    /// # Errors
    ///
    /// [`RotationError::AlreadySigns`], [`RotationError::NothingSigns`], or when the keyring
    /// cannot be read.
    pub fn plan_signing_key(
        &self,
        holder: &dyn KeyringHolder,
        step: SigningStep,
    ) -> Result<SigningPlan, RotationError> {
        let keyring = holder.read()?;
        Ok(SigningPlan {
            active: fitting(&keyring, step)?.cloned(),
            pending: keyring.pending(&KeyPurpose::BackupSigning).cloned(),
        })
    }

    /// Makes a key that signs backups: durable while it is pending, read back, tried, and only then
    /// the active one. Goes on with one that an earlier run made.
    ///
    /// # Errors
    ///
    /// [`RotationError::AlreadySigns`] and [`RotationError::NothingSigns`] when it is the other
    /// step that is meant; any other [`RotationError`].
    pub async fn make_signing_key(
        &self,
        call: &Call,
        holder: &dyn KeyringHolder,
        step: SigningStep,
    ) -> Result<NewSigningKey, RotationError> {
        let lease = self.take_lease(SIGNING_ROTATION).await?;
        let run = SigningRun {
            app: self,
            call,
            holder,
        };
        let done = run.run(step).await;
        let released = lease.release().await;
        let done = done?;
        released?;
        Ok(done)
    }
}

/// The key that signs, if it fits the step.
fn fitting(keyring: &Keyring, step: SigningStep) -> Result<Option<&KeyId>, RotationError> {
    let active = keyring.active(&KeyPurpose::BackupSigning);
    match (step, active) {
        (SigningStep::First, Some(id)) => Err(RotationError::AlreadySigns(id.clone())),
        (SigningStep::Next, None) => Err(RotationError::NothingSigns),
        _ => Ok(active),
    }
}

struct SigningRun<'a> {
    app: &'a App,
    call: &'a Call,
    holder: &'a dyn KeyringHolder,
}

impl SigningRun<'_> {
    async fn run(&self, step: SigningStep) -> Result<NewSigningKey, RotationError> {
        let before = self.holder.read()?;
        let former = fitting(&before, step)?.cloned();
        let resumed = before.pending_signing_key().is_some();
        let keyring = if resumed { before } else { self.make().await? };
        let pending = pending(&keyring)?;
        let mut new = NewSigningKey {
            former,
            key_id: pending.id().clone(),
            public_key: pending.verifying_key(),
            resumed,
            state: SigningState::Active,
        };
        if !resumed && self.holder.hands_over() {
            new.state = SigningState::HandedOverPending;
            return Ok(new);
        }
        self.prove(pending)?;
        self.activate(&new.key_id).await?;
        if self.holder.hands_over() {
            new.state = SigningState::HandedOverActive;
        }
        Ok(new)
    }

    /// The next keyring, with a new key that is pending.
    async fn make(&self) -> Result<Keyring, RotationError> {
        let (rng, clock) = (self.app.rng.as_ref(), self.app.clock.as_ref());
        self.record("begun", None, Outcome::Success).await?;
        let made = self
            .holder
            .change(&|keyring| keyring.with_pending(&KeyPurpose::BackupSigning, rng, clock));
        match made {
            Ok(next) => {
                let id = pending(&next)?.id().clone();
                self.record("made", Some(&id), Outcome::Success).await?;
                Ok(next)
            }
            Err(error) => {
                self.record("begun", None, Outcome::Error).await?;
                Err(error.into())
            }
        }
    }

    /// A key that is read from where the keyring is kept verifies what the key in hand signed, and
    /// the other way round.
    fn prove(&self, in_hand: &SigningKey) -> Result<(), RotationError> {
        let failed = || RotationError::SigningChallenge(in_hand.id().clone());
        let mut challenge = [0; CHALLENGE_BYTES];
        self.app.rng.fill(&mut challenge)?;
        let read = self.holder.read()?;
        let read = read
            .pending_signing_key()
            .filter(|key| key.id() == in_hand.id())
            .ok_or_else(failed)?;
        for (signs, verifies) in [(in_hand, read), (read, in_hand)] {
            let parts = [&challenge[..]];
            let signature = signs.sign(CHALLENGE_LABEL, &parts).map_err(|_| failed())?;
            verifies
                .verifying_key()
                .verify(CHALLENGE_LABEL, &parts, &signature)
                .map_err(|_| failed())?;
        }
        Ok(())
    }

    async fn activate(&self, key: &KeyId) -> Result<(), RotationError> {
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
        let action = Action::SigningKeyRotate;
        record_phase(self.app, self.call, action, phase, key, outcome).await
    }
}

fn pending(keyring: &Keyring) -> Result<&SigningKey, RotationError> {
    keyring
        .pending_signing_key()
        .ok_or_else(|| RotationError::Unsettled("the keyring".to_owned()))
}
