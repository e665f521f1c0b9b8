//! Where backups go, for whom they are sealed, and how long they are kept.

use super::environment::Environment;
use super::error::Fault;
use super::read::{Reader, Rejected};
use super::secret::SecretRef;
use super::settings::{
    BACKUP_DESTINATION, BACKUP_HEALTHCHECK_URL, BACKUP_KEEP_DAILY, BACKUP_KEEP_MONTHLY,
    BACKUP_KEEP_WEEKLY, BACKUP_KEEP_YEARLY, BACKUP_MAX_AGE_HOURS, BACKUP_PG_BINDIR,
    BACKUP_RECIPIENTS, BACKUP_S3_ACCESS_KEY_ID, BACKUP_S3_ENDPOINT, BACKUP_S3_PATH_STYLE,
    BACKUP_S3_REGION, BACKUP_S3_SECRET_ACCESS_KEY, BACKUP_SPOOL, BACKUP_TIME_ZONE,
    BACKUP_VERIFY_KEYS, Setting,
};
use crate::crypto::sealed_file::Recipient;
pub use crate::domain::destination::Destination;
use crate::sys::clock;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::PathBuf;
use url::Url;

/// The settings of `[backup]`.
#[derive(Clone, Debug)]
pub struct BackupConfig {
    /// Where backups are kept.
    pub destination: Destination,
    /// Who can open them; nobody yet, when empty.
    pub recipients: Vec<Recipient>,
    /// The folder in which a backup is made before it goes to an S3 store.
    pub spool: PathBuf,
    /// How old the newest verified backup may be.
    pub max_age: SignedDuration,
    /// The folder of `pg_dump`, where it is not to be looked for.
    pub pg_bindir: Option<PathBuf>,
    /// How many are kept.
    pub keep: Keep,
    /// In which days, weeks, months and years are counted.
    pub time_zone: TimeZone,
    /// What is called after a run.
    pub healthcheck_url: Option<SecretRef>,
    /// How an S3 store is reached.
    pub s3: S3Config,
    /// Signing keys that are trusted beside those of the keyring, as they were given.
    pub verify_keys: Vec<String>,
}

/// How many days, weeks, months and years keep a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub daily: u32,
    /// Weeks.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
    /// Years.
    pub yearly: u32,
}

/// How an S3 store is reached.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// Its URL; that of Amazon, when absent.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// Who signs requests, and with what; given both or neither.
    pub credentials: Option<S3Credentials>,
    /// Whether the bucket stands in the path and not in the name of the host.
    pub path_style: bool,
}

/// Who signs requests to an S3 store.
#[derive(Clone, Debug)]
pub struct S3Credentials {
    /// The id of the access key.
    pub access_key_id: SecretRef,
    /// Its secret.
    pub secret_access_key: SecretRef,
}

fn is_folder(text: &str) -> bool {
    let is_url = text.contains("://") || text.starts_with("s3:");
    !text.is_empty() && !is_url && !text.contains('\0')
}

impl BackupConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let base = reader.path(&BACKUP_DESTINATION, "");
        let destination = Destination::parse(reader.text(&BACKUP_DESTINATION))
            .map(|destination| destination.below(&base))
            .map_err(|error| reader.reject(&BACKUP_DESTINATION, Fault::Destination(error)));
        let recipients = recipients(reader);
        let spool = reader.parsed(&BACKUP_SPOOL, "a folder", |text| {
            is_folder(text).then(|| text.to_owned())
        });
        let hours = i64::try_from(reader.int(&BACKUP_MAX_AGE_HOURS)).unwrap_or(i64::MAX);
        let pg_bindir = folder(reader, &BACKUP_PG_BINDIR);
        let keep = keep(reader);
        let expects = "UTC, system, or the name of a time zone, such as Europe/Berlin";
        let time_zone = reader.parsed(&BACKUP_TIME_ZONE, expects, clock::time_zone);
        let healthcheck_url = healthcheck_url(reader, &BACKUP_HEALTHCHECK_URL);
        let s3 = s3(reader);
        let verify_keys = verify_keys(reader);
        Ok(Self {
            destination: destination?,
            recipients: recipients?,
            spool: reader.path(&BACKUP_SPOOL, &spool?),
            max_age: SignedDuration::from_hours(hours),
            pg_bindir: pg_bindir?,
            keep: keep?,
            time_zone: time_zone?,
            healthcheck_url: healthcheck_url?,
            s3: s3?,
            verify_keys: verify_keys?,
        })
    }
}

/// The URL that is called after a run, fetched where only a reference is given.
///
/// # Errors
///
/// When it cannot be fetched, or is no URL of the web.
pub fn fetch_healthcheck_url(
    reference: &SecretRef,
    environment: &Environment,
) -> Result<SecretString, Fault> {
    let url = reference.resolve(environment)?;
    check_healthcheck_url(&url)?;
    Ok(url)
}

/// The folder that a setting without a default names.
pub(super) fn folder(
    reader: &mut Reader<'_>,
    setting: &'static Setting,
) -> Result<Option<PathBuf>, Rejected> {
    let Some(text) = reader.optional_text(setting) else {
        return Ok(None);
    };
    if is_folder(text) {
        Ok(Some(reader.path(setting, text)))
    } else {
        Err(reader.reject(setting, Fault::unexpected("a folder", text)))
    }
}

fn recipients(reader: &mut Reader<'_>) -> Result<Vec<Recipient>, Rejected> {
    let mut recipients = Vec::new();
    for (text, number) in reader.list(&BACKUP_RECIPIENTS).iter().zip(1..) {
        match Recipient::parse(text) {
            Ok(recipient) if recipients.contains(&recipient) => {}
            Ok(recipient) => recipients.push(recipient),
            Err(source) => {
                let fault = Fault::Recipient { number, source };
                return Err(reader.reject(&BACKUP_RECIPIENTS, fault));
            }
        }
    }
    Ok(recipients)
}

fn keep(reader: &mut Reader<'_>) -> Result<Keep, Rejected> {
    let keep = Keep {
        daily: reader.narrow(&BACKUP_KEEP_DAILY)?,
        weekly: reader.narrow(&BACKUP_KEEP_WEEKLY)?,
        monthly: reader.narrow(&BACKUP_KEEP_MONTHLY)?,
        yearly: reader.narrow(&BACKUP_KEEP_YEARLY)?,
    };
    if [keep.daily, keep.weekly, keep.monthly, keep.yearly] == [0; 4] {
        return Err(reader.reject(&BACKUP_KEEP_DAILY, Fault::KeepsNothing));
    }
    Ok(keep)
}

/// One that is given as it is, is looked at now; one that a reference names, when it is fetched.
pub(super) fn healthcheck_url(
    reader: &mut Reader<'_>,
    setting: &'static Setting,
) -> Result<Option<SecretRef>, Rejected> {
    let reference = reader.secret(setting)?;
    if let Some(SecretRef::Given(url)) = &reference {
        check_healthcheck_url(url).map_err(|fault| reader.reject(setting, fault))?;
    }
    Ok(reference)
}

fn check_healthcheck_url(url: &SecretString) -> Result<(), Fault> {
    // What knows the URL can report in embsec's name, so that no message repeats it.
    web_url(url.expose_secret())
        .map(drop)
        .ok_or(Fault::NotAWebUrl)
}

fn s3(reader: &mut Reader<'_>) -> Result<S3Config, Rejected> {
    let endpoint = s3_endpoint(reader);
    let region = reader.parsed(&BACKUP_S3_REGION, "the name of a region", |text| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        (!text.is_empty() && text.chars().all(is_plain)).then(|| text.to_owned())
    });
    let credentials = s3_credentials(reader);
    Ok(S3Config {
        path_style: reader.bool(&BACKUP_S3_PATH_STYLE),
        endpoint: endpoint?,
        region: region?,
        credentials: credentials?,
    })
}

fn s3_endpoint(reader: &mut Reader<'_>) -> Result<Option<Url>, Rejected> {
    let Some(text) = reader.optional_text(&BACKUP_S3_ENDPOINT) else {
        return Ok(None);
    };
    let url = web_url(text).filter(|url| {
        url.username().is_empty() && url.password().is_none() && url.query().is_none()
    });
    if url.is_none() {
        let shown = crate::domain::postgres_url::without_secrets(text);
        let fault = Fault::unexpected("the URL of a store, such as https://s3.example.org", &shown);
        return Err(reader.reject(&BACKUP_S3_ENDPOINT, fault));
    }
    Ok(url)
}

fn s3_credentials(reader: &mut Reader<'_>) -> Result<Option<S3Credentials>, Rejected> {
    let access_key_id = reader.secret(&BACKUP_S3_ACCESS_KEY_ID);
    let secret_access_key = reader.secret(&BACKUP_S3_SECRET_ACCESS_KEY);
    match (access_key_id?, secret_access_key?) {
        (None, None) => Ok(None),
        (Some(access_key_id), Some(secret_access_key)) => Ok(Some(S3Credentials {
            access_key_id,
            secret_access_key,
        })),
        (Some(_), None) => {
            let fault = Fault::HalfAPair(BACKUP_S3_SECRET_ACCESS_KEY.key);
            Err(reader.reject(&BACKUP_S3_ACCESS_KEY_ID, fault))
        }
        (None, Some(_)) => {
            let fault = Fault::HalfAPair(BACKUP_S3_ACCESS_KEY_ID.key);
            Err(reader.reject(&BACKUP_S3_SECRET_ACCESS_KEY, fault))
        }
    }
}

fn verify_keys(reader: &mut Reader<'_>) -> Result<Vec<String>, Rejected> {
    let keys = reader.list(&BACKUP_VERIFY_KEYS);
    if keys.iter().any(|key| key.trim().is_empty()) {
        let fault = Fault::unexpected("public signing keys", "");
        return Err(reader.reject(&BACKUP_VERIFY_KEYS, fault));
    }
    Ok(keys.iter().map(|key| key.trim().to_owned()).collect())
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_web.then_some(url)
}
