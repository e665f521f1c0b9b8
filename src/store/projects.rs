//! Verbs of projects that are in service. Those that are not are in `deletion`.

#[cfg(doc)]
use super::{Conflict, Missing};
use super::{StoreResult, Witness};
use crate::domain::access::{Need, ObjectPath, Role, Scope, Share};
use crate::domain::ids::{Handle, ProjectId, UserId};
use crate::domain::page::Page;
use crate::domain::project::{
    ContentPolicy, Project, ProjectBrief, ProjectContext, ProjectHealth, ProjectOverview,
    ProjectSpec, UnlikePolicy,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// Projects.
#[async_trait]
pub trait ProjectStore: Send + Sync {
    /// What `owner` owns and what is shared with them, in order of owner and handle.
    async fn list_projects(&self, owner: &Handle, page: Page) -> StoreResult<Vec<ProjectBrief>>;

    /// One project, within the scope.
    async fn project(&self, path: &ObjectPath, scope: Scope) -> StoreResult<Option<Project>>;

    /// The user's role on a project.
    async fn project_role(&self, path: &ObjectPath, user: UserId) -> StoreResult<Option<Role>>;

    /// Whether a project exists and anybody may read it.
    async fn project_is_public(&self, path: &ObjectPath) -> StoreResult<bool>;

    /// What an upload or a search must know, within the scope.
    async fn project_context(
        &self,
        path: &ObjectPath,
        scope: Scope,
        need: Need,
    ) -> StoreResult<Option<ProjectContext>>;

    /// Creates or replaces; shares are added. [`Missing::User`] for the owner or a sharee,
    /// [`Missing::Instance`] for an instance that does not exist or that the project's owner
    /// neither owns nor has been given.
    async fn put_project(
        &self,
        spec: &ProjectSpec,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectBrief>;

    /// Shares with a user, or changes the role. Returns the project's id.
    async fn share_project(
        &self,
        path: &ObjectPath,
        share: &Share,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId>;

    /// Takes a share back; [`Missing::Share`] when it was not shared.
    async fn unshare_project(
        &self,
        path: &ObjectPath,
        with: &Handle,
        witness: &dyn Witness,
    ) -> StoreResult<()>;

    /// Gives the project, with its data, to another user, and takes a share of theirs back.
    /// [`Missing::User`], [`Conflict::PathTaken`].
    async fn transfer_project(
        &self,
        path: &ObjectPath,
        new_owner: &Handle,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<ProjectId>;

    /// What of a project is sealed, within the scope.
    async fn project_policy(
        &self,
        path: &ObjectPath,
        scope: Scope,
    ) -> StoreResult<Option<ContentPolicy>>;

    /// Sets what of a project is sealed from now on; rows that are there stay as they are.
    /// `false`: it was so already, nothing is recorded. [`Missing::Project`].
    async fn set_project_policy(
        &self,
        path: &ObjectPath,
        policy: ContentPolicy,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<bool>;

    /// How many rows of a project do not follow this policy. Reads every row.
    async fn unlike_policy(
        &self,
        id: ProjectId,
        policy: ContentPolicy,
    ) -> StoreResult<UnlikePolicy>;

    /// Every project, in order of owner and handle.
    async fn all_projects(&self) -> StoreResult<Vec<ProjectOverview>>;

    /// Every project, for the sanity check, in order of id.
    async fn project_health(&self) -> StoreResult<Vec<ProjectHealth>>;
}
