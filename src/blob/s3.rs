//! Backups in a bucket of a store that speaks S3.
//!
//! Objects are created by `If-None-Match: *` and replaced by `If-Match`, which the store decides
//! at once, so that two processes never overwrite each other. Every call has a time limit and is
//! tried again for a while when the store or the way to it fails; see `wire`.

mod client;
mod journal;
mod lease;
mod options;
mod reader;
mod upload;
mod versioning;
mod wire;

pub use options::{S3Options, S3Timing};

use super::{
    Blob, BlobEntry, BlobError, BlobLock, BlobReader, Progress, Sha256Sum, Uploaded, Version,
    Versioned, check_name, check_prefix,
};
use crate::sys::clock::Clock;
use crate::sys::rng::Rng;
use async_trait::async_trait;
use client::Client;
use std::fmt;
use std::sync::Arc;

/// A bucket, or what is below a prefix in it. Clones share their connections.
#[derive(Clone)]
pub struct S3 {
    client: Arc<Client>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3({})", self.client.place())
    }
}

impl S3 {
    /// Gets ready to talk to a store; nothing is asked of it yet.
    ///
    /// # Errors
    ///
    /// [`BlobError::Options`].
    pub fn new(
        options: &S3Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, BlobError> {
        Ok(Self {
            client: Arc::new(Client::new(options)?),
            clock,
            rng,
        })
    }
}

#[async_trait]
impl Blob for S3 {
    fn describe(&self) -> String {
        self.client.place().to_owned()
    }

    fn address(&self) -> String {
        self.client.address()
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobEntry>, BlobError> {
        check_prefix(prefix)?;
        self.client.list(prefix).await
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, BlobError> {
        check_name(name)?;
        let found = self.client.head(name).await?;
        Ok(found.map(|found| found.size))
    }

    async fn read(&self, name: &str, max_bytes: u64) -> Result<Versioned, BlobError> {
        check_name(name)?;
        self.client.read(name, max_bytes).await
    }

    async fn open(&self, name: &str) -> Result<Box<dyn BlobReader>, BlobError> {
        check_name(name)?;
        reader::open(&self.client, name).await
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<Version, BlobError> {
        check_name(name)?;
        self.client.create(name, bytes).await
    }

    async fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<Version, BlobError> {
        check_name(name)?;
        match expected {
            Some(expected) => self.client.replace(name, bytes, expected).await,
            None => self.client.put(name, bytes.to_vec()).await,
        }
    }

    async fn upload(
        &self,
        name: &str,
        local: &std::path::Path,
        sha256: &Sha256Sum,
        progress: Progress<'_>,
    ) -> Result<Uploaded, BlobError> {
        check_name(name)?;
        upload::upload(&self.client, name, local, sha256, progress).await
    }

    async fn remove(&self, name: &str) -> Result<(), BlobError> {
        check_name(name)?;
        self.client.remove(name).await
    }

    async fn lock(&self, what: &str) -> Result<Box<dyn BlobLock>, BlobError> {
        let lease = lease::take(&self.client, &self.clock, self.rng.as_ref(), what).await?;
        Ok(Box::new(lease))
    }

    async fn keeps_old_versions(&self) -> Result<Option<bool>, BlobError> {
        self.client.keeps_old_versions().await
    }
}
