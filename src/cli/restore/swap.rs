//! `embsec restore swap`.

use crate::cli::backup::{DestinationArgs, Missing, opened};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::deployment::backup::swap;
use serde::Serialize;

/// Put what was restored in the place of the deployment's database
///
/// Refused while a server holds either of the two. The former database is kept under another name,
/// which is printed. Run it on the host that restored the backup.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The id of the backup that was restored, the beginning of it, or `newest`
    #[arg(value_name = "ID")]
    id: String,

    #[command(flatten)]
    destination: DestinationArgs,

    /// Say what would be put where, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Swapped {
    backup_id: String,
    database: String,
    restored: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opened = opened(
        context,
        "restore swap",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let runtime = context.runtime()?;
    let (id, plan) = runtime.block_on(async {
        let id = opened.resolve(context, &args.id).await?;
        let place = opened.backups.restored_place(&id)?;
        let plan = swap::plan(&opened.config, &context.environment, &id, &place)?;
        Ok::<_, CliError>((id, plan))
    })?;
    let mut swapped = Swapped {
        backup_id: id.to_string(),
        database: plan.live(),
        restored: plan.restored(),
        former: None,
        dry_run: args.dry_run,
    };
    if !args.dry_run {
        context.ui.note(format_args!(
            "{} will be put in the place of {}, which is kept under another name.",
            swapped.restored, swapped.database
        ));
        prompt::confirm(context, "Put it in place?")?;
        swapped.former = runtime.block_on(async {
            let former = plan.carry_out().await?;
            opened
                .backups
                .note_swap(&id, &swapped.database, former.as_deref())
                .await?;
            Ok::<_, CliError>(former)
        })?;
    }
    render::report(&context.ui, &swapped)?;
    Ok(ExitKind::Done)
}

impl Render for Swapped {
    const SCHEMA: &'static str = "embsec.restore.swap/1";

    fn table(&self) -> String {
        if self.dry_run {
            return format!(
                "Would put {} in the place of {}.\n",
                self.restored, self.database
            );
        }
        let former = match &self.former {
            Some(former) => format!(" What was there is kept as {former}."),
            None => String::new(),
        };
        format!(
            "{} is now what was restored from the backup {}.{former}\n",
            self.database, self.backup_id
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            self.database.clone(),
            self.former.clone().unwrap_or_default(),
        ]])
    }
}
