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
use crate::sys::clock;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::path::{Path, PathBuf};
use url::Url;

/// How the name of a place in an S3 store begins.
const S3_SCHEME: &str = "s3://";
/// How many characters the name of a bucket may have
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
const BUCKET_CHARS: std::ops::RangeInclusive<usize> = 3..=63;

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

/// Where backups are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A folder.
    Folder(PathBuf),
    /// A bucket of an S3 store.
    S3 {
        /// The bucket.
        bucket: String,
        /// What stands before every key, without slashes at its ends; may be empty.
        prefix: String,
    },
}

impl Destination {
    /// Takes what names a destination: a folder, or `s3://bucket/prefix`. Relative paths start at
    /// `base`.
    ///
    /// # Errors
    ///
    /// [`Fault::Unexpected`], which repeats no password.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Fault> {
        let found = match text.strip_prefix(S3_SCHEME) {
            Some(place) => s3_place(place),
            // Another scheme, or `s3:/bucket`, must not become the name of a folder.
            None => is_folder(text).then(|| Self::Folder(base.join(text))),
        };
        found.ok_or_else(|| {
            let shown = crate::domain::postgres_url::without_secrets(text);
            Fault::unexpected("a folder or s3://BUCKET/PREFIX", &shown)
        })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "{S3_SCHEME}{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "{S3_SCHEME}{bucket}/{prefix}"),
        }
    }
}

fn is_folder(text: &str) -> bool {
    let is_url = text.contains("://") || text.starts_with("s3:");
    !text.is_empty() && !is_url && !text.contains('\0')
}

fn s3_place(place: &str) -> Option<Destination> {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    let is_outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_bucket = BUCKET_CHARS.contains(&bucket.len())
        && bucket.chars().all(is_inner)
        && bucket.starts_with(is_outer)
        && bucket.ends_with(is_outer);
    // Characters that stand for themselves in every store and every URL.
    let is_part = |part: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-=".contains(c);
        !part.is_empty() && part != "." && part != ".." && part.chars().all(is_plain)
    };
    let is_prefix = prefix.is_empty() || prefix.split('/').all(is_part);
    (is_bucket && is_prefix).then(|| Destination::S3 {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    })
}

impl BackupConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let base = reader.path(&BACKUP_DESTINATION, "");
        let destination = Destination::parse(reader.text(&BACKUP_DESTINATION), &base)
            .map_err(|fault| reader.reject(&BACKUP_DESTINATION, fault));
        let recipients = recipients(reader);
        let spool = reader.parsed(&BACKUP_SPOOL, "a folder", |text| {
            is_folder(text).then(|| text.to_owned())
        });
        let hours = i64::try_from(reader.int(&BACKUP_MAX_AGE_HOURS)).unwrap_or(i64::MAX);
        let pg_bindir = folder(reader, &BACKUP_PG_BINDIR);
        let keep = keep(reader);
        let expects = "UTC, system, or the name of a time zone, such as Europe/Berlin";
        let time_zone = reader.parsed(&BACKUP_TIME_ZONE, expects, clock::time_zone);
        let healthcheck_url = healthcheck_url(reader);
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

    /// The URL that is called after a run, fetched where only a reference is given.
    ///
    /// # Errors
    ///
    /// When it cannot be fetched, or is no URL of the web.
    pub fn fetch_healthcheck_url(
        &self,
        environment: &Environment,
    ) -> Result<Option<SecretString>, Fault> {
        let Some(reference) = &self.healthcheck_url else {
            return Ok(None);
        };
        let url = reference.resolve(environment)?;
        check_healthcheck_url(&url)?;
        Ok(Some(url))
    }
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
fn healthcheck_url(reader: &mut Reader<'_>) -> Result<Option<SecretRef>, Rejected> {
    let reference = reader.secret(&BACKUP_HEALTHCHECK_URL)?;
    if let Some(SecretRef::Given(url)) = &reference {
        check_healthcheck_url(url)
            .map_err(|fault| reader.reject(&BACKUP_HEALTHCHECK_URL, fault))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(bucket: &str, prefix: &str) -> Destination {
        Destination::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    #[test]
    fn a_destination_is_a_folder_or_a_place_in_a_bucket() {
        let base = Path::new("/srv");
        for (text, destination, shown) in [
            (
                "backups",
                Destination::Folder("/srv/backups".into()),
                "/srv/backups",
            ),
            ("/mnt/b", Destination::Folder("/mnt/b".into()), "/mnt/b"),
            ("s3://my-bucket", place("my-bucket", ""), "s3://my-bucket"),
            ("s3://my-bucket/", place("my-bucket", ""), "s3://my-bucket"),
            ("s3://b.1/a/b=c/", place("b.1", "a/b=c"), "s3://b.1/a/b=c"),
        ] {
            let parsed = Destination::parse(text, base).unwrap();
            assert_eq!(parsed, destination, "{text}");
            assert_eq!(parsed.to_string(), shown);
        }
        for text in [
            "",
            "s3:/bucket",
            "s3:bucket",
            "s3://",
            "s3:///prefix",
            "s3://ab",
            "s3://Bucket",
            "s3://-bucket",
            "s3://bucket//a",
            "s3://bucket/../a",
            "s3://bucket/a b",
            "s3://bucket/a?b",
            "S3://bucket",
            "gs://bucket",
            "https://bucket.example.org",
        ] {
            let refused = Destination::parse(text, base);
            assert!(matches!(refused, Err(Fault::Unexpected { .. })), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_in_the_name_of_a_bucket_is_never_repeated(secret in "[A-Z0-9/]{8,20}") {
            let text = format!("s3://key:{secret}@bucket/prefix");
            let message = Destination::parse(&text, Path::new("")).expect_err("refused").to_string();
            prop_assert!(!message.contains(&secret), "{}", message);
        }
    }
}
