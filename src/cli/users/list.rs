//! `embsec users list`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::user::UserSummary;
use jiff::Timestamp;
use serde::Serialize;

/// List the users
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Users {
    users: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    user_handle: String,
    name: Option<String>,
    email: String,
    state: &'static str,
    created_at: Timestamp,
    number_of_projects: u64,
    number_of_definitions: u64,
    number_of_instances: u64,
}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let users = console::run(context, "users list", async |app, _| {
        Ok(app.all_users().await?)
    })?;
    let users = Users {
        users: users.into_iter().map(Row::from).collect(),
    };
    render::print(&context.ui, &users)?;
    Ok(ExitKind::Done)
}

impl From<UserSummary> for Row {
    fn from(user: UserSummary) -> Self {
        Self {
            user_handle: user.handle.to_string(),
            name: user.name,
            email: user.email,
            state: user.state.as_str(),
            created_at: user.created_at,
            number_of_projects: user.number_of_projects,
            number_of_definitions: user.number_of_definitions,
            number_of_instances: user.number_of_instances,
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 6] {
        [
            self.user_handle.clone(),
            self.email.clone(),
            self.name.clone().unwrap_or_else(|| "-".to_owned()),
            self.state.to_owned(),
            self.number_of_projects.to_string(),
            render::time(self.created_at),
        ]
    }
}

impl Render for Users {
    const SCHEMA: &'static str = "embsec.users.list/1";

    fn table(&self) -> String {
        render::table(
            ["USER", "EMAIL", "NAME", "STATE", "PROJECTS", "CREATED"],
            self.users.iter().map(Row::cells),
        )
    }

    fn plain(&self) -> String {
        render::lines(self.users.iter().map(Row::cells))
    }
}
