//! Uploading, reading and deleting embeddings.

use super::error::{AppError, AppResult, FieldError};
use super::{App, Call, metadata};
use crate::domain::access::{Need, ObjectPath};
use crate::domain::embedding::{Embedding, Metadata, NewEmbedding, UploadTarget};
use crate::domain::ids::Handle;
use crate::domain::key::KeyScope;
use crate::domain::limits::TEXT_ID_MAX_CHARS;
use crate::domain::page::Page;
use crate::domain::project::{ProjectContext, ProjectInstance};
use crate::store::{Conflict, Missing, StoreError, UploadBatch};
use crate::vector::HalfVector;

/// One item of an upload, as the client sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadItem {
    /// The client's name of the text.
    pub text_id: String,
    /// The project's owner, as the item says; must be the path's.
    pub user_handle: String,
    /// The project, as the item says; must be the path's.
    pub project_handle: String,
    /// Handle of the instance that made the vector.
    pub instance_handle: String,
    /// The text.
    pub text: Option<String>,
    /// The vector.
    pub vector: Vec<f32>,
    /// Its dimension, as the item says.
    pub vector_dim: i64,
    /// Metadata.
    pub metadata: Option<Metadata>,
}

/// How often an upload is prepared when the project's settings or its data key change under it.
/// The first upload to a project makes its key, which is such a change.
const UPLOAD_ATTEMPTS: usize = 4;

impl App {
    /// Uploads a batch as a whole or not at all. Returns the text ids in the order given.
    ///
    /// # Errors
    ///
    /// What is wrong with the first item that is wrong, [`Missing::Project`], or a failure of the
    /// database or the audit log; nothing is stored then.
    pub async fn upload_embeddings(
        &self,
        call: &Call,
        path: &ObjectPath,
        items: &[UploadItem],
    ) -> AppResult<Vec<String>> {
        for _ in 1..UPLOAD_ATTEMPTS {
            match self.try_upload(call, path, items).await {
                Err(AppError::Conflict(Conflict::SettingsChanged | Conflict::KeyChanged)) => {}
                other => return other,
            }
        }
        self.try_upload(call, path, items).await
    }

    async fn try_upload(
        &self,
        call: &Call,
        path: &ObjectPath,
        items: &[UploadItem],
    ) -> AppResult<Vec<String>> {
        let scope = call.scope();
        let project = self.store.project_context(path, scope, Need::Write).await?;
        let project = project.ok_or_else(|| Missing::Project(path.clone()))?;
        let instance = project.instance.as_ref().ok_or_else(no_instance)?;
        let scheme = project
            .metadata_scheme
            .as_deref()
            .map(metadata::Scheme::compile);
        // A schema stored before embsec checked schemas may be none; upstream answers 400 here.
        let scheme = scheme.transpose().map_err(|error| match error {
            AppError::Fields(errors) => AppError::Invalid(format!(
                "failed to validate metadata against schema: {}",
                errors
                    .first()
                    .map_or("invalid schema", |error| &error.message)
            )),
            other => other,
        })?;
        if let Some(scheme) = &scheme {
            check_work(scheme, items)?;
        }
        let mut rows = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            rows.push(check_item(
                index,
                item,
                &project,
                instance,
                scheme.as_ref(),
            )?);
        }
        let target = UploadTarget {
            project_id: project.id,
            instance_id: instance.id,
            settings_revision: project.settings_revision,
            metadata_required: scheme.is_some(),
        };
        let recorder = self.recorder(call);
        let sealer = self.content_sealer(&project, &rows).await?;
        let batch = UploadBatch {
            rows: &rows,
            content: &sealer,
        };
        let now = self.clock.now();
        let uploaded = self
            .store
            .upload_embeddings(path, scope, target, batch, now, &recorder)
            .await;
        match uploaded {
            Ok(()) => Ok(items.iter().map(|item| item.text_id.clone()).collect()),
            Err(error) => Err(self.refused_upload(&project, error).await?),
        }
    }

    /// What becomes of an upload that the store refused. Keys that are not those of the database
    /// any more are forgotten, so that the next attempt asks for them.
    async fn refused_upload(
        &self,
        project: &ProjectContext,
        error: StoreError,
    ) -> AppResult<AppError> {
        let scope = KeyScope::Project(project.id);
        match error {
            StoreError::Conflict(Conflict::SettingsChanged | Conflict::KeyChanged) => {
                self.keys.forget(scope);
                Ok(error.into())
            }
            StoreError::Unreadable(unreadable) => {
                let known = self.keys.of_scope(scope).await?;
                let key = unreadable.source.unknown_key();
                if let Some(id) = key.filter(|id| known.key(id).is_none())
                    && self.keys.refresh(scope).await?.key(id).is_some()
                {
                    return Ok(Conflict::KeyChanged.into());
                }
                self.unreadable(project.id, unreadable, 0).await
            }
            other => Ok(metadata_required(other)),
        }
    }

    /// Embeddings of a project, by text id in byte order.
    ///
    /// # Errors
    ///
    /// When nothing is on the page, when the database fails, and [`AppError::Unreadable`] when an
    /// embedding of the page does not open.
    pub async fn list_embeddings(
        &self,
        call: &Call,
        path: &ObjectPath,
        page: Page,
    ) -> AppResult<Vec<Embedding>> {
        let stored = self.store.list_embeddings(path, call.scope(), page).await?;
        let embeddings = self.open_embeddings(stored).await?;
        if embeddings.is_empty() {
            let (user, project) = (&path.owner, &path.handle);
            return Err(AppError::Empty(format!(
                "no embeddings found for user {user}, project {project}."
            )));
        }
        Ok(embeddings)
    }

    /// One embedding: the first of the spellings of its id that the project holds.
    ///
    /// # Errors
    ///
    /// [`Missing::Embedding`], [`AppError::Unreadable`], or when the database fails.
    pub async fn embedding(
        &self,
        call: &Call,
        path: &ObjectPath,
        text_ids: &[String],
    ) -> AppResult<Embedding> {
        let found = self.store.embedding(path, call.scope(), text_ids).await?;
        let opened = self.open_embeddings(Vec::from_iter(found)).await?;
        let found = opened.into_iter().next();
        found.ok_or_else(|| missing_embedding(text_ids))
    }

    /// Deletes one embedding.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], [`Missing::Embedding`], or when the database fails.
    pub async fn delete_embedding(
        &self,
        call: &Call,
        path: &ObjectPath,
        text_ids: &[String],
    ) -> AppResult<()> {
        let recorder = self.recorder(call);
        Ok(self
            .store
            .delete_embedding(path, call.scope(), text_ids, &recorder)
            .await?)
    }

    /// Deletes all embeddings of a project.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], or when the database fails.
    pub async fn delete_embeddings(&self, call: &Call, path: &ObjectPath) -> AppResult<u64> {
        let recorder = self.recorder(call);
        Ok(self
            .store
            .delete_embeddings(path, call.scope(), &recorder)
            .await?)
    }
}

pub(super) fn missing_embedding(text_ids: &[String]) -> AppError {
    Missing::Embedding(text_ids.last().cloned().unwrap_or_default()).into()
}

pub(super) fn no_instance() -> AppError {
    AppError::Invalid("project does not have an associated LLM service instance".to_owned())
}

fn metadata_required(error: StoreError) -> AppError {
    match error {
        StoreError::Conflict(Conflict::MetadataRequired(text_id)) => AppError::Invalid(format!(
            "metadata validation failed for text_id '{text_id}': metadata is required when \
             project has a metadata schema defined"
        )),
        other => other.into(),
    }
}

fn check_item(
    index: usize,
    item: &UploadItem,
    project: &ProjectContext,
    instance: &ProjectInstance,
    scheme: Option<&metadata::Scheme>,
) -> AppResult<NewEmbedding> {
    check_names(index, item, project, instance)?;
    let vector_dim = check_dimension(item, instance)?;
    let field = |name: &str, message: String| {
        AppError::field(format!("body.embeddings[{index}].{name}"), message)
    };
    let vector =
        HalfVector::from_f32(&item.vector).map_err(|error| field("vector", error.to_string()))?;
    if item.text_id.chars().count() > TEXT_ID_MAX_CHARS {
        return Err(field(
            "text_id",
            format!("expected length <= {TEXT_ID_MAX_CHARS}"),
        ));
    }
    if let (Some(scheme), Some(metadata)) = (scheme, &item.metadata) {
        check_metadata(item, scheme, metadata)?;
    }
    Ok(NewEmbedding {
        text_id: item.text_id.clone(),
        text: item.text.clone().filter(|text| !text.is_empty()),
        vector_half: vector.to_le_bytes(),
        vector_dim,
        metadata: item.metadata.clone(),
    })
}

/// The item must speak of the project that it is sent to, and of that project's instance.
fn check_names(
    index: usize,
    item: &UploadItem,
    project: &ProjectContext,
    instance: &ProjectInstance,
) -> AppResult<()> {
    let mut errors = Vec::new();
    let mut same = |name: &str, given: &str, expected: &Handle| {
        if given != expected.as_str() {
            errors.push(FieldError {
                location: format!("body.embeddings[{index}].{name}"),
                message: format!("expected the {name} of the path"),
            });
        }
    };
    same("user_handle", &item.user_handle, &project.path.owner);
    same("project_handle", &item.project_handle, &project.path.handle);
    if !errors.is_empty() {
        return Err(AppError::Fields(errors));
    }
    if item.instance_handle != instance.handle.as_str() {
        return Err(AppError::Invalid(format!(
            "Instance handle '{}' for embedding with text_id '{}' does not match the instance \
             handle '{}' connected to project '{}'",
            item.instance_handle, item.text_id, instance.handle, project.path
        )));
    }
    Ok(())
}

fn check_dimension(item: &UploadItem, instance: &ProjectInstance) -> AppResult<u32> {
    let UploadItem {
        text_id,
        vector,
        vector_dim,
        ..
    } = item;
    let wrong = |what: String| {
        AppError::Invalid(format!(
            "Dimension validation failed for input {text_id}: {what}"
        ))
    };
    let Some(expected) = instance.dimensions else {
        return Err(AppError::Invalid(format!(
            "LLM service instance '{}' has no dimensions",
            instance.handle
        )));
    };
    if text_id.is_empty() {
        return Err(wrong("text_id cannot be empty".to_owned()));
    }
    if vector.is_empty() {
        return Err(wrong(format!(
            "vector cannot be empty for text_id '{text_id}'"
        )));
    }
    if *vector_dim != i64::from(expected) {
        return Err(wrong(format!(
            "vector dimension mismatch: embedding declares {vector_dim} dimensions but LLM \
             service instance '{}' expects {expected} dimensions",
            instance.handle
        )));
    }
    if i64::try_from(vector.len()).ok() != Some(*vector_dim) {
        return Err(wrong(format!(
            "vector length mismatch for text_id '{text_id}': actual vector has {} elements but \
             vector_dim declares {vector_dim}",
            vector.len()
        )));
    }
    Ok(expected)
}

/// Refuses a batch whose check would keep others waiting.
fn check_work(scheme: &metadata::Scheme, items: &[UploadItem]) -> AppResult<()> {
    let given = items.iter().filter_map(|item| item.metadata.as_ref());
    let work = given.fold(0_u64, |sum, metadata| {
        sum.saturating_add(scheme.work(metadata))
    });
    if work <= metadata::MAX_WORK {
        return Ok(());
    }
    Err(AppError::Invalid(
        "the metadata are too much to be checked at once against the metadata schema of the \
         project; upload fewer embeddings at a time"
            .to_owned(),
    ))
}

fn check_metadata(item: &UploadItem, scheme: &metadata::Scheme, given: &Metadata) -> AppResult<()> {
    scheme.check(given).map_err(|violations| {
        let lines: String = violations
            .iter()
            .map(|line| format!("\n  - {line}"))
            .collect();
        AppError::Invalid(format!(
            "metadata validation failed for text_id '{}': metadata validation failed:{lines}",
            item.text_id
        ))
    })
}
