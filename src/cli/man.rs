//! `embsec man`: the manual, drawn from the tree of commands, the exit codes and the settings.

use super::context::Context;
use super::error::CliError;
use super::exit::ExitKind;
use crate::config::settings::SETTINGS;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use std::io;

/// Print a page of the manual
///
/// `embsec man | man -l -` shows it.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The command, such as `config show`; without one, embsec itself
    command: Vec<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let name = [vec!["embsec".to_owned()], args.command.clone()]
        .concat()
        .join("-");
    let file = format!("{name}.1");
    let page = pages()?.into_iter().find(|(name, _)| *name == file);
    match page {
        Some((_, page)) => {
            context.ui.out(page)?;
            Ok(ExitKind::Done)
        }
        None => {
            let command = name.replace('-', " ");
            Err(
                CliError::usage(anyhow::anyhow!("there is no command `{command}`"))
                    .hinted("`embsec help` lists the commands."),
            )
        }
    }
}

/// Every page, each with the name of its file.
pub(super) fn pages() -> Result<Vec<(String, String)>, CliError> {
    let mut command = super::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, pages: &mut Vec<(String, String)>) -> Result<(), CliError> {
    let mut page = Vec::new();
    write_page(command, &mut page).map_err(CliError::internal)?;
    let page = String::from_utf8(page).map_err(CliError::internal)?;
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push((format!("{name}.1"), page));
    for subcommand in command.get_subcommands() {
        collect(subcommand, pages)?;
    }
    Ok(())
}

fn write_page(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    // No date: the page must not change from day to day.
    let source = concat!("embsec ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .source(source)
        .manual("embsec manual");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    if command.get_name() == "embsec" {
        settings().to_writer(page)?;
        files().to_writer(page)?;
        exit_status().to_writer(page)?;
    } else {
        see_also().to_writer(page)?;
    }
    Ok(())
}

fn section(title: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    roff
}

fn item(roff: &mut Roff, tag: Vec<Inline>, text: impl Into<String>) {
    roff.control("TP", []);
    roff.text(tag);
    roff.text([roman(text.into())]);
}

fn settings() -> Roff {
    let mut roff = section("SETTINGS");
    roff.text([
        roman("In "),
        italic("embsec.toml"),
        roman(
            ", or in the environment as EMBSEC_SECTION__NAME; the environment wins. EMBSEC_CONFIG \
             names the file. SERVICE_ADMINKEY, SERVICE_HOST, SERVICE_PORT, SERVICE_DEBUG, \
             CORS_ALLOWED_ORIGINS and DATABASE_POOL_SIZE are understood as other services \
             understand them.",
        ),
    ]);
    for setting in SETTINGS {
        item(&mut roff, vec![bold(setting.key)], setting.doc);
    }
    roff
}

fn files() -> Roff {
    let mut roff = section("FILES");
    for (file, text) in [
        ("./embsec.toml", "Read first, when no file is named."),
        (
            "./embsec-data/embsec.toml",
            "Second: the deployment that `embsec init` makes.",
        ),
        ("$XDG_CONFIG_HOME/embsec/embsec.toml", "Third."),
        ("/etc/embsec/embsec.toml", "Last."),
    ] {
        item(&mut roff, vec![italic(file)], text);
    }
    roff
}

fn exit_status() -> Roff {
    let mut roff = section("EXIT STATUS");
    for kind in ExitKind::ALL {
        item(&mut roff, vec![bold(kind.to_string())], kind.meaning());
    }
    roff
}

fn see_also() -> Roff {
    let mut roff = section("SEE ALSO");
    roff.text([
        bold("embsec"),
        roman("(1), for settings, files and exit status."),
    ]);
    roff
}
