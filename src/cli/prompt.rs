//! Questions to whoever sits at the terminal. Nothing is ever asked of a script: it is refused.

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::deployment::AskPassphrase;
use dialoguer::{Confirm, Password};
use secrecy::SecretString;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It is asked.
    Ask,
    /// It is taken for answered with yes (`--yes`).
    Yes,
    /// It can't be asked (no terminal, or `--no-input`), so what it is about is refused.
    Refuse,
}

impl Asking {
    /// Decides by the flags and by whether somebody can answer.
    #[must_use]
    pub fn from_flags(yes: bool, no_input: bool) -> Self {
        if yes {
            Self::Yes
        } else if no_input || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            Self::Refuse
        } else {
            Self::Ask
        }
    }
}

/// What asks for the passphrase of the keyring; nothing where nobody can answer.
#[must_use]
pub fn passphrase(context: &Context) -> Option<AskPassphrase> {
    (context.asking == Asking::Ask).then(|| {
        let ask: AskPassphrase = Arc::new(|| ask_secret("Passphrase of the keyring"));
        ask
    })
}

/// Asks for a new passphrase, twice.
///
/// # Errors
///
/// Exit 2 where nobody can be asked.
pub fn new_passphrase(context: &Context) -> Result<SecretString, CliError> {
    if context.asking != Asking::Ask {
        return Err(CliError::usage(anyhow::anyhow!(
            "a passphrase is needed, and nobody can be asked here"
        ))
        .hinted("Give it with `--passphrase-file FILE`."));
    }
    Password::new()
        .with_prompt("New passphrase")
        .with_confirmation("The same again", "They differ.")
        .interact()
        .map(SecretString::from)
        .map_err(|error| CliError::unavailable(anyhow::Error::new(error).context("cannot ask")))
}

fn ask_secret(question: &str) -> io::Result<SecretString> {
    match Password::new().with_prompt(question).interact() {
        Ok(answer) => Ok(SecretString::from(answer)),
        Err(dialoguer::Error::IO(error)) => Err(error),
    }
}

/// Asks for a yes before something that can't be undone. The caller has said what will be done.
///
/// # Errors
///
/// Exit 4 when the answer is no or nobody can be asked, 130 when the question is interrupted.
pub fn confirm(context: &Context, question: &str) -> Result<(), CliError> {
    match context.asking {
        Asking::Yes => Ok(()),
        Asking::Refuse => Err(CliError::refused(anyhow::anyhow!(
            "this needs a yes, and nobody can be asked here"
        ))
        .hinted("Run it again with `--yes` when it is what you want.")),
        Asking::Ask => match Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact()
        {
            Ok(true) => Ok(()),
            Ok(false) => Err(CliError::refused(anyhow::anyhow!(
                "the answer was no, so nothing was done"
            ))),
            Err(dialoguer::Error::IO(error)) if error.kind() == io::ErrorKind::Interrupted => {
                Err(CliError::new(
                    ExitKind::Interrupted,
                    anyhow::anyhow!("interrupted, so nothing was done"),
                ))
            }
            Err(error) => Err(CliError::unavailable(
                anyhow::Error::new(error).context("cannot ask"),
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_an_answer_even_where_nobody_can_be_asked() {
        assert_eq!(Asking::from_flags(true, true), Asking::Yes);
        assert_eq!(Asking::from_flags(false, true), Asking::Refuse);
    }

    #[test]
    fn a_question_that_cannot_be_asked_is_refused_with_a_way_out() {
        let (context, _, _) = super::super::context::testing::context(Asking::Refuse);
        let error = confirm(&context, "Delete it?").expect_err("refused");
        assert_eq!(error.kind(), ExitKind::Refused);
        assert!(error.hints()[0].contains("--yes"));
        let (context, _, _) = super::super::context::testing::context(Asking::Yes);
        assert!(confirm(&context, "Delete it?").is_ok());
    }
}
