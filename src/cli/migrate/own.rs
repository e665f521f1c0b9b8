//! `encrypt-status`, `encrypt` and `decrypt` on the database of a deployment, beside a server that
//! may run.

use super::encrypt_status::{ENCRYPT, Status, UNSCRUBBED};
use super::encryption;
use crate::app::encryption::Verdict;
use crate::app::job::{Progress, Stop};
use crate::app::rotation::RotationError;
use crate::app::sealing::{Direction, Sealing, SealingReport, SealingStatus};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::deployment::{Look, Looked, OwnFiles, Residue, Scrubbing};
use crate::domain::count::values;
use serde::Serialize;

pub(super) fn status(context: &Context, progress: ProgressArgs) -> Result<ExitKind, CliError> {
    let config = super::settings(context)?;
    let files = OwnFiles::of(&config.database, &context.environment)?;
    let keyring = context.keyring(&config);
    let (teller, stop) = (progress.teller(&context.ui), Stop::default());
    let look = Look {
        config: &config,
        environment: &context.environment,
        keyring: &keyring,
        progress: &teller,
        stop: &stop,
    };
    let Looked { status, no_keyring } = context.runtime()?.block_on(async {
        tokio::select! {
            done = look.run() => Ok::<_, CliError>(done?),
            () = encryption::asked_twice(&stop) => {
                Err(RotationError::Interrupted { rows: 0 }.into())
            }
        }
    })?;
    render::print(&context.ui, &Status::of_own(&files.name(), &status))?;
    tell_unopened(context, &status);
    if files.is_unscrubbed() {
        context.ui.warn(UNSCRUBBED);
    }
    if let Some(error) = no_keyring.filter(|_| status.is_untried) {
        let told = encryption::capital(&error.to_string());
        context.ui.warn(format_args!("Nothing was opened. {told}"));
    }
    if status.verdict() == Verdict::Plaintext {
        context.ui.hint(ENCRYPT);
    }
    Ok(match status.verdict() {
        Verdict::Protected => ExitKind::Done,
        Verdict::Plaintext => ExitKind::No,
        Verdict::Unopened => ExitKind::Incomplete,
        Verdict::Undecryptable => ExitKind::Integrity,
    })
}

fn tell_unopened(context: &Context, status: &SealingStatus) {
    for fault in &status.unopened {
        let told = fault.to_string();
        context.ui.warn(format_args!("{}.", render::visible(&told)));
    }
    let named = u64::try_from(status.unopened.len()).unwrap_or(u64::MAX);
    let more = status.unopened_count().saturating_sub(named);
    if more > 0 {
        context.ui.warn(format_args!("And {more} more like these."));
    }
}

pub(super) fn encrypt(
    context: &Context,
    progress: ProgressArgs,
    dry_run: bool,
) -> Result<ExitKind, CliError> {
    let files = files(context)?;
    let report = work(context, progress, "migrate encrypt", async |sealing| {
        let plan = sealing.bring_in_line(Direction::Encrypt, true).await?;
        if dry_run || plan.changed == 0 {
            return Ok(SealingReport {
                changed: if dry_run { plan.changed } else { 0 },
                ..plan
            });
        }
        // Noted before the first value is written, so that a killed run is not forgotten.
        files.note_residue()?;
        Ok(sealing.bring_in_line(Direction::Encrypt, false).await?)
    })?;
    if dry_run {
        render::report(&context.ui, &Encrypted::new(report, false, true))?;
        return Ok(ExitKind::Done);
    }
    let residue = files.scrub(&encryption::temporary_folder(context), &|needs| {
        encryption::tell_scrubbing(context, needs);
    })?;
    finish(context, &files, report, &residue)
}

pub(super) fn scrub_only(context: &Context) -> Result<ExitKind, CliError> {
    let files = files(context)?;
    files.note_residue()?;
    let residue = files.scrub(&encryption::temporary_folder(context), &|needs| {
        encryption::tell_scrubbing(context, needs);
    })?;
    finish(context, &files, SealingReport::default(), &residue)
}

pub(super) fn decrypt(
    context: &Context,
    progress: ProgressArgs,
    dry_run: bool,
) -> Result<ExitKind, CliError> {
    let plan = work(context, progress, "migrate decrypt", async |sealing| {
        Ok(sealing.bring_in_line(Direction::Decrypt, true).await?)
    })?;
    let mut done = plan;
    if !dry_run && plan.changed > 0 {
        context.ui.note(format_args!(
            "{} will be stored in clear, as their projects want.",
            values(plan.changed)
        ));
        prompt::confirm(context, "Decrypt them?")?;
        done = work(context, progress, "migrate decrypt", async |sealing| {
            Ok(sealing.bring_in_line(Direction::Decrypt, false).await?)
        })?;
    }
    render::report(&context.ui, &Decrypted::new(done, dry_run))?;
    Ok(ExitKind::Done)
}

/// Runs work on stored values that Ctrl-C ends with its batch.
fn work<T>(
    context: &Context,
    progress: ProgressArgs,
    command: &str,
    run: impl AsyncFnOnce(&Sealing<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let teller = progress.teller(&context.ui);
    console::run(context, command, async |app, call| {
        let stop = Stop::default();
        let heard: &dyn Progress = &teller;
        let sealing = Sealing {
            app,
            call,
            progress: heard,
            stop: &stop,
        };
        tokio::select! {
            done = run(&sealing) => done,
            () = encryption::asked_twice(&stop) => {
                Err(RotationError::Interrupted { rows: 0 }.into())
            }
        }
    })
}

fn files(context: &Context) -> Result<OwnFiles, CliError> {
    let config = super::settings(context)?;
    Ok(OwnFiles::of(&config.database, &context.environment)?)
}

fn finish(
    context: &Context,
    files: &OwnFiles,
    report: SealingReport,
    residue: &Residue,
) -> Result<ExitKind, CliError> {
    let scrubbed = residue.scrubbing == Scrubbing::Done;
    render::report(&context.ui, &Encrypted::new(report, scrubbed, false))?;
    let ui = &context.ui;
    let kind = match &residue.scrubbing {
        Scrubbing::NotNeeded | Scrubbing::Done => ExitKind::Done,
        Scrubbing::InUse(needs) => {
            ui.warn(
                "Encrypted, not scrubbed: the database is being served, and old values may still \
                 be in unused parts of its files.",
            );
            ui.hint(format_args!(
                "Stop the server and run `embsec migrate encrypt --scrub-only`: it takes about {} s.",
                needs.about.as_secs().max(1)
            ));
            ExitKind::Incomplete
        }
        Scrubbing::ByHand(commands) => {
            if report.changed > 0 {
                ui.note("The server keeps old values until these are run, each by itself:");
                for command in commands {
                    ui.note(format_args!("  {command}"));
                }
            }
            ExitKind::Done
        }
    };
    if report.changed > 0 || scrubbed {
        for copy in files.copies() {
            ui.warn(format_args!(
                "The copy \"{}\", which embsec made before it changed the schema, holds the old \
                 values: remove it when it is not needed any more.",
                copy.display()
            ));
        }
        for sentence in residue.elsewhere {
            ui.note(sentence);
        }
    }
    Ok(if report.remaining > 0 {
        ExitKind::No
    } else {
        kind
    })
}

/// What was done, or would be.
#[derive(Serialize)]
struct Encrypted {
    changed: u64,
    skipped: u64,
    remaining: u64,
    scrubbed: bool,
    dry_run: bool,
}

impl Encrypted {
    const fn new(report: SealingReport, scrubbed: bool, dry_run: bool) -> Self {
        Self {
            changed: report.changed,
            skipped: report.skipped,
            remaining: report.remaining,
            scrubbed,
            dry_run,
        }
    }

    fn row(&self) -> [String; 3] {
        [self.changed, self.skipped, self.remaining].map(|count| count.to_string())
    }
}

impl Render for Encrypted {
    const SCHEMA: &'static str = "embsec.migrate.encrypt/1";

    fn table(&self) -> String {
        let scrubbed = if self.scrubbed {
            "No old value is left in the files of the database.\n"
        } else {
            ""
        };
        let first = match (self.changed, self.dry_run) {
            (0, _) => "Nothing to encrypt: nothing was changed.".to_owned(),
            (changed, true) => format!("Would encrypt {}.", values(changed)),
            (changed, false) => format!("Encrypted {}.", values(changed)),
        };
        format!("{first}\n{scrubbed}")
    }

    fn plain(&self) -> String {
        render::lines([self.row()])
    }
}

/// What was brought back, or would be.
#[derive(Serialize)]
#[serde(transparent)]
struct Decrypted(Encrypted);

impl Decrypted {
    const fn new(report: SealingReport, dry_run: bool) -> Self {
        Self(Encrypted::new(report, false, dry_run))
    }
}

impl Render for Decrypted {
    const SCHEMA: &'static str = "embsec.migrate.decrypt/1";

    fn table(&self) -> String {
        let Self(done) = self;
        match (done.changed, done.dry_run) {
            (0, _) => "Nothing to decrypt: nothing was changed.\n".to_owned(),
            (changed, true) => format!("Would decrypt {}.\n", values(changed)),
            (changed, false) => format!("Decrypted {}.\n", values(changed)),
        }
    }

    fn plain(&self) -> String {
        render::lines([self.0.row()])
    }
}
