//! `embsec migrate`: the schema of the database.

mod status;
mod up;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::config::Config;
use crate::deployment::SchemaRequest;
use clap::Subcommand;
use std::sync::Arc;

/// Bring the schema of the database up to date
///
/// A newer schema only adds to an older one, so that servers of both versions work side by side
/// while they are replaced; what is no longer needed goes with a later version.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(up::Args),
    Status(status::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Up(args) => up::run(context, args),
        Command::Status(args) => status::run(context, args),
    }
}

/// The settings of the deployment whose schema it is.
fn settings(context: &Context) -> Result<Config, CliError> {
    context.refuse_foreign_deployment()?;
    context.config()
}

fn request<'a>(context: &'a Context, config: &'a Config) -> SchemaRequest<'a> {
    SchemaRequest {
        config,
        environment: &context.environment,
        clock: Arc::clone(&context.clock),
        rng: Arc::clone(&context.rng),
        uid: context.uid,
    }
}
