//! The content of embeddings: what of it is sealed when it is written, and how it is opened when
//! it is read.
//!
//! The store keeps values as it is given them. How a sealed value looks is decided in
//! `crypto::content`; which keys there are, in [`super::keys`].

use super::App;
use super::error::{AppError, AppResult};
use super::keys::{KeyError, ScopeKeys};
use crate::crypto::content::{self, ContentError};
use crate::crypto::secret::DataKey;
use crate::domain::embedding::{
    ContentColumn, ContentRow, Embedding, Metadata, NewEmbedding, StoredEmbedding, StoredMetadata,
};
use crate::domain::ids::{EmbeddingId, ProjectId};
use crate::domain::key::{KeyId, KeyScope};
use crate::domain::project::{ContentPolicy, ProjectContext};
use crate::store::{ContentSealer, HookError, Unreadable};
use crate::sys::rng::Rng;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// Why a stored value cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableReason {
    /// Its bytes were changed, or it was moved here from another row or column.
    #[error("it is damaged, or it was moved here from another row")]
    Damaged,
    /// What came out is no JSON object.
    #[error("it is no JSON object")]
    NoObject,
    /// The data key is in the database, and the keyring does not open it.
    #[error("the keyring does not open its data key {0}")]
    LockedKey(KeyId),
    /// The data key was destroyed: nobody will read it again.
    #[error("its data key {id} was destroyed at {at:.0}")]
    DestroyedKey {
        /// The key.
        id: KeyId,
        /// When.
        at: Timestamp,
    },
    /// The database has no such data key.
    #[error("its data key {0} is gone")]
    MissingKey(KeyId),
}

/// Stored content that cannot be read. Nothing of it is told, only where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnreadableContent {
    /// Its project.
    pub project: ProjectId,
    /// The client's name of the first text that it is about.
    pub text_id: String,
    /// Which of its values.
    pub column: ContentColumn,
    /// Why.
    pub reason: UnreadableReason,
    /// How many more of the embeddings asked for cannot be read.
    pub others: usize,
}

impl fmt::Display for UnreadableContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, text_id, reason) = (self.column.as_str(), &self.text_id, &self.reason);
        write!(
            f,
            "the stored {column} of embedding '{text_id}' cannot be read: {reason}"
        )?;
        match self.others {
            0 => Ok(()),
            others => write!(
                f,
                "; {others} more of the embeddings asked for cannot be read"
            ),
        }
    }
}

/// A value that did not open, before it is known what became of its key.
pub(super) enum Failure {
    /// It stays sealed.
    Closed(Unreadable),
    /// The metadata of this text id are no JSON object.
    NoObject(String),
}

/// Metadata of some rows, each with its row id.
type OpenedMetadata<E> = Vec<(EmbeddingId, Result<Option<Metadata>, E>)>;

/// Seals and opens for the uploads of one project.
pub(super) struct ProjectSealer<'a> {
    policy: ContentPolicy,
    keys: Arc<ScopeKeys>,
    active: Option<Arc<DataKey>>,
    rng: &'a dyn Rng,
}

impl ContentSealer for ProjectSealer<'_> {
    fn open(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        stored: &str,
    ) -> Result<String, ContentError> {
        content::open(stored, row, column, |id| self.keys.key(id)).map(Into::into)
    }

    fn seal(
        &self,
        row: ContentRow<'_>,
        column: ContentColumn,
        value: &str,
    ) -> Result<Option<String>, HookError> {
        if !is_to_be_sealed(self.policy, column, value) {
            return Ok(None);
        }
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| HookError(error);
        let scope = KeyScope::Project(row.project);
        let key = self.active.as_deref();
        let key = key.ok_or_else(|| fault(Box::new(KeyError::None(scope))))?;
        let sealed = content::seal(value, row, column, key, self.rng);
        sealed.map(Some).map_err(|error| fault(Box::new(error)))
    }

    fn key_id(&self) -> Option<&KeyId> {
        self.active.as_deref().map(DataKey::id)
    }
}

/// Whether a value is sealed when it is written.
fn is_to_be_sealed(policy: ContentPolicy, column: ContentColumn, value: &str) -> bool {
    let wanted = match column {
        ContentColumn::Text => policy.encrypt_text,
        ContentColumn::Metadata => policy.encrypt_metadata,
    };
    wanted || content::must_be_sealed(value)
}

/// Whether writing these rows seals anything, so that a key is needed. Metadata are the text of an
/// object, which is never sealed against the policy.
fn needs_key(policy: ContentPolicy, rows: &[NewEmbedding]) -> bool {
    let text = |row: &NewEmbedding| {
        let text = row.text.as_deref();
        text.is_some_and(|text| is_to_be_sealed(policy, ContentColumn::Text, text))
    };
    let metadata = |row: &NewEmbedding| policy.encrypt_metadata && row.metadata.is_some();
    rows.iter().any(|row| text(row) || metadata(row))
}

impl App {
    /// What an upload of these rows opens and seals with. The first key of a project is made here.
    pub(super) async fn content_sealer(
        &self,
        project: &ProjectContext,
        rows: &[NewEmbedding],
    ) -> AppResult<ProjectSealer<'_>> {
        let scope = KeyScope::Project(project.id);
        let seals = needs_key(project.policy, rows);
        let keys = if seals {
            self.keys.for_sealing(scope).await?
        } else {
            self.keys.of_scope(scope).await?
        };
        Ok(ProjectSealer {
            policy: project.policy,
            active: keys.active().filter(|_| seals).cloned(),
            keys,
            rng: self.rng.as_ref(),
        })
    }

    /// Opens embeddings of one project.
    ///
    /// # Errors
    ///
    /// [`AppError::Unreadable`] names the first that cannot be read: leaving it out would be taken
    /// for its end.
    pub(super) async fn open_embeddings(
        &self,
        stored: Vec<StoredEmbedding>,
    ) -> AppResult<Vec<Embedding>> {
        let Some(project) = stored.first().map(|row| row.project_id) else {
            return Ok(Vec::new());
        };
        let is_sealed = |value: &Option<String>| value.as_deref().is_some_and(content::is_sealed);
        let sealed = stored.iter();
        let sealed = sealed.filter(|row| is_sealed(&row.text) || is_sealed(&row.metadata));
        let opened = self
            .opened(project, sealed.count() > 0, &stored, |row, keys| {
                let place = row.content_row();
                let text = row.text.as_deref().map(|text| open_text(place, text, keys));
                let metadata = row.metadata.as_deref();
                let metadata = metadata.map(|metadata| open_metadata(place, metadata, keys));
                Ok((text.transpose()?, metadata.transpose()?))
            })
            .await?;
        let opened = self.all_readable(project, opened).await?;
        let embedding = |(row, (text, metadata)): (StoredEmbedding, _)| Embedding {
            text_id: row.text_id,
            owner: row.owner,
            project_handle: row.project_handle,
            project_id: row.project_id,
            instance_handle: row.instance_handle,
            text,
            vector_half: row.vector_half,
            vector_dim: row.vector_dim,
            metadata,
        };
        Ok(stored.into_iter().zip(opened).map(embedding).collect())
    }

    /// Opens metadata of rows of one project.
    ///
    /// # Errors
    ///
    /// As [`Self::open_embeddings`].
    pub(super) async fn open_metadata(
        &self,
        project: ProjectId,
        stored: &[StoredMetadata],
    ) -> AppResult<Vec<(EmbeddingId, Option<Metadata>)>> {
        let opened = self.try_open_metadata(project, stored).await?;
        let opened = opened.into_iter();
        let opened = opened.map(|(id, metadata)| metadata.map(|metadata| (id, metadata)));
        self.all_readable(project, opened.collect()).await
    }

    /// As [`Self::open_metadata`], row by row.
    ///
    /// # Errors
    ///
    /// When the keys of the project cannot be asked for.
    pub(super) async fn try_open_metadata(
        &self,
        project: ProjectId,
        stored: &[StoredMetadata],
    ) -> AppResult<OpenedMetadata<Failure>> {
        let mut values = stored.iter().filter_map(|row| row.metadata.as_deref());
        let is_sealed = values.any(content::is_sealed);
        let opened = self.opened(project, is_sealed, stored, |row, keys| {
            let place = ContentRow {
                project,
                instance: row.instance_id,
                text_id: &row.text_id,
            };
            let metadata = row.metadata.as_deref();
            let metadata = metadata.map(|metadata| open_metadata(place, metadata, keys));
            metadata.transpose()
        });
        let ids = stored.iter().map(|row| row.id);
        Ok(ids.zip(opened.await?).collect())
    }

    /// Opens rows with the keys that are known; where one is missing, the database is asked for it.
    async fn opened<S, T>(
        &self,
        project: ProjectId,
        is_sealed: bool,
        rows: &[S],
        open: impl Fn(&S, &ScopeKeys) -> Result<T, Failure>,
    ) -> AppResult<Vec<Result<T, Failure>>> {
        let scope = KeyScope::Project(project);
        let open_all = |keys: &ScopeKeys| rows.iter().map(|row| open(row, keys)).collect();
        let opened: Vec<Result<T, Failure>> = if is_sealed {
            open_all(self.keys.of_scope(scope).await?.as_ref())
        } else {
            open_all(&ScopeKeys::default())
        };
        if opened.iter().any(is_short_of_a_key) {
            return Ok(open_all(self.keys.refresh(scope).await?.as_ref()));
        }
        Ok(opened)
    }

    /// All rows, or what is told of those that cannot be read.
    async fn all_readable<T>(
        &self,
        project: ProjectId,
        opened: Vec<Result<T, Failure>>,
    ) -> AppResult<Vec<T>> {
        let mut good = Vec::with_capacity(opened.len());
        let mut failures = Vec::new();
        for row in opened {
            match row {
                Ok(row) => good.push(row),
                Err(failure) => failures.push(failure),
            }
        }
        let others = failures.len().saturating_sub(1);
        match failures.into_iter().next() {
            None => Ok(good),
            Some(Failure::Closed(first)) => Err(self.unreadable(project, first, others).await?),
            Some(Failure::NoObject(text_id)) => Err(AppError::unreadable(UnreadableContent {
                project,
                text_id,
                column: ContentColumn::Metadata,
                reason: UnreadableReason::NoObject,
                others,
            })),
        }
    }

    /// What is told of a value that does not open.
    ///
    /// # Errors
    ///
    /// When the database does not say what became of its key.
    pub(super) async fn unreadable(
        &self,
        project: ProjectId,
        failure: Unreadable,
        others: usize,
    ) -> AppResult<AppError> {
        let reason = match failure.source.unknown_key() {
            None => UnreadableReason::Damaged,
            Some(id) => match self.store.data_key_of_id(id).await? {
                Some(_) => UnreadableReason::LockedKey(id.clone()),
                None => match self.destroyed_key(id).await? {
                    Some(key) => UnreadableReason::DestroyedKey {
                        id: key.id,
                        at: key.destroyed_at,
                    },
                    None => UnreadableReason::MissingKey(id.clone()),
                },
            },
        };
        Ok(AppError::unreadable(UnreadableContent {
            project,
            text_id: failure.text_id,
            column: failure.column,
            reason,
            others,
        }))
    }
}

fn is_short_of_a_key<T>(opened: &Result<T, Failure>) -> bool {
    match opened {
        Err(Failure::Closed(failure)) => failure.source.unknown_key().is_some(),
        _ => false,
    }
}

fn open_text(row: ContentRow<'_>, stored: &str, keys: &ScopeKeys) -> Result<String, Failure> {
    open(row, ContentColumn::Text, stored, keys).map(Into::into)
}

fn open_metadata(row: ContentRow<'_>, stored: &str, keys: &ScopeKeys) -> Result<Metadata, Failure> {
    let opened = open(row, ContentColumn::Metadata, stored, keys)?;
    serde_json::from_str(&opened).map_err(|_| Failure::NoObject(row.text_id.to_owned()))
}

fn open<'v>(
    row: ContentRow<'_>,
    column: ContentColumn,
    stored: &'v str,
    keys: &ScopeKeys,
) -> Result<std::borrow::Cow<'v, str>, Failure> {
    content::open(stored, row, column, |id| keys.key(id)).map_err(|source| {
        Failure::Closed(Unreadable {
            text_id: row.text_id.to_owned(),
            column,
            source,
        })
    })
}
