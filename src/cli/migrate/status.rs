//! `embsec migrate status`.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::deployment::SchemaState;
use serde::Serialize;

/// Tell whether the schema of the database is up to date
///
/// Exit code 0: it is. 1: something is pending, and `embsec migrate up` does it. 4: the database
/// was written by a newer embsec, in a way that this one does not understand.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let config = super::settings(context)?;
    let request = super::request(context, &config);
    let state = context.runtime()?.block_on(request.state())?;
    render::print(&context.ui, &Status::of(&state))?;
    Ok(if state.is_too_new() {
        ExitKind::Refused
    } else if state.is_current() {
        ExitKind::Done
    } else {
        ExitKind::No
    })
}

/// What a database has and lacks, as it is shown.
#[derive(Serialize)]
pub(super) struct Status {
    database: String,
    version: i64,
    newest_version: i64,
    oldest_binary: i64,
    pending: Vec<Step>,
    missing_indexes: Vec<u32>,
    verdict: &'static str,
}

/// A step that is pending or was taken.
#[derive(Serialize)]
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) name: &'static str,
}

impl Status {
    fn of(state: &SchemaState) -> Self {
        Self {
            database: state.database.clone(),
            version: state.version,
            newest_version: state.newest,
            oldest_binary: state.oldest_binary,
            pending: steps(state),
            missing_indexes: state.missing_indexes.clone(),
            verdict: if state.is_too_new() {
                "too new"
            } else if state.is_current() {
                "current"
            } else {
                "pending"
            },
        }
    }

    fn rows(&self) -> Vec<[String; 2]> {
        let mut rows = vec![
            ["database".to_owned(), self.database.clone()],
            ["version".to_owned(), self.version.to_string()],
            ["newest".to_owned(), self.newest_version.to_string()],
        ];
        for step in &self.pending {
            rows.push([
                "pending".to_owned(),
                format!("{} {}", step.version, step.name),
            ]);
        }
        for dim in &self.missing_indexes {
            rows.push([
                "pending".to_owned(),
                format!("index of vectors of {dim} components"),
            ]);
        }
        rows.push(["verdict".to_owned(), self.verdict.to_owned()]);
        rows
    }
}

impl Render for Status {
    const SCHEMA: &'static str = "embsec.migrate.status/1";

    fn table(&self) -> String {
        render::table(["WHAT", "STATE"], self.rows())
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}

/// The steps of a plan.
pub(super) fn steps(state: &SchemaState) -> Vec<Step> {
    state
        .pending
        .iter()
        .map(|step| Step {
            version: step.version,
            name: step.name,
        })
        .collect()
}
