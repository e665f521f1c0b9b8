//! From the errors of work on other programs' databases to exit codes and hints.

use super::{CliError, sentence};
use crate::app::encryption::{EncryptionError, Named};
use crate::cli::exit::ExitKind;
use crate::deployment::{KeyringUpdateError, LeaseError, LookError, TargetError, TargetOpenError};

const NOTHING_CHANGED: &str = "Nothing was changed.";
const GO_ON: &str = "Run the same command again: it goes on from there.";

impl From<TargetError> for CliError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Open(error) => of_open(error),
            TargetError::Run(error) => of_run(error),
            TargetError::Declaration(_) => Self::usage(error),
            TargetError::Key(_) => Self::usage(error)
                .hinted("The key is 32 bytes in base64, as `openssl rand -base64 32` makes one."),
            TargetError::Keyring(error) => error.into(),
            TargetError::KeyringUpdate(error) => of_new_key(error),
            TargetError::KeyNotKept(_) => Self::new(ExitKind::Integrity, error)
                .hinted("It was not used. Check the disk before anything else is written."),
            TargetError::Deployment(error) => error.into(),
            TargetError::Ambiguous { .. } => Self::usage(error).hinted(
                "`--profile embsec`, `--profile embapi` or `--profile llm-proxy` says which to take.",
            ),
            TargetError::Unknown(_) => Self::usage(error)
                .hinted("`--target FILE` declares the tables of any other program."),
            TargetError::EmbapiFile(_) => {
                Self::usage(error).hinted("Name it with `--database postgres://USER@HOST/DATABASE`.")
            }
            TargetError::NoColumn { .. } => Self::usage(error),
            TargetError::NoValue { ref known, .. } => {
                let names: Vec<String> = known.iter().map(|name| format!("{name}:KEY")).collect();
                let names = names.join(", ");
                Self::usage(error).hinted(format!("A value is named as refusals name it: {names}."))
            }
            TargetError::EmbapiSealed => Self::refused(error).hinted(
                "`embsec keys rotate target` gives them another key. Nothing was changed.",
            ),
            TargetError::Lease(LeaseError::Held { .. }) => {
                Self::unavailable(error).hinted("Wait for it to end, and run this again.")
            }
            TargetError::Lease(_) => Self::unavailable(error).hinted(NOTHING_CHANGED),
            TargetError::Audit(_) | TargetError::AuditWrite(_) => Self::unavailable(error)
                .hinted("Nothing is done unrecorded. `--audit-dir DIR` names another folder."),
            TargetError::File(_) => Self::unavailable(error),
            TargetError::Scrub(_) => Self::new(ExitKind::Incomplete, error).hinted(
                "The values are encrypted. `embsec migrate encrypt --scrub-only` tries this again.",
            ),
        }
    }
}

impl From<LookError> for CliError {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Open(error) => error.into(),
            LookError::File(error) => of_open(error),
            LookError::Run(error) => error.into(),
        }
    }
}

/// Why the keyring has no key for a target.
fn of_new_key(error: KeyringUpdateError) -> CliError {
    use crate::app::rotation::ChangeError;
    match error {
        KeyringUpdateError::ReadOnly { .. } => CliError::usage(error).hinted(
            "So no key can be made in it. Give the key with `--key-file FILE` or ENCRYPTION_KEY.",
        ),
        KeyringUpdateError::Change(
            ChangeError::AlreadyActive { .. } | ChangeError::AlreadyPending { .. },
        ) => CliError::unavailable(error).hinted(
            "Another process made one meanwhile. Nothing was encrypted; run the same command again.",
        ),
        error => error.into(),
    }
}

fn of_open(error: TargetOpenError) -> CliError {
    match &error {
        TargetOpenError::NoSuchDatabase(_)
        | TargetOpenError::NotADatabase(_)
        | TargetOpenError::Empty(_) => CliError::usage(error).hinted("Check `--database`."),
        TargetOpenError::Unfit { .. } => {
            CliError::usage(error).hinted("Check `--database` and `--profile` or `--target`.")
        }
        TargetOpenError::NotClosed(_) => CliError::new(ExitKind::Incomplete, error).hinted(
            "Open it once with its own program, which puts its log in order, and close it.",
        ),
        TargetOpenError::Refused(_) => CliError::usage(error)
            .hinted("Check the user, the password and the database in the URL, and pg_hba.conf."),
        TargetOpenError::File { .. } => CliError::usage(error),
        TargetOpenError::Unavailable(_) => CliError::unavailable(error).hinted(NOTHING_CHANGED),
        TargetOpenError::Fault(_) => CliError::internal(error),
    }
}

fn of_run(error: EncryptionError) -> CliError {
    let message = error.to_string();
    match error {
        EncryptionError::NoKey(_) => CliError::usage(error).hinted(
            "Name the file of the key with `--key-file FILE`, or put the key into ENCRYPTION_KEY. \
             For tables that a file declares, `--dir DIR` names a deployment whose keyring has it.",
        ),
        EncryptionError::Undecryptable(named) => of_rows(ExitKind::Integrity, message, &named)
            .hinted(format!(
                "Another key than these were encrypted with is given, or they are damaged. \
                     {NOTHING_CHANGED}"
            ))
            .hinted(
                "One that never was encrypted and only begins so is taken by \
                     `--treat-as-plaintext ROW`.",
            ),
        EncryptionError::Twice(named) => of_rows(ExitKind::Refused, message, &named).hinted(
            "Once one layer is off, a run that was cut off could not be told from one that is \
                 still to come. `--treat-as-plaintext ROW` leaves such a value as it is.",
        ),
        EncryptionError::Unusable(named) => {
            of_rows(ExitKind::Refused, message, &named).hinted(NOTHING_CHANGED)
        }
        EncryptionError::ChangedToUnknown { .. } => CliError::new(ExitKind::Integrity, error)
            .hinted("Somebody else writes with another key: stop that first. What was done stays."),
        EncryptionError::Rows(crate::app::encryption::RowsError::Store(error)) => {
            CliError::from(error).hinted(GO_ON)
        }
        EncryptionError::Rows(_) => CliError::new(ExitKind::Integrity, error)
            .hinted("That batch was undone. A trigger of the table, or the disk, changes values."),
        EncryptionError::NotAsSealed(_) => CliError::new(ExitKind::Integrity, error)
            .hinted("Nothing of that batch was written. The memory of this machine may be faulty."),
        EncryptionError::Worker => CliError::internal(error),
        EncryptionError::Lease(_) => CliError::unavailable(error).hinted(GO_ON),
        EncryptionError::Seal(_) => CliError::unavailable(error).hinted(GO_ON),
        EncryptionError::Audit(_) => CliError::unavailable(error)
            .hinted("Nothing is done unrecorded. Check the folder of the audit log."),
        EncryptionError::Interrupted { .. } => {
            CliError::new(ExitKind::Interrupted, error).hinted(GO_ON)
        }
    }
}

/// An error that names rows.
fn of_rows(kind: ExitKind, message: String, named: &Named) -> CliError {
    let shown = named.shown.iter();
    let mut problems: Vec<String> = shown
        .map(|(row, why)| sentence(&format!("`{}`: {why}", row.escape_debug())))
        .collect();
    if named.more() > 0 {
        problems.push(format!("And {} more like these.", named.more()));
    }
    CliError {
        problems,
        ..CliError::new(kind, anyhow::Error::msg(message))
    }
}
