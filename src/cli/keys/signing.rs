//! What `embsec keys generate backup-signing` and `embsec keys rotate backup-signing` have in
//! common.

use super::kept::Kept;
use crate::app::rotation::{NewSigningKey, SigningPlan, SigningState, SigningStep};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::render;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Where the next keyring goes.
#[derive(clap::Args, Debug)]
pub(super) struct Options {
    /// Write the next keyring to this new file, for a keyring that is kept by something else
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Makes the key, or goes on with one that an earlier run made.
pub(super) fn run(
    context: &Context,
    options: &Options,
    step: SigningStep,
) -> Result<Signing, CliError> {
    let command = words(step);
    console::run_with_keyring(context, command, async |app, call, source| {
        let kept = Kept::new(source, options.out.as_deref())?;
        if options.dry_run {
            return Ok(Signing::planned(app.plan_signing_key(&kept, step)?));
        }
        kept.require_writable()?;
        let new = app.make_signing_key(call, &kept, step).await?;
        Ok(Signing::made(&new, options.out.as_deref()))
    })
}

const fn words(step: SigningStep) -> &'static str {
    match step {
        SigningStep::First => "keys generate backup-signing",
        SigningStep::Next => "keys rotate backup-signing",
    }
}

/// What was done, or would be.
#[derive(Serialize)]
pub(super) struct Signing {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    resumed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<PathBuf>,
    dry_run: bool,
}

impl Signing {
    fn planned(plan: SigningPlan) -> Self {
        Self {
            state: "planned",
            former_key_id: plan.active.map(|id| id.0),
            resumed: plan.pending.is_some(),
            key_id: plan.pending.map(|id| id.0),
            public_key: None,
            keyring: None,
            dry_run: true,
        }
    }

    fn made(new: &NewSigningKey, out: Option<&Path>) -> Self {
        Self {
            state: match new.state {
                SigningState::Active => "active",
                SigningState::HandedOverPending => "pending",
                SigningState::HandedOverActive => "handed over",
            },
            former_key_id: new.former.as_ref().map(ToString::to_string),
            key_id: Some(new.key_id.to_string()),
            public_key: Some(new.public_key.to_string()),
            resumed: new.resumed,
            keyring: out.map(Path::to_owned),
            dry_run: false,
        }
    }

    /// What there is still to do, for people.
    pub(super) fn tell_next(&self, context: &Context, step: SigningStep) {
        let ui = &context.ui;
        match (self.state, &self.keyring) {
            ("pending", Some(path)) => ui.hint(format_args!(
                "Put \"{}\" where the keyring is kept, then run `embsec {} --out FILE` again with \
                 another file.",
                path.display(),
                words(step)
            )),
            ("handed over", Some(path)) => ui.hint(format_args!(
                "Put \"{}\" where the keyring is kept, and make new copies of it with `embsec keys \
                 escrow` or `embsec keys split`. Nothing is left to be run.",
                path.display()
            )),
            ("active", _) => ui.hint(
                "Copies of the keyring that were made before lack this key: make new ones with \
                 `embsec keys escrow` or `embsec keys split`.",
            ),
            _ => {}
        }
    }

    pub(super) fn table(&self) -> String {
        let key = self.key_id.as_deref().unwrap_or_default();
        let former = match &self.former_key_id {
            Some(former) => format!("The key {former} verifies only.\n"),
            None => String::new(),
        };
        let public = match &self.public_key {
            Some(public) => format!("Its public key is {public}.\n"),
            None => String::new(),
        };
        match self.state {
            "planned" if self.resumed => {
                format!("The key {key}, which is pending, would sign backups.\n")
            }
            "planned" => "A new key would be made, and sign backups.\n".to_owned(),
            "pending" => {
                format!("The key {key} is made and is in the new keyring, pending.\n{public}")
            }
            "handed over" => {
                format!("In the new keyring, the key {key} signs backups.\n{public}{former}")
            }
            _ => format!("The key {key} signs backups now.\n{public}{former}"),
        }
    }

    pub(super) fn plain(&self) -> String {
        render::lines([[
            self.state.to_owned(),
            self.key_id.clone().unwrap_or_default(),
            self.public_key.clone().unwrap_or_default(),
        ]])
    }
}
