//! `embsec completions`.

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use clap::ValueEnum as _;
use clap_complete::aot::{Generator as _, Shell};

/// Print the completions of a shell
///
/// For bash, for one: `embsec completions bash > ~/.local/share/bash-completion/completions/embsec`
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    context.ui.out(script(args.shell)?)?;
    Ok(ExitKind::Done)
}

/// The completions of every shell, each with the name of its file.
pub(super) fn files() -> Result<Vec<(String, String)>, CliError> {
    Shell::value_variants()
        .iter()
        .map(|shell| Ok((shell.file_name("embsec"), script(*shell)?)))
        .collect()
}

fn script(shell: Shell) -> Result<String, CliError> {
    let mut command = super::command();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "embsec", &mut script);
    String::from_utf8(script).map_err(CliError::internal)
}
