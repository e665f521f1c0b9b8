//! `embsec keys rotate admin`.

use crate::app::rotation::RotatedAdminKey;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::grace;
use crate::cli::render::{self, Render};
use crate::sys::fs;
use jiff::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Replace the administrator's key and print the new one
///
/// The key before ends at once, or after the time of `--grace`, in which both work. A key that the
/// settings give (`api.admin_key`, `SERVICE_ADMINKEY`) is replaced there.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How long the key before still works, such as 24h or 7d
    #[arg(long, value_name = "TIME", default_value = "0s")]
    grace: String,

    /// Write the new key to this file, which it replaces, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Check that the key can be replaced, and replace nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let grace = grace::read(&args.grace)?;
    let config = context.config()?;
    if config.api.admin_key.is_some() {
        return Err(CliError::refused(anyhow::anyhow!(
            "the administrator's key is given by `api.admin_key` (SERVICE_ADMINKEY)"
        ))
        .hinted(
            "Replace it there and restart the servers; `embsec keys generate admin` makes a new \
             one.",
        ));
    }
    let rotated = console::run(context, "keys rotate admin", async |app, call| {
        let new = app.new_admin_key(grace)?;
        if args.dry_run {
            return Ok(new);
        }
        match &args.out {
            None => app.replace_admin_key(call, &new).await?,
            Some(out) => {
                // Kept before it is in use, and under its name only then: whatever happens in
                // between, the key that is in use is in a file.
                let out = std::fs::canonicalize(out).unwrap_or_else(|_| out.clone());
                let waiting = waiting_place(&out);
                write(&waiting, &new)?;
                app.replace_admin_key(call, &new).await?;
                fs::move_into_place(&waiting, &out).map_err(|error| {
                    CliError::unavailable(error).hinted(format!(
                        "The new key is in use, and is in \"{}\".",
                        waiting.display()
                    ))
                })?;
            }
        }
        Ok(new)
    })?;
    let is_shown = args.out.is_none() && !args.dry_run;
    let result = Rotated {
        api_key: is_shown.then(|| rotated.api_key.reveal().to_owned()),
        file: args.out.as_ref().map(|path| path.display().to_string()),
        grace_until: rotated.grace_until,
        dry_run: args.dry_run,
    };
    if is_shown {
        render::print_once(&context.ui, &result).map_err(|error| {
            error.hinted("The new key is in use already: run the same command again for another.")
        })?;
    } else {
        render::report(&context.ui, &result)?;
    }
    if !args.dry_run {
        tell_former(context, &result);
    }
    Ok(ExitKind::Done)
}

fn tell_former(context: &Context, rotated: &Rotated) {
    match rotated.grace_until {
        Some(until) => context.ui.note(format_args!(
            "The key before works until {}.",
            render::time(until)
        )),
        None => context.ui.note("The key before has ended."),
    }
    if rotated.file.is_none() {
        context.ui.hint(
            "Replace it wherever it is kept, as in the file `admin.key`, which `--out` does.",
        );
    }
}

/// The file beside `out` in which the new key waits.
fn waiting_place(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    out.with_file_name(name)
}

fn write(path: &Path, new: &RotatedAdminKey) -> Result<(), CliError> {
    let line = zeroize::Zeroizing::new(format!("{}\n", new.api_key.reveal()));
    fs::replace_secret_file(path, line.as_bytes())
        .map_err(|error| CliError::unavailable(error).hinted("Nothing was changed."))
}

/// The new key, or where it is.
#[derive(Serialize)]
struct Rotated {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_until: Option<Timestamp>,
    dry_run: bool,
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.admin/1";

    fn table(&self) -> String {
        match &self.file {
            _ if self.dry_run => "The administrator's key would be replaced.\n".to_owned(),
            Some(file) => format!("The new key is in \"{file}\".\n"),
            None => self.plain(),
        }
    }

    fn plain(&self) -> String {
        let shown = self.api_key.as_ref().or(self.file.as_ref());
        shown.map(|text| format!("{text}\n")).unwrap_or_default()
    }
}
