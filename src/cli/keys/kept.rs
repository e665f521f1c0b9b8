//! Where the keyring is kept, for commands that make new keys in it.

use super::out_of_file;
use crate::app::rotation::{HolderError, Keyring, KeyringChange, KeyringHolder};
use crate::cli::error::CliError;
use crate::deployment::KeyringSource;
use std::path::Path;

/// The keyring where the settings say, and where the next one goes instead, if it does.
pub(super) struct Kept<'a> {
    source: &'a KeyringSource,
    out: Option<&'a Path>,
}

impl<'a> Kept<'a> {
    /// Refuses `--out` for a keyring that is changed in its place.
    pub(super) fn new(source: &'a KeyringSource, out: Option<&'a Path>) -> Result<Self, CliError> {
        if out.is_some() && source.is_file() {
            return Err(out_of_file(source));
        }
        Ok(Self { source, out })
    }

    /// Refuses a keyring that embsec cannot write where it is not told where else to.
    pub(super) fn require_writable(&self) -> Result<(), CliError> {
        if self.out.is_some() || self.source.is_file() {
            return Ok(());
        }
        Err(CliError::refused(anyhow::anyhow!(
            "the keyring is read from {}, which embsec cannot write",
            self.source.reference()
        ))
        .hinted(
            "`--out FILE` writes the next keyring to a new file; put it where the keyring is kept, \
             and run the command again with another file.",
        ))
    }
}

impl KeyringHolder for Kept<'_> {
    fn read(&self) -> Result<Keyring, HolderError> {
        let read = self.source.load();
        read.map_err(|error| HolderError(Box::new(error)))
    }

    fn hands_over(&self) -> bool {
        self.out.is_some()
    }

    fn change(&self, change: KeyringChange<'_>) -> Result<Keyring, HolderError> {
        let updated = self.source.update(self.out, change);
        match updated {
            Ok(updated) => Ok(updated.keyring),
            Err(error) => Err(HolderError(Box::new(error))),
        }
    }
}
