//! `embsec keys retire`.

use super::end::{self, Ended, Which};
use crate::app::key_ends::Ending;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use serde::Serialize;

/// Keep a key, and use it for nothing new
///
/// For a key that was rotated out. Refused while anything needs it (exit 4): a data key, a value,
/// a rotation that is not finished, a backup, or a server that has not read the keyring again. A
/// key of another program's database ends only when `--target` and `--target-database` show that
/// nothing there is sealed by it; other databases are not looked at. A key that signed backups
/// still verifies them.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Retired(Ended);

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let which = &args.which;
    let retired = console::run_with_keyring(context, "keys retire", async |app, call, keyring| {
        let seen = which.look(context).await?;
        let uses = end::uses(seen.as_ref());
        let backups = end::backups(context, app)?;
        let key = app
            .check_key_end(&which.id(), Ending::Retire, uses, backups.as_ref())
            .await?;
        which.require_meant(&key)?;
        end::refuse_out(keyring, which, &key)?;
        if !which.dry_run {
            end::end(
                app,
                call,
                keyring,
                which,
                Ending::Retire,
                (seen.as_ref(), backups.as_ref()),
            )
            .await?;
        }
        Ok(Retired(Ended::new(&key, which)))
    })?;
    render::report(&context.ui, &retired)?;
    end::tell_of_file(context, &retired.0);
    Ok(ExitKind::Done)
}

impl Render for Retired {
    const SCHEMA: &'static str = "embsec.keys.retire/1";

    fn table(&self) -> String {
        let verb = if self.0.dry_run {
            "Would retire"
        } else {
            "Retired"
        };
        format!("{verb} the key {} ({}).\n", self.0.id, self.0.purpose)
    }

    fn plain(&self) -> String {
        render::lines([[self.0.id.clone(), "retired".to_owned()]])
    }
}
