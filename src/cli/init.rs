//! `embsec init`.

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use super::render::{self, Render};
use crate::config::DEFAULT_DIR;
use crate::deployment::{self, Layout};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Make a deployment: configuration, keys and database in a folder of its own
///
/// The folder is `--dir`, by default ./embsec-data. It must be absent or empty: an existing
/// deployment is never touched (exit 4). The folder is built beside its place and renamed, so
/// that it is there as a whole or not at all.
///
/// The administrator's key is in `admin.key`; keep a copy of `keyring.toml` apart from backups of
/// the database, because without it the provider keys in the database cannot be opened.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Say what would be made, and make nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Made {
    dir: String,
    config: String,
    admin_key: String,
    keyring: String,
    database: String,
    audit: String,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    if context.global.config.is_some() {
        return Err(
            CliError::usage(anyhow::anyhow!("`embsec init` makes a whole folder"))
                .hinted("Say where with `--dir DIR` instead of `--config`."),
        );
    }
    let dir = target(context);
    let layout = if args.dry_run {
        deployment::check_target(&dir)?;
        Layout::of(&dir)
    } else {
        make(context, &dir)?
    };
    render::report(&context.ui, &Made::new(&dir, &layout, args.dry_run))?;
    if !args.dry_run {
        context.ui.hint(format_args!(
            "Start it with `embsec serve --dir {}`. The administrator's key is in \"{}\".",
            dir.display(),
            layout.admin_key().display()
        ));
    }
    Ok(ExitKind::Done)
}

/// The folder that `init` works on.
pub(super) fn target(context: &Context) -> PathBuf {
    context
        .global
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_DIR))
}

/// Makes the deployment.
pub(super) fn make(context: &Context, dir: &Path) -> Result<Layout, CliError> {
    let clock = Arc::clone(&context.clock);
    let runtime = context.runtime()?;
    Ok(runtime.block_on(deployment::initialise(dir, clock, context.rng.as_ref()))?)
}

impl Made {
    fn new(dir: &Path, layout: &Layout, dry_run: bool) -> Self {
        let text = |path: PathBuf| path.display().to_string();
        Self {
            dir: dir.display().to_string(),
            config: text(layout.config()),
            admin_key: text(layout.admin_key()),
            keyring: text(layout.keyring()),
            database: text(layout.database()),
            audit: text(layout.audit()),
            dry_run,
        }
    }

    fn rows(&self) -> [[String; 2]; 5] {
        [
            ["configuration".to_owned(), self.config.clone()],
            ["administrator's key".to_owned(), self.admin_key.clone()],
            ["keyring".to_owned(), self.keyring.clone()],
            ["database".to_owned(), self.database.clone()],
            ["audit log".to_owned(), self.audit.clone()],
        ]
    }
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.init/1";

    fn table(&self) -> String {
        let verb = if self.dry_run { "Would make" } else { "Made" };
        let rows = render::table(["PART", "PATH"], self.rows());
        format!("{verb} a deployment in \"{}\".\n\n{rows}", self.dir)
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
