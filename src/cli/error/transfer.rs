//! From the errors of a move between databases to exit codes and hints.

use super::{CliError, sentence};
use crate::app::transfer::{Difference, RunError};
use crate::cli::exit::ExitKind;
use crate::deployment::{EmbapiError, OpenError, TransferOpenError};
use crate::domain::count::rows;
use crate::domain::findings::{FindingKind, Findings};
use crate::store::transfer::TransferError;

const NOTHING_WRITTEN: &str = "Nothing was written.";
const GO_ON: &str = "Run the same command again: it goes on from there.";

impl From<TransferOpenError> for CliError {
    fn from(error: TransferOpenError) -> Self {
        match error {
            TransferOpenError::Deployment(error) => error.into(),
            TransferOpenError::OtherSide(error) => of_other_side(error),
            TransferOpenError::Embapi(error) => of_embapi(error),
            TransferOpenError::Ambiguous(_) => Self::usage(error)
                .hinted("`--profile embapi` or `--profile embsec` says which to take."),
            TransferOpenError::Unknown(_) | TransferOpenError::Same(_) => {
                Self::usage(error).hinted("Check `--from`.")
            }
            TransferOpenError::Busy(_) => {
                Self::unavailable(error).hinted("Wait for the other process.")
            }
        }
    }
}

/// The hints of the other conversion are about the deployment's own settings.
fn of_other_side(error: OpenError) -> CliError {
    let hint = match &error {
        OpenError::WrongKeyring(_) | OpenError::DataKey(_) => {
            "Between databases of embsec the same keyring is needed: set `keyring.source` of this \
             deployment to the keyring of the source."
        }
        _ => "Check `--from`.",
    };
    CliError {
        hints: vec![hint.to_owned(), NOTHING_WRITTEN.to_owned()],
        ..CliError::from(error)
    }
}

fn of_embapi(error: EmbapiError) -> CliError {
    match &error {
        EmbapiError::Refused(_) => CliError::usage(error)
            .hinted("Check the user, the password and the database in the URL, and pg_hba.conf."),
        EmbapiError::NotEmbapi { .. } => CliError::usage(error).hinted(NOTHING_WRITTEN),
        EmbapiError::TooOld { .. } => CliError::refused(error).hinted(
            "Start the newest embapi on that database once: it brings its tables up to date itself.",
        ),
        EmbapiError::NoVectorExtension => CliError::usage(error)
            .hinted("Run `CREATE EXTENSION vector` in the database as a superuser."),
        EmbapiError::KeyNeeded(_) => CliError::usage(error).hinted(
            "Put the key of the embapi service into the variable ENCRYPTION_KEY, or name a file \
             with `--from-key-file`.",
        ),
        EmbapiError::Busy => CliError::unavailable(error).hinted("Wait for the other process."),
        EmbapiError::Unavailable(_) => CliError::unavailable(error).hinted(NOTHING_WRITTEN),
        EmbapiError::Fault(_) => CliError::internal(error),
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Findings(findings) => of_findings(&findings),
            RunError::Occupied(_) => Self::refused(error).hinted(format!(
                "{NOTHING_WRITTEN} A move needs an empty database: `embsec migrate up` makes the \
                 schema in one."
            )),
            RunError::OtherSource { .. } => Self::refused(error).hinted(format!(
                "{NOTHING_WRITTEN} Finish that one, or begin in an empty database."
            )),
            RunError::Transfer(error) => of_transfer(error),
            RunError::Differs(ref difference) => {
                let hint = match difference {
                    Difference::Search { .. } => {
                        "The rows are the same; the index or the extension may be damaged."
                    }
                    _ => "Run the same command again; if it stays so, one of the disks fails.",
                };
                Self::new(ExitKind::Integrity, error).hinted(hint)
            }
            RunError::Audit(_) => Self::unavailable(error)
                .hinted("Nothing is done unrecorded. Check the folder of the audit log."),
            RunError::Interrupted { .. } => Self::new(ExitKind::Interrupted, error).hinted(GO_ON),
        }
    }
}

fn of_transfer(error: TransferError) -> CliError {
    match error {
        TransferError::Store(error) => CliError::from(error).hinted(GO_ON),
        TransferError::ProviderKey { .. } => CliError::new(ExitKind::Integrity, error).hinted(
            "Check the key: ENCRYPTION_KEY or `--from-key-file` for a database of embapi, the \
             keyring for one of embsec.",
        ),
        TransferError::Unusable { .. } => CliError::refused(error)
            .hinted("`--skip-unusable` leaves such embeddings out; other rows have to be mended."),
    }
}

fn of_findings(findings: &Findings) -> CliError {
    let open = findings.open();
    let message = format!("{} of the source cannot be taken over as found", rows(open));
    let shown = findings.shown().iter().filter(|finding| !finding.settled);
    let problems = shown.map(|finding| {
        sentence(&format!(
            "{} {}: {}",
            finding.table, finding.row, finding.what
        ))
    });
    let mut error = CliError {
        problems: problems.collect(),
        ..CliError::refused(anyhow::Error::msg(message))
    };
    for kind in FindingKind::ALL {
        let count = findings.count(kind);
        if count.open > 0 {
            error = error.hinted(format!(
                "`{}` settles what is {} ({}). {NOTHING_WRITTEN}",
                kind.option(),
                kind.as_str(),
                rows(count.open)
            ));
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::findings::Finding;
    use crate::domain::record::Table;

    #[test]
    fn findings_are_listed_with_the_options_that_settle_them() {
        let mut findings = Findings::default();
        for (row, settled) in [("7", false), ("8", true)] {
            findings.add(Finding {
                kind: FindingKind::OldOwner,
                table: Table::Embeddings,
                row: row.to_owned(),
                what: "it names alice".to_owned(),
                settled,
                rows: 3,
            });
        }
        let error = CliError::from(RunError::Findings(Box::new(findings)));
        assert_eq!(error.kind(), ExitKind::Refused);
        assert_eq!(error.causes(), ["Embeddings 7: it names alice."]);
        assert_eq!(error.hints().len(), 1);
        assert!(error.hints()[0].contains("--repair-owners"));
        assert!(error.message().contains("3 rows"));
    }
}
