//! `embsec keys generate`: secrets that nobody has had before. None is taken into use here, but for
//! the key that signs backups, which has its place in the keyring.

mod admin;
mod backup_recipient;
mod backup_signing;
mod master;
mod password;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::sys::fs::{self, FsError};
use clap::Subcommand;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Make a new secret
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Admin(admin::Args),
    Master(master::Args),
    Password(password::Args),
    BackupSigning(backup_signing::Args),
    BackupRecipient(backup_recipient::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Admin(args) => admin::run(context, args),
        Command::Master(args) => master::run(context, args),
        Command::Password(args) => password::run(context, args),
        Command::BackupSigning(args) => backup_signing::run(context, args),
        Command::BackupRecipient(args) => backup_recipient::run(context, args),
    }
}

/// Where the secret goes.
#[derive(clap::Args, Debug)]
struct Destination {
    /// Write it to this new file, which only you can read, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Destination {
    /// Writes a line to the file, or gives the secret back to be printed.
    fn settle(&self, secret: &SecretString) -> Result<Settled, CliError> {
        let Some(path) = &self.out else {
            return Ok(Settled::Print(secret.clone()));
        };
        let line = Zeroizing::new([secret.expose_secret(), "\n"].concat());
        write_new(path, line.as_bytes())?;
        Ok(Settled::Written(path.clone()))
    }
}

/// What became of the secret.
enum Settled {
    /// It is to be printed.
    Print(SecretString),
    /// It is in this file.
    Written(PathBuf),
}

impl Settled {
    /// The secret, for the one time that it is shown.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Print(secret) => Some(secret.expose_secret().to_owned()),
            Self::Written(_) => None,
        }
    }

    /// The file.
    fn file(&self) -> Option<String> {
        match self {
            Self::Print(_) => None,
            Self::Written(path) => Some(path.display().to_string()),
        }
    }
}

/// Writes a secret to a file that must not exist.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    fs::write_secret_file_new(path, bytes).map_err(|error| match &error {
        FsError::AlreadyExists { .. } => CliError::refused(error)
            .hinted("A file is never overwritten. Name another with `--out FILE`."),
        missing if missing.is_not_found() => CliError::usage(error),
        _ => CliError::unavailable(error),
    })
}

/// The text of a result that is one secret, or the file that holds it.
fn secret_or_file(secret: Option<&String>, file: Option<&String>) -> String {
    match (secret, file) {
        (Some(secret), _) => format!("{secret}\n"),
        (None, Some(file)) => format!("{file}\n"),
        (None, None) => String::new(),
    }
}

/// Prints a result; one that was written to a file is only a report.
fn show<R: Render>(context: &Context, result: &R, settled: &Settled) -> Result<(), CliError> {
    match settled {
        Settled::Print(_) => render::print(&context.ui, result),
        Settled::Written(_) => render::report(&context.ui, result),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::context::testing;
    use crate::cli::prompt::Asking;
    use std::os::unix::fs::PermissionsExt as _;

    fn every(out: Option<&Path>) -> [Command; 3] {
        let destination = || Destination {
            out: out.map(Path::to_owned),
        };
        [
            Command::Admin(admin::Args {
                destination: destination(),
            }),
            Command::Master(master::Args {
                destination: destination(),
                to: Vec::new(),
                passphrase: false,
                passphrase_file: None,
            }),
            Command::Password(password::Args {
                destination: destination(),
            }),
        ]
    }

    #[test]
    fn a_new_secret_is_alone_on_stdout() {
        for command in every(None) {
            let (context, stdout, stderr) = testing::context(Asking::Refuse);
            assert_eq!(run(&context, &command).unwrap(), ExitKind::Done);
            let secret = stdout.text();
            assert!(secret.len() > 40, "{secret}");
            assert!(!stderr.text().contains(secret.trim()));
        }
    }

    #[test]
    fn a_secret_in_a_file_is_its_owners_alone_and_not_printed() {
        for which in 0..3 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("secret");
            let command = every(Some(&path)).into_iter().nth(which).unwrap();
            let (context, stdout, stderr) = testing::context(Asking::Refuse);
            assert_eq!(run(&context, &command).unwrap(), ExitKind::Done);
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o600);
            let secret = std::fs::read_to_string(&path).unwrap();
            let last = secret.trim().lines().last().unwrap();
            assert!(!stdout.text().contains(last) && !stderr.text().contains(last));

            let error = run(&context, &command).unwrap_err();
            assert_eq!(error.kind(), ExitKind::Refused);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
        }
    }
}
