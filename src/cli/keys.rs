//! `embsec keys`: the keys of a deployment, in its keyring and in its database.

mod combine;
mod destroy;
mod drill;
mod end;
mod escrow;
mod generate;
mod kept;
mod list;
mod recover;
mod recovered;
mod retire;
mod rotate;
mod show;
mod shred;
mod signing;
mod split;
mod view;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::deployment::KeyringSource;
use clap::Subcommand;

/// Make, show and look after the keys of a deployment
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(subcommand)]
    Generate(generate::Command),
    List(list::Args),
    Show(show::Args),
    Retire(retire::Args),
    Destroy(destroy::Args),
    Split(split::Args),
    Combine(combine::Args),
    Escrow(escrow::Args),
    Recover(recover::Args),
    Drill(drill::Args),
    #[command(subcommand)]
    Rotate(rotate::Command),
    Shred(shred::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Generate(command) => generate::run(context, command),
        Command::Split(args) => split::run(context, args),
        Command::Combine(args) => combine::run(context, args),
        Command::Escrow(args) => escrow::run(context, args),
        Command::Recover(args) => recover::run(context, args),
        Command::Drill(args) => drill::run(context, args),
        Command::Rotate(command) => rotate::run(context, command),
        Command::Shred(args) => shred::run(context, args),
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Retire(args) => retire::run(context, args),
        Command::Destroy(args) => destroy::run(context, args),
    }
}

/// `--out` was given for a keyring that is changed in its place.
fn out_of_file(keyring: &KeyringSource) -> CliError {
    CliError::usage(anyhow::anyhow!(
        "`--out` is for a keyring that embsec cannot write, and {} is a file",
        keyring.reference()
    ))
    .hinted("Leave `--out` away: the keyring is changed where it is, and the generation before is kept.")
}
