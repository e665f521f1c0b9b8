//! `embsec keys rotate master`.

use crate::app::rotation::{MasterOptions, MasterOutcome, MasterPlan, MasterRotation, in_words};
use crate::cli::backup;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::keys::kept::Kept;
use crate::cli::render::{self, Render};
use crate::domain::count::{counted, data_keys};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long servers have to read the new keyring: longer than a killed one is taken to live.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long is waited without a word: servers read a changed file within a second.
const SOON: Duration = Duration::from_secs(3);

/// Replace the master key, which seals the data keys
///
/// A new key is added to the keyring. When every server that runs can open with it, the data keys
/// are sealed by it in one transaction, and it becomes the one that seals. The key before stays in
/// the keyring and only opens, for backups. It takes the same time however many rows there are.
///
/// A keyring that embsec cannot write is written to `--out FILE` instead, once with the new key
/// pending and, run again when servers and this command read that one, once with it active.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write the next keyring to this new file, for a keyring that is kept by something else
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Only seal anew what an older master key still seals, after a rotation
    #[arg(long, conflicts_with = "out")]
    finish: bool,

    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let result =
        console::run_with_keyring(context, "keys rotate master", async |app, call, source| {
            let kept = Kept::new(source, args.out.as_deref())?;
            if args.dry_run {
                return Ok(Rotated::planned(&app.plan_master_rotation(&kept).await?));
            }
            if !args.finish {
                kept.require_writable()?;
            }
            let options = MasterOptions {
                patience: PATIENCE,
                finish: args.finish,
            };
            let rotating = app.rotate_master(call, &kept, options);
            let outcome = tokio::select! {
                outcome = told_of_waiting(context, rotating) => outcome?,
                // A run that ends anywhere is gone on with by the next one.
                () = interrupted() => return Err(stopped()),
            };
            Ok(Rotated::done(outcome, args.out.as_deref()))
        })?;
    render::report(&context.ui, &result)?;
    result.tell_next(context);
    if result.state == "active" {
        let again = "embsec keys rotate master --finish";
        backup::reach(context, "keys rotate master", again, async |backups| {
            backups.rewrap_data_keys().await
        })?;
    }
    Ok(ExitKind::Done)
}

/// Says what is waited for, once it takes longer than a server that reads the keyring again.
async fn told_of_waiting<T>(context: &Context, rotating: impl Future<Output = T>) -> T {
    let mut rotating = std::pin::pin!(rotating);
    tokio::select! {
        done = &mut rotating => return done,
        () = tokio::time::sleep(SOON) => {}
    }
    context.ui.note(format_args!(
        "Still at work: each server that runs has up to {} s to read the new keyring.",
        PATIENCE.as_secs()
    ));
    rotating.await
}

/// Ends at the first Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn stopped() -> CliError {
    CliError::new(
        ExitKind::Interrupted,
        anyhow::anyhow!("interrupted before the end of the rotation"),
    )
    .hinted("Nothing is lost. Run the same command again: it goes on from there.")
}

/// What was done, or would be.
#[derive(Serialize)]
struct Rotated {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    rewrapped: u64,
    resumed: bool,
    behind: Vec<Server>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<PathBuf>,
    dry_run: bool,
    #[serde(skip)]
    behind_in_words: String,
}

/// A server that does not seal with the new key yet.
#[derive(Serialize)]
struct Server {
    host: String,
    pid: u32,
}

impl Rotated {
    fn planned(plan: &MasterPlan) -> Self {
        Self {
            state: "planned",
            former_key_id: Some(plan.active.0.clone()),
            key_id: plan.pending.as_ref().map(|id| id.0.clone()),
            rewrapped: plan.data_keys,
            resumed: plan.pending.is_some(),
            behind: Vec::new(),
            keyring: None,
            dry_run: true,
            behind_in_words: String::new(),
        }
    }

    fn done(outcome: MasterOutcome, out: Option<&Path>) -> Self {
        let keyring = out.map(Path::to_owned);
        match outcome {
            MasterOutcome::Rotated(rotation) => Self::of("active", rotation, None),
            MasterOutcome::HandedOverActive(rotation) => Self::of("handed over", rotation, keyring),
            MasterOutcome::HandedOverPending(key_id) => Self {
                state: "pending",
                former_key_id: None,
                key_id: Some(key_id.0),
                rewrapped: 0,
                resumed: false,
                behind: Vec::new(),
                keyring,
                dry_run: false,
                behind_in_words: String::new(),
            },
        }
    }

    fn of(state: &'static str, rotation: MasterRotation, keyring: Option<PathBuf>) -> Self {
        let behind_in_words = in_words(&rotation.behind);
        let behind = rotation.behind.into_iter().map(|server| Server {
            host: server.host,
            pid: server.pid,
        });
        Self {
            state,
            former_key_id: rotation.former.map(|id| id.0),
            key_id: Some(rotation.key_id.0),
            rewrapped: rotation.rewrapped,
            resumed: rotation.resumed,
            behind: behind.collect(),
            keyring,
            dry_run: false,
            behind_in_words,
        }
    }

    fn key(&self) -> &str {
        self.key_id.as_deref().unwrap_or_default()
    }

    /// What there is still to do, for people.
    fn tell_next(&self, context: &Context) {
        let ui = &context.ui;
        if let Some(path) = &self.keyring {
            let place = path.display();
            match self.state {
                "pending" => ui.hint(format_args!(
                    "Put \"{place}\" where the keyring is kept, for this command and for every \
                     server, then run `embsec keys rotate master --out FILE` again with another \
                     file."
                )),
                _ => ui.hint(format_args!(
                    "Put \"{place}\" where the keyring is kept, for every server. Nothing is left \
                     to be run; until then everything works, and new data keys are sealed by the \
                     key before."
                )),
            }
        }
        if !self.behind.is_empty() {
            ui.warn(format_args!(
                "The key before is still used for new data keys by {}.",
                self.behind_in_words
            ));
            ui.hint(
                "Put the new keyring there too, then run `embsec keys rotate master --finish`.",
            );
        }
    }
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.master/1";

    fn table(&self) -> String {
        let (key, count) = (self.key(), data_keys(self.rewrapped));
        match self.state {
            "planned" if self.resumed => format!(
                "The rotation to the master key {key} would go on: {count} would be sealed \
                 by it.\n"
            ),
            "planned" => {
                format!("A new master key would be made, and {count} sealed by it.\n")
            }
            "pending" => {
                format!("The master key {key} is made and is in the new keyring, pending.\n")
            }
            _ => format!(
                "The master key is {key} now; {} sealed by it.\n",
                counted(self.rewrapped, "data key was", "data keys were")
            ),
        }
    }

    fn plain(&self) -> String {
        render::lines([[
            self.state.to_owned(),
            self.key().to_owned(),
            self.rewrapped.to_string(),
        ]])
    }
}
