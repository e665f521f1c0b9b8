//! `embsec keys generate admin`.

use super::{Destination, secret_or_file, show};
use crate::app::new_secret;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::Render;
use serde::Serialize;

/// Make an administrator's key
///
/// It is shown this once and taken into use by nobody: give it to `api.admin_key`, best as a
/// reference to the file that holds it.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,
}

#[derive(Serialize)]
struct Made {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let key = new_secret::admin_key(context.rng.as_ref()).map_err(CliError::unavailable)?;
    let settled = args.destination.settle(&key)?;
    let made = Made {
        api_key: settled.shown(),
        file: settled.file(),
    };
    show(context, &made, &settled)?;
    Ok(ExitKind::Done)
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.generate.admin/1";

    fn table(&self) -> String {
        self.plain()
    }

    fn plain(&self) -> String {
        secret_or_file(self.api_key.as_ref(), self.file.as_ref())
    }
}
