//! `embsec migrate decrypt`.

use super::encryption::{self, TargetArgs};
use super::own;
use crate::app::encryption::{Direction, Report};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::domain::count::{counted, values};
use serde::Serialize;
use std::path::PathBuf;

/// Bring back in clear what a database has encrypted: a deployment's own, or that of another
/// program
///
/// In a deployment's own database this concerns only texts and metadata that their project wants in
/// clear; provider keys are always sealed.
///
/// In a database of llm-proxy only API keys of projects come back: a hashed token has no way back.
/// It works as `encrypt` does: every value must open first, each batch is one transaction that
/// leaves alone what somebody else changed meanwhile, and a run that was stopped is taken up by
/// the next one. embapi reads only encrypted values, so there this is refused.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    target: TargetArgs,

    /// Do all but write, and tell what would be done
    #[arg(long)]
    dry_run: bool,

    /// Leave this value, as a refusal names it, as it is, although it looks encrypted; may be
    /// repeated
    #[arg(long, value_name = "ROW")]
    treat_as_plaintext: Vec<String>,

    /// Keep the audit log in this folder, where no deployment is named
    #[arg(long, value_name = "DIR")]
    audit_dir: Option<PathBuf>,

    #[command(flatten)]
    progress: ProgressArgs,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let runtime = context.runtime()?;
    let meant = args.target.target(context, &args.treat_as_plaintext);
    let Some(target) = runtime.block_on(meant)? else {
        drop(runtime);
        args.target.require_own()?;
        encryption::refuse_plaintext_names(&args.treat_as_plaintext)?;
        return own::decrypt(context, args.progress, args.dry_run);
    };
    runtime.block_on(async {
        target.require_reversible()?;
        if args.dry_run {
            let report = encryption::watched(context, args.progress, async |watch| {
                target.rehearse(Direction::Decrypt, watch).await
            })
            .await?;
            render::report(&context.ui, &Decrypted::of(&report))?;
            return Ok(ExitKind::Done);
        }
        let audit_dir = encryption::audit_dir_of(context, args.audit_dir.as_deref(), &target)?;
        let mut run = target.begin(Direction::Decrypt).await?;
        let proven =
            encryption::watched(context, args.progress, async |watch| run.prove(watch).await)
                .await?;
        if proven.sealed() > 0 {
            context.ui.note(format_args!(
                "In {}, {} will be stored in clear. Hashed values stay as they are.",
                render::visible(target.database()),
                values(proven.sealed())
            ));
            prompt::confirm(context, "Decrypt them?")?;
        }
        let report = encryption::watched(context, args.progress, async |watch| {
            let origin = console::origin(context, "migrate decrypt");
            run.apply(proven, watch, &audit_dir, origin).await
        })
        .await?;
        let done = Decrypted::of(&report);
        render::report(&context.ui, &done)?;
        Ok(if done.remaining == 0 {
            ExitKind::Done
        } else {
            context
                .ui
                .hint("Others keep writing encrypted values: stop them, and run it again.");
            ExitKind::No
        })
    })
}

/// What was done, or would be.
#[derive(Serialize)]
struct Decrypted {
    changed: u64,
    skipped: u64,
    remaining: u64,
    scrubbed: bool,
    dry_run: bool,
}

impl Decrypted {
    fn of(report: &Report) -> Self {
        Self {
            changed: report.changed(),
            skipped: report.skipped(),
            remaining: report.remaining(),
            scrubbed: false,
            dry_run: !report.applied,
        }
    }
}

impl Render for Decrypted {
    const SCHEMA: &'static str = "embsec.migrate.decrypt/1";

    fn table(&self) -> String {
        let first = match (self.changed, self.dry_run) {
            (0, _) => "Nothing to decrypt: nothing was changed.".to_owned(),
            (changed, true) => format!("Would decrypt {}.", values(changed)),
            (changed, false) => format!("Decrypted {}.", values(changed)),
        };
        format!(
            "{first}\n{} as before.\n",
            counted(self.skipped, "value stays", "values stay")
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            self.changed.to_string(),
            self.skipped.to_string(),
            self.remaining.to_string(),
        ]])
    }
}
