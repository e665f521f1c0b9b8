//! How the commands open a destination of backups, and an identity.

use crate::app::backup::{Backups, Identities, Watch};
use crate::app::job::Stop;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::migrate::encryption::asked_twice;
use crate::cli::progress::ProgressArgs;
use crate::config::Config;
use crate::config::secret::{SecretError, SecretRef};
pub(in crate::cli) use crate::deployment::backup::Missing;
use crate::deployment::backup::{BackupRequest, open_backups};
use crate::deployment::open_target_audit;
use crate::domain::backup::BackupId;
use crate::domain::destination::Destination;
use crate::sys::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How an identity begins.
const IDENTITY_START: &str = "AGE-SECRET-KEY-";

/// What opens a backup.
#[derive(clap::Args, Debug)]
pub(in crate::cli) struct IdentityArgs {
    /// The identity of a recipient: a file that only you can read, or `env:NAME`,
    /// `credential:NAME` or `cmd:…`
    #[arg(long, value_name = "FILE")]
    identity_file: Option<String>,
}

/// Whose backups are meant.
#[derive(clap::Args, Debug)]
pub(in crate::cli) struct DestinationArgs {
    /// Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`
    #[arg(long, value_name = "DESTINATION")]
    pub(in crate::cli) destination: Option<String>,
}

/// A destination of backups and the settings that it was opened by.
pub(in crate::cli) struct Opened {
    pub(in crate::cli) backups: Backups,
    pub(in crate::cli) config: Config,
}

impl Opened {
    /// The backup of this name. Says so where `newest` stands for another one than whoever asked
    /// may think.
    pub(in crate::cli) async fn resolve(
        &self,
        context: &Context,
        name: &str,
    ) -> Result<BackupId, CliError> {
        let named = self.backups.resolve(name).await?;
        if !named.passed_over.is_empty() {
            let passed: Vec<String> = named.passed_over.iter().map(ToString::to_string).collect();
            context.ui.warn(format_args!(
                "{} is taken for the newest backup: newer ones are not known to hold ({}).",
                named.id,
                passed.join(", ")
            ));
        }
        if named.databases > 1 {
            context.ui.note(format_args!(
                "Backups of {} databases are kept here; {} is the newest of all.",
                named.databases, named.id
            ));
        }
        Ok(named.id)
    }

    /// A folder for what is fetched to be sent or restored.
    pub(in crate::cli) fn scratch(&self) -> Result<PathBuf, CliError> {
        let folder = self.config.backup.spool.clone();
        fs::ensure_private_dir(&folder).map_err(CliError::unavailable)?;
        Ok(folder)
    }
}

impl IdentityArgs {
    /// Reads the identity; none where none was named.
    pub(in crate::cli) fn read(&self, context: &Context) -> Result<Option<Identities>, CliError> {
        let Some(named) = &self.identity_file else {
            return Ok(None);
        };
        if named.trim_start().starts_with(IDENTITY_START) {
            return Err(CliError::usage(anyhow::anyhow!(
                "`--identity-file` was given an identity itself, and takes the name of its file"
            ))
            .hinted(
                "An identity on the command line can be read in the list of processes and in the \
                 history of the shell. Replace it: `embsec keys rotate backup-recipient \
                 --reencrypt`.",
            ));
        }
        let wrong = |error: SecretError| {
            let hint = error.hint();
            let error = anyhow::Error::new(error).context("the identity cannot be read");
            hint.into_iter()
                .fold(CliError::usage(error), CliError::hinted)
        };
        let reference = match SecretRef::parse(named, Path::new("")).map_err(wrong)? {
            Some(reference) => reference,
            None => SecretRef::File(named.into()),
        };
        let text = reference.fetch(&context.environment).map_err(wrong)?;
        Identities::read(&text).map(Some).map_err(|error| {
            CliError::usage(anyhow::Error::new(error).context("the identity cannot be used"))
                .hinted("It is the file that `embsec keys generate backup-recipient` made.")
        })
    }

    /// The same where there is no way without.
    pub(in crate::cli) fn require(&self, context: &Context) -> Result<Identities, CliError> {
        self.read(context)?.ok_or_else(|| {
            CliError::usage(anyhow::anyhow!(
                "a backup is opened by the identity of a recipient"
            ))
            .hinted("Name its file with `--identity-file FILE`, or `credential:NAME`.")
        })
    }
}

impl DestinationArgs {
    /// Reads it; none where none was named.
    pub(in crate::cli) fn parse(&self) -> Result<Option<Destination>, CliError> {
        self.destination.as_deref().map(parse).transpose()
    }
}

/// Reads a destination that was named on the command line.
pub(in crate::cli) fn parse(text: &str) -> Result<Destination, CliError> {
    Destination::parse(text).map_err(CliError::usage)
}

/// Opens the destination of the settings, or another one, for a command that needs no database.
pub(in crate::cli) fn opened(
    context: &Context,
    command: &str,
    destination: Option<Destination>,
    missing: Missing,
) -> Result<Opened, CliError> {
    context.refuse_foreign_deployment()?;
    let loaded = context.load(&[])?;
    let config = loaded.config()?;
    let clock = Arc::clone(&context.clock);
    let audit = open_target_audit(&config.audit.dir, clock).map_err(CliError::of_audit)?;
    let backups = open_backups(BackupRequest {
        config: &config,
        dir: loaded.dir(),
        environment: &context.environment,
        destination,
        missing,
        keyring: &context.keyring(&config),
        audit,
        origin: console::origin(context, command),
        clock: Arc::clone(&context.clock),
        rng: Arc::clone(&context.rng),
    })?;
    Ok(Opened { backups, config })
}

/// Runs work that can be stopped: in order by the first Ctrl-C, at once by the second.
pub(in crate::cli) async fn watched<T>(
    context: &Context,
    progress: ProgressArgs,
    work: impl AsyncFnOnce(&Watch<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let stop = Stop::default();
    let teller = progress.teller(&context.ui);
    let watch = Watch {
        progress: &teller,
        stop: stop.clone(),
    };
    tokio::select! {
        done = work(&watch) => done,
        () = asked_twice(&stop) => {
            Err(CliError::interrupted("interrupted at once; the next run cleans up after this one"))
        }
    }
}
