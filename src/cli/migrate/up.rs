//! `embsec migrate up`.

use super::status::{Step, steps};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::deployment::{OpenError, SchemaRequest, SchemaState, ServerError};
use serde::Serialize;
use std::path::PathBuf;

/// Bring the schema of the database to the newest version
///
/// On PostgreSQL, servers may run meanwhile: the schema is changed under a lock, one version in
/// one transaction, and each version leaves what older servers use. A schema `embsec` and the
/// extension `vector` are made where there are none and the role may make them. Indexes of nearest
/// vectors that projects need and that are missing are built while others read and write.
///
/// On SQLite, the file is copied first, beside itself, and nobody may serve it meanwhile.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let config = super::settings(context)?;
    let request = super::request(context, &config);
    let runtime = context.runtime()?;
    let state = runtime.block_on(request.state())?;
    if state.is_too_new() {
        return Err(OpenError::from(ServerError::Newer {
            found: state.version,
            known: state.newest,
        })
        .into());
    }
    let mut done = Done::plan(&state, args.dry_run);
    if !args.dry_run {
        runtime.block_on(apply(context, &request, &mut done))?;
    }
    render::report(&context.ui, &done)?;
    Ok(ExitKind::Done)
}

async fn apply(
    context: &Context,
    request: &SchemaRequest<'_>,
    done: &mut Done,
) -> Result<(), CliError> {
    let migrated = request.migrate().await?;
    done.copy = migrated.and_then(|migrated| migrated.copy);
    // The version before may not have known what to look at.
    done.indexes = request.state().await?.missing_indexes;
    for dim in &done.indexes {
        context.ui.note(format_args!(
            "Building the index of vectors of {dim} components; this takes as long as there are \
             many of them."
        ));
        request.build_index(*dim).await?;
    }
    Ok(())
}

/// What was done, or would be.
#[derive(Serialize)]
struct Done {
    database: String,
    from_version: i64,
    to_version: i64,
    steps: Vec<Step>,
    indexes: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<PathBuf>,
    dry_run: bool,
}

impl Done {
    fn plan(state: &SchemaState, dry_run: bool) -> Self {
        Self {
            database: state.database.clone(),
            from_version: state.version,
            to_version: state.version.max(state.newest),
            steps: steps(state),
            indexes: state.missing_indexes.clone(),
            copy: None,
            dry_run,
        }
    }

    fn rows(&self) -> Vec<[String; 2]> {
        let mut rows: Vec<[String; 2]> = self
            .steps
            .iter()
            .map(|step| [format!("version {}", step.version), step.name.to_owned()])
            .collect();
        rows.extend(self.indexes.iter().map(|dim| {
            let what = format!("vectors of {dim} components");
            ["index".to_owned(), what]
        }));
        rows
    }
}

impl Render for Done {
    const SCHEMA: &'static str = "embsec.migrate.up/1";

    fn table(&self) -> String {
        if self.steps.is_empty() && self.indexes.is_empty() {
            return format!(
                "{} is up to date: version {}.\n",
                self.database, self.from_version
            );
        }
        let verb = if self.dry_run {
            "Would bring"
        } else {
            "Brought"
        };
        let rows = render::table(["STEP", "WHAT"], self.rows());
        let copy = self.copy.as_ref().map_or_else(String::new, |copy| {
            format!(
                "\nA copy of the database as it was: \"{}\".\n",
                copy.display()
            )
        });
        format!(
            "{verb} {} from version {} to {}.\n\n{rows}{copy}",
            self.database, self.from_version, self.to_version
        )
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
