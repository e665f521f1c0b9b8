//! Projects, their shares and their owner.

use super::definitions::target_missing;
use super::error::{AppError, AppResult};
use super::{App, Call, metadata};
use crate::domain::access::{ObjectPath, Role, Share};
use crate::domain::ids::{Handle, ProjectId};
use crate::domain::page::Page;
use crate::domain::project::{
    ContentPolicy, Project, ProjectBrief, ProjectOverview, ProjectSpec, UnlikePolicy,
};
#[cfg(doc)]
use crate::store::Conflict;
use crate::store::Missing;

impl App {
    /// What `owner` owns and what is shared with them.
    ///
    /// # Errors
    ///
    /// When nothing is on the page, or the database fails.
    pub async fn list_projects(&self, owner: &Handle, page: Page) -> AppResult<Vec<ProjectBrief>> {
        let projects = self.store.list_projects(owner, page).await?;
        if projects.is_empty() {
            return Err(AppError::Empty(format!(
                "no projects found for user {owner}."
            )));
        }
        Ok(projects)
    }

    /// One project.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], or when the database fails.
    pub async fn project(&self, call: &Call, path: &ObjectPath) -> AppResult<Project> {
        let project = self.store.project(path, call.scope()).await?;
        project.ok_or_else(|| Missing::Project(path.clone()).into())
    }

    /// One project, or nothing where there is none.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn live_project(&self, call: &Call, path: &ObjectPath) -> AppResult<Option<Project>> {
        Ok(self.store.project(path, call.scope()).await?)
    }

    /// The projects of everybody, in order of owner and handle, for the console.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn all_projects(&self) -> AppResult<Vec<ProjectOverview>> {
        Ok(self.store.all_projects().await?)
    }

    /// What of a project is sealed when it is written.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], or when the database fails.
    pub async fn project_policy(&self, call: &Call, path: &ObjectPath) -> AppResult<ContentPolicy> {
        let policy = self.store.project_policy(path, call.scope()).await?;
        policy.ok_or_else(|| Missing::Project(path.clone()).into())
    }

    /// Sets what of a project is sealed when it is written. Rows that are there stay as they are.
    /// Returns whether anything changed.
    ///
    /// # Errors
    ///
    /// [`Missing::Project`], or when the database fails.
    pub async fn set_project_policy(
        &self,
        call: &Call,
        path: &ObjectPath,
        policy: ContentPolicy,
    ) -> AppResult<bool> {
        let recorder = self.recorder(call);
        Ok(self
            .store
            .set_project_policy(path, policy, self.clock.now(), &recorder)
            .await?)
    }

    /// How many rows of a project do not follow a policy. Reads every row.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn unlike_policy(
        &self,
        id: ProjectId,
        policy: ContentPolicy,
    ) -> AppResult<UnlikePolicy> {
        Ok(self.store.unlike_policy(id, policy).await?)
    }

    /// Creates or replaces a project; shares are added.
    ///
    /// # Errors
    ///
    /// A metadata schema that is none, sharing with the owner or as owner, an unknown sharee, an
    /// instance that does not exist or that the owner may not use, or a database failure.
    pub async fn put_project(&self, call: &Call, spec: &ProjectSpec) -> AppResult<ProjectBrief> {
        if let Some(scheme) = &spec.metadata_scheme {
            metadata::Scheme::compile(scheme)?;
        }
        for share in &spec.shared_with {
            check_share(&spec.path, share)?;
        }
        let recorder = self.recorder(call);
        let put = self
            .store
            .put_project(spec, self.clock.now(), &recorder)
            .await;
        put.map_err(|error| {
            let sharees = spec.shared_with.iter().map(|share| &share.user_handle);
            sharees.fold(error.into(), target_missing)
        })
    }

    /// Shares a project. Only its owner may.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`AppError::MissingTarget`], [`Missing::Project`].
    pub async fn share_project(
        &self,
        call: &Call,
        path: &ObjectPath,
        share: &Share,
    ) -> AppResult<ProjectId> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the project owner can share the project",
            ));
        }
        check_share(path, share)?;
        let recorder = self.recorder(call);
        let shared = self
            .store
            .share_project(path, share, self.clock.now(), &recorder)
            .await;
        shared.map_err(|error| target_missing(error.into(), &share.user_handle))
    }

    /// Takes a share back. The owner is not shared with and cannot be unlinked.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Share`], [`Missing::Project`].
    pub async fn unshare_project(
        &self,
        call: &Call,
        path: &ObjectPath,
        with: &Handle,
    ) -> AppResult<()> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the project owner can unshare the project",
            ));
        }
        Ok(self
            .store
            .unshare_project(path, with, &self.recorder(call))
            .await?)
    }

    /// Everyone a project is shared with. Only its owner may ask.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::Project`], or when the database fails.
    pub async fn project_shares(&self, call: &Call, path: &ObjectPath) -> AppResult<Vec<Share>> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the project owner can view shared users list",
            ));
        }
        Ok(self.project(call, path).await?.shared_with)
    }

    /// Gives a project, with its data, to another user. Only its owner may.
    ///
    /// # Errors
    ///
    /// [`AppError::Forbidden`], [`Missing::User`], [`Conflict::PathTaken`], [`Missing::Project`].
    pub async fn transfer_project(
        &self,
        call: &Call,
        path: &ObjectPath,
        new_owner: &Handle,
    ) -> AppResult<ProjectId> {
        if !call.is(&path.owner) {
            return Err(AppError::Forbidden(
                "only the project owner can transfer ownership",
            ));
        }
        if *new_owner == path.owner {
            return Err(AppError::Invalid(
                "new owner must be different from current owner".to_owned(),
            ));
        }
        let recorder = self.recorder(call);
        let id = self
            .store
            .transfer_project(path, new_owner, self.clock.now(), &recorder)
            .await?;
        Ok(id)
    }
}

fn check_share(path: &ObjectPath, share: &Share) -> AppResult<()> {
    if share.user_handle == path.owner {
        return Err(AppError::Invalid(
            "cannot share project with owner".to_owned(),
        ));
    }
    if share.role == Role::Owner {
        return Err(AppError::Invalid(
            "role must be reader or editor".to_owned(),
        ));
    }
    Ok(())
}
