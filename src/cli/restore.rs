//! `embsec restore`.

mod swap;

use super::backup::{DestinationArgs, IdentityArgs, Missing, opened, watched};
use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use super::migrate::transfer::other_side;
use super::progress::ProgressArgs;
use super::render::{self, Render};
use crate::app::restore::Restored;
use crate::deployment::backup::open_load;
use crate::domain::count::{counted, rows};
use clap::Subcommand;
use serde::Serialize;
use std::sync::Arc;

/// Restore a backup into an empty database or a new file
///
/// A database that holds data is never restored into. `embsec restore swap` puts what was restored in
/// its place, as a step of its own. Versions and extensions are checked before anything is written,
/// and nothing can be seen before the last byte is proven and every table is compared with the
/// backup. Keys that were destroyed since the backup was made stay destroyed.
///
/// Two times are told: when the data could be read, and when the indexes were ready too. If a run is
/// interrupted between the two, the same command goes on with the indexes.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// The id of the backup, the beginning of it, or `newest`
    #[arg(value_name = "ID", required = true)]
    id: Option<String>,

    /// Where to: the URL of an empty PostgreSQL database, or a new file
    #[arg(long, value_name = "URL|FILE", required = true)]
    into: Option<String>,

    #[command(flatten)]
    identity: IdentityArgs,

    #[command(flatten)]
    destination: DestinationArgs,

    /// Check everything that can stop the restore, and restore nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Swap(swap::Args),
}

#[derive(Serialize)]
struct Report {
    backup_id: String,
    database: String,
    into: String,
    rows: u64,
    tables_compared: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_secs: Option<f64>,
    index_secs: f64,
    resumed: bool,
    destroyed_projects: Vec<i64>,
}

#[derive(Serialize)]
struct Checked {
    backup_id: String,
    database: String,
    into: String,
    rows: u64,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    if let Some(Command::Swap(args)) = &args.command {
        return swap::run(context, args);
    }
    let (Some(name), Some(into)) = (&args.id, &args.into) else {
        return Err(CliError::internal(anyhow::anyhow!(
            "the backup or the place was not named"
        )));
    };
    let identity = args.identity.require(context)?;
    let place = other_side(context, "--into", into)?;
    let opened = opened(
        context,
        "restore",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            let backups = &opened.backups;
            let id = opened.resolve(context, name).await?;
            let backup = Arc::new(backups.open_with(&id, &identity).await?);
            let mut load = open_load(&place, &backup.manifest, &context.clock).await?;
            if args.dry_run {
                load.check()
                    .await
                    .map_err(crate::app::restore::RestoreError::from)?;
                let checked = Checked {
                    backup_id: id.to_string(),
                    database: backup.manifest.database.clone(),
                    into: load.place(),
                    rows: backup.manifest.rows(),
                    dry_run: true,
                };
                load.close().await;
                render::report(&context.ui, &checked)?;
                return Ok(ExitKind::Done);
            }
            let restored = backups.restore(&backup, load.as_mut(), watch).await;
            let into = load.place();
            load.close().await;
            let restored = restored?;
            backups.note_restored(&id, &into)?;
            render::report(&context.ui, &Report::new(&restored, into))?;
            tell_destroyed(context, &restored);
            Ok(ExitKind::Done)
        }))
}

fn tell_destroyed(context: &Context, restored: &Restored) {
    if !restored.destroyed.is_empty() {
        context.ui.note(format_args!(
            "The text of {} was destroyed since the backup was made, and stays destroyed. The \
             vectors came back with the rows: `embsec keys shred --due` removes them.",
            counted(restored.destroyed.len(), "project", "projects")
        ));
    }
}

impl Report {
    fn new(restored: &Restored, into: String) -> Self {
        Self {
            backup_id: restored.id.to_string(),
            database: restored.database.clone(),
            into,
            rows: restored.rows,
            tables_compared: restored.tables_compared,
            data_secs: restored.data.map(|time| time.as_secs_f64()),
            index_secs: restored.indexes.as_secs_f64(),
            resumed: restored.was_resumed,
            destroyed_projects: restored.destroyed.iter().map(|id| id.0).collect(),
        }
    }
}

impl Render for Report {
    const SCHEMA: &'static str = "embsec.restore/1";

    fn table(&self) -> String {
        let data = match self.data_secs {
            Some(secs) => format!("Data readable after {secs:.1} s, "),
            None => "The rows were there from an earlier run; ".to_owned(),
        };
        format!(
            "Restored the backup {} of {} into {}: {}.\n{data}indexes ready after {:.1} s. {}.\n",
            self.backup_id,
            self.database,
            self.into,
            rows(self.rows),
            self.index_secs,
            match self.tables_compared {
                0 => "Every page is the one that was backed up".to_owned(),
                tables => format!(
                    "{} compared with the backup",
                    counted(tables, "table was", "tables were")
                ),
            }
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            self.backup_id.clone(),
            self.into.clone(),
            self.rows.to_string(),
        ]])
    }
}

impl Render for Checked {
    const SCHEMA: &'static str = "embsec.restore/1";

    fn table(&self) -> String {
        format!(
            "Would restore the backup {} of {} into {}: {}.\n",
            self.backup_id,
            self.database,
            self.into,
            rows(self.rows)
        )
    }

    fn plain(&self) -> String {
        render::lines([[self.backup_id.clone(), self.into.clone()]])
    }
}
