//! `embsec backup decode`.

use super::opened::{DestinationArgs, IdentityArgs, Missing, opened, watched};
use crate::app::backup::Part;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::sys::fs;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Turn a part of a backup back into what it was
///
/// A table comes out as `COPY … FROM STDIN (FORMAT binary)` takes it, or as the text format of `COPY`
/// where the backup holds it so. A file comes out as it was. What is written has its name only once
/// every byte of it was proven.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("part").required(true).args(["table", "file", "segment"])))]
pub(crate) struct Args {
    /// The id of the backup, the beginning of it, or `newest`
    #[arg(value_name = "ID")]
    id: String,

    /// A table: SCHEMA.NAME
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,

    /// A file, by a name that `embsec backup show ID --identity-file FILE` lists
    #[arg(long, value_name = "NAME")]
    file: Option<String>,

    /// One segment, by its number, from 1
    #[arg(long, value_name = "NUMBER")]
    segment: Option<usize>,

    /// Write it to this new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    #[command(flatten)]
    identity: IdentityArgs,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Decoded {
    id: String,
    part: String,
    file: String,
    size_bytes: u64,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let identity = args.identity.require(context)?;
    let part = match (&args.table, &args.file, args.segment) {
        (Some(table), ..) => Part::Table(table.clone()),
        (None, Some(file), _) => Part::File(file.clone()),
        (None, None, number) => Part::Segment(number.unwrap_or(0)),
    };
    let opened = opened(
        context,
        "backup decode",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let target = NewFile::create(&args.out)?;
    let decoded = context
        .runtime()?
        .block_on(watched(context, args.progress, async |watch| {
            let backups = &opened.backups;
            let id = opened.resolve(context, &args.id).await?;
            let backup = backups.open_with(&id, &identity).await?;
            let mut out = BufWriter::with_capacity(1 << 20, &target.file);
            let size_bytes = backup.decode(&part, &mut out, watch).await?;
            out.flush().map_err(|error| target.failed(error))?;
            Ok((id, size_bytes))
        }));
    let (id, size_bytes) = decoded?;
    target.keep()?;
    let decoded = Decoded {
        id: id.to_string(),
        part: part.to_string(),
        file: args.out.display().to_string(),
        size_bytes,
    };
    render::report(&context.ui, &decoded)?;
    Ok(ExitKind::Done)
}

/// A file that has its name only once it is whole; until then it is beside it, and goes with this
/// value.
struct NewFile {
    file: File,
    partial: PathBuf,
    path: PathBuf,
}

impl NewFile {
    fn create(path: &Path) -> Result<Self, CliError> {
        if path.symlink_metadata().is_ok() {
            return Err(CliError::refused(anyhow::anyhow!(
                "\"{}\" exists already",
                path.display()
            ))
            .hinted("A file is never overwritten. Name another with `--out FILE`."));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(name);
        Ok(Self {
            file: fs::create_private_file(&partial).map_err(CliError::usage)?,
            partial,
            path: path.to_owned(),
        })
    }

    fn failed(&self, error: std::io::Error) -> CliError {
        CliError::unavailable(fs::cannot("write", &self.path, error))
    }

    fn keep(&self) -> Result<(), CliError> {
        self.file.sync_all().map_err(|error| self.failed(error))?;
        fs::move_into_place(&self.partial, &self.path).map_err(CliError::unavailable)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Moved away, where everything went well.
        fs::remove_file_if_there(&self.partial).unwrap_or_default();
    }
}

impl Render for Decoded {
    const SCHEMA: &'static str = "embsec.backup.decode/1";

    fn table(&self) -> String {
        format!(
            "Wrote the {} of the backup {}, {}, to \"{}\".\n",
            self.part,
            self.id,
            render::bytes(self.size_bytes),
            self.file
        )
    }

    fn plain(&self) -> String {
        render::lines([[self.file.clone(), self.size_bytes.to_string()]])
    }
}
