//! What a rotation did, or would do, and what comes next.

use crate::app::rotate_target::Step;
use crate::cli::context::Context;
use crate::cli::render::{self, Render};
use crate::domain::count::{counted, values};
use serde::Serialize;
use std::time::Duration;

/// The result.
#[derive(Serialize)]
pub(super) struct Rotated {
    pub(super) database: String,
    pub(super) profile: &'static str,
    pub(super) step: &'static str,
    pub(super) dry_run: bool,
    pub(super) changed: u64,
    pub(super) left: u64,
    pub(super) already: u64,
    pub(super) plaintext: u64,
    pub(super) empty: u64,
    pub(super) from_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_key: Option<String>,
    pub(super) new_key_file: String,
    pub(super) new_key_made: bool,
    pub(super) swap_secs: f64,
}

/// Seconds to a thousandth.
pub(super) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

impl Rotated {
    /// What the operator does next.
    pub(super) fn tell_next(&self, context: &Context, step: Step) {
        if self.plaintext > 0 {
            context.ui.warn(format_args!(
                "Values in clear: {}. They stay so; `embsec migrate encrypt` seals them.",
                self.plaintext
            ));
        }
        if self.dry_run || (self.changed == 0 && self.left == 0) {
            return;
        }
        match step {
            Step::Rotate => {
                context.ui.hint(format_args!(
                    "Give the service the key in \"{}\" as ENCRYPTION_KEY and restart it now. Then \
                     run the same with `--finish`. Until then `--undo` goes back. Keep both keys.",
                    self.new_key_file
                ));
            }
            Step::Undo => context.ui.hint(
                "Give the service its old key again and restart it now. Then run the same with \
                 `--undo` once more, for what it wrote under the new key in between.",
            ),
            Step::Finish if self.left > 0 => context.ui.hint(
                "The service changed values while they were moved: run the same with `--finish` \
                 again.",
            ),
            Step::Finish => {}
        }
    }

    fn outcome(&self) -> String {
        let (verb, seconds) = (
            if self.dry_run { "Would move" } else { "Moved" },
            self.swap_secs,
        );
        let to_key = match &self.to_key {
            Some(id) => format!("the key {id}"),
            None => "a new key".to_owned(),
        };
        let mut text = if self.changed + self.left + self.already == 0 {
            format!("Nothing to do: no value of {} is encrypted.", self.database)
        } else if self.changed == 0 && self.left == 0 {
            format!(
                "Nothing to do: every value of {} is under {to_key}.",
                self.database
            )
        } else {
            format!(
                "{verb} {} of {} from the key {} to {to_key}, in {seconds} s.",
                values(self.changed),
                self.database,
                self.from_key
            )
        };
        if self.left > 0 {
            text += &format!(
                "\n{} by the service meanwhile and left so.",
                counted(self.left, "value was changed", "values were changed")
            );
        }
        text.push('\n');
        text
    }
}

impl Render for Rotated {
    const SCHEMA: &'static str = "embsec.keys.rotate.target/1";

    fn table(&self) -> String {
        self.outcome()
    }

    fn plain(&self) -> String {
        let [changed, left, already] =
            [self.changed, self.left, self.already].map(|n| n.to_string());
        render::lines([[self.step.to_owned(), changed, left, already]])
    }
}
