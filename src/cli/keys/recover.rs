//! `embsec keys recover`.

use super::recovered::{self, Identities, Recovered};
use crate::app::custody::{self, KeptCopy, OpenCopy, Opener, Place};
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
/// is refused (exit 4). Where the keyring was sealed, or the settings say that it is, it is sealed
/// so again. Afterwards the deployment is opened with it, and the recovery recorded.
///
/// With `--out` no deployment is needed; where one is configured, its audit log tells of it.
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
    let copy = KeptCopy::Escrow(args.copy.clone());
    let (copy, target, written) = match &args.out {
        Some(out) => {
            let copy = copy.open(&opener)?;
            let written = if args.dry_run {
                custody::would_recover(&copy, &Place::plain(out))?
            } else {
                recovered::recover(context, "keys recover", &copy, out)?
            };
            (copy, out.clone(), written)
        }
        None => in_place(context, &copy, &opener, args.dry_run)?,
    };
    let result = Recovered::new(&copy, &target, written, args.dry_run);
    render::report(&context.ui, &PutBack(result))?;
    if args.out.is_none() && written && !args.dry_run {
        prove(context)?;
    }
    Ok(ExitKind::Done)
}

/// Puts the keyring where the deployment looks for it, sealed as it opens it. Says where that is,
/// and whether it was written, or would be.
fn in_place(
    context: &Context,
    copy: &KeptCopy,
    opener: &Opener,
    dry_run: bool,
) -> Result<(OpenCopy, PathBuf, bool), CliError> {
    context.refuse_foreign_deployment()?;
    let config = context.config()?;
    let path = match &config.keyring.source {
        SecretRef::File(path) => path.clone(),
        other => {
            return Err(CliError::usage(anyhow::anyhow!(
                "the keyring is read from {other}, which embsec never writes"
            ))
            .hinted("Write it to a file with `--out FILE`, and put it there yourself."));
        }
    };
    let copy = copy.open(opener)?;
    let source = context.keyring(&config);
    // Nothing is written yet: what cannot be sealed as it was is refused before.
    let sealed = source.seal_in_place(copy.keyring()).map_err(|error| {
        CliError::from(error).hinted(
            "`--out FILE` writes the keyring elsewhere, without a seal, to be sealed by age.",
        )
    })?;
    let place = Place::of_deployment(&path, sealed, || source.load().ok());
    let written = if dry_run {
        custody::would_recover(&copy, &place)?
    } else {
        custody::recover(&copy, &place)?
    };
    drop(place);
    Ok((copy, path, written))
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
