//! The administrator's key, whose digest is in the database.

use crate::app::error::{AppError, AppResult};
use crate::app::{App, Call, KeyFormat};
use crate::crypto::token::ApiKey;
use jiff::{SignedDuration, Timestamp};

/// A new administrator's key that waits to be taken into use.
pub struct RotatedAdminKey {
    /// The key; it is not kept and cannot be shown again.
    pub api_key: ApiKey,
    /// Until when the keys before still work; `None` when they end at once.
    pub grace_until: Option<Timestamp>,
}

impl App {
    /// Makes an administrator's key that is not in use yet, so that it can be made durable first.
    ///
    /// # Errors
    ///
    /// A grace window out of range, or when there is no randomness.
    pub fn new_admin_key(&self, grace: SignedDuration) -> AppResult<RotatedAdminKey> {
        let made = match self.settings.key_format {
            KeyFormat::Embsec => ApiKey::generate(self.rng.as_ref()),
            KeyFormat::Hex => ApiKey::generate_hex(self.rng.as_ref()),
        };
        let until = self
            .clock
            .now()
            .checked_add(grace)
            .map_err(|_| AppError::Invalid("the grace window is too long".to_owned()))?;
        Ok(RotatedAdminKey {
            api_key: made.map_err(|error| AppError::Internal(Box::new(error)))?,
            grace_until: (!grace.is_zero()).then_some(until),
        })
    }

    /// Takes a new administrator's key into use. The keys before end with its grace window.
    ///
    /// # Errors
    ///
    /// When the audit log or the database fails; the keys before are good as they were then.
    pub async fn replace_admin_key(&self, call: &Call, new: &RotatedAdminKey) -> AppResult<()> {
        let now = self.clock.now();
        let old_keys_end = new.grace_until.unwrap_or(now);
        let recorder = self.recorder(call);
        self.store
            .replace_admin_key(&new.api_key.digest(), old_keys_end, now, &recorder)
            .await?;
        self.authenticator.forget();
        Ok(())
    }
}
