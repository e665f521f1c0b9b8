//! `embsec config check`.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use serde::Serialize;

/// Check the configuration, combinations and secrets included
///
/// Follows every reference to a secret, as `serve` and `backup` would. Everything that is wrong is told at
/// once, each with its place and with what to do, and the exit code is 2.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Verdict {
    file: Option<String>,
    ok: bool,
}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let loaded = context.load(&[])?;
    loaded.check_all(&context.environment)?;
    let verdict = Verdict {
        file: loaded.file().map(|path| path.display().to_string()),
        ok: true,
    };
    render::print(&context.ui, &verdict)?;
    Ok(ExitKind::Done)
}

impl Render for Verdict {
    const SCHEMA: &'static str = "embsec.config.check/1";

    fn table(&self) -> String {
        match &self.file {
            Some(file) => format!("The configuration in \"{file}\" is sound.\n"),
            None => "The configuration is sound; there is no file, so the defaults apply.\n".into(),
        }
    }

    fn plain(&self) -> String {
        "ok\n".to_owned()
    }
}
