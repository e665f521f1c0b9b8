//! `embsec restore-test`.

mod metrics;

use super::backup::{DestinationArgs, IdentityArgs, Missing, Opened, opened, watched};
use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use super::healthcheck;
use super::migrate::encryption::temporary_folder;
use super::migrate::transfer::{encryption_key, other_side};
use super::progress::ProgressArgs;
use super::render::{self, Render};
use crate::app::backup::{BackupError, DrillTimes, DrillVerdict, Identities, OpenBackup, Watch};
use crate::app::restore::drill::{DrillReport, Finding, next_in_turn, worse};
use crate::deployment::OtherSide;
use crate::deployment::backup::{Sealed, Throwaway, ThrowawayRequest, prove_keys};
use crate::domain::backup::BackupId;
use secrecy::SecretString;
use serde::Serialize;
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;

/// Restore a backup into a throwaway place, and prove that it means what it meant
///
/// A PostgreSQL backup is restored into a server that is started for the test, on a unix socket, by
/// the user `restore_test.user` when root runs this; or into a new database on the server of
/// `--into`. A SQLite backup is restored into a temporary file. Rows, checksums, foreign keys and
/// recorded searches are compared, and the keyring must open what is sealed. The result is signed
/// into the catalogue.
///
/// If `restore_test.healthcheck_url` is set, it is told how the test ended.
///
/// Exit code 0: ok. 1: something does not hold. 3: something could not be checked, which never
/// counts as ok. 6: the backup is not as it was made.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("which").args(["id", "newest", "rotate"])))]
pub(crate) struct Args {
    /// The id of the backup or the beginning of it; the newest one when none is named
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// The newest backup
    #[arg(long)]
    newest: bool,

    /// The newest one, and the one whose last test is the longest ago: so every backup has its turn
    #[arg(long)]
    rotate: bool,

    /// Restore into a new database on this server, which is dropped again
    #[arg(long, value_name = "URL")]
    into: Option<String>,

    /// For a backup of embapi or llm-proxy: the file of its key, which is else taken from the
    /// variable `ENCRYPTION_KEY`
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,

    /// Write how it ended to this file, for the textfile collector of Prometheus
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,

    #[command(flatten)]
    identity: IdentityArgs,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Tested {
    backup_id: String,
    verdict: &'static str,
    rpo_secs: u64,
    rto_data_secs: Option<f64>,
    rto_index_secs: Option<f64>,
    rows: u64,
    checks: Vec<Check>,
    trend: Vec<Times>,
    /// Tests of other backups in the same run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Self>,
}

#[derive(Serialize)]
struct Check {
    result: &'static str,
    what: String,
}

#[derive(Serialize)]
struct Times {
    rpo_secs: u64,
    rto_data_secs: Option<f64>,
    rto_index_secs: Option<f64>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opened = opened(
        context,
        "restore-test",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let done = tests(context, args, &opened);
    let url = opened.config.restore_test.healthcheck_url.as_ref();
    let went_well = matches!(&done, Ok((_, DrillVerdict::Ok)));
    healthcheck::tell(context, url, went_well);
    let (tested, verdict) = done?;
    if verdict == DrillVerdict::Ok {
        render::report(&context.ui, &tested)?;
    } else {
        render::print(&context.ui, &tested)?;
    }
    Ok(kind_of(verdict))
}

const fn kind_of(verdict: DrillVerdict) -> ExitKind {
    match verdict {
        DrillVerdict::Ok => ExitKind::Done,
        DrillVerdict::Fail => ExitKind::No,
        DrillVerdict::Inconclusive => ExitKind::Incomplete,
        DrillVerdict::Tampered => ExitKind::Integrity,
    }
}

/// What a test is made with.
struct Means<'a> {
    context: &'a Context,
    opened: &'a Opened,
    identity: Option<Identities>,
    service_key: Option<SecretString>,
    into: Option<OtherSide>,
}

fn tests(
    context: &Context,
    args: &Args,
    opened: &Opened,
) -> Result<(Tested, DrillVerdict), CliError> {
    let into = args.into.as_ref();
    let means = Means {
        context,
        opened,
        identity: args.identity.read(context)?,
        service_key: encryption_key(context, args.key_file.as_deref())?,
        into: into
            .map(|url| other_side(context, "--into", url))
            .transpose()?,
    };
    let (first, others) =
        context
            .runtime()?
            .block_on(watched(context, args.progress, async |watch| {
                let (newest, older) = chosen(context, args, opened).await?;
                let first = means.test(&newest, watch).await?;
                let mut others = Vec::new();
                for id in older {
                    others.push(means.test(&id, watch).await?);
                }
                Ok((first, others))
            }))?;
    if let Some(path) = &args.metrics_file {
        let reports: Vec<&DrillReport> = iter::once(&first).chain(&others).collect();
        metrics::write(context, path, &reports)?;
    }
    let verdict = others
        .iter()
        .map(|report| report.verdict)
        .fold(first.verdict, worse);
    let mut tested = Tested::from(&first);
    tested.others = others.iter().map(Tested::from).collect();
    Ok((tested, verdict))
}

/// The backup to be tested, and others of this run.
async fn chosen(
    context: &Context,
    args: &Args,
    opened: &Opened,
) -> Result<(BackupId, Vec<BackupId>), CliError> {
    if !args.rotate {
        let name = args.id.as_deref().unwrap_or("newest");
        return Ok((opened.resolve(context, name).await?, Vec::new()));
    }
    let catalogue = opened.backups.catalogue().await?;
    let mut chosen = next_in_turn(&catalogue).into_iter();
    let first = chosen.next().ok_or_else(|| BackupError::NoNewest {
        place: opened.backups.blob.describe(),
        listed: catalogue.backups.len(),
    })?;
    Ok((first, chosen.collect()))
}

impl Means<'_> {
    /// One test, noted in the catalogue however it ended.
    async fn test(&self, id: &BackupId, watch: &Watch<'_>) -> Result<DrillReport, CliError> {
        let mut report = match &self.identity {
            None => DrillReport::inconclusive(
                id,
                "there is no identity to open the backup with".to_owned(),
            ),
            Some(identity) => match self.opened.backups.open_for_drill(id, identity).await? {
                Err(report) => report,
                Ok(backup) => self.restore(&backup, watch).await?,
            },
        };
        if !self.opened.backups.note_drill(&mut report).await? {
            self.context.ui.warn(
                "This host has no key that signs, so the catalogue does not learn of this test.",
            );
        }
        Ok(report)
    }

    async fn restore(
        &self,
        backup: &Arc<OpenBackup>,
        watch: &Watch<'_>,
    ) -> Result<DrillReport, CliError> {
        let context = self.context;
        let request = ThrowawayRequest {
            config: &self.opened.config,
            environment: &context.environment,
            into: self.into.as_ref(),
            temporary: &temporary_folder(context),
            stop: &watch.stop,
            clock: &context.clock,
            rng: &context.rng,
        };
        let mut place = match Throwaway::make(&request, &backup.manifest).await? {
            Ok(place) => place,
            Err(why) => return Ok(DrillReport::inconclusive(&backup.container.id, why)),
        };
        let tried = self.try_out(backup, &mut place, watch).await;
        if let Some(error) = place.remove().await {
            context.ui.warn(format_args!(
                "What was restored for the test is not all removed: {error}."
            ));
        }
        tried
    }

    async fn try_out(
        &self,
        backup: &Arc<OpenBackup>,
        place: &mut Throwaway,
        watch: &Watch<'_>,
    ) -> Result<DrillReport, CliError> {
        let context = self.context;
        let backups = &self.opened.backups;
        let mut report = backups.drill(backup, place.load(), watch).await?;
        if report.is_restored() {
            let sealed = Sealed {
                config: &self.opened.config,
                environment: &context.environment,
                keyring: &context.keyring(&self.opened.config),
                service_key: self.service_key.clone(),
                place: place.place(),
                program: backup.manifest.program,
                clock: &context.clock,
                rng: &context.rng,
            };
            report.add_keys(prove_keys(sealed, watch).await?);
        }
        Ok(report)
    }
}

/// The levels above 2 of `embsec backup verify`.
pub(super) fn as_level(
    context: &Context,
    opened: &Opened,
    id: &BackupId,
    identity: Option<Identities>,
    progress: ProgressArgs,
) -> Result<ExitKind, CliError> {
    let means = Means {
        context,
        opened,
        identity,
        service_key: encryption_key(context, None)?,
        into: None,
    };
    let report = context
        .runtime()?
        .block_on(watched(context, progress, async |watch| {
            means.test(id, watch).await
        }))?;
    render::print(&context.ui, &Tested::from(&report))?;
    Ok(kind_of(report.verdict))
}

fn secs(millis: u64) -> f64 {
    render::secs_of_millis(millis)
}

impl From<&DrillTimes> for Times {
    fn from(times: &DrillTimes) -> Self {
        Self {
            rpo_secs: times.rpo_secs,
            rto_data_secs: times.rto_data_millis.map(secs),
            rto_index_secs: times.rto_index_millis.map(secs),
        }
    }
}

impl From<&DrillReport> for Tested {
    fn from(report: &DrillReport) -> Self {
        let checks = report.findings.iter().map(|finding| {
            let (result, what) = match finding {
                Finding::Holds(what) => ("holds", what),
                Finding::Fails(what) => ("fails", what),
                Finding::Unknown(what) => ("unknown", what),
            };
            Check {
                result,
                what: what.clone(),
            }
        });
        Self {
            backup_id: report.id.to_string(),
            verdict: report.verdict.as_str(),
            rpo_secs: report.times.rpo_secs,
            rto_data_secs: report.times.rto_data_millis.map(secs),
            rto_index_secs: report.times.rto_index_millis.map(secs),
            rows: report.rows,
            checks: checks.collect(),
            trend: report.before.iter().map(Times::from).collect(),
            others: Vec::new(),
        }
    }
}

impl Tested {
    fn text(&self) -> String {
        let mut text = format!(
            "The restore test of {} ended: {}.\n",
            self.backup_id, self.verdict
        );
        for check in &self.checks {
            text.push_str(&format!("  {:8} {}\n", check.result, check.what));
        }
        let time =
            |secs: Option<f64>| secs.map_or_else(|| "-".to_owned(), |secs| format!("{secs:.1} s"));
        if self.rto_data_secs.is_some() {
            text.push_str(&format!(
                "  newest data {} s old; data readable after {}, indexes ready after {}\n",
                self.rpo_secs,
                time(self.rto_data_secs),
                time(self.rto_index_secs)
            ));
        }
        if !self.trend.is_empty() {
            let before: Vec<String> = self
                .trend
                .iter()
                .map(|times| time(times.rto_data_secs))
                .collect();
            text.push_str(&format!(
                "  before that, data readable after {}\n",
                before.join(", ")
            ));
        }
        for other in &self.others {
            text.push_str(&other.text());
        }
        text
    }
}

impl Render for Tested {
    const SCHEMA: &'static str = "embsec.restore-test/1";

    fn table(&self) -> String {
        self.text()
    }

    fn plain(&self) -> String {
        let all = iter::once(self).chain(&self.others);
        render::lines(all.map(|tested| {
            [
                tested.backup_id.clone(),
                tested.verdict.to_owned(),
                tested.rpo_secs.to_string(),
                tested.rto_data_secs.unwrap_or(0.0).to_string(),
                tested.rto_index_secs.unwrap_or(0.0).to_string(),
            ]
        }))
    }
}
