//! `embsec keys list`.

use super::view::{self, Row, time_text};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use serde::Serialize;

/// List the keys of the keyring and of the database
///
/// Ids, what each key is for, its state, its age and how often it was used: a master key seals
/// data keys, a data key values. Never a key itself. While the database cannot be reached, only
/// the keys of the keyring are listed (exit 3).
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
            ["ID", "PURPOSE", "STATE", "CREATED", "USES", "PLACE"],
            self.keys.iter().map(cells),
        )
    }

    fn plain(&self) -> String {
        render::lines(self.keys.iter().map(cells))
    }
}
