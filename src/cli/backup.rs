//! `embsec backup`: encrypted backups that are read back before they are called so.

mod create;
mod decode;
mod here;
mod list;
mod opened;
mod prune;
mod show;
mod sync;
mod verify;

pub(super) use here::{Here, reach, tell};
pub(super) use opened::{DestinationArgs, IdentityArgs, Missing, Opened, opened, watched};

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use clap::Subcommand;

/// Make encrypted backups, look at them, thin them out, send them elsewhere
///
/// `embsec backup` alone makes one: it is `embsec backup create`.
///
/// A backup is sealed to the recipients in `backup.recipients` and signed with a key of this
/// deployment. The identities that open it do not belong on this host. Every part is read back from
/// the disk, opened, decoded and compared before it is called a backup.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    create: create::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Decode(decode::Args),
    Prune(prune::Args),
    Sync(sync::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    match &args.command {
        None => create::run(context, &args.create),
        Some(Command::Create(args)) => create::run(context, args),
        Some(Command::List(args)) => list::run(context, args),
        Some(Command::Show(args)) => show::run(context, args),
        Some(Command::Verify(args)) => verify::run(context, args),
        Some(Command::Decode(args)) => decode::run(context, args),
        Some(Command::Prune(args)) => prune::run(context, args),
        Some(Command::Sync(args)) => sync::run(context, args),
    }
}
