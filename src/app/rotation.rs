//! Rotating keys beside servers that run: the master key, data keys, the administrator's key, the
//! key that signs backups.
//!
//! Every step is durable before the next one relies on it, and every step may be the last: what a
//! killed run left, the next one goes on with. Where a keyring is kept is not known here.

mod admin;
mod data;
mod master;
mod new_key;
mod rows;
mod signing;
mod walk;

pub use crate::crypto::keyring::{ChangeError, Keyring};
pub use admin::RotatedAdminKey;
pub(super) use data::WORK;
pub use data::{DataRotation, PlannedScope, RotatedScope};
pub(in crate::app) use master::MASTER_ROTATION;
pub use master::{
    HolderError, KeyringChange, KeyringHolder, MasterOptions, MasterOutcome, MasterPlan,
    MasterRotation,
};
use new_key::NewKey;
pub(super) use rows::{Aim, Seen, see};
pub use rows::{ValueError, ValueFault};
pub use signing::{NewSigningKey, SigningPlan, SigningState, SigningStep};
pub(super) use walk::{Walk, Walked, Work};

use super::keys::KeyError;
use super::lease::LeaseError;
use super::{App, Call};
use crate::audit::AuditError;
use crate::crypto::SealError;
use crate::domain::audit::{Action, AuditEvent, Outcome};
use crate::domain::count::{self, values};
use crate::domain::key::KeyId;
use crate::domain::rotation::ServerProcess;
use crate::store::StoreError;
use crate::sys::rng::RngError;
use std::fmt::Write as _;

/// Why a rotation did not end as it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// Another process does the same.
    #[error(transparent)]
    Lease(LeaseError),
    /// Servers that run cannot open with the new master key yet.
    #[error("{} cannot open with the new master key {key}", in_words(.servers))]
    Behind {
        /// The new key.
        key: KeyId,
        /// The servers.
        servers: Vec<ServerProcess>,
    },
    /// Values do not open. Everything else is done.
    #[error("{} cannot be opened", values(.0.count))]
    Unopened(#[source] Box<Unopened>),
    /// No scope of this name.
    #[error("there is no scope {0}")]
    UnknownScope(String),
    /// Every project wants everything sealed, so nothing may be stored in clear.
    #[error("every project wants its texts and metadata sealed")]
    NothingToOpen,
    /// A key that was read back is not the one that was made.
    #[error("the key {0} does not open what it sealed")]
    Challenge(KeyId),
    /// The same of a key that signs.
    #[error("the key {0} does not verify what it signed")]
    SigningChallenge(KeyId),
    /// There is a key that signs backups, and the first one was to be made.
    #[error("the key {0} signs backups already")]
    AlreadySigns(KeyId),
    /// There is no key that signs backups, and another one was to take its place.
    #[error("no key of the keyring signs backups")]
    NothingSigns,
    /// Somebody else made and activated keys all the time.
    #[error("the keys of {0} kept changing")]
    Unsettled(String),
    /// The keyring was not read or changed.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// A data key is not at hand.
    #[error(transparent)]
    Key(KeyError),
    /// Something could not be sealed.
    #[error("nothing can be sealed")]
    Seal(#[from] SealError),
    /// The audit log does not take an event: nothing is done unrecorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody asked to stop. What is done stays, and a further run goes on.
    #[error("interrupted after {}", count::rows(*.rows))]
    Interrupted {
        /// Rows changed by this run.
        rows: u64,
    },
}

impl From<LeaseError> for RotationError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Store(error) => Self::Store(error),
            other => Self::Lease(other),
        }
    }
}

impl From<KeyError> for RotationError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => Self::Store(error),
            other => Self::Key(other),
        }
    }
}

impl From<RngError> for RotationError {
    fn from(error: RngError) -> Self {
        Self::Seal(SealError::Rng(error))
    }
}

/// Values that did not open.
#[derive(Debug)]
pub struct Unopened {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<ValueFault>,
}

impl std::error::Error for Unopened {}

impl std::fmt::Display for Unopened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        for fault in &self.first {
            write!(f, "{separator}{fault}")?;
            separator = "; ";
        }
        Ok(())
    }
}

/// Records how far a key of the keyring has come.
async fn record_phase(
    app: &App,
    call: &Call,
    action: Action,
    phase: &str,
    key: Option<&KeyId>,
    outcome: Outcome,
) -> Result<(), RotationError> {
    let mut details = call.origin.details.clone();
    details.insert("phase".to_owned(), phase.into());
    if let Some(key) = key {
        details.insert("key_id".to_owned(), key.0.as_str().into());
    }
    let event = AuditEvent {
        action,
        outcome,
        origin: call.origin.clone(),
        project_id: None,
        details,
    };
    app.audit.append(event).await?;
    Ok(())
}

/// Servers in words: each with its process and its machine.
#[must_use]
pub fn in_words(servers: &[ServerProcess]) -> String {
    let mut text = String::new();
    for server in servers {
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _written = write!(text, "{separator}process {} on {}", server.pid, server.host);
    }
    text
}
