//! `embsec config schema`.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::config::schema::json_schema;

/// Print the JSON Schema of `embsec.toml`, for editors
///
/// The schema (draft 7) is the result itself, so `--output` changes nothing.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let schema = serde_json::to_string_pretty(&json_schema()).map_err(CliError::internal)?;
    context.ui.out(format_args!("{schema}\n"))?;
    Ok(ExitKind::Done)
}
