//! What is wrong, where, and how much of it may be repeated.

use crate::http::problem::ErrorDetail;
use serde_json::Value;
use std::fmt;

/// Most errors of one answer: a batch of garbage must not be answered by more than it.
pub const MAX_ERRORS: usize = 100;

/// Most characters of a text that is repeated.
const ECHO_MAX_CHARS: usize = 64;

/// From this many characters on, a text without a space is taken for a secret.
const LONG_WORD_CHARS: usize = 32;

/// How keys of embsec and of providers begin.
const KEY_PREFIXES: [&str; 6] = ["emb_", "tok-", "sk-", "api_", "ghp_", "Bearer "];

/// Where something is.
pub(super) enum Place<'a> {
    /// `body`, `query` or `path`.
    Root(&'static str),
    /// A property of an object, or a parameter.
    Property(&'a Self, &'a str),
    /// An element of a list, from 0.
    Item(&'a Self, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Property(parent, name) if looks_secret(name) => write!(f, "{parent}.?"),
            Self::Property(parent, name) => {
                write!(f, "{parent}.")?;
                name.chars()
                    .take(ECHO_MAX_CHARS)
                    .try_for_each(|character| write!(f, "{character}"))
            }
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Collects errors.
#[derive(Default)]
pub(super) struct Report {
    errors: Vec<ErrorDetail>,
}

impl Report {
    /// Adds an error without a value.
    pub(super) fn add(&mut self, place: &Place<'_>, message: impl fmt::Display) {
        self.push(place, message, None);
    }

    /// Adds an error with what was there, as far as that may be repeated.
    pub(super) fn add_with(
        &mut self,
        place: &Place<'_>,
        message: impl fmt::Display,
        value: &Value,
    ) {
        self.push(place, message, echo(value));
    }

    fn push(&mut self, place: &Place<'_>, message: impl fmt::Display, value: Option<Value>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(ErrorDetail {
                message: message.to_string(),
                location: place.to_string(),
                value,
            });
        }
    }

    /// The result, if nothing is wrong.
    pub(super) fn finish<T>(self, result: T) -> Result<T, Vec<ErrorDetail>> {
        if self.errors.is_empty() {
            Ok(result)
        } else {
            Err(self.errors)
        }
    }
}

/// Numbers, booleans and short texts are repeated; lists, objects and whatever might be a key
/// that ended up in the wrong place are not.
fn echo(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(text) if text.chars().count() <= ECHO_MAX_CHARS && !looks_secret(text) => {
            Some(value.clone())
        }
        _ => None,
    }
}

fn looks_secret(text: &str) -> bool {
    KEY_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        || (text.chars().count() >= LONG_WORD_CHARS && !text.contains(' '))
}
