//! Putting a keyring back from a copy.

use super::{CustodyError, KeyringFacts, OpenCopy};
use crate::app::{App, Call};
use crate::audit::AuditLog;
use crate::crypto::keyring::Keyring;
use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::sys::fs;
use std::path::Path;
use zeroize::Zeroizing;

/// Where a keyring is put.
pub struct Place<'a> {
    path: &'a Path,
    sealed: Option<Zeroizing<Vec<u8>>>,
    load: Box<dyn Fn() -> Option<Keyring> + 'a>,
}

impl<'a> Place<'a> {
    /// A file of its own, which holds the text of the keyring.
    #[must_use]
    pub fn plain(path: &'a Path) -> Self {
        Self {
            path,
            sealed: None,
            load: Box::new(|| Keyring::load(path).ok()),
        }
    }

    /// The file that a deployment reads: `sealed` is what it is to hold, and `load` reads it as
    /// the deployment does.
    #[must_use]
    pub fn of_deployment(
        path: &'a Path,
        sealed: Zeroizing<Vec<u8>>,
        load: impl Fn() -> Option<Keyring> + 'a,
    ) -> Self {
        Self {
            path,
            sealed: Some(sealed),
            load: Box::new(load),
        }
    }

    fn holds(&self, copy: &OpenCopy) -> bool {
        (self.load)().is_some_and(|there| there.render() == copy.keyring.render())
    }
}

/// Whether [`recover`] would write: `false` when this very keyring is in place already.
///
/// # Errors
///
/// [`CustodyError::Differs`] when something else is there.
pub fn would_recover(copy: &OpenCopy, place: &Place<'_>) -> Result<bool, CustodyError> {
    if place.path.symlink_metadata().is_err() {
        return Ok(true);
    }
    if place.holds(copy) {
        Ok(false)
    } else {
        Err(CustodyError::Differs(place.path.to_path_buf()))
    }
}

/// Writes the keyring of a copy to a new file (0600) and reads it back. Nothing is overwritten:
/// `false` when this very keyring is in place already.
///
/// # Errors
///
/// [`CustodyError::Differs`] when something else is there, [`CustodyError::File`],
/// [`CustodyError::NotAsWritten`].
pub fn recover(copy: &OpenCopy, place: &Place<'_>) -> Result<bool, CustodyError> {
    if !would_recover(copy, place)? {
        return Ok(false);
    }
    let bytes = place.sealed.as_ref().unwrap_or(&copy.text);
    fs::write_secret_file_new(place.path, bytes)?;
    if place.holds(copy) {
        Ok(true)
    } else {
        Err(CustodyError::NotAsWritten(place.path.to_path_buf()))
    }
}

/// As [`recover`], recorded before anything is written, and once more if that fails.
///
/// # Errors
///
/// As [`recover`], and when the event is not durable: nothing is written then.
pub async fn recover_recorded(
    copy: &OpenCopy,
    place: &Place<'_>,
    audit: &dyn AuditLog,
    origin: &Origin,
) -> Result<bool, CustodyError> {
    if !would_recover(copy, place)? {
        return Ok(false);
    }
    let mut details = origin.details.clone();
    details.extend(KeyringFacts::of(&copy.keyring).details());
    details.insert("file".to_owned(), place.path.display().to_string().into());
    if let Some(set_id) = &copy.set_id {
        details.insert("set_id".to_owned(), set_id.as_str().into());
    }
    let event = |outcome, details: Details| AuditEvent {
        action: Action::KeyringRecover,
        outcome,
        origin: origin.clone(),
        project_id: None,
        details,
    };
    audit
        .append(event(Outcome::Success, details.clone()))
        .await?;
    let done = recover(copy, place);
    if done.is_err() {
        details.insert("error".to_owned(), "the keyring was not written".into());
        audit.append(event(Outcome::Error, details)).await?;
    }
    done
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
