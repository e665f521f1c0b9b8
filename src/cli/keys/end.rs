//! What `embsec keys retire` and `destroy` have in common.

use crate::app::key_ends::{Ending, EndingKey};
use crate::app::{App, Call};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::deployment::{KeyringSource, Updated};
use crate::domain::key::KeyId;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Which key, and where the changed keyring goes.
#[derive(clap::Args, Debug)]
pub(super) struct Which {
    /// The key's id, as `embsec keys list` shows it
    id: String,

    /// Write the changed keyring to this new file instead, where embsec cannot write the keyring
    /// itself (a variable, a credential, a program)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Say what would be done and what stands in the way, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Which {
    pub(super) fn id(&self) -> KeyId {
        KeyId(self.id.clone())
    }

    pub(super) fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }
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
) -> Result<(), CliError> {
    let id = which.id();
    if matches!(
        app.check_key_end(&id, ending).await?,
        EndingKey::Data { .. }
    ) {
        return Ok(app.end_data_key(call, &id, ending).await?);
    }
    app.end_keyring_key(call, &id, ending, || {
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
