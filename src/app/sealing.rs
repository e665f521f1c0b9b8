//! How what is stored in a deployment's own database is sealed, against what its projects want:
//! counted, and brought in line in either direction, beside servers that run.

mod status;

pub use status::{ColumnCounts, Inspection, Mode, SealingStatus};

use super::job::{Progress, Stop};
use super::rotation::{Aim, RotationError, WORK, Walk, Walked, Work};
use super::{App, Call};
use crate::domain::audit::{Action, AuditEvent, Details, Outcome};
use crate::domain::key::KeyScope;
use crate::domain::rotation::ProjectSealing;
use crate::store::{Conflict, StoreError};

/// How often a project is begun again when its settings or keys change meanwhile.
const ATTEMPTS: usize = 10;

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
    /// Opens and counts every value.
    ///
    /// # Errors
    ///
    /// As [`Inspection::run`].
    pub async fn status(&self) -> Result<SealingStatus, RotationError> {
        let keyring = self.app.keys.keyring();
        Inspection {
            store: self.app.store.as_ref(),
            keyring: Some(&keyring),
            progress: self.progress,
            stop: self.stop,
        }
        .run()
        .await
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
