//! What `embsec keys retire` and `destroy` have in common.

use crate::app::encryption::Watch;
use crate::app::job::{Stop, Unheard};
use crate::app::key_ends::{BackupNeeds, Ending, EndingKey, NoBackups, TargetUses};
use crate::app::{App, Call};
use crate::cli::backup::Here;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::migrate::transfer;
use crate::deployment::{KeyUses, KeyringSource, Target, TargetProfile, TargetRequest, Updated};
use crate::domain::key::{KeyId, KeyPurpose};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What knows which backups need a key: the destination of the settings, where there is one.
pub(super) fn backups(context: &Context, app: &App) -> Result<Box<dyn BackupNeeds>, CliError> {
    let here = Here::load(context)?;
    Ok(match here.open(context, "keys", app.audit_log())? {
        Some(backups) => Box::new(backups),
        None => Box::new(NoBackups),
    })
}

/// Which key, and where the changed keyring goes.
#[derive(clap::Args, Debug)]
pub(super) struct Which {
    /// The key's id, as `embsec keys list` shows it
    id: String,

    /// Write the changed keyring to this new file instead, where embsec cannot write the keyring
    /// itself (a variable, a credential, a program)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// For a key of another program's database: the file that declares its tables. No value there
    /// may be sealed by the key
    #[arg(long, value_name = "FILE", requires = "target_database")]
    target: Option<PathBuf>,

    /// The database that `--target` declares tables of
    #[arg(long, value_name = "URL", requires = "target")]
    target_database: Option<String>,

    /// Say what would be done and what stands in the way, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Which {
    pub(super) fn id(&self) -> KeyId {
        KeyId(self.id.clone())
    }

    /// Looks into the database of another program that is named, if one is, and keeps others from
    /// sealing anything there.
    pub(super) async fn look(&self, context: &Context) -> Result<Option<Seen>, CliError> {
        let (Some(file), Some(url)) = (&self.target, &self.target_database) else {
            return Ok(None);
        };
        let database = transfer::other_side(context, "--target-database", url)?;
        let target = Target::of(TargetRequest {
            database,
            profile: TargetProfile::Declared(file.clone()),
            columns: Vec::new(),
            key: None,
            keyring: None,
            treat_as_plaintext: Vec::new(),
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
        })?;
        let purpose = KeyPurpose::parse(target.profile());
        let Some(KeyPurpose::Target(name)) = purpose else {
            return Err(CliError::internal(anyhow::anyhow!(
                "a target without a name"
            )));
        };
        let watch = Watch {
            progress: &Unheard,
            stop: Stop::default(),
        };
        let held = target.uses_of(&self.id(), &watch).await?;
        Ok(Some(Seen {
            uses: TargetUses {
                name,
                database: target.database().to_owned(),
                count: held.count,
            },
            _held: held,
        }))
    }

    /// Refuses a database that says nothing about the key.
    pub(super) fn require_meant(&self, key: &EndingKey) -> Result<(), CliError> {
        if self.target.is_some() && !key.is_of_target() {
            return Err(CliError::usage(anyhow::anyhow!(
                "`--target` is for keys of other programs' databases, and this is a key of {}",
                key.purpose()
            )));
        }
        Ok(())
    }

    pub(super) fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }
}

/// What was found in the database of another program, where nobody else works meanwhile.
pub(super) struct Seen {
    uses: TargetUses,
    _held: KeyUses,
}

/// What was found, for those who judge.
pub(super) fn uses(seen: Option<&Seen>) -> Option<&TargetUses> {
    seen.map(|seen| &seen.uses)
}

/// What was done to which key.
#[derive(Serialize)]
pub(super) struct Ended {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) dry_run: bool,
    /// The file that the changed keyring was written to, where that is not the keyring itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    #[serde(skip)]
    pub(super) is_of_database: bool,
}

impl Ended {
    pub(super) fn new(key: &EndingKey, which: &Which) -> Self {
        Self {
            id: key.id().to_string(),
            purpose: key.purpose(),
            dry_run: which.dry_run,
            file: which.out().map(|path| path.display().to_string()),
            is_of_database: matches!(key, EndingKey::Data { .. }),
        }
    }
}

/// Refuses `--out` where it would write nothing, or leave the keyring in use as it was.
pub(super) fn refuse_out(
    keyring: &KeyringSource,
    which: &Which,
    key: &EndingKey,
) -> Result<(), CliError> {
    match key {
        _ if which.out().is_none() => Ok(()),
        EndingKey::Keyring { .. } if keyring.is_file() => Err(super::out_of_file(keyring)),
        EndingKey::Keyring { .. } => Ok(()),
        EndingKey::Data { .. } => Err(CliError::usage(anyhow::anyhow!(
            "`--out` is for a key of the keyring, and the key {} is in the database",
            key.id()
        ))
        .hinted("Leave `--out` away.")),
    }
}

/// Ends a key, wherever it is kept.
pub(super) async fn end(
    app: &App,
    call: &Call,
    keyring: &KeyringSource,
    which: &Which,
    ending: Ending,
    (seen, backups): (Option<&Seen>, &dyn BackupNeeds),
) -> Result<(), CliError> {
    let id = which.id();
    let checked = app.check_key_end(&id, ending, uses(seen), backups).await?;
    if matches!(checked, EndingKey::Data { .. }) {
        return Ok(app.end_data_key(call, &id, ending).await?);
    }
    app.end_keyring_key(call, &id, ending, uses(seen), backups, || {
        let update: Updated = keyring.update(which.out(), |now| match ending {
            Ending::Retire => now.with_retired(&id),
            Ending::Destroy => now.without(&id),
        })?;
        drop(update);
        Ok(())
    })
    .await
}

/// Says what has to be done with a keyring that was written elsewhere.
pub(super) fn tell_of_file(context: &Context, ended: &Ended) {
    if let Some(file) = ended.file.as_ref().filter(|_| !ended.dry_run) {
        context.ui.hint(format_args!(
            "The changed keyring is in \"{file}\". Put it where the keyring is read from, send \
             SIGHUP to the servers, and remove the file."
        ));
    }
}
