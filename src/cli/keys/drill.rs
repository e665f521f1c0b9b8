//! `embsec keys drill`.

use super::recovered::Identities;
use crate::app::custody::{DrillReport, KeptCopy, MissingKey};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use jiff::Timestamp;
use serde::Serialize;
use std::path::PathBuf;

/// Prove that the keys could be recovered from the escrow copy or the shares
///
/// The keyring is recovered in memory only and must open every data key of the database and hold
/// every key that is in use. How it ended is recorded; `embsec keys list` warns when the last drill
/// that passed is older than 180 days.
///
/// Exit 0: the copy would do. Exit 1: it is older than a rotation, and what it lacks is named. Exit
/// 6: it is damaged, or the identity is not the one. Exit 3: there are too few shares.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("copy").required(true).args(["escrow", "shares"])))]
pub(crate) struct Args {
    /// The escrow copy
    #[arg(long, value_name = "FILE", requires = "identity_file")]
    escrow: Option<PathBuf>,

    /// The shares
    #[arg(long, value_name = "FILE", num_args = 1..)]
    shares: Vec<PathBuf>,

    #[command(flatten)]
    identities: Identities,

    /// Try the copy, and record nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Drilled {
    kind: &'static str,
    passed: bool,
    drilled_at: Timestamp,
    keyring_generation: u64,
    master_id: String,
    data_keys_opened: usize,
    missing: Vec<Missing>,
    damaged: Vec<String>,
}

#[derive(Serialize)]
struct Missing {
    id: String,
    purpose: String,
    data_keys: usize,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opener = args.identities.read()?;
    let copy = match &args.escrow {
        Some(path) => KeptCopy::Escrow(path.clone()),
        None => KeptCopy::Shares(args.shares.clone()),
    };
    let opened = copy.open(&opener);
    let report = console::run(context, "keys drill", async |app, call| {
        if args.dry_run {
            return Ok(app.try_copy(copy.kind(), &opened?).await?);
        }
        Ok(app.drill(call, copy.kind(), opened).await?)
    })?;
    let drilled = Drilled::from(report);
    if drilled.passed {
        render::report(&context.ui, &drilled)?;
    } else {
        render::print(&context.ui, &drilled)?;
    }
    Ok(if drilled.passed {
        ExitKind::Done
    } else if drilled.damaged.is_empty() {
        context.ui.hint(
            "The copy is older than the last rotation: make a new one with `embsec keys escrow` or \
             `embsec keys split`, and destroy the old ones.",
        );
        ExitKind::No
    } else {
        ExitKind::Integrity
    })
}

impl From<DrillReport> for Drilled {
    fn from(report: DrillReport) -> Self {
        Self {
            kind: report.kind.as_str(),
            passed: report.passed(),
            drilled_at: report.at,
            keyring_generation: report.copy.generation,
            master_id: report.copy.master_id.to_string(),
            data_keys_opened: report.opened,
            missing: report.missing.into_iter().map(Missing::from).collect(),
            damaged: report.damaged.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<MissingKey> for Missing {
    fn from(key: MissingKey) -> Self {
        Self {
            id: key.id.to_string(),
            purpose: key.purpose.to_string(),
            data_keys: key.data_keys,
        }
    }
}

impl Render for Drilled {
    const SCHEMA: &'static str = "embsec.keys.drill/1";

    fn table(&self) -> String {
        let verdict = if self.passed { "passed" } else { "failed" };
        let mut text = format!(
            "The drill {verdict}: the keyring of generation {} from {} opens {}.\n",
            self.keyring_generation,
            match self.kind {
                "escrow" => "the escrow copy",
                _ => "the shares",
            },
            match self.data_keys_opened {
                1 => "1 data key".to_owned(),
                opened => format!("{opened} data keys"),
            }
        );
        for key in &self.missing {
            let needed = match key.data_keys {
                0 => String::new(),
                1 => ", which 1 data key needs".to_owned(),
                count => format!(", which {count} data keys need"),
            };
            text.push_str(&format!(
                "It lacks the key {} ({}){needed}.\n",
                key.id, key.purpose
            ));
        }
        for id in &self.damaged {
            text.push_str(&format!(
                "The data key {id} does not open with its own master key: the database is damaged.\n"
            ));
        }
        text
    }

    fn plain(&self) -> String {
        let verdict = if self.passed { "passed" } else { "failed" };
        let mut rows = vec![[verdict.to_owned(), self.master_id.clone()]];
        let missing = self.missing.iter();
        rows.extend(missing.map(|key| ["missing".to_owned(), key.id.clone()]));
        let damaged = self.damaged.iter();
        rows.extend(damaged.map(|id| ["damaged".to_owned(), id.clone()]));
        render::lines(rows)
    }
}
