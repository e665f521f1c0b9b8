//! `embsec keys generate backup-recipient`.

use super::write_new;
use crate::app::new_secret;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::sys::fs;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use std::path::PathBuf;

/// No identity file of ours is near this size, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 16;

/// Make an age identity that opens backups, and print its recipient
///
/// The identity goes to a new file (0600), as `age-keygen` writes it; the recipient, `age1…`, is
/// what the host that makes backups is given. Whoever has the file can read every backup that is
/// made for the recipient: take it off that host, and keep a copy in a safe place.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write the identity to this new file, which only you can read; it is never printed
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

#[derive(Serialize)]
struct Made {
    recipient: String,
    file: String,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let new = new_secret::backup_identity(context.clock.as_ref());
    write_new(&args.out, new.file.expose_secret().as_bytes())?;
    let written =
        fs::read_private_file(&args.out, MAX_FILE_BYTES).map_err(CliError::unavailable)?;
    if !new_secret::is_identity_of(&written, &new.recipient) {
        let path = args.out.display();
        let error = anyhow::anyhow!("\"{path}\" does not read back as it was written");
        return Err(CliError::new(ExitKind::Integrity, error).hinted("Check the disk."));
    }
    let made = Made {
        recipient: new.recipient,
        file: args.out.display().to_string(),
    };
    render::print(&context.ui, &made)?;
    context.ui.warn(format_args!(
        "\"{}\" opens every backup that is made for this recipient, and without it none of them is \
         opened. It must not stay on the host that makes backups, which needs the recipient alone.",
        made.file
    ));
    Ok(ExitKind::Done)
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.keys.generate.backup-recipient/1";

    fn table(&self) -> String {
        self.plain()
    }

    fn plain(&self) -> String {
        format!("{}\n", self.recipient)
    }
}
