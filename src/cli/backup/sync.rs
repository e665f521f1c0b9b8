//! `embsec backup sync`.

use super::opened::{DestinationArgs, Missing, opened, parse, watched};
use crate::app::backup::BackupError;
use crate::app::backup::sync::Synced;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::domain::count::counted;
use serde::Serialize;

/// Copy backups to another destination: a folder or an S3-compatible store
///
/// Every file is compared with its signed hash where it arrived, and the signature is sent last, so
/// that a backup is there whole or not at all. What is there already is not sent again, and a run
/// that was interrupted goes on. A backup whose keys were replaced or destroyed since is brought up
/// to date. No backup is removed: `embsec backup prune --destination` thins out each destination on
/// its own.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only this backup: its id, the beginning of it, or `newest`
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// Where to: a folder, or `s3://BUCKET/PREFIX`
    #[arg(long, value_name = "DESTINATION")]
    to: String,

    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Report {
    from: String,
    to: String,
    sent: Vec<String>,
    updated: Vec<String>,
    unchanged: Vec<String>,
    unbelieved: Vec<String>,
    sent_bytes: u64,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let from = opened(
        context,
        "backup sync",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let to = opened(
        context,
        "backup sync",
        Some(parse(&args.to)?),
        Missing::Make,
    )?;
    let (here, there) = (from.backups.blob.describe(), to.backups.blob.describe());
    if here == there {
        return Err(
            CliError::usage(anyhow::anyhow!("both destinations are {here}"))
                .hinted("Name another one with `--to DESTINATION`."),
        );
    }
    let synced = context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            let only = match &args.id {
                Some(name) => Some(from.resolve(context, name).await?),
                None => None,
            };
            if args.dry_run {
                return Ok(from.backups.plan_sync(&to.backups, only.as_ref()).await?);
            }
            let locks = [
                from.backups.lock("a sync from here").await?,
                to.backups.lock("a sync to here").await?,
            ];
            let scratch = from.scratch()?;
            let synced = from
                .backups
                .sync(&to.backups, only.as_ref(), &scratch, watch)
                .await;
            for lock in locks {
                lock.release().await.map_err(BackupError::from)?;
            }
            Ok(synced?)
        }))?;
    let report = Report::new(here, there, &synced, args.dry_run);
    render::report(&context.ui, &report)?;
    for id in &report.unbelieved {
        context.ui.warn(format_args!(
            "The backup {id} is not to be believed and was left where it is."
        ));
    }
    Ok(if report.unbelieved.is_empty() {
        ExitKind::Done
    } else {
        ExitKind::Integrity
    })
}

impl Report {
    fn new(from: String, to: String, synced: &Synced, dry_run: bool) -> Self {
        let ids =
            |ids: &[crate::domain::backup::BackupId]| ids.iter().map(ToString::to_string).collect();
        Self {
            from,
            to,
            sent: ids(&synced.sent),
            updated: ids(&synced.updated),
            unchanged: ids(&synced.unchanged),
            unbelieved: ids(&synced.unbelieved),
            sent_bytes: synced.sent_bytes,
            dry_run,
        }
    }
}

impl Render for Report {
    const SCHEMA: &'static str = "embsec.backup.sync/1";

    fn table(&self) -> String {
        let backups = |count: usize| counted(count, "backup", "backups");
        if self.dry_run {
            return format!(
                "Would send {} to {}; {} there already.\n",
                backups(self.sent.len()),
                self.to,
                backups(self.unchanged.len()),
            );
        }
        format!(
            "Sent {} to {}, {}; brought {} up to date; {} there already.\n",
            backups(self.sent.len()),
            self.to,
            render::bytes(self.sent_bytes),
            backups(self.updated.len()),
            backups(self.unchanged.len()),
        )
    }

    fn plain(&self) -> String {
        let rows = |what: &'static str, ids: &[String]| {
            let rows: Vec<_> = ids.iter().map(|id| [what.to_owned(), id.clone()]).collect();
            rows
        };
        let mut all = rows("sent", &self.sent);
        all.extend(rows("updated", &self.updated));
        all.extend(rows("unchanged", &self.unchanged));
        render::lines(all)
    }
}
