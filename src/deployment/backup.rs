//! Opens what work on backups needs: the destination, the keys, the database to be read.

mod error;
mod into;
mod proof;
mod source;
pub mod swap;
mod throwaway;

pub use crate::target::dump::DumpError;
pub use crate::target::dump::postgres::{DumpError as ServerDumpError, ReadError, ServerError};
pub use crate::target::dump::sqlite::DumpError as FileDumpError;
pub use crate::target::load::LoadError;
pub use crate::target::load::postgres::LoadError as ServerLoadError;
pub use crate::target::load::sqlite::LoadError as FileLoadError;
pub use crate::target::load::sqlite::SwapError;
pub use crate::target::sqlite::whole::SqliteFault;
pub use error::BackupOpenError;
pub use into::open_load;
pub use proof::{Sealed, prove_keys};
pub use source::{DumpRequest, open_dump, program_of, remove_copies};
pub use throwaway::{Throwaway, ThrowawayRequest};

use super::KeyringSource;
use crate::app::backup::{Backups, Place};
use crate::audit::AuditLog;
use crate::backup::known::KnownFile;
use crate::backup::signature::{Signer, Trusted};
use crate::blob::Blob;
use crate::blob::folder::Folder;
use crate::blob::s3::{S3, S3Options, S3Timing};
use crate::config::backup::BackupConfig;
use crate::config::{Config, Environment};
use crate::crypto::keyring::Keyring;
use crate::crypto::signing::VerifyingKey;
use crate::domain::audit::Origin;
use crate::domain::destination::Destination;
use crate::sys::clock::Clock;
use crate::sys::owner;
use crate::sys::rng::Rng;
use secrecy::ExposeSecret as _;
use std::path::Path;
use std::sync::Arc;

/// What this host remembers of backups, in the deployment's folder.
const KNOWN_FILE: &str = "backup-known.json";

/// What to open, and with what.
pub struct BackupRequest<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The deployment's folder.
    pub dir: &'a Path,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// Another destination than that of the settings.
    pub destination: Option<Destination>,
    /// What becomes of a folder that is not there.
    pub missing: Missing,
    /// Where the keyring is, and what opens it.
    pub keyring: &'a KeyringSource,
    /// Where what is done is recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Who does it.
    pub origin: Origin,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

/// What becomes of a folder that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is made, if the folder around it is there.
    Make,
    /// It is an error.
    Refuse,
}

/// Opens a destination and the keys for it. A keyring that is not there is no error yet: a host
/// may only look.
///
/// # Errors
///
/// Any [`BackupOpenError`].
pub fn open_backups(request: BackupRequest<'_>) -> Result<Backups, BackupOpenError> {
    let config = &request.config.backup;
    let destination = request.destination.as_ref().unwrap_or(&config.destination);
    let keyring = match request.keyring.load() {
        Ok(keyring) => Some(keyring),
        Err(error) if error.is_missing() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Backups {
        blob: open_destination(destination, &request)?,
        place: match destination {
            Destination::Folder(folder) => Place::Within(folder.clone()),
            Destination::S3 { .. } => Place::Beside(config.spool.clone()),
        },
        known: KnownFile::at(request.dir.join(KNOWN_FILE)),
        trusted: trusted(config, keyring.as_ref())?,
        keyring,
        recipients: config.recipients.clone(),
        clock: request.clock,
        rng: request.rng,
        host: owner::host_name(),
        audit: request.audit,
        origin: request.origin,
    })
}

/// Opens a destination.
///
/// # Errors
///
/// [`BackupOpenError::Blob`], [`BackupOpenError::Secret`].
fn open_destination(
    destination: &Destination,
    request: &BackupRequest<'_>,
) -> Result<Arc<dyn Blob>, BackupOpenError> {
    let (config, environment) = (&request.config.backup.s3, request.environment);
    match destination {
        Destination::Folder(folder) => Ok(Arc::new(match request.missing {
            Missing::Make => Folder::open_or_create(folder)?,
            Missing::Refuse => Folder::open(folder)?,
        })),
        Destination::S3 { bucket, prefix } => {
            let credentials = config
                .credentials
                .as_ref()
                .ok_or(BackupOpenError::NoCredentials)?;
            let access_key_id = credentials.access_key_id.resolve(environment)?;
            let options = S3Options {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                endpoint: config.endpoint.as_ref().map(ToString::to_string),
                region: config.region.clone(),
                access_key_id: access_key_id.expose_secret().to_owned(),
                secret_access_key: credentials.secret_access_key.resolve(environment)?,
                session_token: None,
                path_style: config.path_style,
                allow_http: false,
                timing: S3Timing::default(),
            };
            let (clock, rng) = (Arc::clone(&request.clock), Arc::clone(&request.rng));
            Ok(Arc::new(S3::new(&options, clock, rng)?))
        }
    }
}

/// Whose signatures are believed: keys of the keyring, and those that the settings name.
fn trusted(config: &BackupConfig, keyring: Option<&Keyring>) -> Result<Trusted, BackupOpenError> {
    let own = keyring.into_iter().flat_map(Keyring::verifying_keys);
    let mut signers: Vec<Signer> = own
        .map(|(id, key)| Signer {
            id: Some(id.clone()),
            key,
        })
        .collect();
    for text in &config.verify_keys {
        let key = VerifyingKey::parse(text).map_err(BackupOpenError::VerifyKey)?;
        signers.push(Signer { id: None, key });
    }
    Ok(Trusted(signers))
}
