//! `embsec projects show`.

use super::{Unlike, switch, tell_unlike};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::access::Share;
use crate::domain::project::{ContentPolicy, Project, UnlikePolicy};
use serde::Serialize;

/// Show a project, what of it is sealed, and with whom it is shared
///
/// Reads every row of the project, to tell which of them follow its policy.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Which project
    #[arg(value_name = "OWNER/HANDLE")]
    project: String,
}

#[derive(Serialize)]
struct Shown {
    owner: String,
    project_handle: String,
    project_id: i64,
    description: Option<String>,
    public_read: bool,
    instance: Option<String>,
    number_of_embeddings: u64,
    encrypt_text: bool,
    encrypt_metadata: bool,
    rows_unlike_policy: Unlike,
    shared_with: Vec<Shared>,
}

#[derive(Serialize)]
struct Shared {
    user_handle: String,
    role: &'static str,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let path = super::path(&args.project)?;
    let (project, policy, unlike) = console::run(context, "projects show", async |app, call| {
        let project = app.project(call, &path).await?;
        let policy = app.project_policy(call, &path).await?;
        let unlike = app.unlike_policy(project.id, policy).await?;
        Ok((project, policy, unlike))
    })?;
    render::print(&context.ui, &Shown::new(project, policy, unlike))?;
    tell_unlike(context, policy, unlike);
    Ok(ExitKind::Done)
}

impl From<&Share> for Shared {
    fn from(share: &Share) -> Self {
        Self {
            user_handle: share.user_handle.to_string(),
            role: share.role.as_str(),
        }
    }
}

impl Shown {
    fn new(project: Project, policy: ContentPolicy, unlike: UnlikePolicy) -> Self {
        Self {
            owner: project.path.owner.to_string(),
            project_handle: project.path.handle.to_string(),
            project_id: project.id.0,
            description: project.description,
            public_read: project.public_read,
            instance: project.instance.map(|instance| instance.path.to_string()),
            number_of_embeddings: project.number_of_embeddings,
            encrypt_text: policy.encrypt_text,
            encrypt_metadata: policy.encrypt_metadata,
            rows_unlike_policy: unlike.into(),
            shared_with: project.shared_with.iter().map(Shared::from).collect(),
        }
    }

    fn rows(&self) -> Vec<[String; 2]> {
        let row = |name: &str, value: String| [name.to_owned(), value];
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let mut rows = vec![
            row("project", format!("{}/{}", self.owner, self.project_handle)),
            row("id", self.project_id.to_string()),
            row("description", or_none(&self.description)),
            row("public", switch(self.public_read)),
            row("instance", or_none(&self.instance)),
            row("embeddings", self.number_of_embeddings.to_string()),
            row("encrypt text", switch(self.encrypt_text)),
            row("encrypt metadata", switch(self.encrypt_metadata)),
        ];
        rows.extend(self.shared_with.iter().map(|share| {
            let text = format!("{} ({})", share.user_handle, share.role);
            row("shared with", text)
        }));
        rows
    }
}

impl Render for Shown {
    const SCHEMA: &'static str = "embsec.projects.show/1";

    fn table(&self) -> String {
        render::table(["PROPERTY", "VALUE"], self.rows())
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
