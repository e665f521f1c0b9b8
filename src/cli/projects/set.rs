//! `embsec projects set`.

use super::{Unlike, switch, tell_unlike};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::project::ContentPolicy;
use clap::ValueEnum;
use serde::Serialize;

/// Set what of a project is sealed when it is written
///
/// Rows that are there stay as they are: the command says how many do not follow yet.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("policy").required(true).multiple(true))]
pub(crate) struct Args {
    /// Which project
    #[arg(value_name = "OWNER/HANDLE")]
    project: String,

    /// Whether texts are sealed
    #[arg(long, value_enum, value_name = "SWITCH", group = "policy")]
    encrypt_text: Option<Switch>,

    /// Whether metadata are sealed
    #[arg(long, value_enum, value_name = "SWITCH", group = "policy")]
    encrypt_metadata: Option<Switch>,

    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

#[derive(Serialize)]
struct Set {
    owner: String,
    project_handle: String,
    encrypt_text: bool,
    encrypt_metadata: bool,
    changed: bool,
    rows_unlike_policy: Unlike,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let path = super::path(&args.project)?;
    let (policy, changed, unlike) = console::run(context, "projects set", async |app, call| {
        let id = app.project(call, &path).await?.id;
        let before = app.project_policy(call, &path).await?;
        let policy = args.applied_to(before);
        let changed = if args.dry_run {
            policy != before
        } else {
            app.set_project_policy(call, &path, policy).await?
        };
        Ok((policy, changed, app.unlike_policy(id, policy).await?))
    })?;
    let set = Set {
        owner: path.owner.to_string(),
        project_handle: path.handle.to_string(),
        encrypt_text: policy.encrypt_text,
        encrypt_metadata: policy.encrypt_metadata,
        changed,
        rows_unlike_policy: unlike.into(),
        dry_run: args.dry_run,
    };
    render::report(&context.ui, &set)?;
    tell_unlike(context, policy, unlike);
    Ok(ExitKind::Done)
}

impl Args {
    fn applied_to(&self, policy: ContentPolicy) -> ContentPolicy {
        let or = |given: Option<Switch>, now| given.map_or(now, |given| given == Switch::On);
        ContentPolicy {
            encrypt_text: or(self.encrypt_text, policy.encrypt_text),
            encrypt_metadata: or(self.encrypt_metadata, policy.encrypt_metadata),
        }
    }
}

impl Render for Set {
    const SCHEMA: &'static str = "embsec.projects.set/1";

    fn table(&self) -> String {
        let verb = match (self.changed, self.dry_run) {
            (true, true) => "would have",
            (true, false) => "has now",
            (false, _) => "has already",
        };
        format!(
            "{}/{} {verb}: encrypt text {}, encrypt metadata {}.\n",
            self.owner,
            self.project_handle,
            switch(self.encrypt_text),
            switch(self.encrypt_metadata)
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            format!("{}/{}", self.owner, self.project_handle),
            switch(self.encrypt_text),
            switch(self.encrypt_metadata),
        ]])
    }
}
