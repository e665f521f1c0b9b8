//! How what is stored in a deployment's own database is sealed, against what its projects want:
//! counted, and brought in line in either direction, beside servers that run.

use super::job::{Progress, Stop};
use super::keys::ScopeKeys;
use super::rotation::{Aim, RotationError, Seen, Unopened, ValueError, ValueFault, Walk, Walked};
use super::rotation::{WORK, Work, see};
use super::{App, Call};
use crate::crypto::field::FieldOpenError;
use crate::domain::audit::{Action, AuditEvent, Details, Outcome};
use crate::domain::key::{KeyId, KeyScope};
use crate::domain::rotation::{ProjectSealing, SealedColumn, StoredRow};
use crate::store::{Conflict, StoreError};
use std::collections::BTreeMap;

/// Rows that are read at once to be counted.
const PAGE_ROWS: u32 = 1_000;
/// How often a project is begun again when its settings or keys change meanwhile.
const ATTEMPTS: usize = 10;
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

    fn sum(&self, mode: Mode, count: fn(&ColumnCounts) -> u64) -> u64 {
        let wanted = self.columns.iter().filter(|((_, of), _)| *of == mode);
        wanted.map(|(_, counts)| count(counts)).sum()
    }

    /// What a run in this direction would do.
    fn plan(&self, direction: Direction) -> SealingReport {
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

    fn require_opened(&self) -> Result<(), RotationError> {
        if self.unopened_count == 0 {
            return Ok(());
        }
        Err(RotationError::Unopened(Box::new(Unopened {
            count: self.unopened_count,
            first: self.unopened.clone(),
        })))
    }
}

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What is in clear and should not be is sealed.
    Encrypt,
    /// What is sealed and need not be is stored in clear.
    Decrypt,
}

impl Direction {
    /// What becomes of a project's values; nothing when there is nothing to be done.
    fn aim(self, project: &ProjectSealing) -> Option<Aim> {
        let (text, metadata) = (project.text, project.metadata);
        match self {
            Self::Encrypt if text || metadata => Some(Aim::Seal { text, metadata }),
            Self::Decrypt if !text || !metadata => Some(Aim::Open {
                text: !text,
                metadata: !metadata,
            }),
            _ => None,
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Encrypt => Action::ContentEncrypt,
            Self::Decrypt => Action::ContentDecrypt,
        }
    }
}

/// What was changed, or would be, in values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealingReport {
    /// Changed.
    pub changed: u64,
    /// As they should be before.
    pub skipped: u64,
    /// Still not as they should be.
    pub remaining: u64,
}

/// Work on what a database holds, with what it needs.
pub struct Sealing<'a> {
    /// The use-cases.
    pub app: &'a App,
    /// Who asks.
    pub call: &'a Call,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: &'a Stop,
}

impl Sealing<'_> {
    /// Opens and counts every value, in memory that does not grow with them.
    ///
    /// # Errors
    ///
    /// [`RotationError::Interrupted`], or when the database fails. Values that do not open are
    /// counted.
    pub async fn status(&self) -> Result<SealingStatus, RotationError> {
        let mut status = SealingStatus::default();
        self.count(KeyScope::System, None, "system", &mut status)
            .await?;
        for project in self.app.store.project_sealings().await? {
            let scope = KeyScope::Project(project.project);
            let name = format!("project:{}", project.name);
            self.count(scope, Some(&project), &name, &mut status)
                .await?;
        }
        Ok(status)
    }

    /// Brings every project's values in line with what it wants, one way. With `dry_run` they are
    /// counted only.
    ///
    /// # Errors
    ///
    /// [`RotationError::Unopened`] before anything is changed, [`RotationError::NothingToOpen`]
    /// when every project wants everything sealed; any other [`RotationError`], and then what was
    /// committed stays.
    pub async fn bring_in_line(
        &self,
        direction: Direction,
        dry_run: bool,
    ) -> Result<SealingReport, RotationError> {
        let projects = self.app.store.project_sealings().await?;
        let concerned: Vec<_> = projects
            .iter()
            .filter(|project| direction.aim(project).is_some())
            .collect();
        if concerned.is_empty() && direction == Direction::Decrypt {
            return Err(RotationError::NothingToOpen);
        }
        let status = self.status().await?;
        status.require_opened()?;
        let plan = status.plan(direction);
        if dry_run || plan.changed == 0 {
            return Ok(plan);
        }
        let lease = self.app.take_lease(WORK).await?;
        let mut work = Work::new(self.app, lease, self.progress, self.stop);
        let mut report = SealingReport::default();
        let mut done = Ok(());
        for project in concerned {
            let name = format!("project:{}", project.name);
            self.progress.begin(&name, Some(project.embeddings));
            let walked = self.project(&mut work, project, direction).await;
            self.progress.end();
            match walked {
                Ok(walked) => report.changed += walked.changed,
                Err(error) => {
                    done = Err(error);
                    break;
                }
            }
        }
        let released = work.lease.release().await;
        report.skipped = plan.skipped;
        self.record(direction, report, done.is_ok()).await?;
        done?;
        released?;
        report.remaining = self.status().await?.plan(direction).changed;
        Ok(report)
    }

    /// Walks over a project until a whole walk finds nothing to do.
    async fn project(
        &self,
        work: &mut Work<'_>,
        project: &ProjectSealing,
        direction: Direction,
    ) -> Result<Walked, RotationError> {
        let scope = KeyScope::Project(project.project);
        let mut project = project.clone();
        let mut all: Option<Walked> = None;
        for _ in 0..ATTEMPTS {
            let Some(aim) = direction.aim(&project) else {
                break;
            };
            if direction == Direction::Encrypt && project.embeddings > 0 {
                // A project that never sealed anything gets its first key.
                self.app.keys.for_sealing(scope).await?;
            }
            let walk = Walk {
                scope,
                aim,
                settings_revision: Some(self.revision(&project).await?),
                rotation: None,
            };
            match walk.run(work, 0).await {
                Ok(walked) => {
                    let is_last = walked.is_settled();
                    let sum = match all.take() {
                        Some(before) => before.followed_by(walked),
                        None => walked,
                    };
                    if is_last {
                        return Ok(sum);
                    }
                    all = Some(sum);
                }
                Err(RotationError::Store(StoreError::Conflict(
                    Conflict::SettingsChanged | Conflict::KeyChanged,
                ))) => {
                    self.app.keys.forget(scope);
                    let found = self.app.store.project_sealings().await?;
                    let found = found.into_iter().find(|p| p.project == project.project);
                    // A project that is gone has nothing left to be changed.
                    let Some(found) = found else { break };
                    project = found;
                }
                Err(error) => return Err(error),
            }
        }
        match all {
            Some(_) => Err(RotationError::Unsettled(project.name)),
            None => Ok(Walked::default()),
        }
    }

    /// The settings revision that the policy in hand is of, unless the policy is another one now.
    async fn revision(&self, project: &ProjectSealing) -> Result<i64, RotationError> {
        let found = self.app.store.project_sealings().await?;
        let found = found.into_iter().find(|p| p.project == project.project);
        match found {
            Some(found) if (found.text, found.metadata) == (project.text, project.metadata) => {
                Ok(found.settings_revision)
            }
            _ => Ok(project.settings_revision),
        }
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
        let mut keys = self.app.keys.refresh(scope).await?;
        let (mut after, mut rows_read) = (0, 0);
        loop {
            if self.stop.is_asked() {
                return Err(RotationError::Interrupted { rows: 0 });
            }
            let rows = self.app.store.stored_rows(scope, after, PAGE_ROWS).await?;
            let Some(last) = rows.last() else { break };
            after = last.row_id;
            for row in &rows {
                if names_unknown_key(row, &keys) {
                    // Another key may have become the active one since the keys were read.
                    keys = self.app.keys.refresh(scope).await?;
                }
                status.count(row, project, &keys);
            }
            rows_read += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            self.progress.done(rows_read);
        }
        self.progress.end();
        Ok(())
    }

    async fn record(
        &self,
        direction: Direction,
        report: SealingReport,
        is_done: bool,
    ) -> Result<(), RotationError> {
        let mut details = self.call.origin.details.clone();
        details.extend(Details::from_iter([(
            "count".to_owned(),
            report.changed.into(),
        )]));
        let event = AuditEvent {
            action: direction.action(),
            outcome: if is_done {
                Outcome::Success
            } else {
                Outcome::Error
            },
            origin: self.call.origin.clone(),
            project_id: None,
            details,
        };
        self.app.audit.append(event).await?;
        Ok(())
    }
}

fn names_unknown_key(row: &StoredRow, keys: &ScopeKeys) -> bool {
    row.values.iter().any(|(column, stored)| {
        matches!(
            see(row, *column, stored, keys),
            Err(ValueError::Open(FieldOpenError::UnknownKey { .. }))
        )
    })
}

impl SealingStatus {
    fn count(&mut self, row: &StoredRow, project: Option<&ProjectSealing>, keys: &ScopeKeys) {
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
            match see(row, *column, stored, keys) {
                Ok(Seen::Empty) => counts.empty += 1,
                Ok(Seen::Plain) => counts.plaintext += 1,
                Ok(Seen::Sealed(id, _)) => {
                    counts.encrypted += 1;
                    *counts.by_key.entry(id).or_default() += 1;
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
