//! `embsec config show`.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use crate::config::{Origin, Shown};
use serde::Serialize;
use serde_json::Value;

/// Show every setting, its value and where the value comes from
///
/// Secrets are masked; a reference to a secret is shown as it is.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Settings {
    file: Option<String>,
    settings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: &'static str,
    value: Value,
    origin: RowOrigin,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum RowOrigin {
    Default,
    File { file: String, line: usize },
    Environment { name: String },
    Flag { name: String },
}

pub(crate) fn run(context: &Context, _args: &Args) -> Result<ExitKind, CliError> {
    let loaded = context.load(&[])?;
    let settings = Settings {
        file: loaded.file().map(|path| path.display().to_string()),
        settings: loaded.show().into_iter().map(Row::from).collect(),
    };
    render::print(&context.ui, &settings)?;
    Ok(ExitKind::Done)
}

impl From<Shown> for Row {
    fn from(shown: Shown) -> Self {
        Self {
            key: shown.setting.key,
            value: shown.value,
            origin: match shown.origin {
                Origin::Default => RowOrigin::Default,
                Origin::File { path, line } => RowOrigin::File {
                    file: path.display().to_string(),
                    line,
                },
                Origin::Environment(name) => RowOrigin::Environment { name },
                Origin::Flag(name) => RowOrigin::Flag { name },
            },
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 3] {
        let value = match &self.value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let origin = match &self.origin {
            RowOrigin::Default => "default".to_owned(),
            RowOrigin::File { file, line } => format!("{file}:{line}"),
            RowOrigin::Environment { name } | RowOrigin::Flag { name } => name.clone(),
        };
        [self.key.to_owned(), value, origin]
    }
}

impl Render for Settings {
    const SCHEMA: &'static str = "embsec.config.show/1";

    fn table(&self) -> String {
        render::table(
            ["SETTING", "VALUE", "ORIGIN"],
            self.settings.iter().map(Row::cells),
        )
    }

    fn plain(&self) -> String {
        render::lines(self.settings.iter().map(Row::cells))
    }
}
