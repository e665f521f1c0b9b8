//! What is needed to reach a store, and how long it has to answer.

use crate::blob::BlobError;
use secrecy::SecretString;
use std::time::Duration;
use url::{Host, Url};

/// The smallest part that stores take, but for the last one.
const PART_MIN_BYTES: u64 = 5 << 20;

/// A bucket and how to reach it.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// The bucket.
    pub bucket: String,
    /// What all names begin with, without a slash at either end; may be empty.
    pub prefix: String,
    /// The address of the store; that of Amazon where there is none.
    pub endpoint: Option<String>,
    /// The region; stores that have none take `us-east-1`.
    pub region: String,
    /// The name of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: SecretString,
    /// The token of a session, with temporary keys.
    pub session_token: Option<SecretString>,
    /// Whether the bucket stands in the path, as most stores want it, or before the host.
    pub path_style: bool,
    /// Whether keys and backups may travel without TLS to another machine than this one.
    pub allow_http: bool,
    /// How long things may take.
    pub timing: S3Timing,
}

/// How long things may take, and how large they are.
#[derive(Clone, Copy, Debug)]
pub struct S3Timing {
    /// To connect.
    pub connect: Duration,
    /// For one request with its answer: also a part over a slow line.
    pub request: Duration,
    /// How long after a first failure a request is still tried again.
    pub retry: Duration,
    /// The pause before the first of those tries; it doubles with every one.
    pub pause: Duration,
    /// For how long a lock is good without being renewed.
    pub lease: Duration,
    /// The size of the parts of a large object, and what is read at once.
    pub part_bytes: u64,
    /// How many parts travel at once.
    pub parallel: usize,
}

impl Default for S3Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(120),
            retry: Duration::from_secs(30),
            pause: Duration::from_millis(250),
            lease: Duration::from_secs(90),
            part_bytes: 8 << 20,
            parallel: 3,
        }
    }
}

impl S3Options {
    /// The address of the bucket's store as the client wants it; `None` for Amazon's.
    pub(super) fn address(&self) -> Result<Option<String>, BlobError> {
        if self.timing.part_bytes < PART_MIN_BYTES {
            return Err(options("parts are 5 MiB or more"));
        }
        let Some(endpoint) = &self.endpoint else {
            return Ok(None);
        };
        let mut url = Url::parse(endpoint)
            .map_err(|_| options("the endpoint is an address like https://s3.example.com"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(options(
                "the endpoint holds no keys; they have settings of their own",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(options("the endpoint is an address without `?` and `#`"));
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http || is_loopback(&url) => {}
            "http" => {
                return Err(options(
                    "the endpoint is reached without TLS, which has to be allowed by name",
                ));
            }
            _ => return Err(options("the endpoint begins with https://")),
        }
        if !self.path_style {
            let host = url.host_str().unwrap_or_default();
            let with_bucket = format!("{}.{host}", self.bucket);
            url.set_host(Some(&with_bucket))
                .map_err(|_| options("this endpoint needs the path style"))?;
        }
        Ok(Some(url.as_str().trim_end_matches('/').to_owned()))
    }
}

/// Whether an address leads to this machine whatever any name server says.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn options(why: &str) -> BlobError {
    BlobError::Options {
        why: why.to_owned(),
    }
}
