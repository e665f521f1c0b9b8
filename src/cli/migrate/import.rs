//! `embsec migrate import`.

use super::transfer::{self, Moved};
use crate::app::transfer::RunOptions;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::deployment::{ImportOptions, Profile, Transfer};
use crate::domain::findings::Repairs;
use crate::domain::ids::Handle;
use clap::ValueEnum;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Move another database into this deployment, with its keys and ids
///
/// The source is a database of embapi (or dhamps-vdb) on PostgreSQL, or one of embsec on either
/// engine that this deployment's keyring opens. It is only read, in one state, and may go on
/// being served. The database of the deployment must be empty, or hold what an earlier run from
/// the same source brought: then changes and deletions since are carried over. A run that was
/// killed is taken up by the next one. From the first run until `--finish`, clients only read.
///
/// Every run ends with a proof that both sides hold the same: the number of rows and a checksum of
/// every table, and a sample of searches.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The source: `postgres://…`, `sqlite:PATH`, a path, or `env:NAME` or `file:PATH` with a URL
    #[arg(long, value_name = "URL")]
    from: String,

    /// Whose tables to take, where the source has both
    #[arg(long, value_enum, value_name = "WHOSE")]
    profile: Option<ProfileChoice>,

    /// What embapi has as `ENCRYPTION_KEY` is in this file; else in the variable of that name
    #[arg(long, value_name = "FILE")]
    from_key_file: Option<PathBuf>,

    /// Take embeddings that name an old owner as their project's
    #[arg(long)]
    repair_owners: bool,

    /// Give a user whose handle cannot be taken over another one, and disable them; may be repeated
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,

    /// Leave out rows that embsec cannot hold
    #[arg(long)]
    skip_unusable: bool,

    /// Carry over what changed and end the move: from then on clients may write here
    #[arg(long)]
    finish: bool,

    /// Say what would be written, and write nothing
    #[arg(long, conflicts_with = "finish")]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

/// Whose tables a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileChoice {
    /// Those of embapi, or of dhamps-vdb before it
    Embapi,
    /// Those of embsec
    Embsec,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let from = transfer::other_side(context, "--from", &args.from)?;
    let options = ImportOptions {
        profile: args.profile.map(|profile| match profile {
            ProfileChoice::Embapi => Profile::Embapi,
            ProfileChoice::Embsec => Profile::Embsec,
        }),
        encryption_key: transfer::encryption_key(context, args.from_key_file.as_deref())?,
        repairs: Repairs {
            repair_owners: args.repair_owners,
            renames: renames(&args.rename)?,
            skip_unusable: args.skip_unusable,
        },
    };
    let run_options = RunOptions {
        dry_run: args.dry_run,
        finish: args.finish,
    };
    let config = super::settings(context)?;
    let moved = context.runtime()?.block_on(async {
        let request = super::opening(context, &config);
        let transfer = Transfer::import(request, &from, options).await?;
        transfer::run(
            context,
            "migrate import",
            transfer,
            run_options,
            args.progress,
        )
        .await
    })?;
    let imported = Imported(moved);
    render::report(&context.ui, &imported)?;
    imported.0.tell_findings(context);
    if !args.dry_run && !imported.0.is_finished() {
        context.ui.hint(
            "Clients only read here until `embsec migrate import … --finish` has carried over what \
             changed since.",
        );
    }
    Ok(ExitKind::Done)
}

/// Reads `OLD=NEW`.
fn renames(texts: &[String]) -> Result<BTreeMap<String, Handle>, CliError> {
    let mut renames = BTreeMap::new();
    for text in texts {
        let (old, new) = text.split_once('=').ok_or_else(|| {
            CliError::usage(anyhow::anyhow!("`--rename` takes OLD=NEW, not {text:?}"))
        })?;
        let new = Handle::parse_for_new_user(new).map_err(|error| {
            CliError::usage(
                anyhow::Error::new(error).context(format!("{new:?} cannot be a user's handle")),
            )
        })?;
        if renames.insert(old.to_owned(), new).is_some() {
            return Err(CliError::usage(anyhow::anyhow!(
                "`--rename` gives {old:?} two handles"
            )));
        }
    }
    Ok(renames)
}

#[derive(Serialize)]
struct Imported(Moved);

impl Render for Imported {
    const SCHEMA: &'static str = "embsec.migrate.import/1";

    fn table(&self) -> String {
        let source = self.0.source();
        self.0.table(
            &format!("Moved {source} in."),
            &format!("Would move {source} in."),
        )
    }

    fn plain(&self) -> String {
        self.0.plain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_has_an_old_and_a_new_handle_that_a_new_user_may_have() {
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        let read = renames(&texts(&["admin=boss", "a/b=a-b"])).unwrap();
        assert_eq!(read["admin"].as_str(), "boss");
        assert_eq!(read["a/b"].as_str(), "a-b");
        for wrong in [
            texts(&["admin"]),
            texts(&["admin=public"]),
            texts(&["admin=x"]),
            texts(&["admin=boss", "admin=chef"]),
        ] {
            assert_eq!(
                renames(&wrong).unwrap_err().kind(),
                ExitKind::Usage,
                "{wrong:?}"
            );
        }
    }
}
