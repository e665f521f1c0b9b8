//! `embsec keys rotate data`.

use crate::app::job::Stop;
use crate::app::rotation::{DataRotation, PlannedScope, RotatedScope, RotationError};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use serde::Serialize;

/// Replace the keys that seal provider keys, texts and metadata, and seal everything anew
///
/// Each scope gets a new key, which seals from then on whatever is written, and then every row of
/// the scope is sealed under it, in small batches that leave a server its pace. The keys before
/// only open, for backups; `embsec keys list` shows what still needs them.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Rotate this scope alone: `system` (provider keys) or `project:OWNER/HANDLE`
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,

    /// Say what would be rotated, and rotate nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let teller = args.progress.teller(&context.ui);
    let result = console::run(context, "keys rotate data", async |app, call| {
        let stop = Stop::default();
        let rotation = DataRotation {
            app,
            call,
            scope: args.scope.as_deref(),
            progress: &teller,
            stop: &stop,
        };
        if args.dry_run {
            return Ok(Rotated::planned(rotation.plan().await?));
        }
        let done = tokio::select! {
            done = rotation.run() => done,
            () = super::asked_twice(&stop) => Err(RotationError::Interrupted { rows: 0 }),
        };
        Ok(Rotated::done(done?))
    });
    drop(teller);
    let result = result?;
    render::report(&context.ui, &result)?;
    Ok(ExitKind::Done)
}

/// What was rotated, or would be.
#[derive(Serialize)]
struct Rotated {
    scopes: Vec<Scope>,
    changed: u64,
    dry_run: bool,
}

#[derive(Serialize)]
struct Scope {
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    rows: u64,
    resumed: bool,
}

impl Rotated {
    fn planned(scopes: Vec<PlannedScope>) -> Self {
        let scopes = scopes.into_iter().map(|planned| Scope {
            scope: planned.name,
            key_id: planned.key_id.map(|id| id.0),
            rows: planned.rows,
            resumed: planned.resumed,
        });
        Self::of(scopes.collect(), true)
    }

    fn done(scopes: Vec<RotatedScope>) -> Self {
        let scopes = scopes.into_iter().map(|rotated| Scope {
            scope: rotated.name,
            key_id: Some(rotated.key_id.0),
            rows: rotated.rows,
            resumed: rotated.resumed,
        });
        Self::of(scopes.collect(), false)
    }

    fn of(scopes: Vec<Scope>, dry_run: bool) -> Self {
        Self {
            changed: scopes.iter().map(|scope| scope.rows).sum(),
            scopes,
            dry_run,
        }
    }

    fn rows(&self) -> impl Iterator<Item = [String; 3]> {
        self.scopes.iter().map(|scope| {
            [
                scope.scope.clone(),
                scope.key_id.clone().unwrap_or_default(),
                scope.rows.to_string(),
            ]
        })
    }
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.data/1";

    fn table(&self) -> String {
        if self.scopes.is_empty() {
            return "Nothing is sealed yet, so there is nothing to rotate.\n".to_owned();
        }
        let heading = if self.dry_run { "KEY NOW" } else { "NEW KEY" };
        render::table(["SCOPE", heading, "ROWS"], self.rows())
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
