//! `embsec internal`: for the people who work on embsec. Hidden, and not part of any contract.

mod generate;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use clap::Subcommand;

/// Work on embsec itself
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(generate::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Generate(args) => generate::run(context, args),
    }
}
