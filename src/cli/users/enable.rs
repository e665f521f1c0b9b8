//! `embsec users enable`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render;
use crate::domain::user::UserState;

/// Honour a disabled user's keys again
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Whose keys
    handle: String,

    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let handle = super::handle(&args.handle)?;
    let change = console::run(context, "users enable", async |app, call| {
        super::set_state(app, call, &handle, UserState::Active, args.dry_run).await
    })?;
    render::report(&context.ui, &change)?;
    Ok(ExitKind::Done)
}
