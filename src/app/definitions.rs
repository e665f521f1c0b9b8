//! Definitions: shareable templates of LLM services, without a secret.

use super::error::{AppError, AppResult};
use super::{App, Call};
use crate::domain::access::{Caller, ObjectPath, Scope};
use crate::domain::ids::Handle;
use crate::domain::llm::{Definition, DefinitionSpec};
use crate::domain::page::Page;
use crate::store::Missing;

impl App {
    /// What `owner` owns, what is shared with them, and what `_system` offers.
    ///
    /// # Errors
    ///
    /// When nothing is on the page, or the database fails.
    pub async fn list_definitions(&self, owner: &Handle, page: Page) -> AppResult<Vec<Definition>> {
        let definitions = self.store.list_definitions(owner, page).await?;
        if definitions.is_empty() {
            return Err(AppError::Empty(format!(
                "no definitions found for user {owner}."
            )));
        }
        Ok(definitions)
    }

    /// One definition. The administrator sees public ones only, as upstream has it.
    ///
    /// # Errors
    ///
    /// [`Missing::Definition`], [`AppError::Forbidden`], or when the database fails.
    pub async fn definition(&self, call: &Call, path: &ObjectPath) -> AppResult<Definition> {
        let found = self.store.definition(path, call.scope()).await?;
        let definition = found.ok_or_else(|| Missing::Definition(path.clone()))?;
        if matches!(call.caller, Caller::Admin) && !definition.is_public {
            return Err(AppError::Forbidden(
                "this definition is not shared with you",
            ));
        }
        Ok(definition)
    }

    /// One definition whoever asks, for an operation whose access rule has been checked.
    ///
    /// # Errors
    ///
    /// [`Missing::Definition`], or when the database fails.
    pub async fn definition_as_stored(&self, path: &ObjectPath) -> AppResult<Definition> {
        let found = self.store.definition(path, Scope::Admin).await?;
        found.ok_or_else(|| Missing::Definition(path.clone()).into())
    }

    /// Creates or replaces a definition.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], an unknown API standard, or when the database fails.
    pub async fn put_definition(
        &self,
        call: &Call,
        spec: &DefinitionSpec,
    ) -> AppResult<Definition> {
        let recorder = self.recorder(call);
        Ok(self
            .store
            .put_definition(spec, self.clock.now(), &recorder)
            .await?)
    }

    /// Deletes a definition; instances made from it stay.
    ///
    /// # Errors
    ///
    /// [`Missing::Definition`], or when the database fails.
    pub async fn delete_definition(&self, call: &Call, path: &ObjectPath) -> AppResult<()> {
        Ok(self
            .store
            .delete_definition(path, &self.recorder(call))
            .await?)
    }

    /// Shares a definition; returns everyone it is shared with. Only its owner may.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`AppError::MissingTarget`], [`Missing::Definition`].
    pub async fn share_definition(
        &self,
        call: &Call,
        path: &ObjectPath,
        with: &Handle,
    ) -> AppResult<Vec<Handle>> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the definition owner can share it",
            ));
        }
        if *with == path.owner {
            return Err(AppError::Invalid(
                "cannot share definition with owner".to_owned(),
            ));
        }
        let recorder = self.recorder(call);
        let shared = self
            .store
            .share_definition(path, with, self.clock.now(), &recorder)
            .await;
        shared.map_err(|error| target_missing(error.into(), with))
    }

    /// Takes a share back; no error when it was not shared, as upstream has it.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Definition`], or when the database fails.
    pub async fn unshare_definition(
        &self,
        call: &Call,
        path: &ObjectPath,
        with: &Handle,
    ) -> AppResult<()> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the definition owner can unshare it",
            ));
        }
        self.store
            .unshare_definition(path, with, &self.recorder(call))
            .await?;
        Ok(())
    }

    /// Everyone a definition is shared with. Only its owner may ask.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Definition`], or when the database fails.
    pub async fn definition_shares(
        &self,
        call: &Call,
        path: &ObjectPath,
        page: Page,
    ) -> AppResult<Vec<Handle>> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the definition owner can view shared users list",
            ));
        }
        Ok(self.store.definition_shares(path, page).await?)
    }
}

/// Turns "no such user" into "no such user to share with", which is the caller's mistake.
pub(super) fn target_missing(error: AppError, target: &Handle) -> AppError {
    match error {
        AppError::Missing(Missing::User(handle)) if handle == *target => {
            AppError::MissingTarget(handle)
        }
        other => other,
    }
}
