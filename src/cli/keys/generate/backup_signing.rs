//! `embsec keys generate backup-signing`.

use crate::app::rotation::SigningStep;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::keys::signing::{self, Options, Signing};
use crate::cli::render::{self, Render};
use serde::Serialize;

/// Make the key that signs backups, in the keyring
///
/// For a deployment that has none, because an older embsec made it: `embsec init` makes one. The
/// new key is durable, read back and tried before it signs anything. Refused where a key signs
/// already (exit 4): `embsec keys rotate backup-signing` puts another in its place.
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
struct Made(Signing);

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let made = Made(signing::run(context, &args.options, SigningStep::First)?);
    render::report(&context.ui, &made)?;
    made.0.tell_next(context, SigningStep::First);
    Ok(ExitKind::Done)
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.generate.backup-signing/1";

    fn table(&self) -> String {
        self.0.table()
    }

    fn plain(&self) -> String {
        self.0.plain()
    }
}
