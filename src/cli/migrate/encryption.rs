//! What `encrypt-status`, `encrypt` and `decrypt` have in common: which database is meant, its key,
//! a stop by Ctrl-C, and the log of work without a deployment.

use super::transfer;
use crate::app::encryption::{EncryptionError, Watch};
use crate::app::job::Stop;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::progress::ProgressArgs;
use crate::config::secret::SecretRef;
use crate::deployment::{
    KeyringSource, OpenError, OtherSide, Recognised, ScrubNeeds, Target, TargetError,
    TargetProfile, TargetRequest, recognise, refuse_foreign_owner,
};
use clap::ValueEnum;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which database is meant, and which key.
#[derive(clap::Args, Debug)]
pub(super) struct TargetArgs {
    /// Whose tables the database has, where that cannot be seen
    #[arg(long, value_enum, value_name = "WHOSE", conflicts_with = "target")]
    profile: Option<ProfileChoice>,

    /// Work on the tables that this file declares
    #[arg(long, value_name = "FILE", requires = "database")]
    target: Option<PathBuf>,

    /// The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or
    /// `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in
    /// the keyring of the deployment here
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,

    /// Only these columns: `COLUMN` or `TABLE.COLUMN`
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
}

/// Whose tables a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileChoice {
    /// Those of embsec
    Embsec,
    /// Those of embapi, or of dhamps-vdb before it
    Embapi,
    /// Those of llm-proxy
    LlmProxy,
}

impl TargetArgs {
    /// The database of another program that is meant; `None` for one of embsec's own.
    pub(super) async fn target(
        &self,
        context: &Context,
        treat_as_plaintext: &[String],
    ) -> Result<Option<Target>, CliError> {
        let Some(database) = self.database(context)? else {
            return Ok(None);
        };
        let profile = match (&self.target, self.profile) {
            (Some(file), _) => TargetProfile::Declared(file.clone()),
            (None, Some(ProfileChoice::Embapi)) => TargetProfile::Embapi,
            (None, Some(ProfileChoice::LlmProxy)) => TargetProfile::LlmProxy,
            (None, Some(ProfileChoice::Embsec)) => return Ok(None),
            (None, None) => match recognise(&database).await? {
                Recognised::Embsec => return Ok(None),
                Recognised::Embapi => TargetProfile::Embapi,
                Recognised::LlmProxy => TargetProfile::LlmProxy,
            },
        };
        let key = self.key(context)?;
        let keyring = match (&profile, &key) {
            (TargetProfile::Declared(_), None) => keyring_here(context)?,
            _ => None,
        };
        let target = Target::of(TargetRequest {
            database,
            profile,
            columns: self.columns.clone(),
            key,
            keyring,
            treat_as_plaintext: treat_as_plaintext.to_vec(),
            clock: Arc::clone(&context.clock),
            rng: Arc::clone(&context.rng),
        })?;
        for warning in target.warnings() {
            context.ui.warn(capital(warning));
        }
        Ok(Some(target))
    }

    /// Refuses options that say nothing about a database of embsec's own, whose keyring has its
    /// keys and whose projects say what is sealed.
    pub(super) fn require_own(&self) -> Result<(), CliError> {
        let option = if self.key_file.is_some() {
            "--key-file"
        } else if !self.columns.is_empty() {
            "--columns"
        } else {
            return Ok(());
        };
        Err(CliError::usage(anyhow::anyhow!(
            "`{option}` is for databases of other programs"
        ))
        .hinted("The keyring of a deployment has its keys, and its projects say what is sealed."))
    }

    /// The database that is named, by an option or, for a program that is named, by the variables
    /// that it takes its own from.
    fn database(&self, context: &Context) -> Result<Option<OtherSide>, CliError> {
        if let Some(url) = &context.global.database {
            return transfer::other_side(context, "--database", url).map(Some);
        }
        let variable = |name: &str| context.environment.filled(name).map(str::to_owned);
        let named = match self.profile {
            Some(ProfileChoice::LlmProxy) => {
                let is_server = variable("DB_DRIVER").is_some_and(|driver| driver == "postgres");
                if is_server {
                    variable("DATABASE_URL")
                } else {
                    variable("DATABASE_PATH").or_else(|| variable("DATABASE_URL"))
                }
            }
            Some(ProfileChoice::Embapi) => variable("DATABASE_URL"),
            Some(ProfileChoice::Embsec) | None => return Ok(None),
        };
        match named {
            Some(url) => transfer::other_side(context, "DATABASE_URL", &url).map(Some),
            None => Err(
                CliError::usage(anyhow::anyhow!("no database of that program is named")).hinted(
                    "Name it with `--database sqlite:PATH` or \
                     `--database postgres://USER@HOST/DATABASE`.",
                ),
            ),
        }
    }

    fn key(&self, context: &Context) -> Result<Option<SecretString>, CliError> {
        let Some(named) = &self.key_file else {
            return transfer::encryption_key(context, None);
        };
        let wrong = |error: crate::config::secret::SecretError| {
            let hint = error.hint();
            let error = anyhow::Error::new(error).context("the key cannot be read");
            hint.into_iter()
                .fold(CliError::usage(error), CliError::hinted)
        };
        match SecretRef::parse(named, Path::new("")).map_err(wrong)? {
            Some(reference) => reference
                .resolve(&context.environment)
                .map(Some)
                .map_err(wrong),
            None => transfer::encryption_key(context, Some(Path::new(named))),
        }
    }
}

/// The keyring of the deployment that is configured here, if one is.
fn keyring_here(context: &Context) -> Result<Option<KeyringSource>, CliError> {
    context.refuse_foreign_deployment()?;
    let config = context.deployment_here()?;
    Ok(config.map(|config| context.keyring(&config)))
}

/// A value of embsec's own database that looks sealed is sealed: its project's policy does not
/// change that, so there is nothing to be told apart by name.
pub(super) fn refuse_plaintext_names(names: &[String]) -> Result<(), CliError> {
    if names.is_empty() {
        return Ok(());
    }
    Err(CliError::usage(anyhow::anyhow!(
        "`--treat-as-plaintext` is for databases of other programs"
    )))
}

/// Runs work that can be stopped: at the end of its batch by the first Ctrl-C, at once by the
/// second.
pub(super) async fn watched<T>(
    context: &Context,
    progress: ProgressArgs,
    work: impl AsyncFnOnce(&Watch<'_>) -> Result<T, TargetError>,
) -> Result<T, CliError> {
    let stop = Stop::default();
    let teller = progress.teller(&context.ui);
    let watch = Watch {
        progress: &teller,
        stop: stop.clone(),
    };
    let done = tokio::select! {
        done = work(&watch) => done,
        () = asked_twice(&stop) => Err(EncryptionError::Interrupted { changed: 0 }.into()),
    };
    Ok(done?)
}

/// Asks the work to stop at the first Ctrl-C, and is ready at the second.
pub(in crate::cli) async fn asked_twice(stop: &Stop) {
    for _ in 0..2 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        stop.ask();
    }
}

/// Where the log is written of work on a target. Where its key is in the keyring of a deployment, that
/// deployment tells of it; else as [`audit_dir`] says.
pub(super) fn audit_dir_of(
    context: &Context,
    asked: Option<&Path>,
    target: &Target,
) -> Result<PathBuf, CliError> {
    if asked.is_none()
        && target.key_is_in_keyring()
        && let Some(config) = context.deployment_here()?
    {
        match refuse_foreign_owner(&config.audit.dir, context.uid) {
            Err(OpenError::File(error)) if error.is_not_found() => {}
            other => other?,
        }
        return Ok(config.audit.dir);
    }
    audit_dir(context, asked)
}

/// Where the log is written of work on another program's database: where it was asked for, with
/// the deployment that was named, or with the state of the user (XDG Base Directory
/// Specification).
pub(in crate::cli) fn audit_dir(
    context: &Context,
    asked: Option<&Path>,
) -> Result<PathBuf, CliError> {
    if let Some(asked) = asked {
        return Ok(asked.to_owned());
    }
    if context.global.dir.is_some() || context.global.config.is_some() {
        return Ok(super::settings(context)?.audit.dir);
    }
    let environment = &context.environment;
    let state = environment
        .filled("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| {
            let home = environment.filled("HOME")?;
            Some(Path::new(home).join(".local/state"))
        });
    let state = state.ok_or_else(|| {
        CliError::usage(anyhow::anyhow!("there is no folder for the audit log"))
            .hinted("Name one with `--audit-dir DIR`.")
    })?;
    Ok(state.join("embsec").join("audit"))
}

/// The folder that SQLite puts its temporary files into
/// (<https://www.sqlite.org/tempfiles.html#temporary_file_storage_locations>).
pub(in crate::cli) fn temporary_folder(context: &Context) -> PathBuf {
    let environment = &context.environment;
    let named = ["SQLITE_TMPDIR", "TMPDIR"]
        .into_iter()
        .filter_map(|name| environment.filled(name));
    let usual = ["/var/tmp", "/usr/tmp", "/tmp"];
    named
        .chain(usual)
        .map(PathBuf::from)
        .find(|path| path.is_dir())
        .unwrap_or_else(|| PathBuf::from("."))
}

/// Says that the files are rewritten now, where that takes its time.
pub(super) fn tell_scrubbing(context: &Context, needs: &ScrubNeeds) {
    let seconds = needs.about.as_secs();
    if seconds > 0 {
        context.ui.note(format_args!(
            "The files of the database are rewritten now, so that no old value is left in them: \
             about {seconds} s."
        ));
    }
}

/// A fragment as a sentence.
pub(super) fn capital(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", characters.as_str())
}
