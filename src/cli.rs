//! The terminal edge: arguments in, results and exit codes out. What is done is done in `app`.
//!
//! The path of a file is the command: `embsec config show` is `cli/config/show.rs`.

pub mod args;
mod backup;
mod completions;
mod config;
mod console;
pub mod context;
pub mod error;
pub mod exit;
mod grace;
mod healthcheck;
mod init;
mod internal;
mod keys;
mod man;
mod migrate;
mod progress;
mod projects;
pub mod prompt;
pub mod render;
mod restore;
mod restore_test;
mod serve;
pub mod ui;
mod usage;
mod users;

use crate::config::Environment;
use crate::sys::core_file;
use args::GlobalArgs;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use context::Context;
use error::CliError;
use exit::ExitKind;
use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};

/// Run a hardened embeddings API, and keep it safe
///
/// One binary and one configuration file: an embeddings API with hashed keys, encryption at rest
/// and an audit log, and the commands that look after it.
#[derive(Debug, Parser)]
#[command(
    name = "embsec",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    subcommand_required = true
)]
struct Cli<C: Subcommand> {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: C,
}

/// What is understood: the commands, and those for the people who work on embsec, which the
/// manual and the completions leave out.
#[derive(Debug, Subcommand)]
enum AnyCommand {
    #[command(flatten)]
    Published(Command),
    #[command(subcommand, hide = true)]
    Internal(internal::Command),
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Serve(serve::Args),
    #[command(subcommand)]
    Keys(keys::Command),
    #[command(subcommand)]
    Migrate(migrate::Command),
    #[command(subcommand)]
    Users(users::Command),
    #[command(subcommand)]
    Projects(projects::Command),
    Backup(backup::Args),
    Restore(restore::Args),
    RestoreTest(restore_test::Args),
    #[command(subcommand)]
    Config(config::Command),
    Completions(completions::Args),
    Man(man::Args),
}

/// The tree of commands, as the manual and the completions are made from it.
#[must_use]
pub fn command() -> clap::Command {
    Cli::<Command>::command().after_long_help(exit_codes())
}

/// The tree of everything that is understood.
fn parser() -> clap::Command {
    Cli::<AnyCommand>::command().after_long_help(exit_codes())
}

/// The table of exit codes below the help, its lines broken to stay in their column.
fn exit_codes() -> String {
    const COLUMN: usize = 7;
    let mut text = String::from("Exit codes:");
    for kind in ExitKind::ALL {
        let mut line = format!("  {:<4} ", kind.code());
        for word in kind.meaning().split_whitespace() {
            if line.len() + word.len() > 90 {
                text.extend(["\n", line.trim_end()]);
                line = " ".repeat(COLUMN);
            }
            line.extend([word, " "]);
        }
        text.extend(["\n", line.trim_end()]);
    }
    text
}

/// Runs the command that the arguments ask for and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>, environment: Environment) -> ExitKind {
    core_file::forbid();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = parser()
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::<AnyCommand>::from_arg_matches(&matches));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error, &arguments, environment),
    };
    let context = Context::of_system(cli.global, environment);
    // A bug has a code of its own; what it says has been printed by then.
    panic::catch_unwind(AssertUnwindSafe(|| {
        finish(&context, run(&context, &cli.command))
    }))
    .unwrap_or(ExitKind::Internal)
}

fn run(context: &Context, command: &AnyCommand) -> Result<ExitKind, CliError> {
    match command {
        AnyCommand::Published(command) => run_published(context, command),
        AnyCommand::Internal(command) => internal::run(context, command),
    }
}

fn run_published(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::Init(args) => init::run(context, args),
        Command::Serve(args) => serve::run(context, args),
        Command::Keys(command) => keys::run(context, command),
        Command::Migrate(command) => migrate::run(context, command),
        Command::Users(command) => users::run(context, command),
        Command::Projects(command) => projects::run(context, command),
        Command::Backup(args) => backup::run(context, args),
        Command::Restore(args) => restore::run(context, args),
        Command::RestoreTest(args) => restore_test::run(context, args),
        Command::Config(command) => config::run(context, command),
        Command::Completions(args) => completions::run(context, args),
        Command::Man(args) => man::run(context, args),
    }
}

/// Reports an error and turns it into the code.
fn finish(context: &Context, result: Result<ExitKind, CliError>) -> ExitKind {
    match result {
        Ok(kind) => kind,
        Err(error) if error.reader_is_gone() => ExitKind::Done,
        Err(error) => {
            context.ui.error(&error);
            error.kind()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prompt::Asking;

    #[test]
    fn the_tree_of_commands_is_sound() {
        parser().debug_assert();
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_not_talked_about() {
        let (context, _, stderr) = context::testing::context(Asking::Refuse);
        let gone = CliError::output(std::io::ErrorKind::BrokenPipe.into());
        assert_eq!(finish(&context, Err(gone)), ExitKind::Done);
        assert_eq!(stderr.text(), "");
        let wrong = CliError::usage(anyhow::anyhow!("wrong"));
        assert_eq!(finish(&context, Err(wrong)), ExitKind::Usage);
        assert_eq!(stderr.text(), "Error: Wrong.\n");
    }
}
