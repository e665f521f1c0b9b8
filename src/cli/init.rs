//! `embsec init`.

use super::context::{Context, warn_of_password};
use super::error::CliError;
use super::exit::ExitKind;
use super::render::{self, Render};
use crate::config::DEFAULT_DIR;
use crate::config::Fault;
use crate::config::database::Location;
use crate::config::secret::SecretRef;
use crate::deployment::{self, Layout, Server};
use secrecy::SecretString;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Make a deployment: configuration, keys and database in a folder of its own
///
/// The folder is `--dir`, by default ./embsec-data. It must be absent or empty: an existing
/// deployment is never touched (exit 4). The folder is built beside its place and renamed, so
/// that it is there as a whole or not at all.
///
/// With `--database postgres://…` the data are kept on a server of PostgreSQL with pgvector, in a
/// schema `embsec` that this command makes. The database must be there and hold no other program's
/// tables.
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
    let server = server(context)?;
    let layout = if args.dry_run {
        deployment::check_target(&dir)?;
        Layout::of(&dir)
    } else {
        make_with(context, &dir, server.as_ref())?
    };
    let made = Made::new(&dir, &layout, server.as_ref(), args.dry_run);
    render::report(&context.ui, &made)?;
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

/// Makes the deployment, on the server that `--database` names, if it does.
pub(super) fn make(context: &Context, dir: &Path) -> Result<Layout, CliError> {
    make_with(context, dir, server(context)?.as_ref())
}

fn make_with(context: &Context, dir: &Path, server: Option<&Server>) -> Result<Layout, CliError> {
    let clock = Arc::clone(&context.clock);
    let made = deployment::initialise(dir, server, clock, context.rng.as_ref());
    Ok(context.runtime()?.block_on(made)?)
}

/// The server that `--database` names.
fn server(context: &Context) -> Result<Option<Server>, CliError> {
    let Some(text) = &context.global.database else {
        return Ok(None);
    };
    let unfit = |fault: Fault| {
        let hint = fault.hint();
        let source = anyhow::Error::new(fault).context("`--database` cannot be used");
        hint.into_iter()
            .fold(CliError::usage(source), CliError::hinted)
    };
    // What the file is to say must hold wherever it is read from.
    let base = std::path::absolute(".").map_err(CliError::usage)?;
    let location = Location::parse(text, &base).map_err(unfit)?;
    let Location::Postgres(reference) = &location else {
        return Err(CliError::usage(anyhow::anyhow!(
            "`embsec init` makes the file of SQLite itself, in the folder of the deployment"
        ))
        .hinted("Leave `--database` out, or name a PostgreSQL database."));
    };
    let setting = match reference {
        SecretRef::Given(url) => {
            warn_of_password(&context.ui, "--database", text);
            url.clone()
        }
        reference => SecretString::from(reference.to_string()),
    };
    let url = location.postgres_url(&context.environment).map_err(unfit)?;
    Ok(url.map(|url| Server { url, setting }))
}

impl Made {
    fn new(dir: &Path, layout: &Layout, server: Option<&Server>, dry_run: bool) -> Self {
        let text = |path: PathBuf| path.display().to_string();
        Self {
            dir: dir.display().to_string(),
            config: text(layout.config()),
            admin_key: text(layout.admin_key()),
            keyring: text(layout.keyring()),
            database: server
                .map_or_else(|| text(layout.database()), |server| server.url.to_string()),
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
