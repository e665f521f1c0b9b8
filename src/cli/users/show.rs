//! `embsec users show`.

use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::user::{Membership, User, UserKey};
use jiff::Timestamp;
use serde::Serialize;

/// Show a user, their keys' ages, projects and instances
///
/// The keys themselves are not known to embsec.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Who
    handle: String,
}

#[derive(Serialize)]
struct Shown {
    user_handle: String,
    name: Option<String>,
    email: String,
    state: &'static str,
    created_at: Timestamp,
    keys: Vec<Key>,
    projects: Vec<Object>,
    instances: Vec<Object>,
}

#[derive(Serialize)]
struct Key {
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Object {
    owner: String,
    handle: String,
    role: &'static str,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let handle = super::handle(&args.handle)?;
    let user = console::run(context, "users show", async |app, _| {
        Ok(app.user(&handle).await?)
    })?;
    render::print(&context.ui, &Shown::from(user))?;
    Ok(ExitKind::Done)
}

impl From<User> for Shown {
    fn from(user: User) -> Self {
        Self {
            user_handle: user.handle.to_string(),
            name: user.name,
            email: user.email,
            state: user.state.as_str(),
            created_at: user.created_at,
            keys: user.keys.iter().map(Key::from).collect(),
            projects: user.projects.iter().map(Object::from).collect(),
            instances: user.instances.iter().map(Object::from).collect(),
        }
    }
}

impl From<&UserKey> for Key {
    fn from(key: &UserKey) -> Self {
        Self {
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}

impl From<&Membership> for Object {
    fn from(membership: &Membership) -> Self {
        Self {
            owner: membership.owner.to_string(),
            handle: membership.handle.to_string(),
            role: membership.role.as_str(),
        }
    }
}

impl Shown {
    fn rows(&self) -> Vec<[String; 2]> {
        let row = |name: &str, value: String| [name.to_owned(), value];
        let mut rows = vec![
            row("user", self.user_handle.clone()),
            row("name", self.name.clone().unwrap_or_else(|| "-".to_owned())),
            row("email", self.email.clone()),
            row("state", self.state.to_owned()),
            row("created", self.created_at.to_string()),
        ];
        rows.extend(self.keys.iter().map(|key| row("key", key.text())));
        rows.extend(
            self.projects
                .iter()
                .map(|project| row("project", project.text())),
        );
        rows.extend(
            self.instances
                .iter()
                .map(|instance| row("instance", instance.text())),
        );
        rows
    }
}

impl Key {
    fn text(&self) -> String {
        match self.expires_at {
            Some(end) => format!("made {}, ends {end}", self.created_at),
            None => format!("made {}", self.created_at),
        }
    }
}

impl Object {
    fn text(&self) -> String {
        format!("{}/{} ({})", self.owner, self.handle, self.role)
    }
}

impl Render for Shown {
    const SCHEMA: &'static str = "embsec.users.show/1";

    fn table(&self) -> String {
        render::table(["PROPERTY", "VALUE"], self.rows())
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
