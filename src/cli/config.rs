//! `embsec config`: look at the configuration before anything depends on it.

mod check;
mod schema;
mod show;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use clap::Subcommand;

/// Show, check and describe the configuration
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::Args),
    Check(check::Args),
    Schema(schema::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Show(args) => show::run(context, args),
        Command::Check(args) => check::run(context, args),
        Command::Schema(args) => schema::run(context, args),
    }
}
