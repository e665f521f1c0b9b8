//! `embsec migrate`: the schema of the database, moves from and to other ones, and encryption of
//! what is in databases of other programs.

mod decrypt;
mod encrypt;
mod encrypt_status;
pub(super) mod encryption;
mod export;
mod import;
mod own;
mod status;
pub(super) mod transfer;
mod up;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::config::Config;
use crate::deployment::{Purpose, Request, SchemaRequest};
use clap::Subcommand;
use std::sync::Arc;

/// Bring the schema up to date, move data in and out, encrypt what is in clear
///
/// A newer schema only adds to an older one, so that servers of both versions work side by side
/// while they are replaced; what is no longer needed goes with a later version.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(up::Args),
    Status(status::Args),
    Import(import::Args),
    Export(export::Args),
    EncryptStatus(encrypt_status::Args),
    Encrypt(encrypt::Args),
    Decrypt(decrypt::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Up(args) => up::run(context, args),
        Command::Status(args) => status::run(context, args),
        Command::Import(args) => import::run(context, args),
        Command::Export(args) => export::run(context, args),
        Command::EncryptStatus(args) => encrypt_status::run(context, args),
        Command::Encrypt(args) => encrypt::run(context, args),
        Command::Decrypt(args) => decrypt::run(context, args),
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

/// How a move opens the deployment.
fn opening<'a>(context: &'a Context, config: &'a Config) -> Request<'a> {
    Request {
        config,
        environment: &context.environment,
        keyring: context.keyring(config),
        admin_key: None,
        purpose: Purpose::Command,
        clock: Arc::clone(&context.clock),
        rng: Arc::clone(&context.rng),
        uid: context.uid,
    }
}
