//! Exit codes: a published contract. The README and `embsec(1)` list this very table.

use std::fmt;
use std::process::ExitCode;

/// Done; or the answer is "yes, all good".
pub const DONE: u8 = 0;
/// The answer is "no".
pub const NO: u8 = 1;
/// What was asked can't be meant; trying again won't help.
pub const USAGE: u8 = 2;
/// Something that had to be checked could not be.
pub const INCOMPLETE: u8 = 3;
/// Refused.
pub const REFUSED: u8 = 4;
/// Unavailable; trying again can help.
pub const UNAVAILABLE: u8 = 5;
/// Integrity or authentication failed.
pub const INTEGRITY: u8 = 6;
/// A bug.
pub const INTERNAL: u8 = 7;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// [`DONE`].
    Done,
    /// [`NO`].
    No,
    /// [`USAGE`].
    Usage,
    /// [`INCOMPLETE`].
    Incomplete,
    /// [`REFUSED`].
    Refused,
    /// [`UNAVAILABLE`].
    Unavailable,
    /// [`INTEGRITY`].
    Integrity,
    /// [`INTERNAL`].
    Internal,
    /// [`INTERRUPTED`].
    Interrupted,
}

impl ExitKind {
    /// Every kind, in the order of the codes.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::No,
        Self::Usage,
        Self::Incomplete,
        Self::Refused,
        Self::Unavailable,
        Self::Integrity,
        Self::Internal,
        Self::Interrupted,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => DONE,
            Self::No => NO,
            Self::Usage => USAGE,
            Self::Incomplete => INCOMPLETE,
            Self::Refused => REFUSED,
            Self::Unavailable => UNAVAILABLE,
            Self::Integrity => INTEGRITY,
            Self::Internal => INTERNAL,
            Self::Interrupted => INTERRUPTED,
        }
    }

    /// What the number means, for the manual and the README.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; or the answer is \"yes, all good\"",
            Self::No => "the answer is \"no\": findings, or nothing matched",
            Self::Usage => {
                "usage or configuration is wrong, or what was named does not exist: nothing was \
                 done, and trying again won't help"
            }
            Self::Incomplete => {
                "incomplete: something that had to be checked could not be (never counted as good)"
            }
            Self::Refused => "refused: would overwrite, would lose data, or needs confirmation",
            Self::Unavailable => {
                "unavailable, trying again can help: a server that can't be reached, or a lock \
                 held by another process"
            }
            Self::Integrity => {
                "integrity or authentication failed: wrong key, tampered file, broken chain"
            }
            Self::Internal => "internal fault (a bug)",
            Self::Interrupted => {
                "interrupted; what is committed is consistent and the job can go on"
            }
        }
    }
}

impl From<ExitKind> for ExitCode {
    fn from(kind: ExitKind) -> Self {
        Self::from(kind.code())
    }
}

impl fmt::Display for ExitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_the_published_ones() {
        let codes: Vec<u8> = ExitKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    }
}
