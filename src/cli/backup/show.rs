//! `embsec backup show`.

use super::opened::{DestinationArgs, IdentityArgs, Missing, opened};
use crate::app::backup::{Event, Listed, PrivateManifest, PublicManifest, Record};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use jiff::Timestamp;
use serde::Serialize;

/// Show a backup: its size, the keys that it needs, and what was done with it
///
/// With an identity, it is opened, and what is in it is shown too: the database, its tables and
/// files.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Its id, the beginning of it, or `newest`
    #[arg(value_name = "ID")]
    id: String,

    #[command(flatten)]
    identity: IdentityArgs,

    #[command(flatten)]
    destination: DestinationArgs,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    created_at: Timestamp,
    size_bytes: u64,
    verified_level: u8,
    duration_secs: f64,
    engine: &'static str,
    program: &'static str,
    embsec_version: String,
    segments: usize,
    pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    drilled_at: Option<Timestamp>,
    keys_needed: Needed,
    destroyed_keys: Vec<String>,
    history: Vec<Happened>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Needed {
    master: Vec<String>,
    data: Vec<String>,
    target: Vec<String>,
}

#[derive(Serialize)]
struct Happened {
    at: Timestamp,
    host: String,
    what: &'static str,
    result: String,
}

#[derive(Serialize)]
struct Content {
    host: String,
    database: String,
    rows: u64,
    raw_bytes: u64,
    tables: Vec<Table>,
    files: Vec<File>,
}

#[derive(Serialize)]
struct Table {
    table: String,
    rows: u64,
    raw_bytes: u64,
}

#[derive(Serialize)]
struct File {
    file: String,
    size_bytes: u64,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let identity = args.identity.read(context)?;
    let opened = opened(
        context,
        "backup show",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let shown = context.runtime()?.block_on(async {
        let backups = &opened.backups;
        let id = opened.resolve(context, &args.id).await?;
        let container = backups.open(&id).await?;
        let catalogue = backups.catalogue().await?;
        let listed = catalogue.backups.iter().find(|listed| listed.id == id);
        let mut shown = Shown::new(&container.public, listed);
        if let Some(identity) = &identity {
            let opened = container.identity(identity)?;
            shown.content = Some(Content::from(&container.private(&opened).await?));
        }
        Ok::<_, CliError>(shown)
    })?;
    render::print(&context.ui, &shown)?;
    Ok(ExitKind::Done)
}

impl Shown {
    fn new(public: &PublicManifest, listed: Option<&Listed>) -> Self {
        let keys = &public.keys_needed;
        let all = |keys: &std::collections::BTreeSet<String>| keys.iter().cloned().collect();
        let records = listed.map(|listed| listed.records.as_slice());
        Self {
            id: public.id.to_string(),
            created_at: public.created_at,
            size_bytes: public.size_bytes,
            verified_level: listed.map_or(0, Listed::verified_level),
            duration_secs: render::secs_of_millis(public.duration_millis),
            engine: public.engine.as_str(),
            program: public.program.as_str(),
            embsec_version: public.embsec_version.clone(),
            segments: public.segments.len(),
            pinned: listed.is_some_and(Listed::is_pinned),
            drilled_at: listed.and_then(Listed::drilled_at),
            keys_needed: Needed {
                master: all(&keys.master),
                data: all(&keys.data),
                target: all(&keys.target),
            },
            destroyed_keys: all(&public.destroyed_keys),
            history: records
                .unwrap_or_default()
                .iter()
                .map(Happened::from)
                .collect(),
            content: None,
        }
    }
}

impl From<&Record> for Happened {
    fn from(record: &Record) -> Self {
        let result = match &record.event {
            Event::Verified {
                level,
                passed,
                reason,
            } => {
                let verdict = if *passed { "holds" } else { "does not hold" };
                let reason = reason.as_ref().map(|reason| format!(": {reason}"));
                format!("level {level} {verdict}{}", reason.unwrap_or_default())
            }
            Event::Drilled {
                verdict, reason, ..
            } => {
                let reason = reason.as_ref().map(|reason| format!(": {reason}"));
                format!("{}{}", verdict.as_str(), reason.unwrap_or_default())
            }
            Event::Replacing { by } => format!("by {by}"),
            Event::Pinned | Event::Unpinned | Event::Pruned => String::new(),
        };
        Self {
            at: record.at,
            host: record.host.clone(),
            what: record.event.word(),
            result,
        }
    }
}

impl From<&PrivateManifest> for Content {
    fn from(manifest: &PrivateManifest) -> Self {
        let tables = manifest.tables.iter().map(|table| Table {
            table: table.shape.to_string(),
            rows: table.rows,
            raw_bytes: table.raw_bytes,
        });
        let files = manifest.files.iter().map(|file| File {
            file: file.name.clone(),
            size_bytes: file.size_bytes,
        });
        Self {
            host: manifest.host.clone(),
            database: manifest.database.clone(),
            rows: manifest.rows(),
            raw_bytes: manifest.raw_bytes(),
            tables: tables.collect(),
            files: files.collect(),
        }
    }
}

impl Render for Shown {
    const SCHEMA: &'static str = "embsec.backup.show/1";

    fn table(&self) -> String {
        let mut rows = vec![
            ["backup".to_owned(), self.id.clone()],
            ["snapshot of".to_owned(), render::time(self.created_at)],
            [
                "database of".to_owned(),
                format!("{} ({})", self.program, self.engine),
            ],
            ["size".to_owned(), render::bytes(self.size_bytes)],
            ["took".to_owned(), format!("{:.1} s", self.duration_secs)],
            ["proven level".to_owned(), self.verified_level.to_string()],
            [
                "restored for a test".to_owned(),
                self.drilled_at
                    .map_or_else(|| "never".to_owned(), render::time),
            ],
            [
                "made by".to_owned(),
                format!("embsec {}", self.embsec_version),
            ],
        ];
        if self.pinned {
            rows.push(["pinned".to_owned(), "yes".to_owned()]);
        }
        for (kind, keys) in [
            ("master keys", &self.keys_needed.master),
            ("data keys", &self.keys_needed.data),
            ("target keys", &self.keys_needed.target),
            ("destroyed keys", &self.destroyed_keys),
        ] {
            if !keys.is_empty() {
                rows.push([kind.to_owned(), keys.join(" ")]);
            }
        }
        let mut text = render::table(["", ""], rows);
        if !self.history.is_empty() {
            text.push('\n');
            text.push_str(&render::table(
                ["WHEN", "HOST", "WHAT", "RESULT"],
                self.history.iter().map(|happened| {
                    [
                        render::time(happened.at),
                        happened.host.clone(),
                        happened.what.to_owned(),
                        happened.result.clone(),
                    ]
                }),
            ));
        }
        if let Some(content) = &self.content {
            text.push_str(&content.table());
        }
        text
    }

    fn plain(&self) -> String {
        render::lines([[
            self.id.clone(),
            self.size_bytes.to_string(),
            self.verified_level.to_string(),
        ]])
    }
}

impl Content {
    fn table(&self) -> String {
        let mut text = format!(
            "\n{} on the host {}: {}, {} decoded\n",
            self.database,
            self.host,
            crate::domain::count::rows(self.rows),
            render::bytes(self.raw_bytes),
        );
        let tables = self.tables.iter().map(|table| {
            [
                table.table.clone(),
                table.rows.to_string(),
                render::bytes(table.raw_bytes),
            ]
        });
        let files = self.files.iter().map(|file| {
            [
                file.file.clone(),
                String::new(),
                render::bytes(file.size_bytes),
            ]
        });
        text.push('\n');
        text.push_str(&render::table(
            ["TABLE OR FILE", "ROWS", "SIZE"],
            tables.chain(files),
        ));
        text
    }
}
