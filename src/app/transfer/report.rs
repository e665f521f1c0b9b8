//! What a run did and found.

use super::sync::Synced;
use super::verify::Verified;
use crate::domain::audit::Details;
use crate::domain::count;
use crate::domain::findings::Findings;
use crate::domain::record::Table;
use std::fmt;

/// How many rows were, or would be, written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New ones.
    pub inserted: u64,
    /// Changed ones.
    pub updated: u64,
    /// Removed ones.
    pub deleted: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.inserted + self.updated + self.deleted
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReport {
    /// Which.
    pub table: Table,
    /// Rows of the source.
    pub rows: u64,
    /// What was, or would be, written.
    pub counts: Counts,
    /// The checksum that source and destination share; `None` when nothing was compared.
    pub checksum: Option<String>,
}

/// A run that did what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was found in the source and settled by the options.
    pub findings: Findings,
    /// Every table, in the order of [`Table::ALL`].
    pub tables: Vec<TableReport>,
    /// Searches that gave the same on both sides.
    pub searches: u64,
    /// Whether something was written.
    pub applied: bool,
    /// Whether the transfer has ended.
    pub finished: bool,
}

impl Report {
    pub(super) fn planned(findings: Findings, synced: &Synced) -> Self {
        Self {
            findings,
            tables: tables(synced, |_| None),
            searches: 0,
            applied: false,
            finished: false,
        }
    }

    pub(super) fn done(
        findings: Findings,
        synced: &Synced,
        verified: &Verified,
        finished: bool,
    ) -> Self {
        let checksum = |table| verified.checksums.get(&table).cloned();
        Self {
            findings,
            tables: tables(synced, checksum),
            searches: verified.searches,
            applied: true,
            finished,
        }
    }

    /// All that was, or would be, written.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.tables.iter().fold(Counts::default(), |sum, table| {
            let Counts {
                inserted,
                updated,
                deleted,
            } = table.counts;
            Counts {
                inserted: sum.inserted + inserted,
                updated: sum.updated + updated,
                deleted: sum.deleted + deleted,
            }
        })
    }

    /// The facts for the audit log.
    pub(super) fn details(&self) -> Details {
        let counts = self.counts();
        Details::from_iter([
            ("phase".to_owned(), "ended".into()),
            ("inserted".to_owned(), counts.inserted.into()),
            ("updated".to_owned(), counts.updated.into()),
            ("deleted".to_owned(), counts.deleted.into()),
            ("finished".to_owned(), self.finished.into()),
        ])
    }
}

fn tables(synced: &Synced, checksum: impl Fn(Table) -> Option<String>) -> Vec<TableReport> {
    synced
        .tables
        .iter()
        .map(|(table, done)| TableReport {
            table: *table,
            rows: done.source.rows(),
            counts: done.counts,
            checksum: checksum(*table),
        })
        .collect()
}

/// Where source and destination are not equal although they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A table has another number of rows.
    Rows {
        /// Which.
        table: Table,
        /// Rows of the source.
        source: u64,
        /// Rows of the destination.
        destination: u64,
    },
    /// A table has the same number of rows, and others.
    Checksum(Table),
    /// A search gives something else.
    Search {
        /// The row whose vector was searched for.
        embedding: i64,
        /// In which project.
        project: i64,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows {
                table,
                source,
                destination,
            } => write!(
                f,
                "the table {table}: {} here, {destination} there",
                count::rows(*source)
            ),
            Self::Checksum(table) => write!(f, "the table {table}: its checksums are not the same"),
            Self::Search { embedding, project } => write!(
                f,
                "a search in project {project} for the vector of embedding {embedding}"
            ),
        }
    }
}
