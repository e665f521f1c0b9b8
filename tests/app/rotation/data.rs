//! Data keys: every row under the new one, whatever a killed run leaves or a client writes.

use crate::desk::{Desk, admin, item, notes, path, tag};
use embsec::app::App;
use embsec::app::embeddings::UploadItem;
use embsec::app::job::{Progress, Stop, Unheard};
use embsec::app::rotation::{DataRotation, RotatedScope, RotationError};
use embsec::crypto::secret::DataKey;
use embsec::crypto::wrap;
use embsec::domain::audit::{Action, Outcome};
use embsec::domain::key::{KeyId, KeyScope, KeyState};
use embsec::domain::llm::{InstanceSpec, LlmSettings, ProviderKeyChange};
use embsec::domain::rotation::{RowChange, SealedColumn, ValueChange};
use embsec::store::rotation::{LeaseRequest, Resealing};
use embsec::sys::clock::Clock as _;
use embsec::sys::owner;
use embsec::sys::rng::SeededRng;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::sync::Mutex;

/// More than one batch.
const ROWS: usize = 1_200;

fn text_item(number: usize) -> UploadItem {
    UploadItem {
        text: Some(format!("text of {number}")),
        ..item(&format!("t{number:05}"), &[1.0, 0.5], tag("x"))
    }
}

impl Desk {
    pub(crate) async fn with_texts(rows: usize) -> Self {
        let desk = Self::with_notes(2).await;
        for first in (0..rows).step_by(300) {
            let items: Vec<_> = (first..rows.min(first + 300)).map(text_item).collect();
            desk.app
                .upload_embeddings(&admin(), &notes(), &items)
                .await
                .unwrap();
        }
        desk
    }

    pub(crate) async fn project(&self) -> KeyScope {
        let projects = self.store().project_sealings().await.unwrap();
        KeyScope::Project(projects[0].project)
    }

    pub(super) async fn rotate(
        &self,
        scope: Option<&str>,
    ) -> Result<Vec<RotatedScope>, RotationError> {
        self.rotate_with(scope, &Unheard, &Stop::default()).await
    }

    pub(super) async fn rotate_with(
        &self,
        scope: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Vec<RotatedScope>, RotationError> {
        let call = admin();
        let rotation = DataRotation {
            app: &self.app,
            call: &call,
            scope,
            progress,
            stop,
        };
        rotation.run().await
    }

    /// Leaves a rotation as one leaves it that is killed right after its key was stored; returns
    /// the key.
    async fn begun(&self, scope: KeyScope) -> DataKey {
        let rng = SeededRng::new(99);
        let key = DataKey::generate(&rng).unwrap();
        let keyring = self.app.keys().keyring();
        let master = keyring.active_master();
        let wrapped = wrap::wrap(&key, scope, KeyState::Pending, master, &rng).unwrap();
        let now = self.clock.now();
        self.store().begin_rotation(&wrapped, now).await.unwrap();
        key
    }

    /// How many stored values name each data key.
    pub(super) async fn uses(&self) -> Vec<(KeyId, u64)> {
        self.store().data_key_uses().await.unwrap()
    }

    pub(crate) async fn active(&self, scope: KeyScope) -> KeyId {
        self.store().data_key(scope).await.unwrap().unwrap().id
    }

    /// Every text, read as a client reads it, is what it was.
    pub(super) async fn assert_texts(&self, app: &App, rows: usize) {
        for number in (0..rows).step_by(97).chain([rows - 1]) {
            let id = [format!("t{number:05}")];
            let read = app.embedding(&admin(), &notes(), &id).await.unwrap();
            assert_eq!(read.text, Some(format!("text of {number}")));
        }
    }
}

#[tokio::test]
async fn a_rotated_data_key_seals_every_row_and_every_text_reads_as_before() {
    let desk = Desk::with_texts(ROWS).await;
    let scope = desk.project().await;
    let former = desk.active(scope).await;
    let other_server = desk.beside(usize::MAX);
    desk.assert_texts(&other_server, ROWS).await;

    let rotated = desk.rotate(Some("project:alice/notes")).await.unwrap();
    let key_id = desk.active(scope).await;
    assert_ne!(key_id, former);
    let expected = RotatedScope {
        name: "project:alice/notes".to_owned(),
        key_id: key_id.clone(),
        rows: u64::try_from(ROWS).unwrap(),
        resumed: false,
    };
    assert_eq!(rotated, [expected]);
    assert_eq!(desk.uses().await, [(key_id, u64::try_from(ROWS).unwrap())]);
    assert_eq!(desk.store().open_rotation(scope).await.unwrap(), None);
    // Whoever had the former key open finds the new one, and writes with it.
    desk.assert_texts(&desk.app, ROWS).await;
    desk.assert_texts(&other_server, ROWS).await;
    other_server
        .upload_embeddings(&admin(), &notes(), &[text_item(0)])
        .await
        .unwrap();
    assert_eq!(desk.uses().await.len(), 1);
    let events = desk.log.events.lock().unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|event| matches!(event.action, Action::DataKeyRotate))
        .map(|event| (event.outcome, event.details["count"].clone()))
        .collect();
    assert_eq!(told, [(Outcome::Success, ROWS.into())]);
}

#[tokio::test]
async fn all_scopes_are_rotated_and_provider_keys_open_afterwards() {
    let desk = Desk::with_texts(3).await;
    let spec = InstanceSpec {
        path: path("alice", "keyed"),
        definition: None,
        settings: LlmSettings::default(),
    };
    let key = ProviderKeyChange::Set(SecretString::from("sk-provider"));
    let id = desk.app.put_instance(&admin(), &spec, key).await.unwrap();
    let before = desk.active(KeyScope::System).await;
    let rotated = desk.rotate(None).await.unwrap();
    let names: Vec<_> = rotated
        .iter()
        .map(|scope| (scope.name.as_str(), scope.rows))
        .collect();
    assert_eq!(names, [("system", 1), ("project:alice/notes", 3)]);
    let system = desk.active(KeyScope::System).await;
    assert_ne!(system, before);
    let stored = desk.store().sealed_provider_key(id).await.unwrap().unwrap();
    let record = desk.store().data_key_of_id(&system).await.unwrap().unwrap();
    let opened = desk.app.keys().unwrap(&record.key).unwrap();
    let opened = embsec::crypto::provider_key::open(&stored, id, |_| Some(&opened)).unwrap();
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&opened.unwrap()),
        "sk-provider"
    );
}

/// Asks the work to stop when so many units are done.
struct StopAt<'a>(u64, &'a Stop);

impl Progress for StopAt<'_> {
    fn begin(&self, _part: &str, _total: Option<u64>) {}

    fn done(&self, units: u64) {
        if units >= self.0 {
            self.1.ask();
        }
    }

    fn end(&self) {}
}

#[tokio::test]
async fn an_interrupted_rotation_goes_on_to_the_same_key() {
    let desk = Desk::with_texts(ROWS).await;
    let scope = desk.project().await;
    let stop = Stop::default();
    let interrupted = desk
        .rotate_with(Some("project:alice/notes"), &StopAt(1, &stop), &stop)
        .await;
    assert!(
        matches!(interrupted, Err(RotationError::Interrupted { rows: 500 })),
        "{interrupted:?}"
    );
    let open = desk.store().open_rotation(scope).await.unwrap().unwrap();
    assert!(open.after_row > 0);
    assert_eq!(desk.uses().await.len(), 2);
    desk.assert_texts(&desk.app, ROWS).await;

    let rotated = desk.rotate(Some("project:alice/notes")).await.unwrap();
    assert!(rotated[0].resumed);
    assert_eq!(rotated[0].key_id, open.to_key);
    assert_eq!(rotated[0].rows, u64::try_from(ROWS - 500).unwrap());
    assert_eq!(desk.uses().await.len(), 1);
    desk.assert_texts(&desk.app, ROWS).await;
}

#[tokio::test]
async fn what_was_begun_comes_first_and_then_the_oldest_keys() {
    let desk = Desk::with_texts(ROWS).await;
    let spec = InstanceSpec {
        path: path("alice", "keyed"),
        definition: None,
        settings: LlmSettings::default(),
    };
    let key = ProviderKeyChange::Set(SecretString::from("sk-provider"));
    desk.app.put_instance(&admin(), &spec, key).await.unwrap();
    desk.clock.time.advance_millis(1_000);
    desk.rotate(Some("system")).await.unwrap();
    let order = async || {
        let call = admin();
        let rotation = DataRotation {
            app: &desk.app,
            call: &call,
            scope: None,
            progress: &Unheard,
            stop: &Stop::default(),
        };
        let planned = rotation.plan().await.unwrap();
        planned
            .into_iter()
            .map(|scope| (scope.name, scope.resumed))
            .collect::<Vec<_>>()
    };
    let (notes, system) = ("project:alice/notes".to_owned(), "system".to_owned());
    assert_eq!(
        order().await,
        [(notes.clone(), false), (system.clone(), false)]
    );
    desk.clock.time.advance_millis(1_000);
    let stop = Stop::default();
    let interrupted = desk.rotate_with(None, &StopAt(1, &stop), &stop).await;
    assert!(
        matches!(interrupted, Err(RotationError::Interrupted { .. })),
        "{interrupted:?}"
    );
    // Its key is the newest now, and it still comes first.
    assert_eq!(
        order().await,
        [(notes.clone(), true), (system.clone(), false)]
    );
    desk.clock.time.advance_millis(1_000);
    desk.rotate(Some(&notes)).await.unwrap();
    assert_eq!(order().await, [(system, false), (notes, false)]);
}

#[tokio::test]
async fn a_rotation_killed_right_after_its_key_was_stored_uses_that_key() {
    let desk = Desk::with_texts(5).await;
    let scope = desk.project().await;
    let key = desk.begun(scope).await;
    let rotated = desk.rotate(None).await.unwrap();
    let of_project = rotated.iter().find(|scope| scope.resumed).unwrap();
    assert_eq!(&of_project.key_id, key.id());
    assert_eq!(desk.active(scope).await, *key.id());
    assert_eq!(desk.store().data_keys(Some(scope)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_rotation_whose_key_is_gone_makes_another() {
    let desk = Desk::with_texts(5).await;
    let scope = desk.project().await;
    let key = desk.begun(scope).await;
    let store = desk.store();
    assert!(store.discard_pending_data_key(key.id()).await.unwrap());
    desk.rotate(Some("project:alice/notes")).await.unwrap();
    let active = desk.active(scope).await;
    assert_ne!(&active, key.id());
    assert_eq!(desk.uses().await, [(active, 5)]);
    assert_eq!(store.open_rotation(scope).await.unwrap(), None);
}

/// Uploads at every batch of a rotation.
struct Writer<'a>(&'a Desk, Mutex<usize>);

impl Writer<'_> {
    fn upload(&self) {
        let mut round = self.1.lock().unwrap();
        *round += 1;
        let first = *round * 7 % ROWS;
        let items: Vec<_> = (first..first + 20)
            .chain(ROWS + *round..ROWS + *round + 2)
            .map(text_item)
            .collect();
        let app = &self.0.app;
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(app.upload_embeddings(&admin(), &notes(), &items))
                .unwrap();
        });
    }
}

impl Progress for Writer<'_> {
    fn begin(&self, _part: &str, _total: Option<u64>) {
        self.upload();
    }

    fn done(&self, _units: u64) {
        self.upload();
    }

    fn end(&self) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_during_a_rotation_is_neither_lost_nor_left_under_the_former_key() {
    let desk = Desk::with_texts(ROWS).await;
    let writer = Writer(&desk, Mutex::new(0));
    let stop = Stop::default();
    desk.rotate_with(None, &writer, &stop).await.unwrap();
    let rounds = *writer.1.lock().unwrap();
    assert!(rounds > 3);
    let active = desk.active(desk.project().await).await;
    let rows = u64::try_from(ROWS + rounds + 1).unwrap();
    assert_eq!(desk.uses().await, [(active, rows)]);
    desk.assert_texts(&desk.app, ROWS + rounds).await;
}

#[tokio::test]
async fn a_value_that_does_not_open_is_named_and_stops_nothing_else() {
    let desk = Desk::with_texts(20).await;
    let scope = desk.project().await;
    let rows = desk.store().stored_rows(scope, 0, 100).await.unwrap();
    let old = rows[3].values[0].1.clone();
    let damaged = [RowChange {
        row_id: rows[3].row_id,
        values: vec![ValueChange {
            column: SealedColumn::Text,
            // A value moved from another row.
            new: rows[4].values[0].1.clone(),
            old: old.clone(),
        }],
    }];
    let plant = |rows| Resealing {
        scope,
        sealed: None,
        settings_revision: None,
        rows,
        progress: None,
    };
    desk.store().reseal(&plant(&damaged)).await.unwrap();
    let failed = desk.rotate(Some("project:alice/notes")).await.unwrap_err();
    let RotationError::Unopened(unopened) = &failed else {
        panic!("{failed}");
    };
    assert_eq!(unopened.count, 1);
    let told = unopened.to_string();
    assert!(
        told.contains("\"t00003\"") && !told.contains("text of 3"),
        "{told}"
    );
    assert_eq!(desk.uses().await.len(), 2);
    assert!(desk.store().open_rotation(scope).await.unwrap().is_some());
    // Repaired, the same rotation comes to its end.
    let repaired = [RowChange {
        row_id: rows[3].row_id,
        values: vec![ValueChange {
            column: SealedColumn::Text,
            old: damaged[0].values[0].new.clone(),
            new: old,
        }],
    }];
    desk.store().reseal(&plant(&repaired)).await.unwrap();
    let rotated = desk.rotate(Some("project:alice/notes")).await.unwrap();
    assert!(rotated[0].resumed && rotated[0].rows == 1);
    desk.assert_texts(&desk.app, 20).await;
}

#[tokio::test]
async fn two_rotations_do_not_meet_unless_one_was_killed() {
    let desk = Desk::with_texts(2).await;
    let take = async |holder: &str| {
        let request = LeaseRequest {
            name: "a change of how stored values are sealed",
            holder,
            expires_at: desk.clock.now() + SignedDuration::from_secs(20),
        };
        desk.store()
            .take_lease(&request, desk.clock.now())
            .await
            .unwrap()
    };
    assert_eq!(take("far.example:17:abc").await, None);
    let held = desk.rotate(None).await.unwrap_err();
    assert!(
        held.to_string().ends_with("process 17 on far.example"),
        "{held}"
    );
    desk.clock.time.advance_millis(20_000);
    // A process of this machine that is gone is not waited for.
    assert_eq!(
        take(&format!("{}:{}:abc", owner::host_name(), u32::MAX)).await,
        None
    );
    desk.rotate(None).await.unwrap();
    // It gave the lease back.
    assert_eq!(take("another").await, None);
}

#[tokio::test]
async fn a_scope_is_found_by_its_name_or_refused() {
    let desk = Desk::with_notes(2).await;
    // Nothing of the project was ever sealed.
    assert_eq!(desk.rotate(Some("project:alice/notes")).await.unwrap(), []);
    for unknown in ["project:alice/nothing", "project:1", "alice/notes", ""] {
        let refused = desk.rotate(Some(unknown)).await;
        assert!(
            matches!(refused, Err(RotationError::UnknownScope(_))),
            "{refused:?}"
        );
    }
}
