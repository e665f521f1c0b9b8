//! The keys of a deployment as people see them: those of the keyring and those of the database,
//! without anything that is secret.

use super::App;
use super::error::AppResult;
use crate::crypto::keyring::Keyring;
use crate::crypto::signing::VerifyingKey;
use crate::domain::key::{DataKeyRecord, KeyId, KeyPurpose, KeyScope, KeyState};
use jiff::Timestamp;
use std::collections::HashMap;

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the keyring.
    Keyring,
    /// In the database, sealed by a master key.
    Database,
}

impl KeyPlace {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Database => "database",
        }
    }
}

/// A key as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Its id.
    pub id: KeyId,
    /// What it is for: `master`, `target:NAME`, `backup-signing`, `system` or
    /// `project:OWNER/HANDLE`.
    pub purpose: String,
    /// Where it is.
    pub place: KeyPlace,
    /// Where it stands.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it gave way to the next one; the database does not keep that.
    pub rotated_at: Option<Timestamp>,
    /// How often it has sealed: a master key data keys, a data key values. `None`: not known,
    /// because the values of a target are in another database, backups are elsewhere, or this one
    /// was not asked.
    pub uses: Option<u64>,
    /// What its signatures are verified by, of a key that signs.
    pub public_key: Option<VerifyingKey>,
    /// The master key that seals it, of a data key.
    pub master_id: Option<KeyId>,
    /// When it is to be destroyed, of a data key whose project was deleted.
    pub destroy_after: Option<Timestamp>,
}

/// The keys of a keyring alone, whose uses are not known then.
#[must_use]
pub fn of_keyring(keyring: &Keyring) -> Vec<KeyView> {
    keyring
        .entries()
        .map(|entry| KeyView {
            public_key: keyring.public_key(&entry.id),
            id: entry.id,
            purpose: entry.purpose.to_string(),
            place: KeyPlace::Keyring,
            state: entry.state,
            created_at: entry.created_at,
            rotated_at: entry.rotated_at,
            uses: None,
            master_id: None,
            destroy_after: None,
        })
        .collect()
}

impl App {
    /// Every key: those of the keyring in use, then those of the database, oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn key_views(&self) -> AppResult<Vec<KeyView>> {
        let masters: HashMap<KeyId, u64> =
            self.store.master_key_uses().await?.into_iter().collect();
        let mut views = of_keyring(&self.keys.keyring());
        for view in &mut views {
            if view.purpose == KeyPurpose::Master.to_string() {
                view.uses = Some(masters.get(&view.id).copied().unwrap_or_default());
            }
        }
        let names: HashMap<_, _> = self
            .store
            .project_sealings()
            .await?
            .into_iter()
            .map(|project| (project.project, project.name))
            .collect();
        let records = self.store.data_keys(None).await?;
        views.extend(records.into_iter().map(|record| {
            let purpose = match record.key.scope {
                KeyScope::Project(id) => match names.get(&id) {
                    Some(name) => format!("project:{name}"),
                    None => record.key.scope.to_string(),
                },
                KeyScope::System => record.key.scope.to_string(),
            };
            of_record(record, purpose)
        }));
        Ok(views)
    }

    /// A scope in words: `system`, `project:OWNER/HANDLE`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub(super) async fn scope_in_words(&self, scope: KeyScope) -> AppResult<String> {
        let projects = self.store.project_sealings().await?;
        let named = projects
            .into_iter()
            .find(|project| scope == KeyScope::Project(project.project));
        Ok(named.map_or_else(
            || scope.to_string(),
            |project| format!("project:{}", project.name),
        ))
    }

    /// How many values a data key seals now. Reads every row.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn values_sealed_by(&self, id: &KeyId) -> AppResult<u64> {
        let uses = self.store.data_key_uses().await?;
        Ok(uses
            .into_iter()
            .find(|(key, _)| key == id)
            .map_or(0, |(_, count)| count))
    }
}

fn of_record(record: DataKeyRecord, purpose: String) -> KeyView {
    KeyView {
        id: record.key.id,
        purpose,
        place: KeyPlace::Database,
        state: record.key.state,
        created_at: record.created_at,
        rotated_at: None,
        uses: Some(record.messages),
        public_key: None,
        master_id: Some(record.key.master_id),
        destroy_after: record.destroy_after,
    }
}
