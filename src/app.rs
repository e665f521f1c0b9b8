//! The use-cases: what embsec does, in its own words.
//!
//! No clap, no axum, no SQL, no printing. A use-case takes who asks ([`Call`]) and what for,
//! decides, and lets the store carry it out; every change goes through a [`recorder`], so that
//! its event is durable before it commits.

pub mod admin;
pub mod api_standards;
pub mod auth;
pub mod backup;
pub mod content;
pub mod custody;
pub mod definitions;
pub mod deletion;
mod destroyed;
pub mod embeddings;
pub mod encryption;
pub mod error;
pub mod heartbeat;
pub mod instances;
pub mod job;
pub mod key_ends;
pub mod key_views;
pub mod keys;
pub mod lease;
pub mod matrix;
pub mod metadata;
pub mod new_secret;
pub mod projects;
pub mod recorder;
pub mod restore;
pub mod rotate_target;
pub mod rotation;
pub mod sealing;
pub mod search;
pub mod transfer;
pub mod users;

use crate::audit::AuditLog;
use crate::domain::access::{Caller, ObjectPath, Role, Scope};
use crate::domain::audit::{Action, Details, Origin};
use crate::domain::ids::RequestId;
use crate::store::Store;
use crate::sys::clock::Clock;
use crate::sys::rng::Rng;
use error::AppResult;
use jiff::{SignedDuration, Timestamp};
use recorder::Recorder;
use std::sync::Arc;

/// How new API keys look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFormat {
    /// `emb_` and 49 base62 digits.
    Embsec,
    /// 64 lower-case hex characters, for clients that insist on upstream's form.
    Hex,
}

/// Where a search looks for what is similar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMode {
    /// In an index, where the project is large and the store has one; else at every vector.
    Auto,
    /// At every vector.
    Exact,
    /// In an index, where the store has one.
    Approximate,
}

/// What the use-cases need to be told.
#[derive(Clone, Copy, Debug)]
pub struct AppSettings {
    /// How new API keys look.
    pub key_format: KeyFormat,
    /// Where a search looks.
    pub search_mode: SearchMode,
    /// Most bytes of matrices held in memory for searches.
    pub search_memory_bytes: usize,
    /// How long a deleted project can be brought back.
    pub shred_after: SignedDuration,
}

/// Everything that the use-cases work with.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) keys: Arc<keys::KeyCustody>,
    pub(crate) settings: AppSettings,
    pub(crate) authenticator: auth::Authenticator,
    pub(crate) matrices: matrix::MatrixCache,
    pub(crate) large_projects: search::LargeProjects,
}

/// Who asks, and in the course of which request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// Where from.
    pub origin: Origin,
}

impl Call {
    /// What the caller's queries may reach.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match &self.caller {
            Caller::Admin => Scope::Admin,
            Caller::User(user) => Scope::User(user.id),
            Caller::Disabled(_) | Caller::Anonymous | Caller::Unknown => Scope::Public,
        }
    }

    /// Whether the caller is the user of this handle.
    #[must_use]
    pub fn is(&self, handle: &crate::domain::ids::Handle) -> bool {
        matches!(&self.caller, Caller::User(user) if user.handle == *handle)
    }
}

/// Kinds of objects that people can have a role on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A project.
    Project,
    /// A definition.
    Definition,
    /// An instance.
    Instance,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        keys: Arc<keys::KeyCustody>,
        environment_admin_key: Option<crate::domain::user::KeyDigest>,
        settings: AppSettings,
    ) -> Self {
        Self {
            authenticator: auth::Authenticator::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                environment_admin_key,
            ),
            matrices: matrix::MatrixCache::new(settings.search_memory_bytes),
            large_projects: search::LargeProjects::default(),
            store,
            audit,
            clock,
            rng,
            keys,
            settings,
        }
    }

    /// Tells whose key was presented.
    #[must_use]
    pub const fn authenticator(&self) -> &auth::Authenticator {
        &self.authenticator
    }

    /// The data keys in use.
    #[must_use]
    pub const fn keys(&self) -> &Arc<keys::KeyCustody> {
        &self.keys
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new request id: a version 7 UUID from the injected clock and generator.
    #[must_use]
    pub fn new_request_id(&self) -> RequestId {
        new_request_id(self.clock.as_ref(), self.rng.as_ref())
    }

    /// The caller's role on an object, by the store.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn role(
        &self,
        kind: ObjectKind,
        path: &ObjectPath,
        caller: &Caller,
    ) -> AppResult<Option<Role>> {
        let Caller::User(user) = caller else {
            return Ok(None);
        };
        Ok(match kind {
            ObjectKind::Project => self.store.project_role(path, user.id).await?,
            ObjectKind::Definition => self.store.definition_role(path, user.id).await?,
            ObjectKind::Instance => self.store.instance_role(path, user.id).await?,
        })
    }

    /// Whether anybody may read the project.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn project_is_public(&self, path: &ObjectPath) -> AppResult<bool> {
        Ok(self.store.project_is_public(path).await?)
    }

    pub(crate) fn recorder(&self, call: &Call) -> Recorder {
        Recorder::new(Arc::clone(&self.audit), call.origin.clone())
    }

    /// Records an event that stands for itself, outside any transaction.
    ///
    /// # Errors
    ///
    /// When the event is not durable.
    pub async fn record(
        &self,
        origin: Origin,
        action: Action,
        outcome: crate::domain::audit::Outcome,
        details: Details,
    ) -> AppResult<()> {
        let event = crate::domain::audit::AuditEvent {
            action,
            outcome,
            origin,
            project_id: None,
            details,
        };
        self.audit.append(event).await?;
        Ok(())
    }
}

/// A version 7 UUID (RFC 9562 section 5.7) from this clock and this generator.
///
/// Without randomness the id is the time alone; it still sorts, and nothing secret depends on it.
#[must_use]
pub fn new_request_id(clock: &dyn Clock, rng: &dyn Rng) -> RequestId {
    let mut random = [0_u8; 10];
    if rng.fill(&mut random).is_err() {
        random = [0; 10];
    }
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    RequestId(
        uuid::Builder::from_unix_timestamp_millis(millis, &random)
            .into_uuid()
            .to_string(),
    )
}
