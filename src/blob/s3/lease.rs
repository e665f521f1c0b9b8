//! The lock of a bucket: an object that one process at a time writes into, and renews.
//!
//! It is taken, renewed, taken over and given back by compare-and-set alone, and never removed,
//! so that no holder can undo what another one did. Times are compared between machines: a lease
//! is taken over only half a term after its end, which is what their clocks may differ by.

use super::client::Client;
use crate::blob::{BlobError, BlobLock, LOCK, Version};
use crate::sys::clock::Clock;
use crate::sys::owner;
use crate::sys::rng::Rng;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// More than a lease ever is.
const MAX_BYTES: u64 = 16 * 1024;
/// How often a lease is tried for that others change at the same time.
const TRIES: usize = 3;
/// A state that no object has.
const NO_VERSION: &str = "\"00000000000000000000000000000000\"";

/// What is in the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    host: String,
    pid: u32,
    nonce: String,
    work: String,
    /// `None` when it was given back.
    expires_at: Option<Timestamp>,
}

impl Record {
    fn words(&self) -> String {
        format!("{} by process {} on {}", self.work, self.pid, self.host)
    }

    /// Whether it may be taken over.
    fn is_free(&self, now: Timestamp, term: Duration) -> bool {
        let Some(end) = self.expires_at else {
            return true;
        };
        let gone = self.host == owner::host_name() && !owner::is_running(self.pid);
        gone || end.saturating_add(term / 2).is_ok_and(|end| now > end)
    }
}

/// A lease that this process has.
pub(super) struct Lease {
    inner: Arc<Inner>,
    renewing: JoinHandle<()>,
}

struct Inner {
    client: Arc<Client>,
    clock: Arc<dyn Clock>,
    record: Record,
    /// The state of the object; taken for as long as it is being changed.
    version: tokio::sync::Mutex<Version>,
    standing: Mutex<Standing>,
}

/// How sure the lease is.
struct Standing {
    until: Instant,
    lost: Option<String>,
}

/// Takes the lease, or says who has it.
pub(super) async fn take(
    client: &Arc<Client>,
    clock: &Arc<dyn Clock>,
    rng: &dyn Rng,
    work: &str,
) -> Result<Lease, BlobError> {
    let mut nonce = [0; 16];
    rng.fill(&mut nonce).map_err(|_| BlobError::Interrupted)?;
    let mut inner = Inner {
        client: Arc::clone(client),
        clock: Arc::clone(clock),
        record: Record {
            host: owner::host_name(),
            pid: std::process::id(),
            nonce: data_encoding::HEXLOWER.encode(&nonce),
            work: work.to_owned(),
            expires_at: None,
        },
        version: tokio::sync::Mutex::new(Version(String::new())),
        standing: Mutex::new(Standing {
            until: Instant::now(),
            lost: None,
        }),
    };
    let (version, until) = inner.acquire().await?;
    if let Err(error) = inner.prove().await {
        // The error is the one to report; at worst the lease runs out.
        inner.give_back(&version).await.unwrap_or_default();
        return Err(error);
    }
    inner.version = tokio::sync::Mutex::new(version);
    inner.standing = Mutex::new(Standing { until, lost: None });
    let inner = Arc::new(inner);
    let renewing = tokio::spawn(Arc::clone(&inner).keep());
    Ok(Lease { inner, renewing })
}

impl Inner {
    fn term(&self) -> Duration {
        self.client.timing.lease
    }

    /// The bytes of a lease from now on, and until when it is good.
    fn fresh(&self) -> Result<(Vec<u8>, Instant), BlobError> {
        let until = Instant::now() + self.term();
        let end = self.clock.now().saturating_add(self.term());
        let bytes = self.bytes(Some(end.unwrap_or(Timestamp::MAX)))?;
        Ok((bytes, until))
    }

    fn bytes(&self, expires_at: Option<Timestamp>) -> Result<Vec<u8>, BlobError> {
        let record = Record {
            expires_at,
            ..self.record.clone()
        };
        serde_json::to_vec(&record).map_err(|_| BlobError::Interrupted)
    }

    async fn acquire(&self) -> Result<(Version, Instant), BlobError> {
        let mut holder = "another process".to_owned();
        for _ in 0..TRIES {
            let (bytes, until) = self.fresh()?;
            match self.client.create(LOCK, &bytes).await {
                Err(error) if error.already_exists() => {}
                other => return Ok((other?, until)),
            }
            let found = match self.client.read(LOCK, MAX_BYTES).await {
                Err(error) if error.is_not_found() => continue,
                other => other?,
            };
            let record: Option<Record> = serde_json::from_slice(&found.bytes).ok();
            let now = self.clock.now();
            holder = match record {
                None => "its lock holds what embsec never wrote".to_owned(),
                Some(record) if !record.is_free(now, self.term()) => record.words(),
                Some(record) => match self.client.replace(LOCK, &bytes, &found.version).await {
                    Ok(version) => return Ok((version, until)),
                    Err(BlobError::Changed { .. }) => {
                        holder = record.words();
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            break;
        }
        Err(BlobError::Locked {
            place: self.client.place().to_owned(),
            holder,
        })
    }

    /// Makes sure that the store keeps to conditions, without which a lease is worth nothing:
    /// both writes must be refused. What they would write is this lease.
    async fn prove(&self) -> Result<(), BlobError> {
        let (bytes, _) = self.fresh()?;
        let ignored = match self.client.create(LOCK, &bytes).await {
            Err(error) if error.already_exists() => {
                let never = Version(NO_VERSION.to_owned());
                match self.client.replace(LOCK, &bytes, &never).await {
                    Err(BlobError::Changed { .. }) => return Ok(()),
                    Ok(_) => "If-Match",
                    Err(error) => return Err(error),
                }
            }
            Ok(_) => "If-None-Match",
            Err(error) => return Err(error),
        };
        self.client.remove(LOCK).await?;
        Err(BlobError::Unsupported {
            place: self.client.place().to_owned(),
            why: format!(
                "the store ignores the condition {ignored}, so that two processes could overwrite \
                 each other's backups"
            ),
        })
    }

    /// Renews the lease until it is lost.
    async fn keep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.term() / 3).await;
            let mut version = self.version.lock().await;
            let Ok((bytes, until)) = self.fresh() else {
                return;
            };
            match self.client.replace(LOCK, &bytes, &version).await {
                Ok(next) => {
                    *version = next;
                    self.with_standing(|standing| standing.until = until);
                }
                Err(BlobError::Changed { .. }) => {
                    let holder = self.holder().await;
                    self.with_standing(|standing| standing.lost = Some(holder));
                    return;
                }
                // Another try comes while the lease is good; then `check` tells.
                Err(_) => {}
            }
        }
    }

    async fn give_back(&self, version: &Version) -> Result<(), BlobError> {
        let bytes = self.bytes(None)?;
        match self.client.replace(LOCK, &bytes, version).await {
            // Somebody else has it, so that there is nothing to give back.
            Ok(_) | Err(BlobError::Changed { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn holder(&self) -> String {
        let read = self.client.read(LOCK, MAX_BYTES).await.ok();
        let record = read.and_then(|read| serde_json::from_slice::<Record>(&read.bytes).ok());
        let words = record.map_or_else(|| "another process".to_owned(), |record| record.words());
        format!("it was taken over for {words}")
    }

    fn with_standing<T>(&self, see: impl FnOnce(&mut Standing) -> T) -> T {
        see(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl BlobLock for Lease {
    fn check(&self) -> Result<(), BlobError> {
        let why = self.inner.with_standing(|standing| {
            let late = Instant::now() >= standing.until;
            let late = late.then(|| "it could not be renewed in time".to_owned());
            standing.lost.clone().or(late)
        });
        why.map_or(Ok(()), |why| {
            Err(BlobError::Lost {
                place: self.inner.client.place().to_owned(),
                why,
            })
        })
    }

    async fn release(self: Box<Self>) -> Result<(), BlobError> {
        let version = self.inner.version.lock().await;
        self.renewing.abort();
        self.inner.give_back(&version).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(host: String, pid: u32, expires_at: Option<&str>) -> Record {
        Record {
            host,
            pid,
            nonce: "n".to_owned(),
            work: "a backup".to_owned(),
            expires_at: expires_at.map(|at| at.parse().unwrap()),
        }
    }

    #[test]
    fn a_lease_is_free_when_given_back_or_half_a_term_after_its_end() {
        let term = Duration::from_secs(60);
        let other = |at| record("elsewhere.example".to_owned(), u32::MAX, at);
        let now = |at: &str| at.parse::<Timestamp>().unwrap();
        let end = Some("2026-01-01T00:01:00Z");
        assert!(other(None).is_free(now("2026-01-01T00:00:00Z"), term));
        assert!(!other(end).is_free(now("2026-01-01T00:00:00Z"), term));
        assert!(!other(end).is_free(now("2026-01-01T00:01:30Z"), term));
        assert!(other(end).is_free(now("2026-01-01T00:01:31Z"), term));
    }

    #[test]
    fn a_holder_of_this_machine_that_is_gone_is_not_waited_for() {
        let term = Duration::from_secs(60);
        let end = Some("2026-01-01T00:01:00Z");
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert!(record(owner::host_name(), u32::MAX, end).is_free(now, term));
        assert!(!record(owner::host_name(), std::process::id(), end).is_free(now, term));
    }
}
