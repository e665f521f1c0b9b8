//! `embsec keys escrow`.

use crate::app::custody::{Holder, KeyringFacts};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::count;
use serde::Serialize;
use std::path::PathBuf;

/// Seal a copy of the keyring for recipients, to be kept apart from backups
///
/// The copy is a file of age: each recipient opens it alone, with `embsec keys recover` or with
/// `age --decrypt`. Keep it apart from the database and its backups: with both, one of the
/// identities is all that it takes to read everything.
///
/// It holds the keyring as it is now: make a new copy after every rotation, and prove it with
/// `embsec keys drill`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Seal it for this recipient (age1…); may be given several times
    #[arg(long, value_name = "RECIPIENT", required = true)]
    to: Vec<String>,

    /// Write the copy to this new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Check the recipients and the file, and make nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Made {
    file: String,
    recipients: Vec<String>,
    keyring_generation: u64,
    master_id: String,
    keys: usize,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let holders = Holder::parse_all(&args.to)?;
    let facts = console::run(context, "keys escrow", async |app, call| {
        if args.dry_run {
            app.check_escrow(&args.out)?;
            return Ok(app.keyring_facts());
        }
        Ok(app.escrow_keyring(call, &holders, &args.out).await?.keyring)
    })?;
    render::report(&context.ui, &Made::new(args, &holders, &facts))?;
    if !args.dry_run {
        context.ui.hint(
            "Keep it apart from the database and its backups. `embsec keys drill --escrow FILE \
             --identity-file FILE` proves that it opens the keys.",
        );
    }
    Ok(ExitKind::Done)
}

impl Made {
    fn new(args: &Args, holders: &[Holder], facts: &KeyringFacts) -> Self {
        Self {
            file: args.out.display().to_string(),
            recipients: holders.iter().map(ToString::to_string).collect(),
            keyring_generation: facts.generation,
            master_id: facts.master_id.to_string(),
            keys: facts.keys,
            dry_run: args.dry_run,
        }
    }
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.escrow/1";

    fn table(&self) -> String {
        let verb = if self.dry_run { "Would seal" } else { "Sealed" };
        let recipients = self.recipients.iter().map(|name| [name.clone()]);
        format!(
            "{verb} the keyring of generation {} with {} to \"{}\".\n\n{}",
            self.keyring_generation,
            count::keys(self.keys),
            self.file,
            render::table(["RECIPIENT"], recipients)
        )
    }

    fn plain(&self) -> String {
        render::lines([[self.file.clone(), self.master_id.clone()]])
    }
}
