//! On rows in memory, with a service that writes in between.

use super::*;
use crate::app::job::Unheard;
use crate::crypto::llm_proxy::{self, LlmProxyKey};
use crate::domain::audit::AuditMark;
use crate::domain::ids::RequestId;
use crate::store::StoreError;
use crate::sys::rng::SeededRng;
use crate::target::cipher::Value;
use crate::target::rows::{Check, Replaced, Row, RowsResult};
use crate::target::table::{Form, Identifier, RowKey};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Clone, Default)]
struct Memory {
    rows: BTreeMap<String, Option<Value>>,
    /// What the service writes before the next batch.
    meanwhile: Vec<(String, Value)>,
    batches: usize,
}

#[async_trait]
impl Rows for Memory {
    async fn rough_count(&mut self, _table: &Table) -> RowsResult<u64> {
        Ok(self.rows.len().try_into().unwrap())
    }

    async fn page(
        &mut self,
        _table: &Table,
        _column: &Column,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>> {
        let after = after.map(ToString::to_string);
        let behind = self
            .rows
            .iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
        let page = behind.take(limit.min(2).try_into().unwrap());
        Ok(page
            .map(|(key, value)| Row {
                key: RowKey::Text(key.clone()),
                value: value.clone(),
            })
            .collect())
    }

    async fn rows(
        &mut self,
        _table: &Table,
        _column: &Column,
        _keys: &[RowKey],
    ) -> RowsResult<Vec<Row>> {
        panic!("nobody asks for single rows")
    }

    async fn replace(
        &mut self,
        _table: &Table,
        _column: &Column,
        edits: Vec<Edit>,
        check: Check<'_>,
    ) -> RowsResult<Replaced> {
        self.batches += 1;
        for (key, value) in self.meanwhile.drain(..) {
            self.rows.insert(key, Some(value));
        }
        let mut after = self.rows.clone();
        let mut replaced = Replaced::default();
        for edit in &edits {
            let held = after.get_mut(&edit.key.to_string()).unwrap();
            if held.as_ref() != Some(&edit.old) {
                replaced.unmatched.push(edit.key.clone());
                continue;
            }
            *held = Some(edit.new.clone());
            replaced.replaced += 1;
            if !check(edit, &edit.new) {
                return Err(RowsError::NotAsWritten(edit.key.to_string()));
            }
        }
        self.rows = after;
        Ok(replaced)
    }
}

struct Held(bool);

#[async_trait]
impl Lease for Held {
    async fn check(&mut self) -> Result<(), LeaseError> {
        if self.0 {
            Ok(())
        } else {
            let gone = Box::new(std::io::Error::other("gone"));
            Err(LeaseError::Lost(StoreError::Unavailable(gone)))
        }
    }
}

#[derive(Default)]
struct Log {
    events: Mutex<Vec<AuditEvent>>,
    full: bool,
}

#[async_trait]
impl AuditLog for Log {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        if self.full {
            return Err(AuditError::Write("no space".to_owned()));
        }
        self.events.lock().unwrap().push(event);
        Ok(AuditMark {
            stream: "test-0".to_owned(),
            seq: 1,
        })
    }

    fn is_healthy(&self) -> bool {
        !self.full
    }
}

struct World {
    rows: Memory,
    lease: Held,
    log: Arc<Log>,
    stop: Stop,
    old: Arc<LlmProxyKey>,
    new: Arc<LlmProxyKey>,
    rng: Arc<SeededRng>,
}

impl World {
    /// Five sealed values, one in clear, one empty, one NULL.
    fn new() -> Self {
        let rng = Arc::new(SeededRng::new(1));
        let key = || Arc::new(LlmProxyKey::generate(&*rng).unwrap_or_else(|e| panic!("{e}")));
        let (old, new) = (key(), key());
        let mut world = Self {
            rows: Memory::default(),
            lease: Held(true),
            log: Arc::default(),
            stop: Stop::default(),
            old,
            new,
            rng,
        };
        for number in 0..5 {
            let value = world.under_old(&format!("sk-{number}"));
            world.rows.rows.insert(format!("p{number}"), Some(value));
        }
        let plain = Value::text("sk-plain".to_owned());
        world.rows.rows.insert("q1".to_owned(), Some(plain));
        let empty = Value::text(String::new());
        world.rows.rows.insert("q2".to_owned(), Some(empty));
        world.rows.rows.insert("q3".to_owned(), None);
        world
    }

    fn under_old(&self, text: &str) -> Value {
        Value::text(llm_proxy::seal(text, &self.old, &*self.rng).unwrap())
    }

    fn reseal(&self, step: Step) -> Reseal {
        let forward = Reseal::LlmProxy {
            from: Arc::clone(&self.old),
            to: Arc::clone(&self.new),
        };
        match step {
            Step::Rotate | Step::Finish => forward,
            Step::Undo => forward.reversed(),
        }
    }

    async fn run(&mut self, step: Step) -> Result<(Census, Swapped), RotateError> {
        let [table, column] = ["projects", "api_key"].map(|name| Identifier::parse(name).unwrap());
        let column = Column {
            name: column,
            form: Form::LlmProxy,
        };
        let table = Table {
            schema: None,
            name: table,
            key: Identifier::parse("id").unwrap(),
            columns: vec![column.clone()],
        };
        let reseal = self.reseal(step);
        let mut rotation = TargetRotation {
            rows: &mut self.rows,
            lease: &mut self.lease,
            table: &table,
            column: &column,
            reseal,
            rng: Arc::clone(&self.rng) as Arc<dyn Rng>,
            step,
            database: "the database",
            audit: Arc::clone(&self.log) as Arc<dyn AuditLog>,
            origin: Origin {
                actor: "admin".to_owned(),
                request_id: RequestId("r".to_owned()),
                client_ip: None,
                details: Details::new(),
            },
            progress: &Unheard,
            stop: self.stop.clone(),
        };
        let prepared = rotation.prepare().await?;
        rotation.rehearse(&prepared).await?;
        let census = prepared.census;
        Ok((census, rotation.swap(prepared).await?))
    }

    /// How many values open under a key, and what they say.
    fn under(&self, key: &LlmProxyKey) -> Vec<String> {
        let values = self.rows.rows.values().flatten();
        let texts = values.filter_map(|value| llm_proxy::open(value.as_text()?, key).ok());
        texts
            .map(|text| secrecy::ExposeSecret::expose_secret(&text).to_owned())
            .collect()
    }

    fn write_meanwhile(&mut self, key: &str, text: &str) {
        let value = self.under_old(text);
        self.rows.meanwhile.push((key.to_owned(), value));
    }
}

const ALL: [&str; 5] = ["sk-0", "sk-1", "sk-2", "sk-3", "sk-4"];

#[tokio::test]
async fn every_value_moves_at_once_and_a_second_run_changes_nothing() {
    let mut world = World::new();
    let (census, swapped) = world.run(Step::Rotate).await.unwrap();
    let expected = Census {
        to_move: 5,
        there: 0,
        plaintext: 1,
        empty: 2,
    };
    assert_eq!(census, expected);
    assert_eq!((swapped.changed, swapped.left), (5, 0));
    assert_eq!(world.under(&world.new), ALL);
    assert!(world.under(&world.old).is_empty());
    let after = world.rows.rows.clone();
    let (census, swapped) = world.run(Step::Rotate).await.unwrap();
    assert_eq!((census.to_move, census.there), (0, 5));
    assert_eq!(swapped, Swapped::default());
    assert_eq!(world.rows.rows, after);
    // The rehearsal and the swap of the first run, and nothing of the second.
    assert_eq!(world.rows.batches, 2);
}

#[tokio::test]
async fn what_the_service_wrote_meanwhile_is_left_and_finished_later() {
    let mut world = World::new();
    world.write_meanwhile("p1", "sk-1 changed");
    let (_, swapped) = world.run(Step::Rotate).await.unwrap();
    assert_eq!((swapped.changed, swapped.left), (4, 1));
    assert_eq!(world.under(&world.old), ["sk-1 changed"]);
    let value = world.under_old("sk-5");
    world.rows.rows.insert("p5".to_owned(), Some(value));
    let (_, swapped) = world.run(Step::Finish).await.unwrap();
    assert_eq!((swapped.changed, swapped.left), (2, 0));
    let expected = ["sk-0", "sk-1 changed", "sk-2", "sk-3", "sk-4", "sk-5"];
    assert_eq!(world.under(&world.new), expected);
    assert_eq!(world.run(Step::Finish).await.unwrap().1.changed, 0);
}

#[tokio::test]
async fn a_rotation_is_undone_with_what_the_service_wrote_since() {
    let mut world = World::new();
    world.run(Step::Rotate).await.unwrap();
    let value = world.under_old("sk-5");
    world.rows.rows.insert("p5".to_owned(), Some(value));
    let (census, swapped) = world.run(Step::Undo).await.unwrap();
    assert_eq!((census.to_move, census.there), (5, 1));
    assert_eq!(swapped.changed, 5);
    assert_eq!(world.under(&world.old).len(), 6);
    assert!(world.under(&world.new).is_empty());
    assert_eq!(world.run(Step::Undo).await.unwrap().1.changed, 0);
}

#[tokio::test]
async fn a_value_that_neither_key_opens_is_named_and_nothing_changes() {
    let mut world = World::new();
    let stranger = LlmProxyKey::generate(&SeededRng::new(9)).unwrap_or_else(|e| panic!("{e}"));
    let value = llm_proxy::seal("sk-x", &stranger, &*world.rng).unwrap();
    world
        .rows
        .rows
        .insert("p2".to_owned(), Some(Value::text(value)));
    let before = world.rows.rows.clone();
    for step in [Step::Rotate, Step::Undo] {
        let error = world.run(step).await.unwrap_err();
        assert!(matches!(error, RotateError::Unopenable { count: 1, .. }));
        assert!(error.to_string().contains("projects.api_key:p2"), "{error}");
    }
    assert_eq!(world.rows.rows, before);
    assert_eq!(world.rows.batches, 0);
}

#[tokio::test]
async fn there_is_nothing_to_finish_before_a_rotation() {
    let mut world = World::new();
    let error = world.run(Step::Finish).await.unwrap_err();
    assert!(matches!(error, RotateError::NotBegun), "{error}");
    assert_eq!(world.rows.batches, 0);
    assert_eq!(world.run(Step::Undo).await.unwrap().1.changed, 0);
}

#[tokio::test]
async fn nothing_is_written_without_the_log_or_the_lease_or_after_a_stop() {
    let mut world = World::new();
    let before = world.rows.rows.clone();
    world.log = Arc::new(Log {
        full: true,
        ..Log::default()
    });
    assert!(matches!(
        world.run(Step::Rotate).await,
        Err(RotateError::Audit(_))
    ));
    let mut world = World::new();
    world.lease = Held(false);
    assert!(matches!(
        world.run(Step::Rotate).await,
        Err(RotateError::Lease(LeaseError::Lost(_)))
    ));
    assert_eq!(world.rows.batches, 0);
    let mut world = World::new();
    world.stop.ask();
    let stopped = world.run(Step::Rotate).await;
    assert!(matches!(stopped, Err(RotateError::Interrupted)));
    assert_eq!(world.rows.rows.len(), before.len());
    assert_eq!(world.under(&world.old), ALL);
}

#[tokio::test]
async fn a_rotation_is_recorded_before_it_begins_and_when_it_has_ended() {
    let mut world = World::new();
    world.run(Step::Rotate).await.unwrap();
    let events = world.log.events.lock().unwrap();
    let phases: Vec<_> = events
        .iter()
        .map(|event| {
            assert_eq!(event.action, Action::TargetRotateKey);
            assert_eq!(event.details["from_key"], world.old.id().to_string());
            assert_eq!(event.details["to_key"], world.new.id().to_string());
            event.details["phase"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(phases, ["started", "ended"]);
    assert_eq!(events[1].details["changed"], 5);
}
