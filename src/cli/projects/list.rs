//! `embsec projects list`.

use super::switch;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::deletion::DeletedProject;
use crate::domain::project::ProjectOverview;
use jiff::Timestamp;
use serde::Serialize;

/// List the projects of everybody
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// List the deleted projects instead, and until when each can be brought back
    #[arg(long)]
    deleted: bool,
}

#[derive(Serialize)]
struct Projects {
    projects: Vec<Row>,
    #[serde(skip)]
    deleted: bool,
}

/// A live project, or a deleted one: each has some fields of its own.
#[derive(Serialize)]
struct Row {
    owner: String,
    /// The former one of a deleted project; absent once its keys are destroyed.
    project_handle: Option<String>,
    project_id: i64,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypt_text: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypt_metadata: Option<bool>,
    number_of_embeddings: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undelete_until: Option<Timestamp>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let projects = console::run(context, "projects list", async |app, _| {
        Ok(if args.deleted {
            let deleted = app.deleted_projects().await?;
            deleted.into_iter().map(Row::from).collect()
        } else {
            let live = app.all_projects().await?;
            live.into_iter().map(Row::from).collect()
        })
    })?;
    let projects = Projects {
        projects,
        deleted: args.deleted,
    };
    render::print(&context.ui, &projects)?;
    Ok(ExitKind::Done)
}

impl From<ProjectOverview> for Row {
    fn from(project: ProjectOverview) -> Self {
        Self {
            owner: project.path.owner.to_string(),
            project_handle: Some(project.path.handle.to_string()),
            project_id: project.id.0,
            state: "live",
            public_read: Some(project.public_read),
            encrypt_text: Some(project.policy.encrypt_text),
            encrypt_metadata: Some(project.policy.encrypt_metadata),
            number_of_embeddings: project.number_of_embeddings,
            deleted_at: None,
            undelete_until: None,
        }
    }
}

impl From<DeletedProject> for Row {
    fn from(project: DeletedProject) -> Self {
        let can_come_back = project.former_handle.is_some();
        Self {
            owner: project.owner.to_string(),
            project_handle: project.former_handle.map(|handle| handle.to_string()),
            project_id: project.id.0,
            state: if can_come_back {
                "deleted"
            } else {
                "destroyed"
            },
            public_read: None,
            encrypt_text: None,
            encrypt_metadata: None,
            number_of_embeddings: project.number_of_embeddings,
            deleted_at: Some(project.deleted_at),
            undelete_until: can_come_back.then_some(project.destroy_after),
        }
    }
}

impl Row {
    fn name(&self) -> String {
        let handle = self.project_handle.as_deref().unwrap_or("-");
        format!("{}/{handle}", self.owner)
    }

    fn live(&self) -> [String; 6] {
        [
            self.name(),
            self.project_id.to_string(),
            self.number_of_embeddings.to_string(),
            switch(self.public_read.unwrap_or(false)),
            switch(self.encrypt_text.unwrap_or(false)),
            switch(self.encrypt_metadata.unwrap_or(false)),
        ]
    }

    fn deleted(&self) -> [String; 6] {
        [
            self.name(),
            self.project_id.to_string(),
            self.number_of_embeddings.to_string(),
            self.state.to_owned(),
            time(self.deleted_at),
            time(self.undelete_until),
        ]
    }
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), render::time)
}

impl Render for Projects {
    const SCHEMA: &'static str = "embsec.projects.list/1";

    fn table(&self) -> String {
        if self.deleted {
            render::table(
                [
                    "PROJECT",
                    "ID",
                    "EMBEDDINGS",
                    "STATE",
                    "DELETED",
                    "UNDELETE UNTIL",
                ],
                self.projects.iter().map(Row::deleted),
            )
        } else {
            render::table(
                [
                    "PROJECT",
                    "ID",
                    "EMBEDDINGS",
                    "PUBLIC",
                    "ENCRYPT TEXT",
                    "ENCRYPT METADATA",
                ],
                self.projects.iter().map(Row::live),
            )
        }
    }

    fn plain(&self) -> String {
        if self.deleted {
            render::lines(self.projects.iter().map(Row::deleted))
        } else {
            render::lines(self.projects.iter().map(Row::live))
        }
    }
}
