//! `embsec internal generate`.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::{completions, man};
use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Write the manual and the completions below a folder, as they are checked in
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    for (name, files) in [
        ("man", man::pages()?),
        ("completions", completions::files()?),
    ] {
        let folder = args.folder.join(name);
        write_all(&folder, &files).map_err(CliError::unavailable)?;
        context.ui.note(format_args!(
            "{} files are in \"{}\".",
            files.len(),
            folder.display()
        ));
    }
    Ok(ExitKind::Done)
}

fn write_all(folder: &Path, files: &[(String, String)]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make \"{}\"", folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write \"{}\"", path.display()))?;
    }
    Ok(())
}
