//! Instances: owned copies of a definition, with endpoint, model and the provider's key.

use super::definitions::target_missing;
use super::error::{AppError, AppResult};
use super::recorder::Recorder;
use super::{App, Call};
use crate::crypto::provider_key;
use crate::crypto::secret::DataKey;
use crate::domain::access::{Caller, ObjectPath, Scope, Share};
use crate::domain::ids::{Handle, InstanceId};
use crate::domain::key::{KeyScope, SealedField};
use crate::domain::llm::{Instance, InstanceBrief, InstanceSpec, LlmSettings, ProviderKeyChange};
use crate::domain::page::Page;
use crate::store::{Conflict, HookError, InstanceSealer, Missing, StoredKeyChange};
use crate::sys::rng::Rng;
use jiff::Timestamp;
use secrecy::SecretString;
use std::sync::Arc;

impl App {
    /// What `owner` owns and what is shared with them.
    ///
    /// # Errors
    ///
    /// When nothing is on the page, or the database fails.
    pub async fn list_instances(
        &self,
        owner: &Handle,
        page: Page,
    ) -> AppResult<Vec<InstanceBrief>> {
        let instances = self.store.list_instances(owner, page).await?;
        if instances.is_empty() {
            return Err(AppError::Empty(format!(
                "no instances found for user {owner}."
            )));
        }
        Ok(instances)
    }

    /// One instance. The administrator owns none and is refused, as upstream has it.
    ///
    /// # Errors
    ///
    /// [`Missing::Instance`], [`AppError::Forbidden`], or when the database fails.
    pub async fn instance(&self, call: &Call, path: &ObjectPath) -> AppResult<Instance> {
        let found = self.store.instance(path, call.scope()).await?;
        let instance = found.ok_or_else(|| Missing::Instance(path.clone()))?;
        if matches!(call.caller, Caller::Admin) {
            return Err(AppError::Forbidden("this instance is not shared with you"));
        }
        Ok(instance)
    }

    /// One instance whoever asks, for an operation whose access rule has been checked.
    ///
    /// # Errors
    ///
    /// [`Missing::Instance`], or when the database fails.
    pub async fn instance_as_stored(&self, path: &ObjectPath) -> AppResult<Instance> {
        let found = self.store.instance(path, Scope::Admin).await?;
        found.ok_or_else(|| Missing::Instance(path.clone()).into())
    }

    /// Creates or replaces an instance.
    ///
    /// # Errors
    ///
    /// [`Missing::User`], [`Missing::Definition`], [`AppError::Forbidden`] for a definition that
    /// the owner may not use, an unknown API standard, or when the database fails.
    pub async fn put_instance(
        &self,
        call: &Call,
        spec: &InstanceSpec,
        key: ProviderKeyChange,
    ) -> AppResult<InstanceId> {
        if let Some(definition) = &spec.definition {
            self.usable_definition(&spec.path.owner, definition).await?;
        }
        let recorder = self.recorder(call);
        let now = self.clock.now();
        match key {
            ProviderKeyChange::Keep => {
                let change = StoredKeyChange::Keep;
                Ok(self
                    .store
                    .put_instance(spec, change, now, &recorder)
                    .await?)
            }
            ProviderKeyChange::Remove => {
                let change = StoredKeyChange::Remove;
                Ok(self
                    .store
                    .put_instance(spec, change, now, &recorder)
                    .await?)
            }
            ProviderKeyChange::Set(provider_key) => {
                let put = self.put_with_key(spec, &provider_key, now, &recorder);
                match put.await {
                    // Another key seals now than the one that is known here.
                    Err(AppError::Conflict(Conflict::KeyChanged)) => {
                        self.keys.forget(KeyScope::System);
                        self.put_with_key(spec, &provider_key, now, &recorder).await
                    }
                    other => other,
                }
            }
        }
    }

    async fn put_with_key(
        &self,
        spec: &InstanceSpec,
        provider_key: &SecretString,
        now: Timestamp,
        recorder: &Recorder,
    ) -> AppResult<InstanceId> {
        let sealer = ProviderKeySealer {
            provider_key,
            key: self.keys.active(KeyScope::System).await?,
            rng: self.rng.as_ref(),
        };
        let change = StoredKeyChange::Set(&sealer);
        Ok(self.store.put_instance(spec, change, now, recorder).await?)
    }

    /// Creates an instance from a definition: what the request leaves out is inherited.
    ///
    /// # Errors
    ///
    /// As [`Self::put_instance`].
    pub async fn put_instance_from_definition(
        &self,
        call: &Call,
        path: ObjectPath,
        definition: ObjectPath,
        given: LlmSettings,
        key: ProviderKeyChange,
    ) -> AppResult<InstanceId> {
        let template = self
            .usable_definition(&path.owner, &definition)
            .await?
            .settings;
        let settings = LlmSettings {
            endpoint: given.endpoint.or(template.endpoint),
            description: given.description.or(template.description),
            api_standard: given.api_standard.or(template.api_standard),
            model: given.model.or(template.model),
            dimensions: given.dimensions.or(template.dimensions),
            context_limit: given.context_limit.or(template.context_limit),
        };
        let spec = InstanceSpec {
            path,
            definition: Some(definition),
            settings,
        };
        self.put_instance(call, &spec, key).await
    }

    /// A definition that `user` may make instances from: their own, shared with them, or public.
    async fn usable_definition(
        &self,
        user: &Handle,
        path: &ObjectPath,
    ) -> AppResult<crate::domain::llm::Definition> {
        let found = self.store.definition(path, Scope::Admin).await?;
        let definition = found.ok_or_else(|| Missing::Definition(path.clone()))?;
        if definition.is_public || path.owner == *user {
            return Ok(definition);
        }
        let owner = self.store.user(user, self.clock.now()).await?;
        let owner = owner.ok_or_else(|| Missing::User(user.clone()))?;
        if self.store.definition_role(path, owner.id).await?.is_none() {
            return Err(AppError::Forbidden(
                "this definition is not shared with you",
            ));
        }
        Ok(definition)
    }

    /// Deletes an instance. Only its owner may; the administrator is refused, as upstream has it.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Instance`], a conflict while it is used, or when the
    /// database fails.
    pub async fn delete_instance(&self, call: &Call, path: &ObjectPath) -> AppResult<()> {
        self.instance(call, path).await?;
        Ok(self
            .store
            .delete_instance(path, self.clock.now(), &self.recorder(call))
            .await?)
    }

    /// Shares an instance. Only its owner may.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`AppError::MissingTarget`], [`Missing::Instance`].
    pub async fn share_instance(
        &self,
        call: &Call,
        path: &ObjectPath,
        share: &Share,
    ) -> AppResult<()> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden("only the instance owner can share it"));
        }
        if share.user_handle == path.owner {
            return Err(AppError::Invalid(
                "cannot share instance with owner".to_owned(),
            ));
        }
        let recorder = self.recorder(call);
        let shared = self
            .store
            .share_instance(path, share, self.clock.now(), &recorder)
            .await;
        shared.map_err(|error| target_missing(error.into(), &share.user_handle))
    }

    /// Takes a share back.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Share`], [`Missing::Instance`].
    pub async fn unshare_instance(
        &self,
        call: &Call,
        path: &ObjectPath,
        with: &Handle,
    ) -> AppResult<()> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the instance owner can unshare it",
            ));
        }
        Ok(self
            .store
            .unshare_instance(path, with, &self.recorder(call))
            .await?)
    }

    /// Everyone an instance is shared with. Only its owner may ask.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Instance`], or when the database fails.
    pub async fn instance_shares(
        &self,
        call: &Call,
        path: &ObjectPath,
        page: Page,
    ) -> AppResult<Vec<Share>> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the instance owner can view shared users list",
            ));
        }
        Ok(self.store.instance_shares(path, page).await?)
    }
}

/// Seals one provider key under the data key of the scope `system`, bound to its instance.
struct ProviderKeySealer<'a> {
    provider_key: &'a SecretString,
    key: Arc<DataKey>,
    rng: &'a dyn Rng,
}

impl InstanceSealer for ProviderKeySealer<'_> {
    fn seal(&self, id: InstanceId) -> Result<SealedField, HookError> {
        provider_key::seal(self.provider_key, id, &self.key, self.rng)
            .map_err(|error| HookError(Box::new(error)))
    }
}
