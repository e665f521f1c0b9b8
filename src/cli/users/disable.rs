//! `embsec users disable`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render;
use crate::domain::user::UserState;

/// Stop honouring a user's keys
///
/// The data stay, and `embsec users enable` honours the keys again.
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
    let change = console::run(context, "users disable", async |app, call| {
        super::set_state(app, call, &handle, UserState::Disabled, args.dry_run).await
    })?;
    render::report(&context.ui, &change)?;
    Ok(ExitKind::Done)
}
