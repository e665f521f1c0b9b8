//! Opens a deployment: owner, lock, keyring, schema, database, audit log, in this order, so that
//! a refusal leaves everything as it was.

use super::database::{Database, Migrated, Reserved};
use super::keyring::{KeyringSource, KeyringSourceError, KeyringWatch};
use crate::app::heartbeat::Heartbeat;
use crate::app::keys::KeyCustody;
use crate::app::{App, AppSettings, KeyFormat, SearchMode, new_request_id};
use crate::audit::{self, AuditError, AuditLog, AuditWriter, Opened, RecoverError};
use crate::config::{self, Config, Environment};
use crate::crypto::keyring::Keyring;
use crate::crypto::secret::DataKey;
use crate::crypto::token;
use crate::crypto::wrap::{self, UnwrapError};
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::key::{KeyId, KeyScope, WrappedDataKey};
use crate::store::{Store, StoreError, postgres, sqlite};
use crate::sys::clock::Clock;
use crate::sys::fs::FsError;
use crate::sys::owner;
use crate::sys::rng::Rng;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a deployment is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve it: alone, and with a schema brought up to date.
    Serve,
    /// To run one command on it, beside a server that may run.
    Command,
}

/// What to open, and with what.
pub struct Request<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// Where the keyring is, and what opens it.
    pub keyring: KeyringSource,
    /// An administrator's key that the settings give, already judged.
    pub admin_key: Option<SecretString>,
    /// What for.
    pub purpose: Purpose,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The user that runs the command.
    pub uid: u32,
}

/// Why a deployment was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The command is run by another user than the one whose files these are. What it would
    /// create, the owner could not use.
    #[error("\"{}\" belongs to {owner}", path.display())]
    ForeignOwner {
        /// The folder.
        path: PathBuf,
        /// Its owner's name.
        owner: String,
    },
    /// Another process serves it.
    #[error("\"{}\" is being served by another process{}", database.display(), holder_text(*.holder))]
    Locked {
        /// The database.
        database: PathBuf,
        /// The other process, if it is known.
        holder: Option<u32>,
    },
    /// A file could not be used.
    #[error(transparent)]
    File(#[from] FsError),
    /// The keyring is not at hand.
    #[error(transparent)]
    Keyring(#[from] KeyringSourceError),
    /// The keyring does not hold the master key that the database needs.
    #[error("the keyring has no master key {0}, which the database needs")]
    WrongKeyring(KeyId),
    /// The data key did not open, or is missing.
    #[error("the data key of the scope system cannot be opened")]
    DataKey(#[source] Option<UnwrapError>),
    /// No administrator's key is known.
    #[error("there is no administrator's key")]
    NoAdminKey,
    /// The file of the database was not opened.
    #[error(transparent)]
    Database(#[from] sqlite::OpenError),
    /// The database on the server was not opened.
    #[error(transparent)]
    Server(#[from] postgres::OpenError),
    /// The URL of the server could not be fetched, or is none.
    #[error("the URL of the database cannot be used")]
    DatabaseUrl(#[source] config::Fault),
    /// A query failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit log was not opened.
    #[error(transparent)]
    Audit(#[from] audit::OpenError),
    /// The audit log was opened and cannot be read.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The audit log was opened and cannot be written.
    #[error(transparent)]
    AuditWrite(#[from] AuditError),
}

fn holder_text(holder: Option<u32>) -> String {
    holder
        .map(|pid| format!(" (process {pid})"))
        .unwrap_or_default()
}

/// An open deployment.
pub struct Deployment {
    /// The use-cases.
    pub app: Arc<App>,
    /// What the migration of the schema did, for the one who asked.
    pub migrated: Option<Migrated>,
    audit: Arc<AuditWriter>,
    database: Database,
    watch: Arc<KeyringWatch>,
    heartbeat: Option<Heartbeat>,
}

impl Deployment {
    /// Opens a deployment.
    ///
    /// # Errors
    ///
    /// Any [`OpenError`].
    pub async fn open(request: Request<'_>) -> Result<Self, OpenError> {
        let (config, purpose) = (&request.config.database, request.purpose);
        let reserved = Reserved::take(config, request.environment, purpose, request.uid)?;
        let keyring = request.keyring.load()?;
        let (database, migrated) = reserved.open(config, purpose).await?;
        let store = database.store();
        // Before any data key is read: a rotation of the master key either knows of this server, or
        // is over when this server reads them.
        let heartbeat = match purpose {
            Purpose::Serve => Some(first_beat(&request, store.as_ref(), &keyring).await?),
            Purpose::Command => None,
        };
        open_system_key(store.as_ref(), &keyring).await?;
        let now = request.clock.now();
        if request.admin_key.is_none() && store.count_admin_keys(now).await? == 0 {
            return Err(OpenError::NoAdminKey);
        }
        let audit = open_audit(&request, store.as_ref(), migrated.as_ref()).await?;
        let settings = AppSettings {
            key_format: match request.config.api.key_format {
                config::api::KeyFormat::Embsec => KeyFormat::Embsec,
                config::api::KeyFormat::Hex => KeyFormat::Hex,
            },
            search_mode: match request.config.search.mode {
                config::search::SearchMode::Auto => SearchMode::Auto,
                config::search::SearchMode::Exact => SearchMode::Exact,
                config::search::SearchMode::Approximate => SearchMode::Approximate,
            },
            search_memory_bytes: usize::try_from(request.config.search.memory_bytes)
                .unwrap_or(usize::MAX),
            shred_after: request.config.keys.shred_after,
        };
        let admin_digest = request
            .admin_key
            .map(|key| token::digest(key.expose_secret()));
        let keys = Arc::new(KeyCustody::new(
            Arc::clone(&store),
            Arc::clone(&audit) as Arc<dyn AuditLog>,
            Arc::clone(&request.clock),
            Arc::clone(&request.rng),
            keyring,
        ));
        let watch = KeyringWatch::new(request.keyring, Arc::clone(&keys), Arc::clone(&store));
        let app = App::new(
            store,
            Arc::clone(&audit) as Arc<dyn AuditLog>,
            request.clock,
            request.rng,
            keys,
            admin_digest,
            settings,
        );
        Ok(Self {
            app: Arc::new(app),
            migrated,
            audit,
            database,
            watch: Arc::new(watch),
            heartbeat,
        })
    }

    /// Reads the keyring again when it changes.
    #[must_use]
    pub const fn keyring_watch(&self) -> &Arc<KeyringWatch> {
        &self.watch
    }

    /// What this server tells of itself; none unless it was opened to be served.
    pub(super) fn heartbeat(&self) -> Option<Heartbeat> {
        self.heartbeat.clone()
    }

    /// Writes what is queued, closes the files and gives the lock back.
    ///
    /// # Errors
    ///
    /// When the database does not close.
    pub async fn close(self) -> Result<(), StoreError> {
        if let Some(heartbeat) = &self.heartbeat
            && let Err(error) = self.app.end_heartbeat(heartbeat).await
        {
            tracing::warn!(%error, "the server is taken to live for some seconds more");
        }
        self.audit.close().await;
        self.database.close().await
    }
}

/// The first word of a server.
async fn first_beat(
    request: &Request<'_>,
    store: &dyn Store,
    keyring: &Keyring,
) -> Result<Heartbeat, StoreError> {
    let now = request.clock.now();
    let id = new_request_id(request.clock.as_ref(), request.rng.as_ref()).0;
    let mut heartbeat = Heartbeat::new(id, keyring, now);
    heartbeat.beat(store, keyring, now).await?;
    Ok(heartbeat)
}

/// Refuses a folder that belongs to somebody else: files that root, or anybody else, creates in
/// it would stop the owner's service.
///
/// # Errors
///
/// [`OpenError::ForeignOwner`], or [`OpenError::File`] when there is no folder.
pub fn refuse_foreign_owner(folder: &Path, uid: u32) -> Result<(), OpenError> {
    let owner_uid = owner::owner_uid(folder)?;
    if owner_uid == uid {
        return Ok(());
    }
    let path = folder.to_owned();
    Err(OpenError::ForeignOwner {
        path,
        owner: owner::user_name(owner_uid),
    })
}

/// Opens the key of the system. One that `init` left pending, because it was killed right before
/// its end, is opened first and only then made the active one.
pub(super) async fn open_system_key(
    store: &dyn Store,
    keyring: &Keyring,
) -> Result<DataKey, OpenError> {
    if let Some(active) = store.data_key(KeyScope::System).await? {
        return unwrap_key(&active, keyring);
    }
    let claimed = store.claimed_key().await?;
    let claimed = claimed.ok_or(OpenError::DataKey(None))?;
    let key = unwrap_key(&claimed, keyring)?;
    store.complete_claim(&claimed.id).await?;
    Ok(key)
}

pub(super) fn unwrap_key(
    wrapped: &WrappedDataKey,
    keyring: &Keyring,
) -> Result<DataKey, OpenError> {
    let master = keyring
        .master(&wrapped.master_id)
        .ok_or_else(|| OpenError::WrongKeyring(wrapped.master_id.clone()))?;
    wrap::unwrap(wrapped, master).map_err(|error| OpenError::DataKey(Some(error)))
}

/// Opens the log and settles what a killed process left open: an event whose transaction did not
/// commit gets its `error` event.
pub(super) async fn open_audit(
    request: &Request<'_>,
    store: &dyn Store,
    migrated: Option<&Migrated>,
) -> Result<Arc<AuditWriter>, OpenError> {
    let dir = &request.config.audit.dir;
    let (log, opened) = AuditWriter::open(dir, &owner::host_name(), Arc::clone(&request.clock))?;
    let committed = store.committed_events(log.stream()).await?;
    if opened.last_seq < committed.last() {
        log.append(cut_event(request, &opened, committed.last()))
            .await?;
    } else {
        for open in audit::uncommitted_events(dir, log.stream(), &committed)? {
            let mut event = open.event;
            event.outcome = Outcome::Error;
            event
                .details
                .insert("error".to_owned(), "the change was not committed".into());
            event
                .details
                .insert("undone_seq".to_owned(), open.seq.into());
            log.append(event).await?;
        }
    }
    if let Some(migrated) = migrated {
        let event = schema_event(request.clock.as_ref(), request.rng.as_ref(), migrated);
        log.append(event).await?;
    }
    Ok(Arc::new(log))
}

/// The event of a schema that was brought up to date.
pub(super) fn schema_event(clock: &dyn Clock, rng: &dyn Rng, migrated: &Migrated) -> AuditEvent {
    let mut details = Details::new();
    details.insert("from_version".to_owned(), migrated.from.into());
    details.insert("to_version".to_owned(), migrated.to.into());
    system_event(clock, rng, Action::SchemaMigrate, details)
}

fn cut_event(request: &Request<'_>, opened: &Opened, committed: u64) -> AuditEvent {
    tracing::error!(
        stream = opened.stream,
        last_seq = opened.last_seq,
        committed_seq = committed,
        "the end of the audit log is missing"
    );
    let mut details = Details::new();
    details.insert("last_seq".to_owned(), opened.last_seq.into());
    details.insert("committed_seq".to_owned(), committed.into());
    AuditEvent {
        outcome: Outcome::Error,
        ..system_event(
            request.clock.as_ref(),
            request.rng.as_ref(),
            Action::AuditCut,
            details,
        )
    }
}

fn system_event(clock: &dyn Clock, rng: &dyn Rng, action: Action, details: Details) -> AuditEvent {
    AuditEvent {
        action,
        outcome: Outcome::Success,
        origin: Origin {
            actor: "system".to_owned(),
            request_id: new_request_id(clock, rng),
            client_ip: None,
            details: Details::new(),
        },
        project_id: None,
        details,
    }
}
