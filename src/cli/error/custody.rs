//! From what goes wrong with copies of the keyring to exit codes and hints.

use super::{CliError, sentence};
use crate::app::custody::{BadShare, CustodyError};
use crate::cli::exit::ExitKind;
use crate::sys::fs::FsError;

impl From<CustodyError> for CliError {
    fn from(error: CustodyError) -> Self {
        let hint = hint_of(&error);
        let error = match error {
            CustodyError::App(error) => return error.into(),
            CustodyError::Store(error) => return error.into(),
            error => error,
        };
        let problems = match &error {
            CustodyError::BadShares { bad, .. } | CustodyError::SeveralSets(bad) => told(bad),
            _ => Vec::new(),
        };
        let kind = kind_of(&error);
        let error = Self {
            problems,
            ..Self::new(kind, error)
        };
        hint.into_iter().fold(error, Self::hinted)
    }
}

fn told(bad: &[BadShare]) -> Vec<String> {
    bad.iter().map(|share| sentence(share)).collect()
}

fn kind_of(error: &CustodyError) -> ExitKind {
    use CustodyError as E;
    match error {
        E::File(FsError::AlreadyExists { .. }) | E::Differs(_) => ExitKind::Refused,
        E::File(FsError::Io { .. }) if !is_not_found(error) => ExitKind::Unavailable,
        E::File(_)
        | E::NoFolder(_)
        | E::Recipient { .. }
        | E::SameHolder { .. }
        | E::HolderCount { .. }
        | E::Threshold(_)
        | E::Identity { .. }
        | E::NoIdentity(_) => ExitKind::Usage,
        E::Missing { .. } => ExitKind::Incomplete,
        E::Split(_) | E::NotAsWritten(_) | E::Audit(_) => ExitKind::Unavailable,
        E::Sealed { .. }
        | E::BadShares { .. }
        | E::SeveralSets(_)
        | E::NotTheSecret
        | E::NotAKeyring(_) => ExitKind::Integrity,
        E::Seal(_) | E::NotAsSplit | E::Store(_) | E::App(_) => ExitKind::Internal,
    }
}

fn is_not_found(error: &CustodyError) -> bool {
    matches!(error, CustodyError::File(error) if error.is_not_found())
}

fn hint_of(error: &CustodyError) -> Option<String> {
    use CustodyError as E;
    let hint = match error {
        E::File(FsError::AlreadyExists { .. }) => {
            "Nothing is ever overwritten. Choose another place."
        }
        E::File(FsError::OpenToOthers { path, .. }) => {
            return Some(format!("Run `chmod 600 {}`.", path.display()));
        }
        E::NoFolder(_) => "Make it first, or name another with `--out DIR`.",
        E::Recipient { .. } => "`age-keygen` makes an identity and prints its recipient, `age1…`.",
        E::SameHolder { .. } => "Each copy is for somebody else.",
        E::HolderCount { .. } => "Give `--to` once for each share, in their order, or not at all.",
        E::Threshold(_) => {
            "Choose `--threshold` between 2 and `--shares`; `embsec keys escrow` makes copies that \
             open alone."
        }
        E::Identity { .. } => "`age-keygen -o FILE` makes such a file.",
        E::NoIdentity(_) => "Give the holder's identity with `--identity-file FILE`.",
        E::Sealed { .. } => "Take another copy of it, or the identity of another recipient.",
        E::BadShares { .. } => {
            "Leave them out, if the others are enough, or take other copies of them."
        }
        E::SeveralSets(_) => "Give shares of one set only.",
        E::Missing { .. } => "Ask more holders for their shares.",
        E::NotTheSecret | E::NotAKeyring(_) => "Take another copy.",
        E::Differs(_) => {
            "A keyring is never overwritten. Move it away first, or write to another file with \
             `--out FILE`."
        }
        E::NotAsWritten(_) => "Check the disk, and try again.",
        E::Audit(_) => "Nothing is done unrecorded. Check the folder of the audit log.",
        _ => return None,
    };
    Some(hint.to_owned())
}
