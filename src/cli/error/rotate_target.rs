//! From the errors of giving a service another key to exit codes and hints.

use super::CliError;
use crate::app::rotate_target::RotateError;
use crate::app::rotate_target::keys::KeysError;
use crate::cli::exit::ExitKind;
use crate::deployment::{LeaseError, RowsError, ServiceOpenError, TargetOpenError};

const NOTHING_CHANGED: &str = "Nothing was changed.";

impl From<ServiceOpenError> for CliError {
    fn from(error: ServiceOpenError) -> Self {
        match error {
            ServiceOpenError::Open(error) => of_open(error),
            ServiceOpenError::Lease(error) => of_lease(error),
            ServiceOpenError::EmbapiInAFile => Self::usage(error).hinted("Check `--database`."),
        }
    }
}

fn of_open(error: TargetOpenError) -> CliError {
    use TargetOpenError as E;
    match &error {
        E::NoSuchDatabase(_) | E::NotADatabase(_) | E::File { .. } => {
            CliError::usage(error).hinted("Check `--database`.")
        }
        E::Empty(_) | E::Unfit { .. } => {
            CliError::usage(error).hinted("Check `--database` and `--profile`.")
        }
        E::Refused(_) => CliError::usage(error)
            .hinted("Check the user, the password and the database in the URL, and pg_hba.conf."),
        E::NotClosed(_) | E::Unavailable(_) => CliError::unavailable(error).hinted(NOTHING_CHANGED),
        E::Fault(_) => CliError::internal(error),
    }
}

fn of_lease(error: LeaseError) -> CliError {
    match error {
        LeaseError::Held { .. } => {
            CliError::unavailable(error).hinted("Wait for the other process.")
        }
        LeaseError::Lost(_) | LeaseError::File(_) => {
            CliError::unavailable(error).hinted(NOTHING_CHANGED)
        }
        LeaseError::Store(error) => error.into(),
    }
}

impl From<KeysError> for CliError {
    fn from(error: KeysError) -> Self {
        let hint = match &error {
            KeysError::Old(_) => "Check `--key-file`, or the variable ENCRYPTION_KEY.",
            KeysError::New(_) | KeysError::Same | KeysError::Weak => {
                "Name a file that does not exist with `--new-key-file`: a key is made in it."
            }
        };
        Self::usage(error).hinted(hint)
    }
}

impl From<RotateError> for CliError {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Unopenable { .. } => Self::new(ExitKind::Integrity, error).hinted(format!(
                "{NOTHING_CHANGED} Check that `--key-file` is the key that the service has. Values \
                 that no key opens have to be mended or emptied first."
            )),
            RotateError::NotBegun => Self::refused(error)
                .hinted("Leave `--finish` out, or check `--database` and `--new-key-file`."),
            RotateError::Rows(RowsError::Store(error)) => {
                Self::from(error).hinted("Run the same command again: it goes on from there.")
            }
            RotateError::Rows(RowsError::NotAsWritten(_)) => {
                Self::new(ExitKind::Integrity, error).hinted(format!(
                    "{NOTHING_CHANGED} A trigger of the table may have changed what was written, or \
                     the disk fails."
                ))
            }
            RotateError::Rows(RowsError::BadKey(_) | RowsError::MixedKeys(_)) => Self::usage(error),
            RotateError::Lease(error) => of_lease(error),
            RotateError::Seal(_) => Self::unavailable(error).hinted(NOTHING_CHANGED),
            RotateError::Audit(_) => Self::unavailable(error).hinted("Nothing is done unrecorded. Check the folder of the audit log."),
            RotateError::Interrupted => Self::new(ExitKind::Interrupted, error),
        }
    }
}
