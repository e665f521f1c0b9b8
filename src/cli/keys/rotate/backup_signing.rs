//! `embsec keys rotate backup-signing`.

use crate::app::rotation::SigningStep;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::keys::signing::{self, Options, Signing};
use crate::cli::render::{self, Render};
use serde::Serialize;

/// Replace the key that signs backups
///
/// A new key is added to the keyring, read back and tried, and then signs what is new. The key
/// before stays in the keyring and verifies only: backups that it signed stay as they are. A run
/// that was killed is simply run again.
///
/// A keyring that embsec cannot write is written to `--out FILE` instead, once with the new key
/// pending and, run again when this command reads that one, once with it active.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rotated(Signing);

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let rotated = Rotated(signing::run(context, &args.options, SigningStep::Next)?);
    render::report(&context.ui, &rotated)?;
    rotated.0.tell_next(context, SigningStep::Next);
    Ok(ExitKind::Done)
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.backup-signing/1";

    fn table(&self) -> String {
        self.0.table()
    }

    fn plain(&self) -> String {
        self.0.plain()
    }
}
