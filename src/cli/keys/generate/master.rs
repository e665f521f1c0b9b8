//! `embsec keys generate master`.

use super::{Destination, Settled, show, write_new};
use crate::app::new_secret;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::Render;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

/// Make a keyring with one new master key
///
/// For a deployment whose keyring is kept by a secret manager: what is printed, to the last line
/// end, is what `keyring.source` has to yield. A keyring in a file is made by `embsec init`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,
}

#[derive(Serialize)]
struct Made {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let (id, text) = new_secret::keyring(context.rng.as_ref(), context.clock.as_ref())
        .map_err(CliError::unavailable)?;
    let settled = settle(&args.destination, text)?;
    let made = Made {
        id: id.to_string(),
        keyring: settled.shown(),
        file: settled.file(),
    };
    show(context, &made, &settled)?;
    context.ui.hint(
        "Keep a copy apart from the database and its backups: without it nothing that was sealed \
         can be read again.",
    );
    Ok(ExitKind::Done)
}

/// The text ends its own last line.
fn settle(destination: &Destination, text: SecretString) -> Result<Settled, CliError> {
    match &destination.out {
        None => Ok(Settled::Print(text)),
        Some(path) => {
            write_new(path, text.expose_secret().as_bytes())?;
            Ok(Settled::Written(path.clone()))
        }
    }
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.generate.master/1";

    fn table(&self) -> String {
        self.plain()
    }

    fn plain(&self) -> String {
        match (&self.keyring, &self.file) {
            (Some(keyring), _) => keyring.clone(),
            (None, Some(file)) => format!("{}\t{file}\n", self.id),
            (None, None) => String::new(),
        }
    }
}
