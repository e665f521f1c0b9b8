//! `embsec projects undelete`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::access::ObjectPath;
use crate::domain::ids::{Handle, ProjectId};
use serde::Serialize;

/// Bring a deleted project back
///
/// With its embeddings and shares, and with its instance, should that have been deleted meanwhile;
/// the instance then has no provider key any more.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Which project, by the name that it had
    #[arg(value_name = "OWNER/HANDLE")]
    project: String,

    /// Give it another handle, when its own is taken
    #[arg(long = "as", value_name = "HANDLE")]
    new_handle: Option<String>,

    /// Which one, when several projects had that name: its id in `embsec projects list --deleted`
    #[arg(long, value_name = "ID")]
    id: Option<i64>,

    /// Check that it can be brought back, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Undeleted {
    owner: String,
    project_handle: String,
    project_id: i64,
    instances: Vec<String>,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let former = super::path(&args.project)?;
    let handle = match &args.new_handle {
        Some(new) => Handle::parse(new).map_err(CliError::usage)?,
        None => former.handle.clone(),
    };
    let path = ObjectPath {
        owner: former.owner.clone(),
        handle,
    };
    let undeleted = console::run(context, "projects undelete", async |app, call| {
        let project = app.deleted_project(&former, args.id.map(ProjectId)).await?;
        let mut undeleted = Undeleted {
            owner: path.owner.to_string(),
            project_handle: path.handle.to_string(),
            project_id: project.id.0,
            instances: Vec::new(),
            dry_run: args.dry_run,
        };
        if args.dry_run {
            app.check_free(&path).await?;
        } else {
            let restored = app.undelete_project(call, project.id, &path.handle).await?;
            let instances = restored.instances.iter();
            undeleted.instances = instances.map(ToString::to_string).collect();
        }
        Ok(undeleted)
    })?;
    render::report(&context.ui, &undeleted)?;
    if !undeleted.instances.is_empty() {
        context.ui.note(format_args!(
            "Brought back with it, without their provider keys: {}.",
            undeleted.instances.join(", ")
        ));
    }
    Ok(ExitKind::Done)
}

impl Render for Undeleted {
    const SCHEMA: &'static str = "embsec.projects.undelete/1";

    fn table(&self) -> String {
        let verb = if self.dry_run {
            "could be brought back"
        } else {
            "is back"
        };
        format!("{}/{} {verb}.\n", self.owner, self.project_handle)
    }

    fn plain(&self) -> String {
        render::lines([[
            format!("{}/{}", self.owner, self.project_handle),
            self.project_id.to_string(),
        ]])
    }
}
