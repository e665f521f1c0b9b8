//! Data keys: a new one for a scope, and everything of the scope sealed under it, beside servers
//! that read and write.

use super::RotationError;
use super::rows::Aim;
use super::walk::{Walk, Walked, Work};
use crate::app::job::{Progress, Stop};
use crate::app::keys::KeyError;
use crate::app::{App, Call};
use crate::crypto::field;
use crate::crypto::secret::DataKey;
use crate::crypto::wrap;
use crate::domain::audit::{Action, AuditEvent, Details, Outcome};
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope, KeyState};
use crate::domain::rotation::Rotation;
use crate::store::{Conflict, StoreError};
use jiff::Timestamp;

/// What only one process does at a time.
pub(in crate::app) const WORK: &str = "a change of how stored values are sealed";
/// How often it is begun again when somebody else changes keys meanwhile.
const ATTEMPTS: usize = 5;
/// Instances that are read at once to be counted.
const ROWS_COUNTED: u32 = 1000;
/// How often rows are walked over until nothing is left to do.
const PASSES: usize = 20;

/// A scope whose data key was rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatedScope {
    /// The scope in words: `system`, `project:OWNER/HANDLE`.
    pub name: String,
    /// The key that seals now.
    pub key_id: KeyId,
    /// Rows sealed anew by this run.
    pub rows: u64,
    /// Whether an earlier run had begun it.
    pub resumed: bool,
}

/// A scope whose data key would be rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedScope {
    /// The scope in words.
    pub name: String,
    /// The key that seals, when there is one.
    pub key_id: Option<KeyId>,
    /// About how many rows there are.
    pub rows: u64,
    /// Whether an earlier run has begun it.
    pub resumed: bool,
}

/// A scope with its name and its size.
struct Named {
    scope: KeyScope,
    name: String,
    rows: u64,
    turn: Turn,
}

/// In which order scopes come, the least first: what an earlier run began, then those whose key is
/// the oldest. So runs that are always interrupted still come to every scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    is_new: bool,
    since: Timestamp,
    project: Option<i64>,
}

/// Rotations of data keys, with what they need.
pub struct DataRotation<'a> {
    /// The use-cases.
    pub app: &'a App,
    /// Who asks.
    pub call: &'a Call,
    /// The one scope by its name, `system` or `project:OWNER/HANDLE`; else all.
    pub scope: Option<&'a str>,
    /// Who hears how far it came.
    pub progress: &'a dyn Progress,
    /// Who may ask it to stop.
    pub stop: &'a Stop,
}

impl DataRotation<'_> {
    /// What [`Self::run`] would rotate.
    ///
    /// # Errors
    ///
    /// [`RotationError::UnknownScope`], or when the database fails.
    pub async fn plan(&self) -> Result<Vec<PlannedScope>, RotationError> {
        let mut planned = Vec::new();
        for named in self.scopes().await? {
            let active = self.app.store.data_key(named.scope).await?;
            let open = self.app.store.open_rotation(named.scope).await?;
            planned.push(PlannedScope {
                name: named.name,
                key_id: active.map(|active| active.id),
                rows: named.rows,
                resumed: open.is_some(),
            });
        }
        Ok(planned)
    }

    /// Rotates. Each scope is done before the next one begins.
    ///
    /// # Errors
    ///
    /// Any [`RotationError`]. What was committed stays, and a further run goes on.
    pub async fn run(&self) -> Result<Vec<RotatedScope>, RotationError> {
        let scopes = self.scopes().await?;
        let lease = self.app.take_lease(WORK).await?;
        let mut work = Work::new(self.app, lease, self.progress, self.stop);
        let mut rotated = Vec::new();
        let mut failed = None;
        for named in &scopes {
            self.progress.begin(&named.name, Some(named.rows));
            let done = self.rotate(&mut work, named).await;
            self.progress.end();
            match done {
                Ok(scope) => rotated.push(scope),
                // Values that do not open stop nothing else from being rotated.
                Err(error @ RotationError::Unopened(_)) => {
                    failed.get_or_insert(error);
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let released = work.lease.release().await;
        match failed {
            Some(error) => Err(error),
            None => {
                released?;
                Ok(rotated)
            }
        }
    }

    /// The scopes that were asked for and have a key, in the order of their turns.
    async fn scopes(&self) -> Result<Vec<Named>, RotationError> {
        let mut scopes: Vec<Named> = Vec::new();
        let projects = self.app.store.project_sealings().await?;
        for record in self.app.store.data_keys(None).await? {
            let scope = record.key.scope;
            let is_live = matches!(record.key.state, KeyState::Active | KeyState::Pending);
            if !is_live || scopes.iter().any(|named| named.scope == scope) {
                continue;
            }
            let (name, rows) = match scope {
                KeyScope::System => ("system".to_owned(), self.provider_keys().await?),
                KeyScope::Project(id) => match projects.iter().find(|p| p.project == id) {
                    Some(project) => (format!("project:{}", project.name), project.embeddings),
                    // Its rows are gone already, and its keys go when it is time.
                    None => continue,
                },
            };
            let turn = Turn {
                is_new: self.app.store.open_rotation(scope).await?.is_none(),
                since: record.created_at,
                project: match scope {
                    KeyScope::System => None,
                    KeyScope::Project(id) => Some(id.0),
                },
            };
            scopes.push(Named {
                scope,
                name,
                rows,
                turn,
            });
        }
        if let Some(wanted) = self.scope {
            scopes.retain(|named| named.name == wanted);
            if scopes.is_empty() {
                return self.without_key(wanted, &projects);
            }
        }
        scopes.sort_by_key(|named| named.turn);
        Ok(scopes)
    }

    /// How many instances have a provider key.
    async fn provider_keys(&self) -> Result<u64, RotationError> {
        let (mut count, mut after) = (0, 0);
        loop {
            let store = &self.app.store;
            let page = store
                .stored_rows(KeyScope::System, after, ROWS_COUNTED)
                .await?;
            let with_key = page.iter().filter(|row| !row.values.is_empty());
            count += u64::try_from(with_key.count()).unwrap_or(u64::MAX);
            match page.last() {
                Some(last) => after = last.row_id,
                None => return Ok(count),
            }
        }
    }

    /// A project that never sealed anything has nothing to rotate; one that is not there is an
    /// error.
    fn without_key(
        &self,
        wanted: &str,
        projects: &[crate::domain::rotation::ProjectSealing],
    ) -> Result<Vec<Named>, RotationError> {
        let is_project = |name: &str| projects.iter().any(|project| project.name == name);
        match wanted.strip_prefix("project:") {
            Some(name) if is_project(name) => Ok(Vec::new()),
            _ => Err(RotationError::UnknownScope(wanted.to_owned())),
        }
    }

    async fn rotate(
        &self,
        work: &mut Work<'_>,
        named: &Named,
    ) -> Result<RotatedScope, RotationError> {
        let scope = named.scope;
        let open = self.app.store.open_rotation(scope).await?;
        let resumed = open.is_some();
        let mut rotation = match open {
            Some(open) => open,
            None => self.begin(scope).await?,
        };
        let mut walked = Walked::default();
        for _ in 0..ATTEMPTS {
            rotation = self.activate(rotation, &named.name).await?;
            match self.reseal(work, &rotation).await {
                Ok(done) => {
                    walked = walked.followed_by(done);
                    return self.finish(rotation, named, walked, resumed).await;
                }
                Err(RotationError::Store(StoreError::Conflict(Conflict::KeyChanged))) => {
                    self.app.keys.forget(scope);
                    rotation.after_row = 0;
                }
                Err(error) => return Err(error),
            }
        }
        Err(RotationError::Unsettled(named.name.clone()))
    }

    /// A new key, stored while nobody uses it.
    async fn begin(&self, scope: KeyScope) -> Result<Rotation, RotationError> {
        let (app, rng) = (self.app, self.app.rng.as_ref());
        let key = DataKey::generate(rng)?;
        let keyring = app.keys.keyring();
        let master = keyring.active_master();
        let wrapped = wrap::wrap(&key, scope, KeyState::Pending, master, rng)?;
        Ok(app.store.begin_rotation(&wrapped, app.clock.now()).await?)
    }

    /// Makes the key of a rotation the active one: read back, opened, challenged, and only then
    /// used. When another key became the active one since the rotation began, that one serves.
    async fn activate(
        &self,
        mut rotation: Rotation,
        name: &str,
    ) -> Result<Rotation, RotationError> {
        let (store, scope) = (&self.app.store, rotation.scope);
        for _ in 0..ATTEMPTS {
            let records = store.data_keys(Some(scope)).await?;
            let in_state = |state| move |record: &&DataKeyRecord| record.key.state == state;
            let active = records.iter().find(in_state(KeyState::Active));
            let target = records
                .iter()
                .find(|record| record.key.id == rotation.to_key);
            match (target, active) {
                (Some(target), _) if target.key.state == KeyState::Active => return Ok(rotation),
                (Some(target), active) if target.key.state == KeyState::Pending => {
                    self.prove(target).await?;
                    let recorder = self.app.recorder(self.call);
                    let former = active.map(|active| &active.key.id);
                    let done = store
                        .activate_data_key(&target.key.id, former, &recorder)
                        .await;
                    self.app.keys.forget(scope);
                    match done {
                        Err(StoreError::Conflict(Conflict::KeyChanged)) => {}
                        done => {
                            done?;
                            return Ok(rotation);
                        }
                    }
                }
                (_, Some(active)) if active.created_at > rotation.started_at => {
                    store.retarget_rotation(rotation.id, &active.key.id).await?;
                    rotation.to_key = active.key.id.clone();
                    rotation.after_row = 0;
                    return Ok(rotation);
                }
                // Its keys were destroyed meanwhile.
                (None, None) => {
                    store
                        .finish_rotation(rotation.id, self.app.clock.now())
                        .await?;
                    break;
                }
                _ => {
                    store
                        .finish_rotation(rotation.id, self.app.clock.now())
                        .await?;
                    rotation = self.begin(scope).await?;
                }
            }
        }
        Err(RotationError::Unsettled(name.to_owned()))
    }

    /// A key that was read back opens what the key that was read before sealed.
    async fn prove(&self, record: &DataKeyRecord) -> Result<(), RotationError> {
        let stored = self.app.keys.unwrap(&record.key)?;
        let again = self.app.store.data_key_of_id(&record.key.id).await?;
        let again = again.ok_or(KeyError::None(record.key.scope))?;
        let read_back = self.app.keys.unwrap(&again.key)?;
        if field::is_same_key(&stored, &read_back, self.app.rng.as_ref())? {
            Ok(())
        } else {
            Err(RotationError::Challenge(record.key.id.clone()))
        }
    }

    /// Walks over the rows until a whole walk finds nothing to do. Whoever writes meanwhile seals
    /// with the new key, or is refused and prepares again.
    async fn reseal(
        &self,
        work: &mut Work<'_>,
        rotation: &Rotation,
    ) -> Result<Walked, RotationError> {
        let walk = Walk {
            scope: rotation.scope,
            aim: Aim::Rotate,
            settings_revision: None,
            rotation: Some(rotation.id),
        };
        let mut after = rotation.after_row;
        let mut all = Walked::default();
        for _ in 0..PASSES {
            let walked = walk.run(work, after).await?;
            let is_last = after == 0 && walked.is_settled();
            all = all.followed_by(walked);
            if is_last {
                return Ok(all);
            }
            after = 0;
        }
        Err(RotationError::Unsettled(rotation.scope.to_string()))
    }

    async fn finish(
        &self,
        rotation: Rotation,
        named: &Named,
        mut walked: Walked,
        resumed: bool,
    ) -> Result<RotatedScope, RotationError> {
        walked.explain(self.app).await?;
        let opened = walked.require_opened();
        let mut details = self.call.origin.details.clone();
        details.extend(Details::from_iter([
            ("scope".to_owned(), named.name.as_str().into()),
            ("key_id".to_owned(), rotation.to_key.0.as_str().into()),
            ("count".to_owned(), walked.changed_rows.into()),
            ("unopened".to_owned(), walked.unopened().into()),
        ]));
        let event = AuditEvent {
            action: Action::DataKeyRotate,
            outcome: match opened {
                Ok(()) => Outcome::Success,
                Err(_) => Outcome::Error,
            },
            origin: self.call.origin.clone(),
            project_id: match rotation.scope {
                KeyScope::System => None,
                KeyScope::Project(id) => Some(id),
            },
            details,
        };
        self.app.audit.append(event).await?;
        opened?;
        let now = self.app.clock.now();
        self.app.store.finish_rotation(rotation.id, now).await?;
        Ok(RotatedScope {
            name: named.name.clone(),
            key_id: rotation.to_key,
            rows: walked.changed_rows,
            resumed,
        })
    }
}
