//! `embsec backup prune`.

use super::opened::{DestinationArgs, Missing, opened, watched};
use crate::app::backup::prune::{OfDatabase, Pruning, Rules};
use crate::app::backup::{Event, Policy, Tier};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::config::backup::BackupConfig;
use crate::domain::count::counted;
use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

/// Remove backups that no rule of retention keeps
///
/// Prints the plan and removes nothing; `--yes` carries it out.
///
/// The newest verified backup of each day, week, month and year is kept, as many of each as
/// `backup.keep_daily`, `keep_weekly`, `keep_monthly` and `keep_yearly` say. The newest verified
/// backup of all is always kept, and so are pinned ones. Nothing is removed while the newest
/// verified backup is older than `backup.max_age_hours`, because then backups have been failing.
/// Each database that is backed up to the destination is counted on its own.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Name the rules that keep each backup
    #[arg(long)]
    explain: bool,

    /// Keep as many as a destination of this kind usually keeps, instead of `backup.keep_…`
    #[arg(long, value_enum, value_name = "TIER")]
    tier: Option<TierChoice>,

    /// Keep this backup whatever its age, until it is unpinned; nothing is removed now
    #[arg(long, value_name = "ID", conflicts_with_all = ["unpin", "tier", "explain"])]
    pin: Option<String>,

    /// Treat this backup as any other again; nothing is removed now
    #[arg(long, value_name = "ID", conflicts_with_all = ["tier", "explain"])]
    unpin: Option<String>,

    /// Print the plan and remove nothing, whatever else is said
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TierChoice {
    /// 7 daily ones
    Local,
    /// 7 daily and 4 weekly ones
    Offsite,
    /// 7 daily, 4 weekly, 12 monthly and 7 yearly ones
    Cold,
}

#[derive(Serialize)]
struct Pruned {
    destination: String,
    removed: bool,
    policy: Policy,
    keep: Vec<Kept>,
    remove: Vec<Gone>,
    unbelieved: Vec<String>,
    #[serde(skip)]
    explain: bool,
}

#[derive(Serialize)]
struct Kept {
    id: String,
    created_at: Timestamp,
    program: &'static str,
    rules: Vec<String>,
}

#[derive(Serialize)]
struct Gone {
    id: String,
    created_at: Timestamp,
    program: &'static str,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opened = opened(
        context,
        "backup prune",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let backups = &opened.backups;
    if let Some((name, event)) = args.pinned() {
        return context.runtime()?.block_on(async {
            let id = opened.resolve(context, name).await?;
            if !args.dry_run {
                backups.pin(&id, event).await?;
            }
            Ok(ExitKind::Done)
        });
    }
    let rules = args.rules(&opened.config.backup);
    let carries_out = context.global.yes && !args.dry_run;
    let pruned = context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            if !carries_out {
                return Ok(backups.plan_prune(&rules).await?);
            }
            let lock = backups.lock("thinning out").await?;
            let plan = backups.plan_prune(&rules).await?;
            backups.prune(&rules, watch).await?;
            lock.release()
                .await
                .map_err(crate::app::backup::BackupError::from)?;
            Ok(plan)
        }))?;
    let shown = Pruned::new(
        backups.blob.describe(),
        &pruned,
        rules.policy,
        carries_out,
        args.explain,
    );
    if carries_out {
        render::report(&context.ui, &shown)?;
    } else {
        render::print(&context.ui, &shown)?;
    }
    for id in &pruned.unbelieved {
        context.ui.warn(format_args!(
            "The backup {id} is not to be believed and fills no place; it stays for somebody to \
             look at."
        ));
    }
    if !carries_out && !shown.remove.is_empty() {
        context.ui.hint("`embsec backup prune --yes` removes them.");
    }
    Ok(ExitKind::Done)
}

impl Args {
    fn pinned(&self) -> Option<(&str, Event)> {
        match (&self.pin, &self.unpin) {
            (Some(id), _) => Some((id, Event::Pinned)),
            (None, Some(id)) => Some((id, Event::Unpinned)),
            (None, None) => None,
        }
    }

    fn rules(&self, config: &BackupConfig) -> Rules {
        let policy = match self.tier {
            Some(TierChoice::Local) => Policy::of(Tier::Local),
            Some(TierChoice::Offsite) => Policy::of(Tier::Offsite),
            Some(TierChoice::Cold) => Policy::of(Tier::Cold),
            None => Policy {
                daily: config.keep.daily,
                weekly: config.keep.weekly,
                monthly: config.keep.monthly,
                yearly: config.keep.yearly,
            },
        };
        Rules {
            policy,
            max_age: config.max_age,
            time_zone: config.time_zone.clone(),
        }
    }
}

impl Pruned {
    fn new(
        destination: String,
        pruning: &Pruning,
        policy: Policy,
        removed: bool,
        explain: bool,
    ) -> Self {
        let keep = pruning.databases.iter().flat_map(kept).collect();
        let remove = pruning.databases.iter().flat_map(gone).collect();
        Self {
            destination,
            removed,
            policy,
            keep,
            remove,
            unbelieved: pruning.unbelieved.iter().map(ToString::to_string).collect(),
            explain,
        }
    }
}

fn kept(database: &OfDatabase) -> impl Iterator<Item = Kept> {
    let judged = database.plan.judged.iter().filter(|judged| !judged.goes());
    judged.map(|judged| Kept {
        id: judged.backup.id.to_string(),
        created_at: judged.backup.at,
        program: database.program,
        rules: judged.rules.iter().map(ToString::to_string).collect(),
    })
}

fn gone(database: &OfDatabase) -> impl Iterator<Item = Gone> {
    let judged = database.plan.judged.iter().filter(|judged| judged.goes());
    judged.map(|judged| Gone {
        id: judged.backup.id.to_string(),
        created_at: judged.backup.at,
        program: database.program,
    })
}

impl Render for Pruned {
    const SCHEMA: &'static str = "embsec.backup.prune/1";

    fn table(&self) -> String {
        let verb = if self.removed {
            "Removed"
        } else {
            "Would remove"
        };
        let mut text = format!(
            "{verb} {} of {} in {}.\n",
            self.remove.len(),
            counted(self.keep.len() + self.remove.len(), "backup", "backups"),
            self.destination
        );
        let removed = self.remove.iter().map(|gone| {
            [
                gone.id.clone(),
                gone.program.to_owned(),
                "goes".to_owned(),
                String::new(),
            ]
        });
        let kept = self.keep.iter().filter(|_| self.explain).map(|kept| {
            [
                kept.id.clone(),
                kept.program.to_owned(),
                "stays".to_owned(),
                kept.rules.join("; "),
            ]
        });
        let rows: Vec<_> = removed.chain(kept).collect();
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&render::table(["BACKUP", "OF", "", "KEPT BY"], rows));
        }
        text
    }

    fn plain(&self) -> String {
        let removed = self
            .remove
            .iter()
            .map(|gone| ["goes".to_owned(), gone.id.clone(), String::new()]);
        let kept = self
            .keep
            .iter()
            .map(|kept| ["stays".to_owned(), kept.id.clone(), kept.rules.join("; ")]);
        render::lines(removed.chain(kept))
    }
}
