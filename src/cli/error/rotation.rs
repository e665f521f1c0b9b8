//! From the errors of rotations to exit codes and hints.

use super::CliError;
use super::lower::kind_of_store;
use crate::app::error::AppError;
use crate::app::rotation::{ChangeError, RotationError};
use crate::cli::exit::ExitKind;
use crate::deployment::{KeyringSourceError, KeyringUpdateError};

/// Whoever waits for a process that was killed has to know that it will not take long.
pub(super) const LEASED: &str =
    "Wait for the other process. If it was killed, its claim ends by itself within 30 seconds.";

/// What holds for every rotation that did not come to its end.
const GO_ON: &str = "Nothing is lost. Run the same command again: it goes on from there.";

impl From<RotationError> for CliError {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::Lease(_) => Self::unavailable(error).hinted(LEASED),
            RotationError::Behind { .. } => Self::unavailable(error).hinted(
                "Put the new keyring where those servers read theirs, which they do again within a \
                 second; then run the same command again. Until then everything works as before.",
            ),
            RotationError::Unopened(_) => Self::new(ExitKind::Integrity, error).hinted(
                "Everything else is done. `embsec migrate encrypt-status` tells more; a backup may \
                 hold these values.",
            ),
            RotationError::UnknownScope(_) => {
                Self::usage(error).hinted("A scope is `system` or `project:OWNER/HANDLE`.")
            }
            RotationError::NothingToOpen => Self::refused(error).hinted(
                "`embsec projects set OWNER/HANDLE` tells a project what to seal; what is written \
                 in clear afterwards is what `embsec migrate decrypt` brings back.",
            ),
            RotationError::Challenge(_) | RotationError::SigningChallenge(_) => {
                Self::new(ExitKind::Integrity, error)
                    .hinted("The key was not used. Check memory and disk before you try again.")
            }
            RotationError::AlreadySigns(_) => Self::refused(error)
                .hinted("`embsec keys rotate backup-signing` puts another in its place."),
            RotationError::NothingSigns => Self::refused(error)
                .hinted("`embsec keys generate backup-signing` makes the first one."),
            RotationError::Unsettled(_) => Self::unavailable(error).hinted(GO_ON),
            RotationError::Holder(error) => of_holder(error.0),
            RotationError::Key(error) => AppError::Key(error).into(),
            RotationError::Seal(_) => Self::internal(error),
            RotationError::Audit(error) => AppError::from(error).into(),
            RotationError::Store(source) => Self::new(kind_of_store(&source), source).hinted(GO_ON),
            RotationError::Interrupted { .. } => {
                Self::new(ExitKind::Interrupted, error).hinted(GO_ON)
            }
        }
    }
}

/// What the place of the keyring said, in its own words.
fn of_holder(error: Box<dyn std::error::Error + Send + Sync>) -> CliError {
    match error.downcast::<KeyringUpdateError<ChangeError>>() {
        Ok(error) => (*error).into(),
        Err(error) => match error.downcast::<KeyringSourceError>() {
            Ok(error) => (*error).into(),
            Err(error) => CliError::internal(anyhow::anyhow!(error)),
        },
    }
}
