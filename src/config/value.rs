//! Values as they come in, before a concern gives them a meaning, and where each came from.

use super::error::Fault;
use super::settings::{Kind, Preset, Setting};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use toml::de::DeValue;

/// A value of the kind that its setting takes.
pub(super) enum Value {
    Bool(bool),
    Int(u64),
    Text(String),
    List(Vec<String>),
    Secret(SecretString),
    /// Not given and without a default.
    Absent,
}

/// Where a value came from. A later one wins over an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program.
    Default,
    /// A line of the file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Variables of the environment: one, or two where an alias is made of two.
    Environment(String),
    /// A flag of the command line, with its dashes.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "\"{}\" line {line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The default of a setting as a value.
pub(super) fn of_preset(preset: Preset) -> Value {
    match preset {
        Preset::Bool(yes) => Value::Bool(yes),
        Preset::Int(number) => Value::Int(number),
        Preset::Text(text) => Value::Text(text.to_owned()),
        Preset::EmptyList => Value::List(Vec::new()),
        Preset::Absent(_) => Value::Absent,
    }
}

/// Reads a value from the environment or a flag, where everything is text.
pub(super) fn of_text(setting: &Setting, text: &str) -> Result<Value, Fault> {
    match setting.kind {
        Kind::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Fault::unexpected("true or false", text)),
        },
        Kind::Int { min, max } => text
            .parse()
            .ok()
            .and_then(|number| within(number, min, max))
            .ok_or_else(|| Fault::unexpected(&bounds(min, max), text)),
        Kind::Choice(words) => choice(words, text),
        Kind::Text(_) => Ok(Value::Text(text.to_owned())),
        Kind::List(_) => Ok(Value::List(
            text.split(',')
                .map(str::trim)
                .filter(|member| !member.is_empty())
                .map(str::to_owned)
                .collect(),
        )),
        Kind::Secret => Ok(Value::Secret(text.into())),
    }
}

/// Reads a value from the file.
pub(super) fn of_toml(setting: &Setting, value: &DeValue<'_>) -> Result<Value, Fault> {
    match (setting.kind, value) {
        (Kind::Bool, DeValue::Boolean(yes)) => Ok(Value::Bool(*yes)),
        (Kind::Int { min, max }, DeValue::Integer(number)) => {
            u64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .and_then(|number| within(number, min, max))
                .ok_or_else(|| Fault::unexpected(&bounds(min, max), number.as_str()))
        }
        (Kind::Choice(words), DeValue::String(word)) => choice(words, word),
        (Kind::Text(_), DeValue::String(text)) => Ok(Value::Text(text.to_string())),
        (Kind::Secret, DeValue::String(text)) => Ok(Value::Secret(text.as_ref().into())),
        (Kind::List(_), DeValue::Array(members)) => members
            .iter()
            .map(|member| {
                let text = member.get_ref();
                text.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| wrong_type(setting, text))
            })
            .collect::<Result<_, _>>()
            .map(Value::List),
        (_, other) => Err(wrong_type(setting, other)),
    }
}

fn wrong_type(setting: &Setting, found: &DeValue<'_>) -> Fault {
    let expected = match setting.kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Int { min, max } => bounds(min, max),
        Kind::Choice(words) => one_of(words),
        Kind::Text(what) => format!("text: {what}"),
        Kind::List(what) => format!("a list of texts: {what}"),
        Kind::Secret => "text".to_owned(),
    };
    let found = match found {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    };
    Fault::WrongType { expected, found }
}

fn within(number: u64, min: u64, max: u64) -> Option<Value> {
    (min..=max).contains(&number).then_some(Value::Int(number))
}

fn bounds(min: u64, max: u64) -> String {
    format!("a whole number from {min} to {max}")
}

fn one_of(words: &[&str]) -> String {
    words.join(" or ")
}

fn choice(words: &[&str], word: &str) -> Result<Value, Fault> {
    if words.contains(&word) {
        Ok(Value::Text(word.to_owned()))
    } else {
        Err(Fault::unexpected(&one_of(words), word))
    }
}
