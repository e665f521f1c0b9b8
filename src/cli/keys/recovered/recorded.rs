//! The event of a keyring that is written elsewhere than a deployment reads it.

use crate::app::custody::{self, OpenCopy, Place};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::deployment::{self, OpenError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes the keyring of a copy to a file of its own. Where a deployment is configured, its log
/// tells of it; elsewhere there is no log.
pub(in crate::cli::keys) fn recover(
    context: &Context,
    command: &str,
    copy: &OpenCopy,
    path: &Path,
) -> Result<bool, CliError> {
    let place = Place::plain(path);
    let Some(dir) = log_of_deployment(context)? else {
        return Ok(custody::recover(copy, &place)?);
    };
    let runtime = context.runtime()?;
    // The log writes on a thread of the runtime.
    runtime.block_on(async {
        let log =
            deployment::open_target_audit(&dir, Arc::clone(&context.clock)).map_err(|error| {
                CliError::unavailable(error)
                    .hinted("Nothing is done unrecorded. Check the folder of the audit log.")
            })?;
        let origin = console::origin(context, command);
        let done = custody::recover_recorded(copy, &place, log.as_ref(), &origin).await;
        log.close().await;
        Ok(done?)
    })
}

/// The log of the deployment that is configured here, if one is. That of somebody else is left
/// alone: a file of ours in it would stop its owner's service.
fn log_of_deployment(context: &Context) -> Result<Option<PathBuf>, CliError> {
    context.refuse_foreign_deployment()?;
    let Some(config) = context.deployment_here()? else {
        return Ok(None);
    };
    let dir = config.audit.dir;
    match deployment::refuse_foreign_owner(&dir, context.uid) {
        Ok(()) => Ok(Some(dir)),
        Err(OpenError::ForeignOwner { owner, .. }) => {
            context.ui.warn(format_args!(
                "This is not in the audit log of the deployment here, which belongs to {owner}."
            ));
            Ok(None)
        }
        // The log, with all else, may be what was lost.
        Err(OpenError::File(error)) if error.is_not_found() => {
            context.ui.warn(format_args!(
                "This is not in an audit log: there is no folder \"{}\".",
                dir.display()
            ));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
