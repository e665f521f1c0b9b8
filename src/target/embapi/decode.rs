//! One row of embapi's as a row of embsec's, or the reason why it cannot be one.

use crate::crypto::embapi_blob::{self, EmbapiKey};
use crate::domain::access::{ObjectPath, Role};
use crate::domain::embedding::Metadata;
use crate::domain::ids::{DefinitionId, EmbeddingId, Handle, InstanceId, ProjectId, SYSTEM_HANDLE};
use crate::domain::llm::{KeyMethod, LlmSettings};
use crate::domain::project::ContentPolicy;
use crate::domain::record::{
    ApiStandardRecord, DefinitionRecord, DefinitionShareRecord, EmbeddingRecord, InstanceRecord,
    InstanceShareRecord, ProjectRecord, ProjectShareRecord, Record, RecordKey, UserKeyRecord,
    UserRecord,
};
use crate::domain::user::UserState;
use crate::store::transfer::TransferError;
use half::f16;
use pgvector::HalfVector;
use secrecy::SecretString;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the column of a key begins with for a user who is disabled. No digest does.
pub(super) const DISABLED_MARK: &str = "disabled:";

/// Metadata of this size or less are within every limit of a parser of JSON.
const HARMLESS_JSON_BYTES: usize = 100;

/// A row as it was read: what it is known by, and the row or what is wrong with it, as a fragment.
pub(super) struct Decoded {
    /// Where the next page goes on.
    pub(super) key: RecordKey,
    /// The row.
    pub(super) row: Result<Record, String>,
}

/// Why a page could not be decoded at all.
pub(super) enum DecodeError {
    /// The driver.
    Driver(sqlx::Error),
    /// A provider key does not open, which no option settles.
    Move(TransferError),
}

impl From<sqlx::Error> for DecodeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// How strictly rows are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// As rows that embsec is to hold.
    Source,
    /// As rows that embsec wrote itself, in the midst of which a run may have ended.
    Destination,
}

/// What it takes to read rows.
pub(super) struct Decoder {
    /// How strictly.
    pub(super) judgement: Judgement,
    /// New names of users, by the old ones.
    pub(super) renames: BTreeMap<String, Handle>,
    /// Opens provider keys.
    pub(super) key: Option<Arc<EmbapiKey>>,
}

impl Decoder {
    /// A user's handle under its new name, if it has one.
    fn user(&self, text: &str) -> Result<Handle, String> {
        match self.renames.get(text) {
            Some(handle) => Ok(handle.clone()),
            None => handle(text),
        }
    }

    fn path(&self, row: &PgRow, column: usize) -> Result<Result<ObjectPath, String>, sqlx::Error> {
        let owner: &str = row.try_get(column)?;
        let name: &str = row.try_get(column + 1)?;
        Ok(self
            .user(owner)
            .and_then(|owner| handle(name).map(|handle| ObjectPath { owner, handle })))
    }

    /// A row of [`super::sql::users`].
    pub(super) fn user_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let name: String = row.try_get(0)?;
        let old: &str = row.try_get(1)?;
        let mark: Option<&str> = row.try_get(4)?;
        let disabled = mark.is_some_and(|mark| mark.starts_with(DISABLED_MARK));
        let renamed = self.renames.contains_key(old);
        let parsed = if old == SYSTEM_HANDLE || self.judgement == Judgement::Destination {
            handle(&name)
        } else {
            Handle::parse_for_new_user(&name).map_err(|error| error.to_string())
        };
        let key = RecordKey::Name(name);
        let handle = match parsed {
            Ok(handle) => handle,
            Err(what) => return Ok(Decoded::bad(key, what)),
        };
        let state = if disabled || renamed {
            UserState::Disabled
        } else {
            UserState::Active
        };
        Ok(Decoded::good(
            key,
            Record::User(UserRecord {
                id: None,
                handle,
                name: row.try_get(2)?,
                email: row.try_get(3)?,
                state,
                created_at: row.try_get(5)?,
                updated_at: row.try_get(6)?,
            }),
        ))
    }

    /// A row of [`super::sql::user_keys`].
    pub(super) fn user_key_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let digest: String = row.try_get(0)?;
        let key = RecordKey::Name(digest.clone());
        let created_at = row.try_get(2)?;
        let record = self.user(row.try_get(1)?).map(|user| {
            Record::UserKey(UserKeyRecord {
                digest,
                user,
                created_at,
                expires_at: None,
            })
        });
        Ok(Decoded { key, row: record })
    }

    /// A row of [`super::sql::API_STANDARDS`].
    pub(super) fn api_standard_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let name: String = row.try_get(0)?;
        let method: &str = row.try_get(2)?;
        let parsed = handle(&name).and_then(|handle| {
            let method = method.parse::<KeyMethod>().map_err(|e| e.to_string())?;
            Ok((handle, method))
        });
        let key = RecordKey::Name(name);
        let (handle, key_method) = match parsed {
            Ok(parsed) => parsed,
            Err(what) => return Ok(Decoded::bad(key, what)),
        };
        Ok(Decoded::good(
            key,
            Record::ApiStandard(ApiStandardRecord {
                handle,
                description: row.try_get(1)?,
                key_method,
                key_field: row.try_get(3)?,
                created_at: row.try_get(4)?,
                updated_at: row.try_get(5)?,
            }),
        ))
    }

    /// A row of [`super::sql::DEFINITIONS`].
    pub(super) fn definition_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let id: i64 = row.try_get(0)?;
        let key = RecordKey::Id(id);
        let path = match self.path(row, 1)? {
            Ok(path) => path,
            Err(what) => return Ok(Decoded::bad(key, what)),
        };
        Ok(Decoded::good(
            key,
            Record::Definition(DefinitionRecord {
                id: DefinitionId(id),
                path,
                settings: settings(row, 3)?,
                is_public: row.try_get(9)?,
                created_at: row.try_get(10)?,
                updated_at: row.try_get(11)?,
            }),
        ))
    }

    /// A row of [`super::sql::DEFINITION_SHARES`].
    pub(super) fn definition_share_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let (id, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let created_at = row.try_get(2)?;
        let record = handle(&name).map(|user| {
            Record::DefinitionShare(DefinitionShareRecord {
                definition: DefinitionId(id),
                user,
                created_at,
            })
        });
        let key = RecordKey::Share(id, name);
        Ok(Decoded { key, row: record })
    }

    /// A row of [`super::sql::INSTANCES`].
    pub(super) fn instance_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let id: i64 = row.try_get(0)?;
        let key = RecordKey::Id(id);
        let provider_key = self.provider_key(InstanceId(id), row.try_get(10)?)?;
        let path = match self.path(row, 1)? {
            Ok(path) => path,
            Err(what) => return Ok(Decoded::bad(key, what)),
        };
        Ok(Decoded::good(
            key,
            Record::Instance(InstanceRecord {
                id: InstanceId(id),
                path,
                definition: row.try_get::<Option<i64>, _>(9)?.map(DefinitionId),
                settings: settings(row, 3)?,
                provider_key,
                created_at: row.try_get(11)?,
                updated_at: row.try_get(12)?,
            }),
        ))
    }

    fn provider_key(
        &self,
        instance: InstanceId,
        blob: Option<&[u8]>,
    ) -> Result<Option<SecretString>, DecodeError> {
        let Some(blob) = blob.filter(|blob| !blob.is_empty()) else {
            return Ok(None);
        };
        let opened = match &self.key {
            Some(key) => embapi_blob::open(blob, key).map_err(Into::into),
            None => Err(NoKey.into()),
        };
        let failed = |source| TransferError::ProviderKey { instance, source };
        opened.map(Some).map_err(failed).map_err(DecodeError::Move)
    }

    /// A row of [`super::sql::INSTANCE_SHARES`].
    pub(super) fn instance_share_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let (id, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let (created_at, updated_at) = (row.try_get(3)?, row.try_get(4)?);
        let record = member(&name, row.try_get(2)?).map(|(user, role)| {
            Record::InstanceShare(InstanceShareRecord {
                instance: InstanceId(id),
                user,
                role,
                created_at,
                updated_at,
            })
        });
        let key = RecordKey::Share(id, name);
        Ok(Decoded { key, row: record })
    }

    /// A row of [`super::sql::PROJECTS`].
    pub(super) fn project_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let id: i64 = row.try_get(0)?;
        let key = RecordKey::Id(id);
        let path = match self.path(row, 1)? {
            Ok(path) => path,
            Err(what) => return Ok(Decoded::bad(key, what)),
        };
        Ok(Decoded::good(
            key,
            Record::Project(ProjectRecord {
                id: ProjectId(id),
                path,
                description: row.try_get(3)?,
                metadata_scheme: row.try_get(4)?,
                public_read: row.try_get(5)?,
                instance: row.try_get::<Option<i64>, _>(6)?.map(InstanceId),
                // It knows of no such thing, so a new project has what a new project has.
                policy: ContentPolicy::default(),
                created_at: row.try_get(7)?,
                updated_at: row.try_get(8)?,
            }),
        ))
    }

    /// A row of [`super::sql::PROJECT_SHARES`].
    pub(super) fn project_share_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let (id, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let (created_at, updated_at) = (row.try_get(3)?, row.try_get(4)?);
        let record = member(&name, row.try_get(2)?).map(|(user, role)| {
            Record::ProjectShare(ProjectShareRecord {
                project: ProjectId(id),
                user,
                role,
                created_at,
                updated_at,
            })
        });
        let key = RecordKey::Share(id, name);
        Ok(Decoded { key, row: record })
    }

    /// A row whose first columns are those of [`super::sql::EMBEDDINGS`].
    pub(super) fn embedding_row(&self, row: &PgRow) -> Result<Decoded, DecodeError> {
        let id: i64 = row.try_get(0)?;
        let key = RecordKey::Id(id);
        let text_id: Option<String> = row.try_get(3)?;
        let vector_dim: i32 = row.try_get(4)?;
        let vector: HalfVector = row.try_get(5)?;
        let mut record = EmbeddingRecord {
            id: EmbeddingId(id),
            project: ProjectId(row.try_get(1)?),
            instance: InstanceId(row.try_get(2)?),
            text_id: text_id.unwrap_or_default(),
            vector_dim: u32::try_from(vector_dim).unwrap_or_default(),
            vector_half: little_endian(vector.as_slice()),
            text: row.try_get(6)?,
            metadata: row.try_get(7)?,
            created_at: row.try_get(8)?,
            updated_at: row.try_get(9)?,
        };
        if record.metadata.as_deref() == Some("null") {
            record.metadata = None;
        }
        let judged = match self.judgement {
            Judgement::Source => judge_embedding(&record, vector.as_slice()),
            Judgement::Destination => Ok(()),
        };
        Ok(Decoded {
            key,
            row: judged.map(|()| Record::Embedding(record)),
        })
    }
}

impl Decoded {
    const fn good(key: RecordKey, record: Record) -> Self {
        Self {
            key,
            row: Ok(record),
        }
    }

    const fn bad(key: RecordKey, what: String) -> Self {
        Self {
            key,
            row: Err(what),
        }
    }
}

/// A sealed value and nothing to open it with.
#[derive(Debug, thiserror::Error)]
#[error("no ENCRYPTION_KEY was given")]
struct NoKey;

fn handle(text: &str) -> Result<Handle, String> {
    Handle::parse(text).map_err(|error| error.to_string())
}

fn member(name: &str, role: &str) -> Result<(Handle, Role), String> {
    let role = role.parse().map_err(|_| format!("the role `{role}`"))?;
    handle(name).map(|user| (user, role))
}

/// Six columns: endpoint, description, API standard, model, dimensions, context limit. Upstream
/// has the empty text and zero for what is not set.
fn settings(row: &PgRow, column: usize) -> Result<LlmSettings, sqlx::Error> {
    let text = |column| {
        let text: Option<String> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(text.filter(|text| !text.is_empty()))
    };
    let number = |column| {
        let number: Option<i32> = row.try_get(column)?;
        let number = number.and_then(|number| u32::try_from(number).ok());
        Ok::<_, sqlx::Error>(number.filter(|number| *number > 0))
    };
    Ok(LlmSettings {
        endpoint: text(column)?,
        description: text(column + 1)?,
        api_standard: text(column + 2)?,
        model: text(column + 3)?,
        dimensions: number(column + 4)?,
        context_limit: number(column + 5)?,
    })
}

fn little_endian(halves: &[f16]) -> Vec<u8> {
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

/// Whether embsec can hold and serve the row.
fn judge_embedding(record: &EmbeddingRecord, halves: &[f16]) -> Result<(), String> {
    if record.text_id.is_empty() {
        return Err("it has no text id".to_owned());
    }
    if usize::try_from(record.vector_dim) != Ok(halves.len()) {
        return Err(format!(
            "it says {} components and has {}",
            record.vector_dim,
            halves.len()
        ));
    }
    if halves.iter().all(|half| *half == f16::ZERO) {
        return Err("its vector is all zeros".to_owned());
    }
    match record.metadata.as_deref() {
        None => Ok(()),
        Some(text) if !text.starts_with('{') => Err("its metadata are no object".to_owned()),
        Some(text) if text.len() <= HARMLESS_JSON_BYTES => Ok(()),
        Some(text) => serde_json::from_str::<Metadata>(text)
            .map(drop)
            .map_err(|_| {
                "its metadata hold a number beyond floating point, or too many levels".to_owned()
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedding(text_id: &str, dim: u32, metadata: Option<&str>) -> EmbeddingRecord {
        EmbeddingRecord {
            id: EmbeddingId(1),
            project: ProjectId(1),
            instance: InstanceId(1),
            text_id: text_id.to_owned(),
            vector_dim: dim,
            vector_half: Vec::new(),
            text: None,
            metadata: metadata.map(str::to_owned),
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn an_embedding_that_embsec_cannot_serve_is_named_with_the_reason() {
        let one = [f16::ONE, f16::ZERO];
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let big = format!("{{\"a\":1{}}}", "0".repeat(400));
        for (row, halves, what) in [
            (embedding("", 2, None), one, "no text id"),
            (embedding("a", 3, None), one, "says 3 components and has 2"),
            (embedding("a", 2, None), [f16::ZERO; 2], "all zeros"),
            (
                embedding("a", 2, None),
                [f16::ZERO, f16::NEG_ZERO],
                "all zeros",
            ),
            (embedding("a", 2, Some("[]")), one, "no object"),
            (embedding("a", 2, Some("\"{\"")), one, "no object"),
            (embedding("a", 2, Some(&deep)), one, "too many levels"),
            (embedding("a", 2, Some(&big)), one, "beyond floating point"),
        ] {
            let error = judge_embedding(&row, &halves).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        let shallow = format!("{{\"a\":{}{}}}", "[".repeat(120), "]".repeat(120));
        let long = format!("{{\"a\":{}}}", "9".repeat(308));
        for metadata in [None, Some("{}"), Some(shallow.as_str()), Some(&long)] {
            let judged = judge_embedding(&embedding("a", 2, metadata), &one);
            assert_eq!(judged, Ok(()), "{metadata:?}");
        }
    }
}
