//! `embsec keys recover`.

use super::recovered::{Identities, Recovered};
use crate::app::custody::{self, KeptCopy};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render;
use crate::config::secret::SecretRef;
use std::path::PathBuf;

/// Put the keyring back from its escrow copy
///
/// Opens the copy, checks it, and writes the keyring where `keyring.source` looks for it, or to
/// `--out`. A keyring that is there is never overwritten: the same one is left as it is, another one
/// is refused (exit 4). Afterwards the deployment is opened with it, and the recovery recorded.
///
/// With `--out` no deployment is needed, and none is opened.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The escrow copy
    #[arg(value_name = "FILE")]
    copy: PathBuf,

    #[command(flatten)]
    identities: Identities,

    /// Write the keyring to this new file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Open and check the copy, and write nothing
    #[arg(long)]
    dry_run: bool,
}

super::recovered::result!(PutBack, "embsec.keys.recover/1");

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opener = args.identities.read()?;
    let target = match &args.out {
        Some(out) => out.clone(),
        None => in_place(context)?,
    };
    let copy = KeptCopy::Escrow(args.copy.clone()).open(&opener)?;
    let written = if args.dry_run {
        custody::would_recover(&copy, &target)?
    } else {
        custody::recover(&copy, &target)?
    };
    let result = Recovered::new(&copy, &target, written, args.dry_run);
    render::report(&context.ui, &PutBack(result))?;
    if args.out.is_none() && written && !args.dry_run {
        prove(context)?;
    }
    Ok(ExitKind::Done)
}

/// Where the deployment looks for its keyring.
fn in_place(context: &Context) -> Result<PathBuf, CliError> {
    context.refuse_foreign_deployment()?;
    let keyring = context.config()?.keyring;
    if keyring.passphrase.is_some() || keyring.identity.is_some() {
        context.ui.warn(
            "The settings say that the keyring is sealed; it is put back without a seal. Seal it \
             again with age, or write it elsewhere with `--out FILE`.",
        );
    }
    match keyring.source {
        SecretRef::File(path) => Ok(path),
        other => Err(CliError::usage(anyhow::anyhow!(
            "the keyring is read from {other}, which embsec never writes"
        ))
        .hinted("Write it to a file with `--out FILE`, and put it there yourself.")),
    }
}

/// Opens the deployment with the keyring, which says whether it is the one that the database needs,
/// and records that it was put back.
fn prove(context: &Context) -> Result<(), CliError> {
    let recorded = console::run(context, "keys recover", async |app, call| {
        Ok(app.record_recovery(call).await?)
    });
    match recorded {
        // The keyring is in place whatever became of the database.
        Err(error) if error.kind() == ExitKind::Unavailable => {
            context.ui.warn(format_args!(
                "The keyring is in place, but it was not tried and is not in the audit log: {}",
                error.message()
            ));
            Ok(())
        }
        other => other,
    }
}
