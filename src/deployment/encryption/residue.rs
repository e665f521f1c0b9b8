//! What may be left of values that were in clear, and taking it away.
//!
//! A file beside a SQLite database says that its files may still hold such values. It is made
//! before the first value is written and goes when they are scrubbed, so that a run that was
//! killed, or that found the database in use, is not forgotten.

use super::TargetError;
use crate::sys::fs::{self, FsError};
use crate::target::scrub::sqlite::{needs, scrub as scrub_file};
use crate::target::scrub::{
    ELSEWHERE_POSTGRES, ELSEWHERE_SQLITE, ScrubNeeds, Scrubbed, postgres_commands,
};
use crate::target::table::Table;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the name of the mark ends with.
const SUFFIX: &str = ".embsec-unscrubbed";
/// What the mark says to who finds it.
const TEXT: &[u8] =
    b"Values that were encrypted here may still be in clear in unused parts of the \
database's files. `embsec migrate encrypt --scrub-only --database FILE` takes them out and removes \
this file.\n";

/// How far the files of a database are free of old values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scrubbing {
    /// They are.
    Done,
    /// Nothing was written that could have left any.
    NotNeeded,
    /// Somebody else has the file open; it will take this.
    InUse(ScrubNeeds),
    /// The server keeps old values until these commands are run.
    ByHand(Vec<String>),
}

/// What may be left, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residue {
    /// In the database's own files.
    pub scrubbing: Scrubbing,
    /// Elsewhere, where embsec cannot reach: sentences.
    pub elsewhere: &'static [&'static str],
}

impl Residue {
    /// Of a database on a server.
    pub(super) fn of_server(tables: &[Table]) -> Self {
        let tables: Vec<String> = tables.iter().map(Table::quoted).collect();
        Self {
            scrubbing: Scrubbing::ByHand(postgres_commands(&tables)),
            elsewhere: &ELSEWHERE_POSTGRES,
        }
    }
}

/// Notes that values in clear may be left, before there are any.
pub(super) fn mark(database: &Path) -> Result<(), FsError> {
    match fs::write_new_file(&mark_of(database), TEXT, 0o600) {
        Err(FsError::AlreadyExists { .. }) => Ok(()),
        other => other,
    }
}

/// Whether such values may be left.
pub(super) fn is_marked(database: &Path) -> bool {
    mark_of(database).exists()
}

/// Scrubs the files of a database that is marked. `begins` hears what it takes, once it begins.
pub(super) fn scrub(
    database: &Path,
    temporary: &Path,
    tables: &[Table],
    begins: &dyn Fn(&ScrubNeeds),
) -> Result<Residue, TargetError> {
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    scrub_tables(database, temporary, &names, begins)
}

/// As [`scrub`], of tables by their names.
pub(super) fn scrub_tables(
    database: &Path,
    temporary: &Path,
    names: &[&str],
    begins: &dyn Fn(&ScrubNeeds),
) -> Result<Residue, TargetError> {
    let mark = mark_of(database);
    let scrubbing = if is_marked(database) {
        match scrub_file(database, temporary, names, begins).map_err(TargetError::Scrub)? {
            Scrubbed::Done { .. } => {
                unmark(&mark)?;
                Scrubbing::Done
            }
            Scrubbed::InUse => {
                Scrubbing::InUse(needs(database, temporary).map_err(TargetError::Scrub)?)
            }
        }
    } else {
        Scrubbing::NotNeeded
    };
    Ok(Residue {
        scrubbing,
        elsewhere: &ELSEWHERE_SQLITE,
    })
}

fn unmark(mark: &Path) -> Result<(), FsError> {
    match std::fs::remove_file(mark) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(FsError::Io {
            action: "remove",
            path: mark.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

fn mark_of(database: &Path) -> PathBuf {
    let real = database
        .canonicalize()
        .unwrap_or_else(|_| database.to_owned());
    let mut name = real.file_name().unwrap_or_default().to_owned();
    name.push(SUFFIX);
    real.with_file_name(name)
}
