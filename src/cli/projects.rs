//! `embsec projects`: all projects of a deployment, what of them is sealed, and those deleted.

mod delete;
mod list;
mod set;
mod show;
mod undelete;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::domain::access::ObjectPath;
use crate::domain::count;
use crate::domain::ids::Handle;
use crate::domain::project::{ContentPolicy, UnlikePolicy};
use clap::Subcommand;
use serde::Serialize;

/// Show projects, set what of them is sealed, delete them and bring them back
///
/// These commands work on the database beside a running server, which obeys at once.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(list::Args),
    Show(show::Args),
    Set(set::Args),
    Delete(delete::Args),
    Undelete(undelete::Args),
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &Command) -> Result<ExitKind, CliError> {
    match command {
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Set(args) => set::run(context, args),
        Command::Delete(args) => delete::run(context, args),
        Command::Undelete(args) => undelete::run(context, args),
    }
}

/// Reads `OWNER/HANDLE`. The handle of a user holds no `/`; that of a project may.
pub(super) fn path(text: &str) -> Result<ObjectPath, CliError> {
    let (owner, handle) = text.split_once('/').ok_or_else(|| {
        CliError::usage(anyhow::anyhow!(
            "a project is named OWNER/HANDLE, not {text:?}"
        ))
    })?;
    Ok(ObjectPath {
        owner: Handle::parse(owner).map_err(CliError::usage)?,
        handle: Handle::parse(handle).map_err(CliError::usage)?,
    })
}

/// Rows that were written under another policy than the project has now.
#[derive(Serialize)]
struct Unlike {
    text: u64,
    metadata: u64,
}

impl From<UnlikePolicy> for Unlike {
    fn from(unlike: UnlikePolicy) -> Self {
        Self {
            text: unlike.texts,
            metadata: unlike.metadata,
        }
    }
}

/// Says which stored rows a policy does not hold for yet, and what brings them in line.
fn tell_unlike(context: &Context, policy: ContentPolicy, unlike: UnlikePolicy) {
    let kinds = [
        (policy.encrypt_text, unlike.texts, "texts"),
        (policy.encrypt_metadata, unlike.metadata, "metadata"),
    ];
    for (is_sealed, rows, what) in kinds {
        if rows == 0 {
            continue;
        }
        if is_sealed {
            context.ui.note(format_args!(
                "The {what} of {} are stored in clear; `embsec migrate encrypt` seals them.",
                count::rows(rows)
            ));
        } else {
            context.ui.note(format_args!(
                "The {what} of {} stay sealed until they are uploaded again, and are read all \
                 the same.",
                count::rows(rows)
            ));
        }
    }
}

/// How a policy reads in a table.
fn switch(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_by_its_owner_and_its_handle() {
        let named = path("alice/docs/2024").unwrap();
        assert_eq!(named.owner.as_str(), "alice");
        assert_eq!(named.handle.as_str(), "docs/2024");
        for wrong in [
            "docs",
            "/docs",
            "alice/",
            "al/docs",
            "alice/~00000000000000000012",
        ] {
            assert_eq!(path(wrong).unwrap_err().kind(), ExitKind::Usage, "{wrong}");
        }
    }
}
