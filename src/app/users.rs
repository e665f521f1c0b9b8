//! Users and their API keys.

use super::error::{AppError, AppResult};
use super::{App, Call, KeyFormat};
use crate::crypto::token::ApiKey;
use crate::domain::ids::{Handle, HandleError};
use crate::domain::page::Page;
use crate::domain::user::{User, UserSpec, UserState, UserSummary};
use crate::store::{Conflict, Missing, Put, PutMode};
use jiff::{SignedDuration, Timestamp};

/// What became of a put.
pub enum PutUser {
    /// The user is new, and this is their key; it is not kept and cannot be shown again.
    Created(ApiKey),
    /// The user was there; their keys are as they were.
    Updated,
}

/// A replaced key.
pub struct RotatedKey {
    /// The new key; it is not kept and cannot be shown again.
    pub api_key: ApiKey,
    /// Until when the key before still works; `None` when it ended at once.
    pub grace_until: Option<Timestamp>,
}

impl App {
    /// Users in list order. An empty page is [`AppError::Empty`].
    ///
    /// # Errors
    ///
    /// When nothing is on the page, or the database fails.
    pub async fn list_users(&self, page: Page) -> AppResult<Vec<UserSummary>> {
        let users = self.store.list_users(page).await?;
        if users.is_empty() {
            return Err(AppError::Empty("no users found.".to_owned()));
        }
        Ok(users)
    }

    /// One user.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], or when the database fails.
    pub async fn user(&self, handle: &Handle) -> AppResult<User> {
        let user = self.store.user(handle, self.clock.now()).await?;
        user.ok_or_else(|| Missing::User(handle.clone()).into())
    }

    /// Every user, in list order, for the console; nobody is no error.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn all_users(&self) -> AppResult<Vec<UserSummary>> {
        Ok(self.store.list_users(Page::ALL).await?)
    }

    /// Whether a user of this handle could be created.
    ///
    /// # Errors
    ///
    /// A reserved or taken handle, or when the database fails.
    pub async fn check_new_user(&self, spec: &UserSpec) -> AppResult<()> {
        Handle::parse_for_new_user(spec.handle.as_str()).map_err(|error| reserved(&error))?;
        match self.store.user(&spec.handle, self.clock.now()).await? {
            Some(user) => Err(Conflict::UserExists(user.handle).into()),
            None => Ok(()),
        }
    }

    /// Creates a user with a fresh key, or changes name and e-mail address.
    ///
    /// # Errors
    ///
    /// A reserved handle, a taken e-mail address, an existing user with [`PutMode::CreateOnly`].
    pub async fn put_user(
        &self,
        call: &Call,
        spec: &UserSpec,
        mode: PutMode,
    ) -> AppResult<PutUser> {
        Handle::parse_for_new_user(spec.handle.as_str()).map_err(|error| reserved(&error))?;
        let api_key = self.new_api_key()?;
        let digest = api_key.digest();
        let recorder = self.recorder(call);
        let put = self
            .store
            .put_user(spec, &digest, mode, self.clock.now(), &recorder)
            .await?;
        self.authenticator.forget();
        Ok(match put {
            Put::Created => PutUser::Created(api_key),
            Put::Updated => PutUser::Updated,
        })
    }

    /// Gives a user a new key. The keys before end after `grace`, at once when it is zero.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], a grace window out of range, or when the database fails.
    pub async fn rotate_user_key(
        &self,
        call: &Call,
        handle: &Handle,
        grace: SignedDuration,
    ) -> AppResult<RotatedKey> {
        let now = self.clock.now();
        let old_keys_end = now
            .checked_add(grace)
            .map_err(|_| AppError::Invalid("the grace window is too long".to_owned()))?;
        let api_key = self.new_api_key()?;
        let digest = api_key.digest();
        let recorder = self.recorder(call);
        self.store
            .replace_user_key(handle, &digest, old_keys_end, now, &recorder)
            .await?;
        self.authenticator.forget();
        Ok(RotatedKey {
            api_key,
            grace_until: (!grace.is_zero()).then_some(old_keys_end),
        })
    }

    /// Disables or enables a user. Returns whether anything changed.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], or when the database fails.
    pub async fn set_user_state(
        &self,
        call: &Call,
        handle: &Handle,
        state: UserState,
    ) -> AppResult<bool> {
        let recorder = self.recorder(call);
        let changed = self
            .store
            .set_user_state(handle, state, self.clock.now(), &recorder)
            .await?;
        self.authenticator.forget();
        Ok(changed)
    }

    /// Deletes a user with everything they own. The data keys of their projects are destroyed at
    /// their time.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], a conflict while other people's projects use the user's instances, or
    /// when the database fails.
    pub async fn delete_user(&self, call: &Call, handle: &Handle) -> AppResult<()> {
        let (now, recorder) = (self.clock.now(), self.recorder(call));
        self.store
            .delete_user(handle, now, self.destroy_after(now), &recorder)
            .await?;
        self.authenticator.forget();
        Ok(())
    }

    fn new_api_key(&self) -> AppResult<ApiKey> {
        let made = match self.settings.key_format {
            KeyFormat::Embsec => ApiKey::generate(self.rng.as_ref()),
            KeyFormat::Hex => ApiKey::generate_hex(self.rng.as_ref()),
        };
        made.map_err(|error| AppError::Internal(Box::new(error)))
    }
}

fn reserved(error: &HandleError) -> AppError {
    AppError::field("body.user_handle", error.to_string())
}
