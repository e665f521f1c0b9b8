//! `embsec keys rotate`: new keys in the place of those in use, beside servers that run.

mod admin;
mod backup_recipient;
mod backup_signing;
mod data;
mod master;
mod target;

use crate::app::job::Stop;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use clap::Subcommand;

/// Replace keys by new ones, while servers run
///
/// Each step is durable before the next one relies on it. A command that was interrupted, at
/// whatever moment, is run again and goes on.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Master(master::Args),
    Data(data::Args),
    Admin(admin::Args),
    Target(target::Args),
    BackupSigning(backup_signing::Args),
    BackupRecipient(backup_recipient::Args),
}

/// Runs the command.
pub(super) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Master(args) => master::run(context, args),
        Command::Data(args) => data::run(context, args),
        Command::Admin(args) => admin::run(context, args),
        Command::Target(args) => target::run(context, args),
        Command::BackupSigning(args) => backup_signing::run(context, args),
        Command::BackupRecipient(args) => backup_recipient::run(context, args),
    }
}

/// Asks the work to stop at the first Ctrl-C, so that it ends with its batch. Ready at the second,
/// when whoever waits has no more patience.
async fn asked_twice(stop: &Stop) {
    for _ in 0..2 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        stop.ask();
    }
}
