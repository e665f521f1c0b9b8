//! `embsec backup create`.

use super::opened::watched;
use crate::app::backup::create::{Begun, Destroyed};
use crate::app::backup::{
    AuditLog, Backups, Created, Dump, Extras, NothingDestroyed, Options, TableForm, Watch,
};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::healthcheck;
use crate::cli::migrate::transfer::other_side;
use crate::cli::progress::ProgressArgs;
use crate::cli::render::{self, Render};
use crate::config::{Config, FILE_NAME, Loaded};
use crate::deployment::backup::{
    BackupRequest, DumpRequest, Missing, open_backups, open_dump, program_of, remove_copies,
};
use crate::deployment::{OtherSide, open_target_audit, whole_lines};
use crate::domain::backup::{BackupId, Program};
use jiff::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Make an encrypted backup, and read it back before it is called one
///
/// Without `--database`, the deployment's own database is backed up; with it, any PostgreSQL
/// database or SQLite file. All rows are of one moment. The settings go along, with every secret
/// replaced by its name. With the deployment's own database, its audit log goes along too.
///
/// A run that was interrupted after all rows were read is finished by the next run. What one left
/// that was interrupted earlier is removed, and a new backup begins.
///
/// If `backup.healthcheck_url` is set, it is told how the run ended.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write tables just as `COPY` takes them: the backup is larger, and `age` and `zstd` alone
    /// decode it
    #[arg(long)]
    portable: bool,

    /// Check everything that can stop a backup, and make none
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Made {
    id: String,
    created_at: Timestamp,
    size_bytes: u64,
    verified_level: u8,
    database: String,
    destination: String,
    rows: u64,
    raw_bytes: u64,
    duration_secs: f64,
    resumed: bool,
    finished_before: Vec<String>,
}

#[derive(Serialize)]
struct Checked {
    database: String,
    destination: String,
    recipients: Vec<String>,
    estimated_bytes: u64,
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    context.refuse_foreign_deployment()?;
    let settings = Settings::load(context)?;
    let done = settings.run(context, args);
    let url = settings.config.backup.healthcheck_url.as_ref();
    if !args.dry_run {
        healthcheck::tell(context, url, done.is_ok());
    }
    done
}

/// What is backed up, by which settings.
struct Settings {
    config: Config,
    dir: PathBuf,
    loaded: Loaded,
    /// A database other than the deployment's own.
    other: Option<(OtherSide, Program)>,
}

impl Settings {
    fn load(context: &Context) -> Result<Self, CliError> {
        let other = match &context.global.database {
            None => None,
            Some(url) => {
                let place = other_side(context, "--database", url)?;
                let program = context.runtime()?.block_on(program_of(&place))?;
                (program != Program::Embsec).then_some((place, program))
            }
        };
        let loaded = if other.is_some() {
            context.load_deployment()?
        } else {
            context.load(&[])?
        };
        Ok(Self {
            config: loaded.config()?,
            dir: loaded.dir().to_owned(),
            loaded,
            other,
        })
    }

    fn run(&self, context: &Context, args: &Args) -> Result<ExitKind, CliError> {
        match &self.other {
            None => console::run(context, "backup create", async |app, _| {
                let destroyed = app.destroyed_keys_here();
                let backups = self.open(context, app.audit_log())?;
                let keys = Extras {
                    audit_files: self.audit_files()?,
                    ..self.extras(&backups)
                };
                self.make(context, args, &backups, &keys, &destroyed).await
            }),
            Some(_) => {
                let clock = Arc::clone(&context.clock);
                let audit =
                    open_target_audit(&self.config.audit.dir, clock).map_err(CliError::of_audit)?;
                let backups = self.open(context, audit)?;
                let extras = Extras {
                    target_keys: backups.target_keys(),
                    ..self.extras(&backups)
                };
                let made = self.make(context, args, &backups, &extras, &NothingDestroyed);
                context.runtime()?.block_on(made)
            }
        }
    }

    fn open(&self, context: &Context, audit: Arc<dyn AuditLog>) -> Result<Backups, CliError> {
        Ok(open_backups(BackupRequest {
            config: &self.config,
            dir: &self.dir,
            environment: &context.environment,
            destination: None,
            missing: Missing::Make,
            keyring: &context.keyring(&self.config),
            audit,
            origin: console::origin(context, "backup create"),
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
        })?)
    }

    fn extras(&self, backups: &Backups) -> Extras {
        let settings = self.loaded.render_masked(&backups.key_ids());
        Extras {
            configuration: Some((FILE_NAME.to_owned(), settings)),
            ..Extras::default()
        }
    }

    /// The files of the audit log, up to their last whole line.
    fn audit_files(&self) -> Result<Vec<(PathBuf, u64)>, CliError> {
        whole_lines(&self.config.audit.dir).map_err(CliError::unavailable)
    }

    async fn make(
        &self,
        context: &Context,
        args: &Args,
        backups: &Backups,
        extras: &Extras,
        destroyed: &dyn Destroyed,
    ) -> Result<ExitKind, CliError> {
        backups.require_ready()?;
        if args.dry_run {
            let dump = self.dump(context).await?;
            let checked = Checked {
                database: dump.database().to_owned(),
                destination: backups.blob.describe(),
                recipients: backups.recipients.iter().map(ToString::to_string).collect(),
                estimated_bytes: dump.estimated_bytes(),
                dry_run: true,
            };
            render::report(&context.ui, &checked)?;
            return Ok(ExitKind::Done);
        }
        let (begun, created) = watched(context, args.progress, async |watch| {
            self.locked(context, args, backups, extras, destroyed, watch)
                .await
        })
        .await?;
        tell_begun(context, &begun);
        let Some(created) = created.or_else(|| begun.finished.last().cloned()) else {
            return Ok(ExitKind::Done);
        };
        let others = begun.finished.iter().map(|created| &created.public.id);
        let made = Made::new(&created, backups.blob.describe(), others);
        render::report(&context.ui, &made)?;
        Ok(ExitKind::Done)
    }

    async fn locked(
        &self,
        context: &Context,
        args: &Args,
        backups: &Backups,
        extras: &Extras,
        destroyed: &dyn Destroyed,
        watch: &Watch<'_>,
    ) -> Result<(Begun, Option<Created>), CliError> {
        let lock = backups.lock("a backup").await?;
        // Before everything else: one that is gone on with makes no copy of its own.
        remove_copies(&self.dir)?;
        let begun = backups.finish_begun(destroyed, watch).await?;
        let database = self.database(context)?;
        let is_done = begun
            .finished
            .iter()
            .any(|created| created.database == database);
        let created = if is_done {
            None
        } else {
            let snapshot_at = context.clock.now();
            let mut dump = self.dump(context).await?;
            let options = Options {
                snapshot_at,
                form: if args.portable {
                    TableForm::Portable
                } else {
                    TableForm::Split
                },
            };
            let created = backups
                .create(dump.as_mut(), extras, &options, destroyed, watch)
                .await;
            dump.close().await;
            Some(created?)
        };
        lock.release()
            .await
            .map_err(crate::app::backup::BackupError::from)?;
        Ok((begun, created))
    }

    /// The database in the words of its dump.
    fn database(&self, context: &Context) -> Result<String, CliError> {
        Ok(self.request(context, Path::new("")).database_name()?)
    }

    fn request<'a>(&'a self, context: &'a Context, scratch: &'a Path) -> DumpRequest<'a> {
        DumpRequest {
            config: &self.config,
            environment: &context.environment,
            other: self.other.as_ref(),
            scratch,
        }
    }

    async fn dump(&self, context: &Context) -> Result<Box<dyn Dump>, CliError> {
        Ok(open_dump(&self.request(context, &self.dir)).await?)
    }
}

fn tell_begun(context: &Context, begun: &Begun) {
    for created in &begun.finished {
        context.ui.note(format_args!(
            "Went on with the backup {}, whose rows an earlier run had read.",
            created.public.id
        ));
    }
    for (id, error) in &begun.blocked {
        context.ui.warn(format_args!(
            "The unfinished backup {id} was left where it is: {error}."
        ));
    }
    for id in &begun.removed {
        context.ui.note(format_args!(
            "Removed the unfinished backup {id}: it was interrupted while rows were read, and a \
             new snapshot was taken."
        ));
    }
}

impl Made {
    fn new<'i>(
        created: &Created,
        destination: String,
        others: impl Iterator<Item = &'i BackupId> + 'i,
    ) -> Self {
        let public = &created.public;
        Self {
            id: public.id.to_string(),
            created_at: public.created_at,
            size_bytes: public.size_bytes,
            verified_level: public.verified_level,
            database: created.database.clone(),
            destination,
            rows: created.rows,
            raw_bytes: created.raw_bytes,
            duration_secs: render::secs_of_millis(public.duration_millis),
            resumed: created.was_resumed,
            finished_before: others
                .filter(|id| **id != public.id)
                .map(ToString::to_string)
                .collect(),
        }
    }
}

impl Render for Made {
    const SCHEMA: &'static str = "embsec.backup.create/1";

    fn table(&self) -> String {
        format!(
            "Made the backup {} of {} in {}.\n{} in {}, {} of what they were, every byte read \
             back, in {:.1} s.\n",
            self.id,
            self.database,
            self.destination,
            crate::domain::count::rows(self.rows),
            render::bytes(self.size_bytes),
            render::percent(self.size_bytes, self.raw_bytes),
            self.duration_secs,
        )
    }

    fn plain(&self) -> String {
        render::lines([[
            self.id.clone(),
            self.size_bytes.to_string(),
            self.verified_level.to_string(),
        ]])
    }
}

impl Render for Checked {
    const SCHEMA: &'static str = "embsec.backup.create/1";

    fn table(&self) -> String {
        format!(
            "Would make a backup of {}, about {} before compression, in {}, for {}.\n",
            self.database,
            render::bytes(self.estimated_bytes),
            self.destination,
            crate::domain::count::counted(self.recipients.len(), "recipient", "recipients"),
        )
    }

    fn plain(&self) -> String {
        render::lines([[self.database.clone(), self.estimated_bytes.to_string()]])
    }
}
