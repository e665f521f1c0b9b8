//! `embsec migrate encrypt-status`.

use super::encryption::{self, TargetArgs};
use super::own;
use crate::app::encryption::{Census, Verdict};
use crate::app::sealing::SealingStatus;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::deployment::Target;
use crate::domain::count::counted;
use serde::Serialize;
use std::collections::BTreeMap;

/// Tell what in a database is encrypted, what is in clear, and what does not open
///
/// The database is opened to read only, and nothing is made beside it. Every sealed value is
/// opened with the key at hand, and counted by key.
///
/// Exit code 0: everything is protected. 1: something is in clear. 3: nothing is in clear, and
/// nothing could be opened, since no key was given. 6: a value opens under no key at hand.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let runtime = context.runtime()?;
    let Some(target) = runtime.block_on(args.target.target(context, &[]))? else {
        drop(runtime);
        args.target.require_own()?;
        return own::status(context, args.progress);
    };
    runtime.block_on(async {
        let census = encryption::watched(context, args.progress, async |watch| {
            target.status(watch).await
        })
        .await?;
        let status = Status::of(target.database(), target.profile(), &census);
        render::print(&context.ui, &status)?;
        tell(context, &target, &census);
        Ok(match census.verdict() {
            Verdict::Protected => ExitKind::Done,
            Verdict::Plaintext => ExitKind::No,
            Verdict::Unopened => ExitKind::Incomplete,
            Verdict::Undecryptable => ExitKind::Integrity,
        })
    })
}

fn tell(context: &Context, target: &Target, census: &Census) {
    for (row, why) in &census.unopened.shown {
        context
            .ui
            .warn(format_args!("{}: {why}.", render::visible(row)));
    }
    let more = census.unopened.more();
    if more > 0 {
        context.ui.warn(format_args!("And {more} more like these."));
    }
    if target.is_unscrubbed() {
        context.ui.warn(UNSCRUBBED);
    }
    if census.hashed() > 0 {
        context.ui.note(HASH_NOTE);
    }
    if census.verdict() == Verdict::Plaintext {
        context.ui.hint(ENCRYPT);
    }
    if census.is_untried {
        context.ui.hint(
            "Give the key with `--key-file FILE` or ENCRYPTION_KEY, so that what is encrypted can \
             be opened.",
        );
    }
}

/// What has to be said where a run ended before the files were rewritten.
pub(super) const UNSCRUBBED: &str = "Old values may still be in unused parts of the file: \
     `embsec migrate encrypt --scrub-only` takes them out.";

/// What to do about values in clear.
pub(super) const ENCRYPT: &str =
    "`embsec migrate encrypt --dry-run` tells what it takes to protect them.";

/// What has to be said where hashes are counted.
pub(super) const HASH_NOTE: &str = "A value in clear of 64 hexadecimal digits looks like a hash and \
     counts as one: nothing can tell them apart.";

/// A census as it is shown.
#[derive(Serialize)]
pub(super) struct Status {
    database: String,
    profile: String,
    columns: Vec<Column>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Column {
    table: String,
    column: String,
    mode: &'static str,
    encrypted: u64,
    plaintext: u64,
    empty: u64,
    undecryptable: u64,
    unknown_key: u64,
    by_key: BTreeMap<String, u64>,
}

impl Status {
    pub(super) fn of(database: &str, profile: &str, census: &Census) -> Self {
        let columns = census.columns.iter().map(|column| Column {
            table: column.table.clone(),
            column: column.column.clone(),
            mode: column.mode.as_str(),
            encrypted: column.encrypted,
            plaintext: column.plaintext,
            empty: column.empty,
            undecryptable: column.undecryptable,
            unknown_key: column.unknown_key,
            by_key: column
                .by_key
                .iter()
                .map(|(id, count)| (id.to_string(), *count))
                .collect(),
        });
        Self {
            database: database.to_owned(),
            profile: profile.to_owned(),
            columns: columns.collect(),
            verdict: census.verdict().as_str(),
        }
    }

    /// The same of a database of embsec's own.
    pub(super) fn of_own(database: &str, status: &SealingStatus) -> Self {
        let columns = status
            .columns
            .iter()
            .map(|((column, mode), counts)| Column {
                table: column.table().to_owned(),
                column: column.column().to_owned(),
                mode: mode.as_str(),
                encrypted: counts.encrypted,
                plaintext: counts.plaintext,
                empty: counts.empty,
                undecryptable: counts.undecryptable,
                unknown_key: counts.unknown_key,
                by_key: counts
                    .by_key
                    .iter()
                    .map(|(id, count)| (id.to_string(), *count))
                    .collect(),
            });
        Self {
            database: database.to_owned(),
            profile: "embsec".to_owned(),
            columns: columns.collect(),
            verdict: status.verdict().as_str(),
        }
    }

    fn sentence(&self) -> String {
        let sum = |count: fn(&Column) -> u64| self.columns.iter().map(count).sum::<u64>();
        match self.verdict {
            "protected" => "Everything is protected.".to_owned(),
            "plaintext" => {
                // What a project wants in clear is no finding.
                let clear = sum(|column| match column.mode {
                    "plaintext" => 0,
                    _ => column.plaintext,
                });
                format!("{} in clear.", counted(clear, "value is", "values are"))
            }
            "undecryptable" => {
                let unopened = sum(|column| column.undecryptable + column.unknown_key);
                let told = counted(unopened, "value opens", "values open");
                format!("{told} under no key at hand.")
            }
            _ => "Nothing is in clear. Nothing was opened, since no key was given.".to_owned(),
        }
    }
}

impl Render for Status {
    const SCHEMA: &'static str = "embsec.migrate.encrypt-status/1";

    fn table(&self) -> String {
        let rows = self.columns.iter().map(|column| {
            [
                format!("{}.{}", column.table, column.column),
                column.mode.to_owned(),
                column.encrypted.to_string(),
                column.plaintext.to_string(),
                column.empty.to_string(),
                (column.undecryptable + column.unknown_key).to_string(),
            ]
        });
        let columns = render::table(
            [
                "COLUMN",
                "MODE",
                "PROTECTED",
                "IN CLEAR",
                "EMPTY",
                "NOT OPENED",
            ],
            rows,
        );
        let keys: Vec<[String; 3]> = self
            .columns
            .iter()
            .flat_map(|column| {
                column.by_key.iter().map(|(id, count)| {
                    [
                        format!("{}.{}", column.table, column.column),
                        id.clone(),
                        count.to_string(),
                    ]
                })
            })
            .collect();
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!("\n{}", render::table(["COLUMN", "KEY", "VALUES"], keys))
        };
        format!(
            "{} ({})\n\n{columns}{keys}\n{}\n",
            render::visible(&self.database),
            self.profile,
            self.sentence()
        )
    }

    fn plain(&self) -> String {
        render::lines(self.columns.iter().map(|column| {
            [
                column.table.clone(),
                column.column.clone(),
                column.mode.to_owned(),
                column.encrypted.to_string(),
                column.plaintext.to_string(),
                column.empty.to_string(),
                column.undecryptable.to_string(),
                column.unknown_key.to_string(),
            ]
        }))
    }
}
