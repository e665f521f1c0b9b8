//! The whole help: every command's, so that each change of it is seen in review.

#![expect(
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::fmt::Write as _;

fn add(command: &mut clap::Command, path: &str, all: &mut String) {
    let help = command.render_long_help();
    writeln!(all, "==== {path}\n\n{help}").expect("a String takes everything");
    let names: Vec<String> = command
        .get_subcommands()
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect();
    for name in names.iter().filter(|name| *name != "help") {
        let subcommand = command.find_subcommand_mut(name).expect("just listed");
        add(subcommand, &format!("{path} {name}"), all);
    }
}

#[test]
fn the_help_of_every_command_is_as_reviewed() {
    let mut command = embsec::cli::command().term_width(100);
    command.build();
    let mut all = String::new();
    add(&mut command, "embsec", &mut all);
    insta::assert_snapshot!(all);
}
