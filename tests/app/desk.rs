//! Use-cases over one database, beside each other as processes would be.

use crate::engine::{self, Engine};
use async_trait::async_trait;
use embsec::app::embeddings::UploadItem;
use embsec::app::keys::KeyCustody;
use embsec::app::users::PutUser;
use embsec::app::{App, AppSettings, Call, KeyFormat};
use embsec::audit::{AuditError, AuditLog};
use embsec::crypto::keyring::Keyring;
use embsec::crypto::secret::DataKey;
use embsec::crypto::wrap;
use embsec::domain::access::{Caller, ObjectPath};
use embsec::domain::audit::{AuditEvent, AuditMark, Details, Origin};
use embsec::domain::embedding::Metadata;
use embsec::domain::ids::Handle;
use embsec::domain::key::{KeyScope, KeyState};
use embsec::domain::llm::{InstanceSpec, LlmSettings, ProviderKeyChange};
use embsec::domain::postgres_url::PostgresUrl;
use embsec::domain::project::ProjectSpec;
use embsec::domain::user::UserSpec;
use embsec::store::postgres::{PostgresOptions, PostgresStore, schema};
use embsec::store::sqlite::{SqliteOptions, SqliteStore, Synchronous};
use embsec::store::{PutMode, Store};
use embsec::sys::clock::{Clock, ManualClock};
use embsec::sys::rng::{Rng, SeededRng};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What happens when a clock is read.
type Hook = Box<dyn FnMut() + Send>;

/// A clock that stands still, and can let something happen at the moment when it is read.
#[derive(Clone)]
pub(crate) struct TestClock {
    pub(crate) time: ManualClock,
    hook: Arc<Mutex<Option<Hook>>>,
}

impl TestClock {
    /// From now on this happens at every reading.
    pub(crate) fn when_read(&self, hook: impl FnMut() + Send + 'static) {
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        // Taken out while it runs, since what it does reads the clock too.
        let hook = self.hook.lock().unwrap().take();
        if let Some(mut hook) = hook {
            hook();
            *self.hook.lock().unwrap() = Some(hook);
        }
        self.time.now()
    }
}

/// An audit log that keeps its events, or refuses them.
#[derive(Default)]
pub(crate) struct TestLog {
    pub(crate) events: Mutex<Vec<AuditEvent>>,
    refuses: AtomicBool,
}

impl TestLog {
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}

#[async_trait]
impl AuditLog for TestLog {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(AuditError::Write("no space".to_owned()));
        }
        let mut events = self.events.lock().unwrap();
        events.push(event);
        Ok(AuditMark {
            stream: "test-0".to_owned(),
            seq: u64::try_from(events.len()).unwrap(),
        })
    }

    fn is_healthy(&self) -> bool {
        !self.refuses.load(Ordering::SeqCst)
    }
}

/// A database with what the use-cases need beside it.
pub(crate) struct Desk {
    pub(crate) app: Arc<App>,
    pub(crate) clock: TestClock,
    pub(crate) log: Arc<TestLog>,
    parts: Parts,
    _place: Place,
}

/// Where the database is; it goes with this value.
struct Place {
    dir: TempDir,
    server: Option<engine::Place>,
}

impl Place {
    /// On the engine that the tests run on.
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            server: Engine::chosen().place(),
        }
    }

    async fn open(&self) -> Arc<dyn Store> {
        let Some((_, url)) = &self.server else {
            let options = SqliteOptions {
                create: true,
                synchronous: Synchronous::Normal,
                ..SqliteOptions::default()
            };
            let path = self.dir.path().join("embsec.db");
            return Arc::new(SqliteStore::open(&path, options).await.unwrap());
        };
        let url = PostgresUrl::parse(url).unwrap();
        let options = PostgresOptions::default();
        schema::migrate(&url, options.connect_timeout, None)
            .await
            .unwrap();
        Arc::new(PostgresStore::open(&url, &options).await.unwrap())
    }
}

/// What use-cases over one database have in common.
struct Parts {
    store: Arc<dyn Store>,
    keyring: Keyring,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let place = Place::new();
        let store = place.open().await;
        let clock = TestClock {
            time: ManualClock::at("2026-03-04T05:06:07Z".parse().unwrap()),
            hook: Arc::default(),
        };
        let log = Arc::new(TestLog::default());
        let parts = Parts::new(store, &clock).await;
        Self {
            app: parts.app(&log, &clock, usize::MAX, 1),
            clock,
            log,
            parts,
            _place: place,
        }
    }

    /// Other use-cases over the same database, with this much memory for searches.
    pub(crate) fn beside(&self, search_memory_bytes: usize) -> Arc<App> {
        let (log, clock) = (&self.log, &self.clock);
        self.parts.app(log, clock, search_memory_bytes, 2)
    }

    /// The database.
    pub(crate) fn store(&self) -> &dyn Store {
        self.parts.store.as_ref()
    }

    /// The keyring that everything here was made with, as the text of its file.
    pub(crate) fn keyring_text(&self) -> String {
        self.parts.keyring.render().to_string()
    }

    /// Makes a user; returns the key.
    pub(crate) async fn user(&self, handle: &str) -> String {
        let spec = UserSpec {
            handle: self::handle(handle),
            name: None,
            email: format!("{handle}@example.org"),
        };
        let put = self
            .app
            .put_user(&admin(), &spec, PutMode::CreateOnly)
            .await;
        match put.unwrap() {
            PutUser::Created(key) => key.reveal().to_owned(),
            PutUser::Updated => panic!("{handle} was there"),
        }
    }

    /// Makes the instance `alice/mini`, or changes its dimension.
    pub(crate) async fn mini(&self, dimensions: u32) {
        let spec = InstanceSpec {
            path: path("alice", "mini"),
            definition: None,
            settings: LlmSettings {
                api_standard: Some("openai".to_owned()),
                dimensions: Some(dimensions),
                ..LlmSettings::default()
            },
        };
        let keep = ProviderKeyChange::Keep;
        self.app.put_instance(&admin(), &spec, keep).await.unwrap();
    }

    /// The user `alice` with `mini` and the project `notes` on it.
    pub(crate) async fn with_notes(dimensions: u32) -> Self {
        let desk = Self::open().await;
        desk.user("alice").await;
        desk.mini(dimensions).await;
        desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
        desk
    }
}

impl Parts {
    async fn new(store: Arc<dyn Store>, clock: &dyn Clock) -> Self {
        let rng = SeededRng::new(0);
        let keyring = Keyring::generate(&rng, clock).unwrap();
        let key = DataKey::generate(&rng).unwrap();
        let master = keyring.active_master();
        let wrapped = wrap::wrap(&key, KeyScope::System, KeyState::Active, master, &rng);
        let system_key = wrapped.unwrap();
        store
            .insert_data_key(&system_key, clock.now())
            .await
            .unwrap();
        Self { store, keyring }
    }

    fn app(
        &self,
        log: &Arc<TestLog>,
        clock: &TestClock,
        search_memory_bytes: usize,
        seed: u64,
    ) -> Arc<App> {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(seed));
        let keys = KeyCustody::new(
            Arc::clone(&self.store),
            Arc::clone(log) as Arc<dyn AuditLog>,
            Arc::new(clock.clone()),
            Arc::clone(&rng),
            Keyring::parse(self.keyring.render().as_bytes()).unwrap(),
        );
        Arc::new(App::new(
            Arc::clone(&self.store),
            Arc::clone(log) as Arc<dyn AuditLog>,
            Arc::new(clock.clone()),
            rng,
            Arc::new(keys),
            None,
            AppSettings {
                search_mode: embsec::app::SearchMode::Auto,
                shred_after: SignedDuration::from_hours(30 * 24),
                key_format: KeyFormat::Embsec,
                search_memory_bytes,
            },
        ))
    }
}

/// The administrator.
pub(crate) fn admin() -> Call {
    call(Caller::Admin)
}

/// A call by somebody.
pub(crate) fn call(caller: Caller) -> Call {
    Call {
        caller,
        origin: Origin {
            actor: "admin".to_owned(),
            request_id: embsec::domain::ids::RequestId("request".to_owned()),
            client_ip: None,
            details: Details::new(),
        },
    }
}

pub(crate) fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

pub(crate) fn path(owner: &str, handle: &str) -> ObjectPath {
    ObjectPath {
        owner: self::handle(owner),
        handle: self::handle(handle),
    }
}

/// The project `alice/notes`.
pub(crate) fn notes() -> ObjectPath {
    path("alice", "notes")
}

/// What makes [`notes`].
pub(crate) fn notes_spec() -> ProjectSpec {
    ProjectSpec {
        path: notes(),
        description: None,
        metadata_scheme: None,
        public_read: false,
        instance: Some(path("alice", "mini")),
        shared_with: Vec::new(),
    }
}

/// An item of an upload into [`notes`].
pub(crate) fn item(text_id: &str, vector: &[f32], metadata: Option<Metadata>) -> UploadItem {
    UploadItem {
        text_id: text_id.to_owned(),
        user_handle: "alice".to_owned(),
        project_handle: "notes".to_owned(),
        instance_handle: "mini".to_owned(),
        text: None,
        vector: vector.to_vec(),
        vector_dim: i64::try_from(vector.len()).unwrap(),
        metadata,
    }
}

/// One key of metadata.
pub(crate) fn tag(value: impl Into<serde_json::Value>) -> Option<Metadata> {
    Some(Metadata::from_iter([("tag".to_owned(), value.into())]))
}
