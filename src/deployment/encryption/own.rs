//! The files of embsec's own database: what may be left in them of values that were in clear.

use super::TargetError;
use super::residue::{self, Residue, Scrubbing};
use crate::config::Environment;
use crate::config::database::{DatabaseConfig, Location};
use crate::deployment::database::server_url;
use crate::deployment::open::OpenError;
use crate::target::scrub::{ELSEWHERE_POSTGRES, ScrubNeeds, postgres_commands};
use std::path::{Path, PathBuf};

/// The table that holds texts and metadata.
const TABLE: &str = "embeddings";

/// What follows the name of the file in the name of a copy.
const COPY: &str = ".before-";

/// Where embsec's own database is.
pub enum OwnFiles {
    /// In this file.
    Sqlite(PathBuf),
    /// On a server; its name, without a password.
    Postgres(String),
}

impl OwnFiles {
    /// What the settings say.
    ///
    /// # Errors
    ///
    /// [`OpenError::DatabaseUrl`].
    pub fn of(config: &DatabaseConfig, environment: &Environment) -> Result<Self, OpenError> {
        Ok(match &config.location {
            Location::Sqlite(path) => Self::Sqlite(path.clone()),
            Location::Postgres(_) => Self::Postgres(server_url(config, environment)?.place()),
        })
    }

    /// The database in words that tell it from others, without a password.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => crate::deployment::transfer::file_name(path),
            Self::Postgres(name) => name.clone(),
        }
    }

    /// Copies that embsec made beside the file before it changed the schema. They hold what the
    /// file held then, and nothing in them is encrypted afterwards.
    #[must_use]
    pub fn copies(&self) -> Vec<PathBuf> {
        let Self::Sqlite(path) = self else {
            return Vec::new();
        };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Vec::new();
        };
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let begin = format!("{}{COPY}", name.to_string_lossy());
        let Ok(entries) = folder.read_dir() else {
            return Vec::new();
        };
        let is_copy = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with(&begin)
        };
        let mut copies: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(is_copy)
            .collect();
        copies.sort();
        copies
    }

    /// Whether old values may still be in unused parts of the file.
    #[must_use]
    pub fn is_unscrubbed(&self) -> bool {
        match self {
            Self::Sqlite(path) => residue::is_marked(path),
            Self::Postgres(_) => false,
        }
    }

    /// Notes, before anything is written, that values in clear may be left in a file.
    ///
    /// # Errors
    ///
    /// [`TargetError::File`].
    pub fn note_residue(&self) -> Result<(), TargetError> {
        match self {
            Self::Sqlite(path) => Ok(residue::mark(path)?),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Takes old values out of a file that has the note, if nobody else has it open. `begins` hears
    /// what it takes.
    ///
    /// # Errors
    ///
    /// [`TargetError::Scrub`], [`TargetError::File`].
    pub fn scrub(
        &self,
        temporary: &Path,
        begins: &dyn Fn(&ScrubNeeds),
    ) -> Result<Residue, TargetError> {
        match self {
            Self::Sqlite(path) => residue::scrub_tables(path, temporary, &[TABLE], begins),
            Self::Postgres(_) => Ok(Residue {
                scrubbing: Scrubbing::ByHand(postgres_commands(&[format!("embsec.{TABLE}")])),
                elsewhere: &ELSEWHERE_POSTGRES,
            }),
        }
    }
}
