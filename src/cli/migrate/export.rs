//! `embsec migrate export`.

use super::transfer::{self, Moved};
use crate::app::transfer::RunOptions;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::deployment::{OtherSide, Transfer};
use crate::domain::findings::Repairs;
use serde::Serialize;
use std::path::PathBuf;

/// Move this deployment into an empty database, in the form that embapi has
///
/// The deployment is only read, in one state, and may go on being served. The database must be
/// empty but for the extension `vector`, or hold what an export that was killed left there. Users
/// keep one key each, the newest that does not end by itself; disabled users get one that opens
/// nothing. Keys of administrators stay here: embapi takes its own from `SERVICE_ADMINKEY`.
///
/// It ends with the same proof as an import.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The new database: `postgres://…`, or `env:NAME` or `file:PATH` that hold such a URL
    #[arg(long, value_name = "URL")]
    to: String,

    /// What embapi will have as `ENCRYPTION_KEY` is in this file; without it, in the variable of that
    /// name
    #[arg(long, value_name = "FILE")]
    to_key_file: Option<PathBuf>,

    /// Leave out embeddings that embapi cannot hold
    #[arg(long)]
    skip_unusable: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let OtherSide::Postgres(to) = transfer::other_side(context, "--to", &args.to)? else {
        return Err(
            CliError::usage(anyhow::anyhow!("embapi has its data on PostgreSQL"))
                .hinted("Name a database with `--to postgres://USER@HOST:PORT/DATABASE`."),
        );
    };
    let key = transfer::encryption_key(context, args.to_key_file.as_deref())?;
    let key =
        key.ok_or_else(|| {
            CliError::usage(anyhow::anyhow!("there is no key to seal provider keys with")).hinted(
            "Put what embapi will have as ENCRYPTION_KEY into that variable, or into a file for \
             `--to-key-file`.",
        )
        })?;
    let repairs = Repairs {
        skip_unusable: args.skip_unusable,
        ..Repairs::default()
    };
    let options = RunOptions {
        dry_run: args.dry_run,
        finish: true,
    };
    let config = super::settings(context)?;
    let moved = context.runtime()?.block_on(async {
        let request = super::opening(context, &config);
        let transfer = Transfer::export(request, &to, &key, repairs).await?;
        transfer::run(context, "migrate export", transfer, options, args.progress).await
    })?;
    let exported = Exported(moved);
    render::report(&context.ui, &exported)?;
    exported.0.tell_findings(context);
    Ok(ExitKind::Done)
}

#[derive(Serialize)]
struct Exported(Moved);

impl Render for Exported {
    const SCHEMA: &'static str = "embsec.migrate.export/1";

    fn table(&self) -> String {
        let source = self.0.source();
        self.0.table(
            &format!("Moved {source} out."),
            &format!("Would move {source} out."),
        )
    }

    fn plain(&self) -> String {
        self.0.plain()
    }
}
