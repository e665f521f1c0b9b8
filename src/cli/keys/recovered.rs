//! What `combine`, `recover` and `drill` share: the identities, and the keyring that was recovered.

mod recorded;

pub(super) use recorded::recover;

use crate::app::custody::{OpenCopy, Opener};
use crate::cli::error::CliError;
use crate::cli::render;
use crate::domain::count;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What opens sealed copies.
#[derive(clap::Args, Debug)]
pub(super) struct Identities {
    /// Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given
    /// several times
    #[arg(long, value_name = "FILE")]
    identity_file: Vec<PathBuf>,
}

impl Identities {
    /// Reads the files.
    pub(super) fn read(&self) -> Result<Opener, CliError> {
        Ok(Opener::read(&self.identity_file)?)
    }
}

/// A keyring that was recovered.
#[derive(Serialize)]
pub(super) struct Recovered {
    file: String,
    written: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_id: Option<String>,
    keyring_generation: u64,
    master_id: String,
    keys: usize,
    dry_run: bool,
}

impl Recovered {
    pub(super) fn new(copy: &OpenCopy, file: &Path, written: bool, dry_run: bool) -> Self {
        let facts = copy.facts();
        Self {
            file: file.display().to_string(),
            written: written && !dry_run,
            set_id: copy.set_id.clone(),
            keyring_generation: facts.generation,
            master_id: facts.master_id.to_string(),
            keys: facts.keys,
            dry_run,
        }
    }

    pub(super) fn table(&self) -> String {
        let Self {
            file,
            keyring_generation,
            ..
        } = self;
        let keys = count::keys(self.keys);
        let what = format!("the keyring of generation {keyring_generation} with {keys}");
        match (self.written, self.dry_run) {
            (true, _) => format!("Wrote {what} to \"{file}\".\n"),
            (false, true) => format!("The copy holds {what}; it would be in \"{file}\".\n"),
            (false, false) => format!("\"{file}\" is {what} already: nothing was written.\n"),
        }
    }

    pub(super) fn plain(&self) -> String {
        render::lines([[self.file.clone(), self.master_id.clone()]])
    }
}

/// The result of one of these commands.
macro_rules! result {
    ($name:ident, $schema:literal) => {
        #[derive(serde::Serialize)]
        #[serde(transparent)]
        struct $name(crate::cli::keys::recovered::Recovered);

        impl crate::cli::render::Render for $name {
            const SCHEMA: &'static str = $schema;

            fn table(&self) -> String {
                self.0.table()
            }

            fn plain(&self) -> String {
                self.0.plain()
            }
        }
    };
}
pub(super) use result;
