//! `embsec keys generate password`.

use super::{Destination, secret_or_file, show};
use crate::app::new_secret;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::Render;
use serde::Serialize;

/// Make a password for a program, such as a role of PostgreSQL
///
/// 43 letters and digits that hold 256 random bits. They need no quoting in URLs, SQL or shells.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,
}

#[derive(Serialize)]
struct Made {
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let password = new_secret::password(context.rng.as_ref()).map_err(CliError::unavailable)?;
    let settled = args.destination.settle(&password)?;
    let made = Made {
        password: settled.shown(),
        file: settled.file(),
    };
    show(context, &made, &settled)?;
    Ok(ExitKind::Done)
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.generate.password/1";

    fn table(&self) -> String {
        self.plain()
    }

    fn plain(&self) -> String {
        secret_or_file(self.password.as_ref(), self.file.as_ref())
    }
}
