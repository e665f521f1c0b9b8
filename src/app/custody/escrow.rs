//! Making an escrow copy of the keyring.

use super::split::recipients;
use super::{CustodyError, Holder, KeyringFacts, MAX_COPY_BYTES, refuse_taken};
use crate::app::{App, Call};
use crate::crypto::sealed_file::{self, Recipient};
use crate::domain::audit::{Action, Details, Outcome};
use crate::sys::fs;
use std::path::Path;

/// An escrow copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// What is in it.
    pub keyring: KeyringFacts,
}

impl App {
    /// What may be told of the keyring in use.
    #[must_use]
    pub fn keyring_facts(&self) -> KeyringFacts {
        KeyringFacts::of(&self.keys().keyring())
    }

    /// Checks that an escrow copy could be made at this path.
    ///
    /// # Errors
    ///
    /// [`CustodyError::File`] when something is there.
    pub fn check_escrow(&self, path: &Path) -> Result<(), CustodyError> {
        refuse_taken(path)
    }

    /// Seals the keyring in use for these holders, each of whom can open it alone. The event is
    /// recorded before the file is written; when that fails, a second one says so.
    ///
    /// # Errors
    ///
    /// Any [`CustodyError`] of making copies.
    pub async fn escrow_keyring(
        &self,
        call: &Call,
        holders: &[Holder],
        path: &Path,
    ) -> Result<Escrow, CustodyError> {
        refuse_taken(path)?;
        let keyring = self.keys().keyring();
        let facts = KeyringFacts::of(&keyring);
        let all: Vec<Recipient> = holders.iter().map(|holder| holder.0.clone()).collect();
        let sealed = sealed_file::seal(&all, keyring.render().as_bytes())?;
        let mut details = facts.details();
        details.insert(
            "recipients".to_owned(),
            recipients(&holders.iter().collect::<Vec<_>>()),
        );
        self.copying(call, Action::KeyringEscrow, details, || {
            fs::write_secret_file_new(path, &sealed)?;
            if *fs::read_private_file(path, MAX_COPY_BYTES)? == *sealed {
                Ok(())
            } else {
                Err(CustodyError::NotAsWritten(path.to_path_buf()))
            }
        })
        .await?;
        Ok(Escrow { keyring: facts })
    }

    /// Makes a copy between its event and, if it fails, the event of that.
    pub(super) async fn copying(
        &self,
        call: &Call,
        action: Action,
        details: Details,
        make: impl FnOnce() -> Result<(), CustodyError>,
    ) -> Result<(), CustodyError> {
        let origin = call.origin.clone();
        self.record(origin.clone(), action, Outcome::Success, details.clone())
            .await?;
        let Err(error) = make() else { return Ok(()) };
        let mut details = details;
        details.insert("error".to_owned(), "the copy was not made".into());
        self.record(origin, action, Outcome::Error, details).await?;
        Err(error)
    }
}
