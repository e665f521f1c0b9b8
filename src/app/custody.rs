//! Custody of the keyring: copies of it in shares and in escrow, its recovery from them, and
//! drills that prove that the recovery works.
//!
//! What is copied is always the text of the keyring's file. Nothing is ever overwritten, and
//! nothing counts as made before it was read back. How a keyring changes is no business of this
//! module.

mod drill;
mod error;
mod escrow;
mod open;
mod recover;
mod split;
#[cfg(test)]
mod tests;

pub use drill::{DRILL_DAYS, DrillAge, DrillReport, MissingKey};
pub use error::{BadShare, CustodyError};
pub use escrow::Escrow;
pub use open::{KeptCopy, OpenCopy, Opener};
pub use recover::{Place, recover, recover_recorded, would_recover};
pub use split::{Split, SplitPlan, SplitShare};

use crate::crypto::keyring::Keyring;
use crate::crypto::sealed_file::Recipient;
use crate::domain::key::KeyId;
use crate::sys::fs::FsError;
use std::fmt;
use std::path::Path;

/// No keyring, and so no copy of one, is near this size, in bytes.
const MAX_COPY_BYTES: u64 = 4 << 20;

/// What may be told of a keyring that was copied or recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringFacts {
    /// Its generation.
    pub generation: u64,
    /// The master key that seals.
    pub master_id: KeyId,
    /// How many keys it holds.
    pub keys: usize,
}

impl KeyringFacts {
    /// What may be told of this keyring.
    fn of(keyring: &Keyring) -> Self {
        Self {
            generation: keyring.generation(),
            master_id: keyring.active_master().id().clone(),
            keys: keyring.entries().count(),
        }
    }
}

/// Somebody who is to hold a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder(Recipient);

impl Holder {
    /// Reads the recipients in their order.
    ///
    /// # Errors
    ///
    /// [`CustodyError::Recipient`] for the first that is none, [`CustodyError::SameHolder`] for
    /// one that stands there twice.
    pub fn parse_all(texts: &[String]) -> Result<Vec<Self>, CustodyError> {
        let mut holders: Vec<Self> = Vec::new();
        for (text, number) in texts.iter().zip(1..) {
            let holder = Recipient::parse(text)
                .map(Self)
                .map_err(|source| CustodyError::Recipient { number, source })?;
            if holders.contains(&holder) {
                return Err(CustodyError::SameHolder { number });
            }
            holders.push(holder);
        }
        Ok(holders)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Refuses a path at which anything is, a dangling link included.
fn refuse_taken(path: &Path) -> Result<(), CustodyError> {
    if path.symlink_metadata().is_ok() {
        let path = path.to_path_buf();
        return Err(FsError::AlreadyExists { path }.into());
    }
    Ok(())
}
