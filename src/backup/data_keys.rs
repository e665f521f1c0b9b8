//! `datakeys.json`: the data keys of a backup, each sealed by a master key, and the tombstones of
//! those that were destroyed.
//!
//! The host can drop one without reading any. What is not here is how a wrapped key is opened: see
//! [`crate::crypto::wrap`].

use crate::domain::deletion::DestroyedKey;
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState, WrappedDataKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A data key, or what is left of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataKeyEntry {
    /// Its id.
    pub key_id: String,
    /// What it seals: `system` or `project:<id>`.
    pub scope: String,
    /// Its state, as the database had it.
    pub state: String,
    /// How many values it had sealed.
    pub messages: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is to be destroyed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub destroy_after: Option<Timestamp>,
    /// The master key that seals it; none once it is destroyed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub master_id: Option<String>,
    /// The key, sealed; none once it is destroyed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wrapped: Option<String>,
    /// When it was destroyed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub destroyed_at: Option<Timestamp>,
}

impl From<&DataKeyRecord> for DataKeyEntry {
    fn from(record: &DataKeyRecord) -> Self {
        Self {
            key_id: record.key.id.to_string(),
            scope: record.key.scope.to_string(),
            state: record.key.state.as_str().to_owned(),
            messages: record.messages,
            created_at: record.created_at,
            destroy_after: record.destroy_after,
            master_id: Some(record.key.master_id.to_string()),
            wrapped: Some(record.key.wrapped.clone()),
            destroyed_at: None,
        }
    }
}

impl DataKeyEntry {
    /// The key as the database held it; `None` once it is destroyed, and for what is no key.
    #[must_use]
    pub fn record(&self) -> Option<DataKeyRecord> {
        Some(DataKeyRecord {
            key: WrappedDataKey {
                id: KeyId(self.key_id.clone()),
                scope: KeyScope::parse(&self.scope)?,
                wrapped: self.wrapped.clone()?,
                master_id: KeyId(self.master_id.clone()?),
                state: KeyState::from_word(&self.state)?,
            },
            messages: self.messages,
            created_at: self.created_at,
            destroy_after: self.destroy_after,
        })
    }

    /// The tombstone, as a database remembers it.
    #[must_use]
    pub fn tombstone(&self) -> Option<DestroyedKey> {
        Some(DestroyedKey {
            id: KeyId(self.key_id.clone()),
            scope: KeyScope::parse(&self.scope)?,
            project: None,
            destroyed_at: self.destroyed_at?,
        })
    }

    /// Whether it is gone for good.
    #[must_use]
    pub const fn is_destroyed(&self) -> bool {
        self.destroyed_at.is_some()
    }

    /// Whether it is either a key or a tombstone, and not half of each.
    fn is_sound(&self) -> bool {
        let has_none = self.wrapped.is_none() && self.master_id.is_none();
        if self.is_destroyed() {
            has_none && self.tombstone().is_some()
        } else {
            self.record().is_some()
        }
    }
}

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataKeysFile {
    /// The keys, in order of id.
    pub keys: Vec<DataKeyEntry>,
}

impl DataKeysFile {
    /// Reads the file; `None` where it is none, or holds halves of keys.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        file.keys.iter().all(DataKeyEntry::is_sound).then_some(file)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        // Texts and numbers always have a JSON form.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The file without these keys, of which tombstones stay; `None` when none of them is there
    /// any more.
    #[must_use]
    pub fn without(&self, destroyed: &BTreeSet<String>, at: Timestamp) -> Option<Self> {
        let mut file = self.clone();
        let mut changed = false;
        for key in &mut file.keys {
            if destroyed.contains(&key.key_id) && !key.is_destroyed() {
                key.wrapped = None;
                key.master_id = None;
                key.destroyed_at = Some(at);
                changed = true;
            }
        }
        changed.then_some(file)
    }

    /// The ids of the keys that were destroyed.
    #[must_use]
    pub fn destroyed(&self) -> BTreeSet<String> {
        self.keys
            .iter()
            .filter(|key| key.is_destroyed())
            .map(|key| key.key_id.clone())
            .collect()
    }

    /// The ids of the master keys that the keys are sealed by.
    #[must_use]
    pub fn masters(&self) -> BTreeSet<String> {
        self.keys
            .iter()
            .filter_map(|key| key.master_id.clone())
            .collect()
    }

    /// The ids of the keys that are there.
    #[must_use]
    pub fn present(&self) -> BTreeSet<String> {
        self.keys
            .iter()
            .filter(|key| !key.is_destroyed())
            .map(|key| key.key_id.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> DataKeyEntry {
        DataKeyEntry {
            key_id: id.to_owned(),
            scope: "project:1".to_owned(),
            state: "active".to_owned(),
            messages: 3,
            created_at: Timestamp::UNIX_EPOCH,
            destroy_after: None,
            master_id: Some("master".to_owned()),
            wrapped: Some("sealed".to_owned()),
            destroyed_at: None,
        }
    }

    #[test]
    fn a_destroyed_key_leaves_a_tombstone_and_no_byte_of_itself() {
        let file = DataKeysFile {
            keys: vec![key("one"), key("two")],
        };
        let doomed = BTreeSet::from(["two".to_owned(), "three".to_owned()]);
        let after = file.without(&doomed, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(after.destroyed(), BTreeSet::from(["two".to_owned()]));
        assert_eq!(after.present(), BTreeSet::from(["one".to_owned()]));
        assert_eq!(
            String::from_utf8(after.render())
                .unwrap()
                .matches("sealed")
                .count(),
            1
        );
        assert_eq!(after.without(&doomed, Timestamp::UNIX_EPOCH), None);
        assert_eq!(DataKeysFile::parse(&after.render()), Some(after));
    }

    #[test]
    fn half_a_key_is_no_key() {
        let mut half = key("one");
        half.master_id = None;
        let file = DataKeysFile { keys: vec![half] };
        assert_eq!(DataKeysFile::parse(&file.render()), None);
        let mut both = key("one");
        both.destroyed_at = Some(Timestamp::UNIX_EPOCH);
        let file = DataKeysFile { keys: vec![both] };
        assert_eq!(DataKeysFile::parse(&file.render()), None);
    }
}
