//! Configuration: one struct per concern, read from `embsec.toml`, the environment and flags.
//!
//! Precedence: flag, environment, file, default. Every value keeps its origin, and every problem
//! is reported at once. The environment comes in as data; nothing here reads it, and nothing here
//! prints.

pub mod api;
pub mod audit;
pub mod backup;
pub mod database;
mod default_file;
pub mod environment;
mod error;
mod file;
pub mod keyring;
pub mod keys;
mod layers;
pub mod log;
mod masked;
mod read;
pub mod restore_test;
pub mod schema;
pub mod search;
pub mod secret;
pub mod serve;
pub mod settings;
mod show;
mod suggest;
mod value;

pub use default_file::render as render_default_file;
pub use environment::Environment;
pub use error::{ConfigError, Fault, Problem};
pub use file::{DEFAULT_DIR, FILE_NAME};
pub use layers::{Announcement, FlagValue};
pub use show::Shown;
pub use value::Origin;

use crate::crypto::token::check_admin_key_strength;
use crate::domain::postgres_url::PostgresUrl;
use layers::Layers;
use read::Reader;
use secrecy::{ExposeSecret as _, SecretString};
use secret::SecretRef;
use std::path::{Path, PathBuf};

/// Everything that is set, as values fit for use.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[serve]`.
    pub serve: serve::ServeConfig,
    /// `[log]`.
    pub log: log::LogConfig,
    /// `[api]`.
    pub api: api::ApiConfig,
    /// `[database]`.
    pub database: database::DatabaseConfig,
    /// `[search]`.
    pub search: search::SearchConfig,
    /// `[keyring]`.
    pub keyring: keyring::KeyringConfig,
    /// `[keys]`.
    pub keys: keys::KeysConfig,
    /// `[audit]`.
    pub audit: audit::AuditConfig,
    /// `[backup]`.
    pub backup: backup::BackupConfig,
    /// `[restore_test]`.
    pub restore_test: restore_test::RestoreTestConfig,
}

/// Where settings come from.
pub struct Sources<'a> {
    /// The file that `--config` names.
    pub config: Option<&'a Path>,
    /// The folder that `--dir` names.
    pub dir: Option<&'a Path>,
    /// Settings given as flags.
    pub flags: &'a [FlagValue],
    /// The environment.
    pub environment: &'a Environment,
    /// The user whose files are trusted, beside root's.
    pub uid: u32,
}

/// The merged settings, not yet judged together.
pub struct Loaded {
    file: Option<PathBuf>,
    base: PathBuf,
    file_is_exposed: bool,
    layers: Layers,
}

/// Finds and reads the file and lays the layers over each other.
///
/// # Errors
///
/// Any [`ConfigError`]; keys that are unknown and values of the wrong type are all in one
/// [`ConfigError::Problems`].
pub fn load(sources: &Sources<'_>) -> Result<Loaded, ConfigError> {
    let Sources {
        config,
        dir,
        flags,
        environment,
        uid,
    } = *sources;
    let found = file::locate(config, dir, environment, uid)?;
    let path = found.as_ref().map(|found| found.path.clone());
    let parsed = found.map(file::read).transpose()?;
    let file_is_exposed = parsed.as_ref().is_some_and(|parsed| parsed.exposed);
    let (entries, mut problems) =
        parsed.map_or_else(Default::default, |parsed| (parsed.entries, parsed.problems));
    let layers = Layers::merge(entries, environment, flags, &mut problems);
    if !problems.is_empty() {
        return Err(ConfigError::Problems(problems));
    }
    let base = path
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    Ok(Loaded {
        base: base.to_owned(),
        file: path,
        file_is_exposed,
        layers,
    })
}

impl Loaded {
    /// The file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The folder of the file, where a deployment keeps everything; empty when it is the current
    /// one.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.base
    }

    /// What was set, as a backup carries it: secrets are replaced by the names of their settings.
    /// `key_ids` are those of the keyring, which is never in a backup.
    #[must_use]
    pub fn render_masked(&self, key_ids: &[String]) -> String {
        masked::render(&self.layers, key_ids)
    }

    /// What people should be told about variables that other systems use too.
    #[must_use]
    pub fn announcements(&self) -> &[Announcement] {
        &self.layers.announcements
    }

    /// Every setting with its value and origin, secrets masked.
    #[must_use]
    pub fn show(&self) -> Vec<Shown> {
        show::all(&self.layers)
    }

    /// Gives every value its meaning and judges them together. Follows no reference.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Problems`] with everything that is wrong.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let mut reader = Reader::new(&self.layers, &self.base);
        let config = self.read(&mut reader);
        match config {
            Ok(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(ConfigError::Problems(reader.problems)),
        }
    }

    /// Judges everything that can be judged before something starts: what [`Self::config`] does,
    /// the administrator's key, and whether the keyring can be fetched.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Problems`] with everything that is wrong.
    pub fn check(&self, environment: &Environment) -> Result<Config, ConfigError> {
        let config = self.config()?;
        let mut problems = Vec::new();
        if let Err(ConfigError::Problems(found)) = self.admin_key(&config, environment) {
            problems.extend(found);
        }
        if let Err(error) = config.keyring.source.fetch(environment) {
            problems.push(self.problem(&settings::KEYRING_SOURCE, error.into()));
        }
        if let Err(fault) = config.database.location.postgres_url(environment) {
            problems.push(self.problem(&settings::DATABASE_URL, fault));
        }
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Problems(problems))
        }
    }

    /// What [`Self::check`] does, and whether what only backups need can be fetched: a server runs
    /// without it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Problems`] with everything that is wrong.
    pub fn check_all(&self, environment: &Environment) -> Result<Config, ConfigError> {
        let config = self.config()?;
        let mut problems = match self.check(environment) {
            Err(ConfigError::Problems(problems)) => problems,
            Err(error) => return Err(error),
            Ok(_) => Vec::new(),
        };
        problems.extend(self.check_backup(&config, environment));
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Problems(problems))
        }
    }

    /// What is wrong with the references of `[backup]`.
    fn check_backup(&self, config: &Config, environment: &Environment) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(url) = &config.backup.healthcheck_url
            && let Err(fault) = backup::fetch_healthcheck_url(url, environment)
        {
            problems.push(self.problem(&settings::BACKUP_HEALTHCHECK_URL, fault));
        }
        for (setting, secret) in s3_secrets(&config.backup) {
            if let Some(Err(error)) = secret.map(|secret| secret.resolve(environment)) {
                problems.push(self.problem(setting, error.into()));
            }
        }
        problems
    }

    /// Fetches the administrator's key, if one is set, and refuses a weak one.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Problems`] when it can't be fetched or is weak.
    pub fn admin_key(
        &self,
        config: &Config,
        environment: &Environment,
    ) -> Result<Option<SecretString>, ConfigError> {
        let Some(reference) = &config.api.admin_key else {
            return Ok(None);
        };
        let judged = reference
            .resolve(environment)
            .map_err(Fault::from)
            .and_then(|key| match check_admin_key_strength(key.expose_secret()) {
                Ok(()) => Ok(key),
                Err(weakness) => Err(weakness.into()),
            });
        judged.map(Some).map_err(|fault| {
            ConfigError::Problems(vec![self.problem(&settings::API_ADMIN_KEY, fault)])
        })
    }

    fn read(&self, reader: &mut Reader<'_>) -> Result<Config, read::Rejected> {
        let serve = serve::ServeConfig::read(reader);
        let log = log::LogConfig::read(reader);
        let api = api::ApiConfig::read(reader);
        let database = database::DatabaseConfig::read(reader);
        let search = search::SearchConfig::read(reader);
        let keyring = keyring::KeyringConfig::read(reader);
        let keys = keys::KeysConfig::read(reader);
        let audit = audit::AuditConfig::read(reader);
        let backup = backup::BackupConfig::read(reader);
        let restore_test = restore_test::RestoreTestConfig::read(reader);
        if let Ok(api) = &api {
            self.refuse_exposed(reader, &settings::API_ADMIN_KEY, api.admin_key.as_ref());
        }
        if let Ok(database::DatabaseConfig {
            location: database::Location::Postgres(SecretRef::Given(url)),
            ..
        }) = &database
            && self.file_is_exposed
            && matches!(self.origin(&settings::DATABASE_URL), Origin::File { .. })
            && PostgresUrl::parse(url.expose_secret()).is_ok_and(|url| url.has_password())
        {
            reader.reject(&settings::DATABASE_URL, Fault::ExposedSecret);
        }
        if let Ok(keyring) = &keyring {
            self.refuse_exposed(
                reader,
                &settings::KEYRING_PASSPHRASE,
                keyring.passphrase.as_ref(),
            );
            self.refuse_exposed(
                reader,
                &settings::KEYRING_IDENTITY,
                keyring.identity.as_ref(),
            );
        }
        if let Ok(backup) = &backup {
            for (setting, secret) in backup_secrets(backup) {
                self.refuse_exposed(reader, setting, secret);
            }
        }
        Ok(Config {
            serve: serve?,
            log: log?,
            api: api?,
            database: database?,
            search: search?,
            keyring: keyring?,
            keys: keys?,
            audit: audit?,
            backup: backup?,
            restore_test: restore_test?,
        })
    }

    /// Refuses a secret that stands itself in a file which others can read.
    fn refuse_exposed(
        &self,
        reader: &mut Reader<'_>,
        setting: &'static settings::Setting,
        secret: Option<&SecretRef>,
    ) {
        if matches!(secret, Some(SecretRef::Given(_)))
            && self.file_is_exposed
            && matches!(self.origin(setting), Origin::File { .. })
        {
            reader.reject(setting, Fault::ExposedSecret);
        }
    }

    fn origin(&self, setting: &settings::Setting) -> Origin {
        self.layers
            .get(setting)
            .map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    fn problem(&self, setting: &settings::Setting, fault: Fault) -> Problem {
        Problem::new(setting.key.to_owned(), self.origin(setting), fault)
    }
}

/// What signs requests to an S3 store, with the setting of each.
fn s3_secrets(
    backup: &backup::BackupConfig,
) -> [(&'static settings::Setting, Option<&SecretRef>); 2] {
    let credentials = backup.s3.credentials.as_ref();
    [
        (
            &settings::BACKUP_S3_ACCESS_KEY_ID,
            credentials.map(|credentials| &credentials.access_key_id),
        ),
        (
            &settings::BACKUP_S3_SECRET_ACCESS_KEY,
            credentials.map(|credentials| &credentials.secret_access_key),
        ),
    ]
}

/// Every secret of `[backup]`, with its setting.
fn backup_secrets(
    backup: &backup::BackupConfig,
) -> impl Iterator<Item = (&'static settings::Setting, Option<&SecretRef>)> {
    let url = backup.healthcheck_url.as_ref();
    s3_secrets(backup)
        .into_iter()
        .chain([(&settings::BACKUP_HEALTHCHECK_URL, url)])
}

#[cfg(test)]
mod tests;
