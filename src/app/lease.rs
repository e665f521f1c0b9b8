//! Leases: work that two processes must not do at once, on one database.
//!
//! A lease only keeps people from doing the same twice. That nothing is lost when two do it all
//! the same is the affair of the transactions.

use super::App;
use crate::store::rotation::LeaseRequest;
use crate::store::{Store, StoreError};
use crate::sys::clock::Clock;
use crate::sys::owner;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long a lease is good without being renewed: a killed process on another machine is waited
/// for as long.
const TERM: SignedDuration = SignedDuration::from_secs(30);
/// How much of the term may pass before it is renewed.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Why a lease was not taken or kept.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another process has it.
    #[error("{work} is under way already: {holder}")]
    Held {
        /// The work.
        work: String,
        /// The other process.
        holder: String,
    },
    /// Another process took it, since it was not renewed in time.
    #[error("{work} went on too slowly, and {holder} took it over")]
    Lost {
        /// The work.
        work: String,
        /// The other process.
        holder: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lease that this process has. Dropped without [`Self::release`] it runs out.
pub struct Lease {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    name: String,
    holder: Holder,
    renewed_at: Timestamp,
}

/// A process as it names itself in a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    host: String,
    pid: u32,
    nonce: String,
}

impl Holder {
    fn parse(text: &str) -> Option<Self> {
        let (rest, nonce) = text.rsplit_once(':')?;
        let (host, pid) = rest.rsplit_once(':')?;
        Some(Self {
            host: host.to_owned(),
            pid: pid.parse().ok()?,
            nonce: nonce.to_owned(),
        })
    }

    fn text(&self) -> String {
        format!("{}:{}:{}", self.host, self.pid, self.nonce)
    }

    /// Whether it ran on this machine and does so no more.
    fn is_gone(&self) -> bool {
        self.host == owner::host_name() && !owner::is_running(self.pid)
    }
}

/// A holder in words.
fn words(holder: &str) -> String {
    match Holder::parse(holder) {
        Some(holder) => format!("process {} on {}", holder.pid, holder.host),
        None => "another process".to_owned(),
    }
}

impl App {
    /// Takes a lease, in `work` the words for what it is for. One whose holder was killed on this
    /// machine is taken over.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Held`], [`LeaseError::Store`].
    pub(crate) async fn take_lease(&self, work: &str) -> Result<Lease, LeaseError> {
        let mut lease = Lease {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            name: work.to_owned(),
            holder: Holder {
                host: owner::host_name(),
                pid: std::process::id(),
                nonce: self.new_request_id().0,
            },
            renewed_at: self.clock.now(),
        };
        let Some(other) = lease.request().await? else {
            return Ok(lease);
        };
        let is_gone = Holder::parse(&other).is_some_and(|holder| holder.is_gone());
        if is_gone && lease.take_over(&other).await? {
            return Ok(lease);
        }
        Err(LeaseError::Held {
            work: work.to_owned(),
            holder: words(&other),
        })
    }
}

impl Lease {
    /// Renews it when it is time.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Lost`], [`LeaseError::Store`].
    pub(crate) async fn renew(&mut self) -> Result<(), LeaseError> {
        let due = self.renewed_at.saturating_add(RENEWED_AFTER);
        if due.is_ok_and(|due| self.clock.now() < due) {
            return Ok(());
        }
        match self.request().await? {
            None => Ok(()),
            Some(other) => Err(LeaseError::Lost {
                work: self.name.clone(),
                holder: words(&other),
            }),
        }
    }

    /// Gives it back.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Store`]; it runs out then.
    pub(crate) async fn release(self) -> Result<(), LeaseError> {
        let holder = self.holder.text();
        Ok(self.store.release_lease(&self.name, &holder).await?)
    }

    /// Asks for it; who else has it, if somebody does.
    async fn request(&mut self) -> Result<Option<String>, LeaseError> {
        let now = self.clock.now();
        let holder = self.holder.text();
        let asked = LeaseRequest {
            name: &self.name,
            holder: &holder,
            expires_at: end_of_term(now),
        };
        let other = self.store.take_lease(&asked, now).await?;
        if other.is_none() {
            self.renewed_at = now;
        }
        Ok(other.map(|other| other.holder))
    }

    async fn take_over(&mut self, from: &str) -> Result<bool, LeaseError> {
        let now = self.clock.now();
        let holder = self.holder.text();
        let asked = LeaseRequest {
            name: &self.name,
            holder: &holder,
            expires_at: end_of_term(now),
        };
        self.renewed_at = now;
        Ok(self.store.take_over_lease(&asked, from).await?)
    }
}

fn end_of_term(now: Timestamp) -> Timestamp {
    now.saturating_add(TERM).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_read_as_it_names_itself() {
        let holder = Holder {
            host: "one:of.two".to_owned(),
            pid: 17,
            nonce: "0198".to_owned(),
        };
        assert_eq!(Holder::parse(&holder.text()), Some(holder.clone()));
        assert_eq!(words(&holder.text()), "process 17 on one:of.two");
        assert_eq!(words("somebody"), "another process");
        assert_eq!(Holder::parse("host:x:y"), None);
    }

    #[test]
    fn only_a_process_of_this_machine_is_known_to_be_gone() {
        let here = |pid| Holder {
            host: owner::host_name(),
            pid,
            nonce: String::new(),
        };
        assert!(!here(std::process::id()).is_gone());
        assert!(here(u32::MAX).is_gone());
        let elsewhere = Holder {
            host: "elsewhere.example".to_owned(),
            ..here(u32::MAX)
        };
        assert!(!elsewhere.is_gone());
    }
}
