//! Deleting projects, bringing them back, and destroying their keys and rows for good.
//!
//! A deleted project is out of service at once and can be brought back until its time is over.
//! Destroying is for the console and for timers, never for the API.

use super::error::{AppError, AppResult};
use super::job::{Progress, Stop};
use super::{App, Call};
use crate::domain::access::{ObjectPath, Scope};
use crate::domain::deletion::{DeletedProject, RestoredProject};
use crate::domain::ids::{Handle, ProjectId};
use crate::domain::key::{KeyId, KeyScope};
use crate::store::{Conflict, Doom, Missing, Remains};
use jiff::Timestamp;

/// Embeddings removed in one transaction: few enough that other writers hardly wait.
const ROWS_PER_BATCH: u32 = 500;

/// What a run of destruction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shredded {
    /// Data keys that are gone for good.
    pub key_ids: Vec<KeyId>,
    /// Projects that are removed.
    pub projects: u64,
    /// Embeddings that are removed.
    pub embeddings: u64,
    /// What became of the bytes.
    pub remains: Remains,
    /// Whether it was asked to stop before everything was removed. The keys are gone all the same.
    pub interrupted: bool,
}

/// A project whose rows are to be removed.
struct Doomed {
    id: ProjectId,
    embeddings: u64,
}

impl App {
    /// Until when a project that is deleted at this time can be brought back.
    #[must_use]
    pub fn destroy_after(&self, deleted_at: Timestamp) -> Timestamp {
        deleted_at
            .saturating_add(self.settings.shred_after)
            .unwrap_or(Timestamp::MAX)
    }

    /// Takes a project out of service. Returns until when it can be brought back.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], or when the database fails.
    pub async fn delete_project(&self, call: &Call, path: &ObjectPath) -> AppResult<Timestamp> {
        let now = self.clock.now();
        let destroy_after = self.destroy_after(now);
        self.store
            .delete_project(path, now, destroy_after, &self.recorder(call))
            .await?;
        Ok(destroy_after)
    }

    /// Every deleted project whose rows are still there.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn deleted_projects(&self) -> AppResult<Vec<DeletedProject>> {
        Ok(self
            .store
            .deleted_projects(self.settings.shred_after)
            .await?)
    }

    /// The one deleted project that had this path, and this id if one is given.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], several such projects and no id, or when the database fails.
    pub async fn deleted_project(
        &self,
        path: &ObjectPath,
        id: Option<ProjectId>,
    ) -> AppResult<DeletedProject> {
        let mut found = self.deleted_projects_of(path, id).await?;
        match (found.pop(), found.as_slice()) {
            (None, _) => Err(Missing::Project(path.clone()).into()),
            (Some(project), []) => Ok(project),
            (Some(last), others) => {
                let ids = others.iter().map(|project| project.id.to_string());
                let ids: Vec<String> = ids.chain([last.id.to_string()]).collect();
                Err(AppError::Invalid(format!(
                    "several deleted projects were {path}: their ids are {}",
                    ids.join(", ")
                )))
            }
        }
    }

    /// The deleted projects that had this path, and this id if one is given, oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn deleted_projects_of(
        &self,
        path: &ObjectPath,
        id: Option<ProjectId>,
    ) -> AppResult<Vec<DeletedProject>> {
        let mut projects = self.deleted_projects().await?;
        projects.retain(|project| {
            project.former_path().as_ref() == Some(path) && id.is_none_or(|id| id == project.id)
        });
        Ok(projects)
    }

    /// Brings a deleted project back under this handle.
    ///
    /// # Errors
    ///
    /// [`Missing::ProjectId`] when its keys were destroyed meanwhile, [`Conflict::PathTaken`], or
    /// when the database fails.
    pub async fn undelete_project(
        &self,
        call: &Call,
        id: ProjectId,
        handle: &Handle,
    ) -> AppResult<RestoredProject> {
        Ok(self
            .store
            .undelete_project(id, handle, self.clock.now(), &self.recorder(call))
            .await?)
    }

    /// Whether a project could be created or brought back under this path.
    ///
    /// # Errors
    ///
    /// [`Conflict::PathTaken`], or when the database fails.
    pub async fn check_free(&self, path: &ObjectPath) -> AppResult<()> {
        match self.store.project(path, Scope::Admin).await? {
            Some(_) => Err(Conflict::PathTaken(path.clone()).into()),
            None => Ok(()),
        }
    }

    /// The data keys of a project.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn project_keys(&self, id: ProjectId) -> AppResult<Vec<KeyId>> {
        let keys = self.store.data_keys(Some(KeyScope::Project(id))).await?;
        Ok(keys.into_iter().map(|record| record.key.id).collect())
    }

    /// What [`Self::shred_due`] would destroy now: projects, and keys of projects that are gone.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn due(&self) -> AppResult<(Vec<DeletedProject>, Vec<KeyId>)> {
        let now = self.clock.now();
        let mut projects = self.deleted_projects().await?;
        projects.retain(|project| project.is_due(now));
        Ok((projects, self.store.orphaned_keys(now).await?))
    }

    /// Destroys whatever is due, and goes on with what an earlier run did not finish.
    ///
    /// # Errors
    ///
    /// When the database fails. Keys that were destroyed before stay so.
    pub async fn shred_due(
        &self,
        call: &Call,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> AppResult<Shredded> {
        let (projects, _) = self.due().await?;
        let now = self.clock.now();
        let recorder = self.recorder(call);
        let mut key_ids = self.store.destroy_orphaned_keys(now, &recorder).await?;
        let doom = Doom::Due {
            keep: self.settings.shred_after,
        };
        let mut doomed = Vec::new();
        for project in projects {
            if project.former_handle.is_some() {
                let recorder = self.recorder(call);
                let destroyed = self
                    .store
                    .destroy_project(project.id, doom, now, &recorder)
                    .await?;
                // It was brought back meanwhile.
                let Some(destroyed) = destroyed else { continue };
                key_ids.extend(destroyed.key_ids);
            }
            doomed.push(Doomed {
                id: project.id,
                embeddings: project.number_of_embeddings,
            });
        }
        self.remove(key_ids, doomed, progress, stop).await
    }

    /// Destroys one project, live or deleted, whatever its time.
    ///
    /// # Errors
    ///
    /// [`Missing::ProjectId`], or when the database fails. Keys that were destroyed before stay so.
    pub async fn shred_now(
        &self,
        call: &Call,
        id: ProjectId,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> AppResult<Shredded> {
        let recorder = self.recorder(call);
        let destroyed = self
            .store
            .destroy_project(id, Doom::Now, self.clock.now(), &recorder)
            .await?
            .ok_or(Missing::ProjectId(id))?;
        let doomed = Doomed {
            id,
            embeddings: destroyed.number_of_embeddings,
        };
        self.remove(destroyed.key_ids, vec![doomed], progress, stop)
            .await
    }

    /// Forgets the open keys and the vectors of projects whose keys were destroyed by another
    /// process. `known` is how many such keys there were when it was last asked; returns how many
    /// there are.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_destroyed(&self, known: Option<u64>) -> AppResult<u64> {
        let count = self.store.count_destroyed_keys().await?;
        if known != Some(count) {
            for key in self.store.destroyed_keys().await? {
                self.keys.forget(key.scope);
                if let KeyScope::Project(id) = key.scope {
                    self.matrices.forget(id);
                }
            }
        }
        Ok(count)
    }

    /// Removes the rows of projects whose keys are destroyed. The bytes of the keys go first.
    async fn remove(
        &self,
        key_ids: Vec<KeyId>,
        doomed: Vec<Doomed>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> AppResult<Shredded> {
        let mut shredded = Shredded {
            key_ids,
            projects: 0,
            embeddings: 0,
            remains: self.store.scrub_deleted().await?,
            interrupted: false,
        };
        if doomed.is_empty() {
            return Ok(shredded);
        }
        let total = doomed.iter().map(|project| project.embeddings).sum();
        progress.begin("removing embeddings", Some(total));
        for project in doomed {
            loop {
                if stop.is_asked() {
                    shredded.interrupted = true;
                    progress.end();
                    return Ok(shredded);
                }
                let removed = self
                    .store
                    .remove_destroyed(project.id, ROWS_PER_BATCH)
                    .await?;
                if removed == 0 {
                    shredded.projects += 1;
                    break;
                }
                shredded.embeddings += removed;
                progress.done(shredded.embeddings);
            }
        }
        progress.end();
        shredded.remains = self.store.scrub_deleted().await?;
        Ok(shredded)
    }
}
