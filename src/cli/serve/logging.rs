//! What the server writes about itself, to stderr: text for people or JSON for collectors.

use crate::cli::error::CliError;
use crate::config::log::{LogConfig, LogFormat, LogLevel};
use std::io::{self, IsTerminal as _};
use std::panic;
use tracing::level_filters::LevelFilter;

/// Installs the log of this process, and a panic hook that tells where but not what: what a panic
/// says may hold a secret.
///
/// # Errors
///
/// When a log is installed already.
pub(super) fn install(config: LogConfig) -> Result<(), CliError> {
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr);
    let installed = match config.format {
        LogFormat::Text => {
            let is_terminal = io::stderr().is_terminal();
            log.with_ansi(is_terminal).with_target(false).try_init()
        }
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    installed.map_err(|error| CliError::internal(anyhow::anyhow!("no log: {error}")))?;
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a request or task failed; this is a bug");
    }));
    Ok(())
}
