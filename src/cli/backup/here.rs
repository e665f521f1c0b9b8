//! The destination of backups for commands on keys, which have to reach into backups too.

use crate::app::backup::keys::Changed;
use crate::app::backup::{AuditLog, BackupError, Backups};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::Config;
use crate::deployment::backup::{BackupRequest, Missing, open_backups};
use crate::deployment::open_target_audit;
use crate::domain::count::counted;
use crate::domain::destination::Destination;
use std::path::PathBuf;
use std::sync::Arc;

/// What leads to the destination of the settings.
pub(in crate::cli) struct Here {
    config: Config,
    dir: PathBuf,
}

impl Here {
    /// Reads the settings.
    pub(in crate::cli) fn load(context: &Context) -> Result<Self, CliError> {
        let loaded = context.load_deployment()?;
        Ok(Self {
            config: loaded.config()?,
            dir: loaded.dir().to_owned(),
        })
    }

    /// Opens the destination; none where no backup was ever made.
    pub(in crate::cli) fn open(
        &self,
        context: &Context,
        command: &str,
        audit: Arc<dyn AuditLog>,
    ) -> Result<Option<Backups>, CliError> {
        if let Destination::Folder(folder) = &self.config.backup.destination
            && !folder.exists()
        {
            return Ok(None);
        }
        let request = BackupRequest {
            config: &self.config,
            dir: &self.dir,
            environment: &context.environment,
            destination: None,
            missing: Missing::Refuse,
            keyring: &context.keyring(&self.config),
            audit,
            origin: console::origin(context, command),
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
        };
        Ok(Some(open_backups(request)?))
    }
}

/// Changes keys in the backups of the destination, once the same was done in the database. Backups
/// that are out of reach are told, with the command that tries them again. `true`: all were
/// reached.
pub(in crate::cli) fn reach(
    context: &Context,
    command: &str,
    again: &str,
    work: impl AsyncFnOnce(&Backups) -> Result<Changed, BackupError>,
) -> Result<bool, CliError> {
    let here = Here::load(context)?;
    let clock = Arc::clone(&context.clock);
    let audit = open_target_audit(&here.config.audit.dir, clock).map_err(CliError::of_audit)?;
    let changed = here.open(context, command, audit).and_then(|backups| {
        let Some(backups) = backups else {
            return Ok(None);
        };
        context.runtime()?.block_on(async {
            let lock = backups.lock(command).await?;
            let changed = work(&backups).await;
            lock.release().await?;
            Ok(Some(changed?))
        })
    });
    let reached = match changed {
        Ok(None) => true,
        Ok(Some(changed)) => tell(context, &changed),
        Err(error) => {
            context.ui.warn(format_args!(
                "The backups were not reached: {}",
                error.message()
            ));
            false
        }
    };
    if !reached {
        context
            .ui
            .hint(format_args!("`{again}` tries those backups again."));
    }
    Ok(reached)
}

/// Says which backups could not be changed, and what the destination keeps. `true`: all were.
pub(in crate::cli) fn tell(context: &Context, changed: &Changed) -> bool {
    for (id, error) in &changed.failed {
        context.ui.warn(format_args!(
            "The backup {id} was not changed: {}.",
            crate::cli::error::chain(error)
        ));
    }
    let keeps = changed.keeps_old_versions;
    if !changed.changed.is_empty() && keeps != Some(false) {
        let verb = match keeps {
            None => "may keep",
            _ => "keeps",
        };
        context.ui.warn(format_args!(
            "The destination {verb} old versions of what is replaced: in {} the former files stay \
             until those expire.",
            counted(changed.changed.len(), "backup", "backups")
        ));
    }
    changed.failed.is_empty()
}
