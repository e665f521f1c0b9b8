//! What a database holds, counted: sealed or in clear, under which key, and whether it opens.
//!
//! Nothing is changed here, and nothing but the store and the keyring is needed: a database that
//! may only be read can be counted as well.

use super::{Direction, SealingReport};
use crate::app::destroyed;
use crate::app::encryption::Verdict;
use crate::app::job::{Progress, Stop};
use crate::app::keys::ScopeKeys;
use crate::app::rotation::{RotationError, Seen, Unopened, ValueError, ValueFault, see};
use crate::crypto::field::{FieldOpenError, SealedValue};
use crate::crypto::keyring::Keyring;
use crate::domain::key::{KeyId, KeyScope};
use crate::domain::rotation::{ProjectSealing, SealedColumn, StoredRow};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are read at once to be counted.
const PAGE_ROWS: u32 = 1_000;
/// Values that do not open and are named.
const NAMED: usize = 20;

/// Whether the values of a column are wanted sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// They are: what is in clear is a finding.
    Encrypt,
    /// They are not.
    Plaintext,
}

impl Mode {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Plaintext => "plaintext",
        }
    }

    const fn wanted(sealed: bool) -> Self {
        if sealed {
            Self::Encrypt
        } else {
            Self::Plaintext
        }
    }
}

/// The values of a column that are wanted alike. Each is counted in one of the numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnCounts {
    /// Sealed, and opened.
    pub encrypted: u64,
    /// In clear.
    pub plaintext: u64,
    /// NULL or empty.
    pub empty: u64,
    /// Sealed, and damaged or moved here from elsewhere.
    pub undecryptable: u64,
    /// Sealed under a key that is not at hand.
    pub unknown_key: u64,
    /// Sealed ones by their key.
    pub by_key: BTreeMap<KeyId, u64>,
}

/// All values of a database.
#[derive(Debug, Default)]
pub struct SealingStatus {
    /// By column and by what is wanted of it.
    pub columns: BTreeMap<(SealedColumn, Mode), ColumnCounts>,
    /// The first values that do not open.
    pub unopened: Vec<ValueFault>,
    /// Whether there are sealed values that were not opened, since there was no keyring.
    pub is_untried: bool,
    unopened_count: u64,
}

impl SealingStatus {
    /// How many values do not open.
    #[must_use]
    pub const fn unopened_count(&self) -> u64 {
        self.unopened_count
    }

    /// How many values are in clear and should not be.
    #[must_use]
    pub fn plaintext(&self) -> u64 {
        self.sum(Mode::Encrypt, |counts| counts.plaintext)
    }

    /// What it says, the worst first.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.unopened_count > 0 {
            Verdict::Undecryptable
        } else if self.plaintext() > 0 {
            Verdict::Plaintext
        } else if self.is_untried {
            Verdict::Unopened
        } else {
            Verdict::Protected
        }
    }

    fn sum(&self, mode: Mode, count: fn(&ColumnCounts) -> u64) -> u64 {
        let wanted = self.columns.iter().filter(|((_, of), _)| *of == mode);
        wanted.map(|(_, counts)| count(counts)).sum()
    }

    /// What a run in this direction would do.
    pub(super) fn plan(&self, direction: Direction) -> SealingReport {
        let to_do = match direction {
            Direction::Encrypt => self.plaintext(),
            Direction::Decrypt => self.sum(Mode::Plaintext, |counts| counts.encrypted),
        };
        let of_all = |counts: &ColumnCounts| counts.encrypted + counts.plaintext + counts.empty;
        let all: u64 = self.columns.values().map(of_all).sum();
        SealingReport {
            changed: to_do,
            skipped: all - to_do,
            remaining: to_do,
        }
    }

    pub(super) fn require_opened(&self) -> Result<(), RotationError> {
        if self.unopened_count == 0 {
            return Ok(());
        }
        Err(RotationError::Unopened(Box::new(Unopened {
            count: self.unopened_count,
            first: self.unopened.clone(),
        })))
    }
}

/// Opens and counts every value, in memory that does not grow with them.
pub struct Inspection<'a> {
    /// What is counted.
    pub store: &'a dyn Store,
    /// What opens the data keys; without one nothing is opened.
    pub keyring: Option<&'a Keyring>,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: &'a Stop,
}

impl Inspection<'_> {
    /// Counts.
    ///
    /// # Errors
    ///
    /// [`RotationError::Interrupted`], or when the database fails. Values that do not open are
    /// counted.
    pub async fn run(&self) -> Result<SealingStatus, RotationError> {
        let mut status = SealingStatus::default();
        self.count(KeyScope::System, None, "system", &mut status)
            .await?;
        for project in self.store.project_sealings().await? {
            let scope = KeyScope::Project(project.project);
            let name = format!("project:{}", project.name);
            self.count(scope, Some(&project), &name, &mut status)
                .await?;
        }
        destroyed::tell(self.store, &mut status.unopened).await?;
        Ok(status)
    }

    async fn count(
        &self,
        scope: KeyScope,
        project: Option<&ProjectSealing>,
        name: &str,
        status: &mut SealingStatus,
    ) -> Result<(), RotationError> {
        self.progress
            .begin(name, project.map(|project| project.embeddings));
        let mut keys = self.keys(scope).await?;
        let mut unknown = BTreeSet::new();
        let (mut after, mut rows_read) = (0, 0);
        loop {
            if self.stop.is_asked() {
                return Err(RotationError::Interrupted { rows: 0 });
            }
            let rows = self.store.stored_rows(scope, after, PAGE_ROWS).await?;
            let Some(last) = rows.last() else { break };
            after = last.row_id;
            for row in &rows {
                if let Some(keys_by_id) = &keys
                    && let Some(id) = unknown_key(row, keys_by_id)
                    && unknown.insert(id)
                {
                    // Another key may have become the active one since the keys were read.
                    keys = self.keys(scope).await?;
                }
                status.count(row, project, keys.as_ref());
            }
            rows_read += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            self.progress.done(rows_read);
        }
        self.progress.end();
        Ok(())
    }

    /// The keys of a scope that open, where there is something to open them with.
    async fn keys(&self, scope: KeyScope) -> Result<Option<ScopeKeys>, RotationError> {
        let Some(keyring) = self.keyring else {
            return Ok(None);
        };
        let records = self.store.data_keys(Some(scope)).await?;
        Ok(Some(ScopeKeys::open(&records, keyring)))
    }
}

/// The first key that a value of the row names and that is not at hand.
fn unknown_key(row: &StoredRow, keys: &ScopeKeys) -> Option<KeyId> {
    row.values
        .iter()
        .find_map(|(column, stored)| match see(row, *column, stored, keys) {
            Err(ValueError::Open(FieldOpenError::UnknownKey { id })) => Some(id),
            _ => None,
        })
}

/// What a value is, as far as that is seen without a key.
enum Looked {
    Seen(Seen),
    /// It is sealed, by this key if it names one.
    Untried(Option<KeyId>),
}

fn look(
    row: &StoredRow,
    column: SealedColumn,
    stored: &str,
    keys: Option<&ScopeKeys>,
) -> Result<Looked, ValueError> {
    if let Some(keys) = keys {
        return see(row, column, stored, keys).map(Looked::Seen);
    }
    match see(row, column, stored, &ScopeKeys::default()) {
        Err(ValueError::Open(FieldOpenError::UnknownKey { .. })) => {
            let sealed = SealedValue::parse(stored)?;
            Ok(Looked::Untried(
                sealed.map(|sealed| sealed.key_id().clone()),
            ))
        }
        seen => seen.map(Looked::Seen),
    }
}

impl SealingStatus {
    fn count(
        &mut self,
        row: &StoredRow,
        project: Option<&ProjectSealing>,
        keys: Option<&ScopeKeys>,
    ) {
        let wanted: &[(SealedColumn, Mode)] = match project {
            None => &[(SealedColumn::ApiKey, Mode::Encrypt)],
            Some(project) => &[
                (SealedColumn::Text, Mode::wanted(project.text)),
                (SealedColumn::Metadata, Mode::wanted(project.metadata)),
            ],
        };
        for (column, mode) in wanted {
            let counts = self.columns.entry((*column, *mode)).or_default();
            let stored = row.values.iter().find(|(found, _)| found == column);
            let Some((_, stored)) = stored else {
                counts.empty += 1;
                continue;
            };
            match look(row, *column, stored, keys) {
                Ok(Looked::Seen(Seen::Empty)) => counts.empty += 1,
                Ok(Looked::Seen(Seen::Plain)) => counts.plaintext += 1,
                Ok(Looked::Seen(Seen::Sealed(id, _))) => {
                    counts.encrypted += 1;
                    *counts.by_key.entry(id).or_default() += 1;
                }
                Ok(Looked::Untried(id)) => {
                    counts.encrypted += 1;
                    if let Some(id) = id {
                        *counts.by_key.entry(id).or_default() += 1;
                    }
                    self.is_untried = true;
                }
                Err(error) => {
                    match &error {
                        ValueError::Open(FieldOpenError::UnknownKey { .. }) => {
                            counts.unknown_key += 1;
                        }
                        _ => counts.undecryptable += 1,
                    }
                    self.unopened_count += 1;
                    if self.unopened.len() < NAMED {
                        self.unopened.push(ValueFault {
                            column: *column,
                            place: row.place.clone(),
                            error,
                        });
                    }
                }
            }
        }
    }
}
