//! `embsec keys rotate target`.

mod result;

use crate::app::job::Stop;
use crate::app::rotate_target::keys::{self, Pair};
use crate::app::rotate_target::{Prepared, RotateError, Service, Step, Swapped, TargetRotation};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::migrate::{encryption, transfer};
use crate::cli::progress::ProgressArgs;
use crate::cli::prompt::{self, Asking};
use crate::cli::render;
use crate::deployment::{self, ServiceDatabase};
use crate::domain::count::counted;
use crate::sys::fs;
use clap::ValueEnum;
use result::Rotated;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const NO_LOG: &str =
    "Nothing is done unrecorded. Check the folder, or name another with `--audit-dir DIR`.";

/// Give an embapi or llm-proxy service another key
///
/// Every value that is under the old key is proven to open, sealed under the new one beside the
/// running service, and swapped in one transaction that opens each again before it commits. From
/// then on the service needs the new key: give it that and restart it. Then `--finish` moves what
/// it wrote under the old key in between; until then `--undo` goes back. Keep both keys until
/// `--finish` has run. A run that was killed is simply run again.
///
/// The new key is read from `--new-key-file`. Where that file does not exist, a key is made in it
/// (0600). It is on the disk, and read back from there, before the swap.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Whose database it is; found out where this is not given
    #[arg(long, value_enum, value_name = "WHOSE")]
    profile: Option<ProfileChoice>,

    /// The key that the service has now is in this file; else in the variable `ENCRYPTION_KEY`
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,

    /// The key that it is to have is in this file, or is made in it
    #[arg(long, value_name = "FILE")]
    new_key_file: PathBuf,

    /// Move what the service wrote under the old key before it was restarted
    #[arg(long)]
    finish: bool,

    /// Go back to the old key
    #[arg(long, conflicts_with = "finish")]
    undo: bool,

    /// Do all but the swap, and say how long it takes
    #[arg(long)]
    dry_run: bool,

    /// Record what is done in this folder [default: that of the deployment that
    /// `--dir` or `--config` names, else `$XDG_STATE_HOME/embsec/audit`]
    #[arg(long, value_name = "DIR")]
    audit_dir: Option<PathBuf>,

    #[command(flatten)]
    progress: ProgressArgs,
}

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileChoice {
    /// embapi's, or that of dhamps-vdb before it
    Embapi,
    /// llm-proxy's
    LlmProxy,
}

impl Args {
    const fn step(&self) -> Step {
        match (self.finish, self.undo) {
            (true, _) => Step::Finish,
            (false, true) => Step::Undo,
            (false, false) => Step::Rotate,
        }
    }
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let url = context.global.database.as_deref().ok_or_else(|| {
        CliError::usage(anyhow::anyhow!("no database is named"))
            .hinted("`--database` names the database of the service.")
    })?;
    let place = transfer::other_side(context, "--database", url)?;
    let old = transfer::encryption_key(context, args.key_file.as_deref())?.ok_or_else(|| {
        CliError::usage(anyhow::anyhow!(
            "the key that the service has now is not given"
        ))
        .hinted("`--key-file FILE` or the variable ENCRYPTION_KEY gives it.")
    })?;
    let named = args.profile.map(|profile| match profile {
        ProfileChoice::Embapi => Service::Embapi,
        ProfileChoice::LlmProxy => Service::LlmProxy,
    });
    context.runtime()?.block_on(async {
        let database = ServiceDatabase::open(&place, named).await?;
        let new = NewKey::get(context, args)?;
        let Pair { reseal, warnings } = keys::pair(database.service, &old, &new.text)?;
        for warning in warnings {
            context.ui.warn(warning);
        }
        rotate(context, args, database, reseal, &new).await
    })
}

/// The new key.
struct NewKey {
    text: SecretString,
    /// It is in no file yet.
    is_new: bool,
}

impl NewKey {
    /// Reads it, or makes one that is not written yet.
    fn get(context: &Context, args: &Args) -> Result<Self, CliError> {
        let path = &args.new_key_file;
        if path.symlink_metadata().is_ok() {
            return Ok(Self {
                text: read(context, path)?,
                is_new: false,
            });
        }
        if args.step() != Step::Rotate {
            let error = anyhow::anyhow!("there is no new key in \"{}\"", path.display());
            return Err(CliError::usage(error));
        }
        Ok(Self {
            text: keys::generate(context.rng.as_ref()).map_err(CliError::unavailable)?,
            is_new: true,
        })
    }

    /// Sees to it that the key is on the disk, and reads back from there, before anything that
    /// only it opens is committed.
    fn settle(&self, context: &Context, path: &Path) -> Result<(), CliError> {
        if self.is_new {
            fs::write_secret_file_new(path, self.text.expose_secret().as_bytes()).map_err(
                |error| match error {
                    missing if missing.is_not_found() => CliError::usage(missing),
                    error => CliError::unavailable(error),
                },
            )?;
        } else {
            // Whoever wrote it may have left it in memory only.
            fs::make_durable(path).map_err(CliError::unavailable)?;
        }
        if read(context, path)?.expose_secret() != self.text.expose_secret() {
            let error = anyhow::anyhow!("\"{}\" does not read back as it was", path.display());
            return Err(CliError::new(ExitKind::Integrity, error));
        }
        if self.is_new {
            context.ui.note(format_args!(
                "A new key was made in \"{}\". Keep a copy of it apart from the database.",
                path.display()
            ));
        }
        Ok(())
    }
}

fn read(context: &Context, path: &Path) -> Result<SecretString, CliError> {
    transfer::encryption_key(context, Some(path))?
        .ok_or_else(|| CliError::usage(anyhow::anyhow!("\"{}\" holds no key", path.display())))
}

async fn rotate(
    context: &Context,
    args: &Args,
    mut database: ServiceDatabase,
    reseal: crate::app::rotate_target::Reseal,
    new: &NewKey,
) -> Result<ExitKind, CliError> {
    let step = args.step();
    let dir = encryption::audit_dir(context, args.audit_dir.as_deref())?;
    let audit = deployment::open_target_audit(&dir, Arc::clone(&context.clock))
        .map_err(|error| CliError::unavailable(error).hinted(NO_LOG))?;
    let teller = args.progress.teller(&context.ui);
    let stop = Stop::default();
    let columns = database.table.columns.clone();
    let column = columns
        .first()
        .ok_or_else(|| CliError::internal(anyhow::anyhow!("the profile names no column")))?;
    let reseal = match step {
        Step::Rotate | Step::Finish => reseal,
        Step::Undo => reseal.reversed(),
    };
    let [from, to] = reseal.key_ids().map(|id| id.to_string());
    let mut rotation = TargetRotation {
        rows: database.rows.as_mut(),
        lease: database.lease.as_mut(),
        table: &database.table,
        column,
        reseal,
        rng: Arc::clone(&context.rng),
        step,
        database: &database.name,
        audit: Arc::clone(&audit) as Arc<_>,
        origin: console::origin(context, "keys rotate target"),
        progress: &teller,
        stop: stop.clone(),
    };
    let prepared = until_stopped(&stop, rotation.prepare()).await?;
    let census = prepared.census;
    let mut rotated = Rotated {
        database: database.name.clone(),
        profile: database.service.as_str(),
        step: step.as_str(),
        dry_run: args.dry_run,
        changed: 0,
        left: 0,
        already: census.there,
        plaintext: census.plaintext,
        empty: census.empty,
        from_key: from,
        // Who only asks is told of no key that nobody will ever have.
        to_key: Some(to).filter(|_| !args.dry_run || !new.is_new),
        new_key_file: args.new_key_file.display().to_string(),
        new_key_made: new.is_new && !args.dry_run,
        swap_secs: 0.0,
    };
    let swapped = if args.dry_run {
        let took = until_stopped(&stop, rotation.rehearse(&prepared)).await?;
        tell_gap(context, database.service, step, took, census.to_move);
        Swapped {
            changed: census.to_move,
            left: 0,
            took,
        }
    } else {
        ask(context, &mut rotation, &prepared, database.service, &stop).await?;
        new.settle(context, &args.new_key_file)?;
        until_stopped(&stop, rotation.swap(prepared)).await?
    };
    drop(teller);
    audit.close().await;
    rotated.changed = swapped.changed;
    rotated.left = swapped.left;
    rotated.swap_secs = result::seconds(swapped.took);
    render::report(&context.ui, &rotated)?;
    rotated.tell_next(context, step);
    Ok(if step == Step::Finish && swapped.left > 0 {
        ExitKind::Incomplete
    } else {
        ExitKind::Done
    })
}

/// Says what the swap means for the service, and asks. What only finishes takes nothing away.
async fn ask(
    context: &Context,
    rotation: &mut TargetRotation<'_>,
    prepared: &Prepared,
    service: Service,
    stop: &Stop,
) -> Result<(), CliError> {
    let values = prepared.census.to_move;
    if values == 0 || rotation.step == Step::Finish {
        return Ok(());
    }
    // Who has said yes already has no use for a measure, and the service has none for a rehearsal.
    if context.asking != Asking::Yes {
        let took = until_stopped(stop, rotation.rehearse(prepared)).await?;
        tell_gap(context, service, rotation.step, took, values);
    }
    prompt::confirm(context, "Swap the keys now?")
}

fn tell_gap(context: &Context, service: Service, step: Step, took: Duration, values: u64) {
    let which = match step {
        Step::Rotate | Step::Finish => "new",
        Step::Undo => "old",
    };
    context.ui.note(format_args!(
        "{} to the {which} key in one transaction of about {:.1} s, which the \
         service's writes of these rows wait for. From its end until the service has been restarted \
         with the {which} key it cannot open these values{}",
        counted(values, "value moves", "values move"),
        took.as_secs_f64(),
        match service {
            Service::Embapi => {
                ": embapi itself never opens provider keys, so it serves on meanwhile."
            }
            Service::LlmProxy => {
                ": its requests to providers fail with 503, but for keys that it has in memory (up \
                 to 30 s), and so does its list of projects."
            }
        }
    ));
}

/// Runs a part of the work. The first Ctrl-C asks it to stop, the second drops it.
async fn until_stopped<T>(
    stop: &Stop,
    work: impl Future<Output = Result<T, RotateError>>,
) -> Result<T, RotateError> {
    tokio::select! {
        done = work => done,
        () = super::asked_twice(stop) => Err(RotateError::Interrupted),
    }
}
