//! What `import` and `export` have in common: the other side, a stop by Ctrl-C, the result.

use crate::app::job::Stop;
use crate::app::transfer::{Report, RunError, RunOptions};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::progress::ProgressArgs;
use crate::cli::render;
use crate::config::database::Location;
use crate::config::secret::{SecretError, SecretRef};
use crate::deployment::{OtherSide, Transfer};
use crate::domain::count::rows;
use crate::domain::findings::{FindingKind, Findings};
use crate::domain::postgres_url::PostgresUrl;
use secrecy::SecretString;
use serde::Serialize;
use std::path::Path;

/// Takes what names the database on the other side. Relative paths start where the command runs.
pub(in crate::cli) fn other_side(
    context: &Context,
    option: &str,
    text: &str,
) -> Result<OtherSide, CliError> {
    let wrong = |fault: crate::config::Fault| {
        CliError::usage(anyhow::Error::new(fault).context(format!("`{option}` cannot be used")))
    };
    let location = Location::parse(text, Path::new("")).map_err(wrong)?;
    let given = PostgresUrl::is_meant_by(text);
    match location.postgres_url(&context.environment).map_err(wrong)? {
        Some(url) => {
            if given && url.has_password() {
                context.ui.warn(format_args!(
                    "The password in `{option}` can be read in the list of processes. \
                     `{option} env:NAME`, `{option} file:PATH` or PGPASSFILE keep it out."
                ));
            }
            Ok(OtherSide::Postgres(url))
        }
        None => match location {
            Location::Sqlite(path) => Ok(OtherSide::Sqlite(path)),
            Location::Postgres(_) => Err(CliError::usage(anyhow::anyhow!(
                "`{option}` names no database"
            ))),
        },
    }
}

/// The text that embapi has as `ENCRYPTION_KEY`: of a file, or of the variable of that name.
pub(in crate::cli) fn encryption_key(
    context: &Context,
    file: Option<&Path>,
) -> Result<Option<SecretString>, CliError> {
    let Some(file) = file else {
        let variable = context.environment.filled("ENCRYPTION_KEY");
        return Ok(variable.map(|text| SecretString::from(text.to_owned())));
    };
    let wrong = |error: SecretError| {
        let hint = error.hint();
        let error = anyhow::Error::new(error).context("the key cannot be read");
        hint.into_iter()
            .fold(CliError::usage(error), CliError::hinted)
    };
    let reference = format!("file:{}", file.display());
    let reference = SecretRef::parse(&reference, Path::new("")).map_err(wrong)?;
    reference
        .map(|reference| reference.resolve(&context.environment).map_err(wrong))
        .transpose()
}

/// Runs a move until it is done, or ends it with its batch at the first Ctrl-C and at once at the
/// second.
pub(super) async fn run(
    context: &Context,
    command: &str,
    transfer: Transfer,
    options: RunOptions,
    progress: ProgressArgs,
) -> Result<Moved, CliError> {
    let source = transfer.source_name().to_owned();
    let stop = Stop::default();
    let teller = progress.teller(&context.ui);
    let origin = console::origin(context, command);
    let work = transfer.run(origin, options, &teller, stop.clone());
    let asked_twice = async {
        for _ in 0..2 {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            stop.ask();
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = asked_twice => Err(RunError::Interrupted { rows: 0 }),
    };
    drop(teller);
    let report = done?;
    Ok(Moved::new(source, &report, options.dry_run))
}

/// What was done, or would be.
#[derive(Serialize)]
pub(super) struct Moved {
    source: String,
    dry_run: bool,
    finished: bool,
    inserted: u64,
    updated: u64,
    deleted: u64,
    searches_compared: u64,
    findings: Vec<Found>,
    tables: Vec<Table>,
}

/// What was found in the source, and settled.
#[derive(Serialize)]
struct Found {
    kind: &'static str,
    rows: u64,
}

#[derive(Serialize)]
struct Table {
    table: &'static str,
    rows: u64,
    inserted: u64,
    updated: u64,
    deleted: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

impl Moved {
    fn new(source: String, report: &Report, dry_run: bool) -> Self {
        let counts = report.counts();
        let tables = report.tables.iter().map(|table| Table {
            table: table.table.name(),
            rows: table.rows,
            inserted: table.counts.inserted,
            updated: table.counts.updated,
            deleted: table.counts.deleted,
            checksum: table.checksum.clone(),
        });
        Self {
            source,
            dry_run,
            finished: report.finished,
            inserted: counts.inserted,
            updated: counts.updated,
            deleted: counts.deleted,
            searches_compared: report.searches,
            findings: found(&report.findings),
            tables: tables.collect(),
        }
    }

    /// For people, behind a sentence that the command begins.
    pub(super) fn table(&self, done: &str, would: &str) -> String {
        let verb = if self.dry_run { would } else { done };
        let rows = render::table(
            ["TABLE", "ROWS", "INSERTED", "UPDATED", "DELETED"],
            self.tables.iter().map(|table| {
                let [rows, inserted, updated, deleted] =
                    [table.rows, table.inserted, table.updated, table.deleted]
                        .map(|number| number.to_string());
                [table.table.to_owned(), rows, inserted, updated, deleted]
            }),
        );
        let verified = if self.dry_run {
            String::new()
        } else {
            format!(
                "\nVerified: every table has the same checksum on both sides, and {} searches gave \
                 the same.\n",
                self.searches_compared
            )
        };
        format!("{verb}\n\n{rows}{verified}")
    }

    /// For scripts.
    pub(super) fn plain(&self) -> String {
        render::lines(self.tables.iter().map(|table| {
            let [rows, inserted, updated, deleted] =
                [table.rows, table.inserted, table.updated, table.deleted]
                    .map(|number| number.to_string());
            let checksum = table.checksum.clone().unwrap_or_default();
            [
                table.table.to_owned(),
                rows,
                inserted,
                updated,
                deleted,
                checksum,
            ]
        }))
    }

    /// Says which findings the options settled.
    pub(super) fn tell_findings(&self, context: &Context) {
        for found in &self.findings {
            context.ui.note(format_args!(
                "Settled by an option: {} with {}.",
                rows(found.rows),
                found.kind
            ));
        }
    }

    pub(super) const fn source(&self) -> &str {
        self.source.as_str()
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.finished
    }
}

fn found(findings: &Findings) -> Vec<Found> {
    FindingKind::ALL
        .into_iter()
        .map(|kind| Found {
            kind: kind.as_str(),
            rows: findings.count(kind).all,
        })
        .filter(|found| found.rows > 0)
        .collect()
}
