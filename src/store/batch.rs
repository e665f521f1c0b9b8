//! What becomes of a batch of embeddings when it meets what is stored: the same on every engine,
//! which reads and writes the rows.

use super::change::change;
use super::driver::Malformed;
use super::error::Unreadable;
use super::{Conflict, ContentSealer, StoreError, StoreResult};
use crate::domain::audit::{Action, Change};
use crate::domain::embedding::{ContentColumn, ContentRow, Metadata, NewEmbedding, UploadTarget};
use crate::domain::key::KeyId;
use crate::domain::project::ProjectContext;
use std::borrow::Cow;
use std::collections::HashMap;

/// A row as it will be stored.
pub(super) struct Merged<'r> {
    pub(super) row: &'r NewEmbedding,
    pub(super) text: Option<Cow<'r, str>>,
    pub(super) metadata: Option<String>,
}

/// What is kept of a stored row unless the batch says otherwise, as it is stored.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) text: Option<String>,
    pub(super) metadata: Option<String>,
}

/// A batch, ready to be written.
pub(super) struct Batch<'r> {
    /// Each text id once, where the batch first names it.
    pub(super) rows: Vec<Merged<'r>>,
    /// How many values were sealed for it, and with which key.
    pub(super) messages: Option<(KeyId, u64)>,
    /// How many of the rows are stored already.
    updated: usize,
}

/// Refuses a batch that was checked against what no longer holds.
pub(super) fn require_unchanged(project: &ProjectContext, target: UploadTarget) -> StoreResult<()> {
    let instance = project.instance.as_ref().map(|instance| instance.id);
    if project.id == target.project_id
        && project.settings_revision == target.settings_revision
        && instance == Some(target.instance_id)
    {
        Ok(())
    } else {
        Err(Conflict::SettingsChanged.into())
    }
}

impl<'r> Batch<'r> {
    /// Applies the rows of a batch one after the other to the stored rows that they replace, by
    /// text id, and seals what they bring. [`Conflict::MetadataRequired`].
    pub(super) fn merge(
        sent: &'r [NewEmbedding],
        stored: HashMap<String, Stored>,
        target: UploadTarget,
        content: &dyn ContentSealer,
    ) -> StoreResult<Self> {
        let updated = stored.len();
        let content = Content { target, content };
        let merging = merge(sent, stored, content)?;
        if target.metadata_required
            && let Some(bare) = merging.iter().find(|row| !row.has_metadata())
        {
            return Err(Conflict::MetadataRequired(bare.row.text_id.clone()).into());
        }
        let mut sealed = 0;
        let rows = merging
            .into_iter()
            .map(|row| row.finish(content, &mut sealed))
            .collect::<StoreResult<_>>()?;
        let messages = match content.content.key_id() {
            Some(id) if sealed > 0 => Some((id.clone(), sealed)),
            _ => None,
        };
        Ok(Self {
            rows,
            messages,
            updated,
        })
    }

    /// What writing it changes.
    pub(super) fn change(&self, project: &ProjectContext) -> Change {
        change(
            Action::EmbeddingsUpload,
            Some(project.id),
            [
                ("owner", project.path.owner.as_str().into()),
                ("project_handle", project.path.handle.as_str().into()),
                ("count", self.rows.len().into()),
                ("inserted", (self.rows.len() - self.updated).into()),
                ("updated", self.updated.into()),
            ],
        )
    }
}

/// Opens and seals for the rows of one batch.
#[derive(Clone, Copy)]
struct Content<'c> {
    target: UploadTarget,
    content: &'c dyn ContentSealer,
}

impl Content<'_> {
    fn row<'t>(&self, text_id: &'t str) -> ContentRow<'t> {
        ContentRow {
            project: self.target.project_id,
            instance: self.target.instance_id,
            text_id,
        }
    }

    fn open_metadata(&self, text_id: &str, stored: &str) -> StoreResult<Metadata> {
        let column = ContentColumn::Metadata;
        let opened = self.content.open(self.row(text_id), column, stored);
        let opened = opened.map_err(|source| Unreadable {
            text_id: text_id.to_owned(),
            column,
            source,
        })?;
        Ok(serde_json::from_str(&opened).map_err(|_| Malformed("metadata"))?)
    }

    /// `None`: the value stays in clear.
    fn seal(
        &self,
        text_id: &str,
        column: ContentColumn,
        value: &str,
        sealed: &mut u64,
    ) -> StoreResult<Option<String>> {
        let made = self
            .content
            .seal(self.row(text_id), column, value)
            .map_err(StoreError::Seal)?;
        *sealed += u64::from(made.is_some());
        Ok(made)
    }
}

/// A row while the items of the batch that name it are applied.
struct Merging<'r> {
    row: &'r NewEmbedding,
    stored: Stored,
    text: Option<&'r str>,
    metadata: Option<Metadata>,
}

fn merge<'r>(
    sent: &'r [NewEmbedding],
    mut stored: HashMap<String, Stored>,
    content: Content<'_>,
) -> StoreResult<Vec<Merging<'r>>> {
    let mut merged: Vec<Merging<'r>> = Vec::with_capacity(sent.len());
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(sent.len());
    for row in sent {
        let place = *places.entry(&row.text_id).or_insert_with(|| {
            merged.push(Merging {
                row,
                stored: stored.remove(&row.text_id).unwrap_or_default(),
                text: None,
                metadata: None,
            });
            merged.len() - 1
        });
        if let Some(target) = merged.get_mut(place) {
            target.apply(row, content)?;
        }
    }
    Ok(merged)
}

impl<'r> Merging<'r> {
    /// A text that is absent or empty keeps the one before; metadata are merged key by key at the
    /// top level, and `null` removes a key.
    fn apply(&mut self, row: &'r NewEmbedding, content: Content<'_>) -> StoreResult<()> {
        self.row = row;
        if let Some(text) = row.text.as_deref().filter(|text| !text.is_empty()) {
            self.text = Some(text);
        }
        let Some(given) = &row.metadata else {
            return Ok(());
        };
        let mut metadata = match (self.metadata.take(), &self.stored.metadata) {
            (Some(merged), _) => merged,
            (None, Some(stored)) => content.open_metadata(&row.text_id, stored)?,
            (None, None) => Metadata::default(),
        };
        for (key, value) in given {
            if value.is_null() {
                metadata.remove(key);
            } else {
                metadata.insert(key.clone(), value.clone());
            }
        }
        self.metadata = Some(metadata);
        Ok(())
    }

    fn has_metadata(&self) -> bool {
        self.metadata.is_some() || self.stored.metadata.is_some()
    }

    /// Seals what is new; what was stored stays as it is.
    fn finish(self, content: Content<'_>, sealed: &mut u64) -> StoreResult<Merged<'r>> {
        let text_id = &self.row.text_id;
        let text = match self.text {
            Some(text) => {
                let made = content.seal(text_id, ContentColumn::Text, text, sealed)?;
                Some(made.map_or(Cow::Borrowed(text), Cow::Owned))
            }
            None => self.stored.text.map(Cow::Owned),
        };
        let metadata = match self.metadata {
            Some(metadata) => {
                let clear = serde_json::to_string(&metadata).map_err(|_| Malformed("metadata"))?;
                let made = content.seal(text_id, ContentColumn::Metadata, &clear, sealed)?;
                Some(made.unwrap_or(clear))
            }
            None => self.stored.metadata,
        };
        Ok(Merged {
            row: self.row,
            text,
            metadata,
        })
    }
}
