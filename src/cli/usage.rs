//! Arguments that can't be understood, and the help that was asked for.

use super::args::{GlobalArgs, OutputFormat};
use super::context::Context;
use super::error::{CliError, sentence};
use super::exit::ExitKind;
use crate::config::Environment;
use clap::error::ErrorKind;
use std::ffi::OsString;

/// Prints the help or the version that was asked for, or says what is wrong with the arguments.
pub(super) fn explain(
    error: &clap::Error,
    arguments: &[OsString],
    environment: Environment,
) -> ExitKind {
    let context = Context::of_system(surviving(arguments), environment);
    let text = error.render().to_string();
    let result = if !error.use_stderr() {
        context.ui.out(text).map(|()| ExitKind::Done)
    } else if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        context.ui.warn("A command is missing.");
        context.ui.note(text);
        Ok(ExitKind::Usage)
    } else {
        Err(retell(&text))
    };
    super::finish(&context, result)
}

/// The options that decide how an error looks, from arguments that could not be parsed as a
/// whole.
fn surviving(arguments: &[OsString]) -> GlobalArgs {
    let words: Vec<&str> = arguments
        .iter()
        .map(|argument| argument.to_str().unwrap_or_default())
        .take_while(|word| *word != "--")
        .collect();
    let json = words
        .iter()
        .any(|word| matches!(*word, "--json" | "--output=json" | "-ojson" | "-o=json"))
        || words
            .windows(2)
            .any(|pair| matches!(pair, ["-o" | "--output", "json"]));
    GlobalArgs {
        output: if json {
            OutputFormat::Json
        } else {
            OutputFormat::Table
        },
        ..GlobalArgs::default()
    }
}

/// Tells the parser's message in our words: what, then what to do.
fn retell(text: &str) -> CliError {
    let text = text.strip_prefix("error:").unwrap_or(text);
    let mut message = Vec::new();
    let mut hints = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip:") {
            hints.push(sentence(&tip.trim()));
        } else if line.starts_with("Usage:") {
            hints.push(line.to_owned());
        } else if !line.is_empty() && hints.is_empty() && !line.starts_with("For more") {
            message.push(line);
        }
    }
    let error = CliError::usage(anyhow::Error::msg(message.join(" ")));
    hints.into_iter().fold(error, CliError::hinted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retold(arguments: &[&str]) -> (String, Vec<String>) {
        let error = super::super::command()
            .try_get_matches_from(arguments)
            .expect_err("refused");
        let error = retell(&error.render().to_string());
        (error.message(), error.hints().to_vec())
    }

    #[test]
    fn the_parsers_words_become_a_message_and_hints() {
        let (message, hints) = retold(&["embsec", "config", "shwo"]);
        assert_eq!(message, "Unrecognized subcommand 'shwo'.");
        assert_eq!(hints[0], "A similar subcommand exists: 'show'.");
        assert!(hints[1].starts_with("Usage: embsec config"), "{hints:?}");
        let (message, _) = retold(&["embsec", "config", "show", "-o", "xml"]);
        assert_eq!(
            message,
            "Invalid value 'xml' for '--output <FORMAT>' [possible values: table, json, plain]."
        );
    }

    #[test]
    fn json_is_recognised_in_arguments_that_make_no_sense() {
        let format = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            surviving(&words).output
        };
        for json in [
            &["embsec", "x", "--json"][..],
            &["embsec", "-o", "json", "x"],
            &["embsec", "--output=json"],
        ] {
            assert_eq!(format(json), OutputFormat::Json, "{json:?}");
        }
        for other in [
            &["embsec", "--", "--json"][..],
            &["embsec", "-o", "plain", "json"],
        ] {
            assert_eq!(format(other), OutputFormat::Table, "{other:?}");
        }
    }
}
