//! `embsec keys show`.

use super::view::{self, Row, time_text};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::domain::key::KeyId;
use serde::Serialize;

/// Show what is known of one key, or of all
///
/// Everything but the key itself. Of one key it is counted what needs it now; for a data key every
/// row of the database is looked at. Of a key that signs backups the public key is shown, by which
/// they are verified.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The key's id; without it, every key is shown
    id: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    keys: Vec<Row>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let (keys, kind) = view::keys(context, "keys show")?;
    let mut rows: Vec<Row> = keys.into_iter().map(Row::from).collect();
    if let Some(id) = &args.id {
        rows.retain(|row| row.id == *id);
        if rows.is_empty() {
            // It may be one of the database's.
            return Err(match kind {
                ExitKind::Incomplete => {
                    CliError::unavailable(anyhow::anyhow!("the keyring has no key {id:?}"))
                        .hinted("Ask again when the database can be reached.")
                }
                _ => missing(context, id)?,
            });
        }
    }
    if let (Some(_), ExitKind::Done, [row]) = (&args.id, kind, rows.as_mut_slice()) {
        row.needed_by = view::needed_by(context, row)?;
    }
    render::print(&context.ui, &Shown { keys: rows })?;
    Ok(kind)
}

/// Why there is no such key.
fn missing(context: &Context, id: &str) -> Result<CliError, CliError> {
    let destroyed = console::run(context, "keys show", async |app, _| {
        Ok(app.destroyed_key(&KeyId(id.to_owned())).await?)
    })?;
    let why = match destroyed {
        Some(key) => {
            let when = time_text(key.destroyed_at);
            anyhow::anyhow!("the key {} was destroyed at {when}", key.id)
        }
        None => anyhow::anyhow!("there is no key {id:?}"),
    };
    Ok(CliError::usage(why).hinted("`embsec keys list` lists those that there are."))
}

fn rows(row: &Row) -> Vec<[String; 2]> {
    let mut rows = vec![
        ["id".to_owned(), row.id.clone()],
        ["purpose".to_owned(), row.purpose.clone()],
        ["state".to_owned(), row.state.to_owned()],
        ["place".to_owned(), row.place.to_owned()],
        ["created".to_owned(), time_text(row.created_at)],
    ];
    let mut more = |name: &str, value: Option<String>| {
        rows.extend(value.map(|value| [name.to_owned(), value]));
    };
    more("rotated", row.rotated_at.map(time_text));
    more("use", Some(row.use_in_words()));
    more("needed by", row.needed_in_words());
    more("public key", row.public_key.clone());
    more("sealed by", row.master_id.clone());
    more("destroyed after", row.destroy_after.map(time_text));
    rows
}

impl Render for Shown {
    const SCHEMA: &'static str = "embsec.keys.show/1";

    fn table(&self) -> String {
        let tables: Vec<String> = self
            .keys
            .iter()
            .map(|row| render::table(["KEY", ""], rows(row)))
            .collect();
        tables.join("\n")
    }

    fn plain(&self) -> String {
        render::lines(self.keys.iter().flat_map(rows))
    }
}
