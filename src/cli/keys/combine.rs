//! `embsec keys combine`.

use super::recovered::{self, Identities, Recovered};
use crate::app::custody::{self, KeptCopy, Place};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render;
use std::path::PathBuf;

/// Combine shares of a keyring and write it to a new file
///
/// Needs no deployment; where one is configured, its audit log tells of it. Shares that are sealed for their holders need `--identity-file`. A share
/// that is damaged, forged or of another set is named (exit 6) and nothing is written; too few
/// shares are exit 3.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The files of the shares, in any order
    #[arg(required = true, value_name = "FILE")]
    shares: Vec<PathBuf>,

    #[command(flatten)]
    identities: Identities,

    /// Write the keyring to this new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Combine the shares, and write nothing
    #[arg(long)]
    dry_run: bool,
}

super::recovered::result!(Combined, "embsec.keys.combine/1");

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opener = args.identities.read()?;
    let copy = KeptCopy::Shares(args.shares.clone()).open(&opener)?;
    let written = if args.dry_run {
        custody::would_recover(&copy, &Place::plain(&args.out))?
    } else {
        recovered::recover(context, "keys combine", &copy, &args.out)?
    };
    let result = Recovered::new(&copy, &args.out, written, args.dry_run);
    render::report(&context.ui, &Combined(result))?;
    Ok(ExitKind::Done)
}
