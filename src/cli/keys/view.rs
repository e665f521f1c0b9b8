//! What `embsec keys list` and `show` tell of a key, and what is left to tell where the database
//! cannot be asked.

use crate::app::key_views::{self, KeyPlace, KeyView};
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
pub(super) use crate::cli::render::time as time_text;
use crate::domain::count::{self, counted};
use crate::domain::key::{KeyId, KeyPurpose, KeyState};
use jiff::Timestamp;
use serde::Serialize;

/// A key, as it is printed. Nothing of it is secret.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) state: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) uses: Option<u64>,
    /// How many data keys or values are sealed by it now, where that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) needed_by: Option<u64>,
    pub(super) place: &'static str,
    /// What its signatures are verified by, of a key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rotated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) master_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destroy_after: Option<Timestamp>,
}

impl From<KeyView> for Row {
    fn from(view: KeyView) -> Self {
        Self {
            id: view.id.0,
            purpose: view.purpose,
            state: view.state.as_str(),
            created_at: view.created_at,
            uses: view.uses,
            needed_by: None,
            place: view.place.as_str(),
            public_key: view.public_key.map(|key| key.to_string()),
            rotated_at: view.rotated_at,
            master_id: view.master_id.map(|id| id.0),
            destroy_after: view.destroy_after,
        }
    }
}

impl Row {
    /// What the number of uses means: of a master key the data keys that it seals now, of a data
    /// key how often it has sealed in all its life, which is what limits it. A key that signs is not
    /// counted: its state says what it is for.
    pub(super) fn use_in_words(&self) -> String {
        if self.purpose == KeyPurpose::BackupSigning.to_string() {
            let signs = self.state == KeyState::Active.as_str();
            let is_new = self.state == KeyState::Pending.as_str();
            return match (signs, is_new) {
                (true, _) => "signs backups",
                (false, true) => "not used yet",
                (false, false) => "verifies only",
            }
            .to_owned();
        }
        match (self.uses, self.place) {
            (None, _) => "unknown".to_owned(),
            (Some(uses), place) if place == KeyPlace::Keyring.as_str() => {
                format!("seals {}", count::data_keys(uses))
            }
            (Some(uses), _) => format!("sealed {}", counted(uses, "time", "times")),
        }
    }

    /// What needs the key now, where that was counted.
    pub(super) fn needed_in_words(&self) -> Option<String> {
        let count = self.needed_by?;
        Some(if self.place == KeyPlace::Keyring.as_str() {
            count::data_keys(count)
        } else {
            count::values(count)
        })
    }

    /// The number of uses, where it is known: what a key of another program's database sealed is
    /// not seen from here.
    pub(super) fn uses_text(&self) -> String {
        self.uses
            .map_or_else(|| "unknown".to_owned(), |uses| uses.to_string())
    }
}

/// How many data keys or values are sealed by a key now. `None`: that is in other databases.
pub(super) fn needed_by(context: &Context, row: &Row) -> Result<Option<u64>, CliError> {
    if row.place == KeyPlace::Keyring.as_str() {
        return Ok(row.uses);
    }
    console::run(context, "keys show", async |app, _| {
        let id = KeyId(row.id.clone());
        Ok(Some(app.values_sealed_by(&id).await?))
    })
}

/// Every key, and whether that is all of them: without the database only the keyring's are known.
pub(super) fn keys(context: &Context, command: &str) -> Result<(Vec<KeyView>, ExitKind), CliError> {
    let asked = console::run(context, command, async |app, _| {
        Ok((app.key_views().await?, app.drill_age().await?))
    });
    match asked {
        Ok((keys, age)) => {
            if let Some(reminder) = age.reminder() {
                context.ui.warn(reminder);
            }
            Ok((keys, ExitKind::Done))
        }
        Err(error) if error.kind() == ExitKind::Unavailable => {
            let keyring = context.keyring(&context.config()?).load()?;
            context.ui.warn(format_args!(
                "Only the keys of the keyring are known, and not how they are used: {}",
                error.message()
            ));
            Ok((key_views::of_keyring(&keyring), ExitKind::Incomplete))
        }
        Err(error) => Err(error),
    }
}
