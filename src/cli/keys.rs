//! `embsec keys`: the keys of a deployment, in its keyring and in its database.

mod generate;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use clap::Subcommand;

/// Make, show and look after the keys of a deployment
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(subcommand)]
    Generate(generate::Command),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Generate(command) => generate::run(context, command),
    }
}
