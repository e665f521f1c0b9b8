//! Options that commands share.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The form of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Table,
    /// One JSON document
    Json,
    /// Lines of fields separated by tabs
    Plain,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Shared options")]
pub struct GlobalArgs {
    /// Work on the deployment in this folder
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "config")]
    pub dir: Option<PathBuf>,

    /// Read this configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Work on this database, instead of the one of `database.url`
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,

    /// Print the result in this form
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value_t
    )]
    pub output: OutputFormat,

    /// Print the result as JSON: short for `--output json`
    #[arg(long, global = true, conflicts_with = "output")]
    pub json: bool,

    /// Say nothing but warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// Use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColorChoice,

    /// Answer every question with yes, for scripts
    #[arg(short, long, global = true)]
    pub yes: bool,

    /// Never ask: refuse what needs an answer
    #[arg(long, global = true)]
    pub no_input: bool,
}

impl GlobalArgs {
    /// The form of the result, with the short option taken in.
    #[must_use]
    pub const fn format(&self) -> OutputFormat {
        if self.json {
            OutputFormat::Json
        } else {
            self.output
        }
    }
}
