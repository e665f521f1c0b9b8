//! `embsec keys destroy`.

use super::end::{self, Ended, Seen, Which};
use crate::app::key_ends::{BackupNeeds, EndError, Ending, EndingKey, TargetUses};
use crate::app::{App, Call};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::deployment::KeyringSource;
use serde::Serialize;

/// Destroy a retired key, or one that was never used, for good
///
/// Refused while anything needs it (exit 4). For a key of another program's database, `--target`
/// and `--target-database` must show that nothing there is sealed by it. A key of the keyring is removed from it and from the
/// generation before, which is kept beside it. Copies elsewhere stay: shares, escrow, backups of
/// the file, and what the disk has not yet written over.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Destroyed(Ended);

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let which = &args.which;
    let destroyed =
        console::run_with_keyring(context, "keys destroy", async |app, call, keyring| {
            let seen = which.look(context).await?;
            let uses = end::uses(seen.as_ref());
            let backups = end::backups(context, app)?;
            let known = (seen.as_ref(), backups.as_ref());
            let checked = app
                .check_key_end(&which.id(), Ending::Destroy, uses, backups.as_ref())
                .await;
            let key = match checked {
                Err(EndError::Unknown(id)) if keyring.previous_holds(&id)? => {
                    return finish(context, keyring, which);
                }
                checked => checked?,
            };
            which.require_meant(&key)?;
            end::refuse_out(keyring, which, &key)?;
            plan(context, &key, uses);
            if !which.dry_run {
                prompt::confirm(context, &format!("Destroy the key {} for good?", key.id()))?;
                destroy(app, call, keyring, which, &key, known).await?;
            }
            Ok(Destroyed(Ended::new(&key, which)))
        })?;
    render::report(&context.ui, &destroyed)?;
    end::tell_of_file(context, &destroyed.0);
    if !destroyed.0.dry_run {
        context.ui.hint(if destroyed.0.is_of_database {
            "Copies made before still hold it, sealed by the master key: backups of the database, \
             its write-ahead log, and the free space of the disk."
        } else {
            "Copies made before still hold it: shares, escrow, backups of the keyring, and the \
             free space of the disk."
        });
    }
    Ok(ExitKind::Done)
}

fn plan(context: &Context, key: &EndingKey, seen: Option<&TargetUses>) {
    context.ui.note(format_args!(
        "The key {} ({}) is used by nothing that embsec can see, and cannot be made again.",
        key.id(),
        key.purpose()
    ));
    if let Some(seen) = seen {
        context.ui.note(format_args!(
            "No value in {} is sealed by it. Other databases, and copies and backups of this one, \
             were not looked at.",
            render::visible(&seen.database)
        ));
    }
}

async fn destroy(
    app: &App,
    call: &Call,
    keyring: &KeyringSource,
    which: &Which,
    key: &EndingKey,
    known: (Option<&Seen>, &dyn BackupNeeds),
) -> Result<(), CliError> {
    end::end(app, call, keyring, which, Ending::Destroy, known).await?;
    if matches!(key, EndingKey::Keyring { .. }) && which.out().is_none() {
        keyring.forget_previous()?;
    }
    Ok(())
}

/// Goes on where a run was killed between the keyring and the generation before.
fn finish(
    context: &Context,
    keyring: &KeyringSource,
    which: &Which,
) -> Result<Destroyed, CliError> {
    context.ui.note(
        "The keyring has no such key any more; the generation before, which is kept beside it, \
         still has.",
    );
    if !which.dry_run {
        prompt::confirm(
            context,
            &format!("Destroy the key {} for good?", which.id()),
        )?;
        keyring.forget_previous()?;
    }
    Ok(Destroyed(Ended {
        id: which.id().to_string(),
        purpose: "keyring".to_owned(),
        dry_run: which.dry_run,
        file: None,
        is_of_database: false,
    }))
}

impl Render for Destroyed {
    const SCHEMA: &'static str = "embsec.keys.destroy/1";

    fn table(&self) -> String {
        let verb = if self.0.dry_run {
            "Would destroy"
        } else {
            "Destroyed"
        };
        format!("{verb} the key {} ({}).\n", self.0.id, self.0.purpose)
    }

    fn plain(&self) -> String {
        render::lines([[self.0.id.clone(), "destroyed".to_owned()]])
    }
}
