//! `embsec keys split`.

use crate::app::custody::{Holder, KeyringFacts, SplitPlan};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use serde::Serialize;
use std::path::PathBuf;

/// Split the keyring into shares for several holders
///
/// Any `--threshold` of the shares give the keyring back (`embsec keys combine`); fewer tell nothing
/// of it. Each share is a file of its own, `embsec-share-1-of-N` and so on, which is never
/// overwritten. With `--to` each is sealed for its holder and opens with their identity only, with
/// embsec or with age.
///
/// The shares are written, read back and combined before anything is said to be done. They hold the
/// keyring as it is now: split it again after every rotation.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How many shares to make
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..))]
    shares: u8,

    /// How many of them give the keyring back
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..))]
    threshold: u8,

    /// Seal a share for this recipient (age1…); once for each share, in their order
    #[arg(long, value_name = "RECIPIENT")]
    to: Vec<String>,

    /// Write the shares into this folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,

    /// Say which files would be made, and make none
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Made {
    #[serde(skip_serializing_if = "Option::is_none")]
    set_id: Option<String>,
    threshold: u8,
    shares: Vec<Share>,
    keyring_generation: u64,
    master_id: String,
    dry_run: bool,
}

#[derive(Serialize)]
struct Share {
    index: u8,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let holders = Holder::parse_all(&args.to)?;
    let plan = SplitPlan::new(args.shares, args.threshold, holders, &args.out)?;
    let (set_id, facts) = console::run(context, "keys split", async |app, call| {
        if args.dry_run {
            return Ok((None, app.keyring_facts()));
        }
        let split = app.split_keyring(call, &plan).await?;
        Ok((Some(split.set_id), split.keyring))
    })?;
    render::report(&context.ui, &Made::new(&plan, set_id, &facts))?;
    if !args.dry_run {
        context.ui.hint(
            "Give each share to its holder and remove it here. `embsec keys drill --shares FILE…` \
             proves that they open the keys.",
        );
    }
    Ok(ExitKind::Done)
}

impl Made {
    fn new(plan: &SplitPlan, set_id: Option<String>, facts: &KeyringFacts) -> Self {
        let shares = plan.shares().iter().map(|share| Share {
            index: share.index,
            file: share.file.display().to_string(),
            recipient: share.holder.as_ref().map(ToString::to_string),
        });
        Self {
            dry_run: set_id.is_none(),
            set_id,
            threshold: plan.needed(),
            shares: shares.collect(),
            keyring_generation: facts.generation,
            master_id: facts.master_id.to_string(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = [String; 3]> {
        self.shares.iter().map(|share| {
            [
                share.index.to_string(),
                share.file.clone(),
                share.recipient.clone().unwrap_or_default(),
            ]
        })
    }
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.split/1";

    fn table(&self) -> String {
        let (total, needed) = (self.shares.len(), self.threshold);
        let what = match &self.set_id {
            Some(set) => format!("Made {total} shares of the set {set}"),
            None => format!("Would make {total} shares"),
        };
        let rows = render::table(["SHARE", "FILE", "FOR"], self.rows());
        format!("{what}; any {needed} of them give the keyring back.\n\n{rows}")
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
