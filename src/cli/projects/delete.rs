//! `embsec projects delete`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::domain::count;
use jiff::Timestamp;
use serde::Serialize;

/// Take a project out of service
///
/// It is gone for every client at once and its handle is free. `embsec projects undelete` brings it
/// back, as long as `keys.shred_after` allows; then `embsec keys shred --due` destroys it for good.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Which project
    #[arg(value_name = "OWNER/HANDLE")]
    project: String,

    /// Say what would go, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Deleted {
    owner: String,
    project_handle: String,
    project_id: i64,
    number_of_embeddings: u64,
    undelete_until: Timestamp,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let path = super::path(&args.project)?;
    let deleted = console::run(context, "projects delete", async |app, call| {
        let project = app.project(call, &path).await?;
        let mut deleted = Deleted {
            owner: path.owner.to_string(),
            project_handle: path.handle.to_string(),
            project_id: project.id.0,
            number_of_embeddings: project.number_of_embeddings,
            undelete_until: app.destroy_after(app.now()),
            dry_run: args.dry_run,
        };
        if !args.dry_run {
            context.ui.note(format_args!(
                "Deleting {path} takes it and its {} out of service at once.",
                count::embeddings(project.number_of_embeddings)
            ));
            prompt::confirm(context, &format!("Delete {path}?"))?;
            deleted.undelete_until = app.delete_project(call, &path).await?;
        }
        Ok(deleted)
    })?;
    render::report(&context.ui, &deleted)?;
    Ok(ExitKind::Done)
}

impl Render for Deleted {
    const SCHEMA: &'static str = "embsec.projects.delete/1";

    fn table(&self) -> String {
        let (name, id) = (
            format!("{}/{}", self.owner, self.project_handle),
            self.project_id,
        );
        let until = render::time(self.undelete_until);
        if self.dry_run {
            return format!(
                "{name} would be deleted with {}, and could be brought back until {until}.\n",
                count::embeddings(self.number_of_embeddings)
            );
        }
        format!(
            "{name} is deleted. Until {until}, `embsec projects undelete {name} --id {id}` brings \
             it back.\n"
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            format!("{}/{}", self.owner, self.project_handle),
            self.project_id.to_string(),
            self.undelete_until.to_string(),
        ]])
    }
}
