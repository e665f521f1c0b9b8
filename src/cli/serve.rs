//! `embsec serve`.

mod logging;

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use super::init;
use crate::config::settings::SERVE_LISTEN;
use crate::config::{Config, FILE_NAME, FlagValue, Loaded};
use crate::deployment::{
    Deployment, KeyringWatch, Listeners, Purpose, Request, Stopped, install_metrics,
};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Run the API
///
/// Serves the deployment of `--dir` or `--config`, by default the one found in the current
/// folder. SIGTERM and Ctrl-C stop it: requests in flight are finished, within
/// `serve.shutdown_secs`, and the exit code is 0. A changed keyring file is
/// taken into use within a second; SIGHUP reads the keyring again from any source. A second server on the same database is refused (exit 5).
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Make the deployment first where there is none
    #[arg(long)]
    init: bool,

    /// Listen on this address and port, instead of `serve.listen`
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    if args.init {
        init_where_absent(context)?;
    }
    context.refuse_foreign_deployment()?;
    let loaded = load(context, args)?;
    let config = loaded.check(&context.environment)?;
    let admin_key = loaded.admin_key(&config, &context.environment)?;
    logging::install(config.log)?;
    let runtime = context.runtime()?;
    runtime.block_on(async {
        let deployment = Deployment::open(Request {
            config: &config,
            environment: &context.environment,
            keyring: context.keyring_of_server(&config),
            admin_key,
            purpose: Purpose::Serve,
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
            uid: context.uid,
        })
        .await?;
        let outcome = serve(context, &config, &deployment).await;
        let closed = deployment.close().await;
        let stopped = outcome?;
        closed?;
        if stopped == Stopped::Cut {
            context
                .ui
                .warn("Requests were still in flight when the time to stop ran out.");
        }
        Ok(ExitKind::Done)
    })
}

/// Makes a deployment where `--dir` has none; any other place that was named or found is left
/// to be read as it is.
fn init_where_absent(context: &Context) -> Result<(), CliError> {
    let dir = init::target(context);
    if context.global.config.is_some() || dir.join(FILE_NAME).exists() {
        return Ok(());
    }
    let is_found_elsewhere = || Ok::<_, CliError>(context.load(&[])?.file().is_some());
    if context.global.dir.is_none() && is_found_elsewhere()? {
        return Ok(());
    }
    let layout = init::make(context, &dir)?;
    context
        .ui
        .note(format_args!("Made a deployment in \"{}\".", dir.display()));
    context.ui.hint(format_args!(
        "The administrator's key is in \"{}\".",
        layout.admin_key().display()
    ));
    Ok(())
}

fn load(context: &Context, args: &Args) -> Result<Loaded, CliError> {
    let flags: Vec<FlagValue> = args
        .listen
        .iter()
        .map(|value| FlagValue {
            setting: &SERVE_LISTEN,
            flag: "--listen",
            value: value.clone(),
        })
        .collect();
    context.load(&flags)
}

async fn serve(
    context: &Context,
    config: &Config,
    deployment: &Deployment,
) -> Result<Stopped, CliError> {
    if let Some(migrated) = &deployment.migrated
        && let Some(copy) = &migrated.copy
    {
        context.ui.note(format_args!(
            "The database was brought from schema version {} to {}; a copy of it as it was is \
             \"{}\".",
            migrated.from,
            migrated.to,
            copy.display()
        ));
    }
    let api = bind(config.serve.listen).await?;
    let address = api
        .local_addr()
        .map_err(|error| cannot_listen(config.serve.listen, error))?;
    let handle = install_metrics().map_err(CliError::internal)?;
    let metrics = match config.serve.metrics_listen {
        Some(address) => Some((bind(address).await?, handle)),
        None => None,
    };
    let stop = stop_signal()?;
    let hangups = tokio::spawn(read_keyring_on_hangup(
        hangup_signal()?,
        Arc::clone(deployment.keyring_watch()),
    ));
    context
        .ui
        .note(format_args!("Listening on http://{address}"));
    if let Some((listener, _)) = &metrics
        && let Ok(address) = listener.local_addr()
    {
        context
            .ui
            .note(format_args!("Metrics on http://{address}/metrics"));
    }
    let stopped = deployment
        .serve(config, Listeners { api, metrics }, stop)
        .await;
    hangups.abort();
    let stopped = stopped?;
    context.ui.note("Stopped.");
    Ok(stopped)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| cannot_listen(address, error))
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> CliError {
    let kind = match error.kind() {
        std::io::ErrorKind::AddrInUse => ExitKind::Unavailable,
        _ => ExitKind::Usage,
    };
    let source = anyhow::Error::new(error).context(format!("cannot listen on {address}"));
    CliError::new(kind, source)
        .hinted("Stop what listens there, or choose another address with `--listen`.")
}

/// SIGHUP ends a program that does not listen for it, and supervisors send it to say "read again".
/// Here the keyring is read again, whatever its source; what is wrong with it, the watch tells.
async fn read_keyring_on_hangup(mut hangup: Signal, watch: Arc<KeyringWatch>) {
    while hangup.recv().await.is_some() {
        if watch.read_again().await {
            tracing::info!("the keyring was read again at SIGHUP");
        }
    }
}

fn hangup_signal() -> Result<Signal, CliError> {
    signal(SignalKind::hangup()).map_err(cannot_wait)
}

fn cannot_wait(error: std::io::Error) -> CliError {
    CliError::unavailable(anyhow::Error::new(error).context("cannot wait for signals"))
}

/// Ready at the first SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()>, CliError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_wait)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_wait)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
