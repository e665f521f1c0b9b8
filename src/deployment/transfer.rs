//! Opens both sides of a move: the database of the deployment, and another one.
//!
//! The other side is found out first, and the keyring tried on it, so that a refusal leaves
//! everything as it was.

use super::database::{Database, Reserved, server_url};
use super::open::{OpenError, Purpose, Request, open_audit, open_system_key};
use crate::app::job::{Progress, Stop};
use crate::app::transfer::{self, Report, Run, RunError, RunOptions};
use crate::audit::{AuditLog, AuditWriter};
use crate::config::database::Location;
use crate::crypto::embapi_blob::EmbapiKey;
use crate::crypto::keyring::Keyring;
use crate::crypto::secret::DataKey;
use crate::crypto::wrap;
use crate::domain::audit::{Action, Origin};
use crate::domain::findings::Repairs;
use crate::domain::key::{KeyScope, KeyState, WrappedDataKey};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::postgres::schema::Found;
use crate::store::postgres::{self, PostgresReader, PostgresWriter};
use crate::store::sqlite::{SourceRules, SqliteReader, SqliteWriter};
use crate::store::transfer::{KeyMaker, OpenKeys, RecordReader, RecordWriter, Sealing};
use crate::store::{HookError, Store};
use crate::sys::clock::Clock;
use crate::sys::lock::LockFile;
use crate::sys::rng::Rng;
use crate::target::embapi::{self, EmbapiDestination, EmbapiSource, Fitted};
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Whose tables a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Those of embapi, or of dhamps-vdb before it.
    Embapi,
    /// Those of embsec.
    Embsec,
}

/// The database on the other side of a move.
#[derive(Clone, Debug)]
pub enum OtherSide {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresUrl),
}

/// What an import is told beside its source.
pub struct ImportOptions {
    /// Whose tables to take where the source has both.
    pub profile: Option<Profile>,
    /// What embapi has as `ENCRYPTION_KEY`.
    pub encryption_key: Option<SecretString>,
    /// What is done about findings.
    pub repairs: Repairs,
}

/// Why a move was not begun.
#[derive(Debug, thiserror::Error)]
pub enum TransferOpenError {
    /// The deployment itself.
    #[error(transparent)]
    Deployment(#[from] OpenError),
    /// The database on the other side.
    #[error(transparent)]
    OtherSide(OpenError),
    /// The same, as one of embapi's.
    #[error(transparent)]
    Embapi(#[from] embapi::OpenError),
    /// It holds the tables of both.
    #[error("{0} holds the tables of embapi and those of embsec")]
    Ambiguous(String),
    /// It holds the tables of neither.
    #[error("{0} holds neither the tables of embapi nor those of embsec")]
    Unknown(String),
    /// It is the database of the deployment.
    #[error("{0} is the database of this deployment")]
    Same(String),
    /// Another process moves a database in.
    #[error("another process moves a database into \"{}\" now", .0.display())]
    Busy(PathBuf),
}

fn other_side(error: impl Into<OpenError>) -> TransferOpenError {
    TransferOpenError::OtherSide(error.into())
}

/// Both sides of a move, open.
pub struct Transfer {
    source: Box<dyn RecordReader>,
    destination: Box<dyn RecordWriter>,
    source_name: String,
    action: Action,
    audit: Arc<AuditWriter>,
    clock: Arc<dyn Clock>,
    database: Database,
    _lock: Option<LockFile>,
}

impl Transfer {
    /// Opens a move into the database of the deployment.
    ///
    /// # Errors
    ///
    /// Any [`TransferOpenError`].
    pub async fn import(
        request: Request<'_>,
        from: &OtherSide,
        options: ImportOptions,
    ) -> Result<Self, TransferOpenError> {
        let config = &request.config.database;
        let reserved = Reserved::take(config, request.environment, Purpose::Command, request.uid)?;
        let keyring = request.keyring.load().map_err(OpenError::from)?;
        let place = Place::of(&request)?;
        let source_name = from.name();
        if source_name == place.name() {
            return Err(TransferOpenError::Same(source_name));
        }
        let source = open_source(from, options, &keyring, &place).await?;
        let lock = place.lock()?;
        let (database, _) = reserved.open(config, Purpose::Command).await?;
        let store = database.store();
        let sealing = sealing(&request, store.as_ref(), keyring).await?;
        let destination = place.writer(sealing).await?;
        let audit = open_audit(&request, store.as_ref(), None).await?;
        Ok(Self {
            source,
            destination,
            source_name,
            action: Action::MigrateImport,
            audit,
            clock: request.clock,
            database,
            _lock: lock,
        })
    }

    /// Opens a move out of the database of the deployment, into one that becomes embapi's.
    ///
    /// # Errors
    ///
    /// Any [`TransferOpenError`].
    pub async fn export(
        request: Request<'_>,
        to: &PostgresUrl,
        encryption_key: &SecretString,
        repairs: Repairs,
    ) -> Result<Self, TransferOpenError> {
        let config = &request.config.database;
        let reserved = Reserved::take(config, request.environment, Purpose::Command, request.uid)?;
        let keyring = request.keyring.load().map_err(OpenError::from)?;
        let place = Place::of(&request)?;
        let rules = SourceRules {
            refuse_zero_bytes: true,
            skip_unusable: repairs.skip_unusable,
        };
        let source = place.reader(rules, &keyring).await?;
        let key = EmbapiKey::from_text(encryption_key);
        let rng = Arc::clone(&request.rng);
        let destination = EmbapiDestination::open(to, key, rng).await?;
        let (database, _) = reserved.open(config, Purpose::Command).await?;
        let audit = open_audit(&request, database.store().as_ref(), None).await?;
        Ok(Self {
            source: Box::new(Fitted::new(source, repairs)),
            destination: Box::new(destination),
            source_name: place.name(),
            action: Action::MigrateExport,
            audit,
            clock: request.clock,
            database,
            _lock: None,
        })
    }

    /// The source, without a password.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source_name
    }

    /// Runs it and closes both sides.
    ///
    /// # Errors
    ///
    /// Any [`RunError`].
    pub async fn run(
        mut self,
        origin: Origin,
        options: RunOptions,
        progress: &dyn Progress,
        stop: Stop,
    ) -> Result<Report, RunError> {
        let run = Run {
            source: self.source.as_mut(),
            destination: self.destination.as_mut(),
            source_name: &self.source_name,
            action: self.action,
            origin,
            audit: Arc::clone(&self.audit) as Arc<dyn AuditLog>,
            clock: Arc::clone(&self.clock),
            progress,
            stop,
        };
        let done = run.run(options).await;
        // A file of SQLite is closed once nothing here reads it any more: until then it could not
        // empty its log, would wait for that, and would keep a server from writing meanwhile.
        drop(self.source);
        drop(self.destination);
        self.audit.close().await;
        let closed = self.database.close().await;
        let report = done?;
        closed?;
        Ok(report)
    }
}

impl OtherSide {
    /// Which database it is, without a password.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => file_name(path),
            Self::Postgres(url) => url.place(),
        }
    }
}

/// The name of a file wherever the command is run.
pub(super) fn file_name(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    format!("sqlite:{}", path.display())
}

/// Where the database of the deployment is.
enum Place {
    Sqlite(PathBuf),
    Postgres(PostgresUrl, Duration),
}

impl Place {
    fn of(request: &Request<'_>) -> Result<Self, OpenError> {
        let config = &request.config.database;
        Ok(match &config.location {
            Location::Sqlite(path) => Self::Sqlite(path.clone()),
            Location::Postgres(_) => Self::Postgres(
                server_url(config, request.environment)?,
                config.connect_timeout,
            ),
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => file_name(path),
            Self::Postgres(url, _) => url.place(),
        }
    }

    /// A file is moved into by who holds the lock beside it; on a server the writer's session
    /// holds one.
    fn lock(&self) -> Result<Option<LockFile>, TransferOpenError> {
        let Self::Sqlite(path) = self else {
            return Ok(None);
        };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".import.lock");
        match LockFile::try_exclusive(&path.with_file_name(name)).map_err(OpenError::from)? {
            Some(lock) => Ok(Some(lock)),
            None => Err(TransferOpenError::Busy(path.clone())),
        }
    }

    async fn writer(&self, sealing: Sealing) -> Result<Box<dyn RecordWriter>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => {
                Box::new(SqliteWriter::open(path, transfer::similarity, sealing).await?)
            }
            Self::Postgres(url, timeout) => {
                Box::new(PostgresWriter::open(url, *timeout, sealing).await?)
            }
        })
    }

    async fn reader(
        &self,
        rules: SourceRules,
        keyring: &Keyring,
    ) -> Result<Box<dyn RecordReader>, OpenError> {
        match self {
            Self::Sqlite(path) => read_file(path, rules, keyring).await,
            Self::Postgres(url, timeout) => read_server(url, *timeout, keyring).await,
        }
    }
}

async fn open_source(
    from: &OtherSide,
    options: ImportOptions,
    keyring: &Keyring,
    into: &Place,
) -> Result<Box<dyn RecordReader>, TransferOpenError> {
    let timeout = match into {
        Place::Postgres(_, timeout) => *timeout,
        Place::Sqlite(_) => CONNECT_TIMEOUT,
    };
    match from {
        OtherSide::Sqlite(_) if options.profile == Some(Profile::Embapi) => {
            Err(TransferOpenError::Unknown(from.name()))
        }
        OtherSide::Sqlite(path) => {
            let rules = SourceRules {
                refuse_zero_bytes: matches!(into, Place::Postgres(..)),
                skip_unusable: options.repairs.skip_unusable,
            };
            read_file(path, rules, keyring).await.map_err(other_side)
        }
        OtherSide::Postgres(url) => match profile(url, timeout, options.profile).await? {
            Profile::Embsec => read_server(url, timeout, keyring).await.map_err(other_side),
            Profile::Embapi => {
                let key = options.encryption_key.as_ref().map(EmbapiKey::from_text);
                let source = EmbapiSource::open(url, key, options.repairs).await?;
                Ok(Box::new(source))
            }
        },
    }
}

/// How long a server may take to answer where no setting says so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Whose tables a database holds.
async fn profile(
    url: &PostgresUrl,
    timeout: Duration,
    asked: Option<Profile>,
) -> Result<Profile, TransferOpenError> {
    if let Some(asked) = asked {
        return Ok(asked);
    }
    let found = postgres::schema::inspect(url, timeout).await;
    let is_embsec = matches!(found.map_err(other_side)?, Found::Schema { .. });
    match (is_embsec, embapi::is_embapi(url).await?) {
        (true, true) => Err(TransferOpenError::Ambiguous(url.place())),
        (true, false) => Ok(Profile::Embsec),
        (false, true) => Ok(Profile::Embapi),
        (false, false) => Err(TransferOpenError::Unknown(url.place())),
    }
}

async fn read_file(
    path: &Path,
    rules: SourceRules,
    keyring: &Keyring,
) -> Result<Box<dyn RecordReader>, OpenError> {
    let mut reader = SqliteReader::open(path, transfer::similarity, rules).await?;
    let keys = unwrap_all(&reader.data_keys().await?, keyring)?;
    Ok(Box::new(reader.with_keys(keys)))
}

async fn read_server(
    url: &PostgresUrl,
    timeout: Duration,
    keyring: &Keyring,
) -> Result<Box<dyn RecordReader>, OpenError> {
    let mut reader = PostgresReader::open(url, timeout).await?;
    let keys = unwrap_all(&reader.data_keys().await?, keyring)?;
    Ok(Box::new(reader.with_keys(keys)))
}

fn unwrap_all(wrapped: &[WrappedDataKey], keyring: &Keyring) -> Result<OpenKeys, OpenError> {
    let unwrap = |wrapped| super::open::unwrap_key(wrapped, keyring);
    let keys: Result<Vec<DataKey>, OpenError> = wrapped.iter().map(unwrap).collect();
    Ok(OpenKeys::new(keys?))
}

/// What the destination opens and seals with: its keys, all of which must open.
async fn sealing(
    request: &Request<'_>,
    store: &dyn Store,
    keyring: Keyring,
) -> Result<Sealing, OpenError> {
    let rng = Arc::clone(&request.rng);
    if store.claimed_key().await?.is_some() {
        open_system_key(store, &keyring).await?;
    }
    let mut keys = Vec::new();
    for record in store.data_keys(None).await? {
        if record.key.state != KeyState::Pending {
            let key = super::open::unwrap_key(&record.key, &keyring)?;
            keys.push((record.key, key));
        }
    }
    let maker = Arc::new(Maker {
        keyring,
        rng: Arc::clone(&rng),
    });
    Ok(Sealing::new(keys, maker, rng))
}

/// Makes data keys for a destination, sealed by the active master key.
struct Maker {
    keyring: Keyring,
    rng: Arc<dyn Rng>,
}

impl KeyMaker for Maker {
    fn make(&self, scope: KeyScope) -> Result<(DataKey, WrappedDataKey), HookError> {
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| HookError(error);
        let (rng, master) = (self.rng.as_ref(), self.keyring.active_master());
        let key = DataKey::generate(rng).map_err(|error| fault(Box::new(error)))?;
        let wrapped = wrap::wrap(&key, scope, KeyState::Active, master, rng)
            .map_err(|error| fault(Box::new(error)))?;
        // Whoever opens it later has these bytes and nothing else.
        let key = wrap::unwrap(&wrapped, master).map_err(|error| fault(Box::new(error)))?;
        Ok((key, wrapped))
    }
}

#[cfg(test)]
mod tests;
