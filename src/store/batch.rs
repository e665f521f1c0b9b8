//! What becomes of a batch of embeddings when it meets what is stored: the same on every engine,
//! which reads and writes the rows.

use super::change::change;
use super::{Conflict, StoreResult};
use crate::domain::audit::{Action, Change};
use crate::domain::embedding::{Metadata, NewEmbedding, UploadTarget};
use crate::domain::project::ProjectContext;
use std::collections::HashMap;

/// A row as it will be stored.
pub(super) struct Merged<'r> {
    pub(super) row: &'r NewEmbedding,
    pub(super) text: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

/// What is kept of a stored row unless the batch says otherwise.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) text: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

/// A batch, ready to be written.
pub(super) struct Batch<'r> {
    /// Each text id once, where the batch first names it.
    pub(super) rows: Vec<Merged<'r>>,
    /// How many of them are stored already.
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
    /// text id. [`Conflict::MetadataRequired`].
    pub(super) fn merge(
        sent: &'r [NewEmbedding],
        stored: HashMap<String, Stored>,
        target: UploadTarget,
    ) -> StoreResult<Self> {
        let updated = stored.len();
        let rows = merge(sent, stored);
        if target.metadata_required
            && let Some(bare) = rows.iter().find(|row| row.metadata.is_none())
        {
            return Err(Conflict::MetadataRequired(bare.row.text_id.clone()).into());
        }
        Ok(Self { rows, updated })
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

fn merge(sent: &[NewEmbedding], mut stored: HashMap<String, Stored>) -> Vec<Merged<'_>> {
    let mut merged: Vec<Merged<'_>> = Vec::with_capacity(sent.len());
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(sent.len());
    for row in sent {
        let place = *places.entry(&row.text_id).or_insert_with(|| {
            let kept = stored.remove(&row.text_id).unwrap_or_default();
            merged.push(Merged {
                row,
                text: kept.text,
                metadata: kept.metadata,
            });
            merged.len() - 1
        });
        if let Some(target) = merged.get_mut(place) {
            target.apply(row);
        }
    }
    merged
}

impl<'r> Merged<'r> {
    /// A text that is absent or empty keeps the one before; metadata are merged key by key at the
    /// top level, and `null` removes a key.
    fn apply(&mut self, row: &'r NewEmbedding) {
        self.row = row;
        if let Some(text) = row.text.as_ref().filter(|text| !text.is_empty()) {
            self.text = Some(text.clone());
        }
        if let Some(given) = &row.metadata {
            let metadata = self.metadata.get_or_insert_default();
            for (key, value) in given {
                if value.is_null() {
                    metadata.remove(key);
                } else {
                    metadata.insert(key.clone(), value.clone());
                }
            }
        }
    }
}
