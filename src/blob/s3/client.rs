//! Requests to one bucket: each with its time limit, tried again while that may help, and told
//! in the errors of [`crate::blob`].

use super::options::{S3Options, S3Timing};
use super::wire::{Connector, Trouble};
use crate::blob::{BlobEntry, BlobError, LOCK, Version, Versioned};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::client::{ClientOptions, HttpClient, HttpConnector as _};
use object_store::path::Path as Key;
use object_store::{
    GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    PutResult, RetryConfig, UpdateVersion,
};
use secrecy::ExposeSecret as _;
use std::future::Future;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A bucket, or what is below a prefix in it.
pub(super) struct Client {
    pub(super) store: AmazonS3,
    /// The same connections without the client, for what that can't ask.
    pub(super) http: HttpClient,
    /// The address of the bucket.
    pub(super) bucket_url: String,
    pub(super) region: String,
    pub(super) timing: S3Timing,
    prefix: String,
    place: String,
    /// Whether anything showed that the bucket is there.
    bucket_seen: AtomicBool,
}

/// What a store says of an object.
pub(super) struct Found {
    /// Its size.
    pub(super) size: u64,
    /// Its state.
    pub(super) e_tag: Option<String>,
}

/// What became of a request that was tried as often as it helps.
pub(super) struct Tried<T> {
    /// The last answer.
    pub(super) result: Result<T, Trouble>,
    /// Whether an earlier try may have reached the store, although it did not look like it.
    pub(super) again: bool,
}

impl Client {
    pub(super) fn new(options: &S3Options) -> Result<Self, BlobError> {
        let address = options.address()?;
        let timing = options.timing;
        let client_options = ClientOptions::new()
            .with_allow_http(address.as_ref().is_some_and(|url| url.starts_with("http:")))
            .with_connect_timeout(timing.connect)
            // The limit of a request is kept above, over all of its parts.
            .with_timeout_disabled();
        let no_retry = RetryConfig {
            max_retries: 0,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_access_key_id(&options.access_key_id)
            .with_secret_access_key(options.secret_access_key.expose_secret())
            .with_virtual_hosted_style_request(!options.path_style)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_disable_bulk_delete(true)
            .with_client_options(client_options.clone())
            .with_retry(no_retry)
            .with_http_connector(Connector);
        if let Some(token) = &options.session_token {
            builder = builder.with_token(token.expose_secret());
        }
        let (bucket, region) = (&options.bucket, &options.region);
        let bucket_url = match (&address, options.path_style) {
            (Some(address), true) => format!("{address}/{bucket}"),
            (Some(address), false) => address.clone(),
            (None, true) => format!("https://s3.{region}.amazonaws.com/{bucket}"),
            (None, false) => format!("https://{bucket}.s3.{region}.amazonaws.com"),
        };
        if let Some(address) = address {
            builder = builder.with_endpoint(address);
        }
        // What the builder says may quote what it was given.
        let failed = |_| BlobError::Options {
            why: "the settings of the S3 store can't be used".to_owned(),
        };
        let slash = if options.prefix.is_empty() { "" } else { "/" };
        Ok(Self {
            store: builder.build().map_err(failed)?,
            http: Connector.connect(&client_options).map_err(failed)?,
            bucket_url,
            region: region.clone(),
            timing,
            place: format!("s3://{bucket}{slash}{}", options.prefix),
            prefix: options.prefix.clone(),
            bucket_seen: AtomicBool::new(false),
        })
    }

    /// The destination in words.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The address in the store: two stores may well have buckets of the same name.
    pub(super) fn address(&self) -> String {
        format!("{}/{}", self.bucket_url, self.prefix)
    }

    /// The whole key of a name.
    pub(super) fn key(&self, name: &str) -> Result<Key, BlobError> {
        let whole = match (self.prefix.as_str(), name) {
            ("", name) => name.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, name) => format!("{prefix}/{name}"),
        };
        Key::parse(whole).map_err(|_| BlobError::Name {
            name: name.escape_debug().to_string(),
        })
    }

    /// Sends a request until it succeeds, trying again no longer helps, or time is up.
    pub(super) async fn tried<T, F>(&self, mut call: impl FnMut() -> F) -> Tried<T>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let mut first_failure = None;
        let mut pause = self.timing.pause;
        loop {
            let answer = tokio::time::timeout(self.timing.request, call()).await;
            let result = answer.unwrap_or_else(|_| {
                let waited = self.timing.request.as_secs_f32();
                Err(Trouble::Passing(format!(
                    "no answer within {waited} seconds"
                )))
            });
            let again = first_failure.is_some();
            match &result {
                Err(trouble) if trouble.is_passing() => {}
                _ => return Tried { result, again },
            }
            let since = *first_failure.get_or_insert_with(Instant::now);
            if since.elapsed() + pause > self.timing.retry {
                return Tried { result, again };
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
        }
    }

    /// The error of a request that failed for good.
    pub(super) fn error(&self, action: &'static str, name: &str, trouble: Trouble) -> BlobError {
        let (place, name) = (self.place.clone(), name.to_owned());
        match trouble {
            Trouble::Missing { .. } => BlobError::NotFound { place, name },
            Trouble::NoBucket => BlobError::NoPlace { place },
            Trouble::Condition => BlobError::Changed { place, name },
            Trouble::Denied(why) => BlobError::Denied { place, why },
            Trouble::Unsupported => BlobError::Unsupported {
                place,
                why: format!("the store does not know how to {action}"),
            },
            Trouble::Refused { status, code } => BlobError::Refused {
                place,
                action,
                status,
                code,
            },
            Trouble::Passing(why) | Trouble::Local(why) => {
                BlobError::Unavailable { place, action, why }
            }
            Trouble::Short { got, expected } => BlobError::Damaged {
                place,
                name,
                why: format!("it ended after {got} of {expected} bytes"),
            },
        }
    }

    /// What the store says of an object; `None` when the name is free.
    pub(super) async fn head(&self, name: &str) -> Result<Option<Found>, BlobError> {
        let key = self.key(name)?;
        let tried = self.tried(|| async {
            let meta = self.store.head(&key).await.map_err(|e| Trouble::of(&e))?;
            Ok(Found {
                size: meta.size,
                e_tag: meta.e_tag,
            })
        });
        match tried.await.result {
            Ok(found) => {
                self.bucket_seen.store(true, Ordering::Relaxed);
                Ok(Some(found))
            }
            Err(Trouble::Missing { told }) => {
                if !told {
                    self.see_bucket().await?;
                }
                Ok(None)
            }
            Err(trouble) => Err(self.error("look at a file", name, trouble)),
        }
    }

    /// Makes sure that it is the object that is missing, and not the whole bucket: the answer
    /// without a body does not tell.
    async fn see_bucket(&self) -> Result<(), BlobError> {
        if !self.bucket_seen.load(Ordering::Relaxed) {
            let key = self.key(LOCK)?;
            let tried = self.tried(|| async {
                let first = self.store.list(Some(&key)).next().await;
                first.transpose().map_err(|e| Trouble::of(&e))
            });
            let result = tried.await.result;
            result.map_err(|trouble| self.error("list files", "", trouble))?;
            self.bucket_seen.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Everything below a prefix.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<BlobEntry>, BlobError> {
        let key = self.key(prefix)?;
        let tried = self.tried(|| async {
            let listed = self.store.list(Some(&key)).try_collect::<Vec<_>>().await;
            listed.map_err(|e| Trouble::of(&e))
        });
        let listed = tried.await.result;
        let listed = listed.map_err(|trouble| self.error("list files", prefix, trouble))?;
        self.bucket_seen.store(true, Ordering::Relaxed);
        let below = match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let mut entries: Vec<BlobEntry> = listed
            .into_iter()
            .filter_map(|meta| {
                let name = meta.location.as_ref().strip_prefix(&below)?;
                (name != LOCK).then(|| BlobEntry {
                    name: name.to_owned(),
                    size_bytes: meta.size,
                })
            })
            .collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Reads a whole object.
    pub(super) async fn read(&self, name: &str, max_bytes: u64) -> Result<Versioned, BlobError> {
        let key = self.key(name)?;
        let tried = self.tried(|| async {
            let options = GetOptions::default();
            let (found, stream) = self.get(&key, options).await?;
            if found.size > max_bytes {
                return Ok(None);
            }
            let bytes = collect(stream, found.size).await?;
            Ok(Some((bytes, found.e_tag)))
        });
        let result = tried.await.result;
        let read = result.map_err(|trouble| self.error("read a file", name, trouble))?;
        let (bytes, e_tag) = read.ok_or_else(|| BlobError::TooLarge {
            place: self.place.clone(),
            name: name.to_owned(),
            max_bytes,
        })?;
        let version = Version(e_tag.unwrap_or_default());
        Ok(Versioned { bytes, version })
    }

    /// Reads a range of an object in the state that it was found in.
    pub(super) async fn read_range(
        &self,
        name: &str,
        range: Range<u64>,
        e_tag: Option<&str>,
    ) -> Result<Vec<u8>, BlobError> {
        let key = self.key(name)?;
        let tried = self.tried(|| async {
            let options = GetOptions {
                range: Some(GetRange::Bounded(range.clone())),
                if_match: e_tag.map(str::to_owned),
                ..GetOptions::default()
            };
            let (found, stream) = self.get(&key, options).await?;
            // Not every store knows that condition of reading.
            if found.e_tag.as_deref() != e_tag {
                return Err(Trouble::Condition);
            }
            collect(stream, range.end - range.start).await
        });
        let result = tried.await.result;
        result.map_err(|trouble| self.error("read a file", name, trouble))
    }

    async fn get(
        &self,
        key: &Key,
        options: GetOptions,
    ) -> Result<(Found, object_store::GetResult), Trouble> {
        let got = self.store.get_opts(key, options).await;
        let got = got.map_err(|e| Trouble::of(&e))?;
        let found = Found {
            size: got.meta.size,
            e_tag: got.meta.e_tag.clone(),
        };
        Ok((found, got))
    }

    /// Creates an object where there is none.
    pub(super) async fn create(&self, name: &str, bytes: &[u8]) -> Result<Version, BlobError> {
        match self.put_if(name, bytes, PutMode::Create).await? {
            Some(version) => Ok(version),
            None => Err(BlobError::AlreadyExists {
                place: self.place.clone(),
                name: name.to_owned(),
            }),
        }
    }

    /// Replaces an object in the state that it was read in.
    pub(super) async fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        expected: &Version,
    ) -> Result<Version, BlobError> {
        let mode = PutMode::Update(UpdateVersion {
            e_tag: Some(expected.0.clone()),
            version: None,
        });
        match self.put_if(name, bytes, mode).await? {
            Some(version) => Ok(version),
            None => Err(BlobError::Changed {
                place: self.place.clone(),
                name: name.to_owned(),
            }),
        }
    }

    /// Writes an object under a condition; `None` when that does not hold.
    async fn put_if(
        &self,
        name: &str,
        bytes: &[u8],
        mode: PutMode,
    ) -> Result<Option<Version>, BlobError> {
        let key = self.key(name)?;
        let tried = self.tried(|| async {
            let options = PutOptions {
                mode: mode.clone(),
                ..PutOptions::default()
            };
            let payload = PutPayload::from(bytes.to_vec());
            let put = self.store.put_opts(&key, payload, options).await;
            put.map_err(|e| Trouble::of(&e))
        });
        let Tried { result, again } = tried.await;
        match result {
            Ok(put) => self.version_of(name, put).await.map(Some),
            // A missing object has no state either.
            Err(Trouble::Condition | Trouble::Missing { told: true }) if again => {
                // An earlier try may have been the one that changed it.
                match self.read(name, bytes.len() as u64).await {
                    Ok(found) if found.bytes == bytes => Ok(Some(found.version)),
                    Ok(_) | Err(BlobError::TooLarge { .. } | BlobError::NotFound { .. }) => {
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            }
            Err(Trouble::Condition) => Ok(None),
            Err(Trouble::Missing { told: true }) if !matches!(mode, PutMode::Create) => Ok(None),
            Err(trouble) => Err(self.error("write a file", name, trouble)),
        }
    }

    /// Writes an object whatever is there.
    pub(super) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<Version, BlobError> {
        let key = self.key(name)?;
        let payload = PutPayload::from(bytes);
        let tried = self.tried(|| async {
            let put = self.store.put(&key, payload.clone()).await;
            put.map_err(|e| Trouble::of(&e))
        });
        let result = tried.await.result;
        let put = result.map_err(|trouble| self.error("write a file", name, trouble))?;
        self.version_of(name, put).await
    }

    async fn version_of(&self, name: &str, put: PutResult) -> Result<Version, BlobError> {
        self.bucket_seen.store(true, Ordering::Relaxed);
        if let Some(e_tag) = put.e_tag {
            return Ok(Version(e_tag));
        }
        let found = self.head(name).await?;
        Ok(Version(
            found.and_then(|found| found.e_tag).unwrap_or_default(),
        ))
    }

    /// Removes an object.
    pub(super) async fn remove(&self, name: &str) -> Result<(), BlobError> {
        let key = self.key(name)?;
        let tried = self.tried(|| async {
            let removed = self.store.delete(&key).await;
            removed.map_err(|e| Trouble::of(&e))
        });
        match tried.await.result {
            Ok(()) | Err(Trouble::Missing { told: true }) => Ok(()),
            Err(trouble) => Err(self.error("remove a file", name, trouble)),
        }
    }
}

/// All bytes of an answer, which are this many.
async fn collect(got: object_store::GetResult, expected: u64) -> Result<Vec<u8>, Trouble> {
    let capacity = usize::try_from(expected).unwrap_or_default();
    let mut bytes = Vec::with_capacity(capacity);
    let mut stream = got.into_stream();
    loop {
        let next = stream.next().await;
        let got = bytes.len() as u64;
        match next {
            Some(Ok(more)) if got + more.len() as u64 <= expected => bytes.extend_from_slice(&more),
            None if got == expected => return Ok(bytes),
            Some(_) | None => return Err(Trouble::Short { got, expected }),
        }
    }
}
