//! `embsec backup verify`.

use super::opened::{DestinationArgs, IdentityArgs, Missing, opened, watched};
use crate::app::backup::Verification;
use crate::cli::context::Context;
use crate::cli::error::{CliError, chain};
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::cli::restore_test;
use serde::Serialize;

/// Verify a backup, up to a level, and say what each level proved
///
/// Level 0: every file is there and has its size. Level 1: every byte is the one that was signed.
/// Level 2: every segment opens, decodes and adds up to its table. Level 3: it can be restored.
/// Level 4: what was restored means what it meant. Levels 0 and 1 need no identity; levels 3 and 4
/// are those of `embsec restore-test`.
///
/// Exit code 0: the level holds. 3: it could not be reached, for want of an identity. 6: the
/// backup is not as it was made.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Its id, the beginning of it, or `newest`
    #[arg(value_name = "ID")]
    id: String,

    /// The level to prove, from 0 to 4
    #[arg(long, value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=4))]
    level: u8,

    #[command(flatten)]
    identity: IdentityArgs,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Verified {
    id: String,
    asked_level: u8,
    verified_level: Option<u8>,
    holds: bool,
    proven: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let identity = args.identity.read(context)?;
    let opened = opened(
        context,
        "backup verify",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let restores = args.level > 2 && identity.is_some();
    let looked = context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            let backups = &opened.backups;
            let id = opened.resolve(context, &args.id).await?;
            let level = args.level.min(2);
            let mut looked = backups.verify(&id, level, identity.as_ref(), watch).await?;
            looked.asked_level = args.level;
            Ok(looked)
        }))?;
    let verified = Verified::from(&looked);
    if restores && verified.fault.is_none() {
        return restore_test::as_level(context, &opened, &looked.id, identity, args.progress);
    }
    render::print(&context.ui, &verified)?;
    if looked.needs_identity {
        context.ui.hint(
            "Level 2 and above open the backup: name the identity of a recipient with \
             `--identity-file FILE`.",
        );
    }
    Ok(match (&looked.fault, looked.needs_identity) {
        (Some(_), _) => ExitKind::Integrity,
        (None, true) => ExitKind::Incomplete,
        (None, false) => ExitKind::Done,
    })
}

impl From<&Verification> for Verified {
    fn from(looked: &Verification) -> Self {
        Self {
            id: looked.id.to_string(),
            asked_level: looked.asked_level,
            verified_level: looked.reached_level,
            holds: looked.fault.is_none() && !looked.needs_identity,
            proven: looked.proven.clone(),
            fault: looked.fault.as_ref().map(|fault| chain(fault)),
        }
    }
}

impl Render for Verified {
    const SCHEMA: &'static str = "embsec.backup.verify/1";

    fn table(&self) -> String {
        let mut text = String::new();
        for (level, proven) in self.proven.iter().enumerate() {
            text.push_str(&format!("Level {level} holds: {proven}.\n"));
        }
        match (&self.fault, self.verified_level) {
            (Some(fault), _) => {
                let next = self.proven.len();
                text.push_str(&format!("Level {next} does NOT hold: {fault}.\n"));
            }
            (None, Some(level)) if level < self.asked_level => {
                text.push_str(&format!(
                    "Level {} was not tried: there is no identity to open the backup with.\n",
                    level + 1
                ));
            }
            (None, _) => {}
        }
        text
    }

    fn plain(&self) -> String {
        let verdict = if self.holds { "holds" } else { "fails" };
        render::lines([[
            self.id.clone(),
            self.verified_level
                .map_or_else(|| "-".to_owned(), |level| level.to_string()),
            verdict.to_owned(),
        ]])
    }
}
