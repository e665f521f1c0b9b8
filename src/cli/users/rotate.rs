//! `embsec users rotate`.

use super::key_result;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::grace;
use crate::cli::render;
use serde::Serialize;

/// Replace a user's API key and print the new one
///
/// The key before ends at once, or after the time of `--grace`, in which both work.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Whose key
    handle: String,

    /// How long the key before still works, such as 24h or 7d
    #[arg(long, value_name = "TIME", default_value = "0s")]
    grace: String,

    /// Check that the key can be replaced, and replace nothing
    #[arg(long)]
    dry_run: bool,
}

key_result!(Rotated, "embsec.users.rotate/1");

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let handle = super::handle(&args.handle)?;
    let grace = grace::read(&args.grace)?;
    let rotated = console::run(context, "users rotate", async |app, call| {
        if args.dry_run {
            app.user(&handle).await?;
            return Ok(None);
        }
        Ok(Some(app.rotate_user_key(call, &handle, grace).await?))
    })?;
    let Some(rotated) = rotated else {
        context
            .ui
            .note(format_args!("The key of {handle} would be replaced."));
        return Ok(ExitKind::Done);
    };
    let result = Rotated(super::NewKey {
        user_handle: handle.to_string(),
        api_key: rotated.api_key.reveal().to_owned(),
        grace_until: rotated.grace_until,
    });
    render::print_once(&context.ui, &result).map_err(|error| {
        error.hinted("The new key is in use already: run the same command again for another one.")
    })?;
    match rotated.grace_until {
        Some(until) => context.ui.note(format_args!(
            "The key before works until {}.",
            render::time(until)
        )),
        None => context.ui.note("The key before has ended."),
    }
    Ok(ExitKind::Done)
}
