//! What a command may touch: the terminal, the configuration, time, randomness, the environment,
//! and who runs it.

use super::args::GlobalArgs;
use super::error::CliError;
use super::prompt::{self, Asking};
use super::ui::{self, Ui, UiOptions, Verbosity};
use crate::config::settings::DATABASE_URL;
use crate::config::{self, Config, Environment, FlagValue, Loaded, Sources};
use crate::deployment::{self, KeyringSource, OpenError};
use crate::domain::postgres_url::PostgresUrl;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::owner;
use crate::sys::rng::{Rng, SystemRng};
use std::sync::{Arc, Once};
use tokio::runtime::{Builder, Runtime};

/// What a command may touch.
pub struct Context {
    /// The terminal.
    pub ui: Ui,
    /// What becomes of questions.
    pub asking: Asking,
    /// The shared options.
    pub global: GlobalArgs,
    /// The environment.
    pub environment: Environment,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The user that runs the command.
    pub uid: u32,
    /// Whether `--database` was looked at for a password already.
    warned: Once,
}

impl Context {
    /// The context of the real system.
    #[must_use]
    pub fn of_system(global: GlobalArgs, environment: Environment) -> Self {
        let verbosity = match (global.quiet, global.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        };
        let color = ui::wants_color(
            global.color,
            environment.filled("NO_COLOR"),
            environment.filled("TERM"),
        );
        Self {
            ui: Ui::terminal(UiOptions {
                verbosity,
                format: global.format(),
                color,
            }),
            asking: Asking::from_flags(global.yes, global.no_input),
            global,
            environment,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            uid: owner::effective_uid(),
            warned: Once::new(),
        }
    }

    /// Finds and merges the settings, and says which file they come from and which variables of
    /// other systems count.
    ///
    /// # Errors
    ///
    /// Exit 2 when a file is missing, not trusted, or holds what is unknown or unfit.
    pub fn load(&self, flags: &[FlagValue]) -> Result<Loaded, CliError> {
        let mut all_flags = flags.to_vec();
        all_flags.extend(self.database_flag());
        let loaded = config::load(&Sources {
            config: self.global.config.as_deref(),
            dir: self.global.dir.as_deref(),
            flags: &all_flags,
            environment: &self.environment,
            uid: self.uid,
        })?;
        match loaded.file() {
            Some(file) => self.ui.detail(format_args!(
                "The configuration is read from \"{}\".",
                file.display()
            )),
            None => self
                .ui
                .detail("There is no configuration file: the defaults apply."),
        }
        for announcement in loaded.announcements() {
            self.ui.note(announcement);
        }
        Ok(loaded)
    }

    /// The settings of the deployment that is configured here, if one is. `--database` is not one
    /// of them: here it names the database of another program, or none is worked on.
    ///
    /// # Errors
    ///
    /// As [`Self::config`].
    pub fn deployment_here(&self) -> Result<Option<Config>, CliError> {
        let loaded = self.load_here()?;
        if loaded.file().is_none() {
            return Ok(None);
        }
        Ok(Some(loaded.config()?))
    }

    fn load_here(&self) -> Result<Loaded, CliError> {
        Ok(config::load(&Sources {
            config: self.global.config.as_deref(),
            dir: self.global.dir.as_deref(),
            flags: &[],
            environment: &self.environment,
            uid: self.uid,
        })?)
    }

    /// The same as they were loaded, for a command that needs a deployment.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], and exit 2 where there is none.
    pub fn load_deployment(&self) -> Result<Loaded, CliError> {
        let loaded = self.load_here()?;
        if loaded.file().is_some() {
            return Ok(loaded);
        }
        Err(CliError::usage(anyhow::anyhow!(
            "there is no deployment here, and the keys and settings of one are needed"
        ))
        .hinted("`embsec init --dir DIR` makes a deployment; `--dir DIR` names one."))
    }

    /// `--database`, as a setting. A password that every user of the machine can read in the list
    /// of processes is warned of.
    fn database_flag(&self) -> Option<FlagValue> {
        let value = self.global.database.clone()?;
        // A command may read the settings more than once.
        self.warned
            .call_once(|| warn_of_password(&self.ui, "--database", &value));
        Some(FlagValue {
            setting: &DATABASE_URL,
            flag: "--database",
            value,
        })
    }

    /// The settings, judged together.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], and exit 2 when settings don't fit together.
    pub fn config(&self) -> Result<Config, CliError> {
        Ok(self.load(&[])?.config()?)
    }

    /// The keyring for a command, which asks for a passphrase where somebody can answer.
    #[must_use]
    pub fn keyring(&self, config: &Config) -> KeyringSource {
        KeyringSource::new(&config.keyring, &self.environment, prompt::passphrase(self))
    }

    /// The keyring for a server, which never asks.
    #[must_use]
    pub fn keyring_of_server(&self, config: &Config) -> KeyringSource {
        KeyringSource::new(&config.keyring, &self.environment, None)
    }

    /// Refuses a deployment that `--dir` names and that belongs to somebody else, before anything
    /// of it is read: whoever may not read it would only learn that its settings can't be read.
    ///
    /// # Errors
    ///
    /// Exit 4 for a folder of another user.
    pub fn refuse_foreign_deployment(&self) -> Result<(), CliError> {
        let Some(dir) = &self.global.dir else {
            return Ok(());
        };
        match deployment::refuse_foreign_owner(dir, self.uid) {
            // The settings are looked for next, and say better what is missing.
            Err(OpenError::File(_)) => Ok(()),
            other => Ok(other?),
        }
    }

    /// A runtime for the commands that talk to a database or a network; the others start faster
    /// without.
    ///
    /// # Errors
    ///
    /// Exit 5 when the system has no threads to give.
    pub fn runtime(&self) -> Result<Runtime, CliError> {
        Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                CliError::unavailable(anyhow::Error::new(error).context("cannot start threads"))
            })
    }
}

/// Warns of a URL on the command line that holds a password.
pub fn warn_of_password(ui: &Ui, flag: &str, url: &str) {
    if PostgresUrl::parse(url).is_ok_and(|url| url.has_password()) {
        ui.warn(format_args!(
            "The password in `{flag}` can be seen in the list of processes; give the URL as \
             env:NAME or file:PATH instead."
        ));
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A context whose words are remembered and whose time stands still.

    use super::*;
    use crate::cli::args::OutputFormat;
    use crate::cli::ui::testing::{Recorder, recorded};
    use crate::sys::clock::ManualClock;
    use crate::sys::rng::SeededRng;

    /// The context with its recorders of stdout and stderr.
    pub(crate) fn context(asking: Asking) -> (Context, Recorder, Recorder) {
        let (ui, stdout, stderr) = recorded(UiOptions {
            verbosity: Verbosity::Normal,
            format: OutputFormat::Table,
            color: false,
        });
        let context = Context {
            ui,
            asking,
            global: GlobalArgs::default(),
            environment: Environment::default(),
            clock: Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH)),
            rng: Arc::new(SeededRng::new(1)),
            uid: 0,
            warned: Once::new(),
        };
        (context, stdout, stderr)
    }
}
