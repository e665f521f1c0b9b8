//! The key that signs backups: the first one of a deployment, and the next in its place. What was
//! signed stays as it is, and the keys before go on verifying it.

use super::{KeyringHolder, NewKey, RotationError};
use crate::app::{App, Call};
use crate::crypto::keyring::Keyring;
use crate::crypto::signing::{SigningKey, VerifyingKey};
use crate::domain::audit::Action;
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
        let run = SigningRun(NewKey {
            app: self,
            call,
            holder,
            action: Action::SigningKeyRotate,
            purpose: KeyPurpose::BackupSigning,
        });
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

struct SigningRun<'a>(NewKey<'a>);

impl SigningRun<'_> {
    async fn run(&self, step: SigningStep) -> Result<NewSigningKey, RotationError> {
        let before = self.0.holder.read()?;
        let former = fitting(&before, step)?.cloned();
        let resumed = before.pending_signing_key().is_some();
        let keyring = if resumed {
            before
        } else {
            self.0.make().await?
        };
        let pending = pending(&keyring)?;
        let mut new = NewSigningKey {
            former,
            key_id: pending.id().clone(),
            public_key: pending.verifying_key(),
            resumed,
            state: SigningState::Active,
        };
        if !resumed && self.0.holder.hands_over() {
            new.state = SigningState::HandedOverPending;
            return Ok(new);
        }
        self.prove(pending)?;
        self.0.activate(&new.key_id).await?;
        if self.0.holder.hands_over() {
            new.state = SigningState::HandedOverActive;
        }
        Ok(new)
    }

    /// A key that is read from where the keyring is kept verifies what the key in hand signed, and
    /// the other way round.
    fn prove(&self, in_hand: &SigningKey) -> Result<(), RotationError> {
        let failed = || RotationError::SigningChallenge(in_hand.id().clone());
        let mut challenge = [0; CHALLENGE_BYTES];
        self.0.app.rng.fill(&mut challenge)?;
        let read = self.0.holder.read()?;
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
}

fn pending(keyring: &Keyring) -> Result<&SigningKey, RotationError> {
    keyring
        .pending_signing_key()
        .ok_or_else(|| RotationError::Unsettled("the keyring".to_owned()))
}
