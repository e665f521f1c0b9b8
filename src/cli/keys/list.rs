//! `embsec keys list`.

use super::view::{self, Row, time_text};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use serde::Serialize;

/// List the keys of the keyring and of the database
///
/// Ids, what each key is for, its state, when it was made and its use: how many data keys a master
/// key seals now, and how often a data key has sealed in all its life; of a key that signs backups,
/// whether it signs or only verifies. `embsec keys show ID` counts
/// what needs a key now. Never a key itself. While the database cannot be reached, only the keys of
/// the keyring are listed (exit 3).
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Keys {
    keys: Vec<Row>,
}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let (keys, kind) = view::keys(context, "keys list")?;
    let keys = Keys {
        keys: keys.into_iter().map(Row::from).collect(),
    };
    render::print(&context.ui, &keys)?;
    Ok(kind)
}

/// For people, in 80 columns: the purpose tells where a key is.
fn shown(row: &Row) -> [String; 5] {
    [
        row.id.clone(),
        row.purpose.clone(),
        row.state.to_owned(),
        row.created_at.strftime("%Y-%m-%d").to_string(),
        row.use_in_words(),
    ]
}

fn cells(row: &Row) -> [String; 6] {
    [
        row.id.clone(),
        row.purpose.clone(),
        row.state.to_owned(),
        time_text(row.created_at),
        row.uses_text(),
        row.place.to_owned(),
    ]
}

impl Render for Keys {
    const SCHEMA: &'static str = "embsec.keys.list/1";

    fn table(&self) -> String {
        render::table(
            ["ID", "PURPOSE", "STATE", "CREATED", "USE"],
            self.keys.iter().map(shown),
        )
    }

    fn plain(&self) -> String {
        render::lines(self.keys.iter().map(cells))
    }
}
