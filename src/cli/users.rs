//! `embsec users`: the people who use the API, and their keys.

mod create;
mod delete;
mod disable;
mod enable;
mod list;
mod rotate;
mod show;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use super::render::{Render, lines};
use crate::app::{App, Call};
use crate::domain::ids::Handle;
use crate::domain::user::UserState;
use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

/// Create, show and manage the users of the API and their keys
///
/// These commands work on the database beside a running server, which obeys within one second.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    Rotate(rotate::Args),
    Disable(disable::Args),
    Enable(enable::Args),
    Delete(delete::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Create(args) => create::run(context, args),
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Rotate(args) => rotate::run(context, args),
        Command::Disable(args) => disable::run(context, args),
        Command::Enable(args) => enable::run(context, args),
        Command::Delete(args) => delete::run(context, args),
    }
}

/// Reads the handle of a user that exists.
fn handle(text: &str) -> Result<Handle, CliError> {
    Handle::parse(text).map_err(CliError::usage)
}

/// A key that was just made: the one time that it is shown.
#[derive(Serialize)]
struct NewKey {
    user_handle: String,
    api_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_until: Option<Timestamp>,
}

/// `embsec users create` and `rotate` print the key alone, so that it can be piped on.
macro_rules! key_result {
    ($name:ident, $schema:literal) => {
        #[derive(Serialize)]
        #[serde(transparent)]
        struct $name(super::NewKey);

        impl crate::cli::render::Render for $name {
            const SCHEMA: &'static str = $schema;

            fn table(&self) -> String {
                self.plain()
            }

            fn plain(&self) -> String {
                format!("{}\n", self.0.api_key)
            }
        }
    };
}
use key_result;

/// The new state of a user.
#[derive(Serialize)]
struct StateChange {
    user_handle: String,
    state: &'static str,
    changed: bool,
    dry_run: bool,
}

/// Disables or enables.
async fn set_state(
    app: &App,
    call: &Call,
    handle: &Handle,
    state: UserState,
    dry_run: bool,
) -> Result<StateChange, CliError> {
    let changed = if dry_run {
        app.user(handle).await?.state != state
    } else {
        app.set_user_state(call, handle, state).await?
    };
    Ok(StateChange {
        user_handle: handle.to_string(),
        state: state.as_str(),
        changed,
        dry_run,
    })
}

impl Render for StateChange {
    const SCHEMA: &'static str = "embsec.users.state/1";

    fn table(&self) -> String {
        let Self {
            user_handle, state, ..
        } = self;
        match (self.changed, self.dry_run) {
            (true, true) => format!("{user_handle} would be {state}.\n"),
            (true, false) => format!("{user_handle} is {state} now.\n"),
            (false, _) => format!("{user_handle} is {state} already.\n"),
        }
    }

    fn plain(&self) -> String {
        lines([[self.user_handle.clone(), self.state.to_owned()]])
    }
}
