//! Makes a deployment: built in a sibling folder and renamed, so that a kill at any moment leaves
//! either nothing or all of it.

use super::Layout;
use crate::app::new_request_id;
use crate::audit::{AuditLog as _, AuditWriter};
use crate::config;
use crate::crypto::keyring::Keyring;
use crate::crypto::secret::DataKey;
use crate::crypto::token::ApiKey;
use crate::crypto::wrap;
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::key::{KeyId, KeyScope, KeyState, WrappedDataKey};
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::user::KeyDigest;
use crate::store::postgres::{self, PostgresOptions, PostgresStore};
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::store::{DeploymentStore as _, KeyStore as _, StoreError, UserStore as _};
use crate::sys::clock::Clock;
use crate::sys::fs::{self, FsError};
use crate::sys::owner;
use crate::sys::rng::Rng;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::error::Error;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why there is no new deployment. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder holds something.
    #[error("\"{}\" exists already", .0.display())]
    Exists(PathBuf),
    /// The path cannot name a folder to make.
    #[error("\"{}\" cannot name a new folder", .0.display())]
    BadPath(PathBuf),
    /// Another process is making the same deployment.
    #[error("another process is making \"{}\" now", .0.display())]
    Busy(PathBuf),
    /// The file system refused.
    #[error("cannot make \"{}\"", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The database on the server belongs to a deployment.
    #[error("the database {0} belongs to a deployment already")]
    DatabaseInUse(String),
    /// The database on the server cannot be used.
    #[error(transparent)]
    Server(#[from] postgres::OpenError),
    /// A part could not be made.
    #[error("the {part} cannot be made")]
    Part {
        /// Which.
        part: &'static str,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl InitError {
    fn part<E: Error + Send + Sync + 'static>(part: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Part {
            part,
            source: Box::new(source),
        }
    }

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// The database of a new deployment, on a server of PostgreSQL.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is.
    pub url: PostgresUrl,
    /// What the configuration is to say: the URL, or a reference to it.
    pub setting: SecretString,
}

/// Makes a deployment in `dir`, which must be absent or an empty folder, with its database in a
/// file there or, with `server`, on a server of PostgreSQL.
///
/// A database on a server is prepared before the folder gets its name and taken into use after:
/// one that a killed run has prepared is prepared again by the next.
///
/// # Errors
///
/// Any [`InitError`].
pub async fn initialise(
    dir: &Path,
    server: Option<&Server>,
    clock: Arc<dyn Clock>,
    rng: &dyn Rng,
) -> Result<Layout, InitError> {
    check_target(dir)?;
    let name = dir
        .file_name()
        .ok_or_else(|| InitError::BadPath(dir.to_owned()))?;
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(InitError::io(&parent))?;
    let building = parent.join(format!(".{}.building", name.to_string_lossy()));
    let _lock = claim(&building, dir)?;
    let built = build(&Layout::of(&building), server, clock, rng).await;
    let claim = match built {
        Ok(claim) => claim,
        Err(error) => {
            // Best effort: the next run clears away what is left.
            drop(std::fs::remove_dir_all(&building));
            return Err(error);
        }
    };
    // Renaming onto an empty folder replaces it; onto anything else it fails.
    std::fs::rename(&building, dir).map_err(|source| match source.kind() {
        io::ErrorKind::DirectoryNotEmpty
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotADirectory => InitError::Exists(dir.to_owned()),
        _ => InitError::Io {
            path: dir.to_owned(),
            source,
        },
    })?;
    fs::fsync_dir(&parent).map_err(InitError::part("folder"))?;
    if let Some(claim) = claim {
        claim.complete().await?;
    }
    Ok(Layout::of(dir))
}

/// Whether a deployment can be made in `dir`: it is absent or an empty folder.
///
/// # Errors
///
/// [`InitError::Exists`], or [`InitError::Io`] when it cannot be looked at.
pub fn check_target(dir: &Path) -> Result<(), InitError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(InitError::Exists(dir.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(InitError::Exists(dir.to_owned()))
        }
        Err(source) => Err(InitError::Io {
            path: dir.to_owned(),
            source,
        }),
    }
}

/// Makes the folder to build in and locks it. What a killed run left there is cleared away: none
/// of its keys was ever used.
fn claim(building: &Path, dir: &Path) -> Result<File, InitError> {
    if let Ok(left) = File::open(building) {
        match left.try_lock() {
            Ok(()) => std::fs::remove_dir_all(building).map_err(InitError::io(building))?,
            Err(TryLockError::WouldBlock) => return Err(InitError::Busy(dir.to_owned())),
            Err(TryLockError::Error(source)) => return Err(InitError::io(building)(source)),
        }
    }
    match fs::create_private_dir(building) {
        Ok(()) => {}
        Err(FsError::AlreadyExists { .. }) => return Err(InitError::Busy(dir.to_owned())),
        Err(error) => return Err(InitError::part("folder")(error)),
    }
    let folder = File::open(building).map_err(InitError::io(building))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(_) => Err(InitError::Busy(dir.to_owned())),
    }
}

async fn build(
    layout: &Layout,
    server: Option<&Server>,
    clock: Arc<dyn Clock>,
    rng: &dyn Rng,
) -> Result<Option<Claim>, InitError> {
    let keyring =
        Keyring::generate_whole(rng, clock.as_ref()).map_err(InitError::part("keyring"))?;
    keyring
        .create(&layout.keyring())
        .map_err(InitError::part("keyring"))?;
    // What was read back is used from here on, not what was meant.
    let keyring = Keyring::load(&layout.keyring()).map_err(InitError::part("keyring"))?;

    let admin_key = ApiKey::generate(rng).map_err(InitError::part("administrator's key"))?;
    let line = Zeroizing::new(format!("{}\n", admin_key.reveal()));
    fs::write_secret_file_new(&layout.admin_key(), line.as_bytes())
        .map_err(InitError::part("administrator's key"))?;

    let data_key = DataKey::generate(rng).map_err(InitError::part("data key"))?;
    let state = match server {
        None => KeyState::Active,
        Some(_) => KeyState::Pending,
    };
    let master = keyring.active_master();
    let wrapped = wrap::wrap(&data_key, KeyScope::System, state, master, rng)
        .map_err(InitError::part("data key"))?;
    let (digest, now) = (admin_key.digest(), clock.now());
    let claim = match server {
        None => build_file(layout, &wrapped, &digest, now)
            .await
            .map(|()| None)?,
        Some(server) => Some(Claim::make(&server.url, &wrapped, &digest, now).await?),
    };
    let setting = server.map(|server| server.setting.expose_secret());
    let text = config::render_default_file(setting);
    write(&layout.config(), text.as_bytes())?;
    write(&layout.gitignore(), b"*\n")?;
    record(layout, clock, rng).await?;
    Ok(claim)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), InitError> {
    fs::write_new_file(path, bytes, 0o600).map_err(InitError::part("file"))
}

async fn build_file(
    layout: &Layout,
    data_key: &WrappedDataKey,
    admin_key: &KeyDigest,
    now: Timestamp,
) -> Result<(), InitError> {
    let options = SqliteOptions {
        create: true,
        readers: 1,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(&layout.database(), options)
        .await
        .map_err(InitError::part("database"))?;
    store
        .insert_data_key(data_key, now)
        .await
        .map_err(InitError::part("data key"))?;
    store
        .add_admin_key(admin_key, now)
        .await
        .map_err(InitError::part("administrator's key"))?;
    store.close().await.map_err(InitError::part("database"))
}

/// A database on a server that is prepared, but not in use yet.
struct Claim {
    store: PostgresStore,
    key: KeyId,
}

impl Claim {
    async fn make(
        url: &PostgresUrl,
        data_key: &WrappedDataKey,
        admin_key: &KeyDigest,
        now: Timestamp,
    ) -> Result<Self, InitError> {
        let options = PostgresOptions::default();
        postgres::schema::migrate(url, options.connect_timeout, None).await?;
        let store = PostgresStore::open(url, &options).await?;
        match store.claim(data_key, admin_key, now).await {
            Ok(()) => Ok(Self {
                store,
                key: data_key.id.clone(),
            }),
            Err(StoreError::Conflict(_)) => Err(InitError::DatabaseInUse(url.to_string())),
            Err(error) => Err(InitError::part("data key")(error)),
        }
    }

    /// Takes the database into use. Whoever opens the deployment does it, if this does not.
    async fn complete(self) -> Result<(), InitError> {
        let completed = self.store.complete_claim(&self.key).await;
        self.store.close().await;
        completed.map_err(InitError::part("data key")).map(drop)
    }
}

async fn record(layout: &Layout, clock: Arc<dyn Clock>, rng: &dyn Rng) -> Result<(), InitError> {
    let request_id = new_request_id(clock.as_ref(), rng);
    let (audit, _) = AuditWriter::open(&layout.audit(), &owner::host_name(), clock)
        .map_err(InitError::part("audit log"))?;
    let event = AuditEvent {
        action: Action::DeploymentInit,
        outcome: Outcome::Success,
        origin: Origin {
            actor: "system".to_owned(),
            request_id,
            client_ip: None,
            details: Details::new(),
        },
        project_id: None,
        details: Details::new(),
    };
    let recorded = audit.append(event).await;
    audit.close().await;
    recorded.map_err(InitError::part("audit log"))?;
    Ok(())
}
