//! `embsec backup list`.

use super::opened::{DestinationArgs, Missing, opened};
use crate::app::backup::{Catalogue, Listed};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::render::{self, Render};
use jiff::Timestamp;
use serde::Serialize;

/// List the backups of the destination, and what is known of each
///
/// Nothing is opened, so no identity is needed. LEVEL is what was last proven of a backup: 2 when
/// it was made, 4 after a restore test that went well, 0 after it was found damaged. What was put
/// back into one of them, `embsec backup show` and `embsec backup verify` notice.
///
/// Exit code 0: nothing bad is known of any of them. 6: one of them is not to be believed or was
/// found damaged, or one that was seen here is gone.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    destination: DestinationArgs,
}

#[derive(Serialize)]
struct List {
    destination: String,
    backups: Vec<Row>,
    lost: Vec<String>,
    unfinished: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    verified_level: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    drilled_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_secs: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<&'static str>,
    pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let opened = opened(
        context,
        "backup list",
        args.destination.parse()?,
        Missing::Refuse,
    )?;
    let catalogue = context
        .runtime()?
        .block_on(async { opened.backups.catalogue().await })?;
    let list = List::new(opened.backups.blob.describe(), &catalogue);
    render::print(&context.ui, &list)?;
    for row in &list.backups {
        if let Some(fault) = &row.fault {
            context.ui.warn(format_args!("{}: {fault}.", row.id));
        }
    }
    for id in &list.unfinished {
        context.ui.note(format_args!(
            "The backup {id} is no backup here yet: it is being sent, or that was interrupted and \
             the same command goes on."
        ));
    }
    for id in &list.lost {
        context.ui.warn(format_args!(
            "The backup {id} was seen here and is gone, and no `embsec backup prune` removed it."
        ));
    }
    Ok(if list.is_sound() {
        ExitKind::Done
    } else {
        ExitKind::Integrity
    })
}

impl List {
    fn new(destination: String, catalogue: &Catalogue) -> Self {
        Self {
            destination,
            backups: catalogue.backups.iter().map(Row::from).collect(),
            lost: catalogue.lost.iter().map(ToString::to_string).collect(),
            unfinished: catalogue
                .unfinished
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    fn is_sound(&self) -> bool {
        self.lost.is_empty() && self.backups.iter().all(Row::is_sound)
    }
}

impl From<&Listed> for Row {
    fn from(listed: &Listed) -> Self {
        let public = listed.public.as_ref().ok();
        Self {
            id: listed.id.to_string(),
            created_at: listed.created_at(),
            size_bytes: public.map(|public| public.size_bytes),
            verified_level: listed.verified_level(),
            drilled_at: listed.drilled_at(),
            duration_secs: public.map(|public| render::secs_of_millis(public.duration_millis)),
            engine: public.map(|public| public.engine.as_str()),
            program: public.map(|public| public.program.as_str()),
            pinned: listed.is_pinned(),
            fault: listed.public.as_ref().err().map(ToString::to_string),
        }
    }
}

impl Row {
    /// A backup has a level from its making on, until it is found damaged.
    const fn is_sound(&self) -> bool {
        self.fault.is_none() && self.verified_level > 0
    }

    fn cells(&self) -> [String; 7] {
        let none = || "-".to_owned();
        [
            self.id.clone(),
            self.program.map_or_else(none, str::to_owned),
            self.size_bytes.map_or_else(none, render::bytes),
            self.duration_secs
                .map_or_else(none, |secs| format!("{secs:.1} s")),
            self.verified_level.to_string(),
            self.drilled_at.map_or_else(none, render::time),
            match (&self.fault, self.pinned) {
                (Some(_), _) => "NOT TO BE BELIEVED".to_owned(),
                (None, _) if self.verified_level == 0 => "DAMAGED".to_owned(),
                (None, true) => "pinned".to_owned(),
                (None, false) => String::new(),
            },
        ]
    }
}

impl Render for List {
    const SCHEMA: &'static str = "embsec.backup.list/1";

    fn table(&self) -> String {
        if self.backups.is_empty() {
            return format!("There is no backup in {}.\n", self.destination);
        }
        render::table(
            [
                "BACKUP",
                "OF",
                "SIZE",
                "TOOK",
                "LEVEL",
                "RESTORED FOR A TEST",
                "",
            ],
            self.backups.iter().map(Row::cells),
        )
    }

    fn plain(&self) -> String {
        render::lines(self.backups.iter().map(|row| {
            [
                row.id.clone(),
                row.size_bytes.unwrap_or(0).to_string(),
                row.verified_level.to_string(),
                row.drilled_at.map_or_else(String::new, render::time),
            ]
        }))
    }
}
