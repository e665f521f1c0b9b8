//! The use-cases on rows in memory, with others who write in between.

use super::*;
use crate::app::job::Unheard;
use crate::crypto::llm_proxy::LlmProxyKey;
use crate::domain::audit::AuditMark;
use crate::domain::ids::RequestId;
use crate::sys::rng::SeededRng;
use crate::target::rows::{Check, Edit, Replaced, Row, RowsResult};
use crate::target::table::Identifier;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// One column in memory.
#[derive(Default)]
struct Memory {
    values: BTreeMap<i64, Option<Value>>,
    /// What somebody else writes right before each of the next batches.
    others: Vec<(i64, &'static str)>,
    batches: u32,
}

#[async_trait]
impl Rows for Memory {
    async fn rough_count(&mut self, _table: &Table) -> RowsResult<u64> {
        Ok(self.values.len() as u64)
    }

    async fn page(
        &mut self,
        _table: &Table,
        _column: &Column,
        after: Option<&RowKey>,
        limit: u32,
    ) -> RowsResult<Vec<Row>> {
        let after = match after {
            Some(RowKey::Integer(key)) => *key,
            _ => i64::MIN,
        };
        let rows = self.values.iter().filter(|(key, _)| **key > after);
        let rows = rows.take(limit as usize).map(|(key, value)| Row {
            key: RowKey::Integer(*key),
            value: value.clone(),
        });
        Ok(rows.collect())
    }

    async fn rows(
        &mut self,
        table: &Table,
        column: &Column,
        keys: &[RowKey],
    ) -> RowsResult<Vec<Row>> {
        let mut all = self.page(table, column, None, u32::MAX).await?;
        all.retain(|row| keys.contains(&row.key));
        // In no order that anybody may count on.
        all.reverse();
        Ok(all)
    }

    async fn replace(
        &mut self,
        _table: &Table,
        _column: &Column,
        edits: Vec<Edit>,
        check: Check<'_>,
    ) -> RowsResult<Replaced> {
        self.batches += 1;
        assert!(edits.is_sorted_by_key(|edit| edit.key.clone()));
        if let Some((key, text)) = self.others.pop() {
            self.values.insert(key, Some(Value::text(text.to_owned())));
        }
        let mut done = Replaced::default();
        for edit in edits {
            let RowKey::Integer(key) = edit.key else {
                panic!("{edit:?}")
            };
            if self.values.get(&key) == Some(&Some(edit.old.clone())) {
                assert!(check(&edit, &edit.new));
                self.values.insert(key, Some(edit.new));
                done.replaced += 1;
            } else {
                done.unmatched.push(RowKey::Integer(key));
            }
        }
        Ok(done)
    }
}

/// A log and a lease in memory.
#[derive(Default)]
struct Log(Mutex<Vec<(Action, Outcome, Details)>>);

#[async_trait]
impl AuditLog for Log {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        let mut events = self.0.lock().unwrap();
        events.push((event.action, event.outcome, event.details));
        Ok(AuditMark {
            stream: "test".to_owned(),
            seq: events.len() as u64,
        })
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

struct Held;

#[async_trait]
impl Lease for Held {
    async fn check(&mut self) -> Result<(), LeaseError> {
        Ok(())
    }
}

fn keys(seed: u64) -> Keys {
    let Ok(key) = LlmProxyKey::generate(&SeededRng::new(seed)) else {
        panic!("no randomness");
    };
    Keys::LlmProxy(Arc::new(key))
}

fn subject(form: Form) -> Subject {
    let identifier = |name| Identifier::parse(name).unwrap();
    Subject {
        database: "sqlite:/x".to_owned(),
        profile: "llm-proxy".to_owned(),
        tables: vec![Table {
            schema: None,
            name: identifier("projects"),
            key: identifier("id"),
            columns: vec![Column {
                name: identifier("api_key"),
                form,
            }],
        }],
        keys: keys(1),
        rng: Arc::new(SeededRng::new(2)),
        treat_as_plaintext: BTreeSet::new(),
    }
}

fn memory(texts: &[&str]) -> Memory {
    let values = texts.iter().enumerate().map(|(place, text)| {
        let value = Some(Value::text((*text).to_owned()));
        (i64::try_from(place).unwrap(), value)
    });
    Memory {
        values: values.collect(),
        ..Memory::default()
    }
}

fn watch(stop: &Stop) -> Watch<'static> {
    Watch {
        progress: &Unheard,
        stop: stop.clone(),
    }
}

async fn run(
    rows: &mut Memory,
    subject: &Subject,
    direction: Direction,
    log: &Log,
) -> Result<Report, EncryptionError> {
    let watch = watch(&Stop::default());
    let proven = prove(rows, subject, direction, &watch).await?;
    let guard = Guard {
        audit: log,
        origin: Origin {
            actor: "admin".to_owned(),
            request_id: RequestId("r".to_owned()),
            client_ip: None,
            details: Details::new(),
        },
        lease: &mut Held,
    };
    apply(rows, subject, direction, proven, &watch, guard).await
}

fn opened(rows: &Memory, subject: &Subject, key: i64) -> String {
    let (table, column) = columns(&subject.tables).next().unwrap();
    let judge = Judge::new(subject, table, column);
    let value = rows.values[&key].as_ref();
    match judge.judge(&RowKey::Integer(key), value) {
        Judged::Protected(Some(opened)) => opened.plaintext.as_text().unwrap().to_owned(),
        _ => panic!("row {key} is not sealed"),
    }
}

#[tokio::test]
async fn a_value_that_changed_meanwhile_is_looked_at_again() {
    let (subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a", "b", "c"]);
    rows.others = vec![(0, "their third"), (2, "their second"), (1, "their first")];
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    let report = report.unwrap();
    assert_eq!((report.changed(), report.remaining()), (5, 0));
    let found: Vec<String> = (0..3).map(|key| opened(&rows, &subject, key)).collect();
    assert_eq!(found, ["their third", "their first", "their second"]);
}

#[tokio::test]
async fn a_value_sealed_by_somebody_elses_key_meanwhile_ends_the_run() {
    let (subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a", "b"]);
    rows.others = vec![(1, "enc:v1:AAAA")];
    let failed = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    match failed {
        Err(EncryptionError::ChangedToUnknown { row, .. }) => {
            assert_eq!(row, "projects.api_key:1");
        }
        other => panic!("{other:?}"),
    }
    let events = log.0.lock().unwrap();
    assert_eq!(events.last().unwrap().1, Outcome::Error);
}

#[tokio::test]
async fn a_run_is_recorded_before_and_after() {
    let (subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a", "", "c"]);
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert_eq!(report.unwrap().changed(), 2);
    let events = log.0.lock().unwrap();
    let phases: Vec<_> = events.iter().map(|(_, _, d)| d["phase"].clone()).collect();
    assert_eq!(phases, ["started", "ended"]);
    assert_eq!(events[1].2["changed"], 2);
    assert_eq!(events[1].0, Action::MigrateEncrypt);
}

#[tokio::test]
async fn every_row_is_counted_once() {
    let mut subject = subject(Form::LlmProxy);
    let mut rows = memory(&["a", "", "enc:v1:AAAA", "b"]);
    rows.values.insert(7, None);
    rows.values.insert(8, Some(Value::other()));
    let watch = watch(&Stop::default());
    let census = status(&mut rows, &subject, &watch).await.unwrap();
    let column = &census.columns[0];
    let counts = (column.encrypted, column.plaintext, column.empty);
    assert_eq!((counts, column.undecryptable), ((0, 3, 2), 1));
    assert_eq!(census.verdict(), Verdict::Undecryptable);
    assert_eq!(census.unusable.shown[0].0, "projects.api_key:8");

    subject.keys = Keys::None;
    rows.values.retain(|key, _| [1, 2].contains(key));
    let census = status(&mut rows, &subject, &watch).await.unwrap();
    assert_eq!(
        (census.columns[0].encrypted, census.verdict()),
        (1, Verdict::Unopened)
    );
}

#[tokio::test]
async fn what_is_no_text_is_refused_before_anything_is_written() {
    let (subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a"]);
    rows.values.insert(8, Some(Value::bytes(vec![1])));
    let failed = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert!(matches!(failed, Err(EncryptionError::Unusable(named)) if named.count == 1));
    assert_eq!(rows.batches, 0);
}

#[tokio::test]
async fn what_is_asked_to_stop_stops_before_the_next_batch() {
    let subject = subject(Form::LlmProxy);
    let (stop, mut rows) = (Stop::default(), memory(&["a"]));
    stop.ask();
    let stopped = status(&mut rows, &subject, &watch(&stop)).await;
    assert!(matches!(stopped, Err(EncryptionError::Interrupted { .. })));
}

/// More rows than two pages hold.
fn many() -> Memory {
    let texts: Vec<String> = (0..9_000).map(|number| format!("sk-{number}")).collect();
    memory(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test]
async fn who_hears_a_signal_gets_a_turn_between_pages() {
    let (subject, stop, mut rows) = (subject(Form::LlmProxy), Stop::default(), many());
    let heard = async {
        stop.ask();
        std::future::pending::<()>().await;
    };
    let watch = watch(&stop);
    let stopped = tokio::select! {
        biased;
        done = status(&mut rows, &subject, &watch) => done,
        () = heard => unreachable!("it never ends"),
    };
    assert!(matches!(stopped, Err(EncryptionError::Interrupted { .. })));
}

#[derive(Default)]
struct Heard(Mutex<Vec<(Option<u64>, u64)>>);

impl Progress for Heard {
    fn begin(&self, _part: &str, total: Option<u64>) {
        self.0.lock().unwrap().push((total, 0));
    }

    fn done(&self, units: u64) {
        self.0.lock().unwrap().last_mut().unwrap().1 = units;
    }

    fn end(&self) {}
}

#[tokio::test]
async fn every_part_is_told_to_its_end() {
    let (subject, mut rows, heard) = (subject(Form::LlmProxy), many(), Heard::default());
    let watch = Watch {
        progress: &heard,
        stop: Stop::default(),
    };
    rehearse(&mut rows, &subject, Direction::Encrypt, &watch)
        .await
        .unwrap();
    let parts = heard.0.into_inner().unwrap();
    assert_eq!(parts, [(Some(9_000), 9_000), (Some(9_000), 9_000)]);
}

#[tokio::test]
async fn a_value_that_comes_back_looking_sealed_is_opened_once() {
    let mut subject = subject(Form::LlmProxy);
    let log = Log::default();
    subject.treat_as_plaintext = BTreeSet::from(["projects.api_key:0".to_owned()]);
    let mut rows = memory(&["enc:v1:x", "b"]);
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert_eq!(report.unwrap().changed(), 2);
    // Named once more, it is not sealed once more.
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert_eq!(report.unwrap().changed(), 0);
    let report = run(&mut rows, &subject, Direction::Decrypt, &log).await;
    let report = report.unwrap();
    assert_eq!((report.changed(), report.remaining()), (2, 0));
    let value = rows.values[&0].as_ref().unwrap();
    assert_eq!(value.as_text(), Some("enc:v1:x"));
}

/// Takes the place of what was sealed at this key by what the same key makes of it once more, as
/// another program may do.
fn seal_again(rows: &mut Memory, subject: &Subject, key: i64) {
    let (table, column) = columns(&subject.tables).next().unwrap();
    let judge = Judge::new(subject, table, column);
    let text = RowKey::Integer(key).to_string();
    let sealed = rows.values[&key].clone().unwrap();
    let twice = judge.cipher.protect(&judge.place(&text), &sealed);
    rows.values.insert(key, twice.unwrap());
}

#[tokio::test]
async fn a_value_sealed_twice_is_left_alone_however_often_a_run_is_taken_up() {
    let (mut subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a", "b", "c"]);
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert_eq!(report.unwrap().changed(), 3);
    seal_again(&mut rows, &subject, 1);
    let before = rows.values.clone();
    let refused = run(&mut rows, &subject, Direction::Decrypt, &log).await;
    match refused {
        Err(EncryptionError::Twice(named)) => {
            assert_eq!(
                (named.count, named.shown[0].0.as_str()),
                (1, "projects.api_key:1")
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(rows.values, before);

    subject.treat_as_plaintext = BTreeSet::from(["projects.api_key:1".to_owned()]);
    // As if the run before had been killed at any of its rows, and a last time after its end.
    for changed in [2, 0] {
        let report = run(&mut rows, &subject, Direction::Decrypt, &log).await;
        assert_eq!(report.unwrap().changed(), changed);
        assert_eq!(rows.values[&1], before[&1]);
    }
    assert_eq!(rows.values[&0].as_ref().unwrap().as_text(), Some("a"));
}

#[tokio::test]
async fn a_value_that_is_sealed_twice_while_others_come_back_ends_the_run() {
    let (subject, log) = (subject(Form::LlmProxy), Log::default());
    let mut rows = memory(&["a", "b"]);
    let report = run(&mut rows, &subject, Direction::Encrypt, &log).await;
    assert_eq!(report.unwrap().changed(), 2);
    let mut twice = memory(&["a", "b"]);
    twice.values = rows.values.clone();
    seal_again(&mut twice, &subject, 1);
    let text = twice.values[&1].as_ref().unwrap().as_text().unwrap();
    rows.others = vec![(1, text.to_owned().leak())];
    let failed = run(&mut rows, &subject, Direction::Decrypt, &log).await;
    assert!(matches!(failed, Err(EncryptionError::Twice(named)) if named.count == 1));
    assert_eq!(rows.values[&1], twice.values[&1]);
}

#[tokio::test]
async fn a_rehearsal_writes_nothing() {
    let subject = subject(Form::LlmProxy);
    let mut rows = memory(&["a", "b"]);
    let watch = watch(&Stop::default());
    let report = rehearse(&mut rows, &subject, Direction::Encrypt, &watch).await;
    let report = report.unwrap();
    assert_eq!(
        (report.changed(), report.remaining(), report.applied),
        (2, 2, false)
    );
    assert_eq!(rows.batches, 0);
}
