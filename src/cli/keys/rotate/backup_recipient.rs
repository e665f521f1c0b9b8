//! `embsec keys rotate backup-recipient`.

use crate::app::backup::{BackupError, Recipient};
use crate::cli::backup::{DestinationArgs, IdentityArgs, Missing, opened, tell, watched};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::domain::count::counted;
use serde::Serialize;

/// Seal the backups that are there to other recipients
///
/// Each backup has an identity of its own, in the small file `keys.age`. Only that file is written
/// again; the rest of the backup stays as it is. The new recipients are those of
/// `backup.recipients`, or those of `--to`. Every backup is opened with the old identity first, and
/// read back afterwards.
///
/// This takes nothing back: whoever has the old identity and an old copy of `keys.age` can open that
/// backup for ever. If an identity was stolen, `--reencrypt` makes every backup anew, under a new
/// identity of its own, and removes the old backup.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: IdentityArgs,

    /// Seal to this recipient (age1…) instead of those of `backup.recipients`; may be given
    /// several times
    #[arg(long, value_name = "RECIPIENT")]
    to: Vec<String>,

    /// Make every backup anew, because an identity was stolen
    #[arg(long)]
    reencrypt: bool,

    /// Say which backups would be sealed anew, and change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Rotated {
    recipients: Vec<String>,
    changed: Vec<String>,
    failed: Vec<String>,
    reencrypted: bool,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let identity = args.identity.require(context)?;
    let command = "keys rotate backup-recipient";
    let mut opened = opened(context, command, args.destination.parse()?, Missing::Refuse)?;
    if !args.to.is_empty() {
        opened.backups.recipients = parse(&args.to)?;
    }
    let backups = &opened.backups;
    backups.require_ready()?;
    if args.reencrypt && !args.dry_run {
        context.ui.note(
            "Every backup is decrypted and sealed anew, and the old one is removed once the new \
             one was read back.",
        );
        prompt::confirm(context, "Make every backup anew?")?;
    }
    let changed = context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            if args.dry_run {
                return Ok(backups.plan_rewrap(&identity).await?);
            }
            let lock = backups.lock("new recipients").await?;
            let changed = if args.reencrypt {
                backups.reencrypt(&identity, watch).await?
            } else {
                backups.rewrap(&identity).await?
            };
            lock.release().await.map_err(BackupError::from)?;
            Ok(changed)
        }))?;
    let rotated = Rotated {
        recipients: backups.recipients.iter().map(ToString::to_string).collect(),
        changed: changed.changed.iter().map(ToString::to_string).collect(),
        failed: changed
            .failed
            .iter()
            .map(|(id, _)| id.to_string())
            .collect(),
        reencrypted: args.reencrypt,
        dry_run: args.dry_run,
    };
    render::report(&context.ui, &rotated)?;
    let all = tell(context, &changed);
    if all && !args.dry_run {
        context.ui.hint(
            "Keep the old identity until `embsec backup verify newest` succeeds with the new one.",
        );
    }
    Ok(if all { ExitKind::Done } else { ExitKind::No })
}

fn parse(texts: &[String]) -> Result<Vec<Recipient>, CliError> {
    let parse = |text: &String| {
        Recipient::parse(text).map_err(|error| {
            CliError::usage(anyhow::Error::new(error).context("`--to` names no recipient"))
        })
    };
    texts.iter().map(parse).collect()
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.backup-recipient/1";

    fn table(&self) -> String {
        let verb = match (self.dry_run, self.reencrypted) {
            (true, _) => "Would seal",
            (false, true) => "Made anew",
            (false, false) => "Sealed",
        };
        format!(
            "{verb} {} for {}.\n",
            counted(self.changed.len(), "backup", "backups"),
            counted(self.recipients.len(), "recipient", "recipients")
        )
    }

    fn plain(&self) -> String {
        render::lines(self.changed.iter().map(|id| [id.clone()]))
    }
}
