//! Opens a database of another program to look at what it has in clear, and to protect it.
//!
//! Whose tables they are is found out first, and the key read, so that a refusal leaves everything
//! as it was. A database of embsec's own is told apart here and worked on elsewhere.

mod choice;
mod own;
mod recognise;
mod residue;
mod run;
mod target_key;

pub use own::OwnFiles;
pub use recognise::{Recognised, recognise};
pub use residue::{Residue, Scrubbing};
pub use run::{KeyUses, Run};

use super::keyring::{KeyringSource, KeyringSourceError, KeyringUpdateError};
use super::open::OpenError as DeploymentError;
use super::transfer::OtherSide;
use crate::app::encryption::{self, Census, Direction, EncryptionError, Report, Subject, Watch};
use crate::audit::{self, AuditError};
use crate::crypto::embapi_blob::EmbapiKey;
use crate::crypto::llm_proxy::{LlmProxyKey, LlmProxyKeyError};
use crate::domain::key::{KeyId, KeyPurpose};
use crate::sys::clock::Clock;
use crate::sys::fs::FsError;
use crate::sys::rng::Rng;
use crate::target::cipher::Keys;
use crate::target::declared::{self, DeclarationError};
use crate::target::embapi;
use crate::target::error::OpenError;
use crate::target::lease::postgres::PostgresLease;
use crate::target::lease::sqlite::SqliteLease;
use crate::target::lease::{Lease, LeaseError};
use crate::target::llm_proxy;
use crate::target::postgres::PostgresRows;
use crate::target::rows::Rows;
use crate::target::scrub::ScrubError;
use crate::target::sqlite::SqliteRows;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use target_key::{FreshKey, FromKeyring};

/// Whose tables a database holds that is to be protected where it is.
#[derive(Clone, Debug)]
pub enum TargetProfile {
    /// Those of embapi.
    Embapi,
    /// Those of llm-proxy.
    LlmProxy,
    /// Those that this file declares.
    Declared(PathBuf),
}

/// What is to be worked on.
pub struct TargetRequest {
    /// The database.
    pub database: OtherSide,
    /// Whose tables it holds.
    pub profile: TargetProfile,
    /// The columns to work on, as `column` or `table.column`; all of them when none is named.
    pub columns: Vec<String>,
    /// The key as its program has it in `ENCRYPTION_KEY`.
    pub key: Option<SecretString>,
    /// The keyring that has the key of declared tables where no key is given.
    pub keyring: Option<KeyringSource>,
    /// Values to be taken for values in clear although they look sealed.
    pub treat_as_plaintext: Vec<String>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

/// Why a database was not opened to protect it. Nothing was changed, and nothing was created.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file that declares tables.
    #[error(transparent)]
    Declaration(#[from] DeclarationError),
    /// The key is none.
    #[error("the key cannot be used")]
    Key(#[source] LlmProxyKeyError),
    /// The keyring that has the key cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringSourceError),
    /// The keyring did not take a new key.
    #[error(transparent)]
    KeyringUpdate(#[from] KeyringUpdateError),
    /// The keyring took a new key, and it does not read back.
    #[error("the new key {0} does not read back from the keyring as it was made")]
    KeyNotKept(KeyId),
    /// The deployment with the keyring belongs to somebody else.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// It holds the tables of several programs.
    #[error("{database} holds the tables of {}", .programs.join(" and of "))]
    Ambiguous {
        /// The database, without a password.
        database: String,
        /// Whose.
        programs: Vec<&'static str>,
    },
    /// It holds the tables of no program that embsec knows.
    #[error("the database {0} holds the tables of no program that embsec knows")]
    Unknown(String),
    /// embapi has its data on PostgreSQL.
    #[error("embapi has its data on PostgreSQL, and {0} is a file")]
    EmbapiFile(String),
    /// A column was named that is not protected.
    #[error("there is no column {named} to protect; there is {}", .known.join(", "))]
    NoColumn {
        /// As it was named.
        named: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A value was named whose name no value can have.
    #[error("no value has the name {named:?}")]
    NoValue {
        /// As it was named.
        named: String,
        /// What names begin with.
        known: Vec<String>,
    },
    /// There is nothing to encrypt or decrypt in a database of embapi's.
    #[error("embapi reads its provider keys only as they are now")]
    EmbapiSealed,
    /// Another process works on the database.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The audit log was not opened.
    #[error(transparent)]
    Audit(#[from] audit::OpenError),
    /// It was opened and cannot be written.
    #[error(transparent)]
    AuditWrite(#[from] AuditError),
    /// A folder or file could not be made.
    #[error(transparent)]
    File(#[from] FsError),
    /// The run itself.
    #[error(transparent)]
    Run(#[from] EncryptionError),
    /// Old values could not be taken out of the files.
    #[error("the old values are still in the files of the database")]
    Scrub(#[source] ScrubError),
}

/// A database of another program, and what is to be protected in it.
pub struct Target {
    place: OtherSide,
    profile: TargetProfile,
    subject: Subject,
    /// As `subject`, with the key that is to be made before anything is sealed.
    sealing: Option<(Subject, FreshKey)>,
    in_keyring: bool,
    clock: Arc<dyn Clock>,
    warnings: Vec<String>,
}

impl Target {
    /// Finds out what is meant. The database is not touched yet.
    ///
    /// # Errors
    ///
    /// [`TargetError`] of the file that declares tables, the key, or the columns.
    pub fn of(request: TargetRequest) -> Result<Self, TargetError> {
        let mut name = None;
        let (profile, tables) = match &request.profile {
            TargetProfile::Embapi => ("embapi".to_owned(), embapi::sealed_tables()),
            TargetProfile::LlmProxy => ("llm-proxy".to_owned(), llm_proxy::tables()),
            TargetProfile::Declared(path) => {
                let declared = declared::load(path)?;
                let purpose = KeyPurpose::Target(declared.name.clone()).to_string();
                name = Some(declared.name);
                (purpose, Ok(declared.tables))
            }
        };
        let tables = tables.map_err(|error| OpenError::Fault(Box::new(error)))?;
        if let (TargetProfile::Embapi, OtherSide::Sqlite(_)) = (&request.profile, &request.database)
        {
            return Err(TargetError::EmbapiFile(request.database.name()));
        }
        let mut fresh = None;
        let mut in_keyring = false;
        let (keys, warnings) = match (&request.key, request.keyring, &name) {
            (Some(text), ..) => keys(&request.profile, text)?,
            (None, Some(source), Some(name)) => {
                let found = FromKeyring::look(source, name, request.rng.as_ref())?;
                in_keyring = found.fresh.is_some() || !matches!(found.keys, Keys::None);
                fresh = found.fresh;
                (found.keys, Vec::new())
            }
            (None, ..) => (Keys::None, Vec::new()),
        };
        choice::require_names(&tables, &request.treat_as_plaintext)?;
        let subject = Subject {
            database: request.database.name(),
            profile,
            tables: choice::chosen(tables, &request.columns)?,
            keys,
            rng: request.rng,
            treat_as_plaintext: BTreeSet::from_iter(request.treat_as_plaintext),
        };
        Ok(Self {
            place: request.database,
            profile: request.profile,
            sealing: fresh.map(|fresh| {
                let keys = fresh.before(&subject.keys);
                let subject = Subject {
                    keys,
                    ..subject.clone()
                };
                (subject, fresh)
            }),
            subject,
            in_keyring,
            clock: request.clock,
            warnings,
        })
    }

    /// What was passed over in reading the key, each worth a warning.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The database in words that tell it from others, without a password.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.subject.database
    }

    /// Whose tables they are: `embapi`, `llm-proxy`, or `target:` and a name.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.subject.profile
    }

    /// Whether old values may still be in unused parts of a file.
    #[must_use]
    pub fn is_unscrubbed(&self) -> bool {
        match &self.place {
            OtherSide::Sqlite(path) => residue::is_marked(path),
            OtherSide::Postgres(_) => false,
        }
    }

    /// Whether the tables are those of llm-proxy, which has to be stopped meanwhile.
    #[must_use]
    pub const fn is_llm_proxy(&self) -> bool {
        matches!(self.profile, TargetProfile::LlmProxy)
    }

    /// Whether the tables are those of embapi, which are only looked at.
    #[must_use]
    pub const fn is_embapi(&self) -> bool {
        matches!(self.profile, TargetProfile::Embapi)
    }

    /// Refuses a database in which nothing can be encrypted or brought back.
    ///
    /// # Errors
    ///
    /// [`TargetError::EmbapiSealed`].
    pub fn require_reversible(&self) -> Result<(), TargetError> {
        if self.is_embapi() {
            return Err(TargetError::EmbapiSealed);
        }
        Ok(())
    }

    /// Counts what is protected, opens what is sealed, and leaves no trace.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn status(&self, watch: &Watch<'_>) -> Result<Census, TargetError> {
        let mut rows = self.open_to_read().await?;
        Ok(encryption::status(rows.as_mut(), &self.subject, watch).await?)
    }

    /// Does all that a run does but write. The database is opened to read only.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn rehearse(
        &self,
        direction: Direction,
        watch: &Watch<'_>,
    ) -> Result<Report, TargetError> {
        let mut rows = self.open_to_read().await?;
        let subject = self.subject_of(direction);
        Ok(encryption::rehearse(rows.as_mut(), subject, direction, watch).await?)
    }

    /// Whether the keys are those of a keyring, or will be.
    #[must_use]
    pub const fn key_is_in_keyring(&self) -> bool {
        self.in_keyring
    }

    /// The key that a run which seals has to make first, in the keyring; none where there is one.
    #[must_use]
    pub fn key_to_make(&self) -> Option<&KeyId> {
        self.sealing.as_ref().map(|(_, fresh)| fresh.id())
    }

    /// How many values name this key, of which nothing has to be at hand. Nobody else works on
    /// the database until what is returned is dropped.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn uses_of(&self, id: &KeyId, watch: &Watch<'_>) -> Result<KeyUses, TargetError> {
        self.require_fit().await?;
        let lease = self.lease().await?;
        let mut rows = self.open_to_read().await?;
        let untried = Subject {
            keys: Keys::None,
            ..self.subject.clone()
        };
        let census = encryption::status(rows.as_mut(), &untried, watch).await?;
        let counts = census.columns.iter();
        let count = counts.filter_map(|column| column.by_key.get(id)).sum();
        Ok(KeyUses {
            count,
            _lease: lease,
        })
    }

    fn subject_of(&self, direction: Direction) -> &Subject {
        match (&self.sealing, direction) {
            (Some((sealing, _)), Direction::Encrypt) => sealing,
            _ => &self.subject,
        }
    }

    /// Begins a run: nobody else may work on the database until it is over.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn begin(&self, direction: Direction) -> Result<Run<'_>, TargetError> {
        self.require_fit().await?;
        let lease = self.lease().await?;
        Ok(Run {
            target: self,
            direction,
            rows: self.open_to_write().await?,
            lease,
        })
    }

    /// Looks at the database before anything is made: one that does not fit gets no lock file
    /// beside it. What a killed process left is put in order by who opens the file to write.
    async fn require_fit(&self) -> Result<(), OpenError> {
        match self.open_to_read().await {
            Ok(_) | Err(OpenError::NotClosed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn open_to_read(&self) -> Result<Box<dyn Rows>, OpenError> {
        let tables = &self.subject.tables;
        Ok(match &self.place {
            OtherSide::Sqlite(path) => {
                let mut rows = SqliteRows::open_to_read(path)?;
                rows.require(tables, self.is_bound())?;
                Box::new(rows)
            }
            OtherSide::Postgres(url) => {
                let mut rows = PostgresRows::open_to_read(url).await?;
                rows.require(tables).await?;
                Box::new(rows)
            }
        })
    }

    async fn open_to_write(&self) -> Result<Box<dyn Rows>, OpenError> {
        let tables = &self.subject.tables;
        Ok(match &self.place {
            OtherSide::Sqlite(path) => {
                let mut rows = SqliteRows::open_to_write(path)?;
                rows.require(tables, self.is_bound())?;
                Box::new(rows)
            }
            OtherSide::Postgres(url) => {
                let mut rows = PostgresRows::open_to_write(url).await?;
                rows.require(tables).await?;
                Box::new(rows)
            }
        })
    }

    async fn lease(&self) -> Result<Box<dyn Lease>, TargetError> {
        Ok(match &self.place {
            OtherSide::Sqlite(path) => Box::new(SqliteLease::take(path)?),
            OtherSide::Postgres(url) => {
                let connection = embapi::connect(url).await.map_err(OpenError::from)?;
                Box::new(PostgresLease::take(connection).await?)
            }
        })
    }

    /// Whether values are bound to the keys of their rows.
    const fn is_bound(&self) -> bool {
        matches!(self.profile, TargetProfile::Declared(_))
    }
}

/// Takes the key in the form that its program has it in.
fn keys(profile: &TargetProfile, text: &SecretString) -> Result<(Keys, Vec<String>), TargetError> {
    let parsed = match profile {
        TargetProfile::Embapi => {
            let key = EmbapiKey::from_text(text);
            return Ok((Keys::Embapi(Arc::new(key)), Vec::new()));
        }
        TargetProfile::LlmProxy | TargetProfile::Declared(_) => LlmProxyKey::parse(text),
    };
    let parsed = parsed.map_err(TargetError::Key)?;
    let warnings = parsed.warnings.iter();
    let warnings = warnings.map(|what| what.as_str().to_owned()).collect();
    let keys = if matches!(profile, TargetProfile::LlmProxy) {
        Keys::LlmProxy(Arc::new(parsed.key))
    } else {
        Keys::Bound(vec![Arc::new(parsed.key.into_data_key())])
    };
    Ok((keys, warnings))
}
