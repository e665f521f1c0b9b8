//! `embsec migrate encrypt`.

use super::encrypt_status::HASH_NOTE;
use super::encryption::{self, TargetArgs};
use super::own;
use crate::app::encryption::{Census, ColumnReport, Direction, Report};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::deployment::{Residue, Scrubbing, Target};
use crate::domain::count::values;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Encrypt what a database has in clear: a deployment's own, or that of another program
///
/// In a deployment's own database, texts and metadata that a project wants sealed and that were
/// written before it did are sealed under the project's key, beside a server that runs.
///
/// In a database of llm-proxy, on SQLite or PostgreSQL, API keys of projects become `enc:v1:` and
/// tokens their SHA-256, as llm-proxy itself reads them once it has the key; a hash has no way
/// back. `--target FILE` declares tables of any other database. A running llm-proxy has to be
/// stopped for it: `--dry-run` tells the order of the steps and measures how long they take.
///
/// First every value is read, and what is encrypted must open with the key, or nothing is changed.
/// Then values are replaced in batches, each one transaction that touches only that column, leaves
/// alone what somebody else changed meanwhile, and is read back before it counts. A run that was
/// stopped or killed is taken up by the next one.
///
/// At the end the files of a SQLite database are rewritten, so that no old value is left in them.
/// While another program has the file open that cannot be: then the exit code is 3, and
/// `--scrub-only` does it later.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    target: TargetArgs,

    /// Encrypt this value, as a refusal names it, although it looks encrypted; may be repeated
    #[arg(long, value_name = "ROW")]
    treat_as_plaintext: Vec<String>,

    /// Do all but write, and tell what would be done and how long it takes
    #[arg(long, conflicts_with = "scrub_only")]
    dry_run: bool,

    /// Only take old values out of the files of a SQLite database
    #[arg(long)]
    scrub_only: bool,

    /// Keep the audit log in this folder, where no deployment is named
    #[arg(long, value_name = "DIR")]
    audit_dir: Option<PathBuf>,

    #[command(flatten)]
    progress: ProgressArgs,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let runtime = context.runtime()?;
    let meant = args.target.target(context, &args.treat_as_plaintext);
    let Some(target) = runtime.block_on(meant)? else {
        drop(runtime);
        args.target.require_own()?;
        encryption::refuse_plaintext_names(&args.treat_as_plaintext)?;
        return if args.scrub_only {
            own::scrub_only(context)
        } else {
            own::encrypt(context, args.progress, args.dry_run)
        };
    };
    runtime.block_on(async {
        if args.scrub_only {
            let residue = target
                .scrub_only(&encryption::temporary_folder(context), &|needs| {
                    encryption::tell_scrubbing(context, needs);
                })
                .await?;
            return finish(context, &Encrypted::nothing(), &residue);
        }
        if args.dry_run {
            return rehearse(context, args, &target).await;
        }
        encrypt(context, args, &target).await
    })
}

async fn rehearse(context: &Context, args: &Args, target: &Target) -> Result<ExitKind, CliError> {
    let report = encryption::watched(context, args.progress, async |watch| {
        target.rehearse(Direction::Encrypt, watch).await
    })
    .await?;
    if target.is_llm_proxy() && report.changed() > 0 {
        tell_steps(context, report.took);
    }
    tell_hashes(context, &report);
    let seals = |column: &ColumnReport| column.mode.as_str() != "hash" && column.changed > 0;
    if target.key_to_make().is_some() && report.columns.iter().any(seals) {
        context.ui.note(format_args!(
            "A key would be made for it in the keyring of the deployment ({}).",
            target.profile()
        ));
    }
    render::report(&context.ui, &Encrypted::of(&report))?;
    Ok(ExitKind::Done)
}

async fn encrypt(context: &Context, args: &Args, target: &Target) -> Result<ExitKind, CliError> {
    let audit_dir = encryption::audit_dir_of(context, args.audit_dir.as_deref(), target)?;
    let mut run = target.begin(Direction::Encrypt).await?;
    let proven =
        encryption::watched(context, args.progress, async |watch| run.prove(watch).await).await?;
    ask(context, target, &proven)?;
    let made = target.key_to_make().filter(|_| proven.to_seal() > 0);
    let report = encryption::watched(context, args.progress, async |watch| {
        let origin = console::origin(context, "migrate encrypt");
        run.apply(proven, watch, &audit_dir, origin).await
    })
    .await?;
    tell_hashes(context, &report);
    if let Some(id) = made {
        context.ui.note(format_args!(
            "The key {id} was made for it in the keyring of the deployment ({}).",
            target.profile()
        ));
        context
            .ui
            .hint("Copies of the keyring that were made before do not hold it: make new ones.");
    }
    let residue = run.scrub(&encryption::temporary_folder(context), &|needs| {
        encryption::tell_scrubbing(context, needs);
    })?;
    finish(context, &Encrypted::of(&report), &residue)
}

/// Says what will be done, and asks where it cannot be undone or stops a service.
fn ask(context: &Context, target: &Target, proven: &Census) -> Result<(), CliError> {
    let (seal, hash) = (proven.to_seal(), proven.to_hash());
    if hash == 0 && (seal == 0 || !target.is_llm_proxy()) {
        return Ok(());
    }
    context.ui.note(format_args!(
        "In {}, {} will be encrypted and {hash} hashed.",
        render::visible(target.database()),
        values(seal)
    ));
    if hash > 0 {
        context
            .ui
            .note("Hashing is one-way: no command brings hashed values back.");
    }
    if target.is_llm_proxy() {
        context.ui.note(if hash > 0 {
            "An llm-proxy that runs on it must be stopped, and started with ENCRYPTION_KEY \
             afterwards: `--dry-run` tells the order of the steps."
        } else {
            "An llm-proxy that runs on it must have this key as ENCRYPTION_KEY already: without it \
             the provider is sent what is encrypted."
        });
    }
    prompt::confirm(context, "Encrypt them?")
}

/// The order of steps for a service that is live, what does not work in between, and for how long.
fn tell_steps(context: &Context, took: Duration) {
    let ui = &context.ui;
    let took = took.as_secs_f64();
    ui.note("The order of steps for a live llm-proxy, with the same --database and --key-file:");
    for step in [
        "  1. Stop every llm-proxy on this database. From here on it serves nothing.",
        "  2. embsec migrate encrypt --columns token",
        "  3. Set ENCRYPTION_KEY in the environment of every llm-proxy, and start it.",
        "     From here on it serves everything.",
        "  4. embsec migrate encrypt --columns api_key, beside it: it reads both forms.",
        "  5. embsec migrate encrypt-status",
    ] {
        ui.note(step);
    }
    ui.note(format_args!(
        "Between 1 and 3 no request is served, for as long as step 2 and the start take. Reading \
         and protecting every value took {took:.1} s here; writing takes about as long again."
    ));
    ui.note(
        "No order avoids that: without its key llm-proxy finds no hashed token and sends encrypted \
         API keys to the provider as they are, and with its key it finds no token in clear.",
    );
}

fn tell_hashes(context: &Context, report: &Report) {
    let is_hash = |column: &&ColumnReport| column.mode.as_str() == "hash";
    if report
        .columns
        .iter()
        .filter(is_hash)
        .any(|column| column.skipped > 0)
    {
        context.ui.note(HASH_NOTE);
    }
}

/// Says what is left, and ends.
fn finish(context: &Context, done: &Encrypted, residue: &Residue) -> Result<ExitKind, CliError> {
    let scrubbed = residue.scrubbing == Scrubbing::Done;
    let done = Encrypted {
        scrubbed,
        ..done.clone()
    };
    render::report(&context.ui, &done)?;
    let ui = &context.ui;
    let kind = match &residue.scrubbing {
        Scrubbing::NotNeeded => return Ok(of_remaining(context, &done)),
        Scrubbing::Done => of_remaining(context, &done),
        Scrubbing::InUse(needs) => {
            let room: u64 = needs.room.iter().map(|room| room.needed_bytes).sum();
            ui.warn(
                "Encrypted, not scrubbed: another program has the file open, and old values may \
                 still be in its unused parts.",
            );
            ui.hint(format_args!(
                "Stop it and run `embsec migrate encrypt --scrub-only`: it takes about {} s and \
                 {} MiB of free space.",
                needs.about.as_secs().max(1),
                room.div_ceil(1 << 20)
            ));
            ExitKind::Incomplete
        }
        Scrubbing::ByHand(commands) => {
            if done.changed > 0 || done.columns.is_empty() {
                ui.note("The server keeps old values until these are run, each by itself:");
                for command in commands {
                    ui.note(format_args!("  {command}"));
                }
                tell_elsewhere(context, residue);
            }
            return Ok(of_remaining(context, &done));
        }
    };
    tell_elsewhere(context, residue);
    Ok(kind)
}

fn tell_elsewhere(context: &Context, residue: &Residue) {
    for sentence in residue.elsewhere {
        context.ui.note(sentence);
    }
}

fn of_remaining(context: &Context, done: &Encrypted) -> ExitKind {
    if done.remaining == 0 {
        return ExitKind::Done;
    }
    context.ui.hint(
        "Others keep writing values in clear: stop them, or give them the key, and run it again.",
    );
    ExitKind::No
}

/// What was done, or would be.
#[derive(Clone, Serialize)]
struct Encrypted {
    changed: u64,
    skipped: u64,
    remaining: u64,
    scrubbed: bool,
    dry_run: bool,
    columns: Vec<Column>,
}

#[derive(Clone, Serialize)]
struct Column {
    table: String,
    column: String,
    mode: &'static str,
    changed: u64,
    skipped: u64,
    remaining: u64,
}

impl Encrypted {
    const fn nothing() -> Self {
        Self {
            changed: 0,
            skipped: 0,
            remaining: 0,
            scrubbed: false,
            dry_run: false,
            columns: Vec::new(),
        }
    }

    fn of(report: &Report) -> Self {
        let columns = report.columns.iter().map(|column| Column {
            table: column.table.clone(),
            column: column.column.clone(),
            mode: column.mode.as_str(),
            changed: column.changed,
            skipped: column.skipped,
            remaining: column.remaining,
        });
        Self {
            changed: report.changed(),
            skipped: report.skipped(),
            remaining: report.remaining(),
            scrubbed: false,
            dry_run: !report.applied,
            columns: columns.collect(),
        }
    }

    fn rows(&self) -> Vec<[String; 5]> {
        let columns = self.columns.iter().map(|column| {
            [
                format!("{}.{}", column.table, column.column),
                column.mode.to_owned(),
                column.changed.to_string(),
                column.skipped.to_string(),
                column.remaining.to_string(),
            ]
        });
        columns.collect()
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
        if self.columns.is_empty() {
            return if self.scrubbed {
                scrubbed.to_owned()
            } else {
                "Nothing was scrubbed.\n".to_owned()
            };
        }
        let first = match (self.changed, self.dry_run) {
            (0, _) => "Nothing to encrypt: nothing was changed.".to_owned(),
            (changed, true) => format!("Would encrypt or hash {}.", values(changed)),
            (changed, false) => format!("Encrypted or hashed {}.", values(changed)),
        };
        let rows = render::table(
            ["COLUMN", "MODE", "CHANGED", "SKIPPED", "LEFT"],
            self.rows(),
        );
        format!("{first}\n{scrubbed}\n{rows}")
    }

    fn plain(&self) -> String {
        render::lines(self.rows())
    }
}
