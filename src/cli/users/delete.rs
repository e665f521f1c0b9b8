//! `embsec users delete`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::domain::access::Role;
use crate::domain::user::User;
use serde::Serialize;

/// Delete a user with everything that they own
///
/// Says what would be lost and asks. It cannot be undone; `embsec users disable` can.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Who
    handle: String,

    /// Say what would be lost, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Deleted {
    user_handle: String,
    projects: Vec<String>,
    instances: Vec<String>,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let handle = super::handle(&args.handle)?;
    let deleted = console::run(context, "users delete", async |app, call| {
        let plan = Deleted::plan(&app.user(&handle).await?, args.dry_run);
        context.ui.note(plan.sentence());
        if !args.dry_run {
            prompt::confirm(context, &format!("Delete {handle} and all of this?"))?;
            app.delete_user(call, &handle).await?;
        }
        Ok(plan)
    })?;
    render::report(&context.ui, &deleted)?;
    Ok(ExitKind::Done)
}

impl Deleted {
    fn plan(user: &User, dry_run: bool) -> Self {
        let owned = |memberships: &[crate::domain::user::Membership]| {
            memberships
                .iter()
                .filter(|membership| membership.role == Role::Owner)
                .map(|membership| membership.handle.to_string())
                .collect()
        };
        Self {
            user_handle: user.handle.to_string(),
            projects: owned(&user.projects),
            instances: owned(&user.instances),
            dry_run,
        }
    }

    fn sentence(&self) -> String {
        let names = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        format!(
            "Deleting {} deletes these projects with all their embeddings: {}; and these \
             instances with their provider keys: {}.",
            self.user_handle,
            names(&self.projects),
            names(&self.instances)
        )
    }

    fn rows(&self) -> Vec<[String; 2]> {
        let row = |kind: &str, name: &String| [kind.to_owned(), name.clone()];
        let mut rows = vec![row("user", &self.user_handle)];
        rows.extend(self.projects.iter().map(|name| row("project", name)));
        rows.extend(self.instances.iter().map(|name| row("instance", name)));
        rows
    }
}

impl Render for Deleted {
    const SCHEMA: &'static str = "embsec.users.delete/1";

    fn table(&self) -> String {
        let verb = if self.dry_run {
            "Would delete"
        } else {
            "Deleted"
        };
        format!("{verb} {}.\n", self.user_handle)
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
