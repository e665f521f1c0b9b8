//! From the errors of the keyring's source and of its changes to exit codes and hints.

use super::CliError;
use crate::app::key_ends::{EndError, Need};
use crate::cli::exit::ExitKind;
use crate::config::secret::SecretError;
use crate::deployment::{KeyringFileError, KeyringSourceError, KeyringUpdateError};
use std::error::Error;

/// The copies of a keyring that may still be whole.
const PUT_BACK: &str = "Put the keyring back from its copy. Beside a file that was changed before is the \
                        generation before that, with `.previous` at the end of its name. Nothing was \
                        changed now.";

/// Where no deployment was named, and where its keyring is gone.
const LOST: &str = "`--dir DIR` names a deployment, and `embsec init --dir DIR` makes one. A keyring that \
                    is lost is put back from its escrow copy by `embsec keys recover`, from shares by \
                    `embsec keys combine`.";

/// The code and the hint of a keyring that is not at hand.
pub(super) fn of_source(error: &KeyringSourceError) -> (ExitKind, Option<String>) {
    use KeyringSourceError as E;
    let told = |kind, hint: &str| (kind, Some(hint.to_owned()));
    match error {
        E::Source(SecretError::File(file)) if file.is_not_found() => told(ExitKind::Usage, LOST),
        E::Source(source) | E::Passphrase(source) | E::Identity(source) => {
            (ExitKind::Usage, source.hint())
        }
        E::Text(_) => told(ExitKind::Integrity, PUT_BACK),
        E::Sealed(_) => told(
            ExitKind::Integrity,
            "Check `keyring.passphrase` or `keyring.identity`; nothing was changed.",
        ),
        E::NoPassphrase => told(
            ExitKind::Usage,
            "Set `keyring.passphrase`, or run a command at a terminal, where it is asked for.",
        ),
        E::NoIdentity => told(
            ExitKind::Usage,
            "Set `keyring.identity` to the file of one that it is sealed to.",
        ),
        E::IdentityText(_) => told(
            ExitKind::Usage,
            "`keyring.identity` takes what `age-keygen` writes.",
        ),
        E::Ask(_) => (ExitKind::Unavailable, None),
    }
}

/// The code and the hint of a keyring that was not changed, but for a change that was refused.
fn of_update<E>(error: &KeyringUpdateError<E>) -> (ExitKind, Option<String>) {
    use KeyringUpdateError as E;
    let told = |kind, hint: &str| (kind, Some(hint.to_owned()));
    match error {
        E::Source(source) => of_source(source),
        E::ReadOnly { .. } => told(
            ExitKind::Usage,
            "Have the changed keyring written with `--out FILE`, and give that to what keeps it.",
        ),
        E::Change(_) => (ExitKind::Refused, None),
        E::File(KeyringFileError::Busy { .. }) => {
            told(ExitKind::Unavailable, "Wait for the other process.")
        }
        E::File(KeyringFileError::File(source)) if source.already_exists() => told(
            ExitKind::Refused,
            "A file is never overwritten. Name another with `--out FILE`.",
        ),
        E::File(KeyringFileError::File(_)) => told(
            ExitKind::Unavailable,
            "Check space and permissions; where the keyring's folder cannot be written, have the \
             changed keyring written with `--out FILE`.",
        ),
        E::File(KeyringFileError::NotAsWritten { .. }) | E::OutNotAsWritten { .. } => told(
            ExitKind::Integrity,
            "Check the disk before anything else is written.",
        ),
        E::Seal(_) | E::NotNext { .. } => (ExitKind::Internal, None),
        E::Recipient { .. } => told(ExitKind::Usage, "A recipient begins with `age1`."),
        E::UnknownRecipients { .. } => told(
            ExitKind::Refused,
            "Sealing it again would lock the others out. Set `keyring.identity` to a file with an \
             identity of each, or seal it to one recipient first.",
        ),
    }
}

impl<E: Error + Send + Sync + 'static> From<KeyringUpdateError<E>> for CliError {
    fn from(error: KeyringUpdateError<E>) -> Self {
        let (kind, hint) = of_update(&error);
        hint.into_iter().fold(Self::new(kind, error), Self::hinted)
    }
}

impl From<KeyringSourceError> for CliError {
    fn from(error: KeyringSourceError) -> Self {
        let (kind, hint) = of_source(&error);
        hint.into_iter().fold(Self::new(kind, error), Self::hinted)
    }
}

impl From<EndError> for CliError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::App(error) => error.into(),
            EndError::Unknown(_) => Self::usage(error).hinted("`embsec keys list` lists them."),
            EndError::Destroyed { .. } => {
                Self::usage(error).hinted("`embsec keys list` lists those that there are.")
            }
            EndError::Needed { ref needs, .. }
                if needs.iter().any(|need| matches!(need, Need::Unseen(_))) =>
            {
                Self::refused(error).hinted(
                    "`--target FILE --target-database URL` looks whether anything there is sealed \
                     by it.",
                )
            }
            EndError::Needed { ref needs, .. }
                if needs
                    .iter()
                    .any(|need| matches!(need, Need::OtherValues { .. })) =>
            {
                Self::refused(error)
                    .hinted("`embsec migrate decrypt --target FILE` brings them back in clear.")
            }
            EndError::Needed { ref needs, .. }
                if needs
                    .iter()
                    .any(|need| matches!(need, Need::Backups { .. })) =>
            {
                Self::refused(error).hinted(
                    "A backup is restored and verified with the keys that it was made with: keep \
                     them until it is gone.",
                )
            }
            EndError::Backups(error) => Self::unavailable(error)
                .hinted("No key ends while backups that may need it are out of sight."),
            EndError::Needed { .. } => Self::refused(error).hinted(
                "Rotate to another key first: `embsec keys rotate`. A server reads its keyring \
                 within a second, or at SIGHUP.",
            ),
            EndError::State(_) => Self::refused(error).hinted(
                "A key is rotated out, then retired, then destroyed; a pending one is destroyed \
                 at once.",
            ),
            EndError::Lease(_) => {
                Self::new(ExitKind::Unavailable, error).hinted(super::rotation::LEASED)
            }
        }
    }
}
