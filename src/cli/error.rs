//! Errors as people and scripts meet them. The conversions from the layers below, the exit codes
//! and the hints are here and nowhere else.

mod backup;
mod custody;
mod encryption;
mod keyring;
mod lower;
mod rotate_target;
mod rotation;
mod transfer;

use super::exit::ExitKind;
use crate::config::secret::SecretError;
use crate::config::settings::KEYRING_SOURCE;
use crate::config::{ConfigError, Fault, Problem};
use crate::store;
use serde::Serialize;
use std::fmt::Display;
use std::io;

/// What is left to do where the files of a database are damaged.
const DAMAGED: &str = "The files of the database are damaged: put it back from a backup.";

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    source: anyhow::Error,
    /// Things that are wrong beside each other, where `source` only says how many.
    problems: Vec<String>,
    hints: Vec<String>,
    reader_is_gone: bool,
}

impl CliError {
    /// An error that ends with this code.
    pub fn new(kind: ExitKind, source: impl Into<anyhow::Error>) -> Self {
        let source = source.into();
        let is_damage = kind == ExitKind::Internal && source.chain().any(store::is_damage);
        let (kind, hints) = if is_damage {
            (ExitKind::Integrity, vec![DAMAGED.to_owned()])
        } else {
            (kind, Vec::new())
        };
        Self {
            kind,
            source,
            problems: Vec::new(),
            hints,
            reader_is_gone: false,
        }
    }

    /// What was asked can't be meant (exit 2).
    pub fn usage(source: impl Into<anyhow::Error>) -> Self {
        Self::new(ExitKind::Usage, source)
    }

    /// It would overwrite, lose data, or needs a yes (exit 4).
    pub fn refused(source: impl Into<anyhow::Error>) -> Self {
        Self::new(ExitKind::Refused, source)
    }

    /// It can't be had now; trying again can help (exit 5).
    pub fn unavailable(source: impl Into<anyhow::Error>) -> Self {
        Self::new(ExitKind::Unavailable, source)
    }

    /// A bug (exit 7).
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::new(ExitKind::Internal, source)
    }

    /// A result that could not be written.
    pub(super) fn output(error: io::Error) -> Self {
        let reader_is_gone = error.kind() == io::ErrorKind::BrokenPipe;
        let source = anyhow::Error::new(error).context("cannot write the result");
        Self {
            reader_is_gone,
            ..Self::unavailable(source)
        }
    }

    /// The same for a result that has to be read: that nobody does is a failure then.
    #[must_use]
    pub(super) fn of_unread(self) -> Self {
        Self {
            reader_is_gone: false,
            ..self
        }
    }

    /// Adds what to do, in a full sentence.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The code that the command ends with.
    #[must_use]
    pub const fn kind(&self) -> ExitKind {
        self.kind
    }

    /// Whether whoever read the result has read enough and gone away, as `head` does. That is no
    /// failure, and nothing is said.
    #[must_use]
    pub const fn reader_is_gone(&self) -> bool {
        self.reader_is_gone
    }

    /// What went wrong, as a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        sentence(&self.source)
    }

    /// Why, from near to far; or the things that are wrong beside each other. A cause that the
    /// one before has told already is left out.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let mut told = self.source.to_string();
        let mut causes = Vec::new();
        for cause in self.source.chain().skip(1).map(ToString::to_string) {
            if !told.contains(&cause) {
                told.clone_from(&cause);
                causes.push(cause);
            }
        }
        causes.extend(self.problems.iter().cloned());
        causes
    }

    /// What to do.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The error as one line of JSON.
    pub(super) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document {
            schema: &'static str,
            code: u8,
            message: String,
            causes: Vec<String>,
            hint: Option<String>,
        }
        let document = Document {
            schema: "embsec.error/1",
            code: self.kind.code(),
            message: self.message(),
            causes: self.causes(),
            hint: (!self.hints.is_empty()).then(|| self.hints.join(" ")),
        };
        // Strings and numbers always have a JSON form.
        serde_json::to_string(&document).unwrap_or_default()
    }
}

/// Makes a sentence of a fragment: a capital at the start unless it is a name in quotes, and a
/// period at the end unless something else ends it.
pub(super) fn sentence(fragment: &dyn Display) -> String {
    let fragment = fragment.to_string();
    let mut characters = fragment.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if fragment.ends_with(['.', '?', '!', ':']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", characters.as_str())
}

/// An error with its causes, from near to far, in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let told = cause.to_string();
        if !text.contains(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        next = cause.source();
    }
    text
}

/// What to do about a setting.
fn hint_of(problem: &Problem) -> Option<String> {
    match &problem.fault {
        Fault::Secret(SecretError::File(error))
            if error.is_not_found() && problem.key == KEYRING_SOURCE.key =>
        {
            Some("`embsec init` makes a deployment with a keyring.".to_owned())
        }
        fault => fault.hint(),
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let hint = match &error {
            ConfigError::Missing { .. } => {
                Some("`embsec init --dir DIR` makes a deployment.".to_owned())
            }
            ConfigError::Untrusted { path, .. } => Some(format!(
                "Take the rights of others away, or name the file: `--config {}`.",
                path.display()
            )),
            ConfigError::Unreadable { .. }
            | ConfigError::Syntax { .. }
            | ConfigError::Problems(_) => None,
        };
        let problems = match error {
            ConfigError::Problems(problems) => problems,
            other => return hint.into_iter().fold(Self::usage(other), Self::hinted),
        };
        if let [problem] = problems.as_slice() {
            let message = anyhow::Error::msg(problem.to_string());
            let hint = hint_of(problem);
            return hint.into_iter().fold(Self::usage(message), Self::hinted);
        }
        // Beside each other, each with what to do about it.
        let message = format!("the configuration has {} problems", problems.len());
        let told = problems.iter().map(|problem| match hint_of(problem) {
            Some(hint) => format!("{} {hint}", sentence(problem)),
            None => sentence(problem),
        });
        Self {
            problems: told.collect(),
            ..Self::usage(anyhow::Error::msg(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_becomes_a_sentence() {
        assert_eq!(sentence(&"it is wrong"), "It is wrong.");
        assert_eq!(sentence(&"`a.b` is wrong"), "`a.b` is wrong.");
        assert_eq!(sentence(&"really?"), "Really?");
        assert_eq!(sentence(&""), ".");
    }

    #[test]
    fn a_cause_that_was_told_already_is_left_out() {
        let error = anyhow::anyhow!("no such file")
            .context("cannot read \"a\"")
            .context("cannot read \"a\": no such file")
            .context("the keyring cannot be read");
        let error = CliError::usage(error);
        assert_eq!(error.message(), "The keyring cannot be read.");
        assert_eq!(error.causes(), ["cannot read \"a\": no such file"]);
    }

    #[test]
    fn only_a_reader_that_went_away_is_no_failure() {
        assert!(CliError::output(io::ErrorKind::BrokenPipe.into()).reader_is_gone());
        let full = CliError::output(io::ErrorKind::StorageFull.into());
        assert!(!full.reader_is_gone());
        assert_eq!(full.kind(), ExitKind::Unavailable);
    }
}
