//! Tells a service that watches over timers how a run ended: it asks for an address, and for the
//! same with `/fail` behind it when the run failed.

use super::context::Context;
use crate::config::backup::fetch_healthcheck_url;
use crate::config::secret::SecretRef;
use crate::deployment::healthcheck;
use secrecy::ExposeSecret as _;

/// Tells it, where the settings name one. That it cannot be told changes nothing of how the command
/// ends, and is said.
pub(super) fn tell(context: &Context, url: Option<&SecretRef>, went_well: bool) {
    let Some(url) = url else { return };
    let told = fetch_healthcheck_url(url, &context.environment)
        .map_err(|error| error.to_string())
        .and_then(|url| {
            let runtime = context.runtime().map_err(|error| error.message())?;
            runtime
                .block_on(healthcheck::ping(url.expose_secret(), went_well))
                .map_err(|error| error.to_string())
        });
    if let Err(error) = told {
        context.ui.warn(format_args!(
            "The address of the health check was not told how it ended: {error}."
        ));
    }
}
