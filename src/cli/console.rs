//! Commands on the data of a deployment, run at the console beside a server that may run.

use super::context::Context;
use super::error::CliError;
use crate::app::{App, Call, new_request_id};
use crate::deployment::{Deployment, KeyringSource, Purpose, Request};
use crate::domain::access::Caller;
use crate::domain::audit::{Details, Origin};
use crate::sys::owner;
use std::sync::Arc;

/// Opens the deployment, runs the work as the administrator, and closes it again.
///
/// # Errors
///
/// When the deployment does not open or close, and those of the work.
pub(super) fn run<T>(
    context: &Context,
    command: &str,
    work: impl AsyncFnOnce(&App, &Call) -> Result<T, CliError>,
) -> Result<T, CliError> {
    run_with_keyring(context, command, async |app, call, _| work(app, call).await)
}

/// As [`run`], for work that changes the keyring too.
///
/// # Errors
///
/// As [`run`].
pub(super) fn run_with_keyring<T>(
    context: &Context,
    command: &str,
    work: impl AsyncFnOnce(&App, &Call, &KeyringSource) -> Result<T, CliError>,
) -> Result<T, CliError> {
    context.refuse_foreign_deployment()?;
    let loaded = context.load(&[])?;
    let config = loaded.config()?;
    let admin_key = loaded.admin_key(&config, &context.environment)?;
    let keyring = context.keyring(&config);
    context.runtime()?.block_on(async {
        let deployment = Deployment::open(Request {
            config: &config,
            environment: &context.environment,
            keyring: keyring.clone(),
            admin_key,
            purpose: Purpose::Command,
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
            uid: context.uid,
        })
        .await?;
        let done = work(&deployment.app, &call(context, command), &keyring).await;
        let closed = deployment.close().await;
        let done = done?;
        closed?;
        Ok(done)
    })
}

/// Whoever may read the deployment's files is its administrator; the log tells who it was.
fn call(context: &Context, command: &str) -> Call {
    Call {
        caller: Caller::Admin,
        origin: origin(context, command),
    }
}

/// Where the events of a command at the console come from.
pub(super) fn origin(context: &Context, command: &str) -> Origin {
    let mut details = Details::new();
    details.insert("origin".to_owned(), "console".into());
    details.insert("command".to_owned(), command.into());
    details.insert("os_user".to_owned(), owner::user_name(context.uid).into());
    Origin {
        actor: "admin".to_owned(),
        request_id: new_request_id(context.clock.as_ref(), context.rng.as_ref()),
        client_ip: None,
        details,
    }
}
