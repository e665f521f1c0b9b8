//! Secrets that are used across all commands come out nowhere.
//!
//! One story on one deployment: every command is run well and badly, in every form, beside a
//! server that logs all it can and gets requests full of secrets. What was said on stdout and on
//! stderr, the server's log and its answers, the audit logs and what is in the databases is kept,
//! and searched at the end for every secret that was used or made, in whatever shape. A command
//! that is there to show a secret may show that one, in that run, on stdout.

mod requests;
mod rows;
pub(crate) mod secrets;
pub(crate) mod stage;
mod troubles;

use crate::support::{Deployment, Engine};
use stage::Stage;
use std::collections::BTreeSet;

/// Whether a command that has others below it does something without them.
fn does_something_alone(command: &clap::Command) -> bool {
    command.get_name() != "embsec" && !command.is_subcommand_required_set()
}

/// The words of every command that does something.
fn commands() -> BTreeSet<String> {
    fn add(command: &clap::Command, path: &str, all: &mut BTreeSet<String>) {
        let mut subcommands = command.get_subcommands().peekable();
        if subcommands.peek().is_none() || does_something_alone(command) {
            all.insert(path.trim_start().to_owned());
        }
        for subcommand in subcommands.filter(|command| command.get_name() != "help") {
            add(
                subcommand,
                &format!("{path} {}", subcommand.get_name()),
                all,
            );
        }
    }
    let mut all = BTreeSet::new();
    add(&embsec::cli::command(), "", &mut all);
    all
}

#[test]
fn every_command_is_tried_with_secrets() {
    let tried: BTreeSet<String> = rows::ALL
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    let untried: Vec<_> = commands().difference(&tried).cloned().collect();
    assert!(
        untried.is_empty(),
        "these commands have no row in tests/e2e/canary/rows.rs, so nobody knows whether they \
         keep secrets: {untried:?}"
    );
}

#[test]
fn no_secret_comes_out_of_any_command() {
    let mut stage = Stage::new(|password| match Engine::chosen().place() {
        None => Deployment::in_a_file(),
        Some((database, url)) => {
            Deployment::behind(&stage::with_password(&url, password), database)
        }
    });
    for (leaf, act) in rows::ALL {
        stage.try_all(leaf, *act);
    }
    stage.close();
    stage.judge();
}
