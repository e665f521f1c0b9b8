//! What in a source stands in the way of a move, and what its owner wants done about it.

use super::ids::Handle;
use super::record::Table;
use std::collections::BTreeMap;

/// How many findings of a kind are kept with their facts; the rest are counted.
pub const FINDINGS_SHOWN: usize = 20;

/// What is done about the findings. What is not asked for is not done: a finding that needs an
/// option that was not given stops the move before anything is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Embeddings that name another owner than their project has are taken as the project's.
    pub repair_owners: bool,
    /// Users whose handles cannot be taken over, by the handle of the source, and their new ones.
    /// Such a user arrives disabled.
    pub renames: BTreeMap<String, Handle>,
    /// Rows that embsec cannot hold are left out.
    pub skip_unusable: bool,
}

/// Kinds of findings, each settled by an option of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// An embedding names another owner than its project has, left so by a transfer.
    OldOwner,
    /// A user's handle is reserved, or no handle for embsec.
    UserHandle,
    /// A row that embsec cannot hold.
    Unusable,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::OldOwner, Self::UserHandle, Self::Unusable];

    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OldOwner => "old_owner",
            Self::UserHandle => "user_handle",
            Self::Unusable => "unusable",
        }
    }

    /// The option that settles it.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::OldOwner => "--repair-owners",
            Self::UserHandle => "--rename OLD=NEW",
            Self::Unusable => "--skip-unusable",
        }
    }
}

/// One thing in the source that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Kind.
    pub kind: FindingKind,
    /// The table in the words of embsec.
    pub table: Table,
    /// Which row, for people: a handle or an id. Never a text, a vector or metadata.
    pub row: String,
    /// What about it, as a fragment without a period.
    pub what: String,
    /// Whether the [`Repairs`] that were asked for settle it.
    pub settled: bool,
    /// How many rows it is about.
    pub rows: u64,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    shown: Vec<Finding>,
    counts: BTreeMap<FindingKind, FindingCount>,
}

/// How many rows the findings of a kind are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindingCount {
    /// All of them.
    pub all: u64,
    /// Those that no option settles.
    pub open: u64,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.kind).or_default();
        count.all += finding.rows;
        if !finding.settled {
            count.open += finding.rows;
        }
        let shown = self.shown.iter().filter(|shown| shown.kind == finding.kind);
        if shown.count() < FINDINGS_SHOWN {
            self.shown.push(finding);
        }
    }

    /// The first [`FINDINGS_SHOWN`] of each kind, in the order in which they were found.
    #[must_use]
    pub fn shown(&self) -> &[Finding] {
        &self.shown
    }

    /// How many rows those of this kind are about.
    #[must_use]
    pub fn count(&self, kind: FindingKind) -> FindingCount {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    /// How many rows no option settles: with any, nothing may be written.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.counts.values().map(|count| count.open).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_findings_are_counted_and_a_few_are_kept() {
        let mut findings = Findings::default();
        for row in 0..50 {
            findings.add(Finding {
                kind: FindingKind::Unusable,
                table: Table::Embeddings,
                row: row.to_string(),
                what: "a zero vector".to_owned(),
                settled: row % 2 == 0,
                rows: 2,
            });
        }
        assert_eq!(findings.shown().len(), FINDINGS_SHOWN);
        let count = findings.count(FindingKind::Unusable);
        assert_eq!((count.all, count.open), (100, 50));
        assert_eq!(findings.open(), 50);
        assert_eq!(findings.count(FindingKind::OldOwner).all, 0);
    }
}
