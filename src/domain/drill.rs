//! Drills: proofs that the keys could be recovered from what is kept elsewhere.

use super::key::KeyId;
use jiff::Timestamp;

/// From what the keys were recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillKind {
    /// The escrow bundle.
    Escrow,
    /// Shares of the keyring.
    Shares,
}

impl DrillKind {
    /// The word in the database and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escrow => "escrow",
            Self::Shares => "shares",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Escrow, Self::Shares]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A drill and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drill {
    /// From what.
    pub kind: DrillKind,
    /// When.
    pub at: Timestamp,
    /// The master key that was the active one then.
    pub master_id: KeyId,
    /// Whether everything could be opened.
    pub passed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_back_from_its_word() {
        for kind in [DrillKind::Escrow, DrillKind::Shares] {
            assert_eq!(DrillKind::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(DrillKind::from_word("Escrow"), None);
    }
}
