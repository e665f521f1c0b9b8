//! Which backups need a key: asked before a key is retired or destroyed.

use super::{BackupError, Backups};
use crate::app::key_ends::{BackupNeeds, BackupNeedsError};
use crate::domain::backup::BackupId;
use crate::domain::key::KeyId;
use async_trait::async_trait;

#[async_trait]
impl BackupNeeds for Backups {
    async fn needs(&self, key: &KeyId) -> Result<Vec<BackupId>, BackupNeedsError> {
        let needing = self.needing(key).await;
        needing.map_err(|error| BackupNeedsError(Box::new(error)))
    }
}

impl Backups {
    /// What seals data keys is asked of the data keys as they are now; everything else of the
    /// manifest.
    async fn needing(&self, key: &KeyId) -> Result<Vec<BackupId>, BackupError> {
        let mut needing = Vec::new();
        for listed in self.catalogue().await?.backups {
            let Ok(public) = &listed.public else {
                // Nobody can restore it; what it says of keys counts for nothing.
                continue;
            };
            let signed = listed.signer.as_deref() == Some(key.0.as_str());
            let sealed = public.keys_needed.target.contains(&key.0);
            if signed || sealed || self.holds(&listed.id, key).await? {
                needing.push(listed.id);
            }
        }
        Ok(needing)
    }

    async fn holds(&self, id: &BackupId, key: &KeyId) -> Result<bool, BackupError> {
        let file = self.open(id).await?.data_keys_file;
        Ok(file.masters().contains(&key.0))
    }
}
