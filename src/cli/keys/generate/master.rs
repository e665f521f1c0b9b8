//! `embsec keys generate master`.

use super::{Destination, Settled, show, write_new};
use crate::app::new_secret;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::prompt;
use crate::cli::render::Render;
use crate::config::secret::SecretRef;
use crate::deployment::{NewSeal, seal_new};
use serde::Serialize;
use std::path::PathBuf;

/// Make a keyring with a new master key, and a key that signs backups
///
/// For a deployment whose keyring is kept by a secret manager: what is printed, to the last line
/// end, is what `keyring.source` has to yield. A keyring in a file is made by `embsec init`.
///
/// With `--to`, `--passphrase` or `--passphrase-file` it is sealed as `age` does, and opened by
/// `keyring.identity` or `keyring.passphrase`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,

    /// Seal it to this age recipient (age1…); can be given several times
    #[arg(long, value_name = "RECIPIENT", conflicts_with_all = ["passphrase", "passphrase_file"])]
    pub(super) to: Vec<String>,

    /// Seal it by a passphrase that is asked for
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(super) passphrase: bool,

    /// Seal it by the passphrase in this file
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
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
    let seal = args.seal(context)?;
    let (id, text) = new_secret::keyring(context.rng.as_ref(), context.clock.as_ref())
        .map_err(CliError::unavailable)?;
    let bytes = seal_new(&text, &seal)?;
    let settled = match &args.destination.out {
        None => {
            let text = std::str::from_utf8(&bytes).map_err(CliError::internal)?;
            Settled::Print(text.into())
        }
        Some(path) => {
            write_new(path, &bytes)?;
            Settled::Written(path.clone())
        }
    };
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

impl Args {
    fn seal(&self, context: &Context) -> Result<NewSeal, CliError> {
        if self.passphrase {
            return Ok(NewSeal::Passphrase(prompt::new_passphrase(context)?));
        }
        if let Some(path) = &self.passphrase_file {
            let passphrase = SecretRef::File(path.clone())
                .resolve(&context.environment)
                .map_err(CliError::usage)?;
            return Ok(NewSeal::Passphrase(passphrase));
        }
        Ok(match self.to.as_slice() {
            [] => NewSeal::Plain,
            recipients => NewSeal::Recipients(recipients.to_vec()),
        })
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
