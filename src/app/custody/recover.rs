//! Putting a keyring back from a copy.

use super::{CustodyError, OpenCopy};
use crate::app::{App, Call};
use crate::crypto::keyring::Keyring;
use crate::domain::audit::{Action, Outcome};
use crate::sys::fs;
use std::path::Path;

/// Whether [`recover`] would write: `false` when this very keyring is in place already.
///
/// # Errors
///
/// [`CustodyError::Differs`] when something else is there.
pub fn would_recover(copy: &OpenCopy, path: &Path) -> Result<bool, CustodyError> {
    if path.symlink_metadata().is_err() {
        return Ok(true);
    }
    match Keyring::load(path) {
        Ok(there) if there.render() == copy.keyring.render() => Ok(false),
        _ => Err(CustodyError::Differs(path.to_path_buf())),
    }
}

/// Writes the keyring of a copy to a new file (0600) and reads it back. Nothing is overwritten:
/// `false` when this very keyring is in place already.
///
/// # Errors
///
/// [`CustodyError::Differs`] when something else is there, [`CustodyError::File`],
/// [`CustodyError::NotAsWritten`].
pub fn recover(copy: &OpenCopy, path: &Path) -> Result<bool, CustodyError> {
    if !would_recover(copy, path)? {
        return Ok(false);
    }
    fs::write_secret_file_new(path, &copy.text)?;
    match Keyring::load(path) {
        Ok(there) if there.render() == copy.keyring.render() => Ok(true),
        _ => Err(CustodyError::NotAsWritten(path.to_path_buf())),
    }
}

impl App {
    /// Records that the keyring was put back from its escrow copy.
    ///
    /// # Errors
    ///
    /// When the event is not durable.
    pub async fn record_recovery(&self, call: &Call) -> Result<(), CustodyError> {
        let details = self.keyring_facts().details();
        let origin = call.origin.clone();
        self.record(origin, Action::KeyringRecover, Outcome::Success, details)
            .await?;
        Ok(())
    }
}
