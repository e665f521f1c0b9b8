//! The end of keys: retiring one, which keeps it and uses it for nothing new, and destroying one
//! for good. Both are refused while anything needs the key, and say what.
//!
//! Which backups need a key is asked by [`BackupNeeds`]. Where the keyring is kept and how its file changes is known to the caller. Keys of deleted
//! projects are destroyed with their projects, elsewhere.

use super::error::{AppError, AppResult};
use super::lease::LeaseError;
use super::rotation::MASTER_ROTATION;
use super::{App, Call};
use crate::crypto::keyring::ChangeError;
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use crate::domain::count::counted;
use crate::domain::key::{DataKeyRecord, KeyEntry, KeyId, KeyPurpose, KeyState, TargetName};
use crate::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use std::fmt;

/// How a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Kept, and used for nothing new.
    Retire,
    /// Its bytes are removed.
    Destroy,
}

/// Something that needs a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Data keys that it seals.
    DataKeys(u64),
    /// Values that it seals.
    Values(u64),
    /// Everything new, because it is the active one.
    Everything,
    /// New backups, because it is the one that signs them.
    NewBackups,
    /// Backups that are kept.
    Backups {
        /// How many.
        count: u64,
        /// The newest of them, the newest first.
        newest: Vec<BackupId>,
    },
    /// A rotation that is not finished and goes to it.
    Rotation,
    /// What is declared of another program's database, where nobody looked.
    Unseen(TargetName),
    /// Values of another program's database that it seals.
    OtherValues {
        /// How many.
        count: u64,
        /// Where.
        database: String,
    },
    /// A server that runs and has not read the keyring again.
    Server {
        /// The machine.
        host: String,
        /// The process.
        pid: u32,
    },
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataKeys(count) => write!(
                f,
                "{} sealed by it",
                counted(*count, "data key is", "data keys are")
            ),
            Self::Values(count) => {
                write!(
                    f,
                    "{} sealed by it",
                    counted(*count, "value is", "values are")
                )
            }
            Self::Everything => f.write_str("it is the active one, which seals what is new"),
            Self::NewBackups => f.write_str("it is the active one, which signs new backups"),
            Self::Backups { count, newest } => {
                let newest: Vec<&str> = newest.iter().map(BackupId::as_str).collect();
                let backups = counted(*count, "backup needs it", "backups need it");
                let is_all = u64::try_from(newest.len()) == Ok(*count);
                let names = if is_all { "" } else { "the newest are " };
                write!(f, "{backups}: {names}{}", newest.join(", "))
            }
            Self::Unseen(name) => write!(
                f,
                "what it seals is in a database that is declared as {name:?}, and was not looked at",
                name = name.as_str()
            ),
            Self::OtherValues { count, database } => {
                let values = counted(*count, "value is", "values are");
                write!(f, "{values} sealed by it in {database}")
            }
            Self::Rotation => f.write_str("a rotation to it is not finished"),
            Self::Server { host, pid } => write!(
                f,
                "the server of process {pid} on {host} has not read the keyring again"
            ),
        }
    }
}

/// How many backups that need a key are named.
const NAMED_BACKUPS: usize = 5;

/// It could not be found out which backups need a key.
#[derive(Debug, thiserror::Error)]
#[error("it cannot be told which backups need the key")]
pub struct BackupNeedsError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What knows which backups need a key.
#[async_trait]
pub trait BackupNeeds: Send + Sync {
    /// Those of the backups that are kept that need this key: to be verified, where it is one that
    /// signs, or else to be read.
    ///
    /// # Errors
    ///
    /// When it cannot be found out; the key does not end then.
    async fn needs(&self, key: &KeyId) -> Result<Vec<BackupId>, BackupNeedsError>;
}

/// Where no place for backups is known: nothing there needs a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBackups;

#[async_trait]
impl BackupNeeds for NoBackups {
    async fn needs(&self, _key: &KeyId) -> Result<Vec<BackupId>, BackupNeedsError> {
        Ok(Vec::new())
    }
}

/// What of the backups needs a key, if anything.
async fn needs_of_backups(
    backups: &dyn BackupNeeds,
    key: &KeyId,
) -> Result<Option<Need>, BackupNeedsError> {
    let mut newest = backups.needs(key).await?;
    let count = u64::try_from(newest.len()).unwrap_or(u64::MAX);
    newest.sort_unstable_by(|one, other| other.cmp(one));
    newest.truncate(NAMED_BACKUPS);
    Ok((count > 0).then_some(Need::Backups { count, newest }))
}

/// Why a key did not end.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is no such key.
    #[error("there is no key {0}")]
    Unknown(KeyId),
    /// It was destroyed already.
    #[error("the key {id} was destroyed at {at:.0}")]
    Destroyed {
        /// The key.
        id: KeyId,
        /// When.
        at: Timestamp,
    },
    /// Something needs it.
    #[error("the key {id} is needed: {}", told(.needs))]
    Needed {
        /// The key.
        id: KeyId,
        /// What needs it.
        needs: Vec<Need>,
    },
    /// It is not known which backups need it.
    #[error(transparent)]
    Backups(#[from] BackupNeedsError),
    /// It stands where it cannot end.
    #[error(transparent)]
    State(ChangeError),
    /// A rotation of the master key is under way, or another key is ending.
    #[error(transparent)]
    Lease(LeaseError),
    /// The database or the audit log failed.
    #[error(transparent)]
    App(#[from] AppError),
}

fn told(needs: &[Need]) -> String {
    let needs: Vec<String> = needs.iter().map(ToString::to_string).collect();
    needs.join("; ")
}

impl From<StoreError> for EndError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<LeaseError> for EndError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Store(error) => error.into(),
            other => Self::Lease(other),
        }
    }
}

/// A key that is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndingKey {
    /// Of the keyring.
    Keyring {
        /// Its id.
        id: KeyId,
        /// What it is for.
        purpose: KeyPurpose,
    },
    /// Of the database.
    Data {
        /// Its id.
        id: KeyId,
        /// What it is for: `system` or `project:OWNER/HANDLE`.
        purpose: String,
    },
}

impl EndingKey {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        match self {
            Self::Keyring { id, .. } | Self::Data { id, .. } => id,
        }
    }

    /// What it is for, in words.
    #[must_use]
    pub fn purpose(&self) -> String {
        match self {
            Self::Keyring { purpose, .. } => purpose.to_string(),
            Self::Data { purpose, .. } => purpose.clone(),
        }
    }

    /// Whether what the key seals is in another program's database.
    #[must_use]
    pub const fn is_of_target(&self) -> bool {
        matches!(
            self,
            Self::Keyring {
                purpose: KeyPurpose::Target(_),
                ..
            }
        )
    }
}

/// How often a key was found in a database that is declared under this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUses {
    /// The name in the declaration.
    pub name: TargetName,
    /// The database, without a password.
    pub database: String,
    /// Values that the key seals there.
    pub count: u64,
}

/// What of other programs' databases needs a key. One that is pending has sealed nothing.
fn needs_of_target(name: &TargetName, state: KeyState, seen: Option<&TargetUses>) -> Vec<Need> {
    match seen {
        _ if state == KeyState::Pending => Vec::new(),
        Some(seen) if seen.name == *name && seen.count == 0 => Vec::new(),
        Some(seen) if seen.name == *name => vec![Need::OtherValues {
            count: seen.count,
            database: seen.database.clone(),
        }],
        _ => vec![Need::Unseen(name.clone())],
    }
}

impl App {
    /// Finds a key that may end now. `seen` is what was found in the database that a key of a
    /// target is for, `backups` knows the backups that are kept.
    ///
    /// # Errors
    ///
    /// [`EndError::Unknown`], [`EndError::Needed`], [`EndError::State`], [`EndError::Backups`], or
    /// [`EndError::App`].
    pub async fn check_key_end(
        &self,
        id: &KeyId,
        ending: Ending,
        seen: Option<&TargetUses>,
        backups: &dyn BackupNeeds,
    ) -> Result<EndingKey, EndError> {
        let keyring = self.keys.keyring();
        if let Some(entry) = keyring.entry(id) {
            let mut needs = match &entry.purpose {
                KeyPurpose::Master => self.needs_of_master(&entry, keyring.generation()).await?,
                KeyPurpose::Target(name) => needs_of_target(name, entry.state, seen),
                KeyPurpose::BackupSigning if entry.state == KeyState::Active => {
                    vec![Need::NewBackups]
                }
                KeyPurpose::BackupSigning => Vec::new(),
            };
            needs.extend(needs_of_backups(backups, id).await?);
            refuse_needed(id, needs)?;
            let changed = match ending {
                Ending::Retire => keyring.with_retired(id),
                Ending::Destroy => keyring.without(id),
            };
            changed.map_err(EndError::State)?;
            return Ok(EndingKey::Keyring {
                id: entry.id,
                purpose: entry.purpose,
            });
        }
        let record = self.store.data_key_of_id(id).await?;
        let Some(record) = record else {
            return Err(match self.destroyed_key(id).await? {
                Some(key) => EndError::Destroyed {
                    id: key.id,
                    at: key.destroyed_at,
                },
                None => EndError::Unknown(id.clone()),
            });
        };
        let mut needs = self.needs_of_data_key(&record).await?;
        needs.extend(needs_of_backups(backups, id).await?);
        refuse_needed(id, needs)?;
        let (wanted, change) = match ending {
            Ending::Retire => (KeyState::DecryptOnly, "retired"),
            Ending::Destroy => (KeyState::Retired, "destroyed"),
        };
        if record.key.state == wanted {
            return Ok(EndingKey::Data {
                id: record.key.id,
                purpose: self.scope_in_words(record.key.scope).await?,
            });
        }
        Err(EndError::State(ChangeError::WrongState {
            id: id.clone(),
            state: record.key.state,
            wanted: match ending {
                Ending::Retire => "a decrypt-only key",
                Ending::Destroy => "a retired key",
            },
            change,
        }))
    }

    /// Ends a key of the keyring: looks once more for what needs it, while no rotation can begin,
    /// and records it before `write` makes it so.
    ///
    /// # Errors
    ///
    /// Any [`EndError`], or the error of `write`; nothing was changed then, and the event says so.
    pub async fn end_keyring_key<E: From<EndError>>(
        &self,
        call: &Call,
        id: &KeyId,
        ending: Ending,
        seen: Option<&TargetUses>,
        backups: &dyn BackupNeeds,
        write: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        // A rotation has the same lease, so that no data key is sealed by a master key that is
        // about to go.
        let lease = self
            .take_lease(MASTER_ROTATION)
            .await
            .map_err(EndError::from)?;
        let ended = self
            .end_under_lease(call, id, ending, seen, backups, write)
            .await;
        let released = lease.release().await;
        ended?;
        // It runs out by itself.
        if let Err(error) = released {
            tracing::warn!(%error, "a lease was not given back");
        }
        Ok(())
    }

    async fn end_under_lease<E: From<EndError>>(
        &self,
        call: &Call,
        id: &KeyId,
        ending: Ending,
        seen: Option<&TargetUses>,
        backups: &dyn BackupNeeds,
        write: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let key = self.check_key_end(id, ending, seen, backups).await?;
        let action = match ending {
            Ending::Retire => Action::KeyringRetire,
            Ending::Destroy => Action::KeyringDestroy,
        };
        let mut details = Details::new();
        details.insert("key_id".to_owned(), id.0.as_str().into());
        details.insert("purpose".to_owned(), key.purpose().into());
        self.record(
            call.origin.clone(),
            action,
            Outcome::Success,
            details.clone(),
        )
        .await
        .map_err(EndError::App)?;
        let Err(error) = write() else {
            return Ok(());
        };
        details.insert("error".to_owned(), "the keyring was not changed".into());
        self.record(call.origin.clone(), action, Outcome::Error, details)
            .await
            .map_err(EndError::App)?;
        Err(error)
    }

    /// Ends a data key, which [`Self::check_key_end`] found.
    ///
    /// # Errors
    ///
    /// When the key changed meanwhile, or the database fails.
    pub async fn end_data_key(&self, call: &Call, id: &KeyId, ending: Ending) -> AppResult<()> {
        let recorder = self.recorder(call);
        match ending {
            Ending::Retire => self.store.retire_data_key(id, &recorder).await?,
            Ending::Destroy => self.store.remove_retired_data_key(id, &recorder).await?,
        }
        Ok(())
    }

    async fn needs_of_master(&self, key: &KeyEntry, generation: u64) -> AppResult<Vec<Need>> {
        let id = &key.id;
        let is_active = key.state == KeyState::Active;
        let uses = self.store.master_key_uses().await?;
        let count = uses.iter().find(|(key, _)| key == id).map(|(_, n)| *n);
        let servers = self.store.processes(self.live_since()).await?;
        // One that has not read the newest keyring may still seal with the key.
        let behind = servers
            .into_iter()
            .filter(|server| {
                server.keyring_generation < generation || (!is_active && server.seals_with(id))
            })
            .map(|server| Need::Server {
                host: server.host,
                pid: server.pid,
            });
        Ok(count
            .filter(|count| *count > 0)
            .map(Need::DataKeys)
            .into_iter()
            .chain(is_active.then_some(Need::Everything))
            .chain(behind)
            .collect())
    }

    async fn needs_of_data_key(&self, record: &DataKeyRecord) -> AppResult<Vec<Need>> {
        let mut needs = Vec::new();
        if record.key.state == KeyState::Active {
            needs.push(Need::Everything);
        }
        let rotation = self.store.open_rotation(record.key.scope).await?;
        if rotation.is_some_and(|rotation| rotation.to_key == record.key.id) {
            needs.push(Need::Rotation);
        }
        match self.values_sealed_by(&record.key.id).await? {
            0 => {}
            count => needs.push(Need::Values(count)),
        }
        Ok(needs)
    }
}

fn refuse_needed(id: &KeyId, needs: Vec<Need>) -> Result<(), EndError> {
    if needs.is_empty() {
        return Ok(());
    }
    Err(EndError::Needed {
        id: id.clone(),
        needs,
    })
}
