//! Records of the catalogue: what was done with a backup, each in a small signed file that never
//! changes.

use super::signature::{Believed, SignatureEntry, SignatureError, SignatureFile, Signed, Trusted};
use crate::crypto::signing::{SigningKey, TooLongToSign};
use crate::domain::backup::BackupId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillVerdict {
    /// Everything was restored and holds.
    Ok,
    /// Something does not hold.
    Fail,
    /// Something could not be checked. Never counted as good.
    Inconclusive,
    /// The backup is not as it was made.
    Tampered,
}

impl DrillVerdict {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Tampered => "tampered",
        }
    }
}

/// What a restore test measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillTimes {
    /// How old the newest data were when the test began, in seconds.
    pub rpo_secs: u64,
    /// How long it took until the data could be read, in milliseconds.
    pub rto_data_millis: Option<u64>,
    /// How long it took until the indexes were there too, in milliseconds.
    pub rto_index_millis: Option<u64>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// It was verified.
    Verified {
        /// The level that was asked for.
        level: u8,
        /// Whether it holds.
        passed: bool,
        /// What does not hold.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<String>,
    },
    /// It was restored into a throwaway place.
    Drilled {
        /// How that ended.
        verdict: DrillVerdict,
        /// What it took.
        #[serde(flatten)]
        times: DrillTimes,
        /// What does not hold, or could not be checked.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<String>,
    },
    /// It is kept whatever its age.
    Pinned,
    /// It is kept no longer than others.
    Unpinned,
    /// It is being made anew under another identity. Once the other one is there, this one goes.
    Replacing {
        /// The other one.
        by: BackupId,
    },
    /// It was removed by retention. This record stays, so that other hosts do not miss it.
    Pruned,
}

impl Event {
    /// The word in the name of the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Verified { .. } => "verified",
            Self::Drilled { .. } => "drilled",
            Self::Pinned => "pinned",
            Self::Unpinned => "unpinned",
            Self::Replacing { .. } => "replacing",
            Self::Pruned => "pruned",
        }
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The backup that it is about.
    pub backup_id: BackupId,
    /// When.
    pub at: Timestamp,
    /// On which host.
    pub host: String,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// The file of a record.
#[derive(Serialize, Deserialize)]
struct RecordFile {
    /// Exactly the bytes that are signed.
    record: Box<RawValue>,
    signature: SignatureEntry,
}

impl Record {
    /// The bytes of its file.
    ///
    /// # Errors
    ///
    /// [`TooLongToSign`].
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, TooLongToSign> {
        // Texts and numbers always have a JSON form.
        let text = serde_json::to_string(self).unwrap_or_default();
        let signature =
            SignatureEntry::sign(Signed::Record, &self.backup_id, 1, text.as_bytes(), key)?;
        let file = RawValue::from_string(text).map(|record| RecordFile { record, signature });
        let mut bytes = file
            .and_then(|file| serde_json::to_vec(&file))
            .unwrap_or_default();
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a record of this backup.
    ///
    /// # Errors
    ///
    /// Any [`SignatureError`].
    pub fn open(
        bytes: &[u8],
        id: &BackupId,
        trusted: &Trusted,
    ) -> Result<(Self, Believed), SignatureError> {
        let malformed = |_| SignatureError::Malformed;
        let file: RecordFile = serde_json::from_slice(bytes).map_err(malformed)?;
        let signed = SignatureFile::of(file.signature);
        let believed = signed.verify(Signed::Record, id, file.record.get().as_bytes(), trusted)?;
        let record: Self = serde_json::from_str(file.record.get()).map_err(malformed)?;
        if record.backup_id == *id {
            Ok((record, believed))
        } else {
            Err(SignatureError::OtherContent)
        }
    }
}
