//! `embsec users create`.

use super::key_result;
use crate::app::users::PutUser;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render;
use crate::domain::ids::Handle;
use crate::domain::limits::{EMAIL_MAX_CHARS, EMAIL_MIN_CHARS, NAME_MAX_CHARS};
use crate::domain::user::UserSpec;
use crate::store::PutMode;
use serde::Serialize;

/// Create a user and print their API key
///
/// The key is the only thing on stdout, and this is the only time it is shown: embsec keeps its
/// digest alone.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Name by which the API knows the user: 3 to 20 characters
    handle: String,

    /// E-mail address; no two users share one
    #[arg(long, value_name = "ADDRESS")]
    email: String,

    /// Display name
    #[arg(long)]
    name: Option<String>,

    /// Check that the user can be created, and create nothing
    #[arg(long)]
    dry_run: bool,
}

key_result!(Created, "embsec.users.create/1");

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let spec = spec(args)?;
    let api_key = console::run(context, "users create", async |app, call| {
        if args.dry_run {
            app.check_new_user(&spec).await?;
            return Ok(None);
        }
        match app.put_user(call, &spec, PutMode::CreateOnly).await? {
            PutUser::Created(api_key) => Ok(Some(api_key)),
            PutUser::Updated => Err(CliError::internal(anyhow::anyhow!("no key was made"))),
        }
    })?;
    match api_key {
        Some(api_key) => {
            let created = Created(super::NewKey {
                user_handle: spec.handle.to_string(),
                api_key: api_key.reveal().to_owned(),
                grace_until: None,
            });
            render::print_once(&context.ui, &created).map_err(|error| {
                error.hinted("The user is there: `embsec users rotate HANDLE` makes another key.")
            })?;
            context
                .ui
                .hint("This key is not shown again. Keep it where only its user reads it.");
        }
        None => context
            .ui
            .note(format_args!("{} would be created.", spec.handle)),
    }
    Ok(ExitKind::Done)
}

fn spec(args: &Args) -> Result<UserSpec, CliError> {
    let handle = Handle::parse_for_new_user(&args.handle).map_err(CliError::usage)?;
    let within = |what: &str, text: &str, least: usize, most: usize| {
        if (least..=most).contains(&text.chars().count()) {
            return Ok(text.to_owned());
        }
        Err(CliError::usage(anyhow::anyhow!(
            "{what} has {least} to {most} characters"
        )))
    };
    let email = within(
        "an e-mail address",
        &args.email,
        EMAIL_MIN_CHARS,
        EMAIL_MAX_CHARS,
    )?;
    let name = args
        .name
        .as_deref()
        .map(|name| within("a name", name, 0, NAME_MAX_CHARS));
    Ok(UserSpec {
        handle,
        name: name.transpose()?,
        email,
    })
}
